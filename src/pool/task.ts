import { PACKET_BYTES } from "../../assembly/cute/layout.ts";
import { markWrongSizes, type OpenedPackets, type PacketSource } from "../common/packet-batch.ts";
import { type OpenedWindow, WINDOW_PACKETS } from "../wasm/cute/kernel.ts";
import { CHUNK_PACKETS, type Done } from "./messages.ts";
import type { Places } from "./shared-buffers.ts";

/** One call: its packets in chunks, and what the workers found. */
export class Batch {
  readonly now: bigint;
  readonly source: PacketSource;
  readonly result: Promise<OpenedPackets<OpenedWindow>>;
  /** Chunks that no worker has, the next one last. */
  readonly waiting: Chunk[] = [];
  readonly #statuses: Uint8Array;
  /** By {@link #windowPackets}: the kernel's windows, or chunks that are smaller. */
  readonly #windows: (OpenedWindow | undefined)[] = [];
  #windowPackets: number = WINDOW_PACKETS;
  readonly #settled: (batch: Batch) => void;
  #resolve!: (opened: OpenedPackets<OpenedWindow>) => void;
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

  /**
   * All packets in chunks of `size`, a power of two up to {@link CHUNK_PACKETS}. The last ones are shorter, so that no
   * worker is at work long after the others.
   */
  *chunks(size: number, threads: number): Iterable<Chunk> {
    const { length } = this.source;
    this.#windowPackets = Math.min(size, WINDOW_PACKETS);
    for (let from = 0, step = size; from < length; from += step) {
      step = length - from > size * threads ? size : this.#windowPackets;
      yield new Chunk(this, from, Math.min(step, length - from));
    }
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
  /** Which of the places that is. */
  #place: number | undefined;

  constructor(batch: Batch, from: number, count: number) {
    this.batch = batch;
    this.from = from;
    this.count = count;
  }

  get place(): number | undefined {
    return this.#place;
  }

  /** Copies the packets into a place where one is free. */
  moveTo(places: Places | undefined): void {
    if (this.#place !== undefined) return;
    const place = places?.take();
    if (places === undefined || place === undefined) return;
    const bytes = places.at(place, this.count * PACKET_BYTES);
    this.#write(bytes);
    this.#packets = bytes;
    this.#place = place;
  }

  /** Makes sure that the packets are not the caller's. */
  keep(places: Places | undefined): void {
    this.moveTo(places);
    this.#packets ??= this.copy();
  }

  copy(): Uint8Array<ArrayBuffer> {
    const copy = new Uint8Array(this.count * PACKET_BYTES);
    this.#write(copy);
    return copy;
  }

  /** Nobody needs the packets any more. */
  release(places: Places | undefined): void {
    if (this.#place !== undefined) places?.release(this.#place);
    this.#place = undefined;
    this.#packets = undefined;
  }

  #write(target: Uint8Array): void {
    if (this.#packets) target.set(this.#packets);
    else this.batch.source.write(target, this.from, this.from + this.count);
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
