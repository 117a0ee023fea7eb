// Four independent products mod p = 2^255 - 19 at once, one per 32-bit lane of a quad (format and bounds: quad.ts).
// i32x4.dot_i16x8_s adds two limb products per lane: 210 of them make all four products, against 400 64-bit ones.

/** Sums of dot products, as one left-to-right chain: V8 keeps fewer of those alive than of a tree. */
class Dot {
  @inline static one(a0: v128, b0: v128): v128 {
    return i32x4.dot_i16x8_s(a0, b0);
  }
  @inline static two(a0: v128, b0: v128, a1: v128, b1: v128): v128 {
    return i32x4.add(Dot.one(a0, b0), i32x4.dot_i16x8_s(a1, b1));
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
  @inline static plus1(sum: v128, a0: v128, b0: v128): v128 {
    return i32x4.add(sum, i32x4.dot_i16x8_s(a0, b0));
  }
  @inline static plus2(sum: v128, a0: v128, b0: v128, a1: v128, b1: v128): v128 {
    return i32x4.add(Dot.plus1(sum, a0, b0), i32x4.dot_i16x8_s(a1, b1));
  }
  @inline static plus3(sum: v128, a0: v128, b0: v128, a1: v128, b1: v128, a2: v128, b2: v128): v128 {
    return i32x4.add(Dot.plus2(sum, a0, b0, a1, b1), i32x4.dot_i16x8_s(a2, b2));
  }
  @inline static plus4(
    sum: v128,
    a0: v128,
    b0: v128,
    a1: v128,
    b1: v128,
    a2: v128,
    b2: v128,
    a3: v128,
    b3: v128,
  ): v128 {
    return i32x4.add(Dot.plus3(sum, a0, b0, a1, b1, a2, b2), i32x4.dot_i16x8_s(a3, b3));
  }
  @inline static plus5(
    sum: v128,
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
    return i32x4.add(Dot.plus4(sum, a0, b0, a1, b1, a2, b2, a3, b3), i32x4.dot_i16x8_s(a4, b4));
  }
}

class Carry {
  /** A column of the result: with what folds into it and what the column below passes on. */
  @inline static into(column: v128, below: v128, folded: v128, half: v128): v128 {
    return i32x4.add(i32x4.add(i32x4.add(column, i32x4.shr_s(below, 13)), folded), half);
  }

  /** Low 13 bits of two columns as a pair of balanced limbs. */
  @inline static store(out: usize, even: v128, odd: v128): void {
    const pair = i16x8.shuffle(even, i32x4.shl(odd, 16), 0, 9, 2, 11, 4, 13, 6, 15);
    v128.store(out, i16x8.sub(v128.and(pair, i16x8.splat(0x1fff)), i16x8.splat(0x1000)));
  }

