/**
 * `connect-tokens/cute/pool`: verifies Cute packets in several threads.
 *
 * @module
 */
import {
  OFFSET_APPLICATION_ID,
  OFFSET_EXPIRATION_TIMESTAMP,
  OFFSET_TYPE,
  OFFSET_VERSION,
  PACKET_BYTES,
} from "../../assembly/cute/layout.ts";
import { STATUS_EXPIRED, STATUS_NOT_A_CONNECT_TOKEN, STATUS_WRONG_APPLICATION } from "../../assembly/memory/cute.ts";
import { u8 } from "../common/integers.ts";
import { type Given, type OptionNames, readOptions } from "../common/options.ts";
import type { OpenedPackets, PacketCheck } from "../common/packet-batch.ts";
import type { PoolOptions } from "../pool/options.ts";
import { PacketPool, type PoolScheme } from "../pool/packet-pool.ts";
import type { WorkerFile } from "../pool/platform.ts";
import { publicChecks } from "../pool/public-checks.ts";
import { type OpenedWindow, WINDOW_PACKETS } from "../wasm/cute/kernel.ts";
import { startedModule } from "../wasm/instantiate.ts";
import { CUTE_OPTION_NAMES, type CuteOptions, type CuteSettings, readCuteOptions } from "./options.ts";
import { isVersion } from "./public-section.ts";
import { type CuteClaims, type CuteReason, cuteVerdicts } from "./verdicts.ts";
import { CuteVerifier } from "./verifier.ts";

export type { AbortSignalLike } from "../common/abort-signal.ts";
export type { SecretList } from "../common/secrets.ts";
export type { Seconds } from "../common/time.ts";
export type { PoolOptions, PoolVerifyOptions } from "../pool/options.ts";
export type { PacketPool } from "../pool/packet-pool.ts";
export type { Verdict, Verdicts } from "../verdict.ts";
export type { EndpointInput, Suite } from "./index.ts";
export type { CuteClaims, CuteOptions, CuteReason };

/** What a pool holds tokens to, and how many workers it has. */
export interface CutePoolOptions extends CuteOptions, PoolOptions {}

/**
 * Verifies Cute packets, 1024 bytes each, in several threads, with the verdicts of `CuteTokens`.
 *
 * @example
 * ```ts
 * import { CuteTokens, generateKey } from "connect-tokens/cute";
 * import { CutePool } from "connect-tokens/cute/pool";
 * import { connectTokenPacket } from "connect-tokens/cute/public";
 *
 * const options = { applicationId: 42, suite: "xchacha20poly1305", secret: generateKey() } as const;
 * const packet = connectTokenPacket(
 *   new CuteTokens(options).issue({
 *     expirationTimestamp: Math.floor(Date.now() / 1000) + 60,
 *     handshakeTimeout: 5,
 *     endpoints: ["203.0.113.7:40000"],
 *     clientId: 1001,
 *     clientToServerKey: generateKey(),
 *     serverToClientKey: generateKey(),
 *   }),
 * );
 *
 * const pool = new CutePool({ ...options, threads: 2 });
 * await pool.ready(); // rejects where no worker can start
 * const verdict = await pool.verify(packet); // one per datagram: those of a turn go to the workers together
 * console.log(verdict.valid && verdict.claims.clientId); // 1001n
 * const verdicts = await pool.verifyMany([packet, new Uint8Array(1024)]);
 * console.log(verdicts.validCount, verdicts.reasonAt(1)); // 1 not-a-connect-token
 * await pool.close();
 * ```
 */
export class CutePool extends PacketPool<CuteClaims, CuteReason> {
  /** @throws ConnectTokensError where an option is missing or wrong, as `CuteTokens` does */
  constructor(options: CutePoolOptions) {
    const given = readOptions(options, OPTION_NAMES, "options");
    super(given, () => cuteScheme(given));
  }
}

// Packets that are worth a message, whose cost is some 50 µs: genuine ones take half a millisecond of hydrogen, and an
// eighth of one of xchacha20poly1305.
const SMALLEST_HYDROGEN_TASK = 32;
const SMALLEST_XCHACHA_TASK = 128;

const OPTION_NAMES: OptionNames<CutePoolOptions> = { ...CUTE_OPTION_NAMES, threads: true, worker: true };

function cuteScheme(given: Given<CuteOptions>): PoolScheme<CuteClaims, CuteReason> {
  const { settings, secrets: copies } = readCuteOptions(given);
  const secrets = copies.map((secret) => secret.slice());
  try {
    // Refuses a public half that is not its secret's here, and starts the module that the workers are given.
    new CuteVerifier(settings, copies).dispose();
  } catch (error) {
    for (const secret of secrets) secret.fill(0);
    throw error;
  }
  const smallestTask = settings.suite === "hydrogen" ? SMALLEST_HYDROGEN_TASK : SMALLEST_XCHACHA_TASK;
  return {
    format: { packetBytes: PACKET_BYTES, windowPackets: WINDOW_PACKETS, smallestTask },
    file: workerFile,
    setup: { module: startedModule("cute"), settings },
    secrets,
    checks: headerChecks(settings),
    verdicts: (opened) => cuteVerdicts(settings, opened as OpenedPackets<OpenedWindow>),
  };
}

/** What is asked of a packet before it is sent to a worker, with the kernel's answers. */
function headerChecks({ applicationId, lifetime: { leeway } }: CuteSettings): (now: bigint) => PacketCheck {
  return publicChecks({
    isPacket: (bytes, offset) => u8(bytes, offset + OFFSET_TYPE) === 0 && isVersion(bytes, offset + OFFSET_VERSION),
    idOffset: OFFSET_APPLICATION_ID,
    id: applicationId,
    bigEndian: false,
    expiryOffset: OFFSET_EXPIRATION_TIMESTAMP,
    leeway,
    statuses: {
      notAPacket: STATUS_NOT_A_CONNECT_TOKEN,
      wrongId: STATUS_WRONG_APPLICATION,
      expired: STATUS_EXPIRED,
    },
  });
}

// Apart from the expression below it, so that a bundler for browsers does not take the file for an asset as well.
const file = "./worker.js";

const workerFile: WorkerFile = {
  name: "connect-tokens/cute/worker",
  url: () => new URL(file, import.meta.url),
  // As bundlers look for it. Without a prototype, as all options of a worker.
  create: () =>
    new Worker(new URL("./worker.js", import.meta.url), { __proto__: null, type: "module" } as WorkerOptions),
};
