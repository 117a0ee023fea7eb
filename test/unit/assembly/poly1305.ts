// What the tests of Poly1305 share: the module, and tags of messages of any length.

import { expect } from "vitest";
import { loadKernel } from "./load.ts";

interface Kernel {
  poly1305Start(state: number, key: number): void;
  poly1305Blocks(state: number, message: number, length: number): void;
  poly1305Finish(state: number, out: number): void;
  equalTags(a: number, b: number): number;
  chacha20InitState(state: number, counter: number, nonce0: number, nonce1: number, nonce2: number): void;
  chacha20FillLanes(states: number): void;
  chacha20BlocksWithPoly1305(states: number, stream: number, poly: number, message: number): void;
}

export const kernel = loadKernel<Kernel>("chacha20poly1305.kernel");
export const memory = Buffer.from(kernel.memory.buffer);

// Test buffers, each far from the next.
export const STATE = 0x100000;
export const POLY_BYTES = 120;
export const KEY = 0x102000;
export const OUT = 0x103000;
export const MESSAGE = 0x110000;
export const CANARY = 32;

export const hex = (text: string): Buffer => Buffer.from(text, "hex");

export function plantCanary(pointer: number, length: number): void {
  memory.fill(0xa5, pointer - CANARY, pointer + length + CANARY);
}

/** Reads an output and makes sure that nothing around it was written. */
export function take(pointer: number, length: number): Buffer {
  const end = pointer + length;
  const around = [...memory.subarray(pointer - CANARY, pointer), ...memory.subarray(end, end + CANARY)];
  expect(around.every((byte) => byte === 0xa5)).toBe(true);
  return Buffer.from(memory.subarray(pointer, end));
}

/** The accumulator h, four words that may exceed 32 bits. */
export const ACCUMULATOR = STATE + 88;
export const P = 2n ** 130n - 5n;

/**
 * Makes the next block count without the 2^128 that every block has in the package, where the last one is padded with
 * zeros: takes it off the accumulator beforehand.
 */
export function takeOffTop(): void {
  const words = [0n, 1n, 2n, 3n].map((i) => memory.readBigUInt64LE(ACCUMULATOR + 8 * Number(i)) << (32n * i));
  const rest = (words.reduce((sum, word) => sum + word, 0n) + P - 2n ** 128n) % P;
  for (let i = 0; i < 4; i++) {
    const word = rest >> BigInt(32 * i);
    memory.writeBigUInt64LE(i === 3 ? word : word & 0xffffffffn, ACCUMULATOR + 8 * i);
  }
}

/** Poly1305 of a message of any length, whole blocks in pieces. */
export function poly1305(key: Uint8Array, message: Uint8Array, piece = 0x10000): Buffer {
  memory.set(key, KEY);
  memory.set(message, MESSAGE);
  plantCanary(STATE, POLY_BYTES);
  kernel.poly1305Start(STATE, KEY);
  const whole = message.length - (message.length % 16);
  for (let at = 0; at < whole; at += piece) kernel.poly1305Blocks(STATE, MESSAGE + at, Math.min(piece, whole - at));
  if (whole < message.length) {
    memory.set(Buffer.concat([message.subarray(whole), Buffer.from([1]), Buffer.alloc(15)]).subarray(0, 16), OUT);
    takeOffTop();
    kernel.poly1305Blocks(STATE, OUT, 16);
  }
  plantCanary(OUT, 16);
  kernel.poly1305Finish(STATE, OUT);
  expect(take(STATE, POLY_BYTES).equals(Buffer.alloc(POLY_BYTES))).toBe(true);
  return take(OUT, 16);
}
