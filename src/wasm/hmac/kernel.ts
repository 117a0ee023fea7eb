import {
  HMAC_ARENA,
  HMAC_ARENA_BYTES,
  HMAC_JOB_BYTES,
  HMAC_JOBS,
  HMAC_KEY_SLOTS,
  HMAC_MAX_TEXTS,
  HMAC_NUMBERS,
  HMAC_SCRATCH,
  HMAC_SCRATCH_BYTES,
  HMAC_STARTS,
  HMAC_STATUS,
  HMAC_STREAM,
  HMAC_STREAM_BYTES,
} from "../../../assembly/memory/hmac.ts";
import { disposed } from "../../errors.ts";
import { startModule } from "../instantiate.ts";
import { KeySlots } from "../key-slots.ts";
import { base64 } from "./hmac.wasm.generated.ts";

export const DIGEST_BYTES = 32;
const BLOCK_BYTES = 64;

/** The exports of hmac.wasm; each is documented in assembly/hmac.ts. */
interface HmacExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  sha256(message: number, length: number, out: number): void;
  sha256Start(): void;
  sha256Update(message: number, length: number): void;
  sha256Finish(out: number): void;
  keySet(slot: number, key: number, length: number): void;
  keyWipe(slot: number): void;
  hmacStart(slot: number): void;
  hmacFinish(slot: number, out: number): void;
  hmacCheck(slot: number, tag: number, encoding: number): number;
  signJobs(count: number): void;
  verifyJobs(count: number): void;
  verifyNestedJobs(count: number): void;
  verifyOne(slot: number, message: number, length: number, tag: number, encoding: number): number;
  isPlainText(source: number, length: number): number;
  numbersAt(count: number): void;
  numbersBehind(count: number, behind: number, field: number, length: number): void;
  hexEncode(source: number, length: number, target: number): void;
  hexDecode(source: number, length: number, target: number, anyCase: number): number;
  base64urlEncode(source: number, length: number, target: number): number;
  base64urlDecode(source: number, length: number, target: number): number;
}

/** The running module, with views on the parts of its memory that this side may touch. */
export interface HmacKernel {
  readonly calls: HmacExports;
  readonly arena: Uint8Array<ArrayBuffer>;
  readonly jobs: Uint32Array;
  readonly statuses: Uint8Array;
  readonly starts: Uint32Array;
  readonly numbers: Uint32Array;
  readonly stream: Uint8Array;
  /** What the kernel works on: wiped from here only where a call ended by an exception. */
  readonly scratch: Uint8Array;
  readonly slots: KeySlots;
}

let kernel: HmacKernel | undefined;

/**
 * The one instance of hmac.wasm in this thread, started on first use.
 *
 * Between the first byte written to its memory and the last one read no code of a caller may run: arguments are copied
 * out of getters and proxies before.
 */
export function hmacKernel(): HmacKernel {
  if (kernel) return kernel;
  const calls = startModule<HmacExports>("hmac", base64);
  const memory = calls.memory.buffer;
  kernel = {
    calls,
    arena: new Uint8Array(memory, HMAC_ARENA, HMAC_ARENA_BYTES),
    jobs: new Uint32Array(memory, HMAC_JOBS, (HMAC_MAX_TEXTS * HMAC_JOB_BYTES) / 4),
    statuses: new Uint8Array(memory, HMAC_STATUS, HMAC_MAX_TEXTS),
    starts: new Uint32Array(memory, HMAC_STARTS, HMAC_MAX_TEXTS + 1),
    numbers: new Uint32Array(memory, HMAC_NUMBERS, HMAC_MAX_TEXTS),
    stream: new Uint8Array(memory, HMAC_STREAM, HMAC_STREAM_BYTES),
    scratch: new Uint8Array(memory, HMAC_SCRATCH, HMAC_SCRATCH_BYTES),
    slots: new KeySlots("hmac", HMAC_KEY_SLOTS, (slot) => calls.keyWipe(slot)),
  };
  return kernel;
}

