// The x-only ladder on v^2 = u^3 + 486662 u^2 + u and its twist (RFC 7748 section 5, without clamping), for points of
// which only u is known. The four coordinates of its two points are the lanes of one quad: x2, z2, x3, z3.
// Readable twin: test/reference/curve25519.ts.

import { multiply } from "./multiply.ts";
import { fillSmall, QUAD_BYTES, readLane } from "./quad.ts";
import { ELEMENT, POINT, QUAD_A, QUAD_B, QUAD_C, QUAD_D, QUAD_E } from "./scratch.ts";

/** The ladder's state. */
const STATE: usize = POINT;

/** STATE's points change places where the mask is -1. */
function swap(mask: i32): void {
  const all = i32x4.splat(mask);
  for (let i: usize = 0; i < QUAD_BYTES; i += 16) {
    const v = v128.load(STATE + i);
    v128.store(STATE + i, v128.bitselect(i32x4.shuffle(v, v, 2, 3, 0, 1), v, all));
  }
}

/** One step: the first point doubled, the second the sum of both. QUAD_E: a24 in lane 1, u in lane 3. */
function step(): void {
  // -1 in the lanes that are to be negated.
  const odd = i32x4(0, -1, 0, -1);
  // A = x2 + z2, B = x2 - z2, C = x3 + z3, D = x3 - z3, against A, B, B, A.
  for (let i: usize = 0; i < QUAD_BYTES; i += 16) {
    const v = v128.load(STATE + i);
    const z = v128.xor(i32x4.shuffle(v, v, 1, 1, 3, 3), odd);
    const sums = i16x8.sub(i16x8.add(i32x4.shuffle(v, v, 0, 0, 2, 2), z), odd);
    v128.store(QUAD_A + i, sums);
    v128.store(QUAD_B + i, i32x4.shuffle(sums, sums, 0, 1, 1, 0));
  }
  multiply(QUAD_C, QUAD_A, QUAD_B);
  // AA, BB, CB, DA become AA, E = AA - BB, DA + CB, DA - CB, against BB, a24 and themselves.
  for (let i: usize = 0; i < QUAD_BYTES; i += 16) {
    const v = v128.load(QUAD_C + i);
    const other = v128.xor(i32x4.shuffle(v, i32x4.splat(0), 4, 1, 2, 2), odd);
    const left = i16x8.sub(i16x8.add(i32x4.shuffle(v, v, 0, 0, 3, 3), other), odd);
    v128.store(QUAD_A + i, left);
    const constants = i32x4.shuffle(v, v128.load(QUAD_E + i), 1, 5, 1, 5);
    v128.store(QUAD_B + i, i32x4.shuffle(constants, left, 0, 1, 6, 7));
  }
  multiply(QUAD_D, QUAD_A, QUAD_B);
  // x4 = AA · BB and x5 are done; z4 = E (AA + a24 E) and z5 = u (DA - CB)^2 are left.
  for (let i: usize = 0; i < QUAD_BYTES; i += 16) {
    const squares = i32x4.shuffle(v128.load(QUAD_C + i), i32x4.splat(0), 4, 0, 4, 4);
    v128.store(QUAD_C + i, i16x8.add(v128.load(QUAD_D + i), squares));
    v128.store(QUAD_A + i, i32x4.shuffle(v128.load(QUAD_A + i), v128.load(QUAD_E + i), 0, 1, 0, 7));
  }
  multiply(QUAD_A, QUAD_A, QUAD_C);
  for (let i: usize = 0; i < QUAD_BYTES; i += 16) {
    v128.store(STATE + i, i32x4.shuffle(v128.load(QUAD_D + i), v128.load(QUAD_A + i), 0, 5, 2, 7));
  }
}

/**
 * Multiplies the point with this u-coordinate, on the curve or its twist. x and z of the product are lanes 0 and 1 of
 * POINT; z is 0 for the neutral point, and where u is 0.
 * @param scalar 32 bytes
 * @param bits how many of the scalar's bits count, from the lowest: 256 for all
 * @param u 32 bytes, any 256-bit integer, taken mod p
 */
export function ladder(scalar: usize, bits: i32, u: usize): void {
  memory.fill(ELEMENT, 0, 32);
  memory.fill(STATE, 0, QUAD_BYTES);
  store<u32>(ELEMENT, 1);
  readLane(STATE, 0, ELEMENT);
  readLane(STATE, 3, ELEMENT);
  readLane(STATE, 2, u);
  // (486662 - 2) / 4.
  fillSmall(QUAD_E, 121665);
  readLane(QUAD_E, 3, u);
  let swapped = 0;
  for (let i = bits - 1; i >= 0; i--) {
    const bit = -((<i32>load<u8>(scalar + (i >>> 3)) >>> (i & 7)) & 1);
    swap(bit ^ swapped);
    swapped = bit;
    step();
  }
  swap(swapped);
}
