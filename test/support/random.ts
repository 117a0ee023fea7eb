/** Randomness that comes again with the same seed (xorshift128, Marsaglia 2003; seeded by an LCG). */
export class Random {
  readonly #state = new Uint32Array(4);

  constructor(seed: number) {
    let mixed = seed >>> 0;
    for (let i = 0; i < 4; i++) {
      mixed = (Math.imul(mixed, 1664525) + 1013904223) >>> 0;
      this.#state[i] = mixed ^ (i + 1);
    }
    for (let i = 0; i < 16; i++) this.u32();
  }

  u32(): number {
    const state = this.#state;
    let t = state[3] as number;
    t ^= t << 11;
    t ^= t >>> 8;
    const first = state[0] as number;
    state.copyWithin(1, 0, 3);
    state[0] = t ^ first ^ (first >>> 19);
    return state[0];
  }

  /** A whole number from 0 to `limit` - 1. */
  below(limit: number): number {
    return Math.floor((this.u32() / 2 ** 32) * limit);
  }

  u64(): bigint {
    return (BigInt(this.u32()) << 32n) | BigInt(this.u32());
  }

  bytes(length: number): Uint8Array {
    const words = new Uint32Array(Math.ceil(length / 4));
    for (let i = 0; i < words.length; i++) words[i] = this.u32();
    return new Uint8Array(words.buffer, 0, length);
  }

  pick<Item>(list: readonly Item[]): Item {
    return list[this.below(list.length)] as Item;
  }
}
