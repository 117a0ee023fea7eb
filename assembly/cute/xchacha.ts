// Suite xchacha20poly1305 (Cute Framework before 2021-07): XChaCha20-Poly1305 over 328 bytes, the public section as associated data.
// Scratch: CUTE_SCRATCH + 0x5000 .. 0x53ff. A slot holds the 32 key bytes, as HChaCha20 reads them.

import { wipe } from "../bytes.ts";
import {
  chacha20Blocks,
  chacha20Frame,
  chacha20Skip,
  chacha20Spread,
  xorStream,
} from "../chacha20poly1305/chacha20.ts";
import { hchacha20, hchacha20Frame, hchacha20FromBlock } from "../chacha20poly1305/hchacha20.ts";
import { equalTags, poly1305Blocks, poly1305Finish, poly1305Start } from "../chacha20poly1305/poly1305.ts";
import {
  SECRET_BYTES,
  XCHACHA_CIPHERTEXT,
  XCHACHA_NONCE,
  XCHACHA_NONCE_BYTES,
  XCHACHA_PUBLIC_BYTES,
  XCHACHA_SECRET_BYTES,
  XCHACHA_TAG,
} from "./layout.ts";

/** Four states of ChaCha20. */
const STATES: usize = 0x6000;
const LAST_STATE: usize = 0x60c0;
/** Blocks 0 to 7 of the key stream: the one-time key is block 0, the text takes blocks 1 to 6. */
const STREAM: usize = 0x6100;
const TEXT_STREAM: usize = 0x6140;
const SECOND_STREAM: usize = 0x6200;
const LAST_BLOCK: usize = 0x62c0;
const POLY: usize = 0x6300;
/** The last, padded block of ciphertext, then the block of lengths. */
const CLOSING_BLOCKS: usize = 0x6380;
const EXPECTED_TAG: usize = 0x63a0;
/** The subkey made ahead of its packet, and what it was made from: the addresses of slot and nonce. */
const AHEAD: usize = 0x63b0;
const AHEAD_SLOT: usize = 0x63d0;
const AHEAD_NONCE: usize = 0x63d4;
const SCRATCH_BYTES: usize = 0x400;

/** The ciphertext's whole blocks of 16 bytes: 8 bytes are left. */
const WHOLE_BLOCKS: usize = 320;

/** Wipes all scratch of this suite: once per export call, after its last packet. */
export function xchachaWipe(): void {
  wipe(STATES, SCRATCH_BYTES);
}

/**
 * Prepares a slot from the 32 bytes at `key`.
 * @returns 1: every key will do
 */
export function xchachaPrepare(slot: usize, key: usize): i32 {
  memory.copy(slot, key, XCHACHA_SECRET_BYTES);
  return 1;
}

/** Sets up the cipher and writes blocks 0 to 3 of the key stream. */
function startCipher(slot: usize, nonce: usize): void {
  if (load<u32>(AHEAD_SLOT) === <u32>slot && load<u32>(AHEAD_NONCE) === <u32>nonce) {
    v128.store(STATES, v128.load(AHEAD), 16);
    v128.store(STATES, v128.load(AHEAD, 16), 32);
  } else {
    hchacha20(slot, nonce, STATES + 16);
  }
  chacha20Frame(STATES, 0, 0, load<u32>(nonce, 16), load<u32>(nonce, 20));
  chacha20Spread(STATES);
  chacha20Blocks(STATES, STREAM);
}

/**
 * Writes blocks 4 to 6 of the key stream behind the first four. The fourth lane would be idle: it makes the subkey of the
 * packet that follows, which comes to a tenth of a packet's time.
 * @param next address of that packet, 0 for none
 */
function continueCipher(slot: usize, next: usize): void {
  const nonce = next + XCHACHA_NONCE;
  chacha20Skip(STATES, 4);
  if (next !== 0) hchacha20Frame(LAST_STATE, slot, nonce);
  chacha20Blocks(STATES, SECOND_STREAM);
  if (next !== 0) {
    hchacha20FromBlock(LAST_STATE, LAST_BLOCK, AHEAD);
    store<u32>(AHEAD_SLOT, <u32>slot);
    store<u32>(AHEAD_NONCE, <u32>nonce);
  }
}

/** Writes the tag of a packet's public section and ciphertext to `out` (RFC 8439 §2.8). */
function authenticate(packet: usize, out: usize): void {
  const ciphertext = packet + XCHACHA_CIPHERTEXT;
  poly1305Start(POLY, STREAM);
  poly1305Blocks(POLY, packet, XCHACHA_PUBLIC_BYTES);
  poly1305Blocks(POLY, ciphertext, WHOLE_BLOCKS);
  store<u64>(CLOSING_BLOCKS, load<u64>(ciphertext + WHOLE_BLOCKS));
  store<u64>(CLOSING_BLOCKS, 0, 8);
  store<u64>(CLOSING_BLOCKS, XCHACHA_PUBLIC_BYTES, 16);
  store<u64>(CLOSING_BLOCKS, SECRET_BYTES, 24);
  poly1305Blocks(POLY, CLOSING_BLOCKS, 32);
  poly1305Finish(POLY, out);
}

/**
 * Completes a packet whose public section stands there already: nonce, ciphertext, tag.
 * @param secret the 328 bytes of the secret section
 * @param entropy 24 bytes, the nonce
 */
export function xchachaSeal(slot: usize, packet: usize, secret: usize, entropy: usize): void {
  memory.copy(packet + XCHACHA_NONCE, entropy, XCHACHA_NONCE_BYTES);
  startCipher(slot, entropy);
  continueCipher(slot, 0);
  xorStream(TEXT_STREAM, secret, packet + XCHACHA_CIPHERTEXT, SECRET_BYTES);
  authenticate(packet, packet + XCHACHA_TAG);
}

/**
 * Opens a packet's secret section. Nothing is decrypted, and nothing written to `out`, unless the tag is genuine.
 * @param next address of the packet that will be opened after this one, 0 for none; a guess that fails costs nothing
 * @param out receives the 328 bytes
 * @returns 1 where the tag is genuine, 0 where not
 */
export function xchachaOpen(slot: usize, packet: usize, next: usize, out: usize): i32 {
  startCipher(slot, packet + XCHACHA_NONCE);
  authenticate(packet, EXPECTED_TAG);
  // The verdict is no secret.
  if (equalTags(EXPECTED_TAG, packet + XCHACHA_TAG) === 0) return 0;
  continueCipher(slot, next);
  xorStream(TEXT_STREAM, packet + XCHACHA_CIPHERTEXT, out, SECRET_BYTES);
  return 1;
}
