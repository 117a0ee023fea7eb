import type { AbortSignalLike } from "../common/abort-signal.ts";
import { isRevoked } from "../common/arguments.ts";
import type { Seconds } from "../common/time.ts";
import { rangeError, typeError } from "../errors.ts";
import type { UrlLike, WorkerOption } from "./platform.ts";
import { MAX_THREADS } from "./worker-pool.ts";

/** What every pool takes beside the options of its scheme. */
export interface PoolOptions {
  /** Workers, 1 to 256; default as many as the machine runs at a time. */
  threads?: number | undefined;
  /**
   * The workers' file, where a bundler has lost it: its URL, or a function that makes a worker of it, which is the
   * engine's own (of `node:worker_threads`, or a Web Worker of type `module`) and a new one at each call.
   */
  worker?: UrlLike | string | (() => object) | undefined;
}

/** How a pool verifies. */
export interface PoolVerifyOptions {
  /** Unix seconds; default the clock, read when the call is made. */
  now?: Seconds | undefined;
  /** Rejects the call with its reason when it is aborted; the pool goes on. */
  signal?: AbortSignalLike | undefined;
}

/** @throws ConnectTokensError `ERR_TYPE` or `ERR_RANGE` unless it is absent or a whole number from 1 to 256 */
export function asThreads(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "number") throw typeError("threads", "a number", value);
  if (!Number.isInteger(value) || value < 1 || value > MAX_THREADS) {
    throw rangeError("threads", `a whole number from 1 to ${MAX_THREADS}`, value);
  }
  return value;
}

/** @throws ConnectTokensError `ERR_TYPE` or `ERR_RANGE` unless it is absent, a function or a URL */
export function asWorker(value: unknown): WorkerOption | undefined {
  if (value === undefined || typeof value === "function") return value as WorkerOption | undefined;
  if (typeof value === "string" || (!isRevoked(value) && value instanceof URL)) {
    try {
      return new URL(value);
    } catch {
      throw rangeError("worker", "a whole URL", value);
    }
  }
  throw typeError("worker", "a URL or a function that makes a Worker", value);
}
