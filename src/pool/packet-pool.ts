/// <reference lib="esnext.disposable" preserve="true" />

import { asSignal } from "../common/abort-signal.ts";
import type { BytesInput } from "../common/bytes.ts";
import { type Given, type OptionNames, readOptions } from "../common/options.ts";
import { asPacket, type OpenedPackets, type PacketCheck, packetSource, WRONG_SIZE } from "../common/packet-batch.ts";
import { asNow } from "../common/time.ts";
import { ConnectTokensError } from "../errors.ts";
import type { Verdict, Verdicts } from "../verdict.ts";
import { asThreads, asWorker, type PoolOptions, type PoolVerifyOptions } from "./options.ts";
import type { WorkerFile } from "./platform.ts";
import { unrefused, withRefused } from "./public-checks.ts";
import { SingleCalls } from "./single-calls.ts";
import type { Batch, PacketFormat } from "./task.ts";
import { WorkerPool } from "./worker-pool.ts";

/** What a scheme brings along to its pool. */
export interface PoolScheme<Claims extends object, Reason extends string> {
  readonly format: PacketFormat;
  readonly file: WorkerFile;
  /** The compiled module that workers start from, and what else they must know. */
  readonly setup: { readonly module: object | undefined; readonly settings: object };
  /** Copies, which are the pool's from here on: it wipes them when it closes. */
  readonly secrets: readonly Uint8Array[];
  /** What is asked of each packet before it is posted. */
  checks(now: bigint): PacketCheck;
  /** The windows are as the scheme's worker made them. */
  verdicts(opened: OpenedPackets<object>): Verdicts<Claims, Reason>;
}

/**
 * Verifies packets in several threads: `worker_threads` in Node, Web Workers elsewhere. They start with the pool and run
 * until it is closed. In Node idle ones do not keep the process alive, a pending call does.
 *
 * Calls share the workers by turns. The pool holds a copy of what waits, at most 262,144 packets (or one larger batch);
 * a call beyond that is refused with `ERR_BUSY`, so whoever verifies without end awaits some of the calls. A worker that
 * ends unasked is replaced and its work repeated. Packets of another size, type, version or application and expired ones
 * are refused without being sent to a worker, but for calls of more than 1,024 packets.
 *
 * @example
 * ```ts
 * import { CutePool, type PacketPool } from "connect-tokens/cute/pool";
 *
 * // What takes a pool of any scheme: how many of the datagrams that came in this turn are genuine.
 * async function genuine(pool: PacketPool<object, string>, datagrams: readonly Uint8Array[]): Promise<number> {
 *   const verdicts = await Promise.all(datagrams.map((datagram) => pool.verify(datagram)));
 *   return verdicts.filter(({ valid }) => valid).length;
 * }
 *
 * const pool = new CutePool({ applicationId: 42, suite: "xchacha20poly1305", secret: new Uint8Array(32).fill(7) });
 * console.log(await genuine(pool, [new Uint8Array(1024), new Uint8Array(3)])); // 0
 * await pool.close();
 * ```
 */
export abstract class PacketPool<Claims extends object, Reason extends string> implements AsyncDisposable {
  readonly #scheme: PoolScheme<Claims, Reason>;
  readonly #workers: WorkerPool;
  readonly #singles: SingleCalls<Verdict<Claims, Reason>>;
  #closed: Promise<void> | undefined;

