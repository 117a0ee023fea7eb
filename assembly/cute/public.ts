// The public section of a packet (layout.ts), and what is asked of it before any cipher runs. Nothing here is
// secret: every check may end early.

import { ENDPOINT_IPV4, ENDPOINT_IPV4_BYTES, ENDPOINT_IPV6, ENDPOINT_IPV6_BYTES } from "../endpoint.ts";
import {
  CUTE_CHECKS,
  CUTE_OWN_ENDPOINTS,
  OFFSET_CHECKS_APPLICATION_ID,
  OFFSET_CHECKS_LATEST,
  OFFSET_CHECKS_LEEWAY,
  OFFSET_CHECKS_NOW,
  OFFSET_CHECKS_OWN_LENGTH,
  STATUS_BAD_ENDPOINTS,
  STATUS_EXPIRED,
  STATUS_LIFETIME_TOO_LONG,
  STATUS_NOT_A_CONNECT_TOKEN,
  STATUS_NOT_THIS_SERVER,
  STATUS_VALID,
  STATUS_WRONG_APPLICATION,
} from "../memory/cute.ts";
import {
  MAX_ENDPOINTS,
  OFFSET_APPLICATION_ID,
  OFFSET_ENDPOINT_COUNT,
  OFFSET_ENDPOINTS,
  OFFSET_EXPIRATION_TIMESTAMP,
  OFFSET_TYPE,
  OFFSET_VERSION,
} from "./layout.ts";

/** Writes "CUTE 1.00" and NUL, 10 bytes. */
export function writeVersion(pointer: usize): void {
  store<u32>(pointer, 0x45545543);
  store<u32>(pointer, 0x302e3120, 4);
  store<u16>(pointer, 0x0030, 8);
}

function isVersion(pointer: usize): boolean {
  return load<u32>(pointer) === 0x45545543 && load<u32>(pointer, 4) === 0x302e3120 && load<u16>(pointer, 8) === 0x0030;
}

/** How many bytes an endpoint of this type takes; 0 for a type that there is not. */
function endpointBytes(type: u8): usize {
  if (type === ENDPOINT_IPV4) return ENDPOINT_IPV4_BYTES;
  if (type === ENDPOINT_IPV6) return ENDPOINT_IPV6_BYTES;
  return 0;
}

function sameEndpoint(a: usize, b: usize, length: usize): boolean {
  for (let i: usize = 0; i < length; i++) if (load<u8>(a + i) !== load<u8>(b + i)) return false;
  return true;
}

/** Whether an endpoint of `length` bytes is one of the server's own. */
function isOwn(endpoint: usize, length: usize): boolean {
  const end = <usize>CUTE_OWN_ENDPOINTS + load<u32>(<usize>CUTE_CHECKS + OFFSET_CHECKS_OWN_LENGTH);
  const type = load<u8>(endpoint);
  let own: usize = CUTE_OWN_ENDPOINTS;
  while (own < end) {
    const ownType = load<u8>(own);
    if (ownType === type && sameEndpoint(endpoint, own, length)) return true;
    const ownLength = endpointBytes(ownType);
    if (ownLength === 0) break;
    own += ownLength;
  }
  return false;
}

/** Walks the endpoints, all of them before the server's own are missed. @returns a STATUS_ code */
function checkEndpoints(packet: usize, publicBytes: usize): i32 {
  const count = load<u32>(packet + OFFSET_ENDPOINT_COUNT);
  if (count < 1 || count > <u32>MAX_ENDPOINTS) return STATUS_BAD_ENDPOINTS;
  const end = packet + publicBytes;
  let listed = load<u32>(<usize>CUTE_CHECKS + OFFSET_CHECKS_OWN_LENGTH) === 0;
  let endpoint = packet + OFFSET_ENDPOINTS;
  for (let i: u32 = 0; i < count; i++) {
    if (endpoint >= end) return STATUS_BAD_ENDPOINTS;
    const length = endpointBytes(load<u8>(endpoint));
    if (length === 0 || endpoint + length > end) return STATUS_BAD_ENDPOINTS;
    if (!listed) listed = isOwn(endpoint, length);
    endpoint += length;
  }
  return listed ? STATUS_VALID : STATUS_NOT_THIS_SERVER;
}

/** What an end says at CHECKS_NOW. @returns a STATUS_ code */
function checkTimes(expiration: u64): i32 {
  const now = load<u64>(<usize>CUTE_CHECKS + OFFSET_CHECKS_NOW);
  const leeway = load<u64>(<usize>CUTE_CHECKS + OFFSET_CHECKS_LEEWAY);
  // now - leeway wherever that is a time at all; before it nothing has expired.
  if (now >= leeway && expiration <= now - leeway) return STATUS_EXPIRED;
  if (expiration > load<u64>(<usize>CUTE_CHECKS + OFFSET_CHECKS_LATEST)) return STATUS_LIFETIME_TOO_LONG;
  return STATUS_VALID;
}

/**
 * Puts the questions that need no key, in the order of the STATUS_ codes.
 * @param publicBytes the suite's length of the public section
 * @returns a STATUS_ code, STATUS_VALID where nothing stands against opening the packet
 */
export function checkPublicSection(packet: usize, publicBytes: usize): i32 {
  if (load<u8>(packet + OFFSET_TYPE) !== 0 || !isVersion(packet + OFFSET_VERSION)) return STATUS_NOT_A_CONNECT_TOKEN;
  const applicationId = load<u64>(<usize>CUTE_CHECKS + OFFSET_CHECKS_APPLICATION_ID);
  if (load<u64>(packet + OFFSET_APPLICATION_ID) !== applicationId) return STATUS_WRONG_APPLICATION;
  const status = checkTimes(load<u64>(packet + OFFSET_EXPIRATION_TIMESTAMP));
  return status === STATUS_VALID ? checkEndpoints(packet, publicBytes) : status;
}
