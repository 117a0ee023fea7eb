import {
  KEY_BYTES,
  OFFSET_EXPIRATION_TIMESTAMP,
  OFFSET_SECRET_CLIENT_ID,
  OFFSET_SECRET_CLIENT_TO_SERVER_KEY,
  OFFSET_SECRET_SERVER_TO_CLIENT_KEY,
  OFFSET_SECRET_USER_DATA,
  USER_DATA_BYTES,
} from "../../assembly/cute/layout.ts";
import { OFFSET_KEPT_PUBLIC, OFFSET_KEPT_TOKEN_ID } from "../../assembly/memory/cute.ts";
import type { Endpoint } from "../common/endpoints.ts";
import { publicHex } from "../common/hex.ts";
import { readU64 } from "../common/integers.ts";
import { type OpenedPackets, WRONG_SIZE, windowAt } from "../common/packet-batch.ts";
import { type Accepted, accepted, batchVerdicts, plainRecords, type Verdicts } from "../verdict.ts";
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

/** What a genuine Cute token says. */
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
export function cuteVerdicts(suite: SuiteFacts, opened: OpenedPackets<OpenedWindow>): Verdicts<CuteClaims, CuteReason> {
  const record = (index: number): Uint8Array => {
    const { window, at } = windowAt(opened, index);
    return window.records.subarray(window.starts[at]);
  };
  return batchVerdicts<CuteClaims, CuteReason>(opened.statuses, {
    reasons: REASONS,
    reason: (_, status) => (status === WRONG_SIZE ? "wrong-size" : (REASONS[status - 1] as CuteReason)),
    tokenId: (index) => tokenIdOf(suite, record(index)),
    expiresAt: (index) => readU64(record(index), OFFSET_KEPT_PUBLIC + OFFSET_EXPIRATION_TIMESTAMP),
    accepted: (index) => acceptedRecord(suite, record(index)),
  });
}

/** @param record begins where the packet's does, and ends with those of its window */
function acceptedRecord(suite: SuiteFacts, record: Uint8Array): Accepted<CuteClaims> {
  // The kernel has found the section in order: a reason in its place cannot be.
  const section = parsePublicSection(record, OFFSET_KEPT_PUBLIC, suite.publicBytes) as PublicSection;
  return accepted(new ClaimsRecord(section, record), section.expirationTimestamp, tokenIdOf(suite, record), 0);
}

function tokenIdOf(suite: SuiteFacts, record: Uint8Array): string {
  return `cute:${publicHex(record.subarray(OFFSET_KEPT_TOKEN_ID, OFFSET_KEPT_TOKEN_ID + suite.tokenIdBytes))}`;
}

class ClaimsRecord implements CuteClaims {
  readonly applicationId: bigint;
  readonly expirationTimestamp: bigint;
  readonly handshakeTimeout: number;
  readonly endpoints: readonly Endpoint[];
  readonly clientId: bigint;
  readonly clientToServerKey: Uint8Array;
  readonly serverToClientKey: Uint8Array;
  readonly userData: Uint8Array;

  static {
    plainRecords(ClaimsRecord);
  }

  constructor(section: PublicSection, record: Uint8Array) {
    const slice = (from: number, length: number): Uint8Array => record.slice(from, from + length);
    this.applicationId = section.applicationId;
    this.expirationTimestamp = section.expirationTimestamp;
    this.handshakeTimeout = section.handshakeTimeout;
    this.endpoints = Object.freeze(section.endpoints.map(Object.freeze)) as readonly Endpoint[];
    this.clientId = readU64(record, OFFSET_SECRET_CLIENT_ID);
    this.clientToServerKey = slice(OFFSET_SECRET_CLIENT_TO_SERVER_KEY, KEY_BYTES);
    this.serverToClientKey = slice(OFFSET_SECRET_SERVER_TO_CLIENT_KEY, KEY_BYTES);
    this.userData = slice(OFFSET_SECRET_USER_DATA, USER_DATA_BYTES);
  }
}
