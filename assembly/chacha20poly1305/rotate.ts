/**
 * ChaCha's left rotations of four words (RFC 8439 §2.1). Whole bytes are moved by swizzle: V8 shares its constant operand
 * between the rotations of a loop, but builds the mask of a shuffle anew each time (measured: a tenth of the cipher).
 */
export class Rotate {
  @inline static by16(words: v128): v128 {
    return i8x16.swizzle(words, i8x16(2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13));
  }

  @inline static by12(words: v128): v128 {
    return v128.or(i32x4.shl(words, 12), i32x4.shr_u(words, 20));
  }

  @inline static by8(words: v128): v128 {
    return i8x16.swizzle(words, i8x16(3, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10, 15, 12, 13, 14));
  }

  @inline static by7(words: v128): v128 {
    return v128.or(i32x4.shl(words, 7), i32x4.shr_u(words, 25));
  }
}
