// Multiples of B from the table, constant time. A scalar becomes 52 digits of five bits, each an odd number from -31 to
// 31 (all signs, no zero): 2b - 31 for the five bits b of `toSigns`. Lane by lane, 13 groups are added up; then the lanes.

import {
  addAffine,
  addCached,
  addProducts,
  addSums,
  CACHED_Z,
  cache,
  MINUS,
  PLUS,
  SCALED_T,
  T,
  X,
  Y,
  Z,
} from "./edwards.ts";
import { multiply } from "./multiply.ts";
import { QUAD_BYTES, sumAndDifference } from "./quad.ts";
import { toSigns } from "./scalar.ts";
import {
  CACHED,
  DIGITS,
  ELEMENT,
  POINT,
  POINT_2,
  QUAD_D,
  QUAD_F,
  QUAD_H,
  QUAD_X,
  QUAD_Z,
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

/** Where the mask says so, turns a cached point into its opposite: the first two parts change places, the third its sign. */
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
export function select(group: usize): void {
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

/** POINT = CACHED, whose Z is 1: x and y are difference and sum of the halves, as sums of two still fit to be added. */
function startFromCached(): void {
  sumAndDifference(POINT + Y, POINT + X, CACHED + PLUS, CACHED + MINUS);
  multiply(POINT + T, POINT + X, POINT + Y);
  memory.fill(POINT + Z, 0, QUAD_BYTES);
  v128.store(POINT + Z, i32x4.splat(1));
}

/**
 * Multiplies B. The u-coordinate of the product is lane 0 of QUAD_X over lane 0 of QUAD_Z, which is 0 for the neutral point
 * alone. QUAD_X and QUAD_Z are sums of four carried elements: to be multiplied by carried ones only.
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
  // Lanes 2 and 3 onto lanes 0 and 1, then lane 1 onto lane 0.
  for (let i: usize = 0; i < 4 * QUAD_BYTES; i += 16) {
    const v = v128.load(POINT + i);
    v128.store(POINT_2 + i, i32x4.shuffle(v, v, 2, 3, 0, 1));
  }
  cache(CACHED, POINT_2);
  addCached(POINT, CACHED);
  for (let i: usize = 0; i < 4 * QUAD_BYTES; i += 16) {
    const v = v128.load(POINT + i);
    v128.store(POINT_2 + i, i32x4.shuffle(v, v, 1, 0, 3, 2));
  }
  cache(CACHED, POINT_2);
  addProducts(POINT, CACHED);
  multiply(QUAD_D, POINT + Z, CACHED + CACHED_Z);
  addSums(QUAD_D);
  // y = H / F, and neither F nor G is ever 0; u = (1 + y) / (1 - y).
  sumAndDifference(QUAD_X, QUAD_Z, QUAD_F, QUAD_H);
}
