// libhydrogen's hash (hydro_hash). Scratch: CUTE_SCRATCH_GIMLI + 0x000 .. 0x0ff.
// Readable twin: test/reference/gimli.ts.

import { wipe } from "../bytes.ts";
import { CUTE_SCRATCH_GIMLI } from "../memory/cute.ts";
import { core } from "./permutation.ts";
import { absorb, clear, pad, RATE, squeeze, xorBytes, xorRate } from "./sponge.ts";

/** The sponge's 48 bytes. */
const STATE: usize = CUTE_SCRATCH_GIMLI;
/** u32: how many bytes of the rate are filled, 0 to 15. */
const FILLED: usize = CUTE_SCRATCH_GIMLI + 0x30;
/** What frames key and message on its way into the sponge. */
const FRAME: usize = CUTE_SCRATCH_GIMLI + 0x40;
const FRAME_BYTES: usize = 48;

/**
 * Starts a hash. One at a time: the one before is lost.
 * @param context 8 bytes, read as a little-endian u64
 * @param key address of 32 bytes, or 0 for none
 */
export function hashStart(context: u64, key: usize): void {
  clear(STATE);
  store<u32>(FILLED, 0);
  // 04 "kmac" 08, the context, two zero bytes.
  xorRate(STATE, 0x0863616d6b04 | (context << 48), context >>> 16);
  core(STATE, 0);
  if (key === 0) {
    core(STATE, 0);
    return;
  }
  // 0x20, the key, zero bytes to the end of the third block.
  wipe(FRAME, FRAME_BYTES);
  store<u8>(FRAME, 32);
  memory.copy(FRAME + 1, key, 32);
  absorb(STATE, 0, FRAME, 3);
  wipe(FRAME, FRAME_BYTES);
}

/** Hashes `length` more bytes. How a message is split into updates makes no difference. */
export function hashUpdate(message: usize, length: usize): void {
  let filled: usize = load<u32>(FILLED);
  if (filled !== 0) {
    const taken = min(length, RATE - filled);
    xorBytes(STATE, filled, message, taken);
    message += taken;
    length -= taken;
    filled += taken;
    if (filled === RATE) {
      core(STATE, 0);
      filled = 0;
    }
  }
  const blocks = length / RATE;
  absorb(STATE, 0, message, blocks);
  const whole = blocks * RATE;
  xorBytes(STATE, filled, message + whole, length - whole);
  store<u32>(FILLED, <u32>(filled + length - whole));
}

/** Writes the hash, `length` bytes (0 to 65535), to `out` and wipes everything the hash held. */
export function hashFinish(out: usize, length: i32): void {
  // The length in one byte or two, their number before them, a zero byte after them.
  const short = length < 256;
  store<u32>(FRAME, (short ? 1 : 2) | (length << 8));
  hashUpdate(FRAME, short ? 3 : 4);
  pad(STATE, load<u32>(FILLED), 0x1f);
  squeeze(STATE, out, length);
  clear(STATE);
  store<u32>(FILLED, 0);
  store<u32>(FRAME, 0);
}
