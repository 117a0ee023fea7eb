// HMAC-SHA256 (RFC 2104) from prepared keys: a slot holds the state after the inner and after the outer key block, so that
// a key's two blocks are hashed once (RFC 2104 §4).

import { wipe } from "../bytes.ts";
import { HMAC_SLOT_BYTES, HMAC_SLOTS } from "../memory/hmac.ts";
import { compress, storeDigest } from "./compression.ts";
import { INITIAL_STATE } from "./constants.ts";
import { pad } from "./padding.ts";
import { PADDED, STATE, TAGS, wipeOneLane } from "./scratch.ts";
import { absorbAll, copyState, streamEnd, streamStart } from "./stream.ts";
import { checkTag } from "./tags.ts";

/** The bytes hashed before the message: one block made of the key. */
export const KEY_BLOCK_BYTES: usize = 64;

/** Address of a slot's inner midstate; the outer one stands 32 bytes behind. */
export function slotAt(slot: u32): usize {
  return HMAC_SLOTS + slot * HMAC_SLOT_BYTES;
}

function xorBlock(block: usize, byte: i8): void {
  const mask = i8x16.splat(byte);
  for (let at = block; at < block + 64; at += 16) v128.store(at, v128.xor(v128.load(at), mask));
}

/**
 * Puts a key into a slot and wipes it where it was.
 * @param slot 0 to 1023
 * @param key address of `length` bytes
 * @param length 0 to 64; a longer key is hashed first, by the caller (RFC 2104 §2)
 */
export function keySet(slot: u32, key: usize, length: usize): void {
  const inner = slotAt(slot);
  wipe(PADDED, 64);
  memory.copy(PADDED, key, length);
  wipe(key, length);
  // ipad; then opad, with ipad taken off again.
  xorBlock(PADDED, 0x36);
  copyState(inner, INITIAL_STATE);
  compress(inner, PADDED, 1);
  xorBlock(PADDED, 0x36 ^ 0x5c);
  copyState(inner + 32, INITIAL_STATE);
  compress(inner + 32, PADDED, 1);
  wipeOneLane();
}

/** Wipes a slot. */
export function keyWipe(slot: u32): void {
  wipe(slotAt(slot), HMAC_SLOT_BYTES);
}

/** From the inner hash in STATE to the tag, 32 bytes at `out`. */
function outerHash(slot: u32, out: usize): void {
  storeDigest(STATE, PADDED);
  copyState(STATE, slotAt(slot) + 32);
  compress(STATE, PADDED, pad(PADDED, 32, KEY_BLOCK_BYTES + 32, PADDED));
  storeDigest(STATE, out);
}

/** Writes a message's tag, 32 bytes, to `out`. The caller wipes. */
export function tagOf(slot: u32, message: usize, length: usize, out: usize): void {
  copyState(STATE, slotAt(slot));
  absorbAll(message, length, KEY_BLOCK_BYTES);
  outerHash(slot, out);
}

/** Starts a HMAC stream: its message goes through sha256Update. */
export function hmacStart(slot: u32): void {
  streamStart(slotAt(slot), KEY_BLOCK_BYTES);
}

/** Writes the stream's HMAC, 32 bytes, to `out` and wipes the stream. */
export function hmacFinish(slot: u32, out: usize): void {
  streamEnd();
  outerHash(slot, out);
  wipeOneLane();
}

/**
 * Compares the stream's HMAC with the one at `tag`, in constant time, and wipes the stream.
 * @param encoding one of ENCODING_
 * @returns one of STATUS_
 */
export function hmacCheck(slot: u32, tag: usize, encoding: u32): u32 {
  streamEnd();
  outerHash(slot, TAGS);
  const status = checkTag(TAGS, tag, encoding);
  wipeOneLane();
  return status;
}
