// Issuing and verifying over both suites. What a suite supplies stands in the four functions that follow, and nowhere
// else: the length of its public section, how a slot is prepared, a packet completed, a packet opened, scratch wiped.

import { wipe } from "../bytes.ts";
import {
  CUTE_OPENED_BY,
  CUTE_PACKETS,
  CUTE_REQUEST,
  CUTE_REQUEST_BYTES,
  CUTE_SECRET_STRIDE,
  CUTE_SECRETS,
  CUTE_SLOT_BYTES,
  CUTE_STATUS,
  CUTE_TOKEN,
  OFFSET_REQUEST_APPLICATION_ID,
  OFFSET_REQUEST_CREATION_TIMESTAMP,
  OFFSET_REQUEST_ENDPOINT_COUNT,
  OFFSET_REQUEST_ENDPOINTS,
  OFFSET_REQUEST_ENDPOINTS_LENGTH,
  OFFSET_REQUEST_ENTROPY,
  OFFSET_REQUEST_EXPIRATION_TIMESTAMP,
  OFFSET_REQUEST_HANDSHAKE_TIMEOUT,
  OFFSET_REQUEST_SECRET,
  STATUS_NOT_GENUINE,
  STATUS_VALID,
  SUITE_HYDROGEN,
  SUITE_XCHACHA20POLY1305,
} from "../memory/cute.ts";
import { hydrogenOpen, hydrogenPrepare, hydrogenSeal } from "./hydrogen.ts";
import {
  CONNECT_TOKEN_BYTES,
  HYDROGEN_PUBLIC_BYTES,
  HYDROGEN_SECRET_BYTES,
  KEY_BYTES,
  OFFSET_APPLICATION_ID,
  OFFSET_ENDPOINT_COUNT,
  OFFSET_ENDPOINTS,
  OFFSET_EXPIRATION_TIMESTAMP,
  OFFSET_HANDSHAKE_TIMEOUT,
  OFFSET_REST_APPLICATION_ID,
  OFFSET_REST_CLIENT_TO_SERVER_KEY,
  OFFSET_REST_CREATION_TIMESTAMP,
  OFFSET_REST_VERSION,
  OFFSET_SECRET_CLIENT_TO_SERVER_KEY,
  OFFSET_VERSION,
  PACKET_BYTES,
  REST_BYTES,
  SECRET_BYTES,
  XCHACHA_PUBLIC_BYTES,
  XCHACHA_SECRET_BYTES,
} from "./layout.ts";
import { checkPublicSection, writeVersion } from "./public.ts";
import { listedSlot, slotAddress } from "./slots.ts";
import { xchachaOpen, xchachaPrepare, xchachaSeal, xchachaWipe } from "./xchacha.ts";

function prepare(suite: i32, slot: usize, key: usize): i32 {
  if (suite === SUITE_HYDROGEN) return hydrogenPrepare(slot, key);
  if (suite === SUITE_XCHACHA20POLY1305) return xchachaPrepare(slot, key);
  return 0;
}

function seal(suite: i32, slot: usize, packet: usize, secret: usize, entropy: usize): void {
  if (suite === SUITE_HYDROGEN) hydrogenSeal(slot, packet, secret, entropy);
  if (suite === SUITE_XCHACHA20POLY1305) xchachaSeal(slot, packet, secret, entropy);
}

/** Tries the listed slots in their order on the packet at `index`. @returns 1, with its 328 bytes in CUTE_SECRETS, or 0 */
function hydrogenOpenWithAny(index: usize, strict: i32, slotCount: usize): i32 {
  const packet: usize = <usize>CUTE_PACKETS + index * PACKET_BYTES;
  const out: usize = <usize>CUTE_SECRETS + index * CUTE_SECRET_STRIDE;
  for (let i: usize = 0; i < slotCount; i++) {
    store<u32>(<usize>CUTE_OPENED_BY + (index << 2), <u32>i);
    if (hydrogenOpen(listedSlot(i), packet, out, strict) !== 0) return 1;
  }
  return 0;
}

/** Notes which of the listed slots is tried next on the packets that none has opened yet. */
function noteTrial(place: usize, count: usize): void {
  for (let i: usize = 0; i < count; i++) {
    if (load<u8>(<usize>CUTE_STATUS + i) !== <u8>STATUS_NOT_GENUINE) continue;
    store<u32>(<usize>CUTE_OPENED_BY + (i << 2), <u32>place);
  }
}

/** Tries the listed slots, in their order, on every packet whose status is STATUS_NOT_GENUINE. */
function open(suite: i32, count: usize, strict: i32, slotCount: usize): void {
  if (suite === SUITE_HYDROGEN) {
    for (let i: usize = 0; i < count; i++) {
      if (load<u8>(<usize>CUTE_STATUS + i) !== <u8>STATUS_NOT_GENUINE) continue;
      if (hydrogenOpenWithAny(i, strict, slotCount) !== 0) store<u8>(<usize>CUTE_STATUS + i, STATUS_VALID);
    }
  }
  if (suite === SUITE_XCHACHA20POLY1305) {
    for (let i: usize = 0; i < slotCount; i++) {
      noteTrial(i, count);
      xchachaOpen(listedSlot(i), count);
    }
  }
}

