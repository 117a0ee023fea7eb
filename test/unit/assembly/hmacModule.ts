// The shipped hmac.wasm with its bare exports, and what the tests of it share.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect } from "vitest";
import {
  HMAC_ARENA,
  HMAC_ARENA_BYTES,
  HMAC_SCRATCH,
  HMAC_SCRATCH_BYTES,
  HMAC_STREAM,
  HMAC_STREAM_BYTES,
} from "../../../assembly/memory/hmac.ts";
import { loadKernel } from "./load.ts";

interface HmacModule {
  sha256(message: number, length: number, out: number): void;
  sha256Start(): void;
  sha256Update(message: number, length: number): void;
  sha256Finish(out: number): void;
  keySet(slot: number, key: number, length: number): void;
  keyWipe(slot: number): void;
  hmacStart(slot: number): void;
  hmacFinish(slot: number, out: number): void;
  hmacCheck(slot: number, tag: number, encoding: number): number;
  signJobs(count: number): void;
  verifyJobs(count: number): void;
  numbersAt(count: number): void;
  numbersBehind(count: number, behind: number, field: number, length: number): void;
  hexEncode(source: number, length: number, target: number): void;
  hexDecode(source: number, length: number, target: number, anyCase: number): number;
  base64urlEncode(source: number, length: number, target: number): number;
  base64urlDecode(source: number, length: number, target: number): number;
  isPlainText(source: number, length: number): number;
}

export const hmac = loadKernel<HmacModule>("hmac");
export const memory = new Uint8Array(hmac.memory.buffer);
export const MEMORY_END = HMAC_ARENA + HMAC_ARENA_BYTES;

/** Pseudo-random bytes, the same for the same seed. */
export function bytesOf(seed: string, length: number): Buffer {
  if (length === 0) return Buffer.alloc(0);
  return createHash("shake256", { outputLength: length }).update(seed).digest();
}

/** The bytes in memory from `start` on, copied. */
export function read(start: number, length: number): Buffer {
  return Buffer.from(memory.slice(start, start + length));
}

/** Runs `call` and asserts that of all memory it changed nothing but the ranges given, [start, length]. */
export function changingOnly<Result>(ranges: readonly (readonly [number, number])[], call: () => Result): Result {
  const before = memory.slice();
  const result = call();
  for (const [start, length] of ranges) before.set(memory.subarray(start, start + length), start);
  expect(Buffer.compare(before, memory)).toBe(0);
  return result;
}

const allZero = (start: number, length: number): boolean =>
  memory.subarray(start, start + length).every((byte) => byte === 0);

/** Asserts that scratch holds nothing, and the stream neither. */
export function expectWiped(): void {
  expect(allZero(HMAC_SCRATCH, HMAC_SCRATCH_BYTES)).toBe(true);
  expect(allZero(HMAC_STREAM, HMAC_STREAM_BYTES)).toBe(true);
}

/** Text of a file of test/vectors. */
export function vectors(path: string): string {
  return readFileSync(new URL(`../../vectors/${path}`, import.meta.url), "utf8");
}

/** The groups of `Name = value` lines of a CAVP response file. */
export function cavp(path: string): Map<string, string>[] {
  return vectors(path)
    .split(/\r?\n\s*\r?\n/)
    .map((group) => new Map([...group.matchAll(/^(\w+) = (\S+)/gm)].map(([, name = "", value = ""]) => [name, value])))
    .filter((group) => group.size > 0);
}

/** A field that every group of the file has. */
export function field(group: Map<string, string>, name: string): string {
  const value = group.get(name);
  if (value === undefined) throw new Error(`a vector without ${name}`);
  return value;
}
