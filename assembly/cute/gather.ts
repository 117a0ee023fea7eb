// What is kept of the valid packets of a window, end to end: a third of their bytes, for the caller to copy in one go.

import {
  CUTE_KEPT,
  CUTE_KEPT_STARTS,
  CUTE_PACKETS,
  CUTE_SECRET_STRIDE,
  CUTE_SECRETS,
  CUTE_STATUS,
  KEPT_PUBLIC,
  KEPT_REPLAY,
  PACKET_VALID,
  SUITE_HYDROGEN,
} from "../memory.ts";
import {
  ENDPOINT_IPV4,
  ENDPOINT_IPV4_BYTES,
  ENDPOINT_IPV6_BYTES,
  HYDROGEN_MAC_BYTES,
  HYDROGEN_SIV,
  HYDROGEN_SIV_BYTES,
  PACKET_BYTES,
  PACKET_ENDPOINT_COUNT,
  PACKET_ENDPOINTS,
  SECRET_BYTES,
  XCHACHA_NONCE,
  XCHACHA_NONCE_BYTES,
  XCHACHA_TAG,
  XCHACHA_TAG_BYTES,
} from "./layout.ts";

/** Bytes of a valid packet's public section up to the last endpoint's end. */
function publicLength(packet: usize): usize {
  let end: usize = PACKET_ENDPOINTS;
  for (let left = load<u32>(packet + PACKET_ENDPOINT_COUNT); left > 0; left--) {
    end += load<u8>(packet + end) === ENDPOINT_IPV4 ? ENDPOINT_IPV4_BYTES : ENDPOINT_IPV6_BYTES;
  }
  return end;
}

/** The bytes that name a packet and that its holder cannot vary: SIV ‖ MAC, or nonce ‖ tag. */
function copyReplay(suite: i32, packet: usize, out: usize): void {
  if (suite === SUITE_HYDROGEN) {
    memory.copy(out, packet + HYDROGEN_SIV, HYDROGEN_SIV_BYTES + HYDROGEN_MAC_BYTES);
    return;
  }
  memory.copy(out, packet + XCHACHA_NONCE, XCHACHA_NONCE_BYTES);
  memory.copy(out + XCHACHA_NONCE_BYTES, packet + XCHACHA_TAG, XCHACHA_TAG_BYTES);
}

/** Gathers the records of the window that was verified last; see cute.ts. */
export function gatherValid(count: usize, suite: i32): usize {
  let out: usize = CUTE_KEPT;
  for (let i: usize = 0; i < count; i++) {
    store<u32>(<usize>CUTE_KEPT_STARTS + (i << 2), <u32>(out - CUTE_KEPT));
    if (load<u8>(<usize>CUTE_STATUS + i) !== PACKET_VALID) continue;
    const packet = <usize>CUTE_PACKETS + i * PACKET_BYTES;
    const secret = <usize>CUTE_SECRETS + i * CUTE_SECRET_STRIDE;
    memory.copy(out, secret, SECRET_BYTES);
    memory.fill(secret, 0, SECRET_BYTES);
    copyReplay(suite, packet, out + KEPT_REPLAY);
    const length = publicLength(packet);
    memory.copy(out + KEPT_PUBLIC, packet, length);
    out += <usize>KEPT_PUBLIC + length;
  }
  return out - CUTE_KEPT;
}
