import { HMAC_ARENA, STATUS_MALFORMED, STATUS_MISMATCH } from "../../../assembly/memory/hmac.ts";
import { utf8Encoder } from "../../common/text.ts";
import type { HmacKernel, HmacKey } from "./kernel.ts";
import {
  type CheckedText,
  hasRoom,
  NO_NUMBER,
  type TagForm,
  type TextBatch,
  type TextVerdict,
  WINDOW_TEXTS,
} from "./text-batch.ts";

/** The way of texts through the arena. There is one, since there is one arena. */
export class TextWindow {
  /** Texts of the pass under way, or of the last one. */
  count = 0;
  readonly #kernel: HmacKernel;
  /** Where each text begins in the arena, and the last one ends. */
  readonly #starts: Uint32Array;
  readonly #statuses: Uint8Array = new Uint8Array(WINDOW_TEXTS);
  readonly #keyIndexes: Uint32Array = new Uint32Array(WINDOW_TEXTS);
  /** Per text its inner key, where tags are nested. */
  #innerKeys: readonly HmacKey[] = NONE;
  /** Which text each job stands for. */
  readonly #owners: Uint16Array = new Uint16Array(WINDOW_TEXTS);
  readonly #text: TextInWindow;

  constructor(kernel: HmacKernel) {
    this.#kernel = kernel;
    this.#starts = kernel.starts;
    this.#text = new TextInWindow(kernel);
  }

  /** Takes the texts from `from` on, as many as there is room for: they are written, checked, judged and wiped. */
  pass(keys: readonly HmacKey[], batch: TextBatch, form: TagForm, from: number): void {
    const to = Math.min(from + WINDOW_TEXTS, batch.length);
    batch.read?.(from, to);
    this.#innerKeys = batch.innerKey ? this.#readInnerKeys(batch, from, to) : NONE;
    const joined = this.#join(batch, from, to);
    const { arena, arenas, scratch } = this.#kernel;
    try {
      const plain = this.#write(joined);
      this.#check(keys, form, batch.innerKey !== undefined);
      this.#judge(batch, from, plain);
      arena.fill(0, 0, this.#starts[this.count] as number);
      this.#innerKeys = NONE;
    } catch (error) {
      scratch.fill(0);
      arenas.fill(0);
      throw error;
    }
  }

  /** The same for one text, whose tag is checked without a job where it is not nested: to write one would take longer. */
  verifyOne(keys: readonly HmacKey[], text: string, form: TagForm, inner: HmacKey | undefined): TextVerdict {
    this.count = 1;
    this.#starts[1] = text.length;
    if (inner) this.#innerKeys = [inner];
    const { arena, arenas, scratch } = this.#kernel;
    try {
      const plain = this.#write(text);
      if (inner) this.#check(keys, form, true);
      else this.#checkOne(keys, form);
      arena.fill(0, 0, this.#starts[1] as number);
      if (inner) this.#innerKeys = NONE;
      return { status: this.#statuses[0] as number, keyIndex: this.#keyIndexes[0] as number, plain };
    } catch (error) {
      scratch.fill(0);
      arenas.fill(0);
      throw error;
    }
  }

  /** One for each text that may come into the window: to prepare them takes the arena, which is empty yet. */
  #readInnerKeys(batch: TextBatch, from: number, to: number): HmacKey[] {
    const keys: HmacKey[] = [];
    for (let i = from; i < to; i++) keys.push(batch.innerKey?.(i) as HmacKey);
    return keys;
  }

  /** The texts end to end; `#starts` says where each begins in that. */
  #join(batch: TextBatch, from: number, to: number): string {
    const starts = this.#starts;
    const { numbers } = this.#kernel;
    const hasDigits = batch.digitsAt !== undefined;
    let count = 0;
    let joined = "";
    for (let i = from; i < to && hasRoom(count, joined.length); i++) {
      if (hasDigits) numbers[count] = joined.length + (batch.digitsAt?.(i) as number);
      joined += batch.text(i);
      starts[++count] = joined.length;
    }
    this.count = count;
    return joined;
  }

  /** Writes the texts' bytes to the arena. Returns whether they are plain. */
  #write(joined: string): boolean {
    const { arena, calls } = this.#kernel;
    const { written } = utf8Encoder().encodeInto(joined, arena);
    if (written === joined.length) return calls.isPlainText(HMAC_ARENA, written) === 1;
    // Not ASCII: where a text begins must be found out, from the last one's length in characters on.
    const starts = this.#starts;
    let at = 0;
    for (let i = 0, from = 0; i < this.count; i++) {
      const to = starts[i + 1] as number;
      at += utf8Encoder().encodeInto(joined.slice(from, to), arena.subarray(at)).written;
      starts[i + 1] = at;
      from = to;
    }
    return false;
  }

