// ChaCha20 (RFC 8439 §2.3, §2.4), four blocks side by side: one v128 holds one word of each of four states.
// A state is 64 bytes, the sixteen words of §2.3: four constants, key 8, block counter 1, nonce 3. The four lie end to
// end, one per lane, and need not have anything in common.
// Readable twin: test/reference/chacha20poly1305.ts.

import { Rotate } from "./rotate.ts";

export const CHACHA20_STATE_BYTES = 64;
/** Four states. */
export const CHACHA20_LANES_BYTES = 256;
/** What one call of chacha20Blocks writes: a block for each lane. */
export const CHACHA20_STREAM_BYTES = 256;
const COUNTER: usize = 48;

/** Transposes four states of words to four words of lanes, and back. */
class Transpose {
  @inline static evenLow(a: v128, b: v128): v128 {
    return i32x4.shuffle(a, b, 0, 4, 1, 5);
  }

  @inline static evenHigh(a: v128, b: v128): v128 {
    return i32x4.shuffle(a, b, 2, 6, 3, 7);
  }

  @inline static low(a: v128, b: v128): v128 {
    return i64x2.shuffle(a, b, 0, 2);
  }

  @inline static high(a: v128, b: v128): v128 {
    return i64x2.shuffle(a, b, 1, 3);
  }
}

/** Adds four words of each lane to those it started from (§2.3) and writes them to its block. */
class Finish {
  @inline static row(states: usize, stream: usize, w0: v128, w1: v128, w2: v128, w3: v128): void {
    const low01 = Transpose.evenLow(w0, w1);
    const low23 = Transpose.evenLow(w2, w3);
    const high01 = Transpose.evenHigh(w0, w1);
    const high23 = Transpose.evenHigh(w2, w3);
    v128.store(stream, i32x4.add(Transpose.low(low01, low23), v128.load(states)));
    v128.store(stream, i32x4.add(Transpose.high(low01, low23), v128.load(states, 64)), 64);
    v128.store(stream, i32x4.add(Transpose.low(high01, high23), v128.load(states, 128)), 128);
    v128.store(stream, i32x4.add(Transpose.high(high01, high23), v128.load(states, 192)), 192);
  }
}

/**
 * Fills a state's constants, counter and nonce; the key's words are the caller's.
 * @param nonce0 the nonce's first four bytes, least significant first
 */
export function chacha20InitState(state: usize, counter: u32, nonce0: u32, nonce1: u32, nonce2: u32): void {
  // "expand 32-byte k"
  v128.store(state, i32x4(0x61707865, 0x3320646e, 0x79622d32, 0x6b206574));
  v128.store(state, i32x4(counter, nonce0, nonce1, nonce2), COUNTER);
}

/** Copies the first lane's state to the others, the block counter one higher from lane to lane, modulo 2^32. */
export function chacha20FillLanes(states: usize): void {
  const constants = v128.load(states);
  const key0 = v128.load(states, 16);
  const key1 = v128.load(states, 32);
  let last = v128.load(states, 48);
  for (let lane: usize = 64; lane < <usize>CHACHA20_LANES_BYTES; lane += 64) {
    last = i32x4.add(last, i32x4(1, 0, 0, 0));
    v128.store(states + lane, constants);
    v128.store(states + lane, key0, 16);
    v128.store(states + lane, key1, 32);
    v128.store(states + lane, last, 48);
  }
}

/** Moves the block counter of every lane on. Writes whole rows: a row read after one of its words was written waits. */
export function chacha20AdvanceCounter(states: usize, blocks: u32): void {
  const step = i32x4.replace_lane(i32x4(0, 0, 0, 0), 0, blocks);
  v128.store(states, i32x4.add(v128.load(states, 48), step), 48);
  v128.store(states, i32x4.add(v128.load(states, 112), step), 112);
  v128.store(states, i32x4.add(v128.load(states, 176), step), 176);
  v128.store(states, i32x4.add(v128.load(states, 240), step), 240);
}

