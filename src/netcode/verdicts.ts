import {
  OFFSET_KEPT_EXPIRE_TIMESTAMP,
  OFFSET_KEPT_PRIVATE,
  OFFSET_KEPT_SECRET_INDEX,
  OFFSET_KEPT_TOKEN_ID,
} from "../../assembly/memory/netcode.ts";
import {
  KEY_BYTES,
  NONCE_BYTES,
  OFFSET_PRIVATE_ADDRESS_COUNT,
  OFFSET_PRIVATE_CLIENT_ID,
  OFFSET_PRIVATE_TIMEOUT,
  TAG_BYTES,
  USER_DATA_BYTES,
} from "../../assembly/netcode/layout.ts";
import type { Endpoint } from "../common/endpoints.ts";
import { publicHex } from "../common/hex.ts";
import { refusedFrom } from "../common/lifetime.ts";
import { type OpenedPackets, WRONG_SIZE, windowAt } from "../common/packet-batch.ts";
import { plainRecords } from "../common/records.ts";
import { accepted, batchVerdicts, type Verdicts, type VerdictWithClaims } from "../verdict.ts";
import { hasRecord, type OpenedWindow } from "../wasm/netcode/tokens.ts";
import type { NetcodeSettings } from "./options.ts";
import { type AddressList, readAddresses, viewOf } from "./token.ts";

/** Why a connection request was refused. Checked in this order. */
export type NetcodeReason =
  | "wrong-size"
  | "not-a-connection-request"
  | "wrong-protocol"
  | "expired"
  | "lifetime-too-long"
  | "not-genuine"
  | "bad-addresses"
  | "not-this-server";
/** The reasons that come with `refusedClaims`. */
export type NetcodeReasonWithClaims = "not-this-server";
export type NetcodeVerdict = VerdictWithClaims<NetcodeClaims, NetcodeReason, NetcodeReasonWithClaims>;
export type NetcodeVerdicts = Verdicts<NetcodeClaims, NetcodeReason, NetcodeVerdict>;

/** What a connection request says, all of it authenticated. */
export interface NetcodeClaims {
  readonly protocolId: bigint;
  /** Unix seconds. */
  readonly expireTimestamp: bigint;
  /** u64: which player this is. */
  readonly clientId: bigint;
  /** Seconds without a packet after which the connection has timed out; none where it is below 0. */
  readonly timeoutSeconds: number;
  /** The internal list: as the servers know themselves. */
  readonly serverAddresses: readonly Endpoint[];
  /** 32 bytes. */
  readonly clientToServerKey: Uint8Array<ArrayBuffer>;
  /** 32 bytes. */
  readonly serverToClientKey: Uint8Array<ArrayBuffer>;
  /** 256 bytes. */
  readonly userData: Uint8Array<ArrayBuffer>;
}

/** By the kernel's STATUS_ codes, less one. */
const REASONS: readonly NetcodeReason[] = [
  "not-a-connection-request",
  "wrong-protocol",
  "expired",
  "lifetime-too-long",
  "not-genuine",
  "bad-addresses",
  "not-this-server",
];

/** The verdicts on opened requests; claims are built when asked for. */
export function netcodeVerdicts(settings: NetcodeSettings, opened: OpenedPackets<OpenedWindow>): NetcodeVerdicts {
  const { statuses } = opened;
  const recordAt = (index: number): OpenedRecord => {
    const { window, at } = windowAt(opened, index);
    return new OpenedRecord(settings, window.records.subarray(window.starts[at]));
  };
  return batchVerdicts<NetcodeClaims, NetcodeReason, NetcodeVerdict>(statuses, {
    reasons: REASONS,
    reason: (_, status) => (status === WRONG_SIZE ? "wrong-size" : (REASONS[status - 1] as NetcodeReason)),
    refusedClaims: (index) => (hasRecord(statuses[index] as number) ? recordAt(index).claims() : undefined),
    tokenId: (index) => recordAt(index).tokenId,
    expiresAt: (index) => recordAt(index).expiresAt,
    accepted: (index) => {
      const record = recordAt(index);
      return accepted(record.claims(), record.expiresAt, record.tokenId, record.secretIndex);
    },
  });
}

/** What the kernel kept of a request. */
class OpenedRecord {
  readonly #settings: NetcodeSettings;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  /** @param bytes begin where the record does, and end with those of its window */
  constructor(settings: NetcodeSettings, bytes: Uint8Array) {
    this.#settings = settings;
    this.#bytes = bytes;
    this.#view = viewOf(bytes);
  }

  get tokenId(): string {
    const id = this.#bytes.subarray(OFFSET_KEPT_TOKEN_ID, OFFSET_KEPT_TOKEN_ID + NONCE_BYTES + TAG_BYTES);
    return `netcode:${publicHex(id)}`;
  }

  get expiresAt(): bigint {
    return refusedFrom(this.#expireTimestamp, this.#settings.lifetime);
  }

  get secretIndex(): number {
    return this.#view.getUint32(OFFSET_KEPT_SECRET_INDEX, true);
  }

  claims(): NetcodeClaims {
    const { facts, protocolId } = this.#settings;
    const [bytes, view] = [this.#bytes, this.#view];
    const count = OFFSET_KEPT_PRIVATE + OFFSET_PRIVATE_ADDRESS_COUNT;
    // The kernel has found the addresses in order: a problem in their place cannot be.
    const { addresses, end } = readAddresses(bytes, view, count, bytes.length, facts) as AddressList;
    return new ClaimsRecord({
      protocolId,
      expireTimestamp: this.#expireTimestamp,
      clientId: view.getBigUint64(OFFSET_KEPT_PRIVATE + OFFSET_PRIVATE_CLIENT_ID, facts.littleEndian),
      timeoutSeconds: view.getInt32(OFFSET_KEPT_PRIVATE + OFFSET_PRIVATE_TIMEOUT, facts.littleEndian),
      serverAddresses: Object.freeze(addresses.map(Object.freeze)) as readonly Endpoint[],
      clientToServerKey: this.#slice(end, KEY_BYTES),
      serverToClientKey: this.#slice(end + KEY_BYTES, KEY_BYTES),
      userData: this.#slice(end + 2 * KEY_BYTES, USER_DATA_BYTES),
    });
  }

  get #expireTimestamp(): bigint {
    return this.#view.getBigUint64(OFFSET_KEPT_EXPIRE_TIMESTAMP, this.#settings.facts.littleEndian);
  }

  #slice(at: number, length: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#bytes.subarray(at, at + length));
  }
}

class ClaimsRecord implements NetcodeClaims {
  readonly protocolId: bigint;
  readonly expireTimestamp: bigint;
  readonly clientId: bigint;
  readonly timeoutSeconds: number;
  readonly serverAddresses: readonly Endpoint[];
  readonly clientToServerKey: Uint8Array<ArrayBuffer>;
  readonly serverToClientKey: Uint8Array<ArrayBuffer>;
  readonly userData: Uint8Array<ArrayBuffer>;

  static {
    plainRecords(ClaimsRecord);
  }

  constructor(claims: NetcodeClaims) {
    this.protocolId = claims.protocolId;
    this.expireTimestamp = claims.expireTimestamp;
    this.clientId = claims.clientId;
    this.timeoutSeconds = claims.timeoutSeconds;
    this.serverAddresses = claims.serverAddresses;
    this.clientToServerKey = claims.clientToServerKey;
    this.serverToClientKey = claims.serverToClientKey;
    this.userData = claims.userData;
  }
}
