import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Fingerprinter, randomKey } from "../../../src/history/fingerprint.ts";
import { expectError } from "../../support/errors.ts";
import { Random } from "../../support/random.ts";

const PRIME = 2n ** 31n - 1n;
const MAX = 512;

/** The sums as they are defined, in numbers that know no rounding. */
function slowly(text: string, key: Float64Array): number[] {
  const bytes = new TextEncoder().encode(text);
  return [0, 1, 2].map((lane) => {
    let sum = BigInt(bytes.length) * BigInt(key[lane] as number);
    for (let i = 0; i < bytes.length; i += 2) {
      const pair = new Uint8Array([bytes[i] as number, bytes[i + 1] ?? 0]);
      const unit = new Uint16Array(pair.buffer)[0] as number;
      sum += BigInt(unit) * BigInt(key[3 * (i / 2 + 1) + lane] as number);
    }
    return Number(sum % PRIME);
  });
}

function take(fingerprinter: Fingerprinter, text: string): number[] {
  fingerprinter.take(text, "text");
  return [...fingerprinter.words];
}

describe("fingerprints", () => {
  const lengths = Array.from({ length: MAX + 1 }, (_, i) => i);

  it("are the sums that they are said to be, for every length and the key's extremes", () => {
    const random = new Random(1);
    const largest = randomKey(MAX).fill(Number(PRIME - 1n));
    for (const key of [randomKey(MAX), largest, randomKey(MAX).fill(0)]) {
      const fingerprinter = new Fingerprinter(MAX, key);
      for (const length of lengths) {
        for (const unit of [() => 0x7f, () => 0xffff, () => 1 + random.below(0xd7ff)]) {
          const text = String.fromCharCode(...Array.from({ length }, unit));
          expect(take(fingerprinter, text)).toEqual(slowly(text, key));
        }
      }
    }
  });

  it("are the sums for any text, after any other", () => {
    const key = randomKey(MAX);
    const fingerprinter = new Fingerprinter(MAX, key);
    const text = fc.string({ unit: "grapheme", maxLength: 200 });
    fc.assert(
      fc.property(text, (given) => {
        if (given.length <= MAX) expect(take(fingerprinter, given)).toEqual(slowly(given, key));
      }),
    );
  });

  it("differ for texts that differ in a bit, a zero at the end or their length alone", () => {
    const fingerprinter = new Fingerprinter(MAX);
    const texts = lengths.flatMap((length) => ["\0".repeat(length), "a".repeat(length), `${"a".repeat(length)}\0`]);
    for (let bit = 0; bit < 7; bit++) for (let i = 0; i < 88; i++) texts.push(flipped("a".repeat(88), i, bit));
    const distinct = new Set(texts.filter((text) => text.length <= MAX));
    expect(new Set([...distinct].map((text) => take(fingerprinter, text).join())).size).toBe(distinct.size);
  });

  it("are others under another key, each number of which is below the prime and not like its neighbours", () => {
    expect(take(new Fingerprinter(MAX), "text")).not.toEqual(take(new Fingerprinter(MAX), "text"));
    const key = randomKey(MAX);
    expect(new Set(key).size).toBeGreaterThan(key.length - 3);
    expect(Math.max(...key)).toBeLessThan(Number(PRIME));
    expect(Math.max(...key)).toBeGreaterThan(2 ** 30);
  });

  it("refuse lone surrogates, which have no UTF-8", () => {
    const fingerprinter = new Fingerprinter(MAX);
    for (const text of ["\ud800", "a\udfff", "\udc00\ud800"]) {
      expectError(() => fingerprinter.take(text, "tokenId"), "ERR_FORMAT", "tokenId");
    }
    fingerprinter.take("\ud83d\ude00", "tokenId");
  });
});

function flipped(text: string, at: number, bit: number): string {
  return text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ (1 << bit)) + text.slice(at + 1);
}
