// Four independent products mod p = 2^255 - 19 at once, one per 32-bit lane of a quad (format: quad.ts).
//
// i32x4.dot_i16x8_s adds two limb products per lane. One level of Karatsuba: from the lower ten limbs of both operands,
// the upper ten, and the sums of lower and upper, three times 55 dot products make all columns. What overflows 32 bits
// on the way comes back: only the 39 columns themselves have to fit.
//
// Columns go through memory although locals would do. V8 puts straight-line code in an order of its own, with so many
// values alive that it moves them to the stack and back more often than it multiplies; it keeps the order of stores.
// With them a call takes 53 ns; 210 dot products in locals alone took 64.
// Readable twin: test/reference/curve25519.ts.

import { COLUMNS_HIGH, COLUMNS_LOW, COLUMNS_MIDDLE } from "./scratch.ts";

class Dot {
  @inline static two(a0: v128, b0: v128, a1: v128, b1: v128): v128 {
    return i32x4.add(i32x4.dot_i16x8_s(a0, b0), i32x4.dot_i16x8_s(a1, b1));
  }

  @inline static three(a0: v128, b0: v128, a1: v128, b1: v128, a2: v128, b2: v128): v128 {
    return i32x4.add(Dot.two(a0, b0, a1, b1), i32x4.dot_i16x8_s(a2, b2));
  }

  @inline static four(a0: v128, b0: v128, a1: v128, b1: v128, a2: v128, b2: v128, a3: v128, b3: v128): v128 {
    return i32x4.add(Dot.three(a0, b0, a1, b1, a2, b2), i32x4.dot_i16x8_s(a3, b3));
  }

  @inline static five(
    a0: v128,
    b0: v128,
    a1: v128,
    b1: v128,
    a2: v128,
    b2: v128,
    a3: v128,
    b3: v128,
    a4: v128,
    b4: v128,
  ): v128 {
    return i32x4.add(Dot.four(a0, b0, a1, b1, a2, b2, a3, b3), i32x4.dot_i16x8_s(a4, b4));
  }
}

class Pair {
  /** Limb 2k from one vector, limb 2k - 1 from the vector before it. */
  @inline static cross(even: v128, odd: v128): v128 {
    return i16x8.shuffle(even, odd, 0, 9, 2, 11, 4, 13, 6, 15);
  }

  /** Limbs 2k + 1 and 2k. */
  @inline static swap(pair: v128): v128 {
    return i8x16.swizzle(pair, i8x16(2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13));
  }

  /** Limb 0 alone, as b0. */
  @inline static first(pair: v128): v128 {
    return v128.and(pair, i32x4.splat(0xffff));
  }

  /** Limb 9 alone, as b10. */
  @inline static last(pair: v128): v128 {
    return v128.andnot(pair, i32x4.splat(0xffff));
  }
}

