// Entry of netcode.wasm: its exports, and what each of them reads, writes and wipes. Addresses: memory/netcode.ts. Every
// pointer is a byte address. Between calls secrets lie in NETCODE_SLOTS, NETCODE_AEAD_STATE and NETCODE_KEPT alone.

import * as aead from "./chacha20poly1305/aead.ts";
import { NETCODE_AEAD_STATE, NETCODE_KEY_INPUT } from "./memory/netcode.ts";
import * as slots from "./netcode/slots.ts";
import * as tokens from "./netcode/verify.ts";

/** Prepares a slot from the 32-byte secret at NETCODE_KEY_INPUT, and wipes those bytes. */
export function keySet(slot: usize): void {
  slots.keySet(slot, NETCODE_KEY_INPUT);
}

/**
 * Reads the 64 hex digits of a secret at NETCODE_KEY_INPUT, of either case, and puts its 32 bytes in their place.
 * @returns 1; 0 where one is no digit, and NETCODE_KEY_INPUT is wiped
 */
export function secretFromHex(): i32 {
  return slots.secretFromHex(NETCODE_KEY_INPUT);
}

/** Wipes a slot. */
export function keyWipe(slot: usize): void {
  slots.keyWipe(slot);
}

/**
 * Verifies the requests at NETCODE_REQUESTS, 1078 bytes each, with the slots listed at NETCODE_SLOT_LIST, in the order of
 * checks of STATUS_, against what stands at NETCODE_CHECKS and NETCODE_OWN_ADDRESSES. Writes a STATUS_ code per request to
 * NETCODE_STATUS; of each that is valid or not for this server, a record to NETCODE_KEPT (KEPT_ offsets) and its start to
 * NETCODE_KEPT_STARTS. Requests stay as they are.
 * @param count at most NETCODE_MAX_REQUESTS
 * @param slotCount how many slots are listed
 * @returns the length of all records, in bytes
 */
export function verifyRequests(count: usize, slotCount: usize): usize {
  return tokens.verifyRequests(count, slotCount);
}

/**
 * Seals the private part of the token at NETCODE_TOKEN in place; the rest of it stays as it is.
 * @param prefixBytes what stands before its version: 8 for renet, else 0
 */
export function issue(slot: usize, prefixBytes: usize): void {
  tokens.issue(slot, prefixBytes);
}

/**
 * Starts sealing or checking; what was under way is lost. Reads, and wipes, the 32-byte key at NETCODE_KEY_INPUT and the
 * nonce behind it.
 * @param extended 0: ChaCha20-Poly1305, nonce 12 bytes; otherwise XChaCha20-Poly1305, nonce 24 bytes
 */
export function aeadStart(extended: i32): void {
  aead.aeadStart(NETCODE_AEAD_STATE, NETCODE_KEY_INPUT, extended);
}

/** Takes in associated data, before any text. Every piece but the last is a multiple of 64 bytes. */
export function aeadAssociatedData(pointer: usize, length: usize): void {
  aead.aeadAssociatedData(NETCODE_AEAD_STATE, pointer, length);
}

/** Encrypts text in place. Every piece but the last is a multiple of 64 bytes. */
export function aeadSealUpdate(pointer: usize, length: usize): void {
  aead.aeadSealUpdate(NETCODE_AEAD_STATE, pointer, length);
}

/** Takes in ciphertext to be checked, and leaves it as it is. Every piece but the last is a multiple of 64 bytes. */
export function aeadCheckUpdate(pointer: usize, length: usize): void {
  aead.aeadCheckUpdate(NETCODE_AEAD_STATE, pointer, length);
}

/** Ends sealing: writes the 16-byte tag to `out` and wipes the state. */
export function aeadTag(out: usize): void {
  aead.aeadTag(NETCODE_AEAD_STATE, out);
}

/**
 * Ends checking: compares the 16 bytes at `tag` with those expected, in constant time.
 * @returns 1: genuine, aeadOpenUpdate may follow; 0: not, and the state is wiped
 */
export function aeadCheckTag(tag: usize): i32 {
  return aead.aeadCheckTag(NETCODE_AEAD_STATE, tag);
}

/**
 * Decrypts text in place, from its beginning. Every piece but the last is a multiple of 64 bytes. Changes nothing unless
 * aeadCheckTag has returned 1.
 */
export function aeadOpenUpdate(pointer: usize, length: usize): void {
  aead.aeadOpenUpdate(NETCODE_AEAD_STATE, pointer, length);
}

/** Zeroes NETCODE_AEAD_STATE. */
export function aeadWipe(): void {
  aead.aeadWipe(NETCODE_AEAD_STATE);
}