/** Both forms of the cipher, each inlined once: `withPoly1305` is a constant. */
class Blocks {
  @inline static write(states: usize, stream: usize, withPoly1305: boolean, poly: usize, message: usize): void {
    let low01 = Transpose.evenLow(v128.load(states), v128.load(states, 64));
    let low23 = Transpose.evenLow(v128.load(states, 128), v128.load(states, 192));
    let high01 = Transpose.evenHigh(v128.load(states), v128.load(states, 64));
    let high23 = Transpose.evenHigh(v128.load(states, 128), v128.load(states, 192));
    let a0 = Transpose.low(low01, low23);
    let a1 = Transpose.high(low01, low23);
    let a2 = Transpose.low(high01, high23);
    let a3 = Transpose.high(high01, high23);
    low01 = Transpose.evenLow(v128.load(states, 16), v128.load(states, 80));
    low23 = Transpose.evenLow(v128.load(states, 144), v128.load(states, 208));
    high01 = Transpose.evenHigh(v128.load(states, 16), v128.load(states, 80));
    high23 = Transpose.evenHigh(v128.load(states, 144), v128.load(states, 208));
    let b0 = Transpose.low(low01, low23);
    let b1 = Transpose.high(low01, low23);
    let b2 = Transpose.low(high01, high23);
    let b3 = Transpose.high(high01, high23);
    low01 = Transpose.evenLow(v128.load(states, 32), v128.load(states, 96));
    low23 = Transpose.evenLow(v128.load(states, 160), v128.load(states, 224));
    high01 = Transpose.evenHigh(v128.load(states, 32), v128.load(states, 96));
    high23 = Transpose.evenHigh(v128.load(states, 160), v128.load(states, 224));
    let c0 = Transpose.low(low01, low23);
    let c1 = Transpose.high(low01, low23);
    let c2 = Transpose.low(high01, high23);
    let c3 = Transpose.high(high01, high23);
    low01 = Transpose.evenLow(v128.load(states, 48), v128.load(states, 112));
    low23 = Transpose.evenLow(v128.load(states, 176), v128.load(states, 240));
    high01 = Transpose.evenHigh(v128.load(states, 48), v128.load(states, 112));
    high23 = Transpose.evenHigh(v128.load(states, 176), v128.load(states, 240));
    let d0 = Transpose.low(low01, low23);
    let d1 = Transpose.high(low01, low23);
    let d2 = Transpose.low(high01, high23);
    let d3 = Transpose.high(high01, high23);

    // As poly1305Blocks has it, bounds and all; alone, it falls away.
    const r0: u64 = withPoly1305 ? load<u64>(poly) : 0;
    const r1: u64 = withPoly1305 ? load<u64>(poly, 8) : 0;
    const r2: u64 = withPoly1305 ? load<u64>(poly, 16) : 0;
    const r3: u64 = withPoly1305 ? load<u64>(poly, 24) : 0;
    const t1: u64 = withPoly1305 ? load<u64>(poly, 32) : 0;
    const t2: u64 = withPoly1305 ? load<u64>(poly, 40) : 0;
    const t3: u64 = withPoly1305 ? load<u64>(poly, 48) : 0;
    const t0: u64 = withPoly1305 ? load<u64>(poly, 56) : 0;
    const top: u64 = withPoly1305 ? load<u64>(poly, 64) : 0;
    let h0: u64 = withPoly1305 ? load<u64>(poly, 88) : 0;
    let h1: u64 = withPoly1305 ? load<u64>(poly, 96) : 0;
    let h2: u64 = withPoly1305 ? load<u64>(poly, 104) : 0;
    let h3: u64 = withPoly1305 ? load<u64>(poly, 112) : 0;
    for (let round = 0; round < 20; round += 2) {
      // Columns.
      a0 = i32x4.add(a0, b0);
      d0 = Rotate.by16(v128.xor(d0, a0));
      c0 = i32x4.add(c0, d0);
      b0 = Rotate.by12(v128.xor(b0, c0));
      a0 = i32x4.add(a0, b0);
      d0 = Rotate.by8(v128.xor(d0, a0));
      c0 = i32x4.add(c0, d0);
      b0 = Rotate.by7(v128.xor(b0, c0));
      a1 = i32x4.add(a1, b1);
      d1 = Rotate.by16(v128.xor(d1, a1));
      c1 = i32x4.add(c1, d1);
      b1 = Rotate.by12(v128.xor(b1, c1));
      a1 = i32x4.add(a1, b1);
      d1 = Rotate.by8(v128.xor(d1, a1));
      c1 = i32x4.add(c1, d1);
      b1 = Rotate.by7(v128.xor(b1, c1));
      a2 = i32x4.add(a2, b2);
      d2 = Rotate.by16(v128.xor(d2, a2));
      c2 = i32x4.add(c2, d2);
      b2 = Rotate.by12(v128.xor(b2, c2));
      a2 = i32x4.add(a2, b2);
      d2 = Rotate.by8(v128.xor(d2, a2));
      c2 = i32x4.add(c2, d2);
      b2 = Rotate.by7(v128.xor(b2, c2));
      a3 = i32x4.add(a3, b3);
      d3 = Rotate.by16(v128.xor(d3, a3));
      c3 = i32x4.add(c3, d3);
      b3 = Rotate.by12(v128.xor(b3, c3));
      a3 = i32x4.add(a3, b3);
      d3 = Rotate.by8(v128.xor(d3, a3));
      c3 = i32x4.add(c3, d3);
      b3 = Rotate.by7(v128.xor(b3, c3));
      // Diagonals.
      a0 = i32x4.add(a0, b1);
      d3 = Rotate.by16(v128.xor(d3, a0));
      c2 = i32x4.add(c2, d3);
      b1 = Rotate.by12(v128.xor(b1, c2));
      a0 = i32x4.add(a0, b1);
      d3 = Rotate.by8(v128.xor(d3, a0));
      c2 = i32x4.add(c2, d3);
      b1 = Rotate.by7(v128.xor(b1, c2));
      a1 = i32x4.add(a1, b2);
      d0 = Rotate.by16(v128.xor(d0, a1));
      c3 = i32x4.add(c3, d0);
      b2 = Rotate.by12(v128.xor(b2, c3));
      a1 = i32x4.add(a1, b2);
      d0 = Rotate.by8(v128.xor(d0, a1));
      c3 = i32x4.add(c3, d0);
      b2 = Rotate.by7(v128.xor(b2, c3));
      a2 = i32x4.add(a2, b3);
      d1 = Rotate.by16(v128.xor(d1, a2));
      c0 = i32x4.add(c0, d1);
      b3 = Rotate.by12(v128.xor(b3, c0));
      a2 = i32x4.add(a2, b3);
      d1 = Rotate.by8(v128.xor(d1, a2));
      c0 = i32x4.add(c0, d1);
      b3 = Rotate.by7(v128.xor(b3, c0));
      a3 = i32x4.add(a3, b0);
      d2 = Rotate.by16(v128.xor(d2, a3));
      c1 = i32x4.add(c1, d2);
      b0 = Rotate.by12(v128.xor(b0, c1));
      a3 = i32x4.add(a3, b0);
      d2 = Rotate.by8(v128.xor(d2, a3));
      c1 = i32x4.add(c1, d2);
      b0 = Rotate.by7(v128.xor(b0, c1));
      if (withPoly1305) {
        const s0_0 = h0 + <u64>load<u32>(message, 0);
        const s1_0 = h1 + <u64>load<u32>(message, 4);
        const s2_0 = h2 + <u64>load<u32>(message, 8);
        const s3_0 = h3 + <u64>load<u32>(message, 12);
        const x0_0 = s0_0 * r0 + s1_0 * t3 + s2_0 * t2 + s3_0 * t1 + t0;
        const x1_0 = s0_0 * r1 + s1_0 * r0 + s2_0 * t3 + s3_0 * t2 + t1;
        const x3_0 = s0_0 * r3 + s1_0 * r2 + s2_0 * r1 + s3_0 * r0 + top;
        const x2_0 = s0_0 * r2 + s1_0 * r1 + s2_0 * r0 + s3_0 * t3 + t2;
        h0 = <u64>(<u32>x0_0) + (x3_0 >>> 34) * 5;
        h1 = <u64>(<u32>x1_0) + (x0_0 >>> 32);
        h2 = <u64>(<u32>x2_0) + (x1_0 >>> 32) + (h1 >>> 32);
        h3 = (x3_0 & 0x3ffffffff) + (x2_0 >>> 32) + (h2 >>> 32);
        h1 = <u64>(<u32>h1);
        h2 = <u64>(<u32>h2);
        const s0_1 = h0 + <u64>load<u32>(message, 16);
        const s1_1 = h1 + <u64>load<u32>(message, 20);
        const s2_1 = h2 + <u64>load<u32>(message, 24);
        const s3_1 = h3 + <u64>load<u32>(message, 28);
        const x0_1 = s0_1 * r0 + s1_1 * t3 + s2_1 * t2 + s3_1 * t1 + t0;
        const x1_1 = s0_1 * r1 + s1_1 * r0 + s2_1 * t3 + s3_1 * t2 + t1;
        const x3_1 = s0_1 * r3 + s1_1 * r2 + s2_1 * r1 + s3_1 * r0 + top;
        const x2_1 = s0_1 * r2 + s1_1 * r1 + s2_1 * r0 + s3_1 * t3 + t2;
        h0 = <u64>(<u32>x0_1) + (x3_1 >>> 34) * 5;
        h1 = <u64>(<u32>x1_1) + (x0_1 >>> 32);
        h2 = <u64>(<u32>x2_1) + (x1_1 >>> 32) + (h1 >>> 32);
        h3 = (x3_1 & 0x3ffffffff) + (x2_1 >>> 32) + (h2 >>> 32);
        h1 = <u64>(<u32>h1);
        h2 = <u64>(<u32>h2);
        const s0_2 = h0 + <u64>load<u32>(message, 32);
        const s1_2 = h1 + <u64>load<u32>(message, 36);
        const s2_2 = h2 + <u64>load<u32>(message, 40);
        const s3_2 = h3 + <u64>load<u32>(message, 44);
        const x0_2 = s0_2 * r0 + s1_2 * t3 + s2_2 * t2 + s3_2 * t1 + t0;
        const x1_2 = s0_2 * r1 + s1_2 * r0 + s2_2 * t3 + s3_2 * t2 + t1;
        const x3_2 = s0_2 * r3 + s1_2 * r2 + s2_2 * r1 + s3_2 * r0 + top;
        const x2_2 = s0_2 * r2 + s1_2 * r1 + s2_2 * r0 + s3_2 * t3 + t2;
        h0 = <u64>(<u32>x0_2) + (x3_2 >>> 34) * 5;
        h1 = <u64>(<u32>x1_2) + (x0_2 >>> 32);
        h2 = <u64>(<u32>x2_2) + (x1_2 >>> 32) + (h1 >>> 32);
        h3 = (x3_2 & 0x3ffffffff) + (x2_2 >>> 32) + (h2 >>> 32);
        h1 = <u64>(<u32>h1);
        h2 = <u64>(<u32>h2);
        message += 48;
      }
    }

    if (withPoly1305) {
      store<u64>(poly, h0, 88);
      store<u64>(poly, h1, 96);
      store<u64>(poly, h2, 104);
      store<u64>(poly, h3, 112);
    }
    Finish.row(states, stream, a0, a1, a2, a3);
    Finish.row(states + 16, stream + 16, b0, b1, b2, b3);
    Finish.row(states + 32, stream + 32, c0, c1, c2, c3);
    Finish.row(states + 48, stream + 48, d0, d1, d2, d3);
  }
}

