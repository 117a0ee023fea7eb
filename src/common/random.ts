import { asBytesOf } from "./bytes.ts";

/** `length` random bytes from the engine, or the caller's `entropy` of just that length: for test vectors only. */
export function drawEntropy(length: number, entropy: unknown): Uint8Array {
  if (entropy !== undefined) return Uint8Array.from(asBytesOf(entropy, length, "entropy"));
  return crypto.getRandomValues(new Uint8Array(length));
}