  /** Checks the tags, first all with the first key, then with the next what is left. */
  #check(keys: readonly HmacKey[], form: TagForm, nested: boolean): void {
    this.#statuses.fill(STATUS_MISMATCH, 0, this.count);
    this.#keyIndexes.fill(0, 0, this.count);
    for (let i = 0; i < keys.length && this.#try(keys, i, form, nested); i++);
  }

  /** Tries one key on the texts that match none yet. Returns whether there were any. */
  #try(keys: readonly HmacKey[], key: number, { head, gap, characters, encoding }: TagForm, nested: boolean): boolean {
    const { slot } = keys[key] as HmacKey;
    const count = this.count;
    const starts = this.#starts;
    const statuses = this.#statuses;
    const innerKeys = this.#innerKeys;
    const owners = this.#owners;
    const { jobs, calls, statuses: results } = this.#kernel;
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
      jobs[at + 3] = nested ? (innerKeys[i] as HmacKey).slot | (slot << 16) : slot | (encoding << 16);
    }
    if (nested) calls.verifyNestedJobs(job);
    else calls.verifyJobs(job);
    if (job === count && key === 0) statuses.set(results.subarray(0, job));
    else {
      for (let i = 0; i < job; i++) {
        const text = owners[i] as number;
        statuses[text] = results[i] as number;
        this.#keyIndexes[text] = key;
      }
    }
    return job > 0;
  }

  #checkOne(keys: readonly HmacKey[], { head, gap, characters, encoding }: TagForm): void {
    const { calls } = this.#kernel;
    const tag = (this.#starts[1] as number) - characters;
    const length = tag - gap - head;
    let status = length < 0 ? STATUS_MALFORMED : STATUS_MISMATCH;
    for (let i = 0; i < keys.length && status === STATUS_MISMATCH; i++) {
      const { slot } = keys[i] as HmacKey;
      status = calls.verifyOne(slot, HMAC_ARENA + head, length, HMAC_ARENA + tag, encoding);
      this.#keyIndexes[0] = i;
    }
    this.#statuses[0] = status;
  }

  #judge(batch: TextBatch, from: number, plain: boolean): void {
    const starts = this.#starts;
    const statuses = this.#statuses;
    const keyIndexes = this.#keyIndexes;
    const numbers = plain ? this.#readNumbers(batch) : undefined;
    const text = this.#text;
    text.plain = plain;
    text.number = NO_NUMBER;
    let start = 0;
    for (let i = 0; i < this.count; i++) {
      const end = starts[i + 1] as number;
      text.status = statuses[i] as number;
      text.keyIndex = keyIndexes[i] as number;
      text.start = start;
      text.end = end;
      if (numbers) text.number = numbers[i] as number;
      batch.judge(from + i, text);
      start = end;
    }
  }

  /** Has the kernel read each text's ten digits, where the batch says where they stand. */
  #readNumbers(batch: TextBatch): Uint32Array | undefined {
    const { arena, calls, numbers, statuses } = this.#kernel;
    const { count } = this;
    const { digitsBehind } = batch;
    if (digitsBehind) {
      statuses.set(this.#statuses.subarray(0, count));
      const { field, trailing } = digitsBehind;
      const end = this.#starts[count] as number;
      arena.set(field, end);
      calls.numbersBehind(count, trailing, HMAC_ARENA + end, field.length);
      arena.fill(0, end, end + field.length);
      return numbers;
    }
    if (!batch.digitsAt) return undefined;
    calls.numbersAt(count);
    return numbers;
  }
}

class TextInWindow implements CheckedText {
  status = STATUS_MISMATCH;
  keyIndex = 0;
  plain = false;
  start = 0;
  end = 0;
  number = NO_NUMBER;
  readonly bytes: Uint8Array;
  readonly #kernel: HmacKernel;

  constructor(kernel: HmacKernel) {
    this.#kernel = kernel;
    this.bytes = kernel.arena;
  }

  decode(start: number, end: number): number {
    const at = HMAC_ARENA + start;
    const written = this.#kernel.calls.base64urlDecode(at, end - start, at);
    return written < 0 ? -1 : start + written;
  }
}

const NONE: readonly HmacKey[] = [];