/** Writes one block for each lane, 256 bytes. Leaves the states as they are. */
export function chacha20Blocks(states: usize, stream: usize): void {
  Blocks.write(states, stream, false, 0, 0);
}

/**
 * The same, and beside it adds 480 bytes of a message to a Poly1305 accumulator: the one keeps the vector units busy, the
 * other the multiplier of integers, and a processor that looks ahead runs both at once (measured: a fifth less time than
 * one after the other).
 * @param poly state of Poly1305, see poly1305.ts
 */
export function chacha20BlocksWithPoly1305(states: usize, stream: usize, poly: usize, message: usize): void {
  Blocks.write(states, stream, true, poly, message);
}

/** XORs `length` bytes of key stream into the bytes at `source`; the result goes to `target`, which may be the same. */
export function xorStream(stream: usize, source: usize, target: usize, length: usize): void {
  const whole = length & ~15;
  let at: usize = 0;
  for (; at < whole; at += 16) {
    v128.store(target + at, v128.xor(v128.load(source + at), v128.load(stream + at)));
  }
  for (; at < length; at++) store<u8>(target + at, load<u8>(source + at) ^ load<u8>(stream + at));
}

/**
 * XORs key stream into text of any length, in place, and moves the counters past the whole blocks it took: what is left of
 * a block is lost, so only the last piece of a text may end within one.
 * @param states spread from one
 * @param stream 256 bytes that are overwritten; the caller wipes them
 */
export function chacha20Xor(states: usize, stream: usize, text: usize, length: usize): void {
  let done: usize = 0;
  while (done < length) {
    const piece = min<usize>(length - done, CHACHA20_STREAM_BYTES);
    chacha20Blocks(states, stream);
    xorStream(stream, text + done, text + done, piece);
    chacha20AdvanceCounter(states, <u32>(piece >>> 6));
    done += piece;
  }
}
