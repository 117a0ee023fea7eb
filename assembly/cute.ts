// Entry of cute.wasm: its exports, and what each of them reads, writes and wipes. Addresses and codes: memory.ts. Every
// pointer is a byte address. Nothing secret stays outside CUTE_SLOTS, CUTE_TOKEN, CUTE_SECRETS and CUTE_AEAD_STATE.

import { wipe } from "./bytes.ts";
import * as aead from "./chacha20poly1305/aead.ts";
import * as gather from "./cute/gather.ts";
import { hydrogenKeyPair, hydrogenVerifySignature } from "./cute/hydrogen.ts";
import { HYDROGEN_SECRET_BYTES, KEY_BYTES } from "./cute/layout.ts";
import * as packet from "./cute/packet.ts";
import { CUTE_KEY_INPUT, CUTE_PACKETS, CUTE_TOKEN } from "./memory.ts";

/**
 * Prepares a slot from the secret at `key` (hydrogen: 64 bytes, a ‖ A; xchacha20poly1305: 32), and wipes those bytes.
 * @param suite SUITE_
 * @returns 1; 0 where a hydrogen secret's second half is not x(a·B), or there is no such suite
 */
export function keySet(slot: usize, suite: i32, key: usize): i32 {
  return packet.keySet(slot, suite, key);
}

/** Wipes a slot. */
export function keyWipe(slot: usize): void {
  packet.keyWipe(slot);
}

/**
 * Writes the 1114 bytes of a connect token to CUTE_TOKEN from the request at CUTE_REQUEST (REQUEST_ offsets), which is
 * wiped. The request is taken as it is: its ranges are the caller's to check.
 * @param slot prepared for this suite
 */
export function issue(slot: usize, suite: i32): void {
  packet.issue(slot, suite);
}

/**
 * Verifies the packets at CUTE_PACKETS, 1024 bytes each, with the slots listed at CUTE_SLOT_LIST, in the order of checks
 * of PACKET_. Writes a PACKET_ code per packet to CUTE_STATUS, and to CUTE_SECRETS, CUTE_SECRET_STRIDE apart, the
 * 328 bytes of a valid packet's secret section, 328 zeros for every other. Packets stay as they are.
 * @param count at most CUTE_MAX_PACKETS
 * @param strict hydrogen: 1 accepts the signer's form of a signature only; without meaning to xchacha20poly1305
 * @param slotCount how many slots are listed
 * @param now Unix seconds
 */
export function verifyPackets(
  count: usize,
  suite: i32,
  strict: i32,
  slotCount: usize,
  applicationId: u64,
  now: u64,
): void {
  packet.verifyPackets(count, suite, strict, slotCount, applicationId, now);
}

/**
 * Moves what is kept of the valid packets of the last call of verifyPackets to CUTE_KEPT, record after record (KEPT_
 * offsets), notes in CUTE_KEPT_STARTS where each begins, and wipes their secret sections.
 * @param count that call's, at most CUTE_MAX_GATHERED
 * @returns the length of all records, in bytes
 */
export function gatherValid(count: usize, suite: i32): usize {
  return gather.gatherValid(count, suite);
}

/**
 * Makes a signing secret from the 32 bytes at CUTE_KEY_INPUT, which are wiped, and writes its 64 bytes, a ‖ A, to
 * CUTE_TOKEN.
 * @param seeded 0: the bytes are a itself; otherwise the seed that native code draws a from
 */
export function signingKeyPair(seeded: i32): void {
  wipe(CUTE_TOKEN, HYDROGEN_SECRET_BYTES);
  hydrogenKeyPair(CUTE_KEY_INPUT, seeded, CUTE_TOKEN);
  wipe(CUTE_KEY_INPUT, KEY_BYTES);
}

/**
 * What native code says of the signature of the first packet at CUTE_PACKETS.
 * @param publicKey 32 bytes
 * @returns 1 where it is the key's, 0 where not, 2 where the key is of small order
 */
export function verifySignature(publicKey: usize): i32 {
  return hydrogenVerifySignature(CUTE_PACKETS, publicKey);
}

/**
 * Starts sealing or checking; what was under way is lost. Reads, and wipes, the 32-byte key at CUTE_KEY_INPUT and the
 * nonce behind it.
 * @param extended 0: ChaCha20-Poly1305, nonce 12 bytes; otherwise XChaCha20-Poly1305, nonce 24 bytes
 */
export function aeadStart(extended: i32): void {
  aead.aeadStart(extended);
}

/** Takes in associated data, before any text. Every piece but the last is a multiple of 64 bytes. */
export function aeadAssociatedData(pointer: usize, length: usize): void {
  aead.aeadAssociatedData(pointer, length);
}

/** Encrypts text in place. Every piece but the last is a multiple of 64 bytes. */
export function aeadSealUpdate(pointer: usize, length: usize): void {
  aead.aeadSealUpdate(pointer, length);
}

/** Takes in ciphertext to be checked, and leaves it as it is. Every piece but the last is a multiple of 64 bytes. */
export function aeadCheckUpdate(pointer: usize, length: usize): void {
  aead.aeadCheckUpdate(pointer, length);
}

/** Ends sealing: writes the 16-byte tag to `out` and wipes the state. */
export function aeadTag(out: usize): void {
  aead.aeadTag(out);
}

/**
 * Ends checking: compares the 16 bytes at `tag` with those expected, in constant time.
 * @returns 1: genuine, aeadOpenUpdate may follow; 0: not, and the state is wiped
 */
export function aeadCheckTag(tag: usize): i32 {
  return aead.aeadCheckTag(tag);
}

/**
 * Decrypts text in place, from its beginning. Every piece but the last is a multiple of 64 bytes. Changes nothing unless
 * aeadCheckTag has returned 1.
 */
export function aeadOpenUpdate(pointer: usize, length: usize): void {
  aead.aeadOpenUpdate(pointer, length);
}

/** Zeroes CUTE_AEAD_STATE. */
export function aeadWipe(): void {
  aead.aeadWipe();
}
