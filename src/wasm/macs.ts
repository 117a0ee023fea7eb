import {
  ENCODING_BASE64URL,
  HMAC_ARENA,
  HMAC_MAX_JOBS,
  STATUS_GENUINE,
  STATUS_MALFORMED,
  STATUS_MISMATCH,
} from "../../assembly/memory.ts";
import { type HmacKernel, type HmacKey, hmacKernel } from "./hmac.ts";

/** Where the tag stands in a text: its last `characters`, written in `encoding`, after `gap` characters that are skipped. */
export interface TagForm {
  readonly gap: number;
  readonly characters: number;
  /** ENCODING_ in assembly/memory.ts. */
  readonly encoding: number;
}

/** What is known of each text after its tag was checked. */
export interface CheckedTexts {
  /** STATUS_ in assembly/memory.ts. */
  readonly statuses: Uint8Array;
  /**
   * 1: the text is printable ASCII (0x20 to 0x7e), every character of it. 0: it, or another that was checked together
   * with it, is not.
   */
  readonly plain: Uint8Array;
}

export const HEX_CHARACTERS = 64;
export const BASE64URL_CHARACTERS = 43;

// A window of texts: few enough bytes to stay in the cache, and even at 3 bytes a character within the arena.
const WINDOW_CHARACTERS = 0x10000;
const WINDOW_TEXTS = 512;
/** The longest text the functions here take, in UTF-16 code units. */
export const MAX_TEXT_CHARACTERS = 0x20000;

const encoder = new TextEncoder();

// Where each text of the window lies: starts[i] to starts[i + 1], relative to the arena.
const starts = new Uint32Array(HMAC_MAX_JOBS + 1);
// Which text of the window each job stands for.
const owners = new Uint16Array(HMAC_MAX_JOBS);

/**
 * Verifies texts that carry their own HMAC-SHA256 tag, in batches.
 *
 * @param keys tried in order; the first is tried on all, the next on what is left
 * @param texts each at most {@link MAX_TEXT_CHARACTERS}; one too short to hold a tag is malformed
 * @param inner one key per text, where given: its base64url tag over the message up to the last dot is written over the
 *   43 characters before the outer tag before that is checked, which covers it (TiRTC's two signatures). A text without
 *   such a key is a mismatch.
 */
export function verifyTexts(
  keys: readonly HmacKey[],
  texts: readonly string[],
  form: TagForm,
  inner?: readonly (HmacKey | undefined)[],
): CheckedTexts {
  const running = hmacKernel();
  const slots = keys.map((key) => key.slot);
  const innerSlots = inner?.map((key) => key?.slot);
  const statuses = new Uint8Array(texts.length);
  const plain = new Uint8Array(texts.length);
  for (let from = 0; from < texts.length; ) {
    const to = windowEnd(texts, from);
    if (writeWindow(running, texts, from, to)) plain.fill(1, from, to);
    try {
      if (innerSlots) signInner(running, form, innerSlots, from, to);
      verifyWindow(running, form, slots, from, to, statuses);
    } finally {
      running.arena.fill(0, 0, starts[to - from] as number);
    }
    if (innerSlots) {
      for (let i = from; i < to; i++) {
        if (innerSlots[i] === undefined && statuses[i] === STATUS_GENUINE) statuses[i] = STATUS_MISMATCH;
      }
    }
    from = to;
  }
  return { statuses, plain };
}

/** {@link verifyTexts} for one text without an inner tag: its STATUS_. */
export function verifyText(keys: readonly HmacKey[], text: string, form: TagForm): number {
  const { arena, calls } = hmacKernel();
  (keys[0] as HmacKey).slot; // throws after dispose, whatever the text is
  const end = encoder.encodeInto(text, arena).written;
  const tag = end - form.characters;
  const length = tag - form.gap;
  let status = length < 0 ? STATUS_MALFORMED : STATUS_MISMATCH;
  for (let i = 0; i < keys.length && status === STATUS_MISMATCH; i++) {
    const { slot } = keys[i] as HmacKey;
    status = calls.verifyOne(slot, HMAC_ARENA, length, HMAC_ARENA + tag, form.encoding);
  }
  arena.fill(0, 0, end);
  return status;
}

