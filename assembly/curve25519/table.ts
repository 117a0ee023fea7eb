// The table for multiples of B, made once: for window w (0 to 51) the sixteen points (2j + 1) · 32^w · B, in the form
// in which edwards.ts adds them, Z being 1. Window 4g + l is lane l of group g. 97.5 KiB, so it stays in a second-level
// cache.
// Readable twin: test/reference/curve25519.ts.

import { addCached, cache, POINT_BYTES, T, X, Y, Z } from "./edwards.ts";
import { invert } from "./invert.ts";
import { multiply } from "./multiply.ts";
import { fill, fillSmall, QUAD_BYTES, readLane, sumAndDifference, writeLane } from "./quad.ts";
import {
  CACHED,
  CONSTANT_2D_2,
  CONSTANT_D,
  CONSTANT_HALF,
  ELEMENT,
  POINT,
  POINT_2,
  QUAD_A,
  QUAD_B,
  QUAD_C,
  QUAD_D,
  QUAD_G,
  QUAD_H,
  SCRATCH,
  SCRATCH_BYTES,
  TABLE,
  TABLE_COORDINATE,
  TABLE_ENTRIES,
  TABLE_GROUP,
  TABLE_GROUPS,
  TABLE_PRODUCTS,
} from "./scratch.ts";

let ready = false;

/** point = 2^times · point. */
function doubleRepeatedly(point: usize, times: i32): void {
  for (let i = 0; i < times; i++) {
    cache(CACHED, point);
    addCached(point, CACHED);
  }
}

/** POINT = B, 2^5 · B, 2^10 · B, 2^15 · B in its lanes. */
function startWindows(): void {
  fill(POINT + X, 0x8f25d51a, 0xc9562d60, 0x9525a7b2, 0x692cc760, 0xfdd6dc5c, 0xc0a4e231, 0xcd6e53fe, 0x216936d3);
  fill(POINT + Y, 0x66666658, 0x66666666, 0x66666666, 0x66666666, 0x66666666, 0x66666666, 0x66666666, 0x66666666);
  fillSmall(POINT + Z, 1);
  multiply(POINT + T, POINT + X, POINT + Y);
  for (let first = 1; first < 4; first++) {
    memory.copy(POINT_2, POINT, POINT_BYTES);
    doubleRepeatedly(POINT_2, 5);
    // Lanes from `first` up take the double.
    const upper = i32x4.gt_s(i32x4(1, 2, 3, 4), i32x4.splat(first));
    for (let i: usize = 0; i < POINT_BYTES; i += 16) {
      v128.store(POINT + i, v128.bitselect(v128.load(POINT_2 + i), v128.load(POINT + i), upper));
    }
  }
}

/** Address of one entry's first coordinate; the others follow at TABLE_COORDINATE. */
function entryAt(group: usize, entry: usize): usize {
  return TABLE + group * TABLE_GROUP + entry * QUAD_BYTES;
}

/** Writes X, Y and Z of POINT's odd multiples to where their entries will stand, and running products of all Z. */
function writeMultiples(group: usize, products: usize): void {
  memory.copy(POINT_2, POINT, POINT_BYTES);
  cache(CACHED, POINT);
  addCached(POINT_2, CACHED);
  cache(CACHED, POINT_2);
  memory.copy(POINT_2, POINT, POINT_BYTES);
  for (let entry: usize = 0; entry < TABLE_ENTRIES; entry++) {
    if (entry !== 0) addCached(POINT_2, CACHED);
    const target = entryAt(group, entry);
    memory.copy(target, POINT_2 + X, QUAD_BYTES);
    memory.copy(target + TABLE_COORDINATE, POINT_2 + Y, QUAD_BYTES);
    memory.copy(target + 2 * TABLE_COORDINATE, POINT_2 + Z, QUAD_BYTES);
    multiply(products + QUAD_BYTES, products, POINT_2 + Z);
    products += QUAD_BYTES;
  }
}

/** Turns X, Y, Z into (y - x) / 2, (y + x) / 2, d · x · y; 1 / Z is at QUAD_C. */
function finishEntry(entry: usize): void {
  multiply(QUAD_A, entry, QUAD_C);
  multiply(QUAD_B, entry + TABLE_COORDINATE, QUAD_C);
  sumAndDifference(QUAD_H, QUAD_G, QUAD_B, QUAD_A);
  multiply(QUAD_D, QUAD_A, QUAD_B);
  multiply(entry, QUAD_G, CONSTANT_HALF);
  multiply(entry + TABLE_COORDINATE, QUAD_H, CONSTANT_HALF);
  multiply(entry + 2 * TABLE_COORDINATE, QUAD_D, CONSTANT_D);
}

/** Makes the table unless it is there already. To be called before anything that multiplies B; 1 to 2 ms. */
export function curveStart(): void {
  if (ready) return;
  fill(CONSTANT_D, 0x135978a3, 0x75eb4dca, 0x4141d8ab, 0x00700a4d, 0x7779e898, 0x8cc74079, 0x2b6ffe73, 0x52036cee);
  // (p + 1) / 2.
  fill(CONSTANT_HALF, 0xfffffff7, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0x3fffffff);
  // d times 2 in the lower lanes, 1 times 2 in the upper ones.
  fillSmall(QUAD_A, 1);
  fillSmall(QUAD_B, 2);
  for (let i: usize = 0; i < QUAD_BYTES; i += 16) {
    v128.store(QUAD_C + i, i32x4.shuffle(v128.load(CONSTANT_D + i), v128.load(QUAD_A + i), 0, 1, 6, 7));
  }
  multiply(CONSTANT_2D_2, QUAD_B, QUAD_C);
  startWindows();
  fillSmall(TABLE_PRODUCTS, 1);
  for (let group: usize = 0; group < TABLE_GROUPS; group++) {
    if (group !== 0) doubleRepeatedly(POINT, 20);
    writeMultiples(group, TABLE_PRODUCTS + group * TABLE_ENTRIES * QUAD_BYTES);
  }
  // All Z inverted at once: POINT is the inverse of the products of all Z up to and with the entry's own.
  let products = TABLE_PRODUCTS + TABLE_GROUPS * TABLE_ENTRIES * QUAD_BYTES;
  for (let lane: usize = 0; lane < 4; lane++) {
    writeLane(ELEMENT, products, lane);
    invert(ELEMENT, ELEMENT);
    readLane(POINT, lane, ELEMENT);
  }
  for (let i = TABLE_GROUPS * TABLE_ENTRIES; i > 0; i--) {
    const entry = entryAt((i - 1) / TABLE_ENTRIES, (i - 1) % TABLE_ENTRIES);
    products -= QUAD_BYTES;
    multiply(QUAD_C, products, POINT);
    multiply(POINT, POINT, entry + 2 * TABLE_COORDINATE);
    finishEntry(entry);
  }
  memory.fill(TABLE_PRODUCTS, 0, (TABLE_GROUPS * TABLE_ENTRIES + 1) * QUAD_BYTES);
  memory.fill(SCRATCH, 0, SCRATCH_BYTES);
  ready = true;
}
