// A quad: four elements of the field mod p = 2^255 - 19 side by side, one per 32-bit lane. An element is 20 limbs of 13
// bits, so 260 bits, each limb a signed i16; lane l of vector k holds limbs 2k (low half) and 2k + 1. 10 vectors, 160
// bytes.
//
// Bounds, by which nothing overflows. *Carried* limbs lie in -4864 .. 4095, limb 11 up to 40 beyond: so multiply and
// readLane leave them. multiply takes carried elements, sums and differences of two such, and nothing more; writeLane
// takes any limbs.
// Readable twin: test/reference/curve25519.ts.

import { ELEMENT } from "./scratch.ts";

/** Bytes of a quad. */
export const QUAD_BYTES: usize = 160;

class Vector {
  @inline static add(out: usize, a: usize, b: usize): void {
    v128.store(out, i16x8.add(v128.load(a), v128.load(b)));
  }

  @inline static subtract(out: usize, a: usize, b: usize): void {
    v128.store(out, i16x8.sub(v128.load(a), v128.load(b)));
  }

  @inline static sumAndDifference(sum: usize, difference: usize, a: usize, b: usize): void {
    const x = v128.load(a);
    const y = v128.load(b);
    v128.store(sum, i16x8.add(x, y));
    v128.store(difference, i16x8.sub(x, y));
  }
}

/** out = a + b, limb by limb, without carries. */
export function add(out: usize, a: usize, b: usize): void {
  for (let i: usize = 0; i < QUAD_BYTES; i += 32) {
    Vector.add(out + i, a + i, b + i);
    Vector.add(out + i + 16, a + i + 16, b + i + 16);
  }
}

/** out = a - b, limb by limb, without carries. */
export function subtract(out: usize, a: usize, b: usize): void {
  for (let i: usize = 0; i < QUAD_BYTES; i += 32) {
    Vector.subtract(out + i, a + i, b + i);
    Vector.subtract(out + i + 16, a + i + 16, b + i + 16);
  }
}

/** sum = a + b and difference = a - b, limb by limb, without carries. */
export function sumAndDifference(sum: usize, difference: usize, a: usize, b: usize): void {
  Vector.sumAndDifference(sum, difference, a, b);
  Vector.sumAndDifference(sum + 16, difference + 16, a + 16, b + 16);
  Vector.sumAndDifference(sum + 32, difference + 32, a + 32, b + 32);
  Vector.sumAndDifference(sum + 48, difference + 48, a + 48, b + 48);
  Vector.sumAndDifference(sum + 64, difference + 64, a + 64, b + 64);
  Vector.sumAndDifference(sum + 80, difference + 80, a + 80, b + 80);
  Vector.sumAndDifference(sum + 96, difference + 96, a + 96, b + 96);
  Vector.sumAndDifference(sum + 112, difference + 112, a + 112, b + 112);
  Vector.sumAndDifference(sum + 128, difference + 128, a + 128, b + 128);
  Vector.sumAndDifference(sum + 144, difference + 144, a + 144, b + 144);
}

/** Lane 0 of out = lane 0 + lane 1. */
export function addLanes(out: usize, quad: usize): void {
  for (let i: usize = 0; i < QUAD_BYTES; i += 16) {
    const v = v128.load(quad + i);
    v128.store(out + i, i16x8.add(v, i32x4.shuffle(v, v, 1, 0, 3, 2)));
  }
}

/** Lane 0 of out = lane 0 - lane 1. */
export function subtractLanes(out: usize, quad: usize): void {
  for (let i: usize = 0; i < QUAD_BYTES; i += 16) {
    const v = v128.load(quad + i);
    v128.store(out + i, i16x8.sub(v, i32x4.shuffle(v, v, 1, 0, 3, 2)));
  }
}

/** Moves lane 1 to lane 0. */
export function laneOne(out: usize, quad: usize): void {
  for (let i: usize = 0; i < QUAD_BYTES; i += 16) {
    const v = v128.load(quad + i);
    v128.store(out + i, i32x4.shuffle(v, v, 1, 0, 3, 2));
  }
}

