/** Of eight random bytes fewer than four are zeros but once in 10^8 times. */
const MEANINGFUL_BYTES = 5;

/** Finds every eight bytes in a row of secrets, wherever they stand. */
export class Windows {
  readonly #places = new Map<number, { name: string; bytes: Uint8Array; at: number }[]>();
  /** By sixteen bits of the first four bytes: whether a window may begin so. */
  readonly #begins = new Uint8Array(0x10000);
  count = 0;

  /**
   * @param secrets random bytes. A window that says little is left out: one of equal bytes, such as padding, and one of
   *   mostly zeros, such as the last byte of a key and what stands behind it, which any memory may hold by chance
   */
  constructor(secrets: Record<string, Uint8Array>) {
    for (const [name, bytes] of Object.entries(secrets)) {
      for (let at = 0; at + 8 <= bytes.length; at++) {
        const window = bytes.subarray(at, at + 8);
        if (new Set(window).size === 1 || window.filter((byte) => byte !== 0).length < MEANINGFUL_BYTES) continue;
        const word = Buffer.from(bytes.buffer, bytes.byteOffset + at, 4).readUInt32LE();
        this.#begins[word & 0xffff] = 1;
        const same = this.#places.get(word) ?? [];
        if (same.length === 0) this.#places.set(word, same);
        same.push({ name, bytes, at });
        this.count++;
      }
    }
  }

  /** Which of them stand in `memory` and where, save in the ranges allowed; no more than ten. */
  find(memory: Uint8Array, allowed: readonly (readonly [from: number, to: number])[] = []): string[] {
    const found: string[] = [];
    const begins = this.#begins;
    const words = new Int32Array(memory.buffer, memory.byteOffset, memory.length >> 2);
    const last = memory.length - 8;
    for (let i = 0; i <= last; i++) {
      // Most of memory is zeros: a window of random bytes does not begin with five of them.
      if ((i & 3) === 0 && words[i >> 2] === 0 && words[(i >> 2) + 1] === 0) {
        i += 3;
        continue;
      }
      const half = (memory[i] as number) | ((memory[i + 1] as number) << 8);
      if (begins[half] === 0) continue;
      const word = (half | ((memory[i + 2] as number) << 16) | ((memory[i + 3] as number) << 24)) >>> 0;
      for (const { name, bytes, at } of this.#places.get(word) ?? []) {
        if (Buffer.compare(memory.subarray(i, i + 8), bytes.subarray(at, at + 8)) !== 0) continue;
        if (allowed.some(([from, to]) => i >= from && i + 8 <= to)) continue;
        found.push(`${name} byte ${at} at 0x${i.toString(16)}`);
        if (found.length === 10) return found;
      }
    }
    return found;
  }
}