/** Wipes the suite's scratch. */
function finish(suite: i32): void {
  if (suite === SUITE_XCHACHA20POLY1305) xchachaWipe();
}

/** Prepares a slot from a suite's secret; see cute.ts. */
export function keySet(slot: usize, suite: i32, key: usize): i32 {
  const address = slotAddress(slot);
  wipe(address, CUTE_SLOT_BYTES);
  const prepared = prepare(suite, address, key);
  if (prepared === 0) wipe(address, CUTE_SLOT_BYTES);
  wipe(key, suite === SUITE_XCHACHA20POLY1305 ? XCHACHA_SECRET_BYTES : HYDROGEN_SECRET_BYTES);
  finish(suite);
  return prepared;
}

/** Wipes a slot. */
export function keyWipe(slot: usize): void {
  wipe(slotAddress(slot), CUTE_SLOT_BYTES);
}

/** Writes the REST SECTION, 90 bytes, from the request. */
function writeRest(rest: usize): void {
  writeVersion(rest + OFFSET_REST_VERSION);
  store<u64>(rest + OFFSET_REST_APPLICATION_ID, load<u64>(CUTE_REQUEST + OFFSET_REQUEST_APPLICATION_ID));
  store<u64>(rest + OFFSET_REST_CREATION_TIMESTAMP, load<u64>(CUTE_REQUEST + OFFSET_REQUEST_CREATION_TIMESTAMP));
  // Both keys: they follow each other here as they do in the secret section.
  const keys = CUTE_REQUEST + OFFSET_REQUEST_SECRET + OFFSET_SECRET_CLIENT_TO_SERVER_KEY;
  memory.copy(rest + OFFSET_REST_CLIENT_TO_SERVER_KEY, keys, KEY_BYTES + KEY_BYTES);
}

/** Writes a packet's public section from the request, onto zeros. */
function writePublicSection(packet: usize): void {
  writeVersion(packet + OFFSET_VERSION);
  store<u64>(packet + OFFSET_APPLICATION_ID, load<u64>(CUTE_REQUEST + OFFSET_REQUEST_APPLICATION_ID));
  store<u64>(packet + OFFSET_EXPIRATION_TIMESTAMP, load<u64>(CUTE_REQUEST + OFFSET_REQUEST_EXPIRATION_TIMESTAMP));
  store<u32>(packet + OFFSET_HANDSHAKE_TIMEOUT, load<u32>(CUTE_REQUEST + OFFSET_REQUEST_HANDSHAKE_TIMEOUT));
  store<u32>(packet + OFFSET_ENDPOINT_COUNT, load<u32>(CUTE_REQUEST + OFFSET_REQUEST_ENDPOINT_COUNT));
  const length = load<u32>(CUTE_REQUEST + OFFSET_REQUEST_ENDPOINTS_LENGTH);
  memory.copy(packet + OFFSET_ENDPOINTS, CUTE_REQUEST + OFFSET_REQUEST_ENDPOINTS, length);
}

/** Issues the token of the request; see cute.ts. */
export function issue(slot: usize, suite: i32): void {
  const packet: usize = CUTE_TOKEN + REST_BYTES;
  wipe(CUTE_TOKEN, CONNECT_TOKEN_BYTES);
  writeRest(CUTE_TOKEN);
  writePublicSection(packet);
  seal(suite, slotAddress(slot), packet, CUTE_REQUEST + OFFSET_REQUEST_SECRET, CUTE_REQUEST + OFFSET_REQUEST_ENTROPY);
  wipe(CUTE_REQUEST, CUTE_REQUEST_BYTES);
  finish(suite);
}

/** Verifies the packets of the window; see cute.ts. */
export function verifyPackets(count: usize, suite: i32, strict: i32, slotCount: usize): void {
  const publicBytes: usize = suite === SUITE_HYDROGEN ? HYDROGEN_PUBLIC_BYTES : XCHACHA_PUBLIC_BYTES;
  for (let i: usize = 0; i < count; i++) {
    const status = checkPublicSection(<usize>CUTE_PACKETS + i * PACKET_BYTES, publicBytes);
    // Not genuine until a slot has opened it.
    store<u8>(<usize>CUTE_STATUS + i, status === STATUS_VALID ? STATUS_NOT_GENUINE : status);
  }
  open(suite, count, strict, slotCount);
  for (let i: usize = 0; i < count; i++) {
    if (load<u8>(<usize>CUTE_STATUS + i) === <u8>STATUS_VALID) continue;
    wipe(<usize>CUTE_SECRETS + i * CUTE_SECRET_STRIDE, SECRET_BYTES);
  }
  finish(suite);
}
