import { randomInt } from "node:crypto";

/** One of the two kinds of input whose times are compared. */
export type Class = 0 | 1;

/** One target under way: its inputs are laid out, its holders made. */
export interface Trial {
  /** Hands over the next input of a class, in the same place and by the same steps for both. Not timed. */
  prepare(which: Class): void;
  /** The call that is timed, on what was handed over. */
  call(): number;
}

/** What is measured: a call that must take as long for either class. */
export interface Target {
  readonly name: string;
  /** What the classes 0 and 1 are. */
  readonly classes: readonly [string, string];
  /**
   * `"target"`: must not differ. The controls: `"leaks"` differs on purpose and must trip, `"same"` has two classes of
   * one kind and must not.
   */
  readonly role: "target" | "leaks" | "same";
  /** Calls that are timed together: 50 to 200, fewer where one takes tens of microseconds. */
  readonly calls: number;
  /** What each call must answer, so that it is known to do what its name says. */
  readonly answer: number;
  make(): Trial;
}

const RECORDS_EACH = 512;

/**
 * Inputs of both classes, made beforehand. A class that stood in places of its own would differ from the other by what it
 * leaves in the caches: so each has as many records as the other, scattered among them, and each draw reads a record of
 * both, of which it keeps the one that is asked for, always in the same bytes.
 */
export class Pool {
  /** The record drawn last. */
  readonly drawn: Uint8Array<ArrayBuffer>;
  /** Where the record that is asked for goes, and the other. */
  readonly #into: readonly [Uint8Array, Uint8Array];
  readonly #records: Uint8Array;
  /** Where the records of either class stand. */
  readonly #places: readonly [number[], number[]] = [[], []];

  /** @param make a record of a class, always of the same length; called over and over */
  constructor(make: (which: Class) => Uint8Array) {
    const width = make(0).length;
    const count = 2 * RECORDS_EACH;
    this.drawn = new Uint8Array(width);
    this.#into = [this.drawn, new Uint8Array(width)];
    this.#records = new Uint8Array(width * count);
    const free = Array.from({ length: count }, (_, i) => i);
    for (let i = 0; i < count; i++) {
      const which = (i & 1) as Class;
      const [place] = free.splice(randomInt(free.length), 1) as [number];
      const record = make(which);
      if (record.length !== width) throw new RangeError(`records of ${width} and of ${record.length} bytes`);
      this.#records.set(record, place * width);
      this.#places[which].push(place * width);
    }
  }

  draw(which: Class): void {
    const index = Math.floor(Math.random() * RECORDS_EACH);
    // Without a branch on the class, which the processor would remember.
    this.#copy(0, index, this.#into[which]);
    this.#copy(1, index, this.#into[1 - which] as Uint8Array);
  }

  #copy(which: Class, index: number, to: Uint8Array): void {
    const at = this.#places[which][index] as number;
    to.set(this.#records.subarray(at, at + to.length));
  }

  /** The record drawn last as text: a new string each time, whichever class it is of. */
  text(): string {
    return Buffer.from(this.drawn.buffer).toString("latin1");
  }
}

export function bytesOf(text: string): Uint8Array {
  return Buffer.from(text, "latin1");
}

/**
 * A secret that stands out where it is not treated like any other: all zeros but for one bit, for class 0; for class 1
 * a random one.
 */
export function secretOf(which: Class, length = 32): Uint8Array {
  const secret = new Uint8Array(length);
  if (which === 0) secret[0] = 1;
  else crypto.getRandomValues(secret);
  return secret;
}

/** A copy in which one byte is another one, drawn at random. */
export function spoiltAt(bytes: Uint8Array, at: number): Uint8Array {
  const copy = Uint8Array.from(bytes); // a Buffer's slice would be the same bytes
  copy[at] = (copy[at] as number) ^ randomInt(1, 256);
  return copy;
}

const DIGITS = "0123456789abcdef";

/** Text in which one lower-case hex digit is another one, drawn at random. */
export function otherDigit(text: string, at: number): string {
  const digit = DIGITS[(DIGITS.indexOf(text[at] as string) + randomInt(1, 16)) % 16];
  return text.slice(0, at) + digit + text.slice(at + 1);
}
