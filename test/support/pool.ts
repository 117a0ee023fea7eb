import { createRequire, syncBuiltinESMExports } from "node:module";
import type { Worker } from "node:worker_threads";
import { expect } from "vitest";
// The built package: a worker's script must be there as a file that Node runs.
import {
  type CuteClaims,
  CutePool,
  type CutePoolOptions,
  type CuteReason,
  type Verdict,
} from "../../dist/src/cute/pool.js";
import type { CuteTokens } from "../../src/cute/index.ts";
import { flipBit, hex } from "./bytes.ts";
import { faults, NOW, nativeOf, packetOf, plainFields, type SuiteUnderTest, tokensOf } from "./cute.ts";
import type { Random } from "./random.ts";

/** A pool with the secret of native token `index`; its workers are two unless told otherwise. */
export function poolOf(
  suite: SuiteUnderTest,
  index: number,
  options: Partial<Omit<CutePoolOptions, "applicationId" | "secret" | "suite">> = {},
): CutePool {
  const { secret, applicationId } = nativeOf(suite, index);
  return new CutePool({ suite: suite.suite, secret, applicationId, threads: 2, ...options });
}

/** Verdicts as text, so that thousands compare in no time. */
export function texts(verdicts: Iterable<Verdict<CuteClaims, CuteReason>>): string[] {
  return Array.from(verdicts, (verdict) => {
    if (!verdict.valid) return verdict.reason;
    const { claims, expiresAt, tokenId } = verdict;
    const endpoints = claims.endpoints.map(({ address, port, family }) => `${address} ${port} ${family}`);
    const keys = [claims.clientToServerKey, claims.serverToClientKey, claims.userData].map(hex);
    const numbers = [claims.applicationId, claims.expirationTimestamp, claims.handshakeTimeout, claims.clientId];
    return [expiresAt, tokenId, ...numbers, ...endpoints, ...keys].join("|");
  });
}

/** Genuine packets, each of a token of its own. */
export function genuinePackets(suite: SuiteUnderTest, index: number, count: number, random: Random): Uint8Array[] {
  const issuer = tokensOf(suite, index);
  const packets = Array.from({ length: count }, () => packetOf(issuer.issue(plainFields(random))));
  issuer.dispose();
  return packets;
}

/** Packets of 1024 bytes, half of them genuine, the others of every reason but their size. */
export function mixedPackets(suite: SuiteUnderTest, index: number, count: number, random: Random): Uint8Array[] {
  const genuine = genuinePackets(suite, index, 32, random);
  return Array.from({ length: count }, () => {
    const packet = random.pick(genuine);
    if (random.below(2)) return packet;
    return random.below(2) ? random.pick(faults.slice(1)).apply(packet, suite) : flipBit(packet, random.below(8192));
  });
}

/** What one thread says of the same packets, which is what a pool must say. */
export function expectedTexts(holder: CuteTokens, packets: Uint8Array | readonly Uint8Array[]): string[] {
  return texts(holder.verifyMany(packets, { now: NOW }));
}

const threads = createRequire(import.meta.url)("node:worker_threads") as { Worker: typeof Worker };
const genuineWorker = threads.Worker;

/** Lets pools make their workers of another class, until {@link restoreWorkers}. */
export function replaceWorkers(replacement: (genuine: typeof Worker) => typeof Worker): void {
  threads.Worker = replacement(genuineWorker);
  syncBuiltinESMExports();
}

export function restoreWorkers(): void {
  replaceWorkers((genuine) => genuine);
}

/** A message to a worker. */
export interface Posted {
  readonly kind: string;
  readonly count?: number;
  /** The shared buffer, or the packets themselves. */
  readonly packets?: number | Uint8Array;
  readonly module?: object;
  readonly secrets?: readonly (SharedArrayBuffer | ArrayBuffer)[];
}

/** Workers of which each message passes by here; the genuine one is told when this says so. */
export function watchWorkers(post: (worker: Worker, message: Posted, deliver: () => void) => void): Worker[] {
  const made: Worker[] = [];
  replaceWorkers(
    (Genuine) =>
      class extends Genuine {
        constructor(...args: ConstructorParameters<typeof Worker>) {
          super(...args);
          made.push(this);
        }

        override postMessage(message: Posted, transfer: ArrayBuffer[]): void {
          post(this, message, () => super.postMessage(message, transfer));
        }
      },
  );
  return made;
}

/** Holds a promise to its rejection with the package's one error. */
export async function expectRejection(
  promise: Promise<unknown>,
  code: string,
  argument: string,
): Promise<Error & { cause?: unknown }> {
  const error = await promise.then(
    () => new Error("nothing was thrown"),
    (reason) => reason,
  );
  expect(error).toMatchObject({ name: "ConnectTokensError", code, argument });
  return error;
}
