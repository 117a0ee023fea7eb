/**
 * `connect-tokens/cute/public`: what a game client reads of a Cute connect token. Plain TypeScript, synchronous, without
 * WebAssembly and without any secret. Nothing that these functions return is authenticated: only a server can verify.
 *
 * @module
 */
import {
  CONNECT_TOKEN_BYTES,
  HYDROGEN_PUBLIC_BYTES,
  KEY_BYTES,
  OFFSET_REST_APPLICATION_ID,
  OFFSET_REST_CLIENT_TO_SERVER_KEY,
  OFFSET_REST_CREATION_TIMESTAMP,
  OFFSET_REST_SERVER_TO_CLIENT_KEY,
  OFFSET_REST_VERSION,
  OFFSET_TYPE,
  OFFSET_VERSION,
  PACKET_BYTES,
  REST_BYTES,
  XCHACHA_PUBLIC_BYTES,
} from "../../assembly/cute/layout.ts";
import { asBytes, asBytesOf, type BytesInput, byteLength } from "../common/bytes.ts";
import { readU64 } from "../common/integers.ts";
import { type OptionNames, readOptions } from "../common/options.ts";
import { formatError, rangeError, typeError } from "../errors.ts";
import { decodePublicSection, isVersion, type PublicSection, type SectionProblem } from "./public-section.ts";

export { CONNECT_TOKEN_BYTES, MAX_ENDPOINTS, PACKET_BYTES, USER_DATA_BYTES } from "../../assembly/cute/layout.ts";
export type { BytesInput } from "../common/bytes.ts";
export type { Endpoint } from "../common/endpoints.ts";
export { ConnectTokensError, type ErrorCode } from "../errors.ts";
export type { PublicSection } from "./public-section.ts";

/** The native generations: `hydrogen` since 2021-07, `xchacha20poly1305` before. */
export type Suite = "hydrogen" | "xchacha20poly1305";

/** How a token is read. */
export interface ReadOptions {
  /**
   * Where the endpoints must end: byte 568 of the packet for `hydrogen`, 656 for `xchacha20poly1305`. A packet does not
   * say which suite made it, so by default the larger bound holds.
   */
  readonly suite?: Suite | undefined;
}

/** What a client reads of the 1114 bytes. Every array is a copy. */
export interface ConnectToken extends PublicSection {
  /** Unix seconds. */
  creationTimestamp: bigint;
  /** 32 bytes, secret: for the client's own encryption. */
  clientToServerKey: Uint8Array<ArrayBuffer>;
  /** 32 bytes, secret: for the client's own decryption. */
  serverToClientKey: Uint8Array<ArrayBuffer>;
  /** The 1024 bytes to send to a server. Holds no session key in clear. */
  packet: Uint8Array<ArrayBuffer>;
}

/**
 * Reads the public section of a packet (1024 bytes) or a connect token (1114 bytes); the length tells which. Whether it
 * has expired is the caller's question.
 *
 * @throws ConnectTokensError `ERR_TYPE` for what is not bytes, `ERR_RANGE` for another length, `ERR_FORMAT` for another
 *   packet type or version, an endpoint count outside 1..32, an unknown endpoint type, or endpoints that do not fit
 *
 * @example
 * ```ts
 * import { CuteTokens, generateKey } from "connect-tokens/cute";
 * import { readPublicSection } from "connect-tokens/cute/public";
 *
 * const suite = "xchacha20poly1305";
 * const tokens = new CuteTokens({ applicationId: 42, secret: generateKey(), suite });
 * const token = tokens.issue({
 *   expirationTimestamp: Math.floor(Date.now() / 1000) + 60,
 *   handshakeTimeout: 5,
 *   endpoints: ["203.0.113.7:40000"],
 *   clientId: 1001,
 *   clientToServerKey: generateKey(),
 *   serverToClientKey: generateKey(),
 * });
 *
 * const { applicationId, endpoints } = readPublicSection(token, { suite });
 * console.log(applicationId, endpoints.length); // 42n 1
 * ```
 */
export function readPublicSection(packetOrToken: BytesInput, options?: ReadOptions): PublicSection {
  const publicBytes = publicBytesOf(options); // runs the caller's getters, if any: before the bytes are looked at
  const bytes = asBytes(packetOrToken, "packetOrToken");
  const length = byteLength(bytes);
  if (length !== PACKET_BYTES && length !== CONNECT_TOKEN_BYTES) {
    throw rangeError("packetOrToken", `a packet of ${PACKET_BYTES} or a token of ${CONNECT_TOKEN_BYTES} bytes`, bytes);
  }
  return sectionAt(bytes, length === PACKET_BYTES ? 0 : REST_BYTES, publicBytes, "packetOrToken");
}

