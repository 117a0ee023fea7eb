import type { PacketSource } from "../common/packet-batch.ts";
import { ConnectTokensError } from "../errors.ts";
import { TASKS_PER_WORKER } from "./messages.ts";
import { platformOf, type WorkerFile, type WorkerOption } from "./platform.ts";
import { SharedBuffers } from "./shared-buffers.ts";
import type { Task } from "./task.ts";
import { Batch, type PacketFormat } from "./task.ts";
import { type SchemeSetup, WorkerSlot } from "./worker-slot.ts";

/** More threads than any machine has use for. */
export const MAX_THREADS = 256;

/** Packets that may wait while no worker has room: seconds of work. A single batch may be larger. */
export const QUEUE_PACKETS = 262_144;

/** Tasks that may wait where a worker reads them, some 16 MiB at most; others are copied once more. */
const WAITING_BUFFERS = 64;

/** Workers that one task may end before it is given up. */
const MAX_CRASHES = 3;

/** Workers in a row that a slot starts in vain before it is left empty, until a call at least so much later, in ms. */
const MAX_FAILURES = 3;
const RETRY_AFTER = 1000;

export interface WorkerPoolOptions {
  /** Default the machine's. */
  readonly threads: number | undefined;
  /** In the file's place. */
  readonly worker: WorkerOption | undefined;
  readonly file: WorkerFile;
  readonly format: PacketFormat;
  /** Called for each worker; its copies of the secrets are given away. */
  setup(): SchemeSetup;
}

/** The workers of a pool, and the batches that wait for them. */
export class WorkerPool {
  readonly #file: WorkerFile;
  readonly #format: PacketFormat;
  readonly #slots: readonly WorkerSlot[];
  /** Where packets wait and are read. */
  readonly #buffers: SharedBuffers | undefined;
  /** Batches without a result. */
  readonly #open = new Set<Batch>();
  /** Those of them with tasks that no worker has, the next to be served first. */
  readonly #queue = new Set<Batch>();
  #waitingPackets = 0;
  #failedAt = 0;
  #ending = false;
  /** Who asked whether the workers begin. */
  #asked: { resolve(): void; reject(reason: unknown): void }[] = [];

  /** Starts the workers. */
  constructor({ threads, worker, file, format, setup }: WorkerPoolOptions) {
    const platform = platformOf(file, worker);
    const count = threads ?? Math.min(platform.parallelism, MAX_THREADS);
    const buffers = SharedBuffers.create(WAITING_BUFFERS + count * TASKS_PER_WORKER, format.packetBytes);
    const events = {
      free: () => {
        this.#serve();
        this.#tellReady();
      },
      lost: (slot: WorkerSlot, tasks: readonly Task[], cause: unknown) => this.#lost(slot, tasks, cause),
    };
    this.#file = file;
    this.#format = format;
    this.#buffers = buffers;
    this.#slots = Array.from({ length: count }, () => new WorkerSlot(platform, setup, buffers, events));
    this.#begin();
  }

