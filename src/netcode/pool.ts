/**
 * `connect-tokens/netcode/pool`: verifies netcode connection requests in several threads.
 *
 * @module
 */
import {
  STATUS_EXPIRED,
  STATUS_NOT_A_CONNECTION_REQUEST,
  STATUS_WRONG_PROTOCOL,
} from "../../assembly/memory/netcode.ts";
import {
  CONNECTION_REQUEST_BYTES,
  OFFSET_EXPIRE_TIMESTAMP,
  OFFSET_PROTOCOL_ID,
  OFFSET_TYPE,
  OFFSET_VERSION,
} from "../../assembly/netcode/layout.ts";
import { u8 } from "../common/integers.ts";
import { type OptionNames, readOptions } from "../common/options.ts";
import type { OpenedPackets } from "../common/packet-batch.ts";
import type { PoolOptions } from "../pool/options.ts";
import { PacketPool, type PoolScheme } from "../pool/packet-pool.ts";
import type { WorkerFile } from "../pool/platform.ts";
import { publicChecks } from "../pool/public-checks.ts";
import { startedModule } from "../wasm/instantiate.ts";
import { netcodeKernel } from "../wasm/netcode/kernel.ts";
import { type OpenedWindow, WINDOW_REQUESTS } from "../wasm/netcode/tokens.ts";
import { type NetcodeOptions, OPTION_NAMES, readNetcodeOptions } from "./options.ts";
import { isVersion } from "./token.ts";
import { type NetcodeClaims, type NetcodeReason, type NetcodeVerdict, netcodeVerdicts } from "./verdicts.ts";
import type { NetcodeWorkerSettings } from "./worker.ts";

export type { AbortSignalLike } from "../common/abort-signal.ts";
export type { SecretList } from "../common/secrets.ts";
export type { Seconds } from "../common/time.ts";
export type { PoolOptions, PoolVerifyOptions } from "../pool/options.ts";
export type { PacketPool } from "../pool/packet-pool.ts";
export type { Verdict, Verdicts } from "../verdict.ts";
export type { Dialect, EndpointInput } from "./index.ts";
export type { NetcodeClaims, NetcodeOptions, NetcodeReason, NetcodeVerdict };

/** What a pool holds tokens to, and how many workers it has. */
export interface NetcodePoolOptions extends NetcodeOptions, PoolOptions {}

/**
 * Verifies netcode connection requests, 1078 bytes each, in several threads, with the verdicts of `NetcodeTokens`. The
 * methods say how.
 *
 * @example
 * ```ts
 * import { NetcodeTokens } from "connect-tokens/netcode";
 * import { NetcodePool } from "connect-tokens/netcode/pool";
 * import { connectionRequestPacket } from "connect-tokens/netcode/public";
 *
 * const options = { protocolId: 7n, secret: "5a".repeat(32) };
 * const tokens = new NetcodeTokens(options);
 * const token = tokens.issue({ clientId: 42n, serverAddresses: ["203.0.113.7:40000"], timeoutSeconds: 5 });
 *
 * const pool = new NetcodePool({ ...options, threads: 1 });
 * const verdict = await pool.verify(connectionRequestPacket(token));
 * console.log(verdict.valid); // true
 * await pool.close();
 * ```
 */
export class NetcodePool extends PacketPool<NetcodeClaims, NetcodeReason> {
  /** @throws ConnectTokensError where an option is missing or wrong, as `NetcodeTokens` does */
  constructor(options: NetcodePoolOptions) {
    const { threads, worker, ...netcode } = readOptions(options, POOL_OPTION_NAMES, "options");
    super({ threads, worker }, () => netcodeScheme(netcode as NetcodeOptions));
  }
}

const POOL_OPTION_NAMES: OptionNames<NetcodePoolOptions> = { ...OPTION_NAMES, threads: true, worker: true };

/** Requests that are worth a message, whose cost is some 50 µs. */
const SMALLEST_TASK = 128;

function netcodeScheme(options: NetcodeOptions): PoolScheme<NetcodeClaims, NetcodeReason> {
  netcodeKernel(); // starts the module that the workers are given, before a secret is copied
  const settings = readNetcodeOptions(options);
  const { facts, protocolId, ownAddresses, lifetime, secrets } = settings;
  const bigEndian = !facts.littleEndian;
  const workerSettings: NetcodeWorkerSettings = { protocolId, ownAddresses, bigEndian, lifetime };
  return {
    format: { packetBytes: CONNECTION_REQUEST_BYTES, windowPackets: WINDOW_REQUESTS, smallestTask: SMALLEST_TASK },
    file: workerFile,
    setup: { module: startedModule("netcode"), settings: workerSettings },
    secrets,
    checks: publicChecks({
      isPacket: (bytes, offset) => u8(bytes, offset + OFFSET_TYPE) === 0 && isVersion(bytes, offset + OFFSET_VERSION),
      idOffset: OFFSET_PROTOCOL_ID,
      id: protocolId,
      bigEndian,
      expiryOffset: OFFSET_EXPIRE_TIMESTAMP,
      leeway: lifetime.leeway,
      statuses: {
        notAPacket: STATUS_NOT_A_CONNECTION_REQUEST,
        wrongId: STATUS_WRONG_PROTOCOL,
        expired: STATUS_EXPIRED,
      },
    }),
    verdicts: (opened) => netcodeVerdicts(settings, opened as OpenedPackets<OpenedWindow>),
  };
}

// Apart from the expression below it, so that a bundler for browsers does not take the file for an asset as well.
const file = "./worker.js";

const workerFile: WorkerFile = {
  name: "connect-tokens/netcode/worker",
  url: () => new URL(file, import.meta.url),
  // As bundlers look for it. Without a prototype, as all options of a worker.
  create: () =>
    new Worker(new URL("./worker.js", import.meta.url), { __proto__: null, type: "module" } as WorkerOptions),
};
