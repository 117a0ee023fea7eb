// Verification of libhydrogen's signatures (hydro_sign_verify). With the secret exactly one encoding of each signature
// is right (strict); native code, with the public key alone, takes s, L - s and whatever is congruent to them.
// Readable twin: test/reference/curve25519.ts.

import { multiplyBase } from "./comb.ts";
import { ladder } from "./ladder.ts";
import { multiply } from "./multiply.ts";
import {
  add,
  addLanes,
  fillSmall,
  laneOne,
  readLane,
  subtract,
  subtractLanes,
  sumAndDifference,
  writeLane,
} from "./quad.ts";
import { isReduced, isZero, multiplyAdd } from "./scalar.ts";
import {
  CHALLENGE,
  ELEMENT,
  NONCE,
  POINT,
  QUAD_A,
  QUAD_B,
  QUAD_C,
  QUAD_D,
  QUAD_E,
  QUAD_F,
  QUAD_G,
  QUAD_H,
  QUAD_X,
  QUAD_Y,
  QUAD_Z,
} from "./scratch.ts";
import { hashChallenge, hashMessage, wipeCurve } from "./sign.ts";
import { curveStart } from "./table.ts";

/** 1 where lane 0 is 0 mod p, else 0. */
function isZeroElement(quad: usize): i32 {
  writeLane(ELEMENT, quad, 0);
  return isZero(ELEMENT);
}

/** 1 where the 256-bit integer is below p = 2^255 - 19, else 0. */
function isCanonical(bytes: usize): i32 {
  const high = load<u64>(bytes, 24);
  // All bits from 64 to 254 set, and 19 more make the lowest 64 overflow: p .. 2^255 - 1.
  const clear = ~(load<u64>(bytes, 8) & load<u64>(bytes, 16) & (high | ((<u64>1) << 63)));
  const overflows = load<u64>(bytes) & ~(load<u64>(bytes) + 19) & ~(clear | (0 - clear));
  return <i32>(((high | overflows) >>> 63) ^ 1);
}

/** 1 where x(scalar · B) = R mod p and scalar is not 0 mod L, else 0. */
function isBaseMultiple(scalar: usize, pointR: usize): i32 {
  multiplyBase(scalar);
  // R = (F + H) / (F - H) just where (R - 1) F = (R + 1) H.
  readLane(QUAD_A, 0, pointR);
  readLane(QUAD_A, 1, pointR);
  store<i16>(QUAD_A, load<i16>(QUAD_A) - 1);
  store<i16>(QUAD_A, load<i16>(QUAD_A, 4) + 1, 4);
  multiply(QUAD_A, QUAD_A, QUAD_Y);
  subtractLanes(QUAD_A, QUAD_A);
  subtractLanes(QUAD_B, QUAD_Y);
  return isZeroElement(QUAD_A) & (isZeroElement(QUAD_B) ^ 1);
}

/**
 * Verifies with the secret: the signer's own encoding alone, s < L and R < p. Constant time in the secret; of the
 * signature and the message only the length shows. On a 1, what is computed on the way is the signer's nonce: it is
 * wiped.
 * @param secret 64 bytes
 * @param context 8 bytes, read as a little-endian u64
 * @returns 1 | 0
 */
export function signatureVerifyStrict(
  secret: usize,
  message: usize,
  length: usize,
  context: u64,
  signature: usize,
): i32 {
  curveStart();
  hashMessage(message, length, context);
  hashChallenge(signature, secret + 32);
  multiplyAdd(NONCE, signature + 32, -1, CHALLENGE, secret);
  const canonical = isCanonical(signature) & isReduced(signature + 32) & (isZero(NONCE) ^ 1);
  const verdict = isBaseMultiple(NONCE, signature) & canonical;
  wipeCurve();
  return verdict;
}

/**
 * What native verification with the public key says, decided with the secret: two multiples of B instead of a ladder.
 * Constant time in the secret. Parameters as of signatureVerifyStrict.
 */
