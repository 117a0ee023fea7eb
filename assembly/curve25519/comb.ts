// Multiples of B from the table, constant time. A scalar becomes 52 digits of five bits, each an odd number from -31 to
// 31 (all signs, no zero): 2b - 31 for the five bits b of `toSigns`. Lane by lane, 13 groups are added up; then the
// lanes.
// Readable twin: test/reference/curve25519.ts.

import { addAffine, MINUS, PLUS, SCALED_T, T, X, Y, Z } from "./edwards.ts";
import { multiply } from "./multiply.ts";
import { QUAD_BYTES, sumAndDifference } from "./quad.ts";
import { toSigns } from "./scalar.ts";
import {
  CACHED,
  CONSTANT_2D_2,
  DIGITS,
  ELEMENT,
  POINT,
  QUAD_A,
  QUAD_B,
  QUAD_C,
  QUAD_D,
  QUAD_E,
  QUAD_F,
  QUAD_G,
  QUAD_H,
  QUAD_Y,
  TABLE,
  TABLE_COORDINATE,
  TABLE_ENTRIES,
  TABLE_GROUP,
  TABLE_GROUPS,
} from "./scratch.ts";

function writeDigits(scalar: usize): void {
  toSigns(ELEMENT, scalar);
  for (let i: usize = 0; i < 51; i++) {
    const bit = i * 5;
    store<u32>(DIGITS + 4 * i, (<u32>load<u16>(ELEMENT + (bit >>> 3)) >>> (<u32>bit & 7)) & 31);
  }
  // Bits 255 to 259: there are none.
  store<u32>(DIGITS, 0, 204);
}

class Entry {
  /** What is there so far, or the entry at hand where the mask says so. */
  @inline static or(sum: v128, entry: usize, mask: v128): v128 {
    return v128.or(sum, v128.and(v128.load(entry), mask));
  }
}

/** Copies one coordinate of the entry that each lane asks for. All entries are read. */
function pick(out: usize, coordinate: usize, index: v128): void {
  const zero = i32x4.splat(0);
  const one = i32x4.splat(1);
  let s0 = zero;
  let s1 = zero;
  let s2 = zero;
  let s3 = zero;
  let s4 = zero;
  let s5 = zero;
  let s6 = zero;
  let s7 = zero;
  let s8 = zero;
  let s9 = zero;
  // Counts down to zero at the entry asked for.
  for (let i: usize = 0; i < TABLE_ENTRIES; i++) {
    const mask = i32x4.eq(index, zero);
    index = i32x4.sub(index, one);
    s0 = Entry.or(s0, coordinate, mask);
    s1 = Entry.or(s1, coordinate + 16, mask);
    s2 = Entry.or(s2, coordinate + 32, mask);
    s3 = Entry.or(s3, coordinate + 48, mask);
    s4 = Entry.or(s4, coordinate + 64, mask);
    s5 = Entry.or(s5, coordinate + 80, mask);
    s6 = Entry.or(s6, coordinate + 96, mask);
    s7 = Entry.or(s7, coordinate + 112, mask);
    s8 = Entry.or(s8, coordinate + 128, mask);
    s9 = Entry.or(s9, coordinate + 144, mask);
    coordinate += QUAD_BYTES;
  }
  v128.store(out, s0);
  v128.store(out, s1, 16);
  v128.store(out, s2, 32);
  v128.store(out, s3, 48);
  v128.store(out, s4, 64);
  v128.store(out, s5, 80);
  v128.store(out, s6, 96);
  v128.store(out, s7, 112);
  v128.store(out, s8, 128);
  v128.store(out, s9, 144);
}

/**
 * Where the mask says so, turns a cached point into its opposite: the first two parts change places, the third its
 * sign.
 */
function negate(cached: usize, negative: v128): void {
  for (let i = cached; i < cached + QUAD_BYTES; i += 16) {
    const minus = v128.load(i, MINUS);
    const plus = v128.load(i, PLUS);
    const change = v128.and(v128.xor(minus, plus), negative);
    v128.store(i, v128.xor(minus, change), MINUS);
    v128.store(i, v128.xor(plus, change), PLUS);
    v128.store(i, i16x8.sub(v128.xor(v128.load(i, SCALED_T), negative), negative), SCALED_T);
  }
}

/** CACHED = the entries of one group that the digits name. */
function select(group: usize): void {
  const digits = v128.load(DIGITS + 16 * group);
  // Below 16 the digit is negative, and entries count downwards.
  const negative = i32x4.lt_s(digits, i32x4.splat(16));
  const index = v128.and(v128.xor(digits, negative), i32x4.splat(15));
  const table = TABLE + group * TABLE_GROUP;
  pick(CACHED + MINUS, table, index);
  pick(CACHED + PLUS, table + TABLE_COORDINATE, index);
  pick(CACHED + SCALED_T, table + 2 * TABLE_COORDINATE, index);
  negate(CACHED, negative);
}

