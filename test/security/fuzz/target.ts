import { ConnectTokensError, type ErrorCode } from "../../../src/errors.ts";

/** Something to be fuzzed, with what must hold of it whatever the input. */
export interface Target {
  readonly name: string;
  /** Inputs to begin with: sound ones, so that mutations start from behind the first checks. */
  readonly seeds: readonly Uint8Array[];
  /** Pieces that the format has a meaning for; mutations put them in. */
  readonly dictionary: readonly (string | Uint8Array)[];
  readonly maxLength: number;
  /**
   * Runs one input.
   *
   * @returns a short name for what became of it: a new one counts as something new
   * @throws anything, where what must hold does not
   */
  run(input: Uint8Array): string;
}

/** A promise that the library broke. */
export class Broken extends Error {
  override readonly name = "Broken";
}

export function hold(condition: boolean, promise: string): asserts condition {
  if (!condition) throw new Broken(promise);
}

/** As {@link hold}, with both values in the message. */
export function holdSame(found: unknown, expected: unknown, promise: string): void {
  if (!isSame(found, expected)) throw new Broken(`${promise}: ${shown(found)} instead of ${shown(expected)}`);
}

function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b) === 0;
  const [names, others] = [Object.keys(a), Object.keys(b)];
  if (names.length !== others.length || Array.isArray(a) !== Array.isArray(b)) return false;
  return names.every(
    (name) =>
      Object.hasOwn(b, name) && isSame((a as Record<string, unknown>)[name], (b as Record<string, unknown>)[name]),
  );
}

function shown(value: unknown): string {
  const text =
    JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? `${part}n` : part)) ?? "undefined";
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}

/** What a reader gives, or the code of its error: one of `codes`, or the promise is broken. */
export function readOrCode<Result>(read: () => Result, codes: readonly ErrorCode[]): Result | ErrorCode {
  try {
    return read();
  } catch (error) {
    if (error instanceof ConnectTokensError && codes.includes(error.code)) return error.code;
    throw error;
  }
}

/** Text that an input stands for: UTF-8, or UTF-16, in which surrogates may stand alone. */
export function textOf(bytes: Uint8Array, utf16: boolean): string {
  return Buffer.from(bytes).toString(utf16 ? "utf16le" : "utf8");
}

export const utf8 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));

/** An input of leading numbers, such as flags, and text or bytes. */
export function inputOf(numbers: readonly number[], rest: string | Uint8Array): Uint8Array {
  const bytes = typeof rest === "string" ? utf8(rest) : rest;
  const input = new Uint8Array(numbers.length + bytes.length);
  input.set(numbers);
  input.set(bytes, numbers.length);
  return input;
}

export function isWellFormed(text: string): boolean {
  return Buffer.from(text).toString() === text;
}

/** `valid`, or the reason. */
export function outcomeOf(verdict: { readonly valid: boolean; readonly reason?: string }): string {
  return verdict.valid ? "valid" : (verdict.reason as string);
}
