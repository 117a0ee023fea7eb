/**
 * `connect-tokens/netcode/public`: what a client reads of a connect token. No secret, no WebAssembly.
 *
 * @module
 */
import {
  CONNECT_TOKEN_BYTES,
  CONNECTION_REQUEST_BYTES,
  KEY_BYTES,
  OFFSET_EXPIRE_TIMESTAMP,
  OFFSET_TOKEN_ADDRESS_COUNT,
  OFFSET_TOKEN_ADDRESSES,
  OFFSET_TOKEN_CREATE_TIMESTAMP,
  OFFSET_TOKEN_EXPIRE_TIMESTAMP,
  OFFSET_TOKEN_PROTOCOL_ID,
  OFFSET_TOKEN_TIMEOUT,
  OFFSET_TYPE,
  OFFSET_VERSION,
  RENET_PREFIX_BYTES,
} from "../../assembly/netcode/layout.ts";
import { asBytes, byteLength } from "../common/bytes.ts";
import type { Endpoint } from "../common/endpoints.ts";
import { u8 } from "../common/integers.ts";
import { onlyOption } from "../common/options.ts";
import { ConnectTokensError, formatError } from "../errors.ts";
import { type Dialect, type DialectFacts, dialectFacts } from "./dialects.ts";
import { type AddressProblem, isVersion, readAddresses, viewOf } from "./token.ts";

export {
  CONNECT_TOKEN_BYTES,
  CONNECTION_REQUEST_BYTES,
  MAX_SERVER_ADDRESSES,
  USER_DATA_BYTES,
} from "../../assembly/netcode/layout.ts";
export type { Endpoint } from "../common/endpoints.ts";
export { ConnectTokensError, type ErrorCode } from "../errors.ts";
export type { Dialect } from "./dialects.ts";

/** How a token is read. */
export interface ReadOptions {
  /** Whose bytes the token has; never guessed. Default `netcode`. */
  readonly dialect?: Dialect | undefined;
}

/**
 * What a client reads of a token. Every array is a copy. Only protocol id and expire timestamp are authenticated, and only
 * a server can tell; the rest is as trustworthy as the way the token came.
 */
export interface ConnectToken {
  /** u64: the game's own number. */
  protocolId: bigint;
  /** Unix seconds. */
  createTimestamp: bigint;
  /** Unix seconds. */
  expireTimestamp: bigint;
  /** Seconds without a packet after which the connection has timed out; none where it is 0 or less. */
  timeoutSeconds: number;
  /** 1 to 32, to be tried in this order. */
  serverAddresses: Endpoint[];
  /** 32 bytes, secret: for the client's own encryption. */
  clientToServerKey: Uint8Array<ArrayBuffer>;
  /** 32 bytes, secret: for the client's own decryption. */
  serverToClientKey: Uint8Array<ArrayBuffer>;
  /** The 1078 bytes to send to a server. Holds no session key in clear. */
  requestPacket: Uint8Array<ArrayBuffer>;
  /** u64. Only a token of renet has it in clear. */
  clientId?: bigint;
}

/**
 * Reads a connect token as the web service handed it to the client: 2048 bytes, of renet fewer. Whether it has expired is
 * the caller's question; a client need not ask, since the server does.
 *
 * @example
 * ```ts
 * import { NetcodeTokens } from "connect-tokens/netcode";
 * import { readConnectToken } from "connect-tokens/netcode/public";
 *
 * const tokens = new NetcodeTokens({ protocolId: 7n, secret: "5a".repeat(32) });
 * const token = tokens.issue({ clientId: 42n, serverAddresses: ["203.0.113.7:40000"], timeoutSeconds: 5 });
 *
 * const { serverAddresses, requestPacket } = readConnectToken(token);
 * console.log(serverAddresses); // [ { address: '203.0.113.7', port: 40000, family: 4 } ]
 * console.log(requestPacket.length); // 1078
 * ```
 * @throws ConnectTokensError `ERR_TYPE` for what is not bytes, `ERR_FORMAT` for what is not a token of this dialect, with
 *   what it probably is instead
 */
export function readConnectToken(token: Uint8Array, options?: ReadOptions): ConnectToken {
  const facts = factsOf(options); // runs the caller's getters, if any: before the bytes are looked at
  const bytes = asToken(token, facts);
  const at = facts.prefixBytes;
  const { littleEndian } = facts;
  const view = viewOf(bytes);
  const createTimestamp = view.getBigUint64(at + OFFSET_TOKEN_CREATE_TIMESTAMP, littleEndian);
  const expireTimestamp = view.getBigUint64(at + OFFSET_TOKEN_EXPIRE_TIMESTAMP, littleEndian);
  if (createTimestamp > expireTimestamp)
    throw formatError("token", "has a create timestamp after its expire timestamp");
  const list = readAddresses(bytes, view, at + OFFSET_TOKEN_ADDRESS_COUNT, bytes.length - 2 * KEY_BYTES, facts);
  if (typeof list === "string") throw formatError("token", problemText(list));
  const { addresses, end } = list;
  const read: ConnectToken = {
    protocolId: view.getBigUint64(at + OFFSET_TOKEN_PROTOCOL_ID, littleEndian),
    createTimestamp,
    expireTimestamp,
    timeoutSeconds: view.getInt32(at + OFFSET_TOKEN_TIMEOUT, littleEndian),
    serverAddresses: addresses,
    clientToServerKey: bytes.slice(end, end + KEY_BYTES),
    serverToClientKey: bytes.slice(end + KEY_BYTES, end + 2 * KEY_BYTES),
    requestPacket: requestOf(bytes, at),
  };
  if (at > 0) read.clientId = view.getBigUint64(0, littleEndian);
  return read;
}

