// What is kept of the valid packets of a window, end to end: a third of their bytes, for the caller to copy in one go.

import { ENDPOINT_IPV4, ENDPOINT_IPV4_BYTES, ENDPOINT_IPV6_BYTES } from "../endpoint.ts";
import {
  CUTE_KEPT,
  CUTE_KEPT_STARTS,
  CUTE_OPENED_BY,
  CUTE_PACKETS,
  CUTE_SECRET_STRIDE,
  CUTE_SECRETS,
  CUTE_STATUS,
  OFFSET_KEPT_PUBLIC,
  OFFSET_KEPT_SECRET_INDEX,
  OFFSET_KEPT_TOKEN_ID,
  STATUS_VALID,
  SUITE_HYDROGEN,
} from "../memory/cute.ts";
import {
  HYDROGEN_MAC_BYTES,
  HYDROGEN_SIV_BYTES,
  OFFSET_ENDPOINT_COUNT,
  OFFSET_ENDPOINTS,
  OFFSET_HYDROGEN_SIV,
  OFFSET_XCHACHA_NONCE,
  OFFSET_XCHACHA_TAG,
  PACKET_BYTES,
  SECRET_BYTES,
  XCHACHA_NONCE_BYTES,
  XCHACHA_TAG_BYTES,
} from "./layout.ts";

/** Bytes of a valid packet's public section up to the last endpoint's end. */
function publicLength(packet: usize): usize {
  let end: usize = OFFSET_ENDPOINTS;
  for (let left = load<u32>(packet + OFFSET_ENDPOINT_COUNT); left > 0; left--) {
    end += load<u8>(packet + end) === ENDPOINT_IPV4 ? ENDPOINT_IPV4_BYTES : ENDPOINT_IPV6_BYTES;
  }
  return end;
}

/** The bytes that name a packet and that its holder cannot vary: SIV ‖ MAC, or nonce ‖ tag. */
function copyTokenId(suite: i32, packet: usize, out: usize): void {
  if (suite === SUITE_HYDROGEN) {
    memory.copy(out, packet + OFFSET_HYDROGEN_SIV, HYDROGEN_SIV_BYTES + HYDROGEN_MAC_BYTES);
    return;
  }
  memory.copy(out, packet + OFFSET_XCHACHA_NONCE, XCHACHA_NONCE_BYTES);
  memory.copy(out + XCHACHA_NONCE_BYTES, packet + OFFSET_XCHACHA_TAG, XCHACHA_TAG_BYTES);
}

/** Gathers the records of the window that was verified last; see cute.ts. */
export function gatherValid(count: usize, suite: i32): usize {
  let out: usize = CUTE_KEPT;
  for (let i: usize = 0; i < count; i++) {
    store<u32>(<usize>CUTE_KEPT_STARTS + (i << 2), <u32>(out - CUTE_KEPT));
    if (load<u8>(<usize>CUTE_STATUS + i) !== STATUS_VALID) continue;
    const packet = <usize>CUTE_PACKETS + i * PACKET_BYTES;
    const secret = <usize>CUTE_SECRETS + i * CUTE_SECRET_STRIDE;
    memory.copy(out, secret, SECRET_BYTES);
    memory.fill(secret, 0, SECRET_BYTES);
    copyTokenId(suite, packet, out + OFFSET_KEPT_TOKEN_ID);
    store<u32>(out + OFFSET_KEPT_SECRET_INDEX, load<u32>(<usize>CUTE_OPENED_BY + (i << 2)));
    const length = publicLength(packet);
    memory.copy(out + OFFSET_KEPT_PUBLIC, packet, length);
    out += <usize>OFFSET_KEPT_PUBLIC + length;
  }
  return out - CUTE_KEPT;
}
