// Secrets for the traced calls: 64 pairs of random ones, and a few that random ones would hardly ever hit.

import { createHash } from "node:crypto";

export const PAIRS = 64;
const EXTREMES: readonly ((length: number) => Buffer)[] = [
  (length) => Buffer.alloc(length),
  (length) => Buffer.alloc(length, 0xff),
  (length) => Buffer.alloc(length).fill(1, 0, 1),
  (length) => Buffer.alloc(length).fill(0x80, length - 1),
];
export const RUNS = 2 * PAIRS + EXTREMES.length;

/** Pseudo-random bytes, the same for the same seed. */
export function bytesOf(seed: string, length: number): Buffer {
  if (length === 0) return Buffer.alloc(0);
  return createHash("shake256", { outputLength: length }).update(seed).digest();
}

/** The secrets of one run: different ones in every run, the same when it is repeated. */
export class Secrets {
  readonly #seed: string;
  readonly index: number;

  constructor(seed: string, index: number) {
    this.#seed = seed;
    this.index = index;
  }

  /** Random bytes. */
  random(label: string, length: number): Buffer {
    return bytesOf(`${this.#seed} / ${this.index} / ${label}`, length);
  }

  /** Random bytes, in the last runs all zeros, all ones, a single bit. */
  bytes(label: string, length: number): Buffer {
    if (length === 0) return Buffer.alloc(0);
    return EXTREMES[this.index - 2 * PAIRS]?.(length) ?? this.random(label, length);
  }

  /** A number below `count`, each of them in turn. */
  turn(count: number): number {
    return this.index % count;
  }
}
