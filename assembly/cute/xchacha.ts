// Suite xchacha20poly1305 (Cute Framework before 2021-07): XChaCha20-Poly1305 over 328 bytes, the public section as associated data.
// Scratch: CUTE_SCRATCH_XCHACHA + 0x000 .. 0x8df. A slot holds the 32 key bytes, as HChaCha20 reads them.

import { wipe } from "../bytes.ts";
import {
  chacha20AdvanceCounter,
  chacha20Blocks,
  chacha20BlocksWithPoly1305,
  chacha20FillLanes,
  chacha20InitState,
  xorStream,
} from "../chacha20poly1305/chacha20.ts";
import { hchacha20, hchacha20FromBlock, hchacha20InitState } from "../chacha20poly1305/hchacha20.ts";
import { equalTags, poly1305Blocks, poly1305Finish, poly1305Start } from "../chacha20poly1305/poly1305.ts";
import {
  CUTE_PACKETS,
  CUTE_SCRATCH_XCHACHA,
  CUTE_SECRET_STRIDE,
  CUTE_SECRETS,
  CUTE_STATUS,
  STATUS_NOT_GENUINE,
  STATUS_VALID,
} from "../memory/cute.ts";
import {
  OFFSET_XCHACHA_CIPHERTEXT,
  OFFSET_XCHACHA_NONCE,
  OFFSET_XCHACHA_TAG,
  PACKET_BYTES,
  SECRET_BYTES,
  XCHACHA_NONCE_BYTES,
  XCHACHA_PUBLIC_BYTES,
  XCHACHA_SECRET_BYTES,
} from "./layout.ts";

// Two packets are under way at a time, each in a half of its own: four states of ChaCha20, then blocks 0 to 7 of its key
// stream, of which block 0 is the one-time key and blocks 1 to 6 are the text's.
const FIRST_HALF: usize = CUTE_SCRATCH_XCHACHA;
const SECOND_HALF: usize = CUTE_SCRATCH_XCHACHA + 0x300;
const LAST_STATE: usize = 0xc0;
const STREAM: usize = 0x100;
const TEXT_STREAM: usize = 0x140;
const SECOND_STREAM: usize = 0x200;
const LAST_BLOCK: usize = 0x2c0;
const POLY: usize = CUTE_SCRATCH_XCHACHA + 0x600;
const EXPECTED_TAG: usize = CUTE_SCRATCH_XCHACHA + 0x680;
/** The subkey of the packet after the next. */
const AHEAD: usize = CUTE_SCRATCH_XCHACHA + 0x690;
/** What is authenticated last, end to end: the rest of the public section, the ciphertext padded, the two lengths. */
const TAIL: usize = CUTE_SCRATCH_XCHACHA + 0x700;
const TAIL_BYTES: usize = 480;
const TAIL_PADDING: usize = CUTE_SCRATCH_XCHACHA + 0x8c8;
const TAIL_LENGTHS: usize = CUTE_SCRATCH_XCHACHA + 0x8d0;
const SCRATCH: usize = CUTE_SCRATCH_XCHACHA;
const SCRATCH_BYTES: usize = 0x8e0;

/** How much of the public section is authenticated from where it stands: as much as goes beside the cipher, and the rest. */
const HEAD_BYTES: usize = 528;
const HEAD_BESIDE: usize = 480;
const TAIL_PUBLIC_BYTES: usize = 128;
/** The ciphertext's whole blocks of 16 bytes: 8 bytes are left. */
const WHOLE_BLOCKS: usize = 320;

/** Wipes all scratch of this suite: once per export call, after its last packet. */
export function xchachaWipe(): void {
  wipe(SCRATCH, SCRATCH_BYTES);
}

/**
 * Prepares a slot from the 32 bytes at `key`.
 * @returns 1: every key will do
 */
export function xchachaPrepare(slot: usize, key: usize): i32 {
  memory.copy(slot, key, XCHACHA_SECRET_BYTES);
  return 1;
}

/** Puts the states of blocks 0 to 3 into a half. */
function initCipher(half: usize, subkey: usize, nonce: usize): void {
  v128.store(half, v128.load(subkey), 16);
  v128.store(half, v128.load(subkey, 16), 32);
  chacha20InitState(half, 0, 0, load<u32>(nonce, 16), load<u32>(nonce, 20));
  chacha20FillLanes(half);
}

/** Lays out TAIL, 480 bytes, so that it goes beside the cipher in one piece (RFC 8439 §2.8). All of it is public. */
function layTail(packet: usize): void {
  for (let at: usize = 0; at < TAIL_PUBLIC_BYTES; at += 16) {
    v128.store(TAIL + at, v128.load(packet + HEAD_BYTES + at));
  }
  const ciphertext = packet + OFFSET_XCHACHA_CIPHERTEXT;
  for (let at: usize = 0; at < WHOLE_BLOCKS; at += 16) {
    v128.store(TAIL + TAIL_PUBLIC_BYTES + at, v128.load(ciphertext + at));
  }
  store<u64>(TAIL + TAIL_PUBLIC_BYTES + WHOLE_BLOCKS, load<u64>(ciphertext + WHOLE_BLOCKS));
  store<u64>(TAIL_PADDING, 0);
  store<u64>(TAIL_LENGTHS, XCHACHA_PUBLIC_BYTES);
  store<u64>(TAIL_LENGTHS, SECRET_BYTES, 8);
}

