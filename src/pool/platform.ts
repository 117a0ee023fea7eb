import { builtin } from "./builtin.ts";
import type { FromWorker, ToWorker } from "./messages.ts";

/** A worker, on whichever engine. */
export interface Thread {
  post(message: ToWorker, transfer: ArrayBuffer[]): void;
  /** Whether the process stays alive for it. Means something in Node alone. */
  keepAlive(wanted: boolean): void;
  /** Ends it, wherever it is. */
  end(): void;
}

export interface ThreadEvents {
  message(message: FromWorker): void;
  /** Told once, also after {@link Thread.end}, and the last that is heard of a thread. */
  ended(cause: unknown): void;
}

/** What an engine offers. */
export interface Platform {
  /** How many threads run at a time. */
  readonly parallelism: number;
  /** Starts a worker; throws what the engine throws where it cannot. */
  start(events: ThreadEvents): Thread;
}

interface NodeWorker {
  on(event: string, listener: (value: unknown) => void): void;
  postMessage(message: ToWorker, transfer: ArrayBuffer[]): void;
  ref(): void;
  unref(): void;
  terminate(): Promise<number>;
}

interface WorkerThreads {
  readonly Worker: new (url: URL, options: { execArgv: string[] }) => NodeWorker;
}

interface OperatingSystem {
  availableParallelism(): number;
}

export async function loadPlatform(): Promise<Platform> {
  const threads = await builtin<WorkerThreads>("node:worker_threads");
  const os = await builtin<OperatingSystem>("node:os");
  if (threads && os) return { parallelism: os.availableParallelism(), start: (events) => startNode(threads, events) };
  return { parallelism: navigator.hardwareConcurrency || 1, start: startWeb };
}

// Apart from the expression below, so that a bundler for browsers does not take the file for an asset as well.
const file = "./worker.js";

function startNode({ Worker }: WorkerThreads, events: ThreadEvents): Thread {
  // The options of the process (loaders, inspectors) are not the worker's.
  const worker = new Worker(new URL(file, import.meta.url), { execArgv: [] });
  let cause: unknown;
  const fails = (error: unknown): void => {
    cause ??= error;
    void worker.terminate();
  };
  worker.on("message", (message) => events.message(message as FromWorker));
  worker.on("messageerror", fails);
  worker.on("error", fails);
  worker.on("exit", (code) => events.ended(cause ?? new Error(`the worker ended with exit code ${code}`)));
  return {
    post: (message, transfer) => worker.postMessage(message, transfer),
    keepAlive: (wanted) => (wanted ? worker.ref() : worker.unref()),
    end: () => void worker.terminate(),
  };
}

function startWeb(events: ThreadEvents): Thread {
  // As bundlers look for it.
  const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  let running = true;
  const end = (cause: unknown): void => {
    worker.terminate();
    if (!running) return;
    running = false;
    // Later, as in Node: never while someone is posting.
    queueMicrotask(() => events.ended(cause));
  };
  worker.addEventListener("message", ({ data }) => {
    if (running) events.message(data as FromWorker);
  });
  worker.addEventListener("messageerror", () => end(new Error("a message of the worker could not be read")));
  worker.addEventListener("error", (event) => {
    event.preventDefault?.();
    end(event.error ?? new Error(event.message || "the worker's script could not be loaded"));
  });
  return {
    post: (message, transfer) => worker.postMessage(message, transfer),
    keepAlive: () => {},
    end: () => end(new Error("the worker was ended")),
  };
}
