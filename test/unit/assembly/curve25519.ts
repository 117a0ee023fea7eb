// What the tests of curve25519 share: the module, and numbers going in and out of its memory.

import { randomBytes } from "node:crypto";
import { fromBytes, P, toBytes } from "../../reference/curve25519.ts";
import { loadKernel } from "./load.ts";

export interface Curve25519 {
  multiply(out: number, a: number, b: number): void;
  add(out: number, a: number, b: number): void;
  subtract(out: number, a: number, b: number): void;
  sumAndDifference(sum: number, difference: number, a: number, b: number): void;
  readLane(quad: number, lane: number, bytes: number): void;
  writeLane(bytes: number, quad: number, lane: number): void;
  invert(out: number, element: number): void;
  reduce(out: number, a: number): void;
  multiplyAdd(out: number, r: number, sign: bigint, c: number, a: number): void;
  isReduced(a: number): number;
  isZero(a: number): number;
  toSigns(out: number, a: number): void;
  ladderProjective(out: number, scalar: number, bits: number, u: number): void;
  baseProjective(out: number, scalar: number): void;
  publicKey(a: number, out: number): void;
  isSmallOrder(publicKey: number): number;
  curveStart(): void;
  deterministicBytes(seed: number, length: number, out: number): void;
  isKeyPair(secret: number): number;
  signatureMake(secret: number, message: number, length: number, context: bigint, random: number, out: number): void;
  signatureVerifyStrict(secret: number, message: number, length: number, context: bigint, signature: number): number;
  signatureVerifyNative(publicKey: number, message: number, length: number, context: bigint, signature: number): number;
  signatureVerifyNativeWithSecret(
    secret: number,
    message: number,
    length: number,
    context: bigint,
    signature: number,
  ): number;
}

export const kernel = loadKernel<Curve25519>("curve25519.kernel");
export const memory: Uint8Array = new Uint8Array(kernel.memory.buffer);
export const QUAD = 160;
// Test buffers, above what the kernel uses.
export const BYTES = 0x100000;
export const OUT = 0x100100;

export const get = (pointer: number): bigint => fromBytes(memory.subarray(pointer, pointer + 32));
/** Writes 32 bytes each, one after the other. */
export const put = (pointer: number, ...values: bigint[]): void => {
  values.forEach((value, i) => {
    memory.set(toBytes(value), pointer + 32 * i);
  });
};
export const random = (): bigint => fromBytes(randomBytes(32));
export const all: bigint = 2n ** 256n - 1n;
export const edges: bigint[] = [
  0n,
  1n,
  2n,
  19n,
  P - 1n,
  P,
  P + 1n,
  2n * P - 1n,
  2n * P,
  2n * P + 1n,
  2n ** 255n - 1n,
  2n ** 255n,
  all,
];
