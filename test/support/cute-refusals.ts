import { describe, expect, it, vi } from "vitest";
import { CuteTokens, type EndpointInput } from "../../src/cute/index.ts";
import { concat, flipBit, hex, u64Bytes } from "./bytes.ts";
import { faults, NOW, nativeOf, packetOf, plainFields, type SuiteUnderTest, tokensOf, withBytes } from "./cute.ts";
import { parseEndpoint } from "./endpoints.ts";
import { expectError } from "./errors.ts";
import { Random } from "./random.ts";

const MAX_U64 = 2n ** 64n - 1n;

/** What is refused and why, one packet at a time. */
export function describeRefusals(suite: SuiteUnderTest): void {
  const random = new Random(suite.publicBytes + 2);
  const { applicationId } = nativeOf(suite, 2);
  const tokens = tokensOf(suite, 2);

  describe("refusals", () => {
    const holder = tokensOf(suite, 2, { serverEndpoint: "10.0.0.1:7777" });
    const packet = packetOf(holder.issue(plainFields(random)));

    it("name the first fault found: all 128 combinations of the seven faults", () => {
      for (let set = 0; set < 1 << faults.length; set++) {
        const present = faults.filter((_, i) => set & (1 << i));
        // The size last, so that the other changes have all bytes to work on.
        const faulty = present.reduceRight((bytes, fault) => fault.apply(bytes, suite), packet);
        const verdict = holder.verify(faulty, { now: NOW });
        const expected = present[0] ? { valid: false, reason: present[0].reason } : { valid: true };
        expect(verdict).toMatchObject(expected);
        expect(Object.isFrozen(verdict)).toBe(true);
        if (!verdict.valid) expect(Object.keys(verdict)).toEqual(["valid", "reason"]);
      }
    });

    it("every one of the 8192 single bits refuses the packet, for the reason that belongs to its place", () => {
      const flipped = new Uint8Array(8192 * 1024);
      for (let bit = 0; bit < 8192; bit++) flipped.set(flipBit(packet, bit), bit * 1024);
      for (const strict of [true, false]) {
        const checker = tokensOf(suite, 2, { strict });
        const verdicts = checker.verifyMany(flipped, { now: NOW });
        expect([verdicts.length, verdicts.validCount]).toEqual([8192, 0]);
        const expected = (byte: number): string[] => {
          if (byte < 11) return ["not-a-connect-token"];
          if (byte < 19) return ["wrong-application"];
          if (byte < 27) return ["expired", "not-genuine"];
          if (byte < 31) return ["not-genuine"];
          return byte < suite.publicBytes ? ["bad-endpoints", "not-genuine"] : ["not-genuine"];
        };
        const wrong = [];
        for (let bit = 0; bit < 8192; bit++) {
          if (!expected(bit >> 3).includes(verdicts.reasonAt(bit) as string)) wrong.push([bit, verdicts.reasonAt(bit)]);
        }
        expect(wrong).toEqual([]);
        checker.dispose();
      }
    });

    it("the packet of another application, before all else but its form", () => {
      for (const other of [0n, applicationId ^ 1n, applicationId ^ (1n << 63n), applicationId ^ (1n << 32n)]) {
        const stranger = tokensOf(suite, 2, { applicationId: other });
        expect(stranger.verify(packet, { now: MAX_U64 })).toEqual({ valid: false, reason: "wrong-application" });
        stranger.dispose();
      }
    });

    it("expired from the second of its expiration on, whatever the 64 bits are", () => {
      const moments = [1n, 2n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 53n, 2n ** 63n - 1n, 2n ** 63n, MAX_U64];
      for (const expirationTimestamp of moments) {
        const fresh = packetOf(tokens.issue({ ...plainFields(random), creationTimestamp: 0, expirationTimestamp }));
        const before = [0n, expirationTimestamp - 1n, expirationTimestamp / 2n];
        for (const now of before)
          expect(tokens.verify(fresh, { now }).valid, `${expirationTimestamp} ${now}`).toBe(true);
        for (const now of [expirationTimestamp, expirationTimestamp + 1n, MAX_U64]) {
          if (now > MAX_U64) continue;
          expect(tokens.verify(fresh, { now })).toEqual({ valid: false, reason: "expired" });
        }
      }
      expect(tokens.verify(withBytes(packet, 19, u64Bytes(0n)), { now: 0n })).toMatchObject({ reason: "expired" });
    });

    it("now is a number or a bigint of seconds, by default the clock's", () => {
      const fresh = packetOf(tokens.issue({ ...plainFields(random), expirationTimestamp: NOW }));
      expect(tokens.verify(fresh, { now: Number(NOW) - 1 }).valid).toBe(true);
      expect(tokens.verify(fresh, { now: Number(NOW) })).toMatchObject({ reason: "expired" });
      vi.useFakeTimers({ now: Number(NOW) * 1000 - 1 });
      try {
        expect(tokens.verify(fresh).valid).toBe(true);
        expect(tokens.verifyMany(fresh).validCount).toBe(1);
        vi.setSystemTime(Number(NOW) * 1000);
        expect(tokens.verify(fresh)).toMatchObject({ reason: "expired" });
        expect(tokens.verify(fresh, { now: undefined })).toMatchObject({ reason: "expired" });
      } finally {
        vi.useRealTimers();
      }
    });
  });

  describe("this server's endpoint", () => {
    const listed = ["10.0.0.1:7777", "[2001:db8::1]:7777", "[::ffff:10.0.0.2]:7777", "255.255.255.255:65535"];
    const packet = packetOf(tokens.issue({ ...plainFields(random), endpoints: listed }));
    const withEndpoint = (serverEndpoint: string | EndpointInput) => {
      const holder = tokensOf(suite, 2, { serverEndpoint });
      const verdict = holder.verify(packet, { now: NOW });
      holder.dispose();
      return verdict.valid ? "valid" : verdict.reason;
    };

    it("is found wherever the packet lists it, in any spelling", () => {
      const spellings = [...listed, "[2001:DB8:0:0:0:0:0:1]:7777", "[::ffff:a00:2]:7777"];
      for (const text of spellings) expect(withEndpoint(text), text).toBe("valid");
      for (const text of spellings) expect(withEndpoint({ ...parseEndpoint(text) }), text).toBe("valid");
      expect(withEndpoint({ address: "2001:0db8::0001", port: 7777, family: 6 })).toBe("valid");
    });

    it("refuses packets that do not list it", () => {
      const others = [
        "10.0.0.1:7778",
        "10.0.0.2:7777",
        "[2001:db8::1]:7776",
        "[2001:db8::2]:7777",
        "[::ffff:10.0.0.3]:7777",
      ];
      for (const text of [...others, "1.0.0.10:7777", "0.0.0.1:1", "[::1]:1"]) {
        expect(withEndpoint(text), text).toBe("not-this-server");
      }
    });

    it("of one object is not asked of another's packets", () => {
      const asking = tokensOf(suite, 2, { serverEndpoint: "[2001:db8::99]:1" });
      expect(asking.verify(packet, { now: NOW })).toMatchObject({ reason: "not-this-server" });
      expect(tokens.verify(packet, { now: NOW }).valid).toBe(true);
      expect(asking.verify(packet, { now: NOW })).toMatchObject({ reason: "not-this-server" });
      asking.dispose();
    });
  });

  describe("secrets", () => {
    const options = { suite: suite.suite, applicationId } as const;
    const secrets = [2, 3, 4, 5, 6].map((index) => nativeOf(suite, index).secret);
    const holders = secrets.map((secret) => new CuteTokens({ ...options, secret }));
    const packets = holders.map((holder) => packetOf(holder.issue(plainFields(random))));

    it("rotate: the first issues, any verifies, a dropped one no more", () => {
      for (let from = 0; from < secrets.length; from++) {
        for (let to = from + 1; to <= secrets.length; to++) {
          const rotated = new CuteTokens({ ...options, secret: secrets.slice(from, to) });
          const expected = secrets.map((_, i) => i >= from && i < to);
          expect(packets.map((packet) => rotated.verify(packet, { now: NOW }).valid)).toEqual(expected);
          const verdicts = rotated.verifyMany(concat(...packets), { now: NOW });
          expect(packets.map((_, i) => verdicts.isValid(i))).toEqual(expected);
          expect(packets.map((_, i) => verdicts.reasonAt(i))).toEqual(
            expected.map((is) => (is ? undefined : "not-genuine")),
          );
          const issued = packetOf(rotated.issue(plainFields(random)));
          expect(holders.map((holder) => holder.verify(issued, { now: NOW }).valid)).toEqual(
            secrets.map((_, i) => i === from),
          );
          rotated.dispose();
        }
      }
    });

    it("are copied, and neither changed nor kept", () => {
      const secret = nativeOf(suite, 4).secret.slice();
      const before = hex(secret);
      const list = [secret];
      const holder = new CuteTokens({ ...options, secret: list });
      expect(hex(secret)).toBe(before);
      secret.fill(7);
      list.length = 0;
      expect(holder.verify(packets[2] as Uint8Array, { now: NOW }).valid).toBe(true);
      holder.dispose();
    });

    it("are gone after dispose, for every verb, and for that object only", () => {
      const [holder, other] = [tokensOf(suite, 2), tokensOf(suite, 2)];
      const packet = packetOf(holder.issue(plainFields(random)));
      const verdicts = holder.verifyMany([packet], { now: NOW });
      holder.dispose();
      holder.dispose();
      expectError(() => holder.issue(plainFields(random)), "ERR_DISPOSED", "this");
      expectError(() => holder.verify(packet, { now: NOW }), "ERR_DISPOSED", "this");
      expectError(() => holder.verify(null as unknown as Uint8Array), "ERR_DISPOSED", "this");
      for (const none of [[], new Uint8Array(0)]) expectError(() => holder.verifyMany(none), "ERR_DISPOSED", "this");
      expect(verdicts.at(0).valid).toBe(true);
      expect(other.verify(packet, { now: NOW }).valid).toBe(true);
      other.dispose();
    });
  });
}
