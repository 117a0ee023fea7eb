// Entry of netcode.wasm: its exports, and what each of them reads, writes and wipes. Addresses: memory/netcode.ts. Every
// pointer is a byte address. Between calls a secret lies in NETCODE_AEAD_STATE alone.

import * as aead from "./chacha20poly1305/aead.ts";
import { NETCODE_AEAD_STATE, NETCODE_KEY_INPUT } from "./memory/netcode.ts";

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
