import { textCodec } from "./text.ts";

// RFC 8259, strictly and in one pass. `JSON.parse` keeps the last of two members of one name and lets `__proto__` and
// lone surrogates through; where claims decide about access, such a text must not have a meaning at all.

const strictDecoder = textCodec("TextDecoder", () => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }));

/**
 * Reads the text of one JSON object whose members are to be relied on. Refused beside what is not JSON: two members of
 * one name (after unescaping, in any object), the name `__proto__`, escaped lone surrogates, a byte order mark, bytes
 * that are not UTF-8, and arrays or objects nested deeper than `maxDepth` (the object itself is depth 1).
 *
 * @returns the source text of each member's value by the member's name, or `undefined` where the text is refused
 */
export function readJsonObject(bytes: Uint8Array, maxDepth: number): Map<string, string> | undefined {
  const decoder = strictDecoder();
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    return undefined;
  }
  const members = new Map<string, string>();
  return new Scanner(text, maxDepth, true).whole(members) ? members : undefined;
}

/**
 * Whether `text` is the text of one JSON object that begins with its brace, in well-formed UTF-16. Only the grammar is
 * looked at: what the members say is the business of whoever reads them.
 */
export function isJsonObject(text: string, maxDepth: number): boolean {
  if (text.charCodeAt(0) !== BRACE) return false;
  return (maxDepth > 0 && isFlatObject(text)) || new Scanner(text, maxDepth, false).whole(undefined);
}

/**
 * Whether `text`, which begins with a brace, is an object of members that are plain strings or whole numbers, without
 * white space, escapes or surrogates: in a fraction of the scanner's time what most texts are. The scanner decides about
 * all others.
 */
export function isFlatObject(text: string): boolean {
  let at = 0;
  for (;;) {
    at = endOfPlainString(text, at + 1);
    if (at < 0 || text.charCodeAt(at) !== COLON) return false;
    at = text.charCodeAt(at + 1) === QUOTE ? endOfPlainString(text, at + 1) : endOfWholeNumber(text, at + 1);
    if (at < 0) return false;
    const unit = text.charCodeAt(at);
    if (unit !== COMMA) return unit === END_BRACE && at === text.length - 1;
  }
}

/** The index behind a string literal that begins at `from`; -1 where none does, or one that is not plain. */
function endOfPlainString(text: string, from: number): number {
  if (text.charCodeAt(from) !== QUOTE) return -1;
  for (let at = from + 1; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) return at + 1;
    if (unit < 0x20 || unit === BACKSLASH || unit >= 0xd800) return -1;
  }
  return -1;
}

/** The index behind the digits that begin at `from`; -1 where none do, or a zero before others. */
function endOfWholeNumber(text: string, from: number): number {
  let at = from;
  for (let unit = text.charCodeAt(at); unit >= 0x30 && unit <= 0x39; unit = text.charCodeAt(++at));
  return at === from || (at > from + 1 && text.charCodeAt(from) === 0x30) ? -1 : at;
}