  /**
   * Takes a batch. When this returns nothing of it is read from the caller's memory any more.
   *
   * @throws ConnectTokensError `ERR_BUSY`
   */
  add(source: PacketSource, now: bigint): Batch {
    if (this.#waitingPackets > 0 && this.#waitingPackets + source.length > QUEUE_PACKETS) {
      throw new ConnectTokensError(
        "ERR_BUSY",
        "packets",
        `${this.#waitingPackets} packets wait already, and packets may be ${QUEUE_PACKETS} with them: await earlier calls`,
      );
    }
    const batch = new Batch(source, now, this.#format, (settled) => this.#forget(settled));
    this.#open.add(batch);
    this.#keepAlive();
    try {
      this.#spread(batch);
    } catch (error) {
      batch.fail(error); // memory ran out
    }
    this.#begin();
    return batch;
  }

  /**
   * Waits until each worker has begun or was given up.
   *
   * @throws ConnectTokensError `ERR_START` where none has begun
   */
  ready(): Promise<void> {
    const ready = new Promise<void>((resolve, reject) => {
      this.#asked.push({ resolve, reject });
    });
    this.#begin();
    this.#keepAlive();
    this.#tellReady();
    return ready;
  }

  /** Waits for all batches, then ends the workers. Nothing may be added any more. */
  async end(): Promise<void> {
    await Promise.allSettled([...this.#open].map((batch) => batch.result));
    this.#ending = true;
    this.#keepAlive();
    await Promise.all(this.#slots.map((slot) => slot.stop()));
    this.#tell(({ reject }) => reject(new ConnectTokensError("ERR_DISPOSED", "this", "this pool was closed")));
  }

  /** Gives out what the workers have room for, and copies the rest. */
  #spread(batch: Batch): void {
    for (const task of batch.tasks(this.#slots.length)) {
      const slot = this.#slotWithRoom();
      if (slot) slot.give(task);
      else {
        task.keep(this.#buffers);
        this.#wait(task);
      }
    }
    batch.waiting.reverse();
  }

  /** Starts what should be running: all workers at first, later those that were given up for a while. */
  #begin(): void {
    const retry = performance.now() - this.#failedAt >= RETRY_AFTER || !this.#slots.some((slot) => slot.taken);
    for (const slot of this.#slots) if (retry && !slot.taken) slot.start();
  }

  #lost(slot: WorkerSlot, tasks: readonly Task[], cause: unknown): void {
    // It was at work on the first one.
    const [first] = tasks;
    if (first && ++first.crashes === MAX_CRASHES) first.batch.fail(endedWorkers(cause));
    for (const task of [...tasks].reverse()) {
      if (task.batch.open) this.#wait(task);
      else task.release(this.#buffers);
    }
    if (slot.failures < MAX_FAILURES) slot.start();
    else {
      this.#failedAt = performance.now();
      if (!this.#slots.some((other) => other.taken)) this.#giveUp(cause);
    }
    this.#serve();
    this.#tellReady();
  }

  #giveUp(cause: unknown): void {
    const error = notStarted(this.#file, cause);
    for (const batch of [...this.#open]) batch.fail(error);
    this.#tell(({ reject }) => reject(error));
  }

  #slotWithRoom(): WorkerSlot | undefined {
    let best: WorkerSlot | undefined;
    for (const slot of this.#slots) if (slot.room > (best?.room ?? 0)) best = slot;
    return best;
  }

  /** Hands out what waits: a task of each batch in turn, so that a small one does not wait for all of a large one. */
  #serve(): void {
    for (const batch of this.#queue) {
      const slot = this.#slotWithRoom();
      if (!slot) return;
      this.#queue.delete(batch);
      const task = batch.waiting.pop() as Task;
      this.#waitingPackets -= task.count;
      // Added again, it comes to its turn in this same loop.
      if (batch.waiting.length > 0) this.#queue.add(batch);
      slot.give(task);
    }
  }

  #wait(task: Task): void {
    task.batch.waiting.push(task);
    this.#queue.add(task.batch);
    this.#waitingPackets += task.count;
  }

  #forget(batch: Batch): void {
    this.#open.delete(batch);
    this.#queue.delete(batch);
    for (const task of batch.waiting) {
      this.#waitingPackets -= task.count;
      task.release(this.#buffers);
    }
    batch.waiting.length = 0;
    this.#keepAlive();
  }

  #tellReady(): void {
    if (this.#slots.some((slot) => slot.taken && !slot.ready) || !this.#slots.some((slot) => slot.ready)) return;
    this.#tell(({ resolve }) => resolve());
  }

  #tell(tell: (one: { resolve(): void; reject(reason: unknown): void }) => void): void {
    const asked = this.#asked;
    this.#asked = [];
    asked.forEach(tell);
    this.#keepAlive();
  }

  /** The process stays alive for batches, questions and the end, not for idle workers. */
  #keepAlive(): void {
    const wanted = this.#open.size > 0 || this.#asked.length > 0 || this.#ending;
    for (const slot of this.#slots) slot.keepAlive(wanted);
  }
}

function notStarted({ name }: WorkerFile, cause: unknown): ConnectTokensError {
  return new ConnectTokensError(
    "ERR_START",
    "worker",
    `no worker could be started (${String(cause)}); where a bundler has lost its file, which is ${name}, set the option worker to that file's URL or to a function that makes the Worker`,
    { cause },
  );
}

function endedWorkers(cause: unknown): ConnectTokensError {
  const message = `${MAX_CRASHES} workers ended, one after the other, over the same part of packets (${String(cause)})`;
  return new ConnectTokensError("ERR_WORKER", "packets", message, { cause });
}