/**
 * POINT = CACHED, whose Z is 1: x and y are difference and sum of the halves. Their own sum and difference are then
 * twice a half, limb by limb, so no more than multiply takes.
 */
function startFromCached(): void {
  sumAndDifference(POINT + Y, POINT + X, CACHED + PLUS, CACHED + MINUS);
  multiply(POINT + T, POINT + X, POINT + Y);
  memory.fill(POINT + Z, 0, QUAD_BYTES);
  v128.store(POINT + Z, i32x4.splat(1));
}

class Halves {
  /** Lanes 0 and 1 of the first vector, then of the second. */
  @inline static left(a: v128, b: v128): v128 {
    return i32x4.shuffle(a, b, 0, 1, 4, 5);
  }

  /** Lanes 2 and 3 of the first vector, then of the second. */
  @inline static right(a: v128, b: v128): v128 {
    return i32x4.shuffle(a, b, 2, 3, 6, 7);
  }

  /** Right half minus left half in lanes 0 and 1, right half plus left half in lanes 2 and 3. */
  @inline static butterfly(v: v128): v128 {
    const negative = i32x4(-1, -1, 0, 0);
    const left = v128.xor(i32x4.shuffle(v, v, 0, 1, 0, 1), negative);
    return i16x8.sub(i16x8.add(i32x4.shuffle(v, v, 2, 3, 2, 3), left), negative);
  }
}

/** Adds POINT's lanes 2 and 3 to its lanes 0 and 1. X, X, Y, Y of the two sums go to QUAD_A, T, T, Z, Z to QUAD_B. */
function addHalves(): void {
  for (let i: usize = 0; i < QUAD_BYTES; i += 16) {
    const x = v128.load(POINT + X + i);
    const y = v128.load(POINT + Y + i);
    const z = v128.load(POINT + Z + i);
    const t = v128.load(POINT + T + i);
    const difference = i16x8.sub(y, x);
    const sum = i16x8.add(y, x);
    v128.store(QUAD_A + i, Halves.left(difference, sum));
    v128.store(QUAD_B + i, Halves.right(difference, sum));
    v128.store(QUAD_C + i, Halves.left(t, z));
    v128.store(QUAD_D + i, Halves.right(t, z));
  }
  multiply(QUAD_E, QUAD_D, CONSTANT_2D_2);
  multiply(QUAD_F, QUAD_A, QUAD_B);
  multiply(QUAD_G, QUAD_C, QUAD_E);
  // A, A, B, B and C, C, D, D become E, E, H, H and F, F, G, G.
  for (let i: usize = 0; i < QUAD_BYTES; i += 16) {
    const eh = Halves.butterfly(v128.load(QUAD_F + i));
    const fg = Halves.butterfly(v128.load(QUAD_G + i));
    v128.store(QUAD_C + i, eh);
    v128.store(QUAD_D + i, fg);
    v128.store(QUAD_E + i, Halves.left(eh, fg));
    v128.store(QUAD_H + i, Halves.right(eh, fg));
  }
  multiply(QUAD_B, QUAD_E, QUAD_H);
  multiply(QUAD_A, QUAD_C, QUAD_D);
}

/** Adds those two sums, as far as F and H: lanes 0 and 1 of QUAD_Y. */
function addRest(): void {
  multiply(QUAD_E, QUAD_B, CONSTANT_2D_2);
  for (let i: usize = 0; i < QUAD_BYTES; i += 16) {
    const sums = Halves.butterfly(v128.load(QUAD_A + i));
    v128.store(QUAD_C + i, i32x4.shuffle(sums, v128.load(QUAD_B + i), 0, 2, 4, 6));
    v128.store(QUAD_D + i, i32x4.shuffle(sums, v128.load(QUAD_E + i), 1, 3, 5, 7));
  }
  multiply(QUAD_F, QUAD_C, QUAD_D);
  // From A, B, C, D: F = D - C, H = B + A.
  const negative = i32x4(-1, 0, 0, 0);
  for (let i: usize = 0; i < QUAD_BYTES; i += 16) {
    const v = v128.load(QUAD_F + i);
    const second = v128.xor(i32x4.shuffle(v, v, 2, 0, 2, 0), negative);
    v128.store(QUAD_Y + i, i16x8.sub(i16x8.add(i32x4.shuffle(v, v, 3, 1, 3, 1), second), negative));
  }
}

/**
 * Multiplies B. The product's y is H / F, and F and H, sums of two carried elements, are lanes 0 and 1 of QUAD_Y; F is
 * never 0. Its u is (F + H) / (F - H), and F - H is 0 for the neutral point alone.
 * @param scalar any 256-bit integer, 32 bytes
 */
export function multiplyBase(scalar: usize): void {
  writeDigits(scalar);
  select(0);
  startFromCached();
  for (let group: usize = 1; group < TABLE_GROUPS; group++) {
    select(group);
    addAffine(POINT, CACHED);
  }
  addHalves();
  addRest();
}