  /** The same where the upper column keeps its few bits too many. */
  @inline static storeLoose(out: usize, even: v128, odd: v128): void {
    const pair = i16x8.shuffle(v128.and(even, i32x4.splat(0x1fff)), i32x4.shl(odd, 16), 0, 9, 2, 11, 4, 13, 6, 15);
    v128.store(out, i16x8.sub(pair, i16x8.splat(0x1000)));
  }
}

/** out = a · b. Each of the three may be the same quad. */
export function multiply(out: usize, a: usize, b: usize): void {
  const a0 = v128.load(a, 0);
  const a1 = v128.load(a, 16);
  const a2 = v128.load(a, 32);
  const a3 = v128.load(a, 48);
  const a4 = v128.load(a, 64);
  const a5 = v128.load(a, 80);
  const a6 = v128.load(a, 96);
  const a7 = v128.load(a, 112);
  const a8 = v128.load(a, 128);
  const a9 = v128.load(a, 144);
  const q0 = v128.load(b, 0);
  const q1 = v128.load(b, 16);
  const q2 = v128.load(b, 32);
  const q3 = v128.load(b, 48);
  const q4 = v128.load(b, 64);
  const q5 = v128.load(b, 80);
  const q6 = v128.load(b, 96);
  const q7 = v128.load(b, 112);
  const q8 = v128.load(b, 128);
  const q9 = v128.load(b, 144);
  // Limb pairs of b against pairs of a that rise while b's fall: bN is (limb N, limb N - 1), with zeros beyond the ends.
  const low = i32x4.splat(0xffff);
  const b0 = v128.and(q0, low);
  const b1 = i16x8.shuffle(q0, q0, 1, 0, 3, 2, 5, 4, 7, 6);
  const b2 = i16x8.shuffle(q1, q0, 0, 9, 2, 11, 4, 13, 6, 15);
  const b3 = i16x8.shuffle(q1, q1, 1, 0, 3, 2, 5, 4, 7, 6);
  const b4 = i16x8.shuffle(q2, q1, 0, 9, 2, 11, 4, 13, 6, 15);
  const b5 = i16x8.shuffle(q2, q2, 1, 0, 3, 2, 5, 4, 7, 6);
  const b6 = i16x8.shuffle(q3, q2, 0, 9, 2, 11, 4, 13, 6, 15);
  const b7 = i16x8.shuffle(q3, q3, 1, 0, 3, 2, 5, 4, 7, 6);
  const b8 = i16x8.shuffle(q4, q3, 0, 9, 2, 11, 4, 13, 6, 15);
  const b9 = i16x8.shuffle(q4, q4, 1, 0, 3, 2, 5, 4, 7, 6);
  const b10 = i16x8.shuffle(q5, q4, 0, 9, 2, 11, 4, 13, 6, 15);
  const b11 = i16x8.shuffle(q5, q5, 1, 0, 3, 2, 5, 4, 7, 6);
  const b12 = i16x8.shuffle(q6, q5, 0, 9, 2, 11, 4, 13, 6, 15);
  const b13 = i16x8.shuffle(q6, q6, 1, 0, 3, 2, 5, 4, 7, 6);
  const b14 = i16x8.shuffle(q7, q6, 0, 9, 2, 11, 4, 13, 6, 15);
  const b15 = i16x8.shuffle(q7, q7, 1, 0, 3, 2, 5, 4, 7, 6);
  const b16 = i16x8.shuffle(q8, q7, 0, 9, 2, 11, 4, 13, 6, 15);
  const b17 = i16x8.shuffle(q8, q8, 1, 0, 3, 2, 5, 4, 7, 6);
  const b18 = i16x8.shuffle(q9, q8, 0, 9, 2, 11, 4, 13, 6, 15);
  const b19 = i16x8.shuffle(q9, q9, 1, 0, 3, 2, 5, 4, 7, 6);
  const b20 = v128.andnot(q9, low);

  // Columns 20 to 38 stand for 2^260 and up. Cut to 18 bits, they fold back as 608 = 19 · 2^5 times as much.
  const mask = i32x4.splat(0x1fff);
  const c20 = Dot.plus5(Dot.five(a0, b20, a1, b18, a2, b16, a3, b14, a4, b12), a5, b10, a6, b8, a7, b6, a8, b4, a9, b2);
  const c21 = Dot.plus4(Dot.five(a1, b19, a2, b17, a3, b15, a4, b13, a5, b11), a6, b9, a7, b7, a8, b5, a9, b3);
  const c22 = Dot.plus4(Dot.five(a1, b20, a2, b18, a3, b16, a4, b14, a5, b12), a6, b10, a7, b8, a8, b6, a9, b4);
  const c23 = Dot.plus3(Dot.five(a2, b19, a3, b17, a4, b15, a5, b13, a6, b11), a7, b9, a8, b7, a9, b5);
  const c24 = Dot.plus3(Dot.five(a2, b20, a3, b18, a4, b16, a5, b14, a6, b12), a7, b10, a8, b8, a9, b6);
  const c25 = Dot.plus2(Dot.five(a3, b19, a4, b17, a5, b15, a6, b13, a7, b11), a8, b9, a9, b7);
  const c26 = Dot.plus2(Dot.five(a3, b20, a4, b18, a5, b16, a6, b14, a7, b12), a8, b10, a9, b8);
  const c27 = Dot.plus1(Dot.five(a4, b19, a5, b17, a6, b15, a7, b13, a8, b11), a9, b9);
  const c28 = Dot.plus1(Dot.five(a4, b20, a5, b18, a6, b16, a7, b14, a8, b12), a9, b10);
  const c29 = Dot.five(a5, b19, a6, b17, a7, b15, a8, b13, a9, b11);
  const c30 = Dot.five(a5, b20, a6, b18, a7, b16, a8, b14, a9, b12);
  const c31 = Dot.four(a6, b19, a7, b17, a8, b15, a9, b13);
  const c32 = Dot.four(a6, b20, a7, b18, a8, b16, a9, b14);
  const c33 = Dot.three(a7, b19, a8, b17, a9, b15);
  const c34 = Dot.three(a7, b20, a8, b18, a9, b16);
  const c35 = Dot.two(a8, b19, a9, b17);
  const c36 = Dot.two(a8, b20, a9, b18);
  const c37 = Dot.one(a9, b19);
  const c38 = Dot.one(a9, b20);
  const fold = i32x4.splat(608);
  const f20 = i32x4.mul(v128.and(c20, mask), fold);
  const f21 = i32x4.mul(i32x4.add(v128.and(c21, mask), i32x4.shr_s(c20, 13)), fold);
  const f22 = i32x4.mul(i32x4.add(v128.and(c22, mask), i32x4.shr_s(c21, 13)), fold);
  const f23 = i32x4.mul(i32x4.add(v128.and(c23, mask), i32x4.shr_s(c22, 13)), fold);
  const f24 = i32x4.mul(i32x4.add(v128.and(c24, mask), i32x4.shr_s(c23, 13)), fold);
  const f25 = i32x4.mul(i32x4.add(v128.and(c25, mask), i32x4.shr_s(c24, 13)), fold);
  const f26 = i32x4.mul(i32x4.add(v128.and(c26, mask), i32x4.shr_s(c25, 13)), fold);
  const f27 = i32x4.mul(i32x4.add(v128.and(c27, mask), i32x4.shr_s(c26, 13)), fold);
  const f28 = i32x4.mul(i32x4.add(v128.and(c28, mask), i32x4.shr_s(c27, 13)), fold);
  const f29 = i32x4.mul(i32x4.add(v128.and(c29, mask), i32x4.shr_s(c28, 13)), fold);
  const f30 = i32x4.mul(i32x4.add(v128.and(c30, mask), i32x4.shr_s(c29, 13)), fold);
  const f31 = i32x4.mul(i32x4.add(v128.and(c31, mask), i32x4.shr_s(c30, 13)), fold);
  const f32 = i32x4.mul(i32x4.add(v128.and(c32, mask), i32x4.shr_s(c31, 13)), fold);
  const f33 = i32x4.mul(i32x4.add(v128.and(c33, mask), i32x4.shr_s(c32, 13)), fold);
  const f34 = i32x4.mul(i32x4.add(v128.and(c34, mask), i32x4.shr_s(c33, 13)), fold);
  const f35 = i32x4.mul(i32x4.add(v128.and(c35, mask), i32x4.shr_s(c34, 13)), fold);
  const f36 = i32x4.mul(i32x4.add(v128.and(c36, mask), i32x4.shr_s(c35, 13)), fold);
  const f37 = i32x4.mul(i32x4.add(v128.and(c37, mask), i32x4.shr_s(c36, 13)), fold);
  const f38 = i32x4.mul(i32x4.add(v128.and(c38, mask), i32x4.shr_s(c37, 13)), fold);
  const f39 = i32x4.mul(i32x4.shr_s(c38, 13), fold);

  // Carries, upper half first. Half a limb is added everywhere, so that limbs come out balanced around zero.
  const half = i32x4.splat(0x1000);
  const c10 = i32x4.add(i32x4.add(Dot.plus1(Dot.five(a0, b10, a1, b8, a2, b6, a3, b4, a4, b2), a5, b0), half), f30);
  const c11 = Carry.into(Dot.plus1(Dot.five(a0, b11, a1, b9, a2, b7, a3, b5, a4, b3), a5, b1), c10, f31, half);
  const c12 = Carry.into(Dot.plus2(Dot.five(a0, b12, a1, b10, a2, b8, a3, b6, a4, b4), a5, b2, a6, b0), c11, f32, half);
  const c13 = Carry.into(Dot.plus2(Dot.five(a0, b13, a1, b11, a2, b9, a3, b7, a4, b5), a5, b3, a6, b1), c12, f33, half);
  const c14 = Carry.into(
    Dot.plus3(Dot.five(a0, b14, a1, b12, a2, b10, a3, b8, a4, b6), a5, b4, a6, b2, a7, b0),
    c13,
    f34,
    half,
  );
  const c15 = Carry.into(
    Dot.plus3(Dot.five(a0, b15, a1, b13, a2, b11, a3, b9, a4, b7), a5, b5, a6, b3, a7, b1),
    c14,
    f35,
    half,
  );
  const c16 = Carry.into(
    Dot.plus4(Dot.five(a0, b16, a1, b14, a2, b12, a3, b10, a4, b8), a5, b6, a6, b4, a7, b2, a8, b0),
    c15,
    f36,
    half,
  );
  const c17 = Carry.into(
    Dot.plus4(Dot.five(a0, b17, a1, b15, a2, b13, a3, b11, a4, b9), a5, b7, a6, b5, a7, b3, a8, b1),
    c16,
    f37,
    half,
  );
  const c18 = Carry.into(
    Dot.plus5(Dot.five(a0, b18, a1, b16, a2, b14, a3, b12, a4, b10), a5, b8, a6, b6, a7, b4, a8, b2, a9, b0),
    c17,
    f38,
    half,
  );
  const c19 = Carry.into(
    Dot.plus5(Dot.five(a0, b19, a1, b17, a2, b15, a3, b13, a4, b11), a5, b9, a6, b7, a7, b5, a8, b3, a9, b1),
    c18,
    f39,
    half,
  );
  const c0 = i32x4.add(i32x4.add(i32x4.add(Dot.one(a0, b0), i32x4.mul(i32x4.shr_s(c19, 13), fold)), f20), half);
  const c1 = Carry.into(Dot.one(a0, b1), c0, f21, half);
  const c2 = Carry.into(Dot.two(a0, b2, a1, b0), c1, f22, half);
  const c3 = Carry.into(Dot.two(a0, b3, a1, b1), c2, f23, half);
  const c4 = Carry.into(Dot.three(a0, b4, a1, b2, a2, b0), c3, f24, half);
  const c5 = Carry.into(Dot.three(a0, b5, a1, b3, a2, b1), c4, f25, half);
  const c6 = Carry.into(Dot.four(a0, b6, a1, b4, a2, b2, a3, b0), c5, f26, half);
  const c7 = Carry.into(Dot.four(a0, b7, a1, b5, a2, b3, a3, b1), c6, f27, half);
  const c8 = Carry.into(Dot.five(a0, b8, a1, b6, a2, b4, a3, b2, a4, b0), c7, f28, half);
  const c9 = Carry.into(Dot.five(a0, b9, a1, b7, a2, b5, a3, b3, a4, b1), c8, f29, half);
  // What limb 9 passes on goes through limb 10 into limb 11 and stays there.
  const c10b = i32x4.add(v128.and(c10, mask), i32x4.shr_s(c9, 13));
  const c11b = i32x4.add(v128.and(c11, mask), i32x4.shr_s(c10b, 13));

  Carry.store(out + 0, c0, c1);
  Carry.store(out + 16, c2, c3);
  Carry.store(out + 32, c4, c5);
  Carry.store(out + 48, c6, c7);
  Carry.store(out + 64, c8, c9);
  Carry.store(out + 96, c12, c13);
  Carry.store(out + 112, c14, c15);
  Carry.store(out + 128, c16, c17);
  Carry.store(out + 144, c18, c19);
  Carry.storeLoose(out + 80, c10b, c11b);
}
