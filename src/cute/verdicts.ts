import {
  KEY_BYTES,
  PACKET_BYTES,
  SECRET_BYTES,
  SECRET_CLIENT_ID,
  SECRET_CLIENT_TO_SERVER_KEY,
  SECRET_SERVER_TO_CLIENT_KEY,
  SECRET_USER_DATA,
  USER_DATA_BYTES,
} from "../../assembly/cute/layout.ts";
import { CUTE_SECRET_STRIDE } from "../../assembly/memory.ts";
import { type Accepted, accepted, batchVerdicts, type Verdicts } from "../verdict.ts";
import { type OpenedWindow, WINDOW_PACKETS } from "../wasm/cute.ts";
import type { Endpoint } from "./endpoints.ts";
import { readU64 } from "./integers.ts";
import { type OpenedPackets, WRONG_SIZE } from "./packets.ts";
import { type PublicSection, parsePublicSection } from "./section.ts";
import type { SuiteFacts } from "./suites.ts";

/** Why a packet was refused. Checked in this order. */
export type CuteReason =
  | "wrong-size"
  | "not-a-connect-token"
  | "wrong-application"
  | "expired"
  | "bad-endpoints"
  | "not-this-server"
  | "not-genuine";

export interface CuteClaims {
  readonly applicationId: bigint;
  /** Unix seconds. */
  readonly expirationTimestamp: bigint;
  /** Seconds. */
  readonly handshakeTimeout: number;
  readonly endpoints: readonly Endpoint[];
  readonly clientId: bigint;
  /** 32 bytes. */
  readonly clientToServerKey: Uint8Array;
  /** 32 bytes. */
  readonly serverToClientKey: Uint8Array;
  /** 256 bytes, as they were issued. */
  readonly userData: Uint8Array;
}

/** By the kernel's PACKET_ codes, less one. */
const REASONS: readonly CuteReason[] = [
  "not-a-connect-token",
  "wrong-application",
  "expired",
  "bad-endpoints",
  "not-this-server",
  "not-genuine",
];

/** The verdicts on opened packets; claims are built when asked for. */
export function cuteVerdicts(
  suite: SuiteFacts,
  { statuses, windows }: OpenedPackets,
): Verdicts<CuteClaims, CuteReason> {
  return batchVerdicts<CuteClaims, CuteReason>(statuses, {
    reason: (_, status) => (status === WRONG_SIZE ? "wrong-size" : (REASONS[status - 1] as CuteReason)),
    accepted: (index) => {
      const { packets, secrets } = windows[Math.floor(index / WINDOW_PACKETS)] as OpenedWindow;
      const at = index % WINDOW_PACKETS;
      const packet = packets.subarray(at * PACKET_BYTES, (at + 1) * PACKET_BYTES);
      const secret = secrets.subarray(at * CUTE_SECRET_STRIDE, at * CUTE_SECRET_STRIDE + SECRET_BYTES);
      return acceptedPacket(suite, packet, secret);
    },
  });
}

function acceptedPacket(suite: SuiteFacts, packet: Uint8Array, secret: Uint8Array): Accepted<CuteClaims> {
  // The kernel has found the section in order: a reason in its place cannot be.
  const section = parsePublicSection(packet, 0, suite.publicBytes) as PublicSection;
  const claims: CuteClaims = {
    applicationId: section.applicationId,
    expirationTimestamp: section.expirationTimestamp,
    handshakeTimeout: section.handshakeTimeout,
    endpoints: Object.freeze(section.endpoints.map(Object.freeze)) as readonly Endpoint[],
    clientId: readU64(secret, SECRET_CLIENT_ID),
    clientToServerKey: secret.slice(SECRET_CLIENT_TO_SERVER_KEY, SECRET_CLIENT_TO_SERVER_KEY + KEY_BYTES),
    serverToClientKey: secret.slice(SECRET_SERVER_TO_CLIENT_KEY, SECRET_SERVER_TO_CLIENT_KEY + KEY_BYTES),
    userData: secret.slice(SECRET_USER_DATA, SECRET_USER_DATA + USER_DATA_BYTES),
  };
  return accepted(claims, claims.expirationTimestamp, `cute:${suite.replayBytes(packet)}`);
}
