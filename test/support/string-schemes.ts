import { expect } from "vitest";
import type { Verdict, Verdicts } from "../../src/verdict.ts";
import type { Random } from "./random.ts";
import { readVectors } from "./vectors.ts";

/** A hundred million characters, the longest that a stranger could send. */
export const HUGE = "x".repeat(100_000_000);

const PIECES = [
  "a",
  "Z",
  "0",
  "9",
  "-",
  "_",
  " ",
  '"',
  "\\",
  "/",
  "<",
  ">",
  "&",
  "'",
  "{",
  "}",
  ":",
  ",",
  "é",
  "ß",
  "Ω",
];
const WIDE = ["\u2028", "\u2029", "漢", "\ufeff", "\uffff", "😀", "👩‍👩‍👧", "\u{10ffff}", "\u0301"];
const CONTROLS = ["\0", "\b", "\t", "\n", "\v", "\f", "\r", "\x1b", "\x7f", "\x85"];

/** Well-formed text of ASCII, quotes, wide characters and emoji. */
export function randomText(random: Random, length: number, controls = false): string {
  const kinds = controls ? [PIECES, PIECES, WIDE, CONTROLS] : [PIECES, PIECES, WIDE];
  return Array.from({ length }, () => random.pick(random.pick(kinds))).join("");
}

/** Every text that differs from an ASCII one in a single one of its seven bits per character. */
export function* bitFlips(text: string): Generator<string> {
  for (let i = 0; i < text.length; i++) {
    for (let bit = 0; bit < 7; bit++) {
      yield text.slice(0, i) + String.fromCharCode(text.charCodeAt(i) ^ (1 << bit)) + text.slice(i + 1);
    }
  }
}

/** What is no string and no object of tokens either. */
export const STRANGE: readonly unknown[] = [
  undefined,
  null,
  true,
  0,
  Number.NaN,
  17n,
  Symbol("token"),
  {},
  [],
  () => "token",
  Object("token"),
  new Uint8Array(64),
  new Date(0),
  Object.create(null),
  new Proxy(
    {},
    {
      get() {
        throw new Error("get");
      },
      ownKeys() {
        throw new Error("ownKeys");
      },
      getOwnPropertyDescriptor() {
        throw new Error("getOwnPropertyDescriptor");
      },
    },
  ),
];

function flat(verdict: Verdict<object, string>): unknown {
  return verdict.valid ? { ...verdict, tokenId: verdict.tokenId } : verdict;
}

/** Holds every way of reading a batch to what the tokens' own verdicts are; returns how often each reason came. */
export function expectSameVerdicts(
  many: Verdicts<object, string>,
  singly: readonly Verdict<object, string>[],
): Map<string, number> {
  const counts = new Map<string, number>();
  expect(many.length).toBe(singly.length);
  expect([...many].map(flat)).toEqual(singly.map(flat));
  for (const [i, verdict] of singly.entries()) {
    const reason = verdict.valid ? undefined : verdict.reason;
    if (many.tokenIdAt(i) !== (verdict.valid ? verdict.tokenId : undefined)) throw new Error(`tokenId ${i} differs`);
    if (many.expiresAt(i) !== (verdict.valid ? verdict.expiresAt : undefined)) throw new Error(`end ${i} differs`);
    if (many.isValid(i) !== verdict.valid || many.reasonAt(i) !== reason) throw new Error(`verdict ${i} differs`);
    counts.set(reason ?? "valid", (counts.get(reason ?? "valid") ?? 0) + 1);
  }
  expect(many.validCount).toBe(counts.get("valid") ?? 0);
  return counts;
}

/** Sets properties on `Object.prototype` while `run` runs. */
export function polluted(properties: Record<string, unknown>, run: () => void): void {
  try {
    for (const [name, value] of Object.entries(properties)) {
      Object.defineProperty(Object.prototype, name, { value, configurable: true, enumerable: true, writable: true });
    }
    run();
  } finally {
    for (const name of Object.keys(properties)) delete (Object.prototype as Record<string, unknown>)[name];
  }
}

export interface StringVector<Input> {
  readonly scheme: string;
  readonly input: Input;
  readonly output: string;
  /** Of the bar's collision: the signature that both pairs of ids share. */
  readonly output_signature_both?: string;
  /** Of the encoding trap: what Python 3 clients hashed. */
  readonly wrong_output_latin1?: string;
}

/** The vectors of test/vectors/string-schemes.json whose scheme's name begins with `scheme`. */
export function stringVectors<Input>(scheme: string): StringVector<Input>[] {
  const { vectors } = readVectors<{ vectors: StringVector<Input>[] }>("string-schemes.json");
  return vectors.filter((vector) => vector.scheme.startsWith(scheme));
}

/** The first vector of a scheme. */
export function stringVector<Input>(scheme: string): StringVector<Input> {
  const vector = stringVectors<Input>(scheme)[0];
  if (!vector) throw new Error(`no vector of ${scheme}`);
  return vector;
}
