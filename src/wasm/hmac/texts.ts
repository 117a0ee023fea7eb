import {
  ENCODING_BASE64URL,
  HMAC_ARENA,
  HMAC_MAX_TEXTS,
  STATUS_MALFORMED,
  STATUS_MISMATCH,
} from "../../../assembly/memory/hmac.ts";
import { type HmacKernel, type HmacKey, hmacKernel } from "./kernel.ts";

/**
 * How a text carries its own tag: `head` characters, the message, `gap` characters, the tag. Neither head nor gap is part
 * of the message; what they are is the scheme's to look at.
 */
export interface TagForm {
  readonly head: number;
  readonly gap: number;
  readonly characters: number;
  /** ENCODING_ in assembly/memory/hmac.ts. */
  readonly encoding: number;
}

/** Many texts to be checked, and what is asked of them afterwards. */
export interface TextBatch {
  readonly length: number;
  /**
   * Puts the texts from `from` on into the empty window, as long as there {@link hasRoom}. A caller's code (getters,
   * proxies) may run in here until the window is first touched, not from then on: it may call back into this package,
   * which has just one window.
   */
  fill(window: TextWindow, from: number): void;
  /** Looks at the texts of a window while their bytes are still there; no caller's code may run. Text `i` is `from + i`. */
  judge(window: CheckedTexts, from: number): void;
}

/** Texts that were checked together. All of this is lent: the next call overwrites it. */
export interface CheckedTexts {
  readonly count: number;
  /** STATUS_ in assembly/memory/hmac.ts, of each text. */
  readonly statuses: Uint8Array;
  /** Which of the keys made each genuine text's tag. */
  readonly keyIndexes: Uint32Array;
  /** Whether all of them are printable ASCII (0x20 to 0x7e), so that each character is a byte. */
  readonly plain: boolean;
  /** The texts in UTF-8, text `i` from `starts[i]` to `starts[i + 1]`; to be read only. Zeros again after the judging. */
  readonly bytes: Uint8Array;
  readonly starts: Uint32Array;
  /** Per text what was found in it; before, where to look. */
  readonly numbers: Uint32Array;
  /**
   * Decodes the base64url from `start` to `end` of the bytes where it stands. Returns where what it says ends; -1, with
   * zeros in its place, where it is not canonical.
   */
  decode(start: number, end: number): number;
  /**
   * What each text says in the ten digits at an offset of its own, which stood in `numbers`; NO_NUMBER where they are no
   * ten digits, or a value as large as that: then the caller looks more closely.
   */
  numbersAt(): Uint32Array;
  /**
   * {@link numbersAt} of each genuine text, right behind the bytes of `field`, whose first must stand nowhere before them.
   *
   * @param behind how many bytes of each text follow the digits, 6 or more
   */
  numbersBehind(field: Uint8Array, behind: number): Uint32Array;
}

/** Where a text holds no number. */
export const NO_NUMBER = 0xffff_ffff;
export const HEX_CHARACTERS = 64;
export const BASE64URL_CHARACTERS = 43;

// A window of texts: few enough bytes to stay in the cache, and even at 3 bytes a character within the arena.
const WINDOW_CHARACTERS = 0x8000;
export const WINDOW_TEXTS: number = HMAC_MAX_TEXTS;
/** The longest text the functions here take, in UTF-16 code units. */
export const MAX_TEXT_CHARACTERS = 0x10200;

/**
 * Whether a window of `count` texts of so many characters takes one more. Many characters end it only after whole groups
 * of four, which the kernel hashes side by side.
 */
export function hasRoom(count: number, characters: number): boolean {
  return count < WINDOW_TEXTS && (characters < WINDOW_CHARACTERS || (count & 3) !== 0);
}

const encoder = new TextEncoder();

