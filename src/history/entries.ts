import { FINGERPRINT_WORDS } from "./fingerprint.ts";

// An entry is 11 words of 32 bits: its end in two, low first, its fingerprint, the links of its two lists, whether it is
// used, and the fingerprint of where it came from.
const OFFSET_END = 0;
const OFFSET_FINGERPRINT = 2;
const OFFSET_NEXT_IN_BUCKET = OFFSET_FINGERPRINT + FINGERPRINT_WORDS;
const OFFSET_NEXT_OF_SECOND = OFFSET_NEXT_IN_BUCKET + 1;
const OFFSET_USED = OFFSET_NEXT_OF_SECOND + 1;
const OFFSET_ORIGIN = OFFSET_USED + 1;
const ENTRY_WORDS = OFFSET_ORIGIN + FINGERPRINT_WORDS;

const WORD = 2 ** 32;
/** Entries are allocated a chunk at a time, and never copied. */
const CHUNK_BITS = 10;
const CHUNK = 1 << CHUNK_BITS;

/**
 * Entries found by fingerprint, each until its second, with no more than `capacity` at a time. Every call takes constant
 * time: nothing is ever copied, hashed anew or searched for what has ended.
 *
 * A table of buckets, as large as it will ever be from the beginning on, leads to chains of entries; a ring of seconds leads
 * to the entries that end in each. When a second has passed, its list is joined to that of dead entries, whose places are
 * given to new ones. A place leaves its old bucket when it is given away; until then it is passed over there.
 */
export class Entries {
  /** The greatest time given to {@link advance}. */
  clock = 0;
  readonly #capacity: number;
  /** The first entry of each bucket. Entries are numbered from 1; 0 is none. */
  readonly #buckets: Uint32Array;
  /** The last entry of each second; its link leads to the first. */
  readonly #seconds: Uint32Array;
  /** Where in the ring the clock's own second is. */
  #second = 0;
  /** The last of the dead entries; its link leads to the first. */
  #dead = 0;
  #count = 0;
  readonly #chunks: Uint32Array[] = [];

  /** @param horizon how many seconds from the clock on an entry may end */
  constructor(capacity: number, horizon: number) {
    this.#capacity = capacity;
    // A power of two, two to four times the capacity. The system gives memory to what is used of it.
    this.#buckets = new Uint32Array(2 ** Math.ceil(Math.log2(capacity) + 1));
    this.#seconds = new Uint32Array(horizon + 1);
  }

