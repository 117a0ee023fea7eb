import { expect, it } from "vitest";
import { CuteTokens, verifySignature } from "../../../src/cute/index.ts";
import { BASE, challenge, fromBytes, L, mod, multiplyX, P, sign, toBytes } from "../../reference/curve25519.ts";
import { secretboxSeal } from "../../reference/gimli.ts";
import { concat, hex, patched, u64Bytes } from "../../support/bytes.ts";
import { hydrogen, NOW, nativeOf, packetOf, randomFields, tokensOf } from "../../support/cute.ts";
import { Random } from "../../support/random.ts";

// The suite hydrogen against the slow twins of its parts, which share no code with the kernel.

const random = new Random(14);
const context = new TextEncoder().encode("CUTE_CTX");
const { secret, applicationId } = nativeOf(hydrogen, 2);
const publicKey = secret.subarray(32);
const signed = (packet: Uint8Array) => ({ message: packet.subarray(0, 960), context });

it("packets are what the twins seal and sign", () => {
  const tokens = tokensOf(hydrogen, 2);
  for (let i = 0; i < 8; i++) {
    const { endpoints, ...given } = randomFields(random, hydrogen);
    const fields = { ...given, endpoints: endpoints.map(({ text }) => text) };
    const entropy = random.bytes(52);
    const packet = packetOf(tokens.issue(fields, { entropy }));
    const padded = new Uint8Array(356);
    const { clientId, clientToServerKey, serverToClientKey, userData } = fields;
    padded.set(concat(u64Bytes(clientId), clientToServerKey, serverToClientKey, userData), 28);
    const box = secretboxSeal({ key: secret.subarray(0, 32), context, messageId: 0n }, entropy.subarray(0, 20), padded);
    expect(hex(packet.subarray(568, 960))).toBe(hex(box));
    expect(hex(packet.subarray(960))).toBe(hex(sign(secret, signed(packet), entropy.subarray(20))));
  }
  tokens.dispose();
});

it("the 28 zeros before the client id are not inspected", () => {
  const tokens = tokensOf(hydrogen, 2);
  const packet = packetOf(tokens.issue({ ...randomFields(random, hydrogen), endpoints: ["1.2.3.4:5"] }));
  const padded = random.bytes(356);
  const box = secretboxSeal({ key: secret.subarray(0, 32), context, messageId: 0n }, random.bytes(20), padded);
  const filled = patched(packet, 568, box);
  const genuine = patched(filled, 960, sign(secret, signed(filled), random.bytes(32)));
  const verdict = tokens.verify(genuine, { now: NOW });
  if (!verdict.valid) throw new Error(verdict.reason);
  expect(hex(verdict.claims.userData)).toBe(hex(padded.subarray(100)));
  expect(verdict.claims.clientId).toBe(fromBytes(padded.subarray(28, 36)));
  // Another message id, another context or another key seals nothing that opens.
  for (const other of [{ messageId: 1n }, { context: new TextEncoder().encode("CUTE_CTY") }, { key: publicKey }]) {
    const key = { key: secret.subarray(0, 32), context, messageId: 0n, ...other };
    const wrong = patched(packet, 568, secretboxSeal(key, random.bytes(20), padded));
    const resigned = patched(wrong, 960, sign(secret, signed(wrong), random.bytes(32)));
    expect(tokens.verify(resigned, { now: NOW })).toEqual({ valid: false, reason: "not-genuine" });
    expect(verifySignature(resigned, publicKey)).toBe(true);
  }
  tokens.dispose();
});

/** The packet signed anew by the holder of the secret, with R spelt as R + p. */
function signedOverSpelling(packet: Uint8Array): Uint8Array {
  const [pointR, s, a] = [
    packet.subarray(960, 992),
    fromBytes(packet.subarray(992)),
    fromBytes(secret.subarray(0, 32)),
  ];
  const nonce = mod(s - challenge(pointR, publicKey, signed(packet)) * a, L);
  const spelt = toBytes(fromBytes(pointR) + P);
  const other = mod(nonce + challenge(spelt, publicKey, signed(packet)) * a, L);
  return patched(packet, 960, concat(spelt, toBytes(other)));
}

it("a signer's R that is not below p: accepted by native rules, refused by the strict one", () => {
  const [strict, native] = [true, false].map((is) => new CuteTokens({ secret, applicationId, strict: is }));
  for (let i = 0; i < 5; i++) {
    const packet = packetOf(
      strict?.issue({ ...randomFields(random, hydrogen), endpoints: ["1.2.3.4:5"] }) as Uint8Array,
    );
    const other = signedOverSpelling(packet);
    expect(verifySignature(other, publicKey)).toBe(true);
    expect(native?.verify(other, { now: NOW }).valid).toBe(true);
    expect(strict?.verify(other, { now: NOW })).toEqual({ valid: false, reason: "not-genuine" });
    expect(strict?.verify(packet, { now: NOW }).valid).toBe(true);
  }
  for (const holder of [strict, native]) holder?.dispose();
});

