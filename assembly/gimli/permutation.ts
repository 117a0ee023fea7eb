// Gimli (Bernstein et al., CHES 2017): a permutation of 48 bytes, held as three rows of four little-endian words. One row
// is one v128, so that the four columns go through a round side by side.
// Readable twin: test/reference/gimli.ts.

/**
 * What a round does to its rows before they are mixed. The column swaps between rounds are never done on their own: the
 * next round's rotation of the top row by 24 picks its bytes from where the swap would have put them. By swizzle rather
 * than shuffle: V8 keeps a constant operand in a register, but builds a shuffle's mask anew each time (measured, 7 ns).
 */
class BeforeMix {
  @inline static top(row: v128): v128 {
    return i8x16.swizzle(row, i8x16(1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12));
  }

  /** After a round divisible by four: columns 0, 1 and 2, 3 change places, and the constant goes into word 0. */
  @inline static topAfterSmallSwap(row: v128, round: i32): v128 {
    const turned = i8x16.swizzle(row, i8x16(5, 6, 7, 4, 1, 2, 3, 0, 13, 14, 15, 12, 9, 10, 11, 8));
    // rotl(0x9e377900 ^ round, 24), since it meets the row after the rotation.
    return v128.xor(turned, i32x4((round << 24) | 0x9e3779, 0, 0, 0));
  }

  /** After the other even rounds: columns 0, 2 and 1, 3 change places. */
  @inline static topAfterBigSwap(row: v128): v128 {
    return i8x16.swizzle(row, i8x16(9, 10, 11, 8, 13, 14, 15, 12, 1, 2, 3, 0, 5, 6, 7, 4));
  }

  @inline static middle(row: v128): v128 {
    return v128.or(i32x4.shl(row, 9), i32x4.shr_u(row, 23));
  }
}

/** A round's new rows from the turned top x, the turned middle y and the bottom z. */
class Mix {
  @inline static top(x: v128, y: v128, z: v128): v128 {
    return v128.xor(v128.xor(z, y), i32x4.shl(v128.and(x, y), 3));
  }

  @inline static middle(x: v128, y: v128, z: v128): v128 {
    return v128.xor(v128.xor(y, x), i32x4.shl(v128.or(x, z), 1));
  }

  @inline static bottom(x: v128, y: v128, z: v128): v128 {
    return v128.xor(v128.xor(x, i32x4.shl(z, 1)), i32x4.shl(v128.and(y, z), 2));
  }
}

/**
 * Runs blocks of 16 bytes through the sponge at `state`. Per block: rate ^ input goes to `output`; the rate becomes that
 * output, or the input when opening; `tag` is XORed into byte 47; the state is permuted.
 * The one place where the permutation stands: the rows stay in locals from block to block, its rounds are unrolled
 * (measured per block: 49 ns so, 54 through memory, 55 in a loop of four rounds).
 * @param state 48 bytes
 * @param tag one byte
 * @param step what `output` advances by per block: 16, or 0 with `output` = `state` where no output is wanted
 * @param opening 1 where the input is ciphertext, 0 where it is message
 */
