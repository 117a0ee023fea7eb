import { PACKET_BYTES } from "../../assembly/cute/layout.ts";
import { markWrongSizes, type OpenedPackets, type PacketSource } from "../cute/packets.ts";
import { type OpenedWindow, WINDOW_PACKETS } from "../wasm/cute.ts";
import { CHUNK_PACKETS, type Done } from "./messages.ts";

/** One call: its packets in chunks, and what the workers found. */
export class Batch {
  readonly now: bigint;
  readonly source: PacketSource;
  readonly result: Promise<OpenedPackets>;
  /** Chunks that no worker has, the next one last. */
  readonly waiting: Chunk[] = [];
  readonly #statuses: Uint8Array;
  /** By {@link #windowPackets}: the kernel's windows, or chunks that are smaller. */
  readonly #windows: (OpenedWindow | undefined)[] = [];
  #windowPackets: number = WINDOW_PACKETS;
  readonly #settled: (batch: Batch) => void;
  #resolve!: (opened: OpenedPackets) => void;
  #reject!: (reason: unknown) => void;
  #open = true;
  #left: number;

  /** @param settled told once, when the result is there or never will be */
  constructor(source: PacketSource, now: bigint, settled: (batch: Batch) => void) {
    this.source = source;
    this.now = now;
    this.#settled = settled;
    this.#left = source.length;
    this.#statuses = new Uint8Array(source.length);
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.result.catch(() => {}); // told to whoever asks, and to nobody else
  }

  /** Whether anyone still waits for the result. */
  get open(): boolean {
    return this.#open;
  }

  /** All packets in chunks of `size`, a power of two up to {@link CHUNK_PACKETS}; the last may be shorter. */
  *chunks(size: number): Iterable<Chunk> {
    const { length } = this.source;
    this.#windowPackets = Math.min(size, WINDOW_PACKETS);
    for (let from = 0; from < length; from += size) yield new Chunk(this, from, Math.min(size, length - from));
  }

  take(chunk: Chunk, { statuses, windows }: Done): void {
    if (!this.#open) return;
    this.#statuses.set(statuses, chunk.from);
    markWrongSizes(this.source, chunk.from, this.#statuses.subarray(chunk.from, chunk.from + chunk.count));
    windows.forEach((window, i) => {
      this.#windows[chunk.from / this.#windowPackets + i] = window;
    });
    this.#left -= chunk.count;
    if (this.#left > 0) return;
    const opened = { statuses: this.#statuses, windows: this.#windows, windowPackets: this.#windowPackets };
    this.#settle(() => this.#resolve(opened));
  }

  fail(reason: unknown): void {
    this.#settle(() => this.#reject(reason));
  }

  #settle(tell: () => void): void {
    if (!this.#open) return;
    this.#open = false;
    tell();
    this.#settled(this);
  }
}

/** Packets that go to a worker together. */
export class Chunk {
  readonly batch: Batch;
  /** The first packet's index in the batch. */
  readonly from: number;
  readonly count: number;
  /** Workers that ended over it. */
  deaths = 0;
  /** The packets, wherever they lie by now; `undefined` while they are the caller's alone. */
  #packets: Uint8Array | undefined;
  #owned = false;

  constructor(batch: Batch, from: number, count: number) {
    this.batch = batch;
    this.from = from;
    this.count = count;
  }

  get byteLength(): number {
    return this.count * PACKET_BYTES;
  }

  write(target: Uint8Array): void {
    if (this.#packets) target.set(this.#packets);
    else this.batch.source.write(target, this.from, this.from + this.count);
  }

  /** Writes the packets into a part of a mailbox, where they stay until the chunk is done or {@link keep} is called. */
  moveTo(place: Uint8Array): void {
    this.write(place);
    this.#packets = place;
    this.#owned = false;
  }

  /** Makes sure that the packets lie in memory of the chunk's own. */
  keep(): void {
    if (this.#owned) return;
    const copy = new Uint8Array(this.byteLength);
    this.write(copy);
    this.#packets = copy;
    this.#owned = true;
  }
}

/**
 * Packets per chunk: enough chunks that all threads share the work to its end, few enough that messages cost little.
 *
 * @param smallest a power of two
 */
export function chunkSize(packets: number, threads: number, smallest: number): number {
  let size = CHUNK_PACKETS;
  while (size > smallest && packets < size * threads * CHUNKS_PER_THREAD) size /= 2;
  return size;
}

const CHUNKS_PER_THREAD = 4;