class Half {
  /**
   * Stores the 19 columns of a product of ten limbs by ten. Pairs of a rise while those of b, (limb N, limb N - 1),
   * fall.
   */
  @inline static multiply(columns: usize, a: usize, b: usize): void {
    const a0 = v128.load(a);
    const a1 = v128.load(a, 16);
    const a2 = v128.load(a, 32);
    const a3 = v128.load(a, 48);
    const a4 = v128.load(a, 64);
    const q0 = v128.load(b);
    const q1 = v128.load(b, 16);
    const q2 = v128.load(b, 32);
    const q3 = v128.load(b, 48);
    const q4 = v128.load(b, 64);
    const b0 = Pair.first(q0);
    const b2 = Pair.cross(q1, q0);
    const b4 = Pair.cross(q2, q1);
    const b6 = Pair.cross(q3, q2);
    const b8 = Pair.cross(q4, q3);
    const b10 = Pair.last(q4);
    v128.store(columns, i32x4.dot_i16x8_s(a0, b0));
    v128.store(columns, Dot.two(a0, b2, a1, b0), 32);
    v128.store(columns, Dot.three(a0, b4, a1, b2, a2, b0), 64);
    v128.store(columns, Dot.four(a0, b6, a1, b4, a2, b2, a3, b0), 96);
    v128.store(columns, Dot.five(a0, b8, a1, b6, a2, b4, a3, b2, a4, b0), 128);
    v128.store(columns, Dot.five(a0, b10, a1, b8, a2, b6, a3, b4, a4, b2), 160);
    v128.store(columns, Dot.four(a1, b10, a2, b8, a3, b6, a4, b4), 192);
    v128.store(columns, Dot.three(a2, b10, a3, b8, a4, b6), 224);
    v128.store(columns, Dot.two(a3, b10, a4, b8), 256);
    v128.store(columns, i32x4.dot_i16x8_s(a4, b10), 288);
    const b1 = Pair.swap(v128.load(b));
    const b3 = Pair.swap(v128.load(b, 16));
    const b5 = Pair.swap(v128.load(b, 32));
    const b7 = Pair.swap(v128.load(b, 48));
    const b9 = Pair.swap(v128.load(b, 64));
    v128.store(columns, i32x4.dot_i16x8_s(a0, b1), 16);
    v128.store(columns, Dot.two(a0, b3, a1, b1), 48);
    v128.store(columns, Dot.three(a0, b5, a1, b3, a2, b1), 80);
    v128.store(columns, Dot.four(a0, b7, a1, b5, a2, b3, a3, b1), 112);
    v128.store(columns, Dot.five(a0, b9, a1, b7, a2, b5, a3, b3, a4, b1), 144);
    v128.store(columns, Dot.four(a1, b9, a2, b7, a3, b5, a4, b3), 176);
    v128.store(columns, Dot.three(a2, b9, a3, b7, a4, b5), 208);
    v128.store(columns, Dot.two(a3, b9, a4, b7), 240);
    v128.store(columns, i32x4.dot_i16x8_s(a4, b9), 272);
  }
}

class Middle {
  /** Lower and upper limbs of an operand added. */
  @inline static sum(operand: usize): v128 {
    return i16x8.add(v128.load(operand), v128.load(operand, 80));
  }

  /**
   * Stores columns 10 + j and 20 + j of the whole product, j from 0 to 8, from columns j and 10 + j of the sums'
   * product.
   * @param at 16 · j
   */
  @inline static store(at: usize, lower: v128, upper: v128): void {
    const both = i32x4.sub(v128.load(COLUMNS_LOW + 160 + at), v128.load(COLUMNS_HIGH + at));
    const l = v128.load(COLUMNS_LOW + at);
    v128.store(COLUMNS_MIDDLE + at, i32x4.add(i32x4.sub(lower, l), both));
    const h = v128.load(COLUMNS_HIGH + 160 + at);
    v128.store(COLUMNS_MIDDLE + 160 + at, i32x4.sub(i32x4.sub(upper, h), both));
  }

  /** Column 19, to which only the product of the sums adds something new. */
  @inline static storeNine(column: v128): void {
    const l = v128.load(COLUMNS_LOW + 144);
    v128.store(COLUMNS_MIDDLE + 144, i32x4.sub(i32x4.sub(column, l), v128.load(COLUMNS_HIGH + 144)));
  }

