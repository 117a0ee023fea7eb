/// <reference lib="esnext.disposable" preserve="true" />
import { PACKET_BYTES } from "../../assembly/cute/layout.ts";
import { SUITE_HYDROGEN } from "../../assembly/memory/cute.ts";
import { isRevoked } from "../common/arguments.ts";
import { ownOptions } from "../common/options.ts";
import { packetSource } from "../common/packet-batch.ts";
import { asNow, type Seconds } from "../common/time.ts";
import type { CuteOptions } from "../cute/index.ts";
import { prepareChecks, readCuteOptions } from "../cute/options.ts";
import type { SuiteFacts } from "../cute/suites.ts";
import { type CuteClaims, type CuteReason, cuteVerdicts } from "../cute/verdicts.ts";
import { ConnectTokensError, rangeError, typeError } from "../errors.ts";
import type { Verdicts } from "../verdict.ts";
import { startedModule } from "../wasm/instantiate.ts";
import type { Batch } from "./task.ts";
import { Crew, MAX_THREADS } from "./worker-pool.ts";

export type { SecretList } from "../common/secrets.ts";
export type { EndpointInput, Suite } from "../cute/index.ts";
export type { Verdict, Verdicts } from "../verdict.ts";
export type { CuteClaims, CuteOptions, CuteReason, Seconds };

export interface VerifierPoolOptions extends CuteOptions {
  /** Workers, 1 to 256; default as many as the machine runs at a time. */
  threads?: number | undefined;
}

/** What a pool needs of an `AbortSignal`. */
export interface AbortSignalLike {
  readonly aborted: boolean;
  readonly reason?: unknown;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

export interface PoolVerifyOptions {
  /** Unix seconds; default the clock, read when the call is made. */
  now?: Seconds | undefined;
  /** Rejects the call with its reason when it is aborted; the pool goes on. */
  signal?: AbortSignalLike | undefined;
}

/**
 * Verifies Cute packets in several threads: `worker_threads` in Node, Web Workers elsewhere. They start with the pool
 * and run until it is closed. In Node idle ones do not keep the process alive, a pending call does.
 *
 * Calls share the workers by turns. The pool holds a copy of what waits, at most 262,144 packets (or one larger batch);
 * a call beyond that is refused with `ERR_BUSY`, so whoever verifies without end awaits some of the calls. A worker that
 * ends unasked is replaced and its work repeated.
 */
export class VerifierPool implements AsyncDisposable {
  readonly #suite: SuiteFacts;
  readonly #secrets: readonly Uint8Array[];
  readonly #crew: Crew;
  #closed: Promise<void> | undefined;

  /** @throws ConnectTokensError where an option is missing or wrong, as `CuteTokens` does */
  constructor(options: VerifierPoolOptions) {
    const given = ownOptions(options, "options");
    const settings = readCuteOptions(given as VerifierPoolOptions);
    const secrets = settings.secrets.map((secret) => secret.slice());
    try {
      const threads = asThreads(given.threads);
      // Refuses a public half that is not its secret's here, and starts the module that the workers are given.
      for (const key of prepareChecks(settings).keys) key.dispose();
      const { suite, strict, applicationId, serverEndpoint } = settings;
      const smallestChunk = suite.number === SUITE_HYDROGEN ? SMALLEST_HYDROGEN_CHUNK : SMALLEST_XCHACHA_CHUNK;
      this.#suite = suite;
      this.#secrets = secrets;
      this.#crew = new Crew(threads, smallestChunk, () => ({
        kind: "setup",
        module: startedModule("cute"),
        suite: suite.number,
        strict,
        applicationId,
        serverEndpoint,
        secrets: secrets.map((secret) => secret.slice()),
      }));
    } catch (error) {
      for (const secret of [...settings.secrets, ...secrets]) secret.fill(0);
      throw error;
    }
  }

  /**
   * Verifies many packets, with the verdicts of `CuteTokens.verifyMany` in the packets' order. The packets are copied
   * before this returns its promise: the caller may use their memory again at once, and is never deprived of it.
   *
   * @param packets n × 1024 bytes end to end, or a list of packets
   * @returns a promise that rejects with a ConnectTokensError where an argument is wrong, after {@link close}, where too
   *   many packets wait (`ERR_BUSY`), no worker could be started (`ERR_START`; a later call tries again) or the packets
   *   ended three workers (`ERR_WORKER`); or with the reason of `signal`
   */
  async verifyMany(
    packets: Uint8Array | readonly Uint8Array[],
    options?: PoolVerifyOptions,
  ): Promise<Verdicts<CuteClaims, CuteReason>> {
    const given = ownOptions(options, "options");
    const now = asNow(given.now);
    const signal = asSignal(given.signal);
    if (signal?.aborted) throw signal.reason;
    let batch: Batch | undefined;
    const abort = (): void => batch?.fail(signal?.reason);
    signal?.addEventListener("abort", abort);
    try {
      // From here to the end of `add` no code of the caller runs but what the list of packets brings along.
      const source = packetSource(packets, PACKET_BYTES);
      if (this.#closed) throw new ConnectTokensError("ERR_DISPOSED", "this", "this pool was closed: its keys are gone");
      if (source.length === 0)
        return cuteVerdicts(this.#suite, { statuses: new Uint8Array(0), windows: [], windowPackets: 1 });
      batch = this.#crew.add(source, now);
      if (signal?.aborted) abort(); // by what came along
      return cuteVerdicts(this.#suite, await batch.result);
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  /**
   * Lets pending calls finish, then wipes the keys and ends the workers. Later calls of {@link verifyMany} are refused
   * from now on; a second `close` returns the same promise, which never rejects.
   */
  close(): Promise<void> {
    this.#closed ??= this.#crew.end().finally(() => {
      for (const secret of this.#secrets) secret.fill(0);
    });
    return this.#closed;
  }

  declare readonly [Symbol.asyncDispose]: () => Promise<void>;

  static {
    if (typeof Symbol.asyncDispose === "symbol") {
      Object.defineProperty(VerifierPool.prototype, Symbol.asyncDispose, {
        value(this: VerifierPool): Promise<void> {
          return this.close();
        },
      });
    }
  }
}

// Packets that are worth a message, whose cost is some 50 µs: genuine ones take half a millisecond of hydrogen, and an
// eighth of one of xchacha20poly1305.
const SMALLEST_HYDROGEN_CHUNK = 32;
const SMALLEST_XCHACHA_CHUNK = 128;

function asThreads(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "number") throw typeError("threads", "a number", value);
  if (!Number.isInteger(value) || value < 1 || value > MAX_THREADS) {
    throw rangeError("threads", `a whole number from 1 to ${MAX_THREADS}`, value);
  }
  return value;
}

function asSignal(value: unknown): AbortSignalLike | undefined {
  if (value === undefined) return undefined;
  const signal = value as AbortSignalLike | null;
  if (
    isRevoked(signal) ||
    typeof signal !== "object" ||
    typeof signal?.aborted !== "boolean" ||
    typeof signal.addEventListener !== "function" ||
    typeof signal.removeEventListener !== "function"
  ) {
    throw typeError("signal", "an AbortSignal", value);
  }
  return signal;
}
