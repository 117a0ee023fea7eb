import { ConnectTokensError } from "../errors.ts";
import { type Done, type FromWorker, type Setup, TASKS_PER_WORKER } from "./messages.ts";
import type { Platform, Thread } from "./platform.ts";
import type { SharedBuffers } from "./shared-buffers.ts";
import type { Task } from "./task.ts";

export interface SlotEvents {
  /** A worker has begun, or has finished a task. */
  free(): void;
  /** A worker ended unasked, with these tasks in the order in which it was given them. */
  lost(slot: WorkerSlot, tasks: readonly Task[], cause: unknown): void;
}

/** A setup, but for what the pool adds itself. */
export type SchemeSetup = Omit<Setup, "kind" | "shared">;

/** How long a worker may take to begin, in ms. Its file is another one where nothing is heard for so long. */
export const START_TIMEOUT = 60_000;

/** Holds one worker at a time. What it is given stays here until it is done, so that another can do it. */
export class WorkerSlot {
  /** Workers in a row that ended without having had anything to do. */
  failures = 0;
  readonly #platform: Platform;
  readonly #setup: () => SchemeSetup;
  readonly #events: SlotEvents;
  readonly #buffers: SharedBuffers | undefined;
  /** The tasks in work, the first given first. */
  #given: Task[] = [];
  #thread: Thread | undefined;
  #ready = false;
  #keptAlive = false;
  /** Copies of the secrets that a worker was sent and may not have read yet. */
  #sent: readonly (SharedArrayBuffer | ArrayBuffer)[] = [];
  #deadline: ReturnType<typeof setTimeout> | undefined;
  #cause: unknown;
  #stopped: (() => void) | undefined;

  /** @param setup with copies of the secrets, to be sent away */
  constructor(platform: Platform, setup: () => SchemeSetup, buffers: SharedBuffers | undefined, events: SlotEvents) {
    this.#platform = platform;
    this.#setup = setup;
    this.#buffers = buffers;
    this.#events = events;
  }

  /** Whether it has a worker, be it one that has not begun yet. */
  get taken(): boolean {
    return this.#thread !== undefined;
  }

  /** Whether its worker has begun. */
  get ready(): boolean {
    return this.#ready;
  }

  /** How many more tasks its worker takes now. */
  get room(): number {
    return this.#ready ? TASKS_PER_WORKER - this.#given.length : 0;
  }

  start(): void {
    let thread: Thread;
    try {
      thread = this.#platform.start({
        message: (message) => this.#receive(message),
        ended: (cause) => this.#ended(cause),
      });
    } catch (cause) {
      this.#ended(cause);
      return;
    }
    this.#thread = thread;
    thread.keepAlive(this.#keptAlive);
    this.#deadline = setTimeout(() => this.#end(new Error("it did not begin within a minute")), START_TIMEOUT);
    (this.#deadline as { unref?(): void }).unref?.();
    try {
      this.#send(thread);
    } catch (cause) {
      this.#end(cause);
    }
  }

  /** Gives its worker a task; there must be room. */
  give(task: Task): void {
    task.keep(this.#buffers);
    const { count, batch, buffer } = task;
    const packets = buffer ?? task.copy();
    const transfer = typeof packets === "number" ? [] : [packets.buffer];
    (this.#thread as Thread).post({ kind: "work", count, now: batch.now, packets }, transfer);
    this.#given.push(task);
  }

  /** Whether the process stays alive for its worker. */
  keepAlive(wanted: boolean): void {
    this.#keptAlive = wanted;
    this.#thread?.keepAlive(wanted);
  }

  /** Has the worker wipe its keys and ends it. Nothing may be given any more. */
  stop(): Promise<void> {
    if (!this.#thread) return Promise.resolve();
    this.#thread.post({ kind: "stop" }, []);
    return new Promise((resolve) => {
      this.#stopped = resolve;
    });
  }

  #send(thread: Thread): void {
    const { module, settings, secrets } = this.#setup();
    this.#sent = secrets;
    const transfer = secrets.filter((secret) => secret instanceof ArrayBuffer);
    const setup: Setup = { kind: "setup", module, settings, secrets, shared: this.#buffers?.memory };
    try {
      thread.post(setup, transfer);
    } catch {
      // An engine that cannot send a compiled module: the worker compiles its own.
      thread.post({ ...setup, module: undefined }, transfer);
    }
  }

  /** Ends a worker that has not begun. */
  #end(cause: unknown): void {
    this.#cause = cause;
    this.#thread?.end();
  }

  #receive(message: FromWorker): void {
    switch (message.kind) {
      case "ready":
        this.#begun();
        this.#ready = true;
        this.#events.free();
        break;
      case "refusal":
        this.#end(new ConnectTokensError("ERR_START", "worker", message.message));
        break;
      case "done":
        this.#done(message);
        break;
      case "stopped":
        this.#thread?.end();
    }
  }

  #done(done: Done): void {
    const task = this.#given.shift() as Task;
    task.release(this.#buffers);
    this.failures = 0;
    task.batch.take(task, done);
    this.#events.free();
  }

  #ended(cause: unknown): void {
    const tasks = this.#given;
    const reason = this.#cause ?? cause;
    this.#begun();
    this.#given = [];
    this.#thread = undefined;
    this.#ready = false;
    this.#cause = undefined;
    if (this.#stopped) {
      this.#stopped();
      return;
    }
    if (tasks.length === 0) this.failures++;
    this.#events.lost(this, tasks, reason);
  }

  /** The secrets that were sent have been read, or never will be. */
  #begun(): void {
    clearTimeout(this.#deadline);
    // What was transferred is not here any more, and has no length.
    for (const secret of this.#sent) if (secret.byteLength > 0) new Uint8Array(secret).fill(0);
    this.#sent = [];
  }
}
