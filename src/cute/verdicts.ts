import {
  KEY_BYTES,
  OFFSET_SECRET_CLIENT_ID,
  OFFSET_SECRET_CLIENT_TO_SERVER_KEY,
  OFFSET_SECRET_SERVER_TO_CLIENT_KEY,
  OFFSET_SECRET_USER_DATA,
  USER_DATA_BYTES,
} from "../../assembly/cute/layout.ts";
import { OFFSET_KEPT_PUBLIC, OFFSET_KEPT_TOKEN_ID } from "../../assembly/memory.ts";
import type { Endpoint } from "../common/endpoints.ts";
import { publicHex } from "../common/hex.ts";
import { readU64 } from "../common/integers.ts";
import { type OpenedPackets, WRONG_SIZE } from "../common/packet-batch.ts";
import { type Accepted, accepted, batchVerdicts, type Verdicts } from "../verdict.ts";
import type { OpenedWindow } from "../wasm/cute/kernel.ts";
import { type PublicSection, parsePublicSection } from "./public-section.ts";
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
  { statuses, windows, windowPackets }: OpenedPackets<OpenedWindow>,
): Verdicts<CuteClaims, CuteReason> {
  return batchVerdicts<CuteClaims, CuteReason>(statuses, {
    reason: (_, status) => (status === WRONG_SIZE ? "wrong-size" : (REASONS[status - 1] as CuteReason)),
    accepted: (index) => {
      const { records, starts } = windows[Math.floor(index / windowPackets)] as OpenedWindow;
      return acceptedRecord(suite, records.subarray(starts[index % windowPackets]));
    },
  });
}

/** @param record begins where the packet's does, and ends with those of its window */
function acceptedRecord(suite: SuiteFacts, record: Uint8Array): Accepted<CuteClaims> {
  // The kernel has found the section in order: a reason in its place cannot be.
  const section = parsePublicSection(record, OFFSET_KEPT_PUBLIC, suite.publicBytes) as PublicSection;
  const claims: CuteClaims = {
    applicationId: section.applicationId,
    expirationTimestamp: section.expirationTimestamp,
    handshakeTimeout: section.handshakeTimeout,
    endpoints: Object.freeze(section.endpoints.map(Object.freeze)) as readonly Endpoint[],
    clientId: readU64(record, OFFSET_SECRET_CLIENT_ID),
    clientToServerKey: record.slice(OFFSET_SECRET_CLIENT_TO_SERVER_KEY, OFFSET_SECRET_CLIENT_TO_SERVER_KEY + KEY_BYTES),
    serverToClientKey: record.slice(OFFSET_SECRET_SERVER_TO_CLIENT_KEY, OFFSET_SECRET_SERVER_TO_CLIENT_KEY + KEY_BYTES),
    userData: record.slice(OFFSET_SECRET_USER_DATA, OFFSET_SECRET_USER_DATA + USER_DATA_BYTES),
  };
  return accepted(
    claims,
    claims.expirationTimestamp,
    `cute:${publicHex(record.subarray(OFFSET_KEPT_TOKEN_ID, OFFSET_KEPT_TOKEN_ID + suite.tokenIdBytes))}`,
  );
}
