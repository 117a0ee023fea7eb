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
  HMAC_SLOT_BYTES,
  HMAC_SLOTS,
  HMAC_STARTS,
  HMAC_STATUS,
  HMAC_STREAM,
  HMAC_STREAM_BYTES,
  STATUS_GENUINE,
} from "../../../assembly/memory/hmac.ts";
import { disposed } from "../../errors.ts";
import { startModule } from "../instantiate.ts";
import { KeySlots, type PreparedKey } from "../key-slots.ts";
import { hex } from "./hmac.wasm.generated.ts";

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
  /**
   * What the kernel works on, and everything behind the slots. A call that ends by an exception (there may be too little
   * stack left inside the kernel) leaves anything there: who catches it fills both with zeros, and calls no function of
   * our own before.
   */
  readonly scratch: Uint8Array;
  readonly arenas: Uint8Array;
  readonly slotMemory: Uint8Array;
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
  const calls = startModule<HmacExports>("hmac", hex);
  const memory = calls.memory.buffer;
  const slotMemory = new Uint8Array(memory, HMAC_SLOTS, HMAC_KEY_SLOTS * HMAC_SLOT_BYTES);
  kernel = {
    calls,
    arena: new Uint8Array(memory, HMAC_ARENA, HMAC_ARENA_BYTES),
    jobs: new Uint32Array(memory, HMAC_JOBS, (HMAC_MAX_TEXTS * HMAC_JOB_BYTES) / 4),
    statuses: new Uint8Array(memory, HMAC_STATUS, HMAC_MAX_TEXTS),
    starts: new Uint32Array(memory, HMAC_STARTS, HMAC_MAX_TEXTS + 1),
    numbers: new Uint32Array(memory, HMAC_NUMBERS, HMAC_MAX_TEXTS),
    stream: new Uint8Array(memory, HMAC_STREAM, HMAC_STREAM_BYTES),
    scratch: new Uint8Array(memory, HMAC_SCRATCH, HMAC_SCRATCH_BYTES),
    arenas: new Uint8Array(memory, HMAC_STREAM),
    slotMemory,
    slots: new KeySlots(slotMemory, HMAC_SLOT_BYTES),
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
  const { arena, arenas, calls, scratch } = running;
  try {
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
  } catch (error) {
    scratch.fill(0);
    arenas.fill(0);
    throw error;
  }
}

/** A SHA-256 computation whose state lives here between the calls, so that any number may be under way. */
export class Sha256Stream {
  readonly #state: Uint8Array = new Uint8Array(HMAC_STREAM_BYTES);

  constructor() {
    const { calls, stream } = hmacKernel();
    calls.sha256Start();
    this.#state.set(stream);
    stream.fill(0);
  }

  /** Where it throws, the stream is what it was before. */
  update(message: Uint8Array): void {
    const running = hmacKernel();
    const { arenas, scratch, stream } = running;
    try {
      stream.set(this.#state);
      absorb(running, message);
      this.#state.set(stream);
      stream.fill(0);
    } catch (error) {
      scratch.fill(0);
      arenas.fill(0);
      throw error;
    }
  }

  digest(): Uint8Array<ArrayBuffer> {
    const running = hmacKernel();
    const { arenas, calls, scratch, stream } = running;
    try {
      stream.set(this.#state);
      calls.sha256Finish(HMAC_ARENA);
      const digest = takeDigest(running);
      this.#state.fill(0);
      return digest;
    } catch (error) {
      scratch.fill(0);
      arenas.fill(0);
      throw error;
    }
  }
}

/**
 * HMAC-SHA256 of a message of any length under a key that is used once, 32 bytes.
 *
 * @param key of any length; a key of over 64 bytes is hashed first (RFC 2104 §2)
 */
export function hmacDigest(key: Uint8Array, message: Uint8Array): Uint8Array<ArrayBuffer> {
  const running = hmacKernel();
  const { arena, arenas, calls, scratch, slots, slotMemory } = running;
  const short = key.length > BLOCK_BYTES ? sha256Digest(key) : key;
  const slot = slots.claim();
  try {
    arena.set(short);
    calls.keySet(slot, HMAC_ARENA, short.length);
    calls.hmacStart(slot);
    absorb(running, message);
    calls.hmacFinish(slot, HMAC_ARENA);
    return takeDigest(running);
  } catch (error) {
    scratch.fill(0);
    arenas.fill(0);
    throw error;
  } finally {
    slotMemory.fill(0, slot * HMAC_SLOT_BYTES, (slot + 1) * HMAC_SLOT_BYTES);
    if (short !== key) short.fill(0);
  }
}

/** An HMAC-SHA256 key, prepared as midstates (RFC 2104 §4). */
export class HmacKey {
  #prepared: PreparedKey | undefined;

  /** @param key of any length; a key of over 64 bytes is hashed first (RFC 2104 §2) */
  constructor(key: Uint8Array) {
    const { arena, arenas, calls, scratch, slots, slotMemory } = hmacKernel();
    const short = key.length > BLOCK_BYTES ? sha256Digest(key) : key;
    const slot = slots.claim();
    try {
      arena.set(short);
      calls.keySet(slot, HMAC_ARENA, short.length);
      this.#prepared = slots.keep(this, slot, HMAC_SLOT_BYTES);
    } catch (error) {
      scratch.fill(0);
      arenas.fill(0);
      slotMemory.fill(0, slot * HMAC_SLOT_BYTES, (slot + 1) * HMAC_SLOT_BYTES);
      throw error;
    } finally {
      if (short !== key) short.fill(0);
    }
  }

  get isDisposed(): boolean {
    return this.#prepared === undefined;
  }

  /**
   * The number of its slot, which it has until others have taken all of them: ask again before each call.
   *
   * @throws ConnectTokensError `ERR_DISPOSED`
   */
  get slot(): number {
    if (this.#prepared === undefined) throw disposed();
    return hmacKernel().slots.use(this.#prepared);
  }

  /** HMAC-SHA256 of a message of any length, 32 bytes. */
  sign(message: Uint8Array): Uint8Array<ArrayBuffer> {
    const running = hmacKernel();
    const { arenas, calls, scratch } = running;
    const { slot } = this;
    try {
      calls.hmacStart(slot);
      absorb(running, message);
      calls.hmacFinish(slot, HMAC_ARENA);
      return takeDigest(running);
    } catch (error) {
      scratch.fill(0);
      arenas.fill(0);
      throw error;
    }
  }

  /**
   * Whether `tag` is the HMAC of a message of any length, compared in constant time.
   *
   * @param tag in `encoding` (ENCODING_ in assembly/memory/hmac.ts), of just the length that encoding has
   */
  check(message: Uint8Array, tag: Uint8Array, encoding: number): boolean {
    const running = hmacKernel();
    const { arena, arenas, calls, scratch } = running;
    const { slot } = this;
    try {
      calls.hmacStart(slot);
      absorb(running, message);
      arena.set(tag);
      const status = calls.hmacCheck(slot, HMAC_ARENA, encoding);
      arena.fill(0, 0, tag.length);
      return status === STATUS_GENUINE;
    } catch (error) {
      scratch.fill(0);
      arenas.fill(0);
      throw error;
    }
  }

  /** Wipes the key. Further calls do nothing. */
  dispose(): void {
    if (this.#prepared === undefined) return;
    hmacKernel().slots.release(this.#prepared);
    this.#prepared = undefined;
  }
}