/**
 * The 1078 bytes of a connection request, to be sent to a server: a copy with a buffer of its own, since the buffer of a
 * view would still hold both session keys.
 *
 * @example
 * ```ts
 * import { NetcodeTokens } from "connect-tokens/netcode";
 * import { connectionRequestPacket } from "connect-tokens/netcode/public";
 *
 * const tokens = new NetcodeTokens({ protocolId: 7n, secret: "5a".repeat(32), dialect: "renet" });
 * const token = tokens.issue({ clientId: 42n, serverAddresses: ["203.0.113.7:40000"], timeoutSeconds: 5 });
 *
 * const packet = connectionRequestPacket(token, { dialect: "renet" });
 * console.log(tokens.verify(packet).valid); // true
 * ```
 * @throws ConnectTokensError `ERR_TYPE` for what is not bytes, `ERR_FORMAT` for what is not a token of this dialect
 */
export function connectionRequestPacket(token: Uint8Array, options?: ReadOptions): Uint8Array<ArrayBuffer> {
  const facts = factsOf(options);
  return requestOf(asToken(token, facts), facts.prefixBytes);
}

function factsOf(options: ReadOptions | undefined): DialectFacts {
  return dialectFacts(onlyOption(options, "dialect", "options"));
}

/**
 * The token, its length and version checked. `asBytes` gives a plain Uint8Array, whose `slice` copies; Buffer's would be a view
 * that shares the session keys.
 */
function asToken(token: unknown, { prefixBytes, padded }: DialectFacts): Uint8Array<ArrayBuffer> {
  const bytes = asBytes(token, "token") as Uint8Array<ArrayBuffer>;
  const length = byteLength(bytes);
  const enough = padded ? length === CONNECT_TOKEN_BYTES : length > prefixBytes + OFFSET_TOKEN_ADDRESSES;
  if (enough && length <= prefixBytes + CONNECT_TOKEN_BYTES && isVersion(bytes, prefixBytes)) return bytes;
  throw new ConnectTokensError("ERR_FORMAT", "token", `token ${whatItIs(bytes, length, prefixBytes)}`);
}

/** What came in place of a token, as far as its first bytes and its length tell. */
function whatItIs(bytes: Uint8Array, length: number, prefixBytes: number): string {
  if (prefixBytes === 0 && isVersion(bytes, RENET_PREFIX_BYTES)) return 'has the form of renet: pass dialect: "renet"';
  if (prefixBytes > 0 && isVersion(bytes, 0)) return "has the padded form of the other dialects, not that of renet";
  const text = String.fromCharCode(...bytes.subarray(0, 12));
  if (text === "NETCODE 1.01") return "is of netcode 1.01, which no server of 1.02 reads";
  if (text.startsWith("CUTE 1.00")) return "is a Cute connect token: connect-tokens/cute/public reads it";
  if (length === CONNECTION_REQUEST_BYTES) return "is a connection request packet, which holds a part of a token only";
  if (isVersion(bytes, prefixBytes)) return `must be ${CONNECT_TOKEN_BYTES} bytes long, got ${length}`;
  return `is not a connect token of version NETCODE 1.02 (${length} bytes)`;
}

function problemText(problem: AddressProblem): string {
  switch (problem) {
    case "address-count":
      return "has a number of server addresses outside 1 to 32: is it of another dialect?";
    case "address-type":
      return "has a server address that is neither IPv4 (type 1) nor IPv6 (type 2)";
    case "address-length":
      return "ends before its server addresses and keys do";
  }
}

/**
 * From the expire timestamp on a request is a token; what stands before that in it is put over what stands there in the token.
 *
 * @param at where the token's version stands
 */
function requestOf(bytes: Uint8Array<ArrayBuffer>, at: number): Uint8Array<ArrayBuffer> {
  const start = at + OFFSET_TOKEN_EXPIRE_TIMESTAMP - OFFSET_EXPIRE_TIMESTAMP;
  const packet = bytes.slice(start, start + CONNECTION_REQUEST_BYTES);
  packet[OFFSET_TYPE] = 0;
  for (let i = 0; i < OFFSET_TOKEN_CREATE_TIMESTAMP; i++) packet[OFFSET_VERSION + i] = u8(bytes, at + i);
  return packet;
}
