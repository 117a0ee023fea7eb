// Verifying connection requests and issuing connect tokens.

import {
  NETCODE_KEPT,
  NETCODE_REQUESTS,
  NETCODE_STATUS,
  NETCODE_TOKEN,
  STATUS_NOT_GENUINE,
  STATUS_VALID,
} from "../memory/netcode.ts";
import { CONNECTION_REQUEST_BYTES } from "./layout.ts";
import { openRequests, privateWipe, sealPrivate } from "./private.ts";
import { checkRequest } from "./public.ts";
import { listedSlot, slotAddress } from "./slots.ts";

/** Verifies the requests of the window; see netcode.ts. */
export function verifyRequests(count: usize, slotCount: usize): usize {
  for (let i: usize = 0; i < count; i++) {
    const status = checkRequest(<usize>NETCODE_REQUESTS + i * CONNECTION_REQUEST_BYTES);
    // Not genuine until a slot has opened it.
    store<u8>(<usize>NETCODE_STATUS + i, status === STATUS_VALID ? STATUS_NOT_GENUINE : status);
  }
  let out: usize = NETCODE_KEPT;
  for (let i: usize = 0; i < slotCount; i++) out = openRequests(listedSlot(i), i, count, out);
  privateWipe();
  return out - NETCODE_KEPT;
}

/** Seals the token that stands at NETCODE_TOKEN; see netcode.ts. */
export function issue(slot: usize, prefixBytes: usize): void {
  sealPrivate(slotAddress(slot), <usize>NETCODE_TOKEN + prefixBytes);
  privateWipe();
}