// u = 9 is the base point's own: R = p + 9 has bit 255 clear, as no spelling of a random point has.
it.each([
  ["1", 1n],
  ["L - 1", L - 1n],
])("R spelt p + 9, with the nonce %s: accepted by native rules, refused by the strict one", (_, nonce) => {
  const [strict, native] = [true, false].map((is) => new CuteTokens({ secret, applicationId, strict: is }));
  const packet = packetOf(strict?.issue({ ...randomFields(random, hydrogen), endpoints: ["1.2.3.4:5"] }) as Uint8Array);
  const verdicts = [BASE, BASE + P].map((u) => {
    const pointR = toBytes(u);
    const s = mod(nonce + challenge(pointR, publicKey, signed(packet)) * fromBytes(secret.subarray(0, 32)), L);
    const other = patched(packet, 960, concat(pointR, toBytes(s)));
    expect(verifySignature(other, publicKey)).toBe(true);
    return [strict, native].map((tokens) => tokens?.verify(other, { now: NOW }).valid);
  });
  expect(verdicts).toEqual([
    [true, true],
    [false, true],
  ]);
  for (const tokens of [strict, native]) tokens?.dispose();
});

/** The packet signed anew by the holder of the secret, with that nonce. */
function signedWithNonce(packet: Uint8Array, nonce: bigint): Uint8Array {
  const pointR = toBytes(multiplyX(nonce, BASE));
  const c = challenge(pointR, publicKey, signed(packet));
  const s = mod(nonce + c * fromBytes(secret.subarray(0, 32)), L);
  return patched(packet, 960, concat(pointR, toBytes(s)));
}

// What random signatures never meet: from 2^252 on, a number below L has a bit that all others lack.
it.each([
  ["1", 1n],
  ["2", 2n],
  ["2^252 - 1", 2n ** 252n - 1n],
  ["2^252", 2n ** 252n],
  ["L - 2", L - 2n],
  ["L - 1", L - 1n],
])("a signature with the nonce %s is verified by every rule, and refused with another s", (_, nonce) => {
  const [strict, native] = [true, false].map((is) => new CuteTokens({ secret, applicationId, strict: is }));
  const packet = packetOf(strict?.issue({ ...randomFields(random, hydrogen), endpoints: ["1.2.3.4:5"] }) as Uint8Array);
  const genuine = signedWithNonce(packet, nonce);
  const s = fromBytes(genuine.subarray(992));
  const forged = patched(genuine, 992, toBytes(mod(s + 1n, L)));
  expect([strict, native].map((tokens) => tokens?.verify(genuine, { now: NOW }).valid)).toEqual([true, true]);
  expect([strict, native].map((tokens) => tokens?.verify(forged, { now: NOW }).valid)).toEqual([false, false]);
  expect([verifySignature(genuine, publicKey), verifySignature(forged, publicKey)]).toEqual([true, false]);
  const unreduced = patched(genuine, 992, toBytes(s + L));
  expect([strict, native].map((tokens) => tokens?.verify(unreduced, { now: NOW }).valid)).toEqual([false, true]);
  for (const tokens of [strict, native]) tokens?.dispose();
});

// B itself has u = 9, so that with the nonce 1 the same R can be written as p + 9, in 255 bits like any other.
it("a signature whose R is written as p + 9 is the native rule's alone: strictly R is less than p", () => {
  const [strict, native] = [true, false].map((is) => new CuteTokens({ secret, applicationId, strict: is }));
  const packet = packetOf(strict?.issue({ ...randomFields(random, hydrogen), endpoints: ["1.2.3.4:5"] }) as Uint8Array);
  const withR = (pointR: bigint): Uint8Array => {
    const bytes = toBytes(pointR);
    const s = mod(1n + challenge(bytes, publicKey, signed(packet)) * fromBytes(secret.subarray(0, 32)), L);
    return patched(packet, 960, concat(bytes, toBytes(s)));
  };
  expect(multiplyX(1n, BASE)).toBe(9n);
  const verdicts = (signature: Uint8Array) => [
    ...[strict, native].map((tokens) => tokens?.verify(signature, { now: NOW }).valid),
    verifySignature(signature, publicKey),
  ];
  expect(verdicts(withR(9n))).toEqual([true, true, true]);
  expect(verdicts(withR(P + 9n))).toEqual([false, true, true]);
  for (let other = 0n; other < 19n; other++) {
    expect(verdicts(withR(P + other))).toEqual(other === 9n ? [false, true, true] : [false, false, false]);
  }
  for (const tokens of [strict, native]) tokens?.dispose();
});
