// SHA-256's compression function (FIPS 180-4 §6.2.2) for one message.
// Readable twin: test/reference/sha256.ts.

import { ROUND_CONSTANTS } from "./constants.ts";
import { SCHEDULE } from "./scratch.ts";
import { Words } from "./words.ts";

/** The two sums of a round. Inlined, so that the state stays in registers. */
class Round {
  /** T1: h + K + W + Ch(e, f, g) + Σ1(e), the slowest term last. */
  @inline static first(e: u32, f: u32, g: u32, h: u32, word: u32): u32 {
    return h + word + (g ^ (e & (f ^ g))) + (rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25));
  }

  /** T2: Maj(a, b, c) + Σ0(a). */
  @inline static second(a: u32, b: u32, c: u32): u32 {
    return (a & b) + (c & (a ^ b)) + (rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22));
  }
}

/** The message schedule, four words at a time: measured a third faster than word by word beside the rounds. */
class Schedule {
  /** Words t to t+3 from the sixteen before them; two at a time, since W[t+2] needs W[t]. */
  @inline static next(x0: v128, x1: v128, x2: v128, x3: v128): v128 {
    const sum = i32x4.add(
      i32x4.add(x0, v128.shuffle<u32>(x2, x3, 1, 2, 3, 4)),
      Words.smallSum0(v128.shuffle<u32>(x0, x1, 1, 2, 3, 4)),
    );
    const zero = i32x4.splat(0);
    const low = i32x4.add(sum, Words.smallSum1(v128.shuffle<u32>(x3, zero, 2, 3, 4, 4)));
    return i32x4.add(low, Words.smallSum1(v128.shuffle<u32>(low, zero, 4, 4, 0, 1)));
  }
}

/** Writes the eight words at `state` as 32 big-endian bytes to `out`. */
export function storeDigest(state: usize, out: usize): void {
  v128.store(out, Words.swap(v128.load(state)));
  v128.store(out, Words.swap(v128.load(state, 16)), 16);
}

/**
 * Takes `blocks` whole blocks of 64 bytes into a state. Leaves the last words in SCHEDULE.
 * @param state eight u32 in native order
 */
