import {
  NETCODE_KEY_SLOTS,
  NETCODE_MAX_REQUESTS,
  NETCODE_SLOT_BYTES,
  OFFSET_CHECKS_BIG_ENDIAN,
  OFFSET_CHECKS_LATEST,
  OFFSET_CHECKS_LEEWAY,
  OFFSET_CHECKS_NOW,
  OFFSET_CHECKS_OWN_LENGTH,
  OFFSET_CHECKS_PROTOCOL_ID,
  OFFSET_KEPT_SECRET_INDEX,
  STATUS_NOT_GENUINE,
  STATUS_NOT_THIS_SERVER,
  STATUS_VALID,
} from "../../../assembly/memory/netcode.ts";
import { KEY_BYTES } from "../../../assembly/netcode/layout.ts";
import { type Lifetime, latestEnd } from "../../common/lifetime.ts";
import { utf8Encoder } from "../../common/text.ts";
import { disposed } from "../../errors.ts";
import type { PreparedKey } from "../key-slots.ts";
import { countFrom, type OpenedWindow, openInTurns } from "../opened-window.ts";
import { netcodeKernel } from "./kernel.ts";

export type { OpenedWindow };

/** The digits of a secret. */
const HEX_DIGITS = 64;

/** A secret, prepared. */
export class NetcodeKey {
  #prepared: PreparedKey | undefined;

  /** @param secret 32 bytes; the caller wipes them */
  constructor(secret: Uint8Array) {
    const { arenas, calls, keyInput, scratch, slots, slotMemory } = netcodeKernel();
    const slot = slots.claim();
    try {
      keyInput.set(secret);
      calls.keySet(slot);
      this.#prepared = slots.keep(this, slot, NETCODE_SLOT_BYTES);
    } catch (error) {
      scratch.fill(0);
      arenas.fill(0);
      slotMemory.fill(0, slot * NETCODE_SLOT_BYTES, (slot + 1) * NETCODE_SLOT_BYTES);
      throw error;
    }
  }

  get isDisposed(): boolean {
    return this.#prepared === undefined;
  }

  /**
   * The number of its slot, which it has until others have taken all of them: ask again before each call.
   *
   * @throws ConnectTokensError `ERR_DISPOSED`
   */
  get slot(): number {
    if (this.#prepared === undefined) throw disposed();
    return netcodeKernel().slots.use(this.#prepared);
  }

  /** Wipes the key. Further calls do nothing. */
  dispose(): void {
    if (this.#prepared === undefined) return;
    netcodeKernel().slots.release(this.#prepared);
    this.#prepared = undefined;
  }
}

/** The 32 bytes of a secret written as 64 hex digits of either case, in constant time; `undefined` for anything else. */
export function secretFromHex(text: string): Uint8Array | undefined {
  if (text.length !== HEX_DIGITS) return undefined;
  const { arenas, calls, keyInput, scratch } = netcodeKernel();
  try {
    // One character beyond ASCII makes the text longer than 64 bytes, and what fits of it no hex.
    const { written } = utf8Encoder().encodeInto(text, keyInput.subarray(0, HEX_DIGITS));
    const isHex = written === HEX_DIGITS && calls.secretFromHex() === 1;
    const secret = isHex ? keyInput.slice(0, KEY_BYTES) : undefined;
    keyInput.fill(0);
    return secret;
  } catch (error) {
    scratch.fill(0);
    arenas.fill(0);
    throw error;
  }
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
  const { keys } = checks;
  if (keys.length <= NETCODE_KEY_SLOTS) return openWith(checks, keys, now, write, statuses);
  return openInTurns(keys.length, NETCODE_KEY_SLOTS, statuses, STATUS_NOT_GENUINE, (from, to, found) => {
    const opened = openWith(checks, keys.slice(from, to), now, write, found);
    if (opened) countFrom(from, opened, found, isOpened, OFFSET_KEPT_SECRET_INDEX);
    return opened;
  });
}

function openWith(
  checks: RequestChecks,
  keys: readonly NetcodeKey[],
  now: bigint,
  write: (requests: Uint8Array) => void,
  statuses: Uint8Array,
): OpenedWindow | undefined {
  const running = netcodeKernel();
  const { arenas, calls, kept, keptStarts, scratch, slotList } = running;
  const { ownAddresses, lifetime } = checks;
  const count = statuses.length;
  try {
    for (let i = 0; i < keys.length; i++) slotList[i] = (keys[i] as NetcodeKey).slot;
    running.ownAddresses.set(ownAddresses);
    running.checks.setBigUint64(OFFSET_CHECKS_PROTOCOL_ID, checks.protocolId, true);
    running.checks.setBigUint64(OFFSET_CHECKS_NOW, now, true);
    running.checks.setBigUint64(OFFSET_CHECKS_LEEWAY, lifetime.leeway, true);
    running.checks.setBigUint64(OFFSET_CHECKS_LATEST, latestEnd(now, lifetime), true);
    running.checks.setUint32(OFFSET_CHECKS_OWN_LENGTH, ownAddresses.length, true);
    running.checks.setUint32(OFFSET_CHECKS_BIG_ENDIAN, checks.bigEndian ? 1 : 0, true);
    write(running.requests);
    const length = calls.verifyRequests(count, keys.length);
    statuses.set(running.statuses.subarray(0, count));
    if (length === 0) return undefined;
    const opened = { records: kept.slice(0, length), starts: keptStarts.slice(0, count) };
    kept.fill(0, 0, length);
    return opened;
  } catch (error) {
    scratch.fill(0);
    arenas.fill(0);
    throw error;
  }
}

const isOpened = (status: number): boolean => status === STATUS_VALID || hasRecord(status);

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
  const { arenas, calls, scratch, token, tokenView } = netcodeKernel();
  const { slot } = key;
  try {
    const length = write(token, tokenView);
    calls.issue(slot, prefixBytes);
    const issued = token.slice(0, length);
    token.fill(0);
    return issued;
  } catch (error) {
    scratch.fill(0);
    arenas.fill(0);
    throw error;
  }
}
