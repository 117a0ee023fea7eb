// curve25519 and libhydrogen's signature written down as plainly as can be, in BigInt: no speed, no
// constant time. The kernels are held equal to this.

import { hash } from "./gimli.ts";

export const P: bigint = 2n ** 255n - 19n;
/** The order of B. */
export const L: bigint = 2n ** 252n + 27742317777372353535851937790883648493n;
/** The u-coordinate of B. */
export const BASE = 9n;
const A = 486662n;

export function mod(value: bigint, modulus: bigint): bigint {
  const rest = value % modulus;
  return rest < 0n ? rest + modulus : rest;
}

export function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  let square = mod(base, modulus);
  for (let e = exponent; e > 0n; e >>= 1n) {
    if (e & 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

/** 1 / value mod p, and 0 for 0. */
export const invert = (value: bigint): bigint => power(value, P - 2n, P);

/** A square root mod p, or null. */
export function squareRoot(value: bigint): bigint | null {
  const candidate = power(value, (P + 3n) / 8n, P);
  for (const root of [candidate, mod(candidate * power(2n, (P - 1n) / 4n, P), P)]) {
    if (mod(root * root - value, P) === 0n) return root;
  }
  return null;
}

/** Little-endian. */
export function toBytes(value: bigint, length = 32): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
}

/** Little-endian. */
export function fromBytes(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

/** x and z of scalar · u, by the ladder of RFC 7748 without clamping. */
export function ladder(scalar: bigint, u: bigint, bits = 256): { x: bigint; z: bigint } {
  const x1 = mod(u, P);
  let [x2, z2, x3, z3] = [1n, 0n, x1, 1n];
  for (let i = bits - 1; i >= 0; i--) {
    const bit = (scalar >> BigInt(i)) & 1n;
    if (bit) [x2, z2, x3, z3] = [x3, z3, x2, z2];
    const [a, b, c, d] = [x2 + z2, x2 - z2, x3 + z3, x3 - z3];
    const [aa, bb, da, cb] = [a * a, b * b, d * a, c * b];
    const e = aa - bb;
    x3 = mod((da + cb) ** 2n, P);
    z3 = mod(x1 * mod((da - cb) ** 2n, P), P);
    x2 = mod(mod(aa, P) * mod(bb, P), P);
    z2 = mod(mod(e, P) * mod(aa + ((A - 2n) / 4n) * e, P), P);
    if (bit) [x2, z2, x3, z3] = [x3, z3, x2, z2];
  }
  return { x: x2, z: z2 };
}

/** A point of v² = u³ + 486662 u² + u; null is the neutral one. */
export type Point = { u: bigint; v: bigint } | null;

/** The point with this u, its v being the even root; undefined where there is none. */
export function lift(u: bigint): Point | undefined {
  const v = squareRoot(mod(u ** 3n + A * u * u + u, P));
  if (v === null) return undefined;
  return { u: mod(u, P), v: v & 1n ? P - v : v };
}

export function negate(point: Point): Point {
  return point && { u: point.u, v: mod(-point.v, P) };
}

/** Chord and tangent. */
export function add(p: Point, q: Point): Point {
  if (p === null) return q;
  if (q === null) return p;
  if (p.u === q.u && mod(p.v + q.v, P) === 0n) return null;
  const slope =
    p.u === q.u ? (3n * p.u * p.u + 2n * A * p.u + 1n) * invert(2n * p.v) : (q.v - p.v) * invert(mod(q.u - p.u, P));
  const u = mod(slope * slope - A - p.u - q.u, P);
  return { u, v: mod(slope * (p.u - u) - p.v, P) };
}

export function multiply(scalar: bigint, point: Point): Point {
  let result: Point = null;
  let double = point;
  for (let k = scalar; k > 0n; k >>= 1n) {
    if (k & 1n) result = add(result, double);
    double = add(double, double);
  }
  return result;
}

/** x(scalar · u), 0 for the neutral point. */
export function multiplyX(scalar: bigint, u: bigint): bigint {
  const { x, z } = ladder(scalar, u);
  return mod(x * invert(z), P);
}

export interface Signed {
  message: Uint8Array;
  /** 8 bytes. */
  context: Uint8Array;
}

const noContext = new Uint8Array(8);
const join = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));

export const publicKey = (a: Uint8Array): Uint8Array => toBytes(multiplyX(fromBytes(a), BASE));

/** c, from the bytes of R and A. */
export function challenge(pointR: Uint8Array, key: Uint8Array, { message, context }: Signed): bigint {
  return fromBytes(hash(32, join(pointR, key, hash(64, message, context)), noContext));
}

/** Signs with the secret `a ‖ A` and 32 random bytes. */
export function sign(secret: Uint8Array, signed: Signed, random: Uint8Array): Uint8Array {
  const a = secret.subarray(0, 32);
  const prehash = hash(64, signed.message, signed.context);
  const r = fromBytes(hash(32, join(random, prehash), noContext, a));
  const pointR = toBytes(multiplyX(r, BASE));
  const s = mod(r + challenge(pointR, secret.subarray(32), signed) * fromBytes(a), L);
  return join(pointR, toBytes(s));
}

/** What native code accepts, which knows the public key alone. */
export function verifyNative(key: Uint8Array, signed: Signed, signature: Uint8Array): boolean {
  const c = challenge(signature.subarray(0, 32), key, signed);
  const p = ladder(fromBytes(signature.subarray(32)), BASE);
  const q = ladder(c, fromBytes(key));
  const R = mod(fromBytes(signature.subarray(0, 32)), P);
  const left = (R * (q.x * p.z - p.x * q.z) - (p.x * q.x - p.z * q.z)) ** 2n;
  const right = 4n * R * q.x * q.z * (p.x * p.x + A * p.x * p.z + p.z * p.z);
  return mod(right, P) !== 0n && mod(left - right, P) === 0n;
}

/** The signer's own encoding alone, which takes the secret. */
export function verifyStrict(secret: Uint8Array, signed: Signed, signature: Uint8Array): boolean {
  const R = fromBytes(signature.subarray(0, 32));
  const s = fromBytes(signature.subarray(32));
  const c = challenge(signature.subarray(0, 32), secret.subarray(32), signed);
  const r = mod(s - c * fromBytes(secret.subarray(0, 32)), L);
  return s < L && R < P && r !== 0n && multiplyX(r, BASE) === R;
}
