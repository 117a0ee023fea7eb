import { describe, expect, it } from "vitest";
import type { CuteClaims, CuteReason, CuteTokens, Verdict } from "../../src/cute/index.ts";
import { concat, flipBit, hex } from "./bytes.ts";
import { faults, NOW, nativeOf, packetOf, plainFields, type SuiteUnderTest, tokensOf } from "./cute.ts";
import { expectError } from "./errors.ts";
import { Random } from "./random.ts";

/** A verdict as text, so that ten thousand compare in no time. */
function text(verdict: Verdict<CuteClaims, CuteReason>): string {
  if (!verdict.valid) return verdict.reason;
  const { claims, expiresAt, tokenId } = verdict;
  const fields = [expiresAt, tokenId, claims.applicationId, claims.expirationTimestamp, claims.handshakeTimeout];
  const endpoints = claims.endpoints.map(({ address, port, family }) => `${address} ${port} ${family}`);
  const secret = [claims.clientToServerKey, claims.serverToClientKey, claims.userData].map(hex);
  return [...fields, ...endpoints, claims.clientId, ...secret].join("|");
}

/** verifyMany in both its forms. */
export function describeBatches(suite: SuiteUnderTest): void {
  const random = new Random(suite.publicBytes + 1);
  const tokens = tokensOf(suite, 2, { serverEndpoint: "10.0.0.1:7777" });
  const genuine = Array.from({ length: 64 }, () => packetOf(tokens.issue(plainFields(random))));
  const verify = (packet: unknown, holder: CuteTokens = tokens) => holder.verify(packet as Uint8Array, { now: NOW });

  /** Packets of 1024 bytes, of every reason and none. */
  const packets = Array.from({ length: 10_000 }, (_, i): Uint8Array => {
    const packet = random.pick(genuine);
    if (i % 3 === 0) return packet;
    if (i % 3 === 1) return random.pick(faults.slice(1)).apply(packet, suite);
    return random.below(2) ? flipBit(packet, random.below(8192)) : random.bytes(1024);
  });
  /** What is to be said of the first of them. */
  const textsOf = (count: number) => packets.slice(0, count).map((packet) => text(verify(packet)));

  describe("verifyMany", () => {
    it("of 10,000 packets end to end says what verify says", () => {
      const expected = textsOf(10_000);
      const verdicts = tokens.verifyMany(concat(...packets), { now: NOW });
      expect(new Set(expected.filter((one) => !one.includes("|"))).size).toBe(6);
      expect(Array.from(verdicts, text)).toEqual(expected);
      expect(verdicts.validCount).toBe(expected.filter((one) => one.includes("|")).length);
      expect(verdicts.validCount).toBeGreaterThan(3333);
    });

    it("of a list of 10,000 values, other sizes and other types among them, says what verify says", () => {
      const token = tokens.issue(plainFields(random));
      const others: unknown[] = [
        token,
        packets[0]?.slice(1),
        new Uint8Array(0),
        new Uint8Array(1025),
        new Uint8Array(2048),
      ];
      others.push(null, undefined, 0, 1n, "", hex(token), {}, [], new ArrayBuffer(1025), new Uint16Array(512), () => 0);
      const list = packets.map((packet, i) => (i % 5 === 0 ? others[(i / 5) % others.length] : packet));
      const verdicts = tokens.verifyMany(list as Uint8Array[], { now: NOW });
      const each = textsOf(10_000).map((one, i) => (i % 5 === 0 ? "wrong-size" : one));
      expect(Array.from(verdicts, text)).toEqual(each);
      for (const other of others) expect(verify(other)).toEqual({ valid: false, reason: "wrong-size" });
    });

    it("of every number of packets around the window of 128 and the arena of 1024", () => {
      const wanted = packets.slice(0, 1025).map((packet) => verify(packet).valid);
      for (const count of [0, 1, 2, 3, 4, 5, 127, 128, 129, 255, 256, 257, 1023, 1024, 1025]) {
        const some = packets.slice(0, count);
        for (const form of [some, concat(...some)]) {
          const verdicts = tokens.verifyMany(form, { now: NOW });
          expect(verdicts.length).toBe(count);
          expect(some.map((_, i) => verdicts.isValid(i))).toEqual(wanted.slice(0, count));
          expect(verdicts.validCount).toBe(wanted.slice(0, count).filter(Boolean).length);
        }
      }
    });

    it("takes a Buffer, an odd offset, shared memory, an ArrayBuffer", () => {
      const some = concat(...packets.slice(0, 300));
      const shared = new Uint8Array(new SharedArrayBuffer(some.length + 1), 1);
      shared.set(some);
      const shifted = concat(new Uint8Array(3), some).subarray(3);
      const sharedPacket = shared.subarray(0, 1024);
      for (const form of [Buffer.from(some), shifted, shared, some.slice().buffer]) {
        expect(Array.from(tokens.verifyMany(form as Uint8Array, { now: NOW }), text)).toEqual(textsOf(300));
      }
      for (const one of [sharedPacket, some.slice(0, 1024).buffer]) expect(text(verify(one))).toBe(textsOf(1)[0]);
      expect(text(tokens.verifyMany([Buffer.from(sharedPacket), sharedPacket], { now: NOW }).at(1))).toBe(
        textsOf(1)[0],
      );
    });

    it("refuses what is neither a list nor whole packets", () => {
      for (const length of [1, 1023, 1025, 1114, 2047]) {
        expectError(() => tokens.verifyMany(new Uint8Array(length)), "ERR_RANGE", "packets");
      }
      for (const value of [
        undefined,
        null,
        1,
        "packets",
        {},
        new Set(),
        new DataView(new ArrayBuffer(1024)),
        { length: 1 },
      ]) {
        expectError(() => tokens.verifyMany(value as Uint8Array), "ERR_TYPE", "packets");
      }
    });
  });

  describe("Verdicts own what they read", () => {
    it("whatever becomes of the caller's buffers and whatever is verified next", () => {
      const buffer = concat(...packets.slice(0, 300));
      const list = packets.slice(0, 300).map((packet) => packet.slice());
      const both = [tokens.verifyMany(buffer, { now: NOW }), tokens.verifyMany(list, { now: NOW })];
      buffer.fill(0xff);
      for (const packet of list) packet.fill(0xff);
      list.length = 0;
      const other = tokensOf(suite, 3);
      const elsewhere = packetOf(other.issue(plainFields(random)));
      other.verifyMany(new Array(300).fill(elsewhere) as Uint8Array[], { now: NOW });
      tokens.verifyMany(concat(...packets.slice(300, 600)), { now: NOW });
      for (const verdicts of both) expect(Array.from(verdicts, text)).toEqual(textsOf(300));
      other.dispose();
    });

    it("also against changes to the claims that they gave out", () => {
      const verdicts = tokens.verifyMany([genuine[0] as Uint8Array], { now: NOW });
      const before = text(verdicts.at(0));
      const first = verdicts.at(0);
      if (!first.valid) throw new Error(first.reason);
      first.claims.userData.fill(0);
      first.claims.clientToServerKey.fill(0);
      const endpoints = first.claims.endpoints as unknown as { port: number }[];
      expect(() => endpoints.pop()).toThrow(TypeError);
      expect(() => Object.assign(endpoints[0] ?? {}, { port: 1 })).toThrow(TypeError);
      expect(text(verdicts.at(0))).toBe(before);
      expect(() => Object.assign(first.claims, { clientId: 0n })).toThrow(TypeError);
      expect(() => Object.assign(first, { valid: false })).toThrow(TypeError);
      // The arrays given out do not reach the bytes of other packets.
      expect(first.claims.userData.buffer.byteLength).toBe(256);
      expect(first.claims.serverToClientKey.buffer.byteLength).toBe(32);
    });

    it("and a replay identity is read from them, the same from every batch", () => {
      const ids = genuine.map((packet) => {
        const verdict = verify(packet);
        return verdict.valid ? verdict.tokenId : verdict.reason;
      });
      expect(new Set(ids).size).toBe(genuine.length);
      const batch = tokens.verifyMany([...genuine].reverse(), { now: NOW });
      const again = Array.from(batch, (verdict) => (verdict.valid ? verdict.tokenId : verdict.reason));
      expect(again.reverse()).toEqual(ids);
    });
  });

  it("a packet of this secret in a batch does not help another of a foreign one", () => {
    const foreign = tokensOf(suite, 5, { applicationId: nativeOf(suite, 2).applicationId });
    const list = genuine.flatMap((packet) => [packet, packetOf(foreign.issue(plainFields(random)))]);
    const verdicts = tokens.verifyMany(list, { now: NOW });
    expect(list.map((_, i) => verdicts.reasonAt(i))).toEqual(list.map((_, i) => (i % 2 ? "not-genuine" : undefined)));
    foreign.dispose();
  });
}