/**
 * Completes a packet whose public section stands there already: nonce, ciphertext, tag.
 * @param secret the 328 bytes of the secret section
 * @param entropy 24 bytes, the nonce
 */
export function xchachaSeal(slot: usize, packet: usize, secret: usize, entropy: usize): void {
  const half = FIRST_HALF;
  memory.copy(packet + OFFSET_XCHACHA_NONCE, entropy, XCHACHA_NONCE_BYTES);
  hchacha20(slot, entropy, AHEAD);
  initCipher(half, AHEAD, entropy);
  chacha20Blocks(half, half + STREAM);
  chacha20AdvanceCounter(half, 4);
  poly1305Start(POLY, half + STREAM);
  chacha20BlocksWithPoly1305(half, half + SECOND_STREAM, POLY, packet);
  xorStream(half + TEXT_STREAM, secret, packet + OFFSET_XCHACHA_CIPHERTEXT, SECRET_BYTES);
  poly1305Blocks(POLY, packet + HEAD_BESIDE, HEAD_BYTES - HEAD_BESIDE);
  layTail(packet);
  poly1305Blocks(POLY, TAIL, TAIL_BYTES);
  poly1305Finish(POLY, packet + OFFSET_XCHACHA_TAG);
}

/** The first packet from `index` on that may be opened and that no slot has opened yet; `count` where there is none. */
function nextUndecided(index: usize, count: usize): usize {
  while (index < count && load<u8>(<usize>CUTE_STATUS + index) !== <u8>STATUS_NOT_GENUINE) index++;
  return index;
}

function packetAt(index: usize): usize {
  return <usize>CUTE_PACKETS + index * PACKET_BYTES;
}

/** Decrypts a packet that was found genuine, and says so. */
function accept(half: usize, index: usize): void {
  const out: usize = <usize>CUTE_SECRETS + index * CUTE_SECRET_STRIDE;
  xorStream(half + TEXT_STREAM, packetAt(index) + OFFSET_XCHACHA_CIPHERTEXT, out, SECRET_BYTES);
  store<u8>(<usize>CUTE_STATUS + index, STATUS_VALID);
}

/** The tag of a packet is complete: compares it. @returns 1 where the packet is genuine, 0 where not */
function isGenuine(index: usize): i32 {
  poly1305Finish(POLY, EXPECTED_TAG);
  return equalTags(EXPECTED_TAG, packetAt(index) + OFFSET_XCHACHA_TAG);
}

/**
 * Tries a slot on every packet whose status is STATUS_NOT_GENUINE. A genuine one's becomes STATUS_VALID, and its secret
 * section goes to CUTE_SECRETS; nothing is decrypted, and nothing written there, unless the tag is genuine.
 *
 * Key stream is made ahead: beside the authenticator of a packet run blocks 4 to 6 of its own with, in the fourth lane,
 * the subkey of the packet after the next; then blocks 0 to 3 of the next one. A forged packet's key stream is not used.
 */
export function xchachaOpen(slot: usize, count: usize): void {
  let index = nextUndecided(0, count);
  if (index === count) return;
  let half = FIRST_HALF;
  hchacha20(slot, packetAt(index) + OFFSET_XCHACHA_NONCE, AHEAD);
  initCipher(half, AHEAD, packetAt(index) + OFFSET_XCHACHA_NONCE);
  chacha20Blocks(half, half + STREAM);
  let next = nextUndecided(index + 1, count);
  if (next < count) hchacha20(slot, packetAt(next) + OFFSET_XCHACHA_NONCE, AHEAD);
  while (next < count) {
    const packet = packetAt(index);
    const otherHalf = half ^ FIRST_HALF ^ SECOND_HALF;
    const afterNext = nextUndecided(next + 1, count);
    poly1305Start(POLY, half + STREAM);
    initCipher(otherHalf, AHEAD, packetAt(next) + OFFSET_XCHACHA_NONCE);
    layTail(packet);
    chacha20AdvanceCounter(half, 4);
    if (afterNext < count) hchacha20InitState(half + LAST_STATE, slot, packetAt(afterNext) + OFFSET_XCHACHA_NONCE);
    chacha20BlocksWithPoly1305(half, half + SECOND_STREAM, POLY, packet);
    if (afterNext < count) hchacha20FromBlock(half + LAST_STATE, half + LAST_BLOCK, AHEAD);
    poly1305Blocks(POLY, packet + HEAD_BESIDE, HEAD_BYTES - HEAD_BESIDE);
    chacha20BlocksWithPoly1305(otherHalf, otherHalf + STREAM, POLY, TAIL);
    // The verdict is no secret.
    if (isGenuine(index) !== 0) accept(half, index);
    half = otherHalf;
    index = next;
    next = afterNext;
  }
  // The last one, and with it a packet that comes alone: its text's key stream is worth making once it is found genuine.
  poly1305Start(POLY, half + STREAM);
  poly1305Blocks(POLY, packetAt(index), HEAD_BYTES);
  layTail(packetAt(index));
  poly1305Blocks(POLY, TAIL, TAIL_BYTES);
  if (isGenuine(index) === 0) return;
  chacha20AdvanceCounter(half, 4);
  chacha20Blocks(half, half + SECOND_STREAM);
  accept(half, index);
}