/** HMAC-SHA256 of a text's UTF-8 bytes, written in `encoding` (hex or base64url). */
export function signText(key: HmacKey, text: string, encoding: number): string {
  const running = hmacKernel();
  const { slot } = key;
  const characters = encoding === ENCODING_BASE64URL ? BASE64URL_CHARACTERS : HEX_CHARACTERS;
  const length = encoder.encodeInto(text, running.arena).written;
  writeJob(running, 0, 0, length, length, slot, encoding);
  running.calls.signJobs(1);
  const tag = String.fromCharCode(...running.arena.subarray(length, length + characters));
  running.arena.fill(0, 0, length + characters);
  return tag;
}

function windowEnd(texts: readonly string[], from: number): number {
  const last = Math.min(texts.length, from + WINDOW_TEXTS);
  let characters = 0;
  let to = from;
  while (to < last && characters < WINDOW_CHARACTERS) characters += (texts[to++] as string).length;
  return to;
}

/** Writes a window's texts end to end and notes where each lies. Returns whether all of them are printable ASCII. */
function writeWindow({ arena, calls }: HmacKernel, texts: readonly string[], from: number, to: number): boolean {
  const joined = to - from === texts.length ? texts.join("") : texts.slice(from, to).join("");
  const { written } = encoder.encodeInto(joined, arena);
  if (written === joined.length) {
    // All ASCII, the common case: a character is a byte.
    let at = 0;
    for (let i = from; i < to; i++) {
      starts[i - from] = at;
      at += (texts[i] as string).length;
    }
    starts[to - from] = at;
    return calls.isPlainText(HMAC_ARENA, at) === 1;
  }
  let at = 0;
  for (let i = from; i < to; i++) {
    starts[i - from] = at;
    at += encoder.encodeInto(texts[i] as string, arena.subarray(at)).written;
  }
  starts[to - from] = at;
  return false;
}

function writeJob(
  { jobs }: HmacKernel,
  job: number,
  start: number,
  length: number,
  tag: number,
  slot: number,
  encoding: number,
): void {
  const at = job * 4;
  jobs[at] = HMAC_ARENA + start;
  jobs[at + 1] = length;
  jobs[at + 2] = HMAC_ARENA + tag;
  jobs[at + 3] = slot | (encoding << 16);
}

/** The inner tags, each into the place that the scheme left for it before the outer tag. */
function signInner(
  running: HmacKernel,
  form: TagForm,
  innerSlots: readonly (number | undefined)[],
  from: number,
  to: number,
): void {
  let count = 0;
  for (let i = 0; i < to - from; i++) {
    const slot = innerSlots[from + i];
    const start = starts[i] as number;
    const place = (starts[i + 1] as number) - form.characters - form.gap - BASE64URL_CHARACTERS;
    // The dot before the place is in neither message.
    const length = place - 1 - start;
    if (slot !== undefined && length >= 0) writeJob(running, count++, start, length, place, slot, ENCODING_BASE64URL);
  }
  running.calls.signJobs(count);
}

function verifyWindow(
  running: HmacKernel,
  form: TagForm,
  slots: readonly number[],
  from: number,
  to: number,
  statuses: Uint8Array,
): void {
  const window = statuses.subarray(from, to);
  window.fill(STATUS_MISMATCH);
  for (const slot of slots) {
    let count = 0;
    for (let i = 0; i < window.length; i++) {
      if (window[i] !== STATUS_MISMATCH) continue;
      const start = starts[i] as number;
      const tag = (starts[i + 1] as number) - form.characters;
      const length = tag - form.gap - start;
      if (length < 0) {
        window[i] = STATUS_MALFORMED;
        continue;
      }
      owners[count] = i;
      writeJob(running, count++, start, length, tag, slot, form.encoding);
    }
    if (count === 0) return;
    running.calls.verifyJobs(count);
    if (count === window.length) window.set(running.statuses.subarray(0, count));
    else for (let job = 0; job < count; job++) window[owners[job] as number] = running.statuses[job] as number;
  }
}