export function signatureVerifyNativeWithSecret(
  secret: usize,
  message: usize,
  length: usize,
  context: u64,
  signature: usize,
): i32 {
  curveStart();
  hashMessage(message, length, context);
  hashChallenge(signature, secret + 32);
  // The formula that native code goes by refuses c · A neutral and R = 0, whatever else holds.
  memory.fill(NONCE, 0, 32);
  multiplyAdd(NONCE, NONCE, 1, CHALLENGE, secret);
  readLane(QUAD_A, 0, signature);
  const refused = isZero(NONCE) | isZeroElement(QUAD_A);
  multiplyAdd(NONCE, signature + 32, -1, CHALLENGE, secret);
  let verdict = isBaseMultiple(NONCE, signature);
  multiplyAdd(NONCE, signature + 32, 1, CHALLENGE, secret);
  verdict |= isBaseMultiple(NONCE, signature);
  wipeCurve();
  return verdict & (refused ^ 1);
}

/** Carries the limbs of lane 0, whatever they are. */
function carryLane(quad: usize): void {
  writeLane(ELEMENT, quad, 0);
  readLane(quad, 0, ELEMENT);
}

/**
 * Verifies with the public key alone, as native code does: with P = s · B and Q = c · A, R is the u-coordinate of P + Q
 * or of P - Q. Any R, s and A of 32 bytes are taken, reduced or not.
 * @param publicKey 32 bytes
 * @param context 8 bytes, read as a little-endian u64
 * @returns 1 | 0
 */
export function signatureVerifyNative(
  publicKey: usize,
  message: usize,
  length: usize,
  context: u64,
  signature: usize,
): i32 {
  curveStart();
  hashMessage(message, length, context);
  hashChallenge(signature, publicKey);
  multiplyBase(signature + 32);
  addLanes(QUAD_X, QUAD_Y);
  subtractLanes(QUAD_Z, QUAD_Y);
  carryLane(QUAD_X);
  carryLane(QUAD_Z);
  ladder(CHALLENGE, 256, publicKey);
  const verdict = isSumOrDifference(signature);
  wipeCurve();
  return verdict;
}

/** Whether (R (xQ zP - xP zQ) - (xP xQ - zP zQ))^2 = 4 R xQ zQ (xP^2 + 486662 xP zP + zP^2), and that is not 0. */
function isSumOrDifference(pointR: usize): i32 {
  // P is QUAD_X : QUAD_Z, Q is POINT : QUAD_H.
  laneOne(QUAD_H, POINT);
  readLane(QUAD_G, 0, pointR);
  multiply(QUAD_A, POINT, QUAD_Z);
  multiply(QUAD_B, QUAD_X, QUAD_H);
  subtract(QUAD_A, QUAD_A, QUAD_B);
  multiply(QUAD_A, QUAD_A, QUAD_G);
  multiply(QUAD_B, QUAD_X, POINT);
  multiply(QUAD_C, QUAD_Z, QUAD_H);
  subtract(QUAD_B, QUAD_B, QUAD_C);
  carryLane(QUAD_B);
  subtract(QUAD_A, QUAD_A, QUAD_B);
  multiply(QUAD_A, QUAD_A, QUAD_A);
  // xP^2 + 486662 xP zP + zP^2 = (xP + zP)^2 + 486660 xP zP.
  sumAndDifference(QUAD_D, QUAD_E, QUAD_X, QUAD_Z);
  multiply(QUAD_D, QUAD_D, QUAD_D);
  multiply(QUAD_E, QUAD_X, QUAD_Z);
  fillSmall(QUAD_F, 486660);
  multiply(QUAD_E, QUAD_E, QUAD_F);
  add(QUAD_D, QUAD_D, QUAD_E);
  multiply(QUAD_E, POINT, QUAD_H);
  multiply(QUAD_D, QUAD_D, QUAD_E);
  fillSmall(QUAD_F, 4);
  multiply(QUAD_G, QUAD_G, QUAD_F);
  multiply(QUAD_D, QUAD_D, QUAD_G);
  subtract(QUAD_A, QUAD_A, QUAD_D);
  return isZeroElement(QUAD_A) & (isZeroElement(QUAD_D) ^ 1);
}

/**
 * 1 where eight times the point with this u-coordinate, on the curve or its twist, is neutral, else 0: a public key
 * with which anybody can sign. In any encoding, reduced or not.
 * @param publicKey 32 bytes
 */
export function isSmallOrder(publicKey: usize): i32 {
  memory.fill(CHALLENGE, 0, 32);
  store<u8>(CHALLENGE, 8);
  ladder(CHALLENGE, 4, publicKey);
  laneOne(QUAD_H, POINT);
  const verdict = isZeroElement(QUAD_H);
  wipeCurve();
  return verdict;
}
