// hex and base64url (RFC 4648 §5, §8) on whole vectors, in constant time: characters are classified by comparing lanes,
// without tables or branches; only lengths and the final verdict steer. A short last piece goes through PIECE.

import { wipe } from "./bytes.ts";
import { PIECE } from "./sha256/scratch.ts";

/** Where in PIECE a short piece's result goes. */
const PIECE_RESULT: usize = PIECE + 32;

/** What hex does to a vector. */
export class Hex {
  @inline static isDigit(characters: v128): v128 {
    return i8x16.lt_u(i8x16.sub(characters, i8x16.splat(0x30)), i8x16.splat(10));
  }

  @inline static isLetter(characters: v128, fold: v128): v128 {
    return i8x16.lt_u(i8x16.sub(v128.or(characters, fold), i8x16.splat(0x61)), i8x16.splat(6));
  }

  /** All ones in the lanes of digits. `fold` is 0x20 in every lane where upper case counts too, else 0. */
  @inline static known(characters: v128, fold: v128): v128 {
    return v128.or(Hex.isDigit(characters), Hex.isLetter(characters, fold));
  }

  /** Sixteen digits to eight bytes, each in a lane of 16 bits. */
  @inline static bytes(characters: v128, fold: v128): v128 {
    const digits = v128.and(i8x16.sub(characters, i8x16.splat(0x30)), Hex.isDigit(characters));
    const letters = i8x16.sub(v128.or(characters, fold), i8x16.splat(0x61 - 10));
    const nibbles = v128.or(digits, v128.and(letters, Hex.isLetter(characters, fold)));
    return v128.and(v128.or(i16x8.shl(nibbles, 4), i16x8.shr_u(nibbles, 8)), i16x8.splat(0xff));
  }

  /** Values 0 to 15 to lower-case digits. */
  @inline static characters(nibbles: v128): v128 {
    const letters = v128.and(i8x16.gt_s(nibbles, i8x16.splat(9)), i8x16.splat(0x61 - 0x3a));
    return i8x16.add(i8x16.add(nibbles, i8x16.splat(0x30)), letters);
  }

