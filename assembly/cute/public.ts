// The public section of a packet (layout.ts), and what is asked of it before any cipher runs. Nothing here is
// secret: every check may end early.

import { ENDPOINT_IPV4, ENDPOINT_IPV4_BYTES, ENDPOINT_IPV6, ENDPOINT_IPV6_BYTES } from "../endpoint.ts";
import {
  CUTE_SERVER_ENDPOINT,
  STATUS_BAD_ENDPOINTS,
  STATUS_EXPIRED,
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

/** Walks the endpoints, all of them before the one asked for is missed. @returns a PACKET_ code */
function checkEndpoints(packet: usize, publicBytes: usize): i32 {
  const count = load<u32>(packet + OFFSET_ENDPOINT_COUNT);
  if (count < 1 || count > <u32>MAX_ENDPOINTS) return STATUS_BAD_ENDPOINTS;
  const asked = load<u8>(CUTE_SERVER_ENDPOINT);
  const end = packet + publicBytes;
  let listed = asked === 0;
  let endpoint = packet + OFFSET_ENDPOINTS;
  for (let i: u32 = 0; i < count; i++) {
    if (endpoint >= end) return STATUS_BAD_ENDPOINTS;
    const type = load<u8>(endpoint);
    const length = endpointBytes(type);
    if (length === 0 || endpoint + length > end) return STATUS_BAD_ENDPOINTS;
    if (!listed && type === asked) listed = sameEndpoint(endpoint, CUTE_SERVER_ENDPOINT, length);
    endpoint += length;
  }
  return listed ? STATUS_VALID : STATUS_NOT_THIS_SERVER;
}

/**
 * Puts the questions that need no key, in the order of the PACKET_ codes.
 * @param publicBytes the suite's length of the public section
 * @param now Unix seconds, unsigned like the expiration
 * @returns a PACKET_ code, STATUS_VALID where nothing stands against opening the packet
 */
export function checkPublicSection(packet: usize, publicBytes: usize, applicationId: u64, now: u64): i32 {
  if (load<u8>(packet + OFFSET_TYPE) !== 0 || !isVersion(packet + OFFSET_VERSION)) return STATUS_NOT_A_CONNECT_TOKEN;
  if (load<u64>(packet + OFFSET_APPLICATION_ID) !== applicationId) return STATUS_WRONG_APPLICATION;
  if (load<u64>(packet + OFFSET_EXPIRATION_TIMESTAMP) <= now) return STATUS_EXPIRED;
  return checkEndpoints(packet, publicBytes);
}