/**
 * Reads a whole connect token (1114 bytes), as the web service handed it to the client.
 *
 * @throws ConnectTokensError as {@link readPublicSection}; also `ERR_FORMAT` where the version before the packet is
 *   another, or its application id is not the packet's
 *
 * @example
 * ```ts
 * import { CuteTokens, generateKey } from "connect-tokens/cute";
 * import { readConnectToken } from "connect-tokens/cute/public";
 *
 * const suite = "xchacha20poly1305";
 * const tokens = new CuteTokens({ applicationId: 42, secret: generateKey(), suite });
 * const token = tokens.issue({
 *   expirationTimestamp: Math.floor(Date.now() / 1000) + 60,
 *   handshakeTimeout: 5,
 *   endpoints: ["203.0.113.7:40000"],
 *   clientId: 1001,
 *   clientToServerKey: generateKey(),
 *   serverToClientKey: generateKey(),
 * });
 *
 * const { endpoints, packet } = readConnectToken(token, { suite });
 * console.log(endpoints[0]?.address, packet.length); // 203.0.113.7 1024
 * ```
 */
export function readConnectToken(token: BytesInput, options?: ReadOptions): ConnectToken {
  const publicBytes = publicBytesOf(options);
  const bytes = asToken(token);
  const section = sectionAt(bytes, REST_BYTES, publicBytes, "token");
  if (readU64(bytes, OFFSET_REST_APPLICATION_ID) !== section.applicationId) {
    throw formatError("token", "names another application id than its packet");
  }
  return {
    applicationId: section.applicationId,
    expirationTimestamp: section.expirationTimestamp,
    handshakeTimeout: section.handshakeTimeout,
    endpoints: section.endpoints,
    creationTimestamp: readU64(bytes, OFFSET_REST_CREATION_TIMESTAMP),
    clientToServerKey: bytes.slice(OFFSET_REST_CLIENT_TO_SERVER_KEY, OFFSET_REST_CLIENT_TO_SERVER_KEY + KEY_BYTES),
    serverToClientKey: bytes.slice(OFFSET_REST_SERVER_TO_CLIENT_KEY, OFFSET_REST_SERVER_TO_CLIENT_KEY + KEY_BYTES),
    packet: bytes.slice(REST_BYTES),
  };
}

/**
 * The 1024 bytes of a connect token that go to a server: a copy with a buffer of its own, since the buffer of a view
 * would still hold both session keys.
 *
 * @throws ConnectTokensError `ERR_TYPE`, `ERR_RANGE` unless it has 1114 bytes, `ERR_FORMAT` for another packet type or
 *   version
 *
 * @example
 * ```ts
 * import { CuteTokens, generateKey } from "connect-tokens/cute";
 * import { connectTokenPacket } from "connect-tokens/cute/public";
 *
 * const suite = "xchacha20poly1305";
 * const tokens = new CuteTokens({ applicationId: 42, secret: generateKey(), suite });
 * const token = tokens.issue({
 *   expirationTimestamp: Math.floor(Date.now() / 1000) + 60,
 *   handshakeTimeout: 5,
 *   endpoints: ["203.0.113.7:40000"],
 *   clientId: 1001,
 *   clientToServerKey: generateKey(),
 *   serverToClientKey: generateKey(),
 * });
 *
 * console.log(token.length, connectTokenPacket(token).length); // 1114 1024
 * ```
 */
export function connectTokenPacket(token: BytesInput): Uint8Array<ArrayBuffer> {
  return asToken(token).slice(REST_BYTES);
}

/**
 * The 1114 bytes, packet type and both version strings checked. `asBytes` gives a plain Uint8Array, whose `slice`
 * copies; Buffer's would be a view that shares the session keys, and a subclass could answer with anything.
 */
function asToken(token: BytesInput): Uint8Array {
  const bytes = asBytesOf(token, CONNECT_TOKEN_BYTES, "token");
  if (!isVersion(bytes, OFFSET_REST_VERSION)) throw formatError("token", "is not a connect token of version CUTE 1.00");
  if (bytes[REST_BYTES + OFFSET_TYPE] !== 0) throw formatError("token", PROBLEMS["packet-type"]);
  if (!isVersion(bytes, REST_BYTES + OFFSET_VERSION)) throw formatError("token", PROBLEMS.version);
  return bytes;
}

/** Where the endpoints must end. */
function publicBytesOf(options: ReadOptions | undefined): number {
  const { suite } = readOptions(options, READ_OPTION_NAMES, "options");
  if (suite === undefined || suite === "xchacha20poly1305") return XCHACHA_PUBLIC_BYTES;
  if (suite === "hydrogen") return HYDROGEN_PUBLIC_BYTES;
  const expected = '"hydrogen" or "xchacha20poly1305"';
  throw typeof suite === "string" ? rangeError("suite", expected, suite) : typeError("suite", expected, suite);
}

const READ_OPTION_NAMES: OptionNames<ReadOptions> = { suite: true };

function sectionAt(bytes: Uint8Array, offset: number, publicBytes: number, argument: string): PublicSection {
  const { section, problem } = decodePublicSection(bytes, offset, publicBytes);
  if (problem) throw formatError(argument, PROBLEMS[problem].replace("PUBLIC_BYTES", `${publicBytes}`));
  return section;
}

const PROBLEMS: Readonly<Record<SectionProblem, string>> = {
  "packet-type": "is not a connect token packet: its type byte is not 0",
  version: "is not a connect token packet of version CUTE 1.00",
  "endpoint-count": "has an endpoint count outside 1 to 32",
  "endpoint-type": "has an endpoint that is neither IPv4 (type 1) nor IPv6 (type 2)",
  "endpoints-length": "has endpoints that run past the PUBLIC_BYTES bytes of its public section",
};
