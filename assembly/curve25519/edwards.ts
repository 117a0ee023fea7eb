// Points of the curve -x^2 + y^2 = 1 + d x^2 y^2, which is v^2 = u^3 + 486662 u^2 + u by u = (1 + y) / (1 - y), four at
// a time. Extended coordinates and addition formulas of Hisil, Wong, Carter and Dawson ("Twisted Edwards curves
// revisited", 2008): complete, so that no pair of points needs a case of its own. d = -121665/121666.
// Readable twin: test/reference/curve25519.ts.

import { multiply } from "./multiply.ts";
import { QUAD_BYTES, sumAndDifference } from "./quad.ts";
import {
  CONSTANT_D,
  CONSTANT_HALF,
  QUAD_A,
  QUAD_B,
  QUAD_C,
  QUAD_D,
  QUAD_E,
  QUAD_F,
  QUAD_G,
  QUAD_H,
} from "./scratch.ts";

/** Where a point's coordinates stand: x = X/Z, y = Y/Z, xy = T/Z. */
export const X: usize = 0;
export const Y: usize = 160;
export const Z: usize = 320;
export const T: usize = 480;
export const POINT_BYTES: usize = 640;

// Where a cached point's parts stand. The halves make D of the formulas Z1 · Z2 instead of twice that: carried limbs.
export const MINUS: usize = 0;
export const PLUS: usize = 160;
export const SCALED_T: usize = 320;
export const CACHED_Z: usize = 480;

/** The half of an addition that is common to all: A, B and C. */
export function addProducts(point: usize, cached: usize): void {
  multiply(QUAD_C, point + T, cached + SCALED_T);
  sumAndDifference(QUAD_F, QUAD_E, point + Y, point + X);
  multiply(QUAD_A, QUAD_E, cached + MINUS);
  multiply(QUAD_B, QUAD_F, cached + PLUS);
}

/** The other half of an addition, D standing at `d`. */
function addFinish(point: usize, d: usize): void {
  sumAndDifference(QUAD_G, QUAD_F, d, QUAD_C);
  multiply(point + Z, QUAD_F, QUAD_G);
  sumAndDifference(QUAD_H, QUAD_E, QUAD_B, QUAD_A);
  multiply(point + T, QUAD_E, QUAD_H);
  multiply(point + X, QUAD_E, QUAD_F);
  multiply(point + Y, QUAD_G, QUAD_H);
}

/** point += cached, whose Z is 1 and is not read. */
export function addAffine(point: usize, cached: usize): void {
  addProducts(point, cached);
  addFinish(point, point + Z);
}

/** point += cached. */
export function addCached(point: usize, cached: usize): void {
  addProducts(point, cached);
  multiply(QUAD_D, point + Z, cached + CACHED_Z);
  addFinish(point, QUAD_D);
}

/** The point in the form in which it can be added. */
export function cache(cached: usize, point: usize): void {
  sumAndDifference(QUAD_F, QUAD_E, point + Y, point + X);
  multiply(cached + MINUS, QUAD_E, CONSTANT_HALF);
  multiply(cached + PLUS, QUAD_F, CONSTANT_HALF);
  multiply(cached + SCALED_T, point + T, CONSTANT_D);
  memory.copy(cached + CACHED_Z, point + Z, QUAD_BYTES);
}
