import {
  KEY_BYTES,
  OFFSET_EXPIRATION_TIMESTAMP,
  OFFSET_SECRET_CLIENT_ID,
  OFFSET_SECRET_CLIENT_TO_SERVER_KEY,
  OFFSET_SECRET_SERVER_TO_CLIENT_KEY,
  OFFSET_SECRET_USER_DATA,
  USER_DATA_BYTES,
} from "../../assembly/cute/layout.ts";
import { OFFSET_KEPT_PUBLIC, OFFSET_KEPT_SECRET_INDEX, OFFSET_KEPT_TOKEN_ID } from "../../assembly/memory/cute.ts";
import type { Endpoint } from "../common/endpoints.ts";
import { publicHex } from "../common/hex.ts";
import { readU64, u32 } from "../common/integers.ts";
import { type Lifetime, refusedFrom } from "../common/lifetime.ts";
import { type OpenedPackets, WRONG_SIZE, windowAt } from "../common/packet-batch.ts";
import { plainRecords } from "../common/records.ts";
import { type Accepted, accepted, batchVerdicts, type Verdicts } from "../verdict.ts";
import type { OpenedWindow } from "../wasm/cute/kernel.ts";
import type { CuteSettings } from "./options.ts";
import { decodePublicSection, type PublicSection } from "./public-section.ts";
import { type SuiteFacts, suiteFacts } from "./suites.ts";

/** By the kernel's STATUS_ codes, less one: in the order of the checks. */
const REASONS = [
  "not-a-connect-token",
  "wrong-application",
  "expired",
  "lifetime-too-long",
  "bad-endpoints",
  "not-this-server",
  "not-genuine",
] as const;

/** Why a packet was refused: `wrong-size` before everything else, then the first of these checks that failed. */
export type CuteReason = "wrong-size" | (typeof REASONS)[number];

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
  readonly clientToServerKey: Uint8Array<ArrayBuffer>;
  /** 32 bytes. */
  readonly serverToClientKey: Uint8Array<ArrayBuffer>;
  /** 256 bytes, as they were issued. */
  readonly userData: Uint8Array<ArrayBuffer>;
}

/**
 * The verdicts on opened packets; claims are built when asked for.
 *
 * @param opened with records as the kernel laid them out
 */
export function cuteVerdicts(
  { suite, lifetime }: Pick<CuteSettings, "suite" | "lifetime">,
  opened: OpenedPackets<OpenedWindow>,
): Verdicts<CuteClaims, CuteReason> {
  const facts = suiteFacts[suite];
  const recordAt = (index: number): OpenedRecord => {
    const { window, at } = windowAt(opened, index);
    return new OpenedRecord(facts, lifetime, window.records.subarray(window.starts[at]));
  };
  return batchVerdicts<CuteClaims, CuteReason>(opened.statuses, {
    reasons: REASONS,
    reason: (_, status) => (status === WRONG_SIZE ? "wrong-size" : (REASONS[status - 1] as CuteReason)),
    tokenId: (index) => recordAt(index).tokenId(),
    expiresAt: (index) => recordAt(index).expiresAt(),
    accepted: (index) => recordAt(index).accepted(),
  });
}

/** What the kernel kept of one packet. */
class OpenedRecord {
  readonly #facts: SuiteFacts;
  readonly #lifetime: Lifetime;
  readonly #bytes: Uint8Array;

  /** @param bytes begin where the packet's record does, and end with those of its window */
  constructor(facts: SuiteFacts, lifetime: Lifetime, bytes: Uint8Array) {
    this.#facts = facts;
    this.#lifetime = lifetime;
    this.#bytes = bytes;
  }

  tokenId(): string {
    const { tokenIdBytes } = this.#facts;
    return `cute:${publicHex(this.#bytes.subarray(OFFSET_KEPT_TOKEN_ID, OFFSET_KEPT_TOKEN_ID + tokenIdBytes))}`;
  }

  expiresAt(): bigint {
    return refusedFrom(readU64(this.#bytes, OFFSET_KEPT_PUBLIC + OFFSET_EXPIRATION_TIMESTAMP), this.#lifetime);
  }

  accepted(): Accepted<CuteClaims> {
    const bytes = this.#bytes;
    const { section } = decodePublicSection(bytes, OFFSET_KEPT_PUBLIC, this.#facts.publicBytes);
    // The kernel has found the section in order: it is there.
    const claims = new ClaimsRecord(section as PublicSection, bytes);
    return accepted(claims, this.expiresAt(), this.tokenId(), u32(bytes, OFFSET_KEPT_SECRET_INDEX));
  }
}

class ClaimsRecord implements CuteClaims {
  readonly applicationId: bigint;
  readonly expirationTimestamp: bigint;
  readonly handshakeTimeout: number;
  readonly endpoints: readonly Endpoint[];
  readonly clientId: bigint;
  readonly clientToServerKey: Uint8Array<ArrayBuffer>;
  readonly serverToClientKey: Uint8Array<ArrayBuffer>;
  readonly userData: Uint8Array<ArrayBuffer>;

  static {
    plainRecords(ClaimsRecord);
  }

  constructor(section: PublicSection, record: Uint8Array) {
    const slice = (from: number, length: number): Uint8Array<ArrayBuffer> => record.slice(from, from + length);
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
