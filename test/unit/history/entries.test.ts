import { describe, expect, it } from "vitest";
import { Entries } from "../../../src/history/entries.ts";
import { Random } from "../../support/random.ts";

const words = (...numbers: number[]) => Int32Array.from(numbers);

/** Fingerprints of few different first words, so that many share a bucket. */
function fingerprint(random: Random): Int32Array {
  return words(random.below(3), random.below(4), random.below(4));
}

describe("entries", () => {
  it("are found as a list of them is searched, however they collide, end and are used again", () => {
    for (let seed = 1; seed <= 300; seed++) {
      const random = new Random(seed);
      const capacity = 1 + random.below(24);
      const horizon = 1 + random.below(12);
      const entries = new Entries(capacity, horizon);
      let alive: { key: string; end: number; used: boolean; origin: string }[] = [];
      let clock = 0;
      for (let step = 0; step < 300; step++) {
        if (random.below(3) === 0) {
          const now = Math.max(0, clock + random.below(random.below(8) === 0 ? 40 : 4) - 1);
          clock = Math.max(clock, now);
          entries.advance(now);
          alive = alive.filter(({ end }) => end > clock);
          expect(entries.clock).toBe(clock);
        }
        const key = fingerprint(random);
        const known = alive.find((entry) => entry.key === key.join());
        const entry = entries.find(key, 0);
        expect(entry > 0).toBe(known !== undefined);
        if (known === undefined) {
          const end = clock + 1 + random.below(horizon);
          const used = random.below(2) === 0;
          const origin = fingerprint(random);
          const room = alive.length < capacity;
          expect(entries.add(words(9, ...key), 1, end, used, origin)).toBe(room);
          if (room) alive.push({ key: key.join(), end, used, origin: origin.join() });
          continue;
        }
        expect(entries.isUsed(entry)).toBe(known.used);
        const origin = fingerprint(random);
        expect(entries.isFrom(entry, origin)).toBe(known.origin === origin.join());
        if (random.below(3) === 0) {
          entries.use(entry);
          known.used = true;
        }
      }
    }
  });

  it("free all their room at once, and give none of it away before", () => {
    const capacity = 5000;
    const entries = new Entries(capacity, 10);
    for (let round = 0; round < 5; round++) {
      const now = round * 10;
      entries.advance(now);
      for (let i = 0; i < capacity; i++) expect(entries.add(words(i, round, 0), 0, now + 10, true)).toBe(true);
      entries.advance(now + 9);
      expect(entries.add(words(1, 1, 1), 0, now + 10, true)).toBe(false);
    }
  });

  it("outlive leaps of the clock that are longer than the ring, and times beyond 2^32 and 2^53", () => {
    const entries = new Entries(4, 30);
    for (const now of [1000, 1031, 1_700_000_000, 2 ** 32 + 5, 2 ** 33, 2 ** 40, 2 ** 53 - 100]) {
      entries.advance(now);
      const key = words(1, 2, 3);
      expect(entries.find(key, 0)).toBe(0);
      for (let i = 0; i < 4; i++) expect(entries.add(words(1, 2, 3 + i), 0, now + 30, false)).toBe(true);
      entries.advance(now + 29);
      expect(entries.find(key, 0)).toBeGreaterThan(0);
      entries.advance(now + 30);
      expect(entries.find(key, 0)).toBe(0);
    }
  });
});