  @inline static multiply(a: usize, b: usize): void {
    const a0 = Middle.sum(a);
    const a1 = Middle.sum(a + 16);
    const a2 = Middle.sum(a + 32);
    const a3 = Middle.sum(a + 48);
    const a4 = Middle.sum(a + 64);
    const q0 = Middle.sum(b);
    const q1 = Middle.sum(b + 16);
    const q2 = Middle.sum(b + 32);
    const q3 = Middle.sum(b + 48);
    const q4 = Middle.sum(b + 64);
    const b0 = Pair.first(q0);
    const b2 = Pair.cross(q1, q0);
    const b4 = Pair.cross(q2, q1);
    const b6 = Pair.cross(q3, q2);
    const b8 = Pair.cross(q4, q3);
    const b10 = Pair.last(q4);
    Middle.store(0, i32x4.dot_i16x8_s(a0, b0), Dot.five(a0, b10, a1, b8, a2, b6, a3, b4, a4, b2));
    Middle.store(32, Dot.two(a0, b2, a1, b0), Dot.four(a1, b10, a2, b8, a3, b6, a4, b4));
    Middle.store(64, Dot.three(a0, b4, a1, b2, a2, b0), Dot.three(a2, b10, a3, b8, a4, b6));
    Middle.store(96, Dot.four(a0, b6, a1, b4, a2, b2, a3, b0), Dot.two(a3, b10, a4, b8));
    Middle.store(128, Dot.five(a0, b8, a1, b6, a2, b4, a3, b2, a4, b0), i32x4.dot_i16x8_s(a4, b10));
    const b1 = Pair.swap(Middle.sum(b));
    const b3 = Pair.swap(Middle.sum(b + 16));
    const b5 = Pair.swap(Middle.sum(b + 32));
    const b7 = Pair.swap(Middle.sum(b + 48));
    const b9 = Pair.swap(Middle.sum(b + 64));
    Middle.store(16, i32x4.dot_i16x8_s(a0, b1), Dot.four(a1, b9, a2, b7, a3, b5, a4, b3));
    Middle.store(48, Dot.two(a0, b3, a1, b1), Dot.three(a2, b9, a3, b7, a4, b5));
    Middle.store(80, Dot.three(a0, b5, a1, b3, a2, b1), Dot.two(a3, b9, a4, b7));
    Middle.store(112, Dot.four(a0, b7, a1, b5, a2, b3, a3, b1), i32x4.dot_i16x8_s(a4, b9));
    Middle.storeNine(Dot.five(a0, b9, a1, b7, a2, b5, a3, b3, a4, b1));
  }
}

class Reduce {
  /**
   * What columns n + 20 and n + 19 stand for in column n. 2^260 is 608 = 19 · 2^5 mod p: 608 times the lower 16 bits of
   * the one, and 608 · 2^3 times the upper 16 of the other. 2^15 less makes the lower 16 bits signed, and 2^12 more on
   * the upper makes up for it; 1 more than that adds 4864 to the column, so that limbs come out around zero in the end.
   */
  @inline static fold(column: v128, below: v128): v128 {
    const halves = i16x8.add(Pair.cross(column, below), i32x4.splat(0x10018000));
    return i32x4.dot_i16x8_s(halves, i32x4.splat(0x13000260));
  }

  /** A column with what folds into it and what the column below it passes on. */
  @inline static carry(column: v128, folded: v128, below: v128): v128 {
    return i32x4.add(i32x4.add(column, folded), i32x4.shr_s(below, 13));
  }

  /** 13 bits of two columns as a pair of limbs, 4864 taken off again. */
  @inline static store(out: usize, even: v128, odd: v128): void {
    const pair = Pair.cross(even, i32x4.shl(odd, 16));
    v128.store(out, i16x8.sub(v128.and(pair, i16x8.splat(0x1fff)), i16x8.splat(4864)));
  }

