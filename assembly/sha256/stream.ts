// SHA-256 of one message (FIPS 180-4 §6.2), in one piece or in many.
// Readable twin: test/reference/sha256.ts.

import { wipe } from "../bytes.ts";
import { HMAC_STREAM, HMAC_STREAM_BYTES } from "../memory/hmac.ts";
import { compress, storeDigest } from "./compression.ts";
import { INITIAL_STATE } from "./constants.ts";
import { pad } from "./padding.ts";
import { PADDED, SCHEDULE, STATE, wipeOneLane } from "./scratch.ts";

// HMAC_STREAM: the state, the bytes that do not fill a block yet, how many bytes there were.
const BUFFER: usize = HMAC_STREAM + 32;
const TOTAL: usize = HMAC_STREAM + 96;

export function copyState(target: usize, source: usize): void {
  v128.store(target, v128.load(source));
  v128.store(target, v128.load(source, 16), 16);
}

/**
 * Takes the rest of a message, its end included, into STATE.
 * @param before how many bytes STATE has taken in already: a multiple of 64
 */
export function absorbAll(message: usize, length: usize, before: u64): void {
  const blocks = length >>> 6;
  const end = message + (blocks << 6);
  compress(STATE, message, blocks);
  compress(STATE, PADDED, pad(end, length & 63, before + length, PADDED));
}

/**
 * SHA-256 in one shot. A stream under way is left as it is.
 * @param out where to write 32 bytes; may overlap the message
 */
export function sha256(message: usize, length: usize, out: usize): void {
  copyState(STATE, INITIAL_STATE);
  absorbAll(message, length, 0);
  storeDigest(STATE, out);
  wipeOneLane();
}

/**
 * Starts the stream at a state.
 * @param state address of 32 bytes
 * @param total how many bytes that state has taken in: a multiple of 64
 */
export function streamStart(state: usize, total: u64): void {
  wipe(HMAC_STREAM, HMAC_STREAM_BYTES);
  copyState(HMAC_STREAM, state);
  store<u64>(TOTAL, total);
}

/** Takes the end of the stream's message into its state, puts that into STATE and wipes the stream. */
export function streamEnd(): void {
  const total = load<u64>(TOTAL);
  copyState(STATE, HMAC_STREAM);
  compress(STATE, PADDED, pad(BUFFER, <usize>total & 63, total, PADDED));
  wipe(HMAC_STREAM, HMAC_STREAM_BYTES);
}

/** Starts a SHA-256 stream at HMAC_STREAM, which is its whole state: it may be copied away and back between calls. */
export function sha256Start(): void {
  streamStart(INITIAL_STATE, 0);
}

/** Hashes `length` more bytes. How a message is split into updates makes no difference. */
export function sha256Update(message: usize, length: usize): void {
  const total = load<u64>(TOTAL);
  const filled = <usize>total & 63;
  store<u64>(TOTAL, total + length);
  if (filled !== 0) {
    const taken = min(length, 64 - filled);
    memory.copy(BUFFER + filled, message, taken);
    if (filled + taken < 64) return;
    compress(HMAC_STREAM, BUFFER, 1);
    message += taken;
    length -= taken;
  }
  const blocks = length >>> 6;
  compress(HMAC_STREAM, message, blocks);
  memory.copy(BUFFER, message + (blocks << 6), length & 63);
  wipe(SCHEDULE, 64);
}

/** Writes the hash, 32 bytes, to `out` and wipes the stream. */
export function sha256Finish(out: usize): void {
  streamEnd();
  storeDigest(STATE, out);
  wipeOneLane();
}
