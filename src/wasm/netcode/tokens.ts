import {
  NETCODE_MAX_REQUESTS,
  OFFSET_CHECKS_BIG_ENDIAN,
  OFFSET_CHECKS_LATEST,
  OFFSET_CHECKS_LEEWAY,
  OFFSET_CHECKS_NOW,
  OFFSET_CHECKS_OWN_LENGTH,
  OFFSET_CHECKS_PROTOCOL_ID,
  STATUS_NOT_THIS_SERVER,
} from "../../../assembly/memory/netcode.ts";
import { KEY_BYTES } from "../../../assembly/netcode/layout.ts";
import { type Lifetime, latestEnd } from "../../common/lifetime.ts";
import { disposed } from "../../errors.ts";
import { netcodeKernel } from "./kernel.ts";

/** The digits of a secret. */
const HEX_DIGITS = 64;

/** A secret in its slot. */
export class NetcodeKey {
  #slot: number | undefined;

  /** @param secret 32 bytes; the caller wipes them */
  constructor(secret: Uint8Array) {
    const { calls, keyInput, slots } = netcodeKernel();
    const slot = slots.take(this);
    keyInput.set(secret);
    calls.keySet(slot);
    this.#slot = slot;
  }

  /** @throws ConnectTokensError `ERR_DISPOSED` */
  get slot(): number {
    if (this.#slot === undefined) throw disposed();
    return this.#slot;
  }

  /** Wipes the slot and gives it back. Further calls do nothing. */
  dispose(): void {
    if (this.#slot === undefined) return;
    netcodeKernel().slots.release(this, this.#slot);
    this.#slot = undefined;
  }
}

/** The 32 bytes of a secret written as 64 hex digits of either case, in constant time; `undefined` for anything else. */
export function secretFromHex(text: string): Uint8Array | undefined {
  if (text.length !== HEX_DIGITS) return undefined;
  const { calls, keyInput } = netcodeKernel();
  // One character beyond ASCII makes the text longer than 64 bytes, and what fits of it no hex.
  const { written } = new TextEncoder().encodeInto(text, keyInput.subarray(0, HEX_DIGITS));
  if (written !== HEX_DIGITS || calls.secretFromHex() === 0) {
    keyInput.fill(0);
    return undefined;
  }
  const secret = keyInput.slice(0, KEY_BYTES);
  keyInput.fill(0, 0, KEY_BYTES);
  return secret;
}

/** What every request of a batch is held to. */
export interface RequestChecks {
  readonly keys: readonly NetcodeKey[];
  readonly protocolId: bigint;
  /** As they stand in a token, end to end; empty where they are not asked for. */
  readonly ownAddresses: Uint8Array;
  readonly bigEndian: boolean;
  readonly lifetime: Lifetime;
}

/** Copies of what is kept of the opened requests of a window. */
export interface OpenedWindow {
  /** End to end, laid out by the KEPT_ offsets in assembly/memory/netcode.ts. */
  readonly records: Uint8Array;
  /** Where each request's record begins; means nothing for one that was not opened. */
  readonly starts: Uint32Array;
}

/** Requests of one call. */
export const WINDOW_REQUESTS: number = NETCODE_MAX_REQUESTS;

/**
 * Verifies at most {@link WINDOW_REQUESTS} requests.
 *
 * @param write puts request after request, 1078 bytes each, into the bytes it is given; it runs no code of a caller
 * @param statuses receives a byte per request: STATUS_ in assembly/memory/netcode.ts
 * @returns what was read, `undefined` where no request was opened
 */
export function openWindow(
  checks: RequestChecks,
  now: bigint,
  write: (requests: Uint8Array) => void,
  statuses: Uint8Array,
): OpenedWindow | undefined {
  const running = netcodeKernel();
  const { keys, ownAddresses, lifetime } = checks;
  const count = statuses.length;
  keys.forEach((key, i) => {
    running.slotList[i] = key.slot;
  });
  running.ownAddresses.set(ownAddresses);
  running.checks.setBigUint64(OFFSET_CHECKS_PROTOCOL_ID, checks.protocolId, true);
  running.checks.setBigUint64(OFFSET_CHECKS_NOW, now, true);
  running.checks.setBigUint64(OFFSET_CHECKS_LEEWAY, lifetime.leeway, true);
  running.checks.setBigUint64(OFFSET_CHECKS_LATEST, latestEnd(now, lifetime), true);
  running.checks.setUint32(OFFSET_CHECKS_OWN_LENGTH, ownAddresses.length, true);
  running.checks.setUint32(OFFSET_CHECKS_BIG_ENDIAN, checks.bigEndian ? 1 : 0, true);
  write(running.requests);
  const length = running.calls.verifyRequests(count, keys.length);
  statuses.set(running.statuses.subarray(0, count));
  if (length === 0) return undefined;
  const opened = { records: running.kept.slice(0, length), starts: running.keptStarts.slice(0, count) };
  running.kept.fill(0, 0, length);
  return opened;
}

/** Whether a record was kept of a request that was refused: it is genuine, but another server's. */
export function hasRecord(status: number): boolean {
  return status === STATUS_NOT_THIS_SERVER;
}

/**
 * Issues a token.
 *
 * @param prefixBytes what stands before its version
 * @param write puts the token into the zeros it is given, its private part in clear, and says how long it is; it runs no
 *   code of a caller
 */
export function sealToken(
  key: NetcodeKey,
  prefixBytes: number,
  write: (token: Uint8Array, view: DataView) => number,
): Uint8Array<ArrayBuffer> {
  const { slot } = key;
  const { calls, token, tokenView } = netcodeKernel();
  const length = write(token, tokenView);
  calls.issue(slot, prefixBytes);
  const issued = token.slice(0, length);
  token.fill(0);
  return issued;
}