/** What a string value from {@link readJsonObject} says; `undefined` where the value is no string. */
export function jsonString(source: string): string | undefined {
  return source.charCodeAt(0) === QUOTE ? literalText(source) : undefined;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const BRACE = 0x7b;
const END_BRACE = 0x7d;
const BRACKET = 0x5b;
const END_BRACKET = 0x5d;
const COMMA = 0x2c;
const COLON = 0x3a;

/** The text of a string literal that was scanned before. */
function literalText(literal: string): string {
  return literal.includes("\\") ? JSON.parse(literal) : literal.slice(1, -1);
}

/** The names of one object. A Map serves where the values are wanted too. */
type Names = Map<string, string> | Set<string>;

/** A walk over one text. Each method begins at `#at`, and leaves it behind what it accepted. */
class Scanner {
  readonly #text: string;
  readonly #maxDepth: number;
  readonly #strict: boolean;
  #at = 0;

  constructor(text: string, maxDepth: number, strict: boolean) {
    this.#text = text;
    this.#maxDepth = maxDepth;
    this.#strict = strict;
  }

  /** One object and nothing else but white space. */
  whole(members: Map<string, string> | undefined): boolean {
    this.#space();
    if (this.#unit() !== BRACE || !this.#object(1, members)) return false;
    this.#space();
    return this.#at === this.#text.length;
  }

  /** The code unit here; NaN at the end, which equals nothing. */
  #unit(): number {
    return this.#text.charCodeAt(this.#at);
  }

  #space(): void {
    for (;;) {
      const unit = this.#unit();
      if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) return;
      this.#at++;
    }
  }

  #take(unit: number): boolean {
    if (this.#unit() !== unit) return false;
    this.#at++;
    return true;
  }

  #value(depth: number): boolean {
    switch (this.#unit()) {
      case QUOTE:
        return this.#string();
      case BRACE:
        return this.#object(depth + 1, undefined);
      case BRACKET:
        return this.#array(depth + 1);
      case 0x74:
        return this.#word("true");
      case 0x66:
        return this.#word("false");
      case 0x6e:
        return this.#word("null");
      default:
        return this.#number();
    }
  }

  #object(depth: number, members: Map<string, string> | undefined): boolean {
    if (depth > this.#maxDepth) return false;
    this.#at++;
    this.#space();
    if (this.#take(END_BRACE)) return true;
    const names: Names | undefined = members ?? (this.#strict ? new Set<string>() : undefined);
    do {
      this.#space();
      const from = this.#at;
      if (this.#unit() !== QUOTE || !this.#string()) return false;
      const name = names && literalText(this.#text.slice(from, this.#at));
      if (name !== undefined && (name === "__proto__" || names?.has(name))) return false;
      this.#space();
      if (!this.#take(COLON)) return false;
      this.#space();
      const start = this.#at;
      if (!this.#value(depth)) return false;
      if (name !== undefined) {
        if (members) members.set(name, this.#text.slice(start, this.#at));
        else (names as Set<string>).add(name);
      }
      this.#space();
    } while (this.#take(COMMA));
    return this.#take(END_BRACE);
  }

  #array(depth: number): boolean {
    if (depth > this.#maxDepth) return false;
    this.#at++;
    this.#space();
    if (this.#take(END_BRACKET)) return true;
    do {
      this.#space();
      if (!this.#value(depth)) return false;
      this.#space();
    } while (this.#take(COMMA));
    return this.#take(END_BRACKET);
  }

  #word(word: string): boolean {
    if (!this.#text.startsWith(word, this.#at)) return false;
    this.#at += word.length;
    return true;
  }

  #number(): boolean {
    this.#take(0x2d);
    if (!this.#take(0x30) && !this.#digits()) return false;
    if (this.#take(0x2e) && !this.#digits()) return false;
    if (this.#take(0x65) || this.#take(0x45)) {
      if (!this.#take(0x2b)) this.#take(0x2d);
      return this.#digits();
    }
    return true;
  }

  #digits(): boolean {
    const from = this.#at;
    for (let unit = this.#unit(); unit >= 0x30 && unit <= 0x39; unit = this.#unit()) this.#at++;
    return this.#at > from;
  }

  #string(): boolean {
    const text = this.#text;
    const { length } = text;
    for (let at = this.#at + 1; at < length; at++) {
      const unit = text.charCodeAt(at);
      if (unit === QUOTE) {
        this.#at = at + 1;
        return true;
      }
      if (unit < 0x20) return false;
      if (unit === BACKSLASH) {
        const escaped = this.#escape(at + 1);
        if (escaped === 0) return false;
        at += escaped;
      } else if (unit >= 0xd800 && unit <= 0xdfff) {
        if (!isPair(unit, text.charCodeAt(++at))) return false;
      }
    }
    return false;
  }

  /** How many characters after the backslash belong to the escape; 0 where it is none. */
  #escape(at: number): number {
    const text = this.#text;
    const kind = text[at];
    if (kind !== "u") return kind !== undefined && '"\\/bfnrt'.includes(kind) ? 1 : 0;
    const unit = hex4(text, at + 1);
    if (unit < 0) return 0;
    if (!this.#strict || unit < 0xd800 || unit > 0xdfff) return 5;
    return text.startsWith("\\u", at + 5) && isPair(unit, hex4(text, at + 7)) ? 11 : 0;
  }
}

/** Whether a surrogate is the high one of a pair whose other half is `low`. */
function isPair(surrogate: number, low: number): boolean {
  return surrogate <= 0xdbff && low >= 0xdc00 && low <= 0xdfff;
}

/** The value of four hex digits, or -1. */
function hex4(text: string, from: number): number {
  let value = 0;
  for (let at = from; at < from + 4; at++) {
    const unit = text.charCodeAt(at);
    const lower = unit | 0x20;
    if (unit >= 0x30 && unit <= 0x39) value = value * 16 + unit - 0x30;
    else if (lower >= 0x61 && lower <= 0x66) value = value * 16 + lower - 0x57;
    else return -1;
  }
  return value;
}
