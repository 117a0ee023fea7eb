import { utf8Encoder, utf8Length } from "../common/text.ts";
import { formatError } from "../errors.ts";

/** The prime 2^31 - 1, below which the sums are taken. */
const PRIME = 0x7fff_ffff;
/** How many such sums make a fingerprint. */
export const FINGERPRINT_WORDS = 3;
/** Of a character in UTF-8; a surrogate is half of a character of four. */
const MAX_BYTES_PER_UNIT = 3;
/** How many products of 31 and 16 bits a double holds exactly beside a sum of 32 bits. */
const EXACT_PRODUCTS = 60;

/**
 * Fingerprints of texts under a random key: three sums modulo 2^31 - 1 of the UTF-8 text's 16-bit units, each unit times a
 * random number of its own (Carter and Wegman's universal hashing, 1979).
 *
 * Any two different texts have the same fingerprint with a chance of 2^-93, whoever chose them, as long as the key is
 * unknown. That holds without any assumption about a cipher, and costs a fraction of one.
 */
export class Fingerprinter {
  /** The fingerprint last taken: three numbers from 0 to 2^31 - 2. */
  readonly words: Int32Array = new Int32Array(FINGERPRINT_WORDS);
  readonly #bytes: Uint8Array;
  readonly #units: Uint16Array;
  /** Three numbers for the length, then three for each unit. */
  readonly #key: Float64Array;

  /**
   * @param maxLength of a text, in UTF-16 units
   * @param key numbers below 2^31 - 1, as {@link randomKey} draws them
   */
  constructor(maxLength: number, key: Float64Array = randomKey(maxLength)) {
    this.#units = new Uint16Array(unitsOf(maxLength));
    this.#bytes = new Uint8Array(this.#units.buffer);
    this.#key = key;
  }

  /**
   * Leaves the fingerprint of `text` in {@link words}.
   *
   * @throws ConnectTokensError `ERR_FORMAT` for a lone surrogate, which has no UTF-8
   */
  take(text: string, argument: string): void {
    const bytes = this.#bytes;
    const { written } = utf8Encoder().encodeInto(text, bytes);
    if (written !== text.length && utf8Length(text) < 0) throw formatError(argument, "holds a lone surrogate");
    // The rest of the last two units; the length tells it from zeros in the text.
    bytes[written] = 0;
    bytes[written + 1] = 0;
    bytes[written + 2] = 0;
    const key = this.#key;
    const units = this.#units;
    const count = (written + 1) >>> 1;
    let a = written * (key[0] as number);
    let b = written * (key[1] as number);
    let c = written * (key[2] as number);
    for (let from = 0; from < count; from += EXACT_PRODUCTS) {
      const to = Math.min(from + EXACT_PRODUCTS, count);
      // Two units at a time, which is a fifth faster than one.
      for (let i = from, k = FINGERPRINT_WORDS * (from + 1); i < to; i += 2, k += 2 * FINGERPRINT_WORDS) {
        const one = units[i] as number;
        const two = units[i + 1] as number;
        a += one * (key[k] as number) + two * (key[k + 3] as number);
        b += one * (key[k + 1] as number) + two * (key[k + 4] as number);
        c += one * (key[k + 2] as number) + two * (key[k + 5] as number);
      }
      a = folded(a);
      b = folded(b);
      c = folded(c);
    }
    this.words[0] = reduced(a);
    this.words[1] = reduced(b);
    this.words[2] = reduced(c);
  }
}

/** Two more than the longest text's: those that fill up the last two. */
function unitsOf(maxLength: number): number {
  return Math.ceil((maxLength * MAX_BYTES_PER_UNIT) / 2) + 2;
}

/** Below 2^32 and the same modulo the prime: 2^31 is 1. */
function folded(sum: number): number {
  const high = Math.floor(sum / (PRIME + 1));
  return sum - high * PRIME;
}

function reduced(sum: number): number {
  const rest = folded(sum);
  return rest >= PRIME ? rest - PRIME : rest;
}

/** Each number is equally likely to be any from 0 to 2^31 - 2: the one draw that is too large is drawn again. */
export function randomKey(maxLength: number): Float64Array {
  const draws = crypto.getRandomValues(new Uint32Array(FINGERPRINT_WORDS * (1 + unitsOf(maxLength))));
  return Float64Array.from(draws, (_, i) => {
    while ((draws[i] as number) >>> 1 === PRIME) crypto.getRandomValues(draws.subarray(i, i + 1));
    return (draws[i] as number) >>> 1;
  });
}