/** The texts that are on their way through the arena. */
export class TextWindow implements CheckedTexts {
  count = 0;
  /** All texts end to end. */
  joined = "";
  /** Where each begins in that, and the last one ends; once they are written, the same in their bytes. */
  readonly starts: Uint32Array;
  readonly numbers: Uint32Array;
  /** Per text the slot of its inner key, where there is one. */
  readonly innerSlots: Uint16Array = new Uint16Array(WINDOW_TEXTS);
  readonly statuses: Uint8Array = new Uint8Array(WINDOW_TEXTS);
  readonly keyIndexes: Uint32Array = new Uint32Array(WINDOW_TEXTS);
  plain = false;
  /** Which text each job stands for. */
  readonly #owners: Uint16Array = new Uint16Array(WINDOW_TEXTS);
  readonly #kernel: HmacKernel;

  constructor(kernel: HmacKernel) {
    this.#kernel = kernel;
    this.starts = kernel.starts;
    this.numbers = kernel.numbers;
  }

  get bytes(): Uint8Array {
    return this.#kernel.arena;
  }

  /** {@link TextBatch.fill} from an array that holds the texts up to `to`. */
  join(texts: readonly string[], from: number, to: number): void {
    const { starts } = this;
    let count = 0;
    let joined = "";
    for (let i = from; i < to && hasRoom(count, joined.length); i++) {
      joined += texts[i] as string;
      starts[++count] = joined.length;
    }
    this.count = count;
    this.joined = joined;
  }

  decode(start: number, end: number): number {
    const at = HMAC_ARENA + start;
    const written = this.#kernel.calls.base64urlDecode(at, end - start, at);
    return written < 0 ? -1 : start + written;
  }

  numbersAt(): Uint32Array {
    this.#kernel.calls.numbersAt(this.count);
    return this.numbers;
  }

  numbersBehind(field: Uint8Array, behind: number): Uint32Array {
    const { arena, calls, statuses } = this.#kernel;
    statuses.set(this.statuses.subarray(0, this.count));
    const end = this.starts[this.count] as number;
    arena.set(field, end);
    calls.numbersBehind(this.count, behind, HMAC_ARENA + end, field.length);
    arena.fill(0, end, end + field.length);
    return this.numbers;
  }

  /** Writes the texts' bytes to the arena. */
  write(): void {
    const { joined, starts, count } = this;
    const { arena, calls } = this.#kernel;
    const { written } = encoder.encodeInto(joined, arena);
    this.plain = written === joined.length && calls.isPlainText(HMAC_ARENA, written) === 1;
    if (written === joined.length) return;
    // Not ASCII: where a text begins must be found out, from the last one's length in characters on.
    let at = 0;
    for (let i = 0, from = 0; i < count; i++) {
      const to = starts[i + 1] as number;
      at += encoder.encodeInto(joined.slice(from, to), arena.subarray(at)).written;
      starts[i + 1] = at;
      from = to;
    }
  }

