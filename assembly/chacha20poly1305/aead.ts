// AEAD_CHACHA20_POLY1305 (RFC 8439 §2.8) and its XChaCha20 form (draft-irtf-cfrg-xchacha-03 §2), piece by piece, so that
// any length passes through a window. All that an operation holds between its calls lies in its state, AEAD_STATE_BYTES.
// Its readable twin: test/reference/chacha20poly1305.ts, aeadSeal.

import { wipe } from "../bytes.ts";
import {
  CHACHA20_STREAM_BYTES,
  chacha20AdvanceCounter,
  chacha20Blocks,
  chacha20FillLanes,
  chacha20InitState,
  chacha20Xor,
} from "./chacha20.ts";
import { hchacha20 } from "./hchacha20.ts";
import { equalTags, poly1305Blocks, poly1305Finish, poly1305Start } from "./poly1305.ts";

export const AEAD_STATE_BYTES: usize = 0x300;

// The state, part by part; the four ChaCha20 states stand first.
const POLY: usize = 0x100;
const ASSOCIATED_DATA_LENGTH: usize = 0x180;
const TEXT_LENGTH: usize = 0x188;
const LAST_BLOCK: usize = 0x190;
const EXPECTED_TAG: usize = 0x1a0;
/** u32: how far the operation has come, 0 before its start. */
const PHASE: usize = 0x1b0;
const STREAM: usize = 0x200;

const STARTED: u32 = 1;
const GENUINE: u32 = 2;

const KEY_BYTES: usize = 32;
/** Key and the longer nonce. */
const KEY_INPUT_BYTES: usize = 56;

/** Zeroes the state: whatever was under way is over. */
export function aeadWipe(state: usize): void {
  wipe(state, AEAD_STATE_BYTES);
}

/**
 * Starts an operation; one that was under way is lost. Wipes key and nonce where they lie.
 * @param key 32 bytes, the nonce behind them
 * @param extended 0 for a nonce of 12 bytes (ChaCha20-Poly1305), otherwise of 24 (XChaCha20-Poly1305)
 */
export function aeadStart(state: usize, key: usize, extended: i32): void {
  const nonce = key + KEY_BYTES;
  aeadWipe(state);
  if (extended !== 0) {
    hchacha20(key, nonce, state + 16);
    chacha20InitState(state, 0, 0, load<u32>(nonce, 16), load<u32>(nonce, 20));
  } else {
    memory.copy(state + 16, key, KEY_BYTES);
    chacha20InitState(state, 0, load<u32>(nonce), load<u32>(nonce, 4), load<u32>(nonce, 8));
  }
  wipe(key, KEY_INPUT_BYTES);
  // Block 0 is the one-time key (RFC 8439 §2.6), the text begins with block 1.
  chacha20FillLanes(state);
  chacha20Blocks(state, state + STREAM);
  chacha20AdvanceCounter(state, 1);
  poly1305Start(state + POLY, state + STREAM);
  wipe(state + STREAM, CHACHA20_STREAM_BYTES);
  store<u32>(state + PHASE, STARTED);
}

/** Takes in associated data, before any text. Every piece but the last is a multiple of 64 bytes. */
export function aeadAssociatedData(state: usize, pointer: usize, length: usize): void {
  store<u64>(state + ASSOCIATED_DATA_LENGTH, load<u64>(state + ASSOCIATED_DATA_LENGTH) + <u64>length);
  absorbPadded(state, pointer, length);
}

/** Takes in ciphertext that is to be checked. Every piece but the last is a multiple of 64 bytes. Decrypts nothing. */
export function aeadCheckUpdate(state: usize, pointer: usize, length: usize): void {
  store<u64>(state + TEXT_LENGTH, load<u64>(state + TEXT_LENGTH) + <u64>length);
  absorbPadded(state, pointer, length);
}

/** Encrypts text in place and takes in the ciphertext. Every piece but the last is a multiple of 64 bytes. */
export function aeadSealUpdate(state: usize, pointer: usize, length: usize): void {
  chacha20Xor(state, state + STREAM, pointer, length);
  wipe(state + STREAM, CHACHA20_STREAM_BYTES);
  aeadCheckUpdate(state, pointer, length);
}

/** Ends sealing: writes the 16-byte tag and wipes the state. */
export function aeadTag(state: usize, out: usize): void {
  finish(state, out);
  aeadWipe(state);
}

/**
 * Ends checking: compares the 16 bytes at `tag` with those expected, in constant time.
 * @returns 1 where they are equal, and aeadOpenUpdate may follow; 0 where not, with the state wiped, and where nothing is
 * under way or the tag was checked before
 */
export function aeadCheckTag(state: usize, tag: usize): i32 {
  // A wiped state would find a tag of zeros genuine.
  if (load<u32>(state + PHASE) !== STARTED) return 0;
  finish(state, state + EXPECTED_TAG);
  const genuine = equalTags(state + EXPECTED_TAG, tag);
  wipe(state + EXPECTED_TAG, 16);
  // The verdict is no secret.
  if (genuine === 0) aeadWipe(state);
  else store<u32>(state + PHASE, GENUINE);
  return genuine;
}

/**
 * Decrypts text in place, from its beginning. Every piece but the last is a multiple of 64 bytes. Leaves the bytes as
 * they are unless aeadCheckTag has found them genuine.
 */
export function aeadOpenUpdate(state: usize, pointer: usize, length: usize): void {
  if (load<u32>(state + PHASE) !== GENUINE) return;
  chacha20Xor(state, state + STREAM, pointer, length);
  wipe(state + STREAM, CHACHA20_STREAM_BYTES);
}

/** Adds bytes to the authenticator, the last block padded with zeros to 16. */
function absorbPadded(state: usize, pointer: usize, length: usize): void {
  const whole = length & ~15;
  poly1305Blocks(state + POLY, pointer, whole);
  if (length === whole) return;
  memory.copy(state + LAST_BLOCK, pointer + whole, length - whole);
  poly1305Blocks(state + POLY, state + LAST_BLOCK, 16);
  wipe(state + LAST_BLOCK, 16);
}

/** The tag over all that was taken in; the authenticator is wiped. */
function finish(state: usize, out: usize): void {
  // The two lengths stand side by side as §2.8 has them.
  poly1305Blocks(state + POLY, state + ASSOCIATED_DATA_LENGTH, 16);
  poly1305Finish(state + POLY, out);
}
