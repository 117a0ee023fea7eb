import type { OpenedPackets, PacketSource } from "../common/packet-batch.ts";
import { type Done, TASK_PACKETS } from "./messages.ts";
import type { SharedBuffers } from "./shared-buffers.ts";

/** What the engine must know of a scheme's packets. */
export interface PacketFormat {
  readonly packetBytes: number;
  /** Packets that the scheme verifies at a time: a power of two, at most {@link TASK_PACKETS}. */
  readonly windowPackets: number;
  /** Packets that are worth a message: a power of two, at most {@link TASK_PACKETS}. */
  readonly smallestTask: number;
}

/** One call: its packets in tasks, and what the workers found. */
export class Batch {
  readonly now: bigint;
  readonly source: PacketSource;
  readonly result: Promise<OpenedPackets<object>>;
  /** Tasks that no worker has, the next one last. */
  readonly waiting: Task[] = [];
  readonly #format: PacketFormat;
  readonly #statuses: Uint8Array;
  /** By {@link #windowPackets}: the scheme's windows, or tasks that are smaller. */
  readonly #windows: (object | undefined)[] = [];
  #windowPackets: number;
  readonly #settled: (batch: Batch) => void;
  #resolve!: (opened: OpenedPackets<object>) => void;
  #reject!: (reason: unknown) => void;
  #open = true;
  #left: number;

  /** @param settled told once, when the result is there or never will be */
  constructor(source: PacketSource, now: bigint, format: PacketFormat, settled: (batch: Batch) => void) {
    this.source = source;
    this.now = now;
    this.#format = format;
    this.#windowPackets = format.windowPackets;
    this.#settled = settled;
    this.#left = source.length;
    this.#statuses = new Uint8Array(source.length);
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.result.catch(() => {}); // told to whoever asks, and to nobody else
  }

  get packetBytes(): number {
    return this.#format.packetBytes;
  }

  /** Whether anyone still waits for the result. */
  get open(): boolean {
    return this.#open;
  }

  /**
   * All packets in tasks of one size. The last ones are shorter, so that no worker is at work long after the others.
   *
   * @param threads workers that share the work
   */
  *tasks(threads: number): Iterable<Task> {
    const { length } = this.source;
    const size = taskSize(length, threads, this.#format.smallestTask);
    this.#windowPackets = Math.min(size, this.#format.windowPackets);
    for (let from = 0, step = size; from < length; from += step) {
      step = length - from > size * threads ? size : this.#windowPackets;
      yield new Task(this, from, Math.min(step, length - from));
    }
  }

  take(task: Task, { statuses, windows }: Done): void {
    if (!this.#open) return;
    this.#statuses.set(statuses, task.from);
    windows.forEach((window, i) => {
      this.#windows[task.from / this.#windowPackets + i] = window;
    });
    this.#left -= task.count;
    if (this.#left > 0) return;
    this.#settle(() => {
      this.#resolve({
        ...{ statuses: this.#statuses, windows: this.#windows, windowPackets: this.#windowPackets },
        places: undefined,
      });
    });
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

/** Packets of a call that go to a worker together. */
export class Task {
  readonly batch: Batch;
  /** The first packet's index in the batch. */
  readonly from: number;
  readonly count: number;
  /** Workers that ended over it. */
  crashes = 0;
  /** The packets, wherever they lie by now; `undefined` while they are the caller's alone. */
  #packets: Uint8Array | undefined;
  /** Which of the shared buffers that is. */
  #buffer: number | undefined;

  constructor(batch: Batch, from: number, count: number) {
    this.batch = batch;
    this.from = from;
    this.count = count;
  }

  /** The shared buffer that holds the packets, where one does. */
  get buffer(): number | undefined {
    return this.#buffer;
  }

  /** Makes sure that the packets are not the caller's: copies them into a shared buffer where one is free. */
  keep(buffers: SharedBuffers | undefined): void {
    if (this.#buffer !== undefined) return;
    const buffer = buffers?.take();
    if (buffers === undefined || buffer === undefined) {
      this.#packets ??= this.copy();
      return;
    }
    const bytes = buffers.view(buffer, this.count);
    this.#write(bytes);
    this.#packets = bytes;
    this.#buffer = buffer;
  }

  copy(): Uint8Array<ArrayBuffer> {
    const copy = new Uint8Array(this.count * this.batch.packetBytes);
    this.#write(copy);
    return copy;
  }

  /** Nobody needs the packets any more. */
  release(buffers: SharedBuffers | undefined): void {
    if (this.#buffer !== undefined) buffers?.release(this.#buffer);
    this.#buffer = undefined;
    this.#packets = undefined;
  }

  #write(target: Uint8Array): void {
    if (this.#packets) target.set(this.#packets);
    else this.batch.source.write(target, this.from, this.from + this.count);
  }
}

/** Packets per task: enough tasks that all threads share the work to its end, few enough that messages cost little. */
function taskSize(packets: number, threads: number, smallest: number): number {
  let size = TASK_PACKETS;
  while (size > smallest && packets < size * threads * TASKS_PER_THREAD) size /= 2;
  return size;
}

const TASKS_PER_THREAD = 4;
