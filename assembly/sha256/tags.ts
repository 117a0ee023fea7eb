// Tags as a job gives or wants them: 32 bytes in one of four encodings. Which one, and whether a tag is well-formed, is
// public; what is in it is not.

import { Base64url, base64urlDecode, Hex, hexDecode, hexEncode } from "../encoding.ts";
import { ENCODING_BASE64URL, ENCODING_HEX_ANY_CASE, ENCODING_RAW } from "../memory/hmac.ts";
import { READ_TAG } from "./scratch.ts";
import { copyState } from "./stream.ts";

const TAG_BYTES: usize = 32;
const HEX_CHARACTERS: usize = 64;
const BASE64URL_CHARACTERS: usize = 43;

/** What differs between the digits of 16 bytes and the 32 characters at `text`; zeros where nothing does. */
function hexDifference(bytes: v128, text: usize, fold: v128): v128 {
  const high = Hex.characters(i8x16.shr_u(bytes, 4));
  const low = Hex.characters(v128.and(bytes, i8x16.splat(15)));
  const first = v128.xor(Hex.firstHalf(high, low), Hex.folded(v128.load(text), fold));
  const second = v128.xor(Hex.secondHalf(high, low), Hex.folded(v128.load(text, 16), fold));
  return v128.or(first, second);
}

/**
 * Compares 32 bytes with 64 hex digits over their whole length, without an early exit.
 * @param anyCase 1 where upper-case digits count too, 0 where not
 * @returns 1 where the digits are those of the bytes, 0 where not
 */
function equalsHex(bytes: usize, text: usize, anyCase: u32): u32 {
  const fold = i8x16.splat(<i8>(anyCase << 5));
  const first = hexDifference(v128.load(bytes), text, fold);
  const second = hexDifference(v128.load(bytes, 16), text + 32, fold);
  return <u32>v128.any_true(v128.or(first, second)) ^ 1;
}

/** What follows the first 16 of the 43 characters of 32 bytes. Of the last sixteen the first five are told twice. */
class Tail {
  @inline static second(bytes: usize): v128 {
    return Base64url.text(v128.load(bytes, 12));
  }

  @inline static last(bytes: usize, second: v128): v128 {
    const zero = i32x4.splat(0);
    const third = Base64url.text(v128.shuffle<u32>(v128.load(bytes, 16), zero, 2, 3, 4, 4));
    return v128.shuffle<u8>(second, third, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26);
  }
}

/** Writes 32 bytes as 43 base64url characters without padding. */
function encodeBase64url(bytes: usize, target: usize): void {
  const second = Tail.second(bytes);
  v128.store(target, Base64url.text(v128.load(bytes)));
  v128.store(target, second, 16);
  v128.store(target, Tail.last(bytes, second), 27);
}

/**
 * Compares 32 bytes with 43 base64url characters over their whole length, without an early exit.
 * @returns 1 where the characters are those of the bytes, in their one canonical spelling, 0 where not
 */
function equalsBase64url(bytes: usize, text: usize): u32 {
  const second = Tail.second(bytes);
  const a = v128.xor(Base64url.text(v128.load(bytes)), v128.load(text));
  const b = v128.xor(second, v128.load(text, 16));
  const c = v128.xor(Tail.last(bytes, second), v128.load(text, 27));
  return <u32>v128.any_true(v128.or(v128.or(a, b), c)) ^ 1;
}

/** 1 where 32 bytes at `tag` are the right ones. */
function equalsRaw(right: usize, tag: usize): u32 {
  const first = v128.xor(v128.load(right), v128.load(tag));
  const second = v128.xor(v128.load(right, 16), v128.load(tag, 16));
  return <u32>v128.any_true(v128.or(first, second)) ^ 1;
}

/** 1 where a tag is well-formed in its encoding, whatever it says. */
function isFormed(tag: usize, encoding: u32): u32 {
  if (encoding === ENCODING_RAW) return 1;
  if (encoding === ENCODING_BASE64URL) return base64urlDecode(tag, BASE64URL_CHARACTERS, READ_TAG) < 0 ? 0 : 1;
  return hexDecode(tag, HEX_CHARACTERS, READ_TAG, encoding === ENCODING_HEX_ANY_CASE ? 1 : 0);
}

/**
 * Compares the tag at `tag` with the right one, without an early exit. The right one is encoded, which is less work than
 * to decode the other; only of a tag that differs, which is told anyway, is the form looked at.
 * @param right 32 bytes
 * @returns one of STATUS_
 */
export function checkTag(right: usize, tag: usize, encoding: u32): u32 {
  let equal: u32;
  if (encoding === ENCODING_RAW) equal = equalsRaw(right, tag);
  else if (encoding === ENCODING_BASE64URL) equal = equalsBase64url(right, tag);
  else equal = equalsHex(right, tag, encoding === ENCODING_HEX_ANY_CASE ? 1 : 0);
  // STATUS_GENUINE 0, STATUS_MISMATCH 1, STATUS_MALFORMED 2.
  return equal ? 0 : 2 - isFormed(tag, encoding);
}

/** Writes a tag of 32 bytes in an encoding. */
export function writeTag(bytes: usize, tag: usize, encoding: u32): void {
  if (encoding === ENCODING_RAW) copyState(tag, bytes);
  else if (encoding === ENCODING_BASE64URL) encodeBase64url(bytes, tag);
  else hexEncode(bytes, TAG_BYTES, tag);
}

/** Copies a tag in base64url, 43 characters. */
export function copyBase64urlTag(source: usize, target: usize): void {
  const last = v128.load(source, 27);
  v128.store(target, v128.load(source));
  v128.store(target, v128.load(source, 16), 16);
  v128.store(target, last, 27);
}