export function compress(state: usize, message: usize, blocks: usize): void {
  let a = load<u32>(state);
  let b = load<u32>(state, 4);
  let c = load<u32>(state, 8);
  let d = load<u32>(state, 12);
  let e = load<u32>(state, 16);
  let f = load<u32>(state, 20);
  let g = load<u32>(state, 24);
  let h = load<u32>(state, 28);
  for (; blocks > 0; blocks--) {
    let x0 = Words.swap(v128.load(message));
    let x1 = Words.swap(v128.load(message, 16));
    let x2 = Words.swap(v128.load(message, 32));
    let x3 = Words.swap(v128.load(message, 48));
    v128.store(SCHEDULE, i32x4.add(x0, v128.load(ROUND_CONSTANTS)));
    v128.store(SCHEDULE, i32x4.add(x1, v128.load(ROUND_CONSTANTS, 16)), 16);
    v128.store(SCHEDULE, i32x4.add(x2, v128.load(ROUND_CONSTANTS, 32)), 32);
    v128.store(SCHEDULE, i32x4.add(x3, v128.load(ROUND_CONSTANTS, 48)), 48);

    // Rounds 0 to 47, each four followed by the words of the four that come sixteen rounds later.
    for (let constants = ROUND_CONSTANTS + 64; constants < ROUND_CONSTANTS + 256; constants += 64) {
      x0 = Schedule.next(x0, x1, x2, x3);
      h = Round.first(e, f, g, h, load<u32>(SCHEDULE, 0));
      d += h;
      h += Round.second(a, b, c);
      g = Round.first(d, e, f, g, load<u32>(SCHEDULE, 4));
      c += g;
      g += Round.second(h, a, b);
      f = Round.first(c, d, e, f, load<u32>(SCHEDULE, 8));
      b += f;
      f += Round.second(g, h, a);
      e = Round.first(b, c, d, e, load<u32>(SCHEDULE, 12));
      a += e;
      e += Round.second(f, g, h);
      v128.store(SCHEDULE, i32x4.add(x0, v128.load(constants, 0)), 0);

      x1 = Schedule.next(x1, x2, x3, x0);
      d = Round.first(a, b, c, d, load<u32>(SCHEDULE, 16));
      h += d;
      d += Round.second(e, f, g);
      c = Round.first(h, a, b, c, load<u32>(SCHEDULE, 20));
      g += c;
      c += Round.second(d, e, f);
      b = Round.first(g, h, a, b, load<u32>(SCHEDULE, 24));
      f += b;
      b += Round.second(c, d, e);
      a = Round.first(f, g, h, a, load<u32>(SCHEDULE, 28));
      e += a;
      a += Round.second(b, c, d);
      v128.store(SCHEDULE, i32x4.add(x1, v128.load(constants, 16)), 16);

      x2 = Schedule.next(x2, x3, x0, x1);
      h = Round.first(e, f, g, h, load<u32>(SCHEDULE, 32));
      d += h;
      h += Round.second(a, b, c);
      g = Round.first(d, e, f, g, load<u32>(SCHEDULE, 36));
      c += g;
      g += Round.second(h, a, b);
      f = Round.first(c, d, e, f, load<u32>(SCHEDULE, 40));
      b += f;
      f += Round.second(g, h, a);
      e = Round.first(b, c, d, e, load<u32>(SCHEDULE, 44));
      a += e;
      e += Round.second(f, g, h);
      v128.store(SCHEDULE, i32x4.add(x2, v128.load(constants, 32)), 32);

      x3 = Schedule.next(x3, x0, x1, x2);
      d = Round.first(a, b, c, d, load<u32>(SCHEDULE, 48));
      h += d;
      d += Round.second(e, f, g);
      c = Round.first(h, a, b, c, load<u32>(SCHEDULE, 52));
      g += c;
      c += Round.second(d, e, f);
      b = Round.first(g, h, a, b, load<u32>(SCHEDULE, 56));
      f += b;
      b += Round.second(c, d, e);
      a = Round.first(f, g, h, a, load<u32>(SCHEDULE, 60));
      e += a;
      a += Round.second(b, c, d);
      v128.store(SCHEDULE, i32x4.add(x3, v128.load(constants, 48)), 48);
    }

    // Rounds 48 to 63.
    for (let words = SCHEDULE; words < SCHEDULE + 64; words += 32) {
      h = Round.first(e, f, g, h, load<u32>(words, 0));
      d += h;
      h += Round.second(a, b, c);
      g = Round.first(d, e, f, g, load<u32>(words, 4));
      c += g;
      g += Round.second(h, a, b);
      f = Round.first(c, d, e, f, load<u32>(words, 8));
      b += f;
      f += Round.second(g, h, a);
      e = Round.first(b, c, d, e, load<u32>(words, 12));
      a += e;
      e += Round.second(f, g, h);
      d = Round.first(a, b, c, d, load<u32>(words, 16));
      h += d;
      d += Round.second(e, f, g);
      c = Round.first(h, a, b, c, load<u32>(words, 20));
      g += c;
      c += Round.second(d, e, f);
      b = Round.first(g, h, a, b, load<u32>(words, 24));
      f += b;
      b += Round.second(c, d, e);
      a = Round.first(f, g, h, a, load<u32>(words, 28));
      e += a;
      a += Round.second(b, c, d);
    }

    a += load<u32>(state);
    b += load<u32>(state, 4);
    c += load<u32>(state, 8);
    d += load<u32>(state, 12);
    e += load<u32>(state, 16);
    f += load<u32>(state, 20);
    g += load<u32>(state, 24);
    h += load<u32>(state, 28);
    store<u32>(state, a);
    store<u32>(state, b, 4);
    store<u32>(state, c, 8);
    store<u32>(state, d, 12);
    store<u32>(state, e, 16);
    store<u32>(state, f, 20);
    store<u32>(state, g, 24);
    store<u32>(state, h, 28);
    message += 64;
  }
}
