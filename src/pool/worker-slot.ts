import { ConnectTokensError } from "../errors.ts";
import { type Done, type FromWorker, MESSAGES, type Setup } from "./messages.ts";
import type { Platform, Thread } from "./platform.ts";
import type { Places } from "./shared-buffers.ts";
import type { Chunk } from "./task.ts";

export interface SeatEvents {
  /** A worker has begun, or has finished a chunk. */
  free(): void;
  /** A worker ended unasked, with these chunks in the order in which it was given them. */
  lost(seat: Seat, chunks: readonly Chunk[], cause: unknown): void;
}

/** A place for one worker at a time. What the worker is given stays here until it is done, so that another can do it. */
export class Seat {
  /** Workers in a row that ended without having had anything to do. */
  failures = 0;
  readonly #platform: Platform;
  readonly #setup: () => Omit<Setup, "shared">;
  readonly #events: SeatEvents;
  readonly #places: Places | undefined;
  /** The chunks in work, the first given first. */
  #given: Chunk[] = [];
  #thread: Thread | undefined;
  #ready = false;
  #keptAlive = false;
  #refusal: unknown;
  #stopped: (() => void) | undefined;

  /** @param setup a message with copies of the secrets, to be sent away */
  constructor(platform: Platform, setup: () => Omit<Setup, "shared">, places: Places | undefined, events: SeatEvents) {
    this.#platform = platform;
    this.#setup = setup;
    this.#places = places;
    this.#events = events;
  }

  get taken(): boolean {
    return this.#thread !== undefined;
  }

  /** How many more chunks its worker takes now. */
  get room(): number {
    return this.#ready ? MESSAGES - this.#given.length : 0;
  }

  start(): void {
    try {
      this.#thread = this.#platform.start({
        message: (message) => this.#receive(message),
        ended: (cause) => this.#ended(cause),
      });
    } catch (cause) {
      this.#ended(cause);
      return;
    }
    this.#thread.keepAlive(this.#keptAlive);
    this.#send(this.#thread, { ...this.#setup(), shared: this.#places?.bytes });
  }

  #send(thread: Thread, setup: Setup): void {
    const buffers = setup.secrets.map((secret) => secret.buffer as ArrayBuffer);
    try {
      thread.post(setup, buffers);
    } catch {
      // An engine that cannot send a compiled module: the worker compiles its own.
      thread.post({ ...setup, module: undefined }, buffers);
    }
  }

  /** Gives its worker a chunk; there must be room. */
  give(chunk: Chunk): void {
    chunk.keep(this.#places);
    const { count, batch, place } = chunk;
    const packets = place ?? chunk.copy();
    const transfer = typeof packets === "number" ? [] : [packets.buffer];
    (this.#thread as Thread).post({ kind: "work", count, now: batch.now, packets }, transfer);
    this.#given.push(chunk);
  }

  /** Whether the process stays alive for its worker. */
  keepAlive(wanted: boolean): void {
    this.#keptAlive = wanted;
    this.#thread?.keepAlive(wanted);
  }

  /** Has the worker wipe its keys and ends it. Nothing may be given any more. */
  stop(): Promise<void> {
    if (!this.#thread) return Promise.resolve();
    this.keepAlive(true);
    this.#thread.post({ kind: "stop" }, []);
    return new Promise((resolve) => {
      this.#stopped = resolve;
    });
  }

  #receive(message: FromWorker): void {
    switch (message.kind) {
      case "ready":
        this.#ready = true;
        this.#events.free();
        break;
      case "refusal":
        this.#refusal = new ConnectTokensError("ERR_START", "cute", message.message);
        this.#thread?.end();
        break;
      case "done":
        this.#done(message);
        break;
      case "stopped":
        this.#thread?.end();
    }
  }

  #done(done: Done): void {
    const chunk = this.#given.shift() as Chunk;
    chunk.release(this.#places);
    this.failures = 0;
    chunk.batch.take(chunk, done);
    this.#events.free();
  }

  #ended(cause: unknown): void {
    const chunks = this.#given;
    const reason = this.#refusal ?? cause;
    this.#given = [];
    this.#thread = undefined;
    this.#ready = false;
    this.#refusal = undefined;
    if (this.#stopped) {
      this.#stopped();
      return;
    }
    if (chunks.length === 0) this.failures++;
    this.#events.lost(this, chunks, reason);
  }
}
