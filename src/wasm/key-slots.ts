import { disposed } from "../errors.ts";

const NO_SLOT = -1;

/** A prepared key: what its slot holds while it has one. */
export class PreparedKey {
  /** Outside the module; empty once the key is gone. */
  bytes: Uint8Array;
  slot: number = NO_SLOT;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
}

const EMPTY = new Uint8Array(0);
/** Keys whose copies share a block of memory. */
const BLOCK_KEYS = 64;
/** Copies of keys that are gone, at most, which wait for the next ones. */
const MAX_SPARE = 1024;

/**
 * Memory for the copies of prepared keys of one length. In blocks, which the collector frees whole and never moves: of an
 * array that is small enough to lie in its own heap it leaves copies behind that nobody can wipe.
 */
class KeyCopies {
  readonly #length: number;
  readonly #spare: Uint8Array[] = [];
  #block = new ArrayBuffer(0);
  #used = 0;

  constructor(length: number) {
    this.#length = length;
  }

  /** Zeros. */
  take(): Uint8Array {
    const spare = this.#spare.pop();
    if (spare) return spare;
    if (this.#used === this.#block.byteLength) {
      this.#block = new ArrayBuffer(BLOCK_KEYS * this.#length);
      this.#used = 0;
    }
    const bytes = new Uint8Array(this.#block, this.#used, this.#length);
    this.#used += this.#length;
    return bytes;
  }

  /** @param bytes that were wiped, and that nobody uses any more */
  give(bytes: Uint8Array): void {
    if (this.#spare.length < MAX_SPARE) this.#spare.push(bytes);
  }
}

/**
 * The key slots of one module, a cache: a key has a slot while it works, and when all are taken the key that was not used
 * for longest gives way. Its bytes stand in its {@link PreparedKey} too, so any number of keys may live.
 *
 * What needs several slots at once (a window of texts with their devices' keys) asks for them one after the other: as long
 * as they are fewer than the slots, none of them gives way to another.
 */
export class KeySlots {
  readonly #memory: Uint8Array;
  readonly #slotBytes: number;
  readonly #holders: (PreparedKey | undefined)[];
  readonly #copies: Map<number, KeyCopies> = new Map();
  // A ring in the order of use, through an entry behind the slots: its newer side is the oldest slot, its older side the newest.
  readonly #newer: Uint16Array;
  readonly #older: Uint16Array;
  readonly #ends: number;
  /** Wipes the keys of owners that were dropped without `dispose`, where the engine has it; nothing depends on it. */
  readonly #forgotten: FinalizationRegistry<PreparedKey> | undefined;

  /** @param memory all slots, end to end */
  constructor(memory: Uint8Array, slotBytes: number) {
    const count = memory.length / slotBytes;
    this.#memory = memory;
    this.#slotBytes = slotBytes;
    this.#holders = new Array(count).fill(undefined);
    this.#ends = count;
    this.#newer = Uint16Array.from({ length: count + 1 }, (_, i) => (i === count ? 0 : i + 1));
    this.#older = Uint16Array.from({ length: count + 1 }, (_, i) => (i === 0 ? count : i - 1));
    this.#forgotten =
      typeof FinalizationRegistry === "function" ? new FinalizationRegistry((key) => this.release(key)) : undefined;
  }

  /** How many slots hold a key; for tests. */
  get held(): number {
    return this.#holders.reduce((count, holder) => count + (holder ? 1 : 0), 0);
  }

  /** Empties the slot whose turn it is, for a key to be prepared there: nobody's until {@link keep}. */
  claim(): number {
    const slot = this.#newer[this.#ends] as number;
    const holder = this.#holders[slot];
    if (holder) holder.slot = NO_SLOT;
    this.#holders[slot] = undefined;
    return slot;
  }

  /**
   * Makes what was prepared in a claimed slot the key of `owner`, until {@link release} or until the owner is collected.
   *
   * @param length how much of the slot the key takes; the rest is zeros
   */
  keep(owner: object, slot: number, length: number): PreparedKey {
    const from = slot * this.#slotBytes;
    let copies = this.#copies.get(length);
    if (!copies) {
      copies = new KeyCopies(length);
      this.#copies.set(length, copies);
    }
    const key = new PreparedKey(copies.take());
    key.bytes.set(this.#memory.subarray(from, from + length));
    this.#forgotten?.register(owner, key);
    key.slot = slot;
    this.#holders[slot] = key;
    this.#moveTo(slot, this.#older[this.#ends] as number);
    return key;
  }

  /** The slot of a key, which is the newest then. */
  use(key: PreparedKey): number {
    const slot = key.slot === NO_SLOT ? this.#load(key) : key.slot;
    const newest = this.#older[this.#ends] as number;
    if (slot !== newest) this.#moveTo(slot, newest);
    return slot;
  }

  /** Wipes a key, and its slot where it has one. */
  release(key: PreparedKey): void {
    const { bytes, slot } = key;
    if (bytes === EMPTY) return; // disposed of, and now forgotten
    bytes.fill(0);
    key.bytes = EMPTY;
    this.#copies.get(bytes.length)?.give(bytes);
    if (slot === NO_SLOT) return;
    this.#memory.fill(0, slot * this.#slotBytes, (slot + 1) * this.#slotBytes);
    key.slot = NO_SLOT;
    this.#holders[slot] = undefined;
    this.#moveTo(slot, this.#ends); // the next to be claimed
  }

  #load(key: PreparedKey): number {
    const slot = this.claim();
    const { bytes } = key;
    const from = slot * this.#slotBytes;
    this.#memory.fill(0, from + bytes.length, from + this.#slotBytes);
    this.#memory.set(bytes, from);
    key.slot = slot;
    this.#holders[slot] = key;
    return slot;
  }

  /** Takes a slot out of the ring and puts it on the newer side of `before`. */
  #moveTo(slot: number, before: number): void {
    if (slot === before) return;
    const newer = this.#newer;
    const older = this.#older;
    const [above, below] = [newer[slot] as number, older[slot] as number];
    older[above] = below;
    newer[below] = above;
    const after = newer[before] as number;
    newer[before] = slot;
    older[slot] = before;
    newer[slot] = after;
    older[after] = slot;
  }
}

/** @throws ConnectTokensError `ERR_DISPOSED` where one of the keys is gone */
export function requireLive(keys: readonly { readonly isDisposed: boolean }[]): void {
  for (const key of keys) if (key.isDisposed) throw disposed();
}