export function duplex(
  state: usize,
  tag: u32,
  input: usize,
  blocks: usize,
  output: usize,
  step: usize,
  opening: i32,
): void {
  const tagWord = i32x4.replace_lane(i32x4.splat(0), 3, <i32>(tag << 24));
  // All ones where the rate takes part in what it becomes, zeros when opening.
  const keep = i32x4.splat(opening - 1);
  let top = v128.load(state);
  let middle = v128.load(state, 16);
  let bottom = v128.load(state, 32);
  let x: v128;
  let y: v128;
  for (; blocks > 0; blocks--) {
    const block = v128.load(input);
    v128.store(output, v128.xor(top, block));
    top = v128.xor(v128.and(top, keep), block);
    bottom = v128.xor(bottom, tagWord);
    input += 16;
    output += step;

    x = BeforeMix.top(top);
    y = BeforeMix.middle(middle);
    top = Mix.top(x, y, bottom);
    middle = Mix.middle(x, y, bottom);
    bottom = Mix.bottom(x, y, bottom);

    x = BeforeMix.topAfterSmallSwap(top, 24);
    y = BeforeMix.middle(middle);
    top = Mix.top(x, y, bottom);
    middle = Mix.middle(x, y, bottom);
    bottom = Mix.bottom(x, y, bottom);

    x = BeforeMix.top(top);
    y = BeforeMix.middle(middle);
    top = Mix.top(x, y, bottom);
    middle = Mix.middle(x, y, bottom);
    bottom = Mix.bottom(x, y, bottom);

    x = BeforeMix.topAfterBigSwap(top);
    y = BeforeMix.middle(middle);
    top = Mix.top(x, y, bottom);
    middle = Mix.middle(x, y, bottom);
    bottom = Mix.bottom(x, y, bottom);

    x = BeforeMix.top(top);
    y = BeforeMix.middle(middle);
    top = Mix.top(x, y, bottom);
    middle = Mix.middle(x, y, bottom);
    bottom = Mix.bottom(x, y, bottom);

    x = BeforeMix.topAfterSmallSwap(top, 20);
    y = BeforeMix.middle(middle);
    top = Mix.top(x, y, bottom);
    middle = Mix.middle(x, y, bottom);
    bottom = Mix.bottom(x, y, bottom);

    x = BeforeMix.top(top);
    y = BeforeMix.middle(middle);
    top = Mix.top(x, y, bottom);
    middle = Mix.middle(x, y, bottom);
    bottom = Mix.bottom(x, y, bottom);

    x = BeforeMix.topAfterBigSwap(top);
    y = BeforeMix.middle(middle);
    top = Mix.top(x, y, bottom);
    middle = Mix.middle(x, y, bottom);
    bottom = Mix.bottom(x, y, bottom);

    x = BeforeMix.top(top);
    y = BeforeMix.middle(middle);
    top = Mix.top(x, y, bottom);
    middle = Mix.middle(x, y, bottom);
    bottom = Mix.bottom(x, y, bottom);

    x = BeforeMix.topAfterSmallSwap(top, 16);
    y = BeforeMix.middle(middle);
    top = Mix.top(x, y, bottom);
    middle = Mix.middle(x, y, bottom);
    bottom = Mix.bottom(x, y, bottom);

    x = BeforeMix.top(top);
    y = BeforeMix.middle(middle);
    top = Mix.top(x, y, bottom);
    middle = Mix.middle(x, y, bottom);
    bottom = Mix.bottom(x, y, bottom);

    x = BeforeMix.topAfterBigSwap(top);
    y = BeforeMix.middle(middle);
    top = Mix.top(x, y, bottom);
    middle = Mix.middle(x, y, bottom);
    bottom = Mix.bottom(x, y, bottom);

    x = BeforeMix.top(top);
    y = BeforeMix.middle(middle);
    top = Mix.top(x, y, bottom);
    middle = Mix.middle(x, y, bottom);
    bottom = Mix.bottom(x, y, bottom);

    x = BeforeMix.topAfterSmallSwap(top, 12);
    y = BeforeMix.middle(middle);
    top = Mix.top(x, y, bottom);
    middle = Mix.middle(x, y, bottom);
    bottom = Mix.bottom(x, y, bottom);

    x = BeforeMix.top(top);
    y = BeforeMix.middle(middle);
    top = Mix.top(x, y, bottom);
    middle = Mix.middle(x, y, bottom);
    bottom = Mix.bottom(x, y, bottom);

    x = BeforeMix.topAfterBigSwap(top);
    y = BeforeMix.middle(middle);
    top = Mix.top(x, y, bottom);
    middle = Mix.middle(x, y, bottom);
    bottom = Mix.bottom(x, y, bottom);

    x = BeforeMix.top(top);
    y = BeforeMix.middle(middle);
    top = Mix.top(x, y, bottom);
    middle = Mix.middle(x, y, bottom);
    bottom = Mix.bottom(x, y, bottom);

    x = BeforeMix.topAfterSmallSwap(top, 8);
    y = BeforeMix.middle(middle);
    top = Mix.top(x, y, bottom);
    middle = Mix.middle(x, y, bottom);
    bottom = Mix.bottom(x, y, bottom);

    x = BeforeMix.top(top);
    y = BeforeMix.middle(middle);
    top = Mix.top(x, y, bottom);
    middle = Mix.middle(x, y, bottom);
    bottom = Mix.bottom(x, y, bottom);

    x = BeforeMix.topAfterBigSwap(top);
    y = BeforeMix.middle(middle);
    top = Mix.top(x, y, bottom);
    middle = Mix.middle(x, y, bottom);
    bottom = Mix.bottom(x, y, bottom);

    x = BeforeMix.top(top);
    y = BeforeMix.middle(middle);
    top = Mix.top(x, y, bottom);
    middle = Mix.middle(x, y, bottom);
    bottom = Mix.bottom(x, y, bottom);

    x = BeforeMix.topAfterSmallSwap(top, 4);
    y = BeforeMix.middle(middle);
    top = Mix.top(x, y, bottom);
    middle = Mix.middle(x, y, bottom);
    bottom = Mix.bottom(x, y, bottom);

    x = BeforeMix.top(top);
    y = BeforeMix.middle(middle);
    top = Mix.top(x, y, bottom);
    middle = Mix.middle(x, y, bottom);
    bottom = Mix.bottom(x, y, bottom);

    x = BeforeMix.topAfterBigSwap(top);
    y = BeforeMix.middle(middle);
    top = Mix.top(x, y, bottom);
    middle = Mix.middle(x, y, bottom);
    bottom = Mix.bottom(x, y, bottom);
  }
  v128.store(state, top);
  v128.store(state, middle, 16);
  v128.store(state, bottom, 32);
}

/** The sponge's step: XORs `tag` into the last of the 48 bytes at `state`, then permutes them. */
export function core(state: usize, tag: u32): void {
  // Opening its own rate leaves the rate as it was.
  duplex(state, tag, state, 1, state, 0, 1);
}
