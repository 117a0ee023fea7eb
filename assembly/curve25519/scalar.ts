// Integers mod L = 2^252 + delta, the order of B, constant time. In memory 32 bytes, little-endian; inside 28-bit
// limbs, each in an i64: nine of them are 252 bits, so what stands above limb 8 folds back as -delta times as much.
// Readable twin: test/reference/curve25519.ts.

import { FACTOR, FACTOR_2, WIDE } from "./scratch.ts";

const MASK: i64 = 0xfffffff;
/** delta = 27742317777372353535851937790883648493, 125 bits. */
const DELTA_0: i64 = 0xcf5d3ed;
const DELTA_1: i64 = 0x12631a5;
const DELTA_2: i64 = 0x79cd658;
const DELTA_3: i64 = 0xf9dea2f;
const DELTA_4: i64 = 0x14de;

/** Ten limbs of a 256-bit integer. */
function readLimbs(limbs: usize, bytes: usize): void {
  for (let i: usize = 0; i < 9; i++) {
    // A limb starts at a byte or in the middle of one.
    const word = <i64>load<u32>(bytes + 7 * (i >>> 1) + 3 * (i & 1));
    store<i64>(limbs + 8 * i, (word >>> (4 * (i & 1))) & MASK);
  }
  store<i64>(limbs, <i64>(load<u8>(bytes, 31) >>> 4), 72);
}

/** Ten limbs, carried, as 32 bytes. */
function writeLimbs(bytes: usize, limbs: usize): void {
  for (let i: usize = 0; i < 8; i += 2) {
    // Two limbs are 56 bits; the eighth byte comes with the next pair.
    store<i64>(bytes + 7 * (i >>> 1), load<i64>(limbs + 8 * i) | (load<i64>(limbs + 8 * i, 8) << 28));
  }
  store<u32>(bytes, <u32>(load<i64>(limbs, 64) | (load<i64>(limbs, 72) << 28)), 28);
}

/** Carries through limbs `from` to `to` - 1, into limb `to`. Signed: what is passed on is rounded down. */
function carry(from: usize, to: usize): void {
  let passed: i64 = 0;
  for (let i = WIDE + 8 * from; i < WIDE + 8 * to; i += 8) {
    passed += load<i64>(i);
    store<i64>(i, passed & MASK);
    passed >>= 28;
  }
  store<i64>(WIDE + 8 * to, load<i64>(WIDE + 8 * to) + passed);
}

/** Folds limbs `from` down to `to` nine limbs lower. */
function fold(from: usize, to: usize): void {
  for (let i = from; i >= to; i--) {
    const limb = load<i64>(WIDE + 8 * i);
    const target = WIDE + 8 * (i - 9);
    store<i64>(target, load<i64>(target) - limb * DELTA_0);
    store<i64>(target, load<i64>(target, 8) - limb * DELTA_1, 8);
    store<i64>(target, load<i64>(target, 16) - limb * DELTA_2, 16);
    store<i64>(target, load<i64>(target, 24) - limb * DELTA_3, 24);
    store<i64>(target, load<i64>(target, 32) - limb * DELTA_4, 32);
    store<i64>(WIDE + 8 * i, 0);
  }
}

/** Limbs 0 to 9 += times · L, with carries into limb 9. */
function addOrder(times: i64): void {
  store<i64>(WIDE, load<i64>(WIDE) + times * DELTA_0);
  store<i64>(WIDE, load<i64>(WIDE, 8) + times * DELTA_1, 8);
  store<i64>(WIDE, load<i64>(WIDE, 16) + times * DELTA_2, 16);
  store<i64>(WIDE, load<i64>(WIDE, 24) + times * DELTA_3, 24);
  store<i64>(WIDE, load<i64>(WIDE, 32) + times * DELTA_4, 32);
  store<i64>(WIDE, load<i64>(WIDE, 72) + times, 72);
  carry(0, 9);
}

/** 1 where limbs 0 to 9, carried, are a negative number, else 0. */
function isNegative(): i64 {
  return <i64>(load<u64>(WIDE, 72) >>> 63);
}

/** Brings limbs 0 to 9, a number of at most 2^267 either way, to 0 .. L - 1. */
function finish(): void {
  carry(0, 9);
  fold(9, 9);
  carry(0, 9);
  // Now above -2^140 and below 2^252 + 2^140.
  addOrder(isNegative());
  addOrder(-1);
  addOrder(isNegative());
}

/** out = a mod L. Both 32 bytes; a is any 256-bit integer. */
export function reduce(out: usize, a: usize): void {
  readLimbs(WIDE, a);
  finish();
  writeLimbs(out, WIDE);
}

