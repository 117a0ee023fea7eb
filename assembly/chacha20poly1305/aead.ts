// AEAD_CHACHA20_POLY1305 (RFC 8439 §2.8) and its XChaCha20 form (draft-irtf-cfrg-xchacha-03 §2), piece by piece, so that
// any length passes through a window. One operation at a time; everything it holds lies in CUTE_AEAD_STATE.

import { wipe } from "../bytes.ts";
import { CUTE_AEAD_STATE_BYTES, CUTE_KEY_INPUT } from "../memory.ts";
import {
  CHACHA20_STREAM_BYTES,
  chacha20Blocks,
  chacha20Frame,
  chacha20Skip,
  chacha20Spread,
  chacha20Xor,
} from "./chacha20.ts";
import { hchacha20 } from "./hchacha20.ts";
import { equalTags, poly1305Blocks, poly1305Finish, poly1305Start } from "./poly1305.ts";

// CUTE_AEAD_STATE, part by part.
const STATES: usize = 0xcc000;
const POLY: usize = 0xcc100;
const ASSOCIATED_DATA_LENGTH: usize = 0xcc180;
const TEXT_LENGTH: usize = 0xcc188;
const LAST_BLOCK: usize = 0xcc190;
const EXPECTED_TAG: usize = 0xcc1a0;
/** u32: how far the operation has come, 0 before its start. */
const PHASE: usize = 0xcc1b0;
const STARTED: u32 = 1;
const GENUINE: u32 = 2;
const STREAM: usize = 0xcc200;

const KEY: usize = 32;
/** Key and the longer nonce. */
const KEY_INPUT_BYTES: usize = 56;

/** Zeroes the state: whatever was under way is over. */
export function aeadWipe(): void {
  wipe(STATES, CUTE_AEAD_STATE_BYTES);
}

/**
 * Starts an operation; one that was under way is lost. Reads, and wipes, the 32-byte key at CUTE_KEY_INPUT and the nonce
 * that follows it.
 * @param extended 0 for a nonce of 12 bytes (ChaCha20-Poly1305), otherwise of 24 (XChaCha20-Poly1305)
 */
export function aeadStart(extended: i32): void {
  const key: usize = CUTE_KEY_INPUT;
  const nonce = key + KEY;
  aeadWipe();
  if (extended !== 0) {
    hchacha20(key, nonce, STATES + 16);
    chacha20Frame(STATES, 0, 0, load<u32>(nonce, 16), load<u32>(nonce, 20));
  } else {
    memory.copy(STATES + 16, key, KEY);
    chacha20Frame(STATES, 0, load<u32>(nonce), load<u32>(nonce, 4), load<u32>(nonce, 8));
  }
  wipe(key, KEY_INPUT_BYTES);
  // Block 0 is the one-time key (RFC 8439 §2.6), the text begins with block 1.
  chacha20Spread(STATES);
  chacha20Blocks(STATES, STREAM);
  chacha20Skip(STATES, 1);
  poly1305Start(POLY, STREAM);
  wipe(STREAM, CHACHA20_STREAM_BYTES);
  store<u32>(PHASE, STARTED);
}

/** Adds bytes to the authenticator, the last block padded with zeros to 16. */
function absorbPadded(pointer: usize, length: usize): void {
  const whole = length & ~15;
  poly1305Blocks(POLY, pointer, whole);
  if (length === whole) return;
  memory.copy(LAST_BLOCK, pointer + whole, length - whole);
  poly1305Blocks(POLY, LAST_BLOCK, 16);
  wipe(LAST_BLOCK, 16);
}

/** Takes in associated data, before any text. Every piece but the last is a multiple of 64 bytes. */
export function aeadAssociatedData(pointer: usize, length: usize): void {
  store<u64>(ASSOCIATED_DATA_LENGTH, load<u64>(ASSOCIATED_DATA_LENGTH) + <u64>length);
  absorbPadded(pointer, length);
}

/** Takes in ciphertext that is to be checked. Every piece but the last is a multiple of 64 bytes. Decrypts nothing. */
export function aeadCheckUpdate(pointer: usize, length: usize): void {
  store<u64>(TEXT_LENGTH, load<u64>(TEXT_LENGTH) + <u64>length);
  absorbPadded(pointer, length);
}

/** Encrypts text in place and takes in the ciphertext. Every piece but the last is a multiple of 64 bytes. */
export function aeadSealUpdate(pointer: usize, length: usize): void {
  chacha20Xor(STATES, STREAM, pointer, length);
  wipe(STREAM, CHACHA20_STREAM_BYTES);
  aeadCheckUpdate(pointer, length);
}

/** The tag over all that was taken in; the authenticator is wiped. */
function finish(out: usize): void {
  // The two lengths stand side by side as §2.8 has them.
  poly1305Blocks(POLY, ASSOCIATED_DATA_LENGTH, 16);
  poly1305Finish(POLY, out);
}

/** Ends sealing: writes the 16-byte tag and wipes the state. */
export function aeadTag(out: usize): void {
  finish(out);
  aeadWipe();
}

/**
 * Ends checking: compares the 16 bytes at `tag` with those expected, in constant time.
 * @returns 1 where they are equal, and aeadOpenUpdate may follow; 0 where not, with the state wiped, and where nothing is
 * under way or the tag was checked before
 */
export function aeadCheckTag(tag: usize): i32 {
  // A wiped state would find a tag of zeros genuine.
  if (load<u32>(PHASE) !== STARTED) return 0;
  finish(EXPECTED_TAG);
  const genuine = equalTags(EXPECTED_TAG, tag);
  wipe(EXPECTED_TAG, 16);
  // The verdict is no secret.
  if (genuine === 0) aeadWipe();
  else store<u32>(PHASE, GENUINE);
  return genuine;
}

/**
 * Decrypts text in place, from its beginning. Every piece but the last is a multiple of 64 bytes. Leaves the bytes as
 * they are unless aeadCheckTag has found them genuine.
 */
export function aeadOpenUpdate(pointer: usize, length: usize): void {
  if (load<u32>(PHASE) !== GENUINE) return;
  chacha20Xor(STATES, STREAM, pointer, length);
  wipe(STREAM, CHACHA20_STREAM_BYTES);
}
