// Poly1305 (RFC 8439 §2.5) on 32-bit words held in 64 bits: 16 products per block, where 26-bit limbs take 25.
// State, 120 bytes: u64 r0 to r3, the clamped r; u64 t1 to t3; u64 t0 and top, what a block's 2^128 adds; s, 16 bytes;
// u64 h0 to h3, the accumulator.
// Readable twin: test/reference/chacha20poly1305.ts.

export const POLY1305_STATE_BYTES = 120;

/** Starts with the 32 bytes r ‖ s at `key`. */
export function poly1305Start(state: usize, key: usize): void {
  const r0 = <u64>(load<u32>(key) & 0x0fffffff);
  const r1 = <u64>(load<u32>(key, 4) & 0x0ffffffc);
  const r2 = <u64>(load<u32>(key, 8) & 0x0ffffffc);
  const r3 = <u64>(load<u32>(key, 12) & 0x0ffffffc);
  store<u64>(state, r0);
  store<u64>(state, r1, 8);
  store<u64>(state, r2, 16);
  store<u64>(state, r3, 24);
  // 2^130 = 5 modulo p, and r1 to r3 are multiples of 4: a product that lands 2^128 too high comes back as 5/4 of itself.
  // Kept in memory, since V8 would compute them again for every block.
  const t3 = r3 + (r3 >>> 2);
  store<u64>(state, r1 + (r1 >>> 2), 32);
  store<u64>(state, r2 + (r2 >>> 2), 40);
  store<u64>(state, t3, 48);
  // 2^128 * r = t0 + 2^32 t1 + 2^64 t2 + 2^96 top, the two lowest bits of r0 staying at 2^128.
  store<u64>(state, (r0 >>> 2) * 5, 56);
  store<u64>(state, t3 + ((r0 & 3) << 32), 64);
  v128.store(state, v128.load(key, 16), 72);
  v128.store(state, i64x2(0, 0), 88);
  v128.store(state, i64x2(0, 0), 104);
}

/**
 * Adds blocks of 16 bytes to the accumulator, each with the 2^128 of a whole block.
 * @param length a multiple of 16
 */
export function poly1305Blocks(state: usize, message: usize, length: usize): void {
  const r0 = load<u64>(state);
  const r1 = load<u64>(state, 8);
  const r2 = load<u64>(state, 16);
  const r3 = load<u64>(state, 24);
  const t1 = load<u64>(state, 32);
  const t2 = load<u64>(state, 40);
  const t3 = load<u64>(state, 48);
  const t0 = load<u64>(state, 56);
  const top = load<u64>(state, 64);
  let h0 = load<u64>(state, 88);
  let h1 = load<u64>(state, 96);
  let h2 = load<u64>(state, 104);
  let h3 = load<u64>(state, 112);
  const end = message + length;
  while (message < end) {
    // In units of 2^32, with r < 1/16, t < 5/64: h0 < 2.06, h1 and h2 < 1, h3 < 5, so s0 < 3.06, s1 and s2 < 2, s3 < 6.
    // Then x0 < (3.06 + 5/4 * (2 + 2 + 6)) / 16 * 2^64 + 2^31 < 0.98 * 2^64, x1 and x2 are less, and x3 <
    // (3.06 + 2 + 2 + 6) / 16 * 2^64 + 2^35 < 0.82 * 2^64: nothing overflows, and 5 * (x3 >>> 34) < 1.03 * 2^32.
    const s0 = h0 + <u64>load<u32>(message);
    const s1 = h1 + <u64>load<u32>(message, 4);
    const s2 = h2 + <u64>load<u32>(message, 8);
    const s3 = h3 + <u64>load<u32>(message, 12);
    const x0 = s0 * r0 + s1 * t3 + s2 * t2 + s3 * t1 + t0;
    const x1 = s0 * r1 + s1 * r0 + s2 * t3 + s3 * t2 + t1;
    const x3 = s0 * r3 + s1 * r2 + s2 * r1 + s3 * r0 + top;
    const x2 = s0 * r2 + s1 * r1 + s2 * r0 + s3 * t3 + t2;
    // What lies from 2^130 on comes back as its fivefold, and is carried on with the next block.
    h0 = <u64>(<u32>x0) + (x3 >>> 34) * 5;
    h1 = <u64>(<u32>x1) + (x0 >>> 32);
    h2 = <u64>(<u32>x2) + (x1 >>> 32) + (h1 >>> 32);
    h3 = (x3 & 0x3ffffffff) + (x2 >>> 32) + (h2 >>> 32);
    h1 = <u64>(<u32>h1);
    h2 = <u64>(<u32>h2);
    message += 16;
  }
  store<u64>(state, h0, 88);
  store<u64>(state, h1, 96);
  store<u64>(state, h2, 104);
  store<u64>(state, h3, 112);
}

/** Writes the 16-byte tag and wipes the state. */
export function poly1305Finish(state: usize, out: usize): void {
  let h0 = load<u64>(state, 88);
  let h1 = load<u64>(state, 96) + (h0 >>> 32);
  let h2 = load<u64>(state, 104) + (h1 >>> 32);
  let h3 = load<u64>(state, 112) + (h2 >>> 32);
  // What lies from 2^130 on comes back as its fivefold. After that h < 2^130 + 10.
  h0 = <u64>(<u32>h0) + (h3 >>> 34) * 5;
  h1 = <u64>(<u32>h1) + (h0 >>> 32);
  h2 = <u64>(<u32>h2) + (h1 >>> 32);
  h3 = (h3 & 0x3ffffffff) + (h2 >>> 32);
  // One where h >= p = 2^130 - 5: the carry of h + 5 out of bit 129. Then h - p is h + 5 without that bit.
  let carry = (<u64>(<u32>h0) + 5) >>> 32;
  carry = (<u64>(<u32>h1) + carry) >>> 32;
  carry = (<u64>(<u32>h2) + carry) >>> 32;
  const over = (h3 + carry) >>> 34;
  // (h mod p + s) modulo 2^128
  let sum = <u64>(<u32>h0) + over * 5 + <u64>load<u32>(state, 72);
  const low = <u64>(<u32>sum);
  sum = <u64>(<u32>h1) + <u64>load<u32>(state, 76) + (sum >>> 32);
  store<u64>(out, low | (sum << 32));
  sum = <u64>(<u32>h2) + <u64>load<u32>(state, 80) + (sum >>> 32);
  const high = <u64>(<u32>sum);
  sum = <u64>(<u32>h3) + <u64>load<u32>(state, 84) + (sum >>> 32);
  store<u64>(out, high | (sum << 32), 8);
  // Not by memory.fill, whose call into V8 takes longer than this.
  for (let at: usize = 0; at < <usize>POLY1305_STATE_BYTES; at += 8) store<u64>(state + at, 0);
}

/** Compares two 16-byte tags without a branch. @returns 1 where they are equal, 0 where not */
export function equalTags(a: usize, b: usize): i32 {
  const difference = (load<u64>(a) ^ load<u64>(b)) | (load<u64>(a, 8) ^ load<u64>(b, 8));
  // The top bit of x | -x is set for every x but 0.
  return <i32>(((difference | (0 - difference)) >>> 63) ^ 1);
}