  /**
   * @param options the pool's own of the caller's, read once
   * @param prepare reads the scheme's own; it wipes what it copied where it throws
   */
  protected constructor(options: Given<PoolOptions>, prepare: () => PoolScheme<Claims, Reason>) {
    const threads = asThreads(options.threads);
    const worker = asWorker(options.worker);
    const scheme = prepare();
    const { format, file, setup, secrets } = scheme;
    this.#scheme = scheme;
    this.#workers = new WorkerPool({
      ...{ threads, worker, file, format },
      setup: () => ({ module: setup.module, settings: setup.settings, secrets: secrets.map(copyToSend) }),
    });
    this.#singles = new SingleCalls(format.packetBytes, async (packets, now) => {
      const source = packetSource(packets, format.packetBytes);
      const verdicts = scheme.verdicts(await this.#workers.add(source, now).result);
      return (index) => verdicts.at(index);
    });
  }

  /**
   * Waits until every worker has begun or was given up: asked when a service starts, it tells whether they can.
   *
   * @returns a promise that rejects with a ConnectTokensError where no worker could be started (`ERR_START`), or after
   *   {@link close}
   */
  async ready(): Promise<void> {
    this.#requireOpen();
    await this.#workers.ready();
  }

  /**
   * Verifies one packet. The calls of one turn of the event loop go to the workers together, so a server may call this
   * for each datagram. The packet is copied before this returns its promise. Whatever is no packet is `wrong-size`.
   *
   * @returns a promise that rejects as that of {@link verifyMany}
   */
  async verify(packet: BytesInput, options?: PoolVerifyOptions): Promise<Verdict<Claims, Reason>> {
    const given = readOptions(options, VERIFY_OPTION_NAMES, "options");
    const now = asNow(given.now);
    const signal = asSignal(given.signal);
    if (signal?.aborted) throw signal.reason;
    this.#requireOpen();
    const bytes = asPacket(packet, this.#scheme.format.packetBytes);
    const status = bytes ? this.#scheme.checks(now)(bytes, 0) : WRONG_SIZE;
    if (bytes === undefined || status !== 0) return this.#refused(Uint8Array.of(status)).at(0);
    const verdict = this.#singles.add(bytes, now);
    if (signal === undefined) return verdict;
    const { promise, abort } = abortable(verdict);
    const listener = (): void => abort(signal.reason);
    signal.addEventListener("abort", listener);
    return promise.finally(() => signal.removeEventListener("abort", listener));
  }

  /**
   * Verifies many packets, with the verdicts of the scheme's own `verifyMany` in the packets' order. The packets are
   * copied before this returns its promise: the caller may use their memory again at once, and is never deprived of it.
   *
   * @param packets packets end to end, or a list of them
   * @returns a promise that rejects with a ConnectTokensError where an argument is wrong, after {@link close}, where too
   *   many packets wait (`ERR_BUSY`), no worker could be started (`ERR_START`; a later call tries again) or the packets
   *   ended three workers (`ERR_WORKER`); or with the reason of `signal`
   */
  async verifyMany(
    packets: BytesInput | readonly BytesInput[],
    options?: PoolVerifyOptions,
  ): Promise<Verdicts<Claims, Reason>> {
    const given = readOptions(options, VERIFY_OPTION_NAMES, "options");
    const now = asNow(given.now);
    const signal = asSignal(given.signal);
    if (signal?.aborted) throw signal.reason;
    let batch: Batch | undefined;
    const abort = (): void => batch?.fail(signal?.reason);
    signal?.addEventListener("abort", abort);
    try {
      const { format, checks, verdicts } = this.#scheme;
      // From here to the end of `add` no code of the caller runs but what the list of packets brings along.
      const source = packetSource(packets, format.packetBytes);
      this.#requireOpen();
      const statuses = source.statuses(source.length > MAX_JUDGED ? () => 0 : checks(now));
      const refused = statuses.some((status) => status !== 0);
      const left = refused ? unrefused(source, statuses, format.packetBytes) : source;
      if (left.length === 0) return this.#refused(statuses);
      batch = this.#workers.add(left, now);
      if (signal?.aborted) abort(); // by what came along
      const opened = await batch.result;
      return verdicts(refused ? withRefused(opened, statuses) : opened);
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  /**
   * Lets pending calls finish, then wipes the keys and ends the workers. Later calls are refused from now on; a second
   * `close` returns the same promise, which never rejects.
   */
  close(): Promise<void> {
    this.#singles.send();
    this.#closed ??= this.#workers.end().finally(() => {
      for (const secret of this.#scheme.secrets) secret.fill(0);
    });
    return this.#closed;
  }

  declare readonly [Symbol.asyncDispose]: () => Promise<void>;

  static {
    if (typeof Symbol.asyncDispose === "symbol") {
      Object.defineProperty(PacketPool.prototype, Symbol.asyncDispose, {
        value(this: PacketPool<object, string>): Promise<void> {
          return this.close();
        },
      });
    }
  }

  #requireOpen(): void {
    if (this.#closed) throw new ConnectTokensError("ERR_DISPOSED", "this", "this pool was closed: its keys are gone");
  }

  /** Where every packet was refused before it was posted. */
  #refused(statuses: Uint8Array): Verdicts<Claims, Reason> {
    return this.#scheme.verdicts({ statuses, windows: [], windowPackets: 1, places: undefined });
  }
}

/**
 * Packets of one call that are judged before they are posted: 1 MiB, which is in the cache. To fetch a header from memory
 * takes longer than a worker needs to refuse the packet, which gives the same answers.
 */
const MAX_JUDGED = 1024;

const VERIFY_OPTION_NAMES: OptionNames<PoolVerifyOptions> = { now: true, signal: true };

/** In shared memory, where there is any: a worker that is ended before it has read it leaves it for the pool to wipe. */
function copyToSend(secret: Uint8Array): SharedArrayBuffer | ArrayBuffer {
  const shared = typeof SharedArrayBuffer === "function";
  const copy = shared ? new SharedArrayBuffer(secret.length) : new ArrayBuffer(secret.length);
  new Uint8Array(copy).set(secret);
  return copy;
}

/** A promise that can be rejected before its time. */
function abortable<Result>(result: Promise<Result>): { promise: Promise<Result>; abort(reason: unknown): void } {
  let abort: (reason: unknown) => void = () => {};
  const promise = new Promise<Result>((resolve, reject) => {
    abort = reject;
    result.then(resolve, reject);
  });
  return { promise, abort };
}