  /** Lets the entries of all seconds up to `now` die. A clock that goes back changes nothing. */
  advance(now: number): void {
    const ring = this.#seconds;
    for (let left = Math.min(now - this.clock, ring.length); left > 0; left--) {
      this.#second = (this.#second + 1) % ring.length;
      this.#dead = this.#join(this.#dead, ring[this.#second] as number);
      ring[this.#second] = 0;
    }
    this.clock = Math.max(this.clock, now);
  }

  /** The living entry of the fingerprint that stands at `from` in `fingerprints`; 0 where there is none. */
  find(fingerprints: Int32Array, from: number): number {
    const first = fingerprints[from] as number;
    const buckets = this.#buckets;
    let entry = buckets[first & (buckets.length - 1)] as number;
    while (entry > 0) {
      const words = this.#chunks[entry >>> CHUNK_BITS] as Uint32Array;
      const at = (entry & (CHUNK - 1)) * ENTRY_WORDS;
      if (
        words[at + OFFSET_FINGERPRINT] === first &&
        words[at + OFFSET_FINGERPRINT + 1] === fingerprints[from + 1] &&
        words[at + OFFSET_FINGERPRINT + 2] === fingerprints[from + 2] &&
        (words[at + OFFSET_END + 1] as number) * WORD + (words[at + OFFSET_END] as number) > this.clock
      ) {
        break;
      }
      entry = words[at + OFFSET_NEXT_IN_BUCKET] as number;
    }
    return entry;
  }

  /**
   * Adds an entry for a fingerprint given as to {@link find}, that ends at `end`, which is later than the clock and within
   * the horizon.
   *
   * @returns false where all places are taken by living ones
   */
  add(fingerprints: Int32Array, from: number, end: number, used: boolean, origin?: Int32Array): boolean {
    const entry = this.#dead > 0 ? this.#bury() : this.#allocate();
    if (entry === 0) return false;
    const words = this.#chunks[entry >>> CHUNK_BITS] as Uint32Array;
    const at = (entry & (CHUNK - 1)) * ENTRY_WORDS;
    const buckets = this.#buckets;
    const bucket = (fingerprints[from] as number) & (buckets.length - 1);
    words[at + OFFSET_END] = end % WORD;
    words[at + OFFSET_END + 1] = end / WORD;
    words[at + OFFSET_USED] = used ? 1 : 0;
    for (let i = 0; i < FINGERPRINT_WORDS; i++) {
      words[at + OFFSET_FINGERPRINT + i] = fingerprints[from + i] as number;
      words[at + OFFSET_ORIGIN + i] = origin ? (origin[i] as number) : 0;
    }
    words[at + OFFSET_NEXT_IN_BUCKET] = buckets[bucket] as number;
    buckets[bucket] = entry;
    words[at + OFFSET_NEXT_OF_SECOND] = entry;
    const due = (this.#second + end - this.clock) % this.#seconds.length;
    this.#seconds[due] = this.#join(this.#seconds[due] as number, entry);
    return true;
  }

  isUsed(entry: number): boolean {
    return this.#word(entry, OFFSET_USED) === 1;
  }

  use(entry: number): void {
    this.#setWord(entry, OFFSET_USED, 1);
  }

  isFrom(entry: number, origin: Int32Array): boolean {
    return origin.every((word, i) => word === this.#word(entry, OFFSET_ORIGIN + i));
  }

  #allocate(): number {
    if (this.#count === this.#capacity) return 0;
    if (++this.#count >>> CHUNK_BITS === this.#chunks.length) this.#chunks.push(new Uint32Array(CHUNK * ENTRY_WORDS));
    return this.#count;
  }

  /** Takes the first dead entry out of its lists. */
  #bury(): number {
    const last = this.#dead;
    const entry = this.#word(last, OFFSET_NEXT_OF_SECOND);
    if (entry === last) this.#dead = 0;
    else this.#setWord(last, OFFSET_NEXT_OF_SECOND, this.#word(entry, OFFSET_NEXT_OF_SECOND));
    const next = this.#word(entry, OFFSET_NEXT_IN_BUCKET);
    const bucket = this.#word(entry, OFFSET_FINGERPRINT) & (this.#buckets.length - 1);
    let before = this.#buckets[bucket] as number;
    if (before === entry) this.#buckets[bucket] = next;
    else {
      let follower = this.#word(before, OFFSET_NEXT_IN_BUCKET);
      while (follower !== entry) {
        before = follower;
        follower = this.#word(before, OFFSET_NEXT_IN_BUCKET);
      }
      this.#setWord(before, OFFSET_NEXT_IN_BUCKET, next);
    }
    return entry;
  }

  /** Two lists as one. Both are named by their last entry, whose link leads to the first. */
  #join(last: number, other: number): number {
    if (last === 0 || other === 0) return last + other;
    const first = this.#word(last, OFFSET_NEXT_OF_SECOND);
    this.#setWord(last, OFFSET_NEXT_OF_SECOND, this.#word(other, OFFSET_NEXT_OF_SECOND));
    this.#setWord(other, OFFSET_NEXT_OF_SECOND, first);
    return other;
  }

  #word(entry: number, offset: number): number {
    return (this.#chunks[entry >>> CHUNK_BITS] as Uint32Array)[(entry & (CHUNK - 1)) * ENTRY_WORDS + offset] as number;
  }

  #setWord(entry: number, offset: number, value: number): void {
    (this.#chunks[entry >>> CHUNK_BITS] as Uint32Array)[(entry & (CHUNK - 1)) * ENTRY_WORDS + offset] = value;
  }
}