/** Sets one lane to the 256-bit integer at `bytes`, mod p. The limbs come out carried. */
export function readLane(quad: usize, lane: usize, bytes: usize): void {
  const target = quad + 4 * lane;
  let carry: i32 = 0;
  for (let k: usize = 0; k < 20; k++) {
    const bit = k * 13;
    // Two bytes hold all that is left of limbs 18 and 19; four would lie beyond the 32.
    const word: u32 = k < 18 ? load<u32>(bytes + (bit >>> 3)) : <u32>load<u16>(bytes + (bit >>> 3));
    const limb = <i32>((word >>> (<u32>bit & 7)) & 0x1fff) + carry;
    carry = (limb + 0x1000) >> 13;
    // The top limb has nine bits and passes nothing on.
    store<i16>(target + 16 * (k >>> 1) + 2 * (k & 1), <i16>(k < 19 ? limb - (carry << 13) : limb));
  }
}

/** Sets all four lanes to a number below 2^24: two limbs. */
export function fillSmall(quad: usize, value: i32): void {
  const upper = (value + 0x1000) >> 13;
  memory.fill(quad, 0, QUAD_BYTES);
  v128.store(quad, i32x4.splat(((value - (upper << 13)) & 0xffff) | (upper << 16)));
}

/** Sets all four lanes to the same 256-bit integer, given as eight words, the lowest first. */
export function fill(quad: usize, w0: u32, w1: u32, w2: u32, w3: u32, w4: u32, w5: u32, w6: u32, w7: u32): void {
  store<u32>(ELEMENT, w0);
  store<u32>(ELEMENT, w1, 4);
  store<u32>(ELEMENT, w2, 8);
  store<u32>(ELEMENT, w3, 12);
  store<u32>(ELEMENT, w4, 16);
  store<u32>(ELEMENT, w5, 20);
  store<u32>(ELEMENT, w6, 24);
  store<u32>(ELEMENT, w7, 28);
  for (let lane: usize = 0; lane < 4; lane++) readLane(quad, lane, ELEMENT);
}

/** Four limbs of a lane, from limb 4j up, as one signed number. */
function limbs52(quad: usize, lane: usize, j: usize): i64 {
  const source = quad + 32 * j + 4 * lane;
  const low = <i64>load<i16>(source) + ((<i64>load<i16>(source, 2)) << 13);
  return low + ((<i64>load<i16>(source, 16)) << 26) + ((<i64>load<i16>(source, 18)) << 39);
}

/** Writes one lane as 32 bytes, reduced to 0 .. p - 1. Its limbs may be any that fit an i16. */
export function writeLane(bytes: usize, quad: usize, lane: usize): void {
  const mask: i64 = (1 << 52) - 1;
  // 2^9 · p = 2^264 - 19 · 2^9 makes whatever 20 limbs of 16 bits can be positive.
  let w0 = limbs52(quad, lane, 0) - 19 * 512;
  let w1 = limbs52(quad, lane, 1) + (w0 >> 52);
  let w2 = limbs52(quad, lane, 2) + (w1 >> 52);
  let w3 = limbs52(quad, lane, 3) + (w2 >> 52);
  let w4 = limbs52(quad, lane, 4) + (w3 >> 52) + ((<i64>1) << 56);
  // Bit 255 is bit 47 of w4. Below it at most 2^255 + 2^15 is left after the fold,
  w0 = (w0 & mask) + 19 * (w4 >> 47);
  w1 = (w1 & mask) + (w0 >> 52);
  w2 = (w2 & mask) + (w1 >> 52);
  w3 = (w3 & mask) + (w2 >> 52);
  w4 = (w4 & (((<i64>1) << 47) - 1)) + (w3 >> 52);
  w0 &= mask;
  w1 &= mask;
  w2 &= mask;
  w3 &= mask;
  // so p is to be taken off once where adding 19 reaches bit 255, and 19 more than p taken off is bit 255 dropped.
  let over = (w0 + 19) >> 52;
  over = (w1 + over) >> 52;
  over = (w2 + over) >> 52;
  over = (w3 + over) >> 52;
  w0 += 19 * ((w4 + over) >> 47);
  w1 += w0 >> 52;
  w2 += w1 >> 52;
  w3 += w2 >> 52;
  w4 = (w4 + (w3 >> 52)) & (((<i64>1) << 47) - 1);
  w0 &= mask;
  w1 &= mask;
  w2 &= mask;
  w3 &= mask;
  store<i64>(bytes, w0 | (w1 << 52));
  store<i64>(bytes, (w1 >> 12) | (w2 << 40), 8);
  store<i64>(bytes, (w2 >> 24) | (w3 << 28), 16);
  store<i64>(bytes, (w3 >> 36) | (w4 << 16), 24);
}
