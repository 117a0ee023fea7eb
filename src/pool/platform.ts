import { isRevoked } from "../common/arguments.ts";
import { typeError } from "../errors.ts";
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

/** A `URL`, said without the types of the web or of Node: the declarations need neither. */
export interface UrlLike {
  readonly href: string;
}

/** The file that a scheme's workers run. */
export interface WorkerFile {
  /** As the package exports it, for messages. */
  readonly name: string;
  /** Where it lies, for Node. */
  url(): UrlLike;
  /** A Web Worker of it, written as bundlers look for it. */
  create(): WebWorker;
}

/** What a caller gave in the file's place: where it lies, or a function that makes a worker of it. */
export type WorkerOption = UrlLike | (() => object);

interface NodeWorker {
  on(event: string, listener: (value: unknown) => void): void;
  postMessage(message: ToWorker, transfer: ArrayBuffer[]): void;
  ref(): void;
  unref(): void;
  terminate(): Promise<number>;
}

export interface WebWorker {
  addEventListener(type: string, listener: (event: WebEvent) => void): void;
  postMessage(message: ToWorker, transfer: ArrayBuffer[]): void;
  terminate(): void;
}

export interface WebEvent {
  readonly data?: unknown;
  readonly error?: unknown;
  readonly message?: string;
  preventDefault?(): void;
}

interface WorkerThreads {
  readonly Worker: new (url: UrlLike, options: { execArgv: string[] }) => NodeWorker;
}

interface OperatingSystem {
  availableParallelism(): number;
}

/** What this engine offers, its workers running `file`, or what a caller gave in its place. */
export function platformOf(file: WorkerFile, given: WorkerOption | undefined): Platform {
  const threads = builtin<WorkerThreads>("node:worker_threads");
  const os = builtin<OperatingSystem>("node:os");
  const make = typeof given === "function" ? once(given) : undefined;
  let start: Platform["start"];
  if (make) start = (events) => startAny(make(), events);
  else if (threads) start = (events) => startNode(createNode(threads, (given as URL) ?? file.url()), events);
  else start = (events) => startWeb(given ? createWeb(given as URL) : file.create(), events);
  return { parallelism: os?.availableParallelism() ?? (globalThis.navigator?.hardwareConcurrency || 1), start };
}

// Options have no prototype: an environment, a preload script or a name that someone has put on Object.prototype would
// reach the thread that is about to be given the secrets.

function createNode({ Worker }: WorkerThreads, url: UrlLike): NodeWorker {
  // The options of the process (loaders, inspectors) are not the worker's. Its environment is: without the NODE_OPTIONS
  // that Yarn sets, a worker would not find its own file in an archive.
  const options: { execArgv: string[] } = Object.create(null);
  options.execArgv = [];
  return new Worker(url, options);
}

function createWeb(url: URL): WebWorker {
  const options: WorkerOptions = Object.create(null);
  options.type = "module";
  return new Worker(url, options);
}

/** A caller's function, held to a worker of its own for each call. */
function once(make: () => object): () => object {
  const made = new WeakSet<object>();
  return () => {
    const worker: unknown = make();
    const usable = typeof worker === "object" && !isRevoked(worker) && worker !== null && "postMessage" in worker;
    if (!usable) throw typeError("worker", "a function that returns a Worker", worker);
    if (made.has(worker)) throw typeError("worker", "a function that makes a new Worker each time", worker);
    made.add(worker);
    return worker;
  };
}

/** Node's workers and those that take after them have `on`: Bun and Deno have both kinds. */
function startAny(worker: object, events: ThreadEvents): Thread {
  return "on" in worker ? startNode(worker as NodeWorker, events) : startWeb(worker as WebWorker, events);
}

function startNode(worker: NodeWorker, events: ThreadEvents): Thread {
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

function startWeb(worker: WebWorker, events: ThreadEvents): Thread {
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