  /**
   * Checks the tags, first all with the first key, then with the next what is left.
   *
   * @param nested whether each tag is over the message, a dot and the inner tag of the message
   */
  check(keys: readonly HmacKey[], form: TagForm, nested: boolean): void {
    this.statuses.fill(STATUS_MISMATCH, 0, this.count);
    this.keyIndexes.fill(0, 0, this.count);
    for (let i = 0; i < keys.length && this.#try(keys, i, form, nested); i++);
  }

  /** {@link check} of a single text, whose tag is not nested: without a job, which would take longer to write. */
  checkOne(keys: readonly HmacKey[], { head, gap, characters, encoding }: TagForm): void {
    const { calls } = this.#kernel;
    const tag = (this.starts[1] as number) - characters;
    const length = tag - gap - head;
    let status = length < 0 ? STATUS_MALFORMED : STATUS_MISMATCH;
    for (let i = 0; i < keys.length && status === STATUS_MISMATCH; i++) {
      const { slot } = keys[i] as HmacKey;
      status = calls.verifyOne(slot, HMAC_ARENA + head, length, HMAC_ARENA + tag, encoding);
      this.keyIndexes[0] = i;
    }
    this.statuses[0] = status;
  }

  wipe(): void {
    this.#kernel.arena.fill(0, 0, this.starts[this.count] as number);
    this.joined = "";
  }

  /** Tries one key on the texts that match none yet. Returns whether there were any. */
  #try(keys: readonly HmacKey[], key: number, { head, gap, characters, encoding }: TagForm, nested: boolean): boolean {
    const { slot } = keys[key] as HmacKey;
    const { count, starts, statuses, innerSlots } = this;
    const { jobs, calls, statuses: results } = this.#kernel;
    const owners = this.#owners;
    let job = 0;
    for (let i = 0; i < count; i++) {
      if (statuses[i] !== STATUS_MISMATCH) continue;
      const message = (starts[i] as number) + head;
      const tag = (starts[i + 1] as number) - characters;
      const length = tag - gap - message;
      if (length < 0) {
        statuses[i] = STATUS_MALFORMED;
        continue;
      }
      owners[job] = i;
      const at = 4 * job++;
      jobs[at] = HMAC_ARENA + message;
      jobs[at + 1] = length;
      jobs[at + 2] = HMAC_ARENA + tag;
      jobs[at + 3] = nested ? (innerSlots[i] as number) | (slot << 16) : slot | (encoding << 16);
    }
    if (nested) calls.verifyNestedJobs(job);
    else calls.verifyJobs(job);
    if (job === count && key === 0) statuses.set(results.subarray(0, job));
    else {
      for (let i = 0; i < job; i++) {
        const text = owners[i] as number;
        statuses[text] = results[i] as number;
        this.keyIndexes[text] = key;
      }
    }
    return job > 0;
  }
}

let window: TextWindow | undefined;

function textWindow(): TextWindow {
  window ??= new TextWindow(hmacKernel());
  return window;
}

/**
 * Verifies texts that carry their own HMAC-SHA256 tag, in batches.
 *
 * @param keys tried in order; the first is tried on all, the next on what is left
 * @param batch each text has at most {@link MAX_TEXT_CHARACTERS}; one too short to hold a tag is malformed
 * @param nested whether each tag is over the message, a dot and the base64url tag of the message under the key of the
 *   window's `innerSlots` (TiRTC's two signatures); then the form's gap is that dot
 */
export function verifyTexts(keys: readonly HmacKey[], batch: TextBatch, form: TagForm, nested = false): void {
  for (const key of keys) key.slot; // throws after dispose, for no texts too
  const window = textWindow();
  for (let from = 0; from < batch.length; from += window.count) {
    batch.fill(window, from);
    try {
      window.write();
      window.check(keys, form, nested);
      batch.judge(window, from);
    } finally {
      window.wipe();
    }
  }
}

/**
 * {@link verifyTexts} of one text, whose bytes are gone when it returns.
 *
 * @param inner the key of the inner tag, where tags are nested
 */
export function verifyText(keys: readonly HmacKey[], text: string, form: TagForm, inner?: HmacKey): CheckedTexts {
  const window = textWindow();
  (keys[0] as HmacKey).slot; // throws after dispose, whatever the text is
  window.count = 1;
  window.joined = text;
  window.starts[1] = text.length;
  if (inner) window.innerSlots[0] = inner.slot;
  window.write();
  if (inner) window.check(keys, form, true);
  else window.checkOne(keys, form);
  window.wipe();
  return window;
}

/** HMAC-SHA256 of a text's UTF-8 bytes, written in `encoding` (hex or base64url). */
export function signText(key: HmacKey, text: string, encoding: number): string {
  const { arena, calls, jobs } = hmacKernel();
  const { slot } = key;
  const characters = encoding === ENCODING_BASE64URL ? BASE64URL_CHARACTERS : HEX_CHARACTERS;
  const length = encoder.encodeInto(text, arena).written;
  jobs.set([HMAC_ARENA, length, HMAC_ARENA + length, slot | (encoding << 16)]);
  calls.signJobs(1);
  const tag = String.fromCharCode(...arena.subarray(length, length + characters));
  arena.fill(0, 0, length + characters);
  return tag;
}
