// What is traced: calls whose public inputs are the same in every run and whose secrets are not.

import type { Secrets } from "./random.ts";
import type { Prepare } from "./tracer.ts";

export interface Case {
  readonly name: string;
  /** The exports that are called while traced. */
  readonly exports: readonly string[];
  readonly prepare: (secrets: Secrets) => Prepare;
  /** No bytes at all, so nothing that could differ. */
  readonly empty?: boolean;
  /** What every run has to return; undefined where the call returns nothing. */
  readonly verdict?: unknown;
  /**
   * A case that differs in the verdict alone, and the function on whose branch their traces part for the first time:
   * nothing before the verdict may tell them apart.
   */
  readonly parts?: { readonly from: string; readonly at: string };
}

/** Calls an export by its name. */
export function called(exports: Record<string, (...operands: (number | bigint)[]) => number>, name: string) {
  const found = exports[name];
  if (!found) throw new Error(`no export ${name}`);
  return found;
}

/** Places of a tag at which a wrong one may differ: both ends, the middle, anywhere. */
export function placeOf(secrets: Secrets, length: number): number {
  const places = [0, length / 2 - 1, length - 1, (secrets.random("place", 1)[0] ?? 0) % length];
  return Math.floor(places[secrets.turn(places.length)] ?? 0);
}

/** A copy that differs in one byte, at a place that is the run's own, or (in every eighth run) in all of them. */
export function altered(secrets: Secrets, bytes: Uint8Array): Buffer {
  const copy = Buffer.from(bytes);
  if (secrets.turn(8) === 7) return copy.map((byte) => byte ^ 0xff) as Buffer;
  const place = placeOf(secrets, bytes.length);
  copy[place] = (copy[place] ?? 0) ^ (1 << ((secrets.random("bit", 1)[0] ?? 0) & 7));
  return copy;
}
