// Entry of cute.wasm: its exports, and what each of them reads, writes and wipes. Addresses and codes: memory/cute.ts. Every
// pointer is a byte address. Nothing secret stays outside CUTE_SLOTS, CUTE_TOKEN, CUTE_SECRETS and CUTE_SESSION.

import { wipe } from "./bytes.ts";
import * as gather from "./cute/gather.ts";
import { hydrogenKeyPair, hydrogenVerifySignature } from "./cute/hydrogen.ts";
import { HYDROGEN_SECRET_BYTES, KEY_BYTES } from "./cute/layout.ts";
import * as packet from "./cute/packet.ts";
import * as session from "./cute/session.ts";
import { hexInPlace } from "./encoding.ts";
import { CUTE_KEY_INPUT, CUTE_PACKETS, CUTE_TOKEN } from "./memory/cute.ts";

/**
 * Prepares a slot from the secret at `key` (hydrogen: 64 bytes, a ‖ A; xchacha20poly1305: 32), and wipes those bytes.
 * @param suite SUITE_
 * @returns 1; 0 where a hydrogen secret's second half is not x(a·B), or there is no such suite
 */
export function keySet(slot: usize, suite: i32, key: usize): i32 {
  return packet.keySet(slot, suite, key);
}

/**
 * Reads the hex digits of a secret at CUTE_KEY_INPUT, of either case, and puts its bytes in their place, in constant time.
 * @param length 128 digits (hydrogen) or 64
 * @returns 1; 0 where one is no digit, and all is wiped
 */
export function secretFromHex(length: usize): i32 {
  return hexInPlace(CUTE_KEY_INPUT, length);
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
 * Verifies the packets at CUTE_PACKETS, 1024 bytes each, with the slots listed at CUTE_SLOT_LIST and held to what stands at
 * CUTE_CHECKS, in the order of the STATUS_ codes. Writes such a code per packet to CUTE_STATUS, to CUTE_OPENED_BY which of
 * the slots opened a valid one, and to CUTE_SECRETS, CUTE_SECRET_STRIDE apart, the 328 bytes of a valid packet's secret
 * section, 328 zeros for every other. Packets stay as they are.
 * @param count at most CUTE_MAX_PACKETS
 * @param strict hydrogen: 1 accepts the signer's form of a signature only; without meaning to xchacha20poly1305
 * @param slotCount how many slots are listed
 */
export function verifyPackets(count: usize, suite: i32, strict: i32, slotCount: usize): void {
  packet.verifyPackets(count, suite, strict, slotCount);
}

/**
 * Moves what is kept of the valid packets of the last call of verifyPackets to CUTE_KEPT, record after record (KEPT_
 * offsets), notes in CUTE_KEPT_STARTS where each begins, and wipes their secret sections.
 * @param count that call's, at most CUTE_MAX_PACKETS
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

/** Prepares the session key of 32 bytes at CUTE_KEY_INPUT, which are wiped, and writes 128 bytes to CUTE_TOKEN. */
export function sessionPrepare(): void {
  session.sessionPrepare();
}

/**
 * Seals session packets: the jobs at CUTE_SESSION (OFFSET_JOB_ of cute/session-layout.ts). Type, sequence and zeros stand
 * in the datagram already, the rest is written behind them. Keys, random bytes and plaintexts are wiped.
 * @param count at most SESSION_MAX_JOBS
 */
export function sessionSeal(count: usize): void {
  session.sessionSeal(count);
}

/**
 * Opens session packets: the jobs at CUTE_SESSION. Writes to each its plaintext, zeros unless it is genuine, and whether
 * it is in place of its length. Keys are wiped; plaintexts are the caller's to wipe.
 * @param count at most SESSION_MAX_JOBS
 */
export function sessionOpen(count: usize): void {
  session.sessionOpen(count);
}
