import { asBytesOf, wipeCopy } from "./bytes.ts";

// The engine's generator costs microseconds a call, however few the bytes: they are drawn ahead, each is handed out once
// and wiped here.
const DRAWN_BYTES = 4096;
const drawn = new Uint8Array(DRAWN_BYTES);
let left = 0;

function takeRandom(length: number): Uint8Array {
  if (left < length) {
    crypto.getRandomValues(drawn);
    left = DRAWN_BYTES;
  }
  left -= length;
  const bytes = drawn.slice(left, left + length);
  drawn.fill(0, left, left + length);
  return bytes;
}

/**
 * `length` random bytes from the engine, at most 4096, or the caller's `entropy` of just that length: for test vectors
 * only.
 */
export function drawEntropy(length: number, entropy: unknown): Uint8Array {
  if (entropy === undefined) return takeRandom(length);
  const given = asBytesOf(entropy, length, "entropy");
  const copy = Uint8Array.from(given);
  wipeCopy(given, entropy);
  return copy;
}
