// The public section of a packet, read without throwing: what the readers, the verdicts and a differential test share.
import {
  MAX_ENDPOINTS,
  OFFSET_APPLICATION_ID,
  OFFSET_ENDPOINT_COUNT,
  OFFSET_ENDPOINTS,
  OFFSET_EXPIRATION_TIMESTAMP,
  OFFSET_HANDSHAKE_TIMEOUT,
  OFFSET_TYPE,
  OFFSET_VERSION,
  VERSION_BYTES,
} from "../../assembly/cute/layout.ts";
import { ENDPOINT_IPV4, ENDPOINT_IPV4_BYTES, ENDPOINT_IPV6, ENDPOINT_IPV6_BYTES } from "../../assembly/endpoint.ts";
import { byteLength } from "../common/bytes.ts";
import { decodeEndpoint, type Endpoint, NATIVE_FORM } from "../common/endpoints.ts";
import { readU64, u8, u32 } from "../common/integers.ts";

/** What everyone may read of a connect token. Nothing of it is authenticated until a server has verified the packet. */
export interface PublicSection {
  applicationId: bigint;
  /** Unix seconds. */
  expirationTimestamp: bigint;
  /** Seconds, u32. */
  handshakeTimeout: number;
  endpoints: Endpoint[];
}

/** The first thing wrong with a public section. */
export type SectionProblem = "packet-type" | "version" | "endpoint-count" | "endpoint-type" | "endpoints-length";

/** A public section, or why there is none. */
export type DecodedSection =
  | { readonly section: PublicSection; readonly problem?: undefined }
  | { readonly problem: SectionProblem; readonly section?: undefined };

/** `CUTE 1.00` and NUL. */
const VERSION: readonly number[] = [0x43, 0x55, 0x54, 0x45, 0x20, 0x31, 0x2e, 0x30, 0x30, 0];

/** Whether the 10 bytes at `at` are the version string; the caller has checked that they are there. */
export function isVersion(bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < VERSION_BYTES; i++) if (u8(bytes, at + i) !== VERSION[i]) return false;
  return true;
}

/**
 * Reads a packet's public section without throwing and without reading past `bytes`. Neither the
 * expiration nor the zeros after the endpoints are judged.
 *
 * @param offset of the packet's first byte in `bytes`
 * @param publicBytes where the endpoints must end: 568 for suite hydrogen, 656 for xchacha20poly1305
 */
export function decodePublicSection(bytes: Uint8Array, offset: number, publicBytes: number): DecodedSection {
  const end = Math.min(offset + publicBytes, byteLength(bytes));
  let at = offset + OFFSET_ENDPOINTS;
  if (at > end || u8(bytes, offset + OFFSET_TYPE) !== 0) return { problem: "packet-type" };
  if (!isVersion(bytes, offset + OFFSET_VERSION)) return { problem: "version" };
  const count = u32(bytes, offset + OFFSET_ENDPOINT_COUNT);
  if (count < 1 || count > MAX_ENDPOINTS) return { problem: "endpoint-count" };
  const endpoints: Endpoint[] = [];
  for (let i = 0; i < count; i++) {
    if (at >= end) return { problem: "endpoints-length" };
    const type = u8(bytes, at);
    if (type !== ENDPOINT_IPV4 && type !== ENDPOINT_IPV6) return { problem: "endpoint-type" };
    const next = at + (type === ENDPOINT_IPV4 ? ENDPOINT_IPV4_BYTES : ENDPOINT_IPV6_BYTES);
    if (next > end) return { problem: "endpoints-length" };
    endpoints.push(decodeEndpoint(bytes, at, NATIVE_FORM));
    at = next;
  }
  const section: PublicSection = {
    applicationId: readU64(bytes, offset + OFFSET_APPLICATION_ID),
    expirationTimestamp: readU64(bytes, offset + OFFSET_EXPIRATION_TIMESTAMP),
    handshakeTimeout: u32(bytes, offset + OFFSET_HANDSHAKE_TIMEOUT),
    endpoints,
  };
  return { section };
}
