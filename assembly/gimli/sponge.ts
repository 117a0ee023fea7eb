// What hash, secretbox and deterministic bytes share: a sponge over Gimli, its 48 bytes at an address, rate 16.
// Readable twin: test/reference/gimli.ts.

import { core, duplex } from "./permutation.ts";

/** Bytes of the state that meet the message. The other 32 are the capacity. */
export const RATE: usize = 16;

/** Zeroes the state, before and after use. As three stores: memory.fill costs 15 ns however little there is to fill. */
export function clear(state: usize): void {
  const zero = i32x4.splat(0);
  v128.store(state, zero);
  v128.store(state, zero, 16);
  v128.store(state, zero, 32);
}

/** XORs 16 bytes, given as two little-endian halves, into the rate. */
export function xorRate(state: usize, low: u64, high: u64): void {
  const block = i64x2.replace_lane(i64x2.splat(<i64>low), 1, <i64>high);
  v128.store(state, v128.xor(v128.load(state), block));
}

/** XORs fewer than 16 bytes into the state, from byte `offset` of the rate. */
export function xorBytes(state: usize, offset: usize, source: usize, length: usize): void {
  const target = state + offset;
  for (let i: usize = 0; i < length; i++) store<u8>(target + i, load<u8>(target + i) ^ load<u8>(source + i));
}

/** XORs `blocks` whole blocks of 16 bytes into the rate, with core(tag) after each. */
export function absorb(state: usize, tag: u32, message: usize, blocks: usize): void {
  duplex(state, tag, message, blocks, state, 0, 0);
}

/** Marks the end of a phase of which `filled` bytes (0 to 15) stand in the rate. */
export function pad(state: usize, filled: usize, mark: u8): void {
  store<u8>(state + filled, load<u8>(state + filled) ^ mark);
  store<u8>(state, load<u8>(state, 15) ^ 0x80, 15);
}

/** Draws `length` bytes: core(0), then up to 16 bytes of the rate, again and again. */
export function squeeze(state: usize, out: usize, length: usize): void {
  while (length >= RATE) {
    core(state, 0);
    v128.store(out, v128.load(state));
    out += RATE;
    length -= RATE;
  }
  if (length > 0) {
    core(state, 0);
    memory.copy(out, state, length);
  }
}
