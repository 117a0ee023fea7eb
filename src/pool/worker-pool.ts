import type { PacketSource } from "../common/packet-batch.ts";
import { ConnectTokensError } from "../errors.ts";
import { MESSAGES, type Setup } from "./messages.ts";
import { loadPlatform, type Platform } from "./platform.ts";
import { Places } from "./shared-buffers.ts";
import { Batch, type Chunk, chunkSize } from "./task.ts";
import { Seat } from "./worker-slot.ts";

/** More threads than any machine has use for. */
export const MAX_THREADS = 256;

/** Packets that may wait while no worker has room: 256 MiB, seconds of work. A single batch may be larger. */
const QUEUE_PACKETS = 262_144;

/** Chunks that may wait where a worker reads them, 16 MiB at most; others are copied once more. */
const WAITING_PLACES = 64;

/** Workers that one chunk may end before it is given up. */
const MAX_DEATHS = 3;

/** Workers in a row that a seat starts in vain before it is left empty, until a call at least so much later, in ms. */
const MAX_FAILURES = 3;
const RETRY_AFTER = 1000;

/** Until the machine has been asked. */
const ASSUMED_THREADS = 4;

/** The workers of a pool, and the batches that wait for them. */
export class Crew {
  readonly #setup: () => Omit<Setup, "shared">;
  readonly #smallestChunk: number;
  #threads: number | undefined;
  #seats: readonly Seat[] = [];
  /** Where packets wait and are read; there is none before the workers. */
  #places: Places | undefined;
  #opening: Promise<void> | undefined;
  /** Batches without a result. */
  readonly #open = new Set<Batch>();
  /** Those of them with chunks that no worker has, the next to be served first. */
  readonly #waiting = new Set<Batch>();
  #waitingPackets = 0;
  #failedAt = 0;

  /**
   * @param threads default the machine's
   * @param smallestChunk packets that are worth a message, a power of two
   */
  constructor(threads: number | undefined, smallestChunk: number, setup: () => Omit<Setup, "shared">) {
    this.#threads = threads;
    this.#smallestChunk = smallestChunk;
    this.#setup = setup;
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
    const batch = new Batch(source, now, (settled) => this.#forget(settled));
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

  /** Gives out what the workers have room for, and copies the rest. */
  #spread(batch: Batch): void {
    const threads = this.#threads ?? ASSUMED_THREADS;
    const size = chunkSize(batch.source.length, threads, this.#smallestChunk);
    for (const chunk of batch.chunks(size, threads)) {
      const seat = this.#seatWithRoom();
      if (seat) seat.give(chunk);
      else {
        chunk.keep(this.#places);
        this.#wait(chunk);
      }
    }
    batch.waiting.reverse();
  }

  /** Waits for all batches, then ends the workers. Nothing may be added any more. */
  async end(): Promise<void> {
    await Promise.allSettled([...this.#open].map((batch) => batch.result));
    await this.#opening;
    await Promise.all(this.#seats.map((seat) => seat.stop()));
  }

  /** Starts what should be running: all workers at first, later those that were given up for a while. */
  #begin(): void {
    if (this.#seats.length === 0) {
      this.#opening ??= this.#load();
      return;
    }
    const retry = performance.now() - this.#failedAt >= RETRY_AFTER || !this.#seats.some((seat) => seat.taken);
    for (const seat of this.#seats) if (retry && !seat.taken) seat.start();
  }

  async #load(): Promise<void> {
    let platform: Platform;
    let places: Places | undefined;
    let threads: number;
    try {
      platform = await loadPlatform();
      threads = this.#threads ?? Math.min(platform.parallelism, MAX_THREADS);
      places = Places.create(WAITING_PLACES + threads * MESSAGES);
    } catch (cause) {
      this.#opening = undefined;
      this.#giveUp(cause);
      return;
    }
    this.#threads = threads;
    this.#places = places;
    const events = {
      free: () => this.#serve(),
      lost: (seat: Seat, chunks: readonly Chunk[], cause: unknown) => this.#lost(seat, chunks, cause),
    };
    this.#seats = Array.from({ length: threads }, () => new Seat(platform, this.#setup, places, events));
    this.#keepAlive();
    for (const seat of this.#seats) seat.start();
  }

  #lost(seat: Seat, chunks: readonly Chunk[], cause: unknown): void {
    // It was at work on the first one.
    const [first] = chunks;
    if (first && ++first.deaths === MAX_DEATHS) first.batch.fail(endedWorkers(cause));
    for (const chunk of [...chunks].reverse()) {
      if (chunk.batch.open) this.#wait(chunk);
      else chunk.release(this.#places);
    }
    if (seat.failures < MAX_FAILURES) seat.start();
    else {
      this.#failedAt = performance.now();
      if (!this.#seats.some((other) => other.taken)) this.#giveUp(cause);
    }
    this.#serve();
  }

  #giveUp(cause: unknown): void {
    const error = new ConnectTokensError("ERR_START", "threads", `no worker could be started (${String(cause)})`, {
      cause,
    });
    for (const batch of [...this.#open]) batch.fail(error);
  }

  #seatWithRoom(): Seat | undefined {
    let best: Seat | undefined;
    for (const seat of this.#seats) if (seat.room > (best?.room ?? 0)) best = seat;
    return best;
  }

  /** Hands out what waits: a chunk of each batch in turn, so that a small one does not wait for all of a large one. */
  #serve(): void {
    for (const batch of this.#waiting) {
      const seat = this.#seatWithRoom();
      if (!seat) return;
      this.#waiting.delete(batch);
      const chunk = batch.waiting.pop() as Chunk;
      this.#waitingPackets -= chunk.count;
      // Added again, it comes to its turn in this same loop.
      if (batch.waiting.length > 0) this.#waiting.add(batch);
      seat.give(chunk);
    }
  }

  #wait(chunk: Chunk): void {
    chunk.batch.waiting.push(chunk);
    this.#waiting.add(chunk.batch);
    this.#waitingPackets += chunk.count;
  }

  #forget(batch: Batch): void {
    this.#open.delete(batch);
    this.#waiting.delete(batch);
    for (const chunk of batch.waiting) {
      this.#waitingPackets -= chunk.count;
      chunk.release(this.#places);
    }
    batch.waiting.length = 0;
    this.#keepAlive();
  }

  /** The process stays alive for batches, not for idle workers. */
  #keepAlive(): void {
    for (const seat of this.#seats) seat.keepAlive(this.#open.size > 0);
  }
}

function endedWorkers(cause: unknown): ConnectTokensError {
  const message = `${MAX_DEATHS} workers ended, one after the other, over the same part of packets (${String(cause)})`;
  return new ConnectTokensError("ERR_WORKER", "packets", message, { cause });
}
