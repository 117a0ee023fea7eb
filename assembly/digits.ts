// Decimal digits and what stands before them, in bytes that were authenticated: nothing here is secret.

import { HMAC_ARENA, HMAC_NUMBERS, HMAC_STARTS, HMAC_STATUS, STATUS_GENUINE } from "./memory/hmac.ts";

/** What is no number of ten digits below it: also one that does not fit. */
const NO_NUMBER: u32 = 0xffff_ffff;
const STARTS: usize = HMAC_STARTS;
const STATUS: usize = HMAC_STATUS;
const NUMBERS: usize = HMAC_NUMBERS;

/** Value of the ten digits in the first lanes; more than 32 bits where it must be refused. */
function decimalValue(characters: v128): u64 {
  const digits = i8x16.sub(characters, i8x16.splat(0x30));
  const others = i8x16(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, -1, -1, -1, -1);
  const known = v128.or(i8x16.lt_u(digits, i8x16.splat(10)), others);
  // Tens and ones to pairs, pairs to fours; the last pair stays alone.
  const tens = i8x16(10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 0, 0, 0, 0, 0, 0);
  const low = i32x4.extadd_pairwise_i16x8_u(i16x8.extmul_low_i8x16_u(digits, tens));
  const high = i32x4.extadd_pairwise_i16x8_u(i16x8.extmul_high_i8x16_u(digits, tens));
  const pairs = i16x8.narrow_i32x4_u(low, high);
  const fours = i32x4.dot_i16x8_s(pairs, i16x8(100, 1, 100, 1, 1, 0, 0, 0));
  const value =
    <u64>i32x4.extract_lane(fours, 0) * 1_000_000 +
    <u64>i32x4.extract_lane(fours, 1) * 100 +
    <u64>i32x4.extract_lane(fours, 2);
  return i8x16.all_true(known) ? value : u64.MAX_VALUE;
}

/** Value of ten ASCII digits; NO_NUMBER where one is no digit, or where the value is that or more. Reads 16 bytes. */
function tenDigits(source: usize): u32 {
  return <u32>min(decimalValue(v128.load(source)), <u64>NO_NUMBER);
}

/**
 * Puts in the place of each offset into the arena at HMAC_NUMBERS the number there: the value of ten ASCII digits, or
 * 0xffffffff where one of them is no digit, or where the value is that or more.
 * @param count 0 to HMAC_MAX_TEXTS
 */
export function numbersAt(count: usize): void {
  for (let at = NUMBERS; at < NUMBERS + (count << 2); at += 4)
    store<u32>(at, tenDigits(<usize>HMAC_ARENA + load<u32>(at)));
}

/** Whether `length` bytes at two places are the same. */
function isSame(a: usize, b: usize, length: usize): bool {
  for (; length >= 8; length -= 8) {
    if (load<u64>(a) !== load<u64>(b)) return false;
    a += 8;
    b += 8;
  }
  for (; length > 0; length--) if (load<u8>(a++) !== load<u8>(b++)) return false;
  return true;
}

/** Whether `byte` stands nowhere from `from` to `to`. Up to 15 bytes behind are read. */
function isAbsent(byte: u8, from: usize, to: usize): bool {
  const pattern = i8x16.splat(byte);
  for (; from + 16 <= to; from += 16) if (v128.any_true(i8x16.eq(v128.load(from), pattern))) return false;
  const rest = <i32>(to - from);
  const mask = (1 << rest) - 1;
  return (i8x16.bitmask(i8x16.eq(v128.load(from), pattern)) & mask) === 0;
}

/**
 * Reads a number from each genuine text at HMAC_STARTS to HMAC_NUMBERS, as {@link numbersAt} does: right behind `field`,
 * whose first byte must stand nowhere before it. 0xffffffff where a text is not like that, or not genuine: whoever holds
 * no token learns nothing of the field.
 * @param count 0 to HMAC_MAX_TEXTS; as many bytes of STATUS_ stand at HMAC_STATUS
 * @param behind how many bytes of each text follow the digits, 6 or more
 * @param length of the field, 1 or more
 */
export function numbersBehind(count: usize, behind: usize, field: usize, length: usize): void {
  const first = load<u8>(field);
  for (let i: usize = 0; i < count; i++) {
    const starts = STARTS + (i << 2);
    const start = <usize>HMAC_ARENA + load<u32>(starts);
    const digits = <usize>HMAC_ARENA + load<u32>(starts, 4) - behind - 10;
    const at = digits - length;
    const genuine = load<u8>(STATUS + i) === STATUS_GENUINE;
    const found = genuine && at >= start && isSame(at, field, length) && isAbsent(first, start, at);
    store<u32>(NUMBERS + (i << 2), found ? tenDigits(digits) : NO_NUMBER);
  }
}