  @inline static run(out: usize): void {
    const zero = i32x4.splat(0);
    // The upper half first, since what column 19 passes on folds into column 0.
    const c29 = v128.load(COLUMNS_HIGH, 144);
    const c30 = v128.load(COLUMNS_HIGH, 160);
    const c10 = i32x4.add(v128.load(COLUMNS_MIDDLE), Reduce.fold(c30, c29));
    const c31 = v128.load(COLUMNS_HIGH, 176);
    const c11 = Reduce.carry(v128.load(COLUMNS_MIDDLE, 16), Reduce.fold(c31, c30), c10);
    const c32 = v128.load(COLUMNS_HIGH, 192);
    const c12 = Reduce.carry(v128.load(COLUMNS_MIDDLE, 32), Reduce.fold(c32, c31), c11);
    const c33 = v128.load(COLUMNS_HIGH, 208);
    const c13 = Reduce.carry(v128.load(COLUMNS_MIDDLE, 48), Reduce.fold(c33, c32), c12);
    Reduce.store(out + 96, c12, c13);
    const c34 = v128.load(COLUMNS_HIGH, 224);
    const c14 = Reduce.carry(v128.load(COLUMNS_MIDDLE, 64), Reduce.fold(c34, c33), c13);
    const c35 = v128.load(COLUMNS_HIGH, 240);
    const c15 = Reduce.carry(v128.load(COLUMNS_MIDDLE, 80), Reduce.fold(c35, c34), c14);
    Reduce.store(out + 112, c14, c15);
    const c36 = v128.load(COLUMNS_HIGH, 256);
    const c16 = Reduce.carry(v128.load(COLUMNS_MIDDLE, 96), Reduce.fold(c36, c35), c15);
    const c37 = v128.load(COLUMNS_HIGH, 272);
    const c17 = Reduce.carry(v128.load(COLUMNS_MIDDLE, 112), Reduce.fold(c37, c36), c16);
    Reduce.store(out + 128, c16, c17);
    const c38 = v128.load(COLUMNS_HIGH, 288);
    const c18 = Reduce.carry(v128.load(COLUMNS_MIDDLE, 128), Reduce.fold(c38, c37), c17);
    const c19 = Reduce.carry(v128.load(COLUMNS_MIDDLE, 144), Reduce.fold(zero, c38), c18);
    Reduce.store(out + 144, c18, c19);
    const c20 = v128.load(COLUMNS_MIDDLE, 160);
    const wrapped = i32x4.mul(i32x4.shr_s(c19, 13), i32x4.splat(608));
    const c0 = i32x4.add(i32x4.add(v128.load(COLUMNS_LOW), Reduce.fold(c20, zero)), wrapped);
    const c21 = v128.load(COLUMNS_MIDDLE, 176);
    const c1 = Reduce.carry(v128.load(COLUMNS_LOW, 16), Reduce.fold(c21, c20), c0);
    Reduce.store(out, c0, c1);
    const c22 = v128.load(COLUMNS_MIDDLE, 192);
    const c2 = Reduce.carry(v128.load(COLUMNS_LOW, 32), Reduce.fold(c22, c21), c1);
    const c23 = v128.load(COLUMNS_MIDDLE, 208);
    const c3 = Reduce.carry(v128.load(COLUMNS_LOW, 48), Reduce.fold(c23, c22), c2);
    Reduce.store(out + 16, c2, c3);
    const c24 = v128.load(COLUMNS_MIDDLE, 224);
    const c4 = Reduce.carry(v128.load(COLUMNS_LOW, 64), Reduce.fold(c24, c23), c3);
    const c25 = v128.load(COLUMNS_MIDDLE, 240);
    const c5 = Reduce.carry(v128.load(COLUMNS_LOW, 80), Reduce.fold(c25, c24), c4);
    Reduce.store(out + 32, c4, c5);
    const c26 = v128.load(COLUMNS_MIDDLE, 256);
    const c6 = Reduce.carry(v128.load(COLUMNS_LOW, 96), Reduce.fold(c26, c25), c5);
    const c27 = v128.load(COLUMNS_MIDDLE, 272);
    const c7 = Reduce.carry(v128.load(COLUMNS_LOW, 112), Reduce.fold(c27, c26), c6);
    Reduce.store(out + 48, c6, c7);
    const c28 = v128.load(COLUMNS_MIDDLE, 288);
    const c8 = Reduce.carry(v128.load(COLUMNS_LOW, 128), Reduce.fold(c28, c27), c7);
    const c9 = Reduce.carry(v128.load(COLUMNS_LOW, 144), Reduce.fold(c29, c28), c8);
    Reduce.store(out + 64, c8, c9);
    // What column 9 passes on goes through limb 10 into limb 11 and stays there.
    const mask = i32x4.splat(0x1fff);
    const limb10 = i32x4.add(v128.and(c10, mask), i32x4.shr_s(c9, 13));
    const limb11 = i32x4.add(v128.and(c11, mask), i32x4.shr_s(limb10, 13));
    const pair = Pair.cross(v128.and(limb10, mask), i32x4.shl(limb11, 16));
    v128.store(out, i16x8.sub(pair, i16x8.splat(4864)), 80);
  }
}

/**
 * out = a · b, carried. Each of the three may be the same quad. Limbs of the operands may be up to 9808 either way:
 * sums or differences of two carried elements. Then a column is at most 20 · 9808^2 = 1.93 · 10^9, what folds into it
 * 1.8 · 10^8.
 */
export function multiply(out: usize, a: usize, b: usize): void {
  Half.multiply(COLUMNS_LOW, a, b);
  Half.multiply(COLUMNS_HIGH, a + 80, b + 80);
  Middle.multiply(a, b);
  Reduce.run(out);
}