/** The product of the two factors into limbs 0 to 18, negated where `sign` is -1. */
function multiplyFactors(sign: i64): void {
  const b0 = load<i64>(FACTOR_2);
  const b1 = load<i64>(FACTOR_2, 8);
  const b2 = load<i64>(FACTOR_2, 16);
  const b3 = load<i64>(FACTOR_2, 24);
  const b4 = load<i64>(FACTOR_2, 32);
  const b5 = load<i64>(FACTOR_2, 40);
  const b6 = load<i64>(FACTOR_2, 48);
  const b7 = load<i64>(FACTOR_2, 56);
  const b8 = load<i64>(FACTOR_2, 64);
  const b9 = load<i64>(FACTOR_2, 72);
  memory.fill(WIDE, 0, 160);
  for (let i: usize = 0; i < 80; i += 8) {
    const a = load<i64>(FACTOR + i) * sign;
    const target = WIDE + i;
    store<i64>(target, load<i64>(target) + a * b0);
    store<i64>(target, load<i64>(target, 8) + a * b1, 8);
    store<i64>(target, load<i64>(target, 16) + a * b2, 16);
    store<i64>(target, load<i64>(target, 24) + a * b3, 24);
    store<i64>(target, load<i64>(target, 32) + a * b4, 32);
    store<i64>(target, load<i64>(target, 40) + a * b5, 40);
    store<i64>(target, load<i64>(target, 48) + a * b6, 48);
    store<i64>(target, load<i64>(target, 56) + a * b7, 56);
    store<i64>(target, load<i64>(target, 64) + a * b8, 64);
    store<i64>(target, a * b9, 72);
  }
}

/**
 * out = r + sign · c · a mod L.
 * @param sign 1 or -1
 * @param r, c, a any 256-bit integers, 32 bytes each
 */
export function multiplyAdd(out: usize, r: usize, sign: i64, c: usize, a: usize): void {
  readLimbs(FACTOR, c);
  readLimbs(FACTOR_2, a);
  multiplyFactors(sign);
  readLimbs(FACTOR, r);
  for (let i: usize = 0; i < 80; i += 8) store<i64>(WIDE + i, load<i64>(WIDE + i) + load<i64>(FACTOR + i));
  // 513 bits with the sign, in limbs 0 to 18. After the first fold 393 are left, after the second 267.
  carry(0, 18);
  fold(18, 14);
  carry(5, 14);
  fold(14, 9);
  finish();
  writeLimbs(out, WIDE);
}

/** 1 where the 256-bit integer is below L, else 0. */
export function isReduced(a: usize): i32 {
  readLimbs(WIDE, a);
  addOrder(-1);
  return <i32>isNegative();
}

/** 1 where all 256 bits are zero, else 0. */
export function isZero(a: usize): i32 {
  const any = load<u64>(a) | load<u64>(a, 8) | load<u64>(a, 16) | load<u64>(a, 24);
  return <i32>(((any | (0 - any)) >>> 63) ^ 1);
}

/**
 * out = (a + 2^260 - 1) / 2 mod L, below 2^254: its bits 0 to 259, with 1 for +1 and 0 for -1, add up to a mod L.
 * @param a any 256-bit integer, 32 bytes
 */
export function toSigns(out: usize, a: usize): void {
  readLimbs(WIDE, a);
  finish();
  // An odd number takes L before it is halved.
  addOrder(load<i64>(WIDE) & 1);
  for (let i = WIDE; i < WIDE + 72; i += 8) store<i64>(i, ((load<i64>(i) >> 1) | (load<i64>(i, 8) << 27)) & MASK);
  store<i64>(WIDE, load<i64>(WIDE, 72) >> 1, 72);
  // (2^260 - 1) / 2 mod L.
  store<i64>(WIDE, load<i64>(WIDE) + 0x390f376);
  store<i64>(WIDE, load<i64>(WIDE, 8) + 0xd7a45eb, 8);
  store<i64>(WIDE, load<i64>(WIDE, 16) + 0xd633f22, 16);
  store<i64>(WIDE, load<i64>(WIDE, 24) + 0x8d9dd5a, 24);
  store<i64>(WIDE, load<i64>(WIDE, 32) + 0xff59af2, 32);
  store<i64>(WIDE, load<i64>(WIDE, 40) + MASK, 40);
  store<i64>(WIDE, load<i64>(WIDE, 48) + MASK, 48);
  store<i64>(WIDE, load<i64>(WIDE, 56) + MASK, 56);
  store<i64>(WIDE, load<i64>(WIDE, 64) + (MASK >> 1), 64);
  carry(0, 9);
  writeLimbs(out, WIDE);
}
