// libhydrogen's secretbox (hydro_secretbox): a box is SIV (20 bytes), MAC (16), ciphertext.
// Scratch: CUTE_SCRATCH_GIMLI + 0x100 .. 0x1ff.
// Readable twin: test/reference/gimli.ts.

import { wipe } from "../bytes.ts";
import { CUTE_SCRATCH_GIMLI } from "../memory/cute.ts";
import { core, duplex } from "./permutation.ts";
import { absorb, clear, pad, RATE, xorBytes, xorRate } from "./sponge.ts";

/** The sponge's 48 bytes. */
const STATE: usize = CUTE_SCRATCH_GIMLI + 0x100;

const SIV_BYTES: usize = 20;
const MAC_BYTES: usize = 16;

// Where things stand in a prepared key of 128 bytes: the sponge after it took the key for either pass, then the key.
const PREPARED_SIV: usize = 0;
const PREPARED_BOX: usize = 48;
const PREPARED_KEY: usize = 96;
const KEY_BYTES: usize = 32;

// What tells the phases apart.
const TAG_HEADER: u32 = 0x01;
const TAG_BLOCK: u32 = 0x02;
const TAG_BOX_FINAL: u32 = 0x08;
const TAG_SIV_FINAL: u32 = 0xf8;
const TAG_SIV_KEY: u32 = 0xfe;
const TAG_BOX_KEY: u32 = 0xff;
const MARK_SIV: u8 = 0x1f;
const MARK_BOX: u8 = 0x01;

function prepareState(context: u64, key: usize, keyTag: u32, state: usize): void {
  clear(state);
  // 06 "sbx256" 08, the context.
  xorRate(state, ((<u64>0x08363532) << 32) | 0x78627306, context);
  core(state, TAG_HEADER);
  absorb(state, keyTag, key, 2);
}

/**
 * Does once what every box under a key begins with.
 * @param context 8 bytes, read as a little-endian u64
 * @param key 32 bytes; not wiped
 * @param prepared where to write 128 bytes, as secret as the key
 */
export function secretboxPrepare(context: u64, key: usize, prepared: usize): void {
  prepareState(context, key, TAG_SIV_KEY, prepared + PREPARED_SIV);
  prepareState(context, key, TAG_BOX_KEY, prepared + PREPARED_BOX);
  memory.copy(prepared + PREPARED_KEY, key, KEY_BYTES);
}

/** Sets the scratch sponge to `prepared` and takes in the 20 bytes at `iv` and the message id, which share a byte. */
function start(prepared: usize, iv: usize, messageId: u64): void {
  v128.store(STATE, v128.load(prepared));
  v128.store(STATE, v128.load(prepared, 16), 16);
  v128.store(STATE, v128.load(prepared, 32), 32);
  xorRate(STATE, (load<u64>(iv) << 8) | SIV_BYTES, load<u64>(iv, 7));
  core(STATE, TAG_HEADER);
  const ivRest = <u64>load<u32>(iv, 15) | ((<u64>load<u8>(iv, 19)) << 32);
  xorRate(STATE, ivRest ^ (messageId << 32), messageId >>> 32);
  core(STATE, TAG_HEADER);
}

/** Ends the message, of which `filled` bytes (0 to 15) stand in the rate. The result is what the capacity then holds. */
function finish(prepared: usize, filled: usize, mark: u8, tag: u32): void {
  pad(STATE, filled, mark);
  core(STATE, TAG_BLOCK);
  const keyLow = v128.load(prepared, PREPARED_KEY);
  const keyHigh = v128.load(prepared, PREPARED_KEY + 16);
  for (let i = 0; i < 2; i++) {
    v128.store(STATE, v128.xor(v128.load(STATE, 16), keyLow), 16);
    v128.store(STATE, v128.xor(v128.load(STATE, 32), keyHigh), 32);
    core(STATE, tag);
  }
}

/**
 * Puts a message into a box.
 * @param prepared what secretboxPrepare wrote
 * @param iv 20 random bytes; not part of the box
 * @param messageId must be the same on opening
 * @param box where to write length + 36 bytes: SIV, MAC, ciphertext; must not overlap the message
 */
export function secretboxSeal(
  prepared: usize,
  iv: usize,
  message: usize,
  length: usize,
  messageId: u64,
  box: usize,
): void {
  const blocks = length / RATE;
  const whole = blocks * RATE;
  const left = length - whole;
  const ciphertext = box + SIV_BYTES + MAC_BYTES;

  start(prepared + PREPARED_SIV, iv, messageId);
  absorb(STATE, TAG_BLOCK, message, blocks);
  xorBytes(STATE, 0, message + whole, left);
  finish(prepared, left, MARK_SIV, TAG_SIV_FINAL);
  v128.store(box, v128.load(STATE, RATE));
  store<u32>(box, load<u32>(STATE, 2 * RATE), RATE);

  start(prepared + PREPARED_BOX, box, messageId);
  duplex(STATE, TAG_BLOCK, message, blocks, ciphertext, RATE, 0);
  xorBytes(STATE, 0, message + whole, left);
  memory.copy(ciphertext + whole, STATE, left);
  finish(prepared, left, MARK_BOX, TAG_BOX_FINAL);
  v128.store(box, v128.load(STATE, RATE), SIV_BYTES);
  clear(STATE);
}

/**
 * Opens a box.
 * @param prepared what secretboxPrepare wrote
 * @param box SIV, MAC and ciphertext, which are left as they are
 * @param length bytes of the ciphertext
 * @param messageId the one it was sealed with
 * @param out where to write the message, `length` bytes, zeros unless the box is genuine; must not overlap the box
 * @returns 1 where the box is genuine, 0 where not
 */
export function secretboxOpen(prepared: usize, box: usize, length: usize, messageId: u64, out: usize): i32 {
  const blocks = length / RATE;
  const whole = blocks * RATE;
  const left = length - whole;
  const ciphertext = box + SIV_BYTES + MAC_BYTES;

  start(prepared + PREPARED_BOX, box, messageId);
  duplex(STATE, TAG_BLOCK, ciphertext, blocks, out, RATE, 1);
  for (let i: usize = 0; i < left; i++) {
    const byte = load<u8>(ciphertext + whole + i);
    store<u8>(out + whole + i, load<u8>(STATE + i) ^ byte);
    store<u8>(STATE + i, byte);
  }
  finish(prepared, left, MARK_BOX, TAG_BOX_FINAL);
  // All 16 bytes at once: the one jump is on the verdict.
  const difference = v128.any_true(v128.xor(v128.load(STATE, RATE), v128.load(box, SIV_BYTES)));
  clear(STATE);
  if (difference) {
    wipe(out, length);
    return 0;
  }
  return 1;
}