  /** The digits of the first eight bytes, from those of their upper and lower halves. */
  @inline static firstHalf(high: v128, low: v128): v128 {
    return v128.shuffle<u8>(high, low, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  }

  /** The digits of the last eight bytes. */
  @inline static secondHalf(high: v128, low: v128): v128 {
    return v128.shuffle<u8>(high, low, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
  }

  /** The characters A to F in lower case where `fold` is 0x20, everything else as it is. */
  @inline static folded(characters: v128, fold: v128): v128 {
    const upper = i8x16.lt_u(i8x16.sub(characters, i8x16.splat(0x41)), i8x16.splat(6));
    return v128.or(characters, v128.and(upper, fold));
  }
}

/** 32 digits to 16 bytes at `target`; all ones where a character was a digit, folded to 16 lanes. */
function hexDecodeVector(source: usize, target: usize, fold: v128): v128 {
  const first = v128.load(source);
  const second = v128.load(source, 16);
  v128.store(target, i8x16.narrow_i16x8_u(Hex.bytes(first, fold), Hex.bytes(second, fold)));
  return v128.and(Hex.known(first, fold), Hex.known(second, fold));
}

/**
 * Reads hex digits.
 * @param length how many digits; an odd number is refused
 * @param target where to write length / 2 bytes; zeros where the text is refused. Must not overlap the source.
 * @param anyCase 1 where upper-case digits count too, 0 where not
 * @returns 1, or 0 for anything but hex
 */
export function hexDecode(source: usize, length: usize, target: usize, anyCase: u32): u32 {
  if (length & 1) return 0;
  const fold = i8x16.splat(<i8>(anyCase << 5));
  let known = i8x16.splat(-1);
  let rest = length;
  let out = target;
  for (; rest >= 32; rest -= 32) {
    known = v128.and(known, hexDecodeVector(source, out, fold));
    source += 32;
    out += 16;
  }
  if (rest > 0) {
    v128.store(PIECE, i8x16.splat(0x30));
    v128.store(PIECE, i8x16.splat(0x30), 16);
    memory.copy(PIECE, source, rest);
    known = v128.and(known, hexDecodeVector(PIECE, PIECE_RESULT, fold));
    memory.copy(out, PIECE_RESULT, rest >>> 1);
    wipe(PIECE, 64);
  }
  const wellFormed = <u32>i8x16.all_true(known);
  if (wellFormed === 0) wipe(target, length >>> 1);
  return wellFormed;
}

/**
 * Reads hex digits of either case and puts the bytes they stand for in their place; wipes what is left of the digits.
 * @param length how many digits, a multiple of 32
 * @returns 1; 0 where one is no digit, and all is wiped
 */
export function hexInPlace(digits: usize, length: usize): i32 {
  const fold = i8x16.splat(0x20);
  let known = i8x16.splat(-1);
  for (let at: usize = 0; at < length; at += 32) {
    known = v128.and(known, hexDecodeVector(digits + at, digits + (at >>> 1), fold));
  }
  wipe(digits + (length >>> 1), length >>> 1);
  const wellFormed = i8x16.all_true(known);
  if (!wellFormed) wipe(digits, length >>> 1);
  return i32(wellFormed);
}

/** 16 bytes to 32 digits. */
function hexEncodeVector(source: usize, target: usize): void {
  const bytes = v128.load(source);
  const high = Hex.characters(i8x16.shr_u(bytes, 4));
  const low = Hex.characters(v128.and(bytes, i8x16.splat(15)));
  v128.store(target, Hex.firstHalf(high, low));
  v128.store(target, Hex.secondHalf(high, low), 16);
}

/** Writes `length` bytes as lower-case hex, 2 × length characters, to `target`, which must not overlap the source. */
export function hexEncode(source: usize, length: usize, target: usize): void {
  for (; length >= 16; length -= 16) {
    hexEncodeVector(source, target);
    source += 16;
    target += 32;
  }
  if (length === 0) return;
  memory.copy(PIECE, source, length);
  hexEncodeVector(PIECE, PIECE_RESULT);
  memory.copy(target, PIECE_RESULT, length << 1);
  wipe(PIECE, 64);
}

/** What base64url does to a vector. */
export class Base64url {
  @inline static isUpper(characters: v128): v128 {
    return i8x16.lt_u(i8x16.sub(characters, i8x16.splat(0x41)), i8x16.splat(26));
  }

  @inline static isLower(characters: v128): v128 {
    return i8x16.lt_u(i8x16.sub(characters, i8x16.splat(0x61)), i8x16.splat(26));
  }

  @inline static isDigit(characters: v128): v128 {
    return i8x16.lt_u(i8x16.sub(characters, i8x16.splat(0x30)), i8x16.splat(10));
  }

  @inline static isMinus(characters: v128): v128 {
    return i8x16.eq(characters, i8x16.splat(0x2d));
  }

  @inline static isUnderscore(characters: v128): v128 {
    return i8x16.eq(characters, i8x16.splat(0x5f));
  }

  /** All ones in the lanes of characters that are of the alphabet. */
  @inline static known(characters: v128): v128 {
    const letters = v128.or(Base64url.isUpper(characters), Base64url.isLower(characters));
    const others = v128.or(Base64url.isMinus(characters), Base64url.isUnderscore(characters));
    return v128.or(v128.or(letters, others), Base64url.isDigit(characters));
  }

  /** Characters to their values, 0 to 63. */
  @inline static values(characters: v128): v128 {
    const upper = v128.and(i8x16.sub(characters, i8x16.splat(0x41)), Base64url.isUpper(characters));
    const lower = v128.and(i8x16.sub(characters, i8x16.splat(0x61 - 26)), Base64url.isLower(characters));
    const digits = v128.and(i8x16.add(characters, i8x16.splat(52 - 0x30)), Base64url.isDigit(characters));
    const minus = v128.and(i8x16.splat(62), Base64url.isMinus(characters));
    const underscore = v128.and(i8x16.splat(63), Base64url.isUnderscore(characters));
    return v128.or(v128.or(v128.or(upper, lower), v128.or(minus, underscore)), digits);
  }

  /** Values 0 to 63 to characters: each threshold passed corrects the distance between value and character. */
  @inline static characters(values: v128): v128 {
    const lower = v128.and(i8x16.gt_s(values, i8x16.splat(25)), i8x16.splat(0x61 - 26 - 0x41));
    const digit = v128.and(i8x16.gt_s(values, i8x16.splat(51)), i8x16.splat(0x30 - 52 - (0x61 - 26)));
    const minus = v128.and(i8x16.gt_s(values, i8x16.splat(61)), i8x16.splat(0x2d - 62 - (0x30 - 52)));
    const underscore = v128.and(i8x16.eq(values, i8x16.splat(63)), i8x16.splat(0x5f - 63 - (0x2d - 62)));
    const distance = i8x16.add(i8x16.add(lower, digit), i8x16.add(minus, underscore));
    return i8x16.add(i8x16.add(values, i8x16.splat(0x41)), distance);
  }

  /** Twelve bytes, the first of `bytes`, to sixteen characters. */
  static text(bytes: v128): v128 {
    const groups = i8x16.swizzle(bytes, i8x16(2, 1, 0, -1, 5, 4, 3, -1, 8, 7, 6, -1, 11, 10, 9, -1));
    const first = i32x4.shr_u(groups, 18);
    const second = v128.and(i32x4.shr_u(groups, 4), i32x4.splat(0x3f00));
    const third = v128.and(i32x4.shl(groups, 10), i32x4.splat(0x3f0000));
    const fourth = v128.and(i32x4.shl(groups, 24), i32x4.splat(0x3f000000));
    return Base64url.characters(v128.or(v128.or(first, second), v128.or(third, fourth)));
  }
}

/** Sixteen characters to twelve bytes, zeros behind them. */
function base64urlBytes(characters: v128): v128 {
  const values = Base64url.values(characters);
  // Per group of four, the lane's lowest byte is the first character, which holds the highest bits.
  const first = i32x4.shl(v128.and(values, i32x4.splat(0x3f)), 18);
  const second = i32x4.shl(v128.and(values, i32x4.splat(0x3f00)), 4);
  const third = v128.and(i32x4.shr_u(values, 10), i32x4.splat(0xfc0));
  const groups = v128.or(v128.or(first, second), v128.or(third, i32x4.shr_u(values, 24)));
  return i8x16.swizzle(groups, i8x16(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1));
}

/**
 * Reads canonical base64url: no padding, no other character, spare bits zero.
 * @param length how many characters
 * @param target where to write the bytes, length × 3/4; zeros where the text is refused. May be `source`, but not
 *   overlap it otherwise.
 * @returns how many bytes, or -1 for any other spelling
 */
export function base64urlDecode(source: usize, length: usize, target: usize): i32 {
  if ((length & 3) === 1) return -1;
  let known = i8x16.splat(-1);
  let spare: u32 = 0;
  let rest = length;
  let out = target;
  for (; rest >= 16; rest -= 16) {
    const characters = v128.load(source);
    const bytes = base64urlBytes(characters);
    known = v128.and(known, Base64url.known(characters));
    v128.store64_lane(out, bytes, 0);
    v128.store32_lane(out, bytes, 2, 8);
    source += 16;
    out += 12;
  }
  if (rest > 0) {
    // Filled up with "A", whose bits are zero: the spare bits are then the byte behind the last one.
    v128.store(PIECE, i8x16.splat(0x41));
    memory.copy(PIECE, source, rest);
    const characters = v128.load(PIECE);
    const bytes = (rest * 3) >>> 2;
    known = v128.and(known, Base64url.known(characters));
    v128.store(PIECE_RESULT, base64urlBytes(characters));
    memory.copy(out, PIECE_RESULT, bytes);
    out += bytes;
    spare = load<u8>(PIECE_RESULT + bytes);
    wipe(PIECE, 64);
  }
  const bytes = out - target;
  // 0 becomes 1, 1..255 become 0, without a branch.
  const wellFormed = <u32>i8x16.all_true(known) & ((spare - 1) >>> 31);
  if (wellFormed === 0) wipe(target, bytes);
  return <i32>bytes | -(<i32>wellFormed ^ 1);
}

/**
 * Writes `length` bytes as base64url without padding to `target`, which must not overlap the source.
 * @returns how many characters: ⌈length × 4/3⌉
 */
export function base64urlEncode(source: usize, length: usize, target: usize): usize {
  const start = target;
  // A load takes 16 bytes, of which 12 are used.
  for (; length >= 16; length -= 12) {
    v128.store(target, Base64url.text(v128.load(source)));
    source += 12;
    target += 16;
  }
  if (length === 0) return target - start;
  while (length > 0) {
    const taken = min(length, 12);
    // ⌈taken × 4/3⌉ for 1 to 12.
    const characters = ((taken * 4 + 2) * 43691) >>> 17;
    v128.store(PIECE, i64x2.splat(0));
    memory.copy(PIECE, source, taken);
    v128.store(PIECE_RESULT, Base64url.text(v128.load(PIECE)));
    memory.copy(target, PIECE_RESULT, characters);
    source += taken;
    length -= taken;
    target += characters;
  }
  wipe(PIECE, 64);
  return target - start;
}

/**
 * Whether bytes are printable ASCII, 0x20 to 0x7e, all of them: text in which a byte is a character and none controls.
 * @returns 1 or 0; 1 for no bytes
 */
export function isPlainText(source: usize, length: usize): u32 {
  const space = i8x16.splat(0x20);
  const printable = i8x16.splat(0x5f);
  let plain = i8x16.splat(-1);
  let rest = length;
  for (; rest >= 16; rest -= 16) {
    plain = v128.and(plain, i8x16.lt_u(i8x16.sub(v128.load(source), space), printable));
    source += 16;
  }
  let odd: u32 = 0;
  for (; rest > 0; rest--) odd |= <u8>(load<u8>(source++) - 0x20) >= 0x5f ? 1 : 0;
  return <u32>i8x16.all_true(plain) & (odd ^ 1);
}
