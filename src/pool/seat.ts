import { PACKET_BYTES } from "../../assembly/cute/layout.ts";
import { ConnectTokensError } from "../errors.ts";
import type { Chunk } from "./batch.ts";
import { CHUNK_PACKETS, type Done, type FromWorker, type Setup, SLOTS } from "./messages.ts";
import type { Platform, Thread } from "./threads.ts";

export interface SeatEvents {
  /** A worker has begun, or has finished a chunk. */
  free(): void;
  /** A worker ended unasked, with these chunks in the order in which it was given them. */
  lost(seat: Seat, chunks: readonly Chunk[], cause: unknown): void;
}

const CHUNK_BYTES = CHUNK_PACKETS * PACKET_BYTES;

/** A place for one worker at a time. What the worker is given stays here until it is done, so that another can do it. */
export class Seat {
  /** Workers in a row that ended without having had anything to do. */
  failures = 0;
  readonly #platform: Platform;
  readonly #setup: () => Omit<Setup, "mailbox">;
  readonly #events: SeatEvents;
  readonly #mailbox = sharedMemory(SLOTS * CHUNK_BYTES);
  readonly #slots: (Chunk | undefined)[] = new Array(SLOTS).fill(undefined);
  /** The slots in work, the first given first. */
  #given: number[] = [];
  #thread: Thread | undefined;
  #ready = false;
  #keptAlive = false;
  #refusal: unknown;
  #stopped: (() => void) | undefined;

  /** @param setup a message with copies of the secrets, to be sent away */
  constructor(platform: Platform, setup: () => Omit<Setup, "mailbox">, events: SeatEvents) {
    this.#platform = platform;
    this.#setup = setup;
    this.#events = events;
  }

  get taken(): boolean {
    return this.#thread !== undefined;
  }

  /** How many more chunks its worker takes now. */
  get room(): number {
    return this.#ready ? SLOTS - this.#given.length : 0;
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
    this.#send(this.#thread, { ...this.#setup(), mailbox: this.#mailbox });
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
    const slot = this.#slots.indexOf(undefined);
    this.#slots[slot] = chunk;
    this.#given.push(slot);
    const { count, batch, byteLength } = chunk;
    const work = { kind: "work", slot, count, now: batch.now } as const;
    const thread = this.#thread as Thread;
    if (this.#mailbox) {
      const from = slot * CHUNK_BYTES;
      chunk.moveTo(this.#mailbox.subarray(from, from + byteLength));
      thread.post({ ...work, packets: undefined }, []);
    } else {
      chunk.keep();
      const packets = new Uint8Array(byteLength);
      chunk.write(packets);
      thread.post({ ...work, packets }, [packets.buffer]);
    }
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
    const chunk = this.#slots[done.slot] as Chunk;
    this.#slots[done.slot] = undefined;
    this.#given = this.#given.filter((slot) => slot !== done.slot);
    this.failures = 0;
    chunk.batch.take(chunk, done);
    this.#events.free();
  }

  #ended(cause: unknown): void {
    const chunks = this.#given.map((slot) => this.#slots[slot] as Chunk);
    const reason = this.#refusal ?? cause;
    this.#slots.fill(undefined);
    this.#given = [];
    this.#thread = undefined;
    this.#ready = false;
    this.#refusal = undefined;
    if (this.#stopped) {
      this.#stopped();
      return;
    }
    for (const chunk of chunks) if (chunk.batch.open) chunk.keep();
    if (chunks.length === 0) this.failures++;
    this.#events.lost(this, chunks, reason);
  }
}

/** Zeros that a worker sees as well; `undefined` in a browser's page that is not cross-origin isolated. */
function sharedMemory(length: number): Uint8Array | undefined {
  return typeof SharedArrayBuffer === "function" ? new Uint8Array(new SharedArrayBuffer(length)) : undefined;
}