/** Feeds a message of any length to the streaming state, through the arena. */
function absorb({ calls, arena }: HmacKernel, message: Uint8Array): void {
  for (let at = 0; at < message.length; at += arena.length) {
    const piece = message.subarray(at, at + arena.length);
    arena.set(piece);
    calls.sha256Update(HMAC_ARENA, piece.length);
  }
  arena.fill(0, 0, Math.min(message.length, arena.length));
}

/** Takes 32 bytes that the kernel left at the arena's start. */
function takeDigest({ arena }: HmacKernel): Uint8Array<ArrayBuffer> {
  const digest = arena.slice(0, DIGEST_BYTES);
  arena.fill(0, 0, DIGEST_BYTES);
  return digest;
}

/** SHA-256 (FIPS 180-4) of a message of any length, 32 bytes. */
export function sha256Digest(message: Uint8Array): Uint8Array<ArrayBuffer> {
  const running = hmacKernel();
  const { arena, calls } = running;
  if (message.length > arena.length) {
    calls.sha256Start();
    absorb(running, message);
    calls.sha256Finish(HMAC_ARENA);
    return takeDigest(running);
  }
  arena.set(message);
  calls.sha256(HMAC_ARENA, message.length, HMAC_ARENA);
  const digest = arena.slice(0, DIGEST_BYTES);
  arena.fill(0, 0, Math.max(message.length, DIGEST_BYTES));
  return digest;
}

/** A SHA-256 computation whose state lives here between the calls, so that any number may be under way. */
export class Sha256Stream {
  readonly #state: Uint8Array = new Uint8Array(HMAC_STREAM_BYTES);

  constructor() {
    const running = hmacKernel();
    running.calls.sha256Start();
    this.#leave(running);
  }

  update(message: Uint8Array): void {
    const running = this.#enter();
    absorb(running, message);
    this.#leave(running);
  }

  digest(): Uint8Array<ArrayBuffer> {
    const running = this.#enter();
    running.calls.sha256Finish(HMAC_ARENA);
    this.#state.fill(0);
    return takeDigest(running);
  }

  #enter(): HmacKernel {
    const running = hmacKernel();
    running.stream.set(this.#state);
    return running;
  }

  #leave({ stream }: HmacKernel): void {
    this.#state.set(stream);
    stream.fill(0);
  }
}

/** An HMAC-SHA256 key in its slot, as midstates (RFC 2104 §4). */
export class HmacKey {
  #slot: number | undefined;

  /** @param key of any length; a key of over 64 bytes is hashed first (RFC 2104 §2) */
  constructor(key: Uint8Array) {
    const running = hmacKernel();
    const slot = running.slots.take(this);
    const short = key.length > BLOCK_BYTES ? sha256Digest(key) : key;
    running.arena.set(short);
    running.calls.keySet(slot, HMAC_ARENA, short.length);
    if (short !== key) short.fill(0);
    this.#slot = slot;
  }

  get isDisposed(): boolean {
    return this.#slot === undefined;
  }

  /** @throws ConnectTokensError `ERR_DISPOSED` */
  get slot(): number {
    if (this.#slot === undefined) throw disposed();
    return this.#slot;
  }

  /** HMAC-SHA256 of a message of any length, 32 bytes. */
  sign(message: Uint8Array): Uint8Array<ArrayBuffer> {
    const running = hmacKernel();
    running.calls.hmacStart(this.slot);
    absorb(running, message);
    running.calls.hmacFinish(this.slot, HMAC_ARENA);
    return takeDigest(running);
  }

  /**
   * Whether `tag` is the HMAC of a message of any length, compared in constant time.
   *
   * @param tag in `encoding` (ENCODING_ in assembly/memory/hmac.ts), of just the length that encoding has
   */
  check(message: Uint8Array, tag: Uint8Array, encoding: number): boolean {
    const running = hmacKernel();
    running.calls.hmacStart(this.slot);
    absorb(running, message);
    running.arena.set(tag);
    const status = running.calls.hmacCheck(this.slot, HMAC_ARENA, encoding);
    running.arena.fill(0, 0, tag.length);
    return status === 0;
  }

  /** Wipes the slot and gives it back. Further calls do nothing. */
  dispose(): void {
    if (this.#slot === undefined) return;
    hmacKernel().slots.release(this, this.#slot);
    this.#slot = undefined;
  }
}
