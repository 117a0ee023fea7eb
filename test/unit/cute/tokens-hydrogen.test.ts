import { describe, expect, it } from "vitest";
import { CuteTokens, generateSigningKeyPair, nativeUserDataView, verifySignature } from "../../../src/cute/index.ts";
import { flipBit, hex, patched, to32Bytes, toInteger, unhex } from "../../support/bytes.ts";
import {
  hydrogen,
  NOW,
  nativeHydrogenTokens,
  nativeOf,
  packetOf,
  plainFields,
  tokensOf,
  xchacha,
} from "../../support/cute.ts";
import { describeBatches } from "../../support/cute-batches.ts";
import { describeNativeTokens, describeSuite } from "../../support/cute-contract.ts";
import { describeRefusals } from "../../support/cute-refusals.ts";
import { expectError } from "../../support/errors.ts";
import { Random } from "../../support/random.ts";
import { readVectors } from "../../support/vectors.ts";

/** The order of the base point. */
const L = 2n ** 252n + 27742317777372353535851937790883648493n;
const P = 2n ** 255n - 19n;
const MAX_U256 = 2n ** 256n - 1n;
const S_AT = 992;

/** Every other s that native code takes for the one in the packet: s + kL and kL - s below 2^256. */
function otherSignatures(packet: Uint8Array): Uint8Array[] {
  const s = toInteger(packet.subarray(S_AT));
  const others: bigint[] = [];
  for (let k = 0n; k <= 16n; k++) others.push(s + k * L, k * L - s);
  return others
    .filter((other) => other !== s && other >= 0n && other <= MAX_U256)
    .map((other) => patched(packet, S_AT, to32Bytes(other)));
}

describe("suite hydrogen", () => {
  describeNativeTokens(hydrogen);
  describeSuite(hydrogen);
  describeRefusals(hydrogen);
  describeBatches(hydrogen);
});

