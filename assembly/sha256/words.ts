// What SHA-256 does to vectors of four words, be they four words of one message or one word of four. Inlined by force: calls
// would send every value through memory.

/**
 * The sums of FIPS 180-4 §4.1.2 and the byte order. The shifts of a sum are nested (x >> 2 ^ x >> 13 = (x >> 11 ^ x) >> 2):
 * as many of them, but fewer values alive, which spares a quarter of the time.
 */
export class Words {
  /** Big-endian words from bytes and back. By swizzle: V8 keeps the constant order in a register. */
  @inline static swap(words: v128): v128 {
    return i8x16.swizzle(words, i8x16(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12));
  }

  /** rotr 2 ^ rotr 13 ^ rotr 22. */
  @inline static largeSum0(x: v128): v128 {
    const right = v128.xor(i32x4.shr_u(v128.xor(i32x4.shr_u(x, 9), x), 11), x);
    const left = v128.xor(i32x4.shl(v128.xor(i32x4.shl(x, 11), x), 9), x);
    return v128.xor(i32x4.shr_u(right, 2), i32x4.shl(left, 10));
  }

  /** rotr 6 ^ rotr 11 ^ rotr 25. */
  @inline static largeSum1(x: v128): v128 {
    const right = v128.xor(i32x4.shr_u(v128.xor(i32x4.shr_u(x, 14), x), 5), x);
    const left = v128.xor(i32x4.shl(v128.xor(i32x4.shl(x, 5), x), 14), x);
    return v128.xor(i32x4.shr_u(right, 6), i32x4.shl(left, 7));
  }

  /** rotr 7 ^ rotr 18 ^ shr 3. */
  @inline static smallSum0(x: v128): v128 {
    const right = v128.xor(i32x4.shr_u(v128.xor(i32x4.shr_u(x, 11), x), 4), x);
    return v128.xor(i32x4.shr_u(right, 3), i32x4.shl(v128.xor(i32x4.shl(x, 11), x), 14));
  }

  /** rotr 17 ^ rotr 19 ^ shr 10. */
  @inline static smallSum1(x: v128): v128 {
    const right = v128.xor(i32x4.shr_u(v128.xor(i32x4.shr_u(x, 2), x), 7), x);
    return v128.xor(i32x4.shr_u(right, 10), i32x4.shl(v128.xor(i32x4.shl(x, 2), x), 13));
  }
}
