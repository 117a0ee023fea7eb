// What is asked of a connection request before any cipher runs, and of the addresses once its private part is open. Nothing
// here is secret: every check may end early.

import { ENDPOINT_IPV4, ENDPOINT_IPV4_BYTES, ENDPOINT_IPV6, ENDPOINT_IPV6_BYTES } from "../endpoint.ts";
import {
  NETCODE_CHECKS,
  NETCODE_OWN_ADDRESSES,
  OFFSET_CHECKS_BIG_ENDIAN,
  OFFSET_CHECKS_LATEST,
  OFFSET_CHECKS_LEEWAY,
  OFFSET_CHECKS_NOW,
  OFFSET_CHECKS_OWN_LENGTH,
  OFFSET_CHECKS_PROTOCOL_ID,
  STATUS_EXPIRED,
  STATUS_LIFETIME_TOO_LONG,
  STATUS_NOT_A_CONNECTION_REQUEST,
  STATUS_VALID,
  STATUS_WRONG_PROTOCOL,
} from "../memory/netcode.ts";
import {
  MAX_SERVER_ADDRESSES,
  OFFSET_EXPIRE_TIMESTAMP,
  OFFSET_PRIVATE_ADDRESS_COUNT,
  OFFSET_PRIVATE_ADDRESSES,
  OFFSET_PROTOCOL_ID,
  OFFSET_TYPE,
  OFFSET_VERSION,
} from "./layout.ts";

const CHECKS: usize = NETCODE_CHECKS;
const OWN: usize = NETCODE_OWN_ADDRESSES;

/**
 * Puts the questions that need no key, in the order of the STATUS_ codes.
 * @returns a STATUS_ code, STATUS_VALID where nothing stands against opening the request
 */
export function checkRequest(request: usize): i32 {
  if (load<u8>(request + OFFSET_TYPE) !== 0 || !isVersion(request + OFFSET_VERSION)) {
    return STATUS_NOT_A_CONNECTION_REQUEST;
  }
  if (read64(request + OFFSET_PROTOCOL_ID) !== load<u64>(CHECKS + OFFSET_CHECKS_PROTOCOL_ID)) {
    return STATUS_WRONG_PROTOCOL;
  }
  const expire = read64(request + OFFSET_EXPIRE_TIMESTAMP);
  const now = load<u64>(CHECKS + OFFSET_CHECKS_NOW);
  const leeway = load<u64>(CHECKS + OFFSET_CHECKS_LEEWAY);
  if (now >= leeway && expire <= now - leeway) return STATUS_EXPIRED;
  if (expire > load<u64>(CHECKS + OFFSET_CHECKS_LATEST)) return STATUS_LIFETIME_TOO_LONG;
  return STATUS_VALID;
}

/** How many addresses an opened private part says it has; 0 where it is not 1 to 32. */
export function addressCount(text: usize): u32 {
  const stored = load<u32>(text + OFFSET_PRIVATE_ADDRESS_COUNT);
  const count = isBigEndian() ? bswap<u32>(stored) : stored;
  return count <= <u32>MAX_SERVER_ADDRESSES ? count : 0;
}

/** Where the addresses of a private part end, from its first byte; 0 where it has none, or one of an unknown type. */
export function addressesEnd(text: usize, count: u32): usize {
  if (count === 0) return 0;
  let at: usize = OFFSET_PRIVATE_ADDRESSES;
  for (let left = count; left > 0; left--) {
    const length = addressBytes(load<u8>(text + at));
    if (length === 0) return 0;
    at += length;
  }
  return at;
}

/** Whether one of the addresses up to `end` is one of the server's own, or none is asked for. */
export function listsOwnAddress(text: usize, end: usize): boolean {
  const ownLength: usize = load<u32>(CHECKS + OFFSET_CHECKS_OWN_LENGTH);
  if (ownLength === 0) return true;
  for (let at: usize = OFFSET_PRIVATE_ADDRESSES; at < end; at += addressBytes(load<u8>(text + at))) {
    for (let own: usize = OWN; own < OWN + ownLength; own += addressBytes(load<u8>(own))) {
      if (sameAddress(text + at, own)) return true;
    }
  }
  return false;
}

/** "NETCODE 1.02" and NUL, 13 bytes: the last two words overlap. */
function isVersion(pointer: usize): boolean {
  return (
    load<u32>(pointer) === 0x4354454e &&
    load<u32>(pointer, 4) === 0x2045444f &&
    load<u32>(pointer, 8) === 0x32302e31 &&
    load<u32>(pointer, 9) === 0x0032302e
  );
}

function isBigEndian(): boolean {
  return load<u32>(CHECKS + OFFSET_CHECKS_BIG_ENDIAN) !== 0;
}

function read64(pointer: usize): u64 {
  const stored = load<u64>(pointer);
  return isBigEndian() ? bswap<u64>(stored) : stored;
}

/** How many bytes an address of this type takes; 0 for a type that there is not. */
function addressBytes(type: u8): usize {
  if (type === ENDPOINT_IPV4) return ENDPOINT_IPV4_BYTES;
  if (type === ENDPOINT_IPV6) return ENDPOINT_IPV6_BYTES;
  return 0;
}

function sameAddress(a: usize, b: usize): boolean {
  const length = addressBytes(load<u8>(a));
  for (let i: usize = 0; i < length; i++) if (load<u8>(a + i) !== load<u8>(b + i)) return false;
  return true;
}