describe("hydrogen only", () => {
  const random = new Random(6);
  const tokens = tokensOf(hydrogen, 2);
  const lenient = tokensOf(hydrogen, 2, { strict: false });
  const { publicKey } = generateSigningKeyPair(unhex(nativeHydrogenTokens[2]?.signingSeed ?? ""));
  const issue = () => packetOf(tokens.issue(plainFields(random)));

  it("is the default suite", () => {
    const { secret, applicationId } = nativeOf(hydrogen, 2);
    const byDefault = new CuteTokens({ secret, applicationId });
    expect(byDefault.verify(issue(), { now: NOW }).valid).toBe(true);
    byDefault.dispose();
  });

  it("has room for 28 IPv6 endpoints; 29 are refused with the bytes that they need and that there are", () => {
    const endpoints = Array.from({ length: 29 }, (_, i) => `[2001:db8::${i + 1}]:${i + 1}`);
    const fields = plainFields(random);
    const packet = packetOf(tokens.issue({ ...fields, endpoints: endpoints.slice(1) }));
    expect(tokens.verify(packet, { now: NOW }).valid).toBe(true);
    const { message } = expectError(() => tokens.issue({ ...fields, endpoints }), "ERR_RANGE", "endpoints");
    expect(message).toContain("551");
    expect(message).toContain("533");
  });

  it("neither the 28 leading zeros nor the padding after the endpoints can be told from outside", () => {
    const fields = { ...plainFields(random), userData: undefined };
    const packet = packetOf(tokens.issue(fields));
    const end = 35 + 7 + 19;
    expect(packet.subarray(end, 568).every((byte) => byte === 0)).toBe(true);
    expect(tokens.verify(flipBit(packet, 8 * 567), { now: NOW })).toEqual({ valid: false, reason: "not-genuine" });
  });

  describe("the signature's other spellings (s + kL, kL - s)", () => {
    it("strict: all refused; strict: false: all accepted, as the same token", () => {
      for (let round = 0; round < 12; round++) {
        const packet = issue();
        const others = otherSignatures(packet);
        expect(others.length).toBeGreaterThanOrEqual(30);
        const strict = tokens.verifyMany([...others, packet], { now: NOW });
        expect(strict.validCount).toBe(1);
        expect(strict.isValid(others.length)).toBe(true);
        expect(others.map((_, i) => strict.reasonAt(i))).toEqual(others.map(() => "not-genuine"));
        const verdicts = [...lenient.verifyMany([...others, packet], { now: NOW })];
        const ids = verdicts.map((verdict) => (verdict.valid ? verdict.tokenId : verdict.reason));
        expect(new Set(ids).size).toBe(1);
        expect(ids[0]).toBe(`cute:${hex(packet.subarray(568, 604))}`);
        for (const other of others) expect(verifySignature(other, publicKey)).toBe(true);
      }
    });

    it("native tokens: s < L in every one, and one spelling of about 32 under the strict rule", () => {
      for (const { id, packet, issue: fields } of hydrogen.natives) {
        expect(toInteger(packet.subarray(S_AT)) < L).toBe(true);
        const now = fields.expirationTimestamp - 1n;
        const [strict, native] = [true, false].map((is) => tokensOf(hydrogen, id, { strict: is }));
        const others = otherSignatures(packet);
        expect(strict?.verifyMany(others, { now }).validCount).toBe(0);
        expect(native?.verifyMany(others, { now }).validCount).toBe(others.length);
        for (const holder of [strict, native]) holder?.dispose();
      }
    });

    it("R has one spelling: R + p is the same number, but other bytes are hashed", () => {
      for (let round = 0; round < 20; round++) {
        const packet = issue();
        const r = toInteger(packet.subarray(960, S_AT));
        expect(r < P).toBe(true);
        const other = patched(packet, 960, to32Bytes(r + P));
        for (const holder of [tokens, lenient]) expect(holder.verify(other, { now: NOW }).valid).toBe(false);
        expect(verifySignature(other, publicKey)).toBe(false);
      }
    });

    it("R and s at their edges are refused by either rule", () => {
      const packet = issue();
      for (const value of [0n, 1n, P - 1n, P, P + 1n, 2n * P, MAX_U256, 2n ** 255n]) {
        const forged = patched(packet, 960, to32Bytes(value));
        for (const holder of [tokens, lenient]) expect(holder.verify(forged, { now: NOW }).valid).toBe(false);
        expect(verifySignature(forged, publicKey)).toBe(false);
      }
      for (const value of [0n, 1n, L - 1n, L, L + 1n, MAX_U256]) {
        const forged = patched(packet, S_AT, to32Bytes(value));
        for (const holder of [tokens, lenient]) expect(holder.verify(forged, { now: NOW }).valid).toBe(false);
        expect(verifySignature(forged, publicKey)).toBe(false);
      }
    });
  });

  describe("generateSigningKeyPair", () => {
    it("from a seed gives the native key pair", () => {
      const { keypair } = readVectors<{ keypair: { seed: string; secretKey: string; publicKey: string }[] }>(
        "hydrogen-primitives.json",
      );
      const seeded = nativeHydrogenTokens.map(({ signingSeed, ...keys }) => ({ ...keys, seed: signingSeed }));
      expect([keypair.length, seeded.length]).toEqual([8, 24]);
      for (const expected of [...keypair, ...seeded]) {
        const seed = unhex(expected.seed);
        const { publicKey: shown, secretKey } = generateSigningKeyPair(seed);
        expect([hex(shown), hex(secretKey)]).toEqual([expected.publicKey, expected.secretKey]);
        expect(hex(seed)).toBe(expected.seed);
        expect([shown.buffer.byteLength, secretKey.buffer.byteLength]).toEqual([32, 64]);
      }
    });

    it("without one gives a fresh pair that issues and verifies", () => {
      const pairs = Array.from({ length: 50 }, () => generateSigningKeyPair());
      expect(new Set(pairs.map(({ secretKey }) => hex(secretKey))).size).toBe(50);
      for (const pair of pairs) {
        expect(hex(pair.secretKey.subarray(32))).toBe(hex(pair.publicKey));
        const holder = new CuteTokens({ secret: pair.secretKey, applicationId: 9 });
        const packet = packetOf(holder.issue(plainFields(random)));
        expect(holder.verify(packet, { now: NOW }).valid).toBe(true);
        expect(verifySignature(packet, pair.publicKey)).toBe(true);
        expect(verifySignature(packet, publicKey)).toBe(false);
        holder.dispose();
      }
    });

    it("refuses other seeds by name", () => {
      for (const length of [0, 31, 33, 64]) {
        expectError(() => generateSigningKeyPair(new Uint8Array(length).fill(1)), "ERR_RANGE", "seed");
      }
      for (const value of [null, 1, "00".repeat(32), [], {}]) {
        expectError(() => generateSigningKeyPair(value as unknown as Uint8Array), "ERR_TYPE", "seed");
      }
    });
  });

  describe("verifySignature", () => {
    it("native packets under their own public keys, and under no other", () => {
      for (const [i, vector] of nativeHydrogenTokens.entries()) {
        const { packet } = nativeOf(hydrogen, i);
        const other = nativeHydrogenTokens[(i + 1) % 24];
        expect(verifySignature(packet, unhex(vector.publicKey))).toBe(true);
        expect(verifySignature(packet, unhex(other?.publicKey ?? ""))).toBe(false);
      }
    });

    it("no packet with a bit turned, in what is signed or in the signature", () => {
      const packet = issue();
      let accepted = 0;
      for (let bit = random.below(9); bit < 8192; bit += 1 + random.below(16)) {
        if (verifySignature(flipBit(packet, bit), publicKey)) accepted++;
      }
      for (let bit = 7680; bit < 8192; bit++) if (verifySignature(flipBit(packet, bit), publicKey)) accepted++;
      expect(accepted).toBe(0);
      expect(verifySignature(packet, publicKey)).toBe(true);
    });

    it("not what the other suite made", () => {
      for (const { packet } of xchacha.natives) expect(verifySignature(packet, publicKey)).toBe(false);
    });

    it("throws for a public key of small order, in every spelling", () => {
      const orderEight = [
        325606250916557431795983626356110631294008115727848805560023387167927233504n,
        39382357235489614581723060781553021112529911719440698176882885853963445705823n,
      ];
      const packet = issue();
      let spellings = 0;
      for (const u of [0n, 1n, P - 1n, ...orderEight]) {
        for (let spelling = u; spelling <= MAX_U256; spelling += P) {
          const key = to32Bytes(spelling);
          expectError(() => verifySignature(packet, key), "ERR_RANGE", "publicKey");
          spellings++;
        }
      }
      expect(spellings).toBeGreaterThanOrEqual(11);
    });

    it("throws for other sizes and types by name", () => {
      const packet = issue();
      for (const length of [0, 31, 33, 64]) {
        expectError(() => verifySignature(packet, new Uint8Array(length).fill(9)), "ERR_RANGE", "publicKey");
      }
      for (const length of [0, 1023, 1025, 1114]) {
        expectError(() => verifySignature(new Uint8Array(length), publicKey), "ERR_RANGE", "packet");
      }
      for (const value of [undefined, null, 1, "x", [], {}]) {
        expectError(() => verifySignature(value as Uint8Array, publicKey), "ERR_TYPE", "packet");
        expectError(() => verifySignature(packet, value as Uint8Array), "ERR_TYPE", "publicKey");
      }
    });
  });

  describe("secrets", () => {
    it("whose public half is not their own are refused by name, alone and in a list", () => {
      const { secret } = nativeOf(hydrogen, 2);
      const other = nativeOf(hydrogen, 3).secret;
      const mixed = patched(secret, 32, other.subarray(32));
      const broken = [mixed, flipBit(secret, 0), flipBit(secret, 511), patched(secret, 32, new Uint8Array(32))];
      for (const one of broken) {
        expectError(() => new CuteTokens({ secret: one, applicationId: 1 }), "ERR_RANGE", "secret");
        const list = [secret, one];
        expectError(() => new CuteTokens({ secret: list, applicationId: 1 }), "ERR_RANGE", "secret[1]");
      }
      for (const one of [new Uint8Array(64), patched(secret, 0, new Uint8Array(32))]) {
        const { message } = expectError(() => new CuteTokens({ secret: one, applicationId: 1 }), "ERR_RANGE", "secret");
        expect(message).toContain("all zeros");
      }
    });
  });

  describe("nativeUserDataView", () => {
    it("is what the native server hands out, as far as user data reaches", () => {
      for (const [i, vector] of nativeHydrogenTokens.entries()) {
        const { issue: fields, userData, packet } = nativeOf(hydrogen, i);
        const view = nativeUserDataView(fields.userData ?? new Uint8Array(0));
        expect(hex(view)).toBe(vector.nativeReaderUserData.slice(0, 440));
        expect(hex(view)).toBe(hex(userData.subarray(36)));
        // What follows there is not user data: packet bytes 924 to 959.
        expect(vector.nativeReaderUserData.slice(440)).toBe(hex(packet.subarray(924, 960)));
      }
    });

    it("pads short data with zeros, in a buffer of its own", () => {
      for (const length of [0, 1, 35, 36, 37, 255, 256]) {
        const userData = random.bytes(length);
        const view = nativeUserDataView(userData);
        expect(view.length).toBe(220);
        expect(view.buffer.byteLength).toBe(220);
        expect(hex(view)).toBe(hex(userData.subarray(36)).padEnd(440, "0"));
      }
    });

    it("refuses more than 256 bytes, and what is not bytes, by name", () => {
      expectError(() => nativeUserDataView(new Uint8Array(257)), "ERR_RANGE", "userData");
      for (const value of [undefined, null, "data", []]) {
        expectError(() => nativeUserDataView(value as unknown as Uint8Array), "ERR_TYPE", "userData");
      }
    });
  });
});
