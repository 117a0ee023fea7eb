// Tags as a job gives or wants them: 32 bytes in one of four encodings. Which one, and whether a tag is well-formed, is
// public; what is in it is not.

import { base64urlDecode, base64urlEncode, hexDecode, hexEncode } from "../encoding.ts";
import { ENCODING_BASE64URL, ENCODING_HEX_ANY_CASE, ENCODING_RAW } from "../memory.ts";
import { READ_TAG } from "./scratch.ts";
import { copyState } from "./stream.ts";

const TAG_BYTES: usize = 32;
const HEX_CHARACTERS: usize = 64;
const BASE64URL_CHARACTERS: usize = 43;

/** Reads a tag into READ_TAG. Returns 1, or 0 where it is malformed. */
function readTag(tag: usize, encoding: u32): u32 {
  if (encoding === ENCODING_RAW) {
    copyState(READ_TAG, tag);
    return 1;
  }
  if (encoding === ENCODING_BASE64URL) {
    return base64urlDecode(tag, BASE64URL_CHARACTERS, READ_TAG) < 0 ? 0 : 1;
  }
  return hexDecode(tag, HEX_CHARACTERS, READ_TAG, encoding === ENCODING_HEX_ANY_CASE ? 1 : 0);
}

/**
 * Compares the tag at `tag` with the right one, without an early exit.
 * @param right 32 bytes
 * @returns one of STATUS_
 */
export function checkTag(right: usize, tag: usize, encoding: u32): u32 {
  const wellFormed = readTag(tag, encoding);
  const first = v128.xor(v128.load(right), v128.load(READ_TAG));
  const second = v128.xor(v128.load(right, 16), v128.load(READ_TAG, 16));
  const different = <u32>v128.any_true(v128.or(first, second));
  // STATUS_GENUINE 0, STATUS_MISMATCH 1; STATUS_MALFORMED 2 whatever the comparison says.
  return (different & wellFormed) | ((wellFormed ^ 1) << 1);
}

/** Writes a tag of 32 bytes in an encoding. */
export function writeTag(bytes: usize, tag: usize, encoding: u32): void {
  if (encoding === ENCODING_RAW) copyState(tag, bytes);
  else if (encoding === ENCODING_BASE64URL) base64urlEncode(bytes, TAG_BYTES, tag);
  else hexEncode(bytes, TAG_BYTES, tag);
}
