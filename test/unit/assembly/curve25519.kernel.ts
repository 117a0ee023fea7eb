// curve25519 and the signature under their own names, for the tests.

import { multiplyBase } from "../../../assembly/curve25519/comb.ts";
import { invert } from "../../../assembly/curve25519/invert.ts";
import { ladder } from "../../../assembly/curve25519/ladder.ts";
import { multiply } from "../../../assembly/curve25519/multiply.ts";
import {
  add,
  addLanes,
  readLane,
  subtract,
  subtractLanes,
  sumAndDifference,
  writeLane,
} from "../../../assembly/curve25519/quad.ts";
import { isReduced, isZero, multiplyAdd, reduce, toSigns } from "../../../assembly/curve25519/scalar.ts";
import { POINT, QUAD_A, QUAD_Y } from "../../../assembly/curve25519/scratch.ts";
import {
  encodeBaseMultiple,
  isKeyPair,
  publicKey,
  signatureMake,
  wipeCurve,
} from "../../../assembly/curve25519/sign.ts";
import { curveStart } from "../../../assembly/curve25519/table.ts";
import {
  isSmallOrder,
  signatureVerifyNative,
  signatureVerifyNativeWithSecret,
  signatureVerifyStrict,
} from "../../../assembly/curve25519/verify.ts";
import { deterministicBytes } from "../../../assembly/gimli/deterministic.ts";

/** x and z of scalar · u, 32 bytes each, to out. */
function ladderProjective(out: usize, scalar: usize, bits: i32, u: usize): void {
  ladder(scalar, bits, u);
  writeLane(out, POINT, 0);
  writeLane(out + 32, POINT, 1);
}

/** Numerator and denominator of x(scalar · B), 32 bytes each, to out. */
function baseProjective(out: usize, scalar: usize): void {
  curveStart();
  multiplyBase(scalar);
  addLanes(QUAD_A, QUAD_Y);
  writeLane(out, QUAD_A, 0);
  subtractLanes(QUAD_A, QUAD_Y);
  writeLane(out + 32, QUAD_A, 0);
}

export {
  add,
  baseProjective,
  curveStart,
  deterministicBytes,
  encodeBaseMultiple,
  invert,
  isKeyPair,
  isReduced,
  isSmallOrder,
  isZero,
  ladderProjective,
  multiply,
  multiplyAdd,
  publicKey,
  readLane,
  reduce,
  signatureMake,
  signatureVerifyNative,
  signatureVerifyNativeWithSecret,
  signatureVerifyStrict,
  subtract,
  sumAndDifference,
  toSigns,
  wipeCurve,
  writeLane,
};
