// The layout of a token, read without throwing: what the readers, the verdicts and a differential test share.
import { ENDPOINT_IPV4, ENDPOINT_IPV4_BYTES, ENDPOINT_IPV6, ENDPOINT_IPV6_BYTES } from "../../assembly/endpoint.ts";
import { MAX_SERVER_ADDRESSES, VERSION_BYTES } from "../../assembly/netcode/layout.ts";
import { decodeEndpoint, type Endpoint } from "../common/endpoints.ts";
import { u8 } from "../common/integers.ts";
import type { DialectFacts } from "./dialects.ts";

/** `NETCODE 1.02` and NUL. */
export const VERSION: readonly number[] = [0x4e, 0x45, 0x54, 0x43, 0x4f, 0x44, 0x45, 0x20, 0x31, 0x2e, 0x30, 0x32, 0];

/** The first thing wrong with a list of addresses. */
export type AddressProblem = "address-count" | "address-type" | "address-length";

export interface AddressList {
  readonly addresses: Endpoint[];
  /** Where the last one ends. */
  readonly end: number;
}

/** Whether the version stands at `at`, as far as `bytes` go. */
export function isVersion(bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < VERSION_BYTES; i++) if (bytes[at + i] !== VERSION[i]) return false;
  return true;
}

/** A view for a dialect's integers. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * Reads a count and as many addresses, without reading past `end`.
 *
 * @param at of the count, a u32; the caller has checked that it is there
 */
export function readAddresses(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  end: number,
  { littleEndian, form }: DialectFacts,
): AddressList | AddressProblem {
  const count = view.getUint32(at, littleEndian);
  if (count < 1 || count > MAX_SERVER_ADDRESSES) return "address-count";
  const addresses: Endpoint[] = [];
  let next = at + 4;
  for (let i = 0; i < count; i++) {
    if (next >= end) return "address-length";
    const type = u8(bytes, next);
    if (type !== ENDPOINT_IPV4 && type !== ENDPOINT_IPV6) return "address-type";
    const after = next + (type === ENDPOINT_IPV4 ? ENDPOINT_IPV4_BYTES : ENDPOINT_IPV6_BYTES);
    if (after > end) return "address-length";
    addresses.push(decodeEndpoint(bytes, next, form));
    next = after;
  }
  return { addresses, end: next };
}
