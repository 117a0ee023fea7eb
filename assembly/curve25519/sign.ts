// libhydrogen's signature (hydro_sign: x-coordinates only, after Hamburg's STROBE), from the signer's side.
// A 64-byte secret is a ‖ A, a signature R ‖ s.
// Readable twin: test/reference/curve25519.ts.

import { equalBytes } from "../bytes.ts";
import { hashFinish, hashStart, hashUpdate } from "../gimli/hash.ts";
import { multiplyBase } from "./comb.ts";
import { invert } from "./invert.ts";
import { multiply } from "./multiply.ts";
import { addLanes, readLane, subtractLanes, writeLane } from "./quad.ts";
import { multiplyAdd } from "./scalar.ts";
import { CHALLENGE, ELEMENT, NONCE, PREHASH, QUAD_A, QUAD_Y, SCRATCH, SCRATCH_BYTES } from "./scratch.ts";
import { curveStart } from "./table.ts";

/** Zeroes all that this directory worked on. */
export function wipeCurve(): void {
  memory.fill(SCRATCH, 0, SCRATCH_BYTES);
}

/** out = x(scalar · B), 32 bytes; 0 for the neutral point. The table must be there; the scratch is left as it is. */
export function encodeBaseMultiple(out: usize, scalar: usize): void {
  multiplyBase(scalar);
  subtractLanes(QUAD_A, QUAD_Y);
  writeLane(ELEMENT, QUAD_A, 0);
  invert(ELEMENT, ELEMENT);
  readLane(QUAD_A, 0, ELEMENT);
  readLane(QUAD_A, 1, ELEMENT);
  multiply(QUAD_A, QUAD_A, QUAD_Y);
  addLanes(QUAD_A, QUAD_A);
  writeLane(out, QUAD_A, 0);
}

/** PREHASH = hash(64, message, context). */
export function hashMessage(message: usize, length: usize, context: u64): void {
  hashStart(context, 0);
  hashUpdate(message, length);
  hashFinish(PREHASH, 64);
}

/** CHALLENGE = hash(32, R ‖ A ‖ prehash). */
export function hashChallenge(pointR: usize, pointA: usize): void {
  hashStart(0, 0);
  hashUpdate(pointR, 32);
  hashUpdate(pointA, 32);
  hashUpdate(PREHASH, 64);
  hashFinish(CHALLENGE, 32);
}

/** Writes the public key A = x(a · B), 32 bytes. Constant time; `a` is any 256-bit integer. */
export function publicKey(a: usize, out: usize): void {
  curveStart();
  encodeBaseMultiple(out, a);
  wipeCurve();
}

/** 1 where the second half of the 64-byte secret is the public key of the first, else 0. */
export function isKeyPair(secret: usize): i32 {
  curveStart();
  encodeBaseMultiple(NONCE, secret);
  const verdict = equalBytes(NONCE, secret + 32, 32);
  wipeCurve();
  return verdict;
}

/**
 * Signs. Constant time in the secret and the random bytes.
 * @param secret 64 bytes
 * @param context 8 bytes, read as a little-endian u64
 * @param random 32 bytes, fresh for every signature
 * @param out 64 bytes; must not overlap the inputs
 */
export function signatureMake(
  secret: usize,
  message: usize,
  length: usize,
  context: u64,
  random: usize,
  out: usize,
): void {
  curveStart();
  hashMessage(message, length, context);
  hashStart(0, secret);
  hashUpdate(random, 32);
  hashUpdate(PREHASH, 64);
  hashFinish(NONCE, 32);
  encodeBaseMultiple(out, NONCE);
  hashChallenge(out, secret + 32);
  multiplyAdd(out + 32, NONCE, 1, CHALLENGE, secret);
  wipeCurve();
}
