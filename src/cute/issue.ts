import {
  KEY_BYTES,
  OFFSET_SECRET_CLIENT_ID,
  OFFSET_SECRET_CLIENT_TO_SERVER_KEY,
  OFFSET_SECRET_SERVER_TO_CLIENT_KEY,
  OFFSET_SECRET_USER_DATA,
  USER_DATA_BYTES,
} from "../../assembly/cute/layout.ts";
import {
  OFFSET_REQUEST_APPLICATION_ID,
  OFFSET_REQUEST_CREATION_TIMESTAMP,
  OFFSET_REQUEST_ENDPOINT_COUNT,
  OFFSET_REQUEST_ENDPOINTS,
  OFFSET_REQUEST_ENDPOINTS_LENGTH,
  OFFSET_REQUEST_ENTROPY,
  OFFSET_REQUEST_EXPIRATION_TIMESTAMP,
  OFFSET_REQUEST_HANDSHAKE_TIMEOUT,
  OFFSET_REQUEST_SECRET,
} from "../../assembly/memory/cute.ts";
import { asBytes, asBytesOf } from "../common/bytes.ts";
import { type EndpointInput, encodeEndpoints } from "../common/endpoints.ts";
import { asU32, asU64 } from "../common/integers.ts";
import { ownOptions } from "../common/options.ts";
import { drawEntropy } from "../common/random.ts";
import { asNow, asSeconds, type Seconds } from "../common/time.ts";
import { rangeError } from "../errors.ts";
import { type CuteKey, cuteKernel } from "../wasm/cute/kernel.ts";
import type { SuiteFacts } from "./suites.ts";

export interface CuteIssue {
  /** Unix seconds, u64. Default: now. */
  creationTimestamp?: Seconds | undefined;
  /** Unix seconds, u64; after the creation. */
  expirationTimestamp: Seconds;
  /** Seconds, u32: how long a client may take to connect. */
  handshakeTimeout: number;
  /** 1 to 32 servers to try, `a.b.c.d:port`, `[IPv6]:port` or `{ address, port }`; hydrogen has room for 28 IPv6. */
  endpoints: readonly (string | EndpointInput)[];
  /** u64. */
  clientId: bigint | number;
  /** 32 bytes, fresh for each token: see `generateKey`. */
  clientToServerKey: Uint8Array;
  /** 32 bytes, fresh for each token. */
  serverToClientKey: Uint8Array;
  /** At most 256 bytes, padded with zeros. A native server of the suite hydrogen sees bytes 36 to 255 only. */
  userData?: Uint8Array | undefined;
}

export interface CuteIssueOptions {
  /** Unix seconds, for the default creation time. */
  now?: Seconds | undefined;
  /** In place of random bytes, for test vectors only: 52 bytes for hydrogen, 24 for xchacha20poly1305. */
  entropy?: Uint8Array | undefined;
}

/** Everything that goes into a token, read from the caller and found to be in range. */
interface Request {
  readonly creationTimestamp: bigint;
  readonly expirationTimestamp: bigint;
  readonly handshakeTimeout: number;
  readonly endpoints: { readonly count: number; readonly bytes: Uint8Array };
  readonly clientId: bigint;
  readonly clientToServerKey: Uint8Array;
  readonly serverToClientKey: Uint8Array;
  readonly userData: Uint8Array;
}

/** Issues the 1114 bytes; whatever is wrong with the arguments is thrown before randomness is drawn. */
export function issueToken(
  suite: SuiteFacts,
  key: CuteKey,
  applicationId: bigint,
  token: CuteIssue,
  options: CuteIssueOptions | undefined,
): Uint8Array {
  const { now, entropy } = ownOptions(options, "options");
  const request = readRequest(token, suite, now);
  const { slot } = key;
  const random = drawEntropy(suite.entropyBytes, entropy);
  const running = cuteKernel();
  writeRequest(applicationId, request, random);
  random.fill(0);
  running.calls.issue(slot, suite.number);
  const issued = running.token.slice();
  running.token.fill(0);
  return issued;
}

function readRequest(token: CuteIssue, suite: SuiteFacts, now: unknown): Request {
  const given = ownOptions(token, "token");
  const { creationTimestamp: creation } = given;
  const clock = asNow(now); // a wrong one is an error even where nothing hangs on it
  const creationTimestamp = creation === undefined ? clock : asSeconds(creation, "creationTimestamp");
  const expirationTimestamp = asSeconds(given.expirationTimestamp, "expirationTimestamp");
  if (expirationTimestamp <= creationTimestamp) {
    throw rangeError("expirationTimestamp", `after creationTimestamp (${creationTimestamp})`, expirationTimestamp);
  }
  // May run code of the caller, who could take the bytes' buffers away: before any of them is looked at.
  const endpoints = encodeEndpoints(given.endpoints, "endpoints", suite.endpoints);
  const userData = given.userData === undefined ? new Uint8Array(0) : asBytes(given.userData, "userData");
  if (userData.length > USER_DATA_BYTES) throw rangeError("userData", `at most ${USER_DATA_BYTES} bytes`, userData);
  return {
    creationTimestamp,
    expirationTimestamp,
    handshakeTimeout: asU32(given.handshakeTimeout, "handshakeTimeout"),
    endpoints,
    clientId: asU64(given.clientId, "clientId"),
    clientToServerKey: asBytesOf(given.clientToServerKey, KEY_BYTES, "clientToServerKey"),
    serverToClientKey: asBytesOf(given.serverToClientKey, KEY_BYTES, "serverToClientKey"),
    userData,
  };
}

function writeRequest(applicationId: bigint, request: Request, random: Uint8Array): void {
  const { request: view, requestBytes } = cuteKernel();
  requestBytes.fill(0);
  view.setBigUint64(OFFSET_REQUEST_APPLICATION_ID, applicationId, true);
  view.setBigUint64(OFFSET_REQUEST_CREATION_TIMESTAMP, request.creationTimestamp, true);
  view.setBigUint64(OFFSET_REQUEST_EXPIRATION_TIMESTAMP, request.expirationTimestamp, true);
  view.setUint32(OFFSET_REQUEST_HANDSHAKE_TIMEOUT, request.handshakeTimeout, true);
  view.setUint32(OFFSET_REQUEST_ENDPOINT_COUNT, request.endpoints.count, true);
  view.setBigUint64(OFFSET_REQUEST_SECRET + OFFSET_SECRET_CLIENT_ID, request.clientId, true);
  requestBytes.set(request.clientToServerKey, OFFSET_REQUEST_SECRET + OFFSET_SECRET_CLIENT_TO_SERVER_KEY);
  requestBytes.set(request.serverToClientKey, OFFSET_REQUEST_SECRET + OFFSET_SECRET_SERVER_TO_CLIENT_KEY);
  requestBytes.set(request.userData, OFFSET_REQUEST_SECRET + OFFSET_SECRET_USER_DATA);
  requestBytes.set(random, OFFSET_REQUEST_ENTROPY);
  view.setUint32(OFFSET_REQUEST_ENDPOINTS_LENGTH, request.endpoints.bytes.length, true);
  requestBytes.set(request.endpoints.bytes, OFFSET_REQUEST_ENDPOINTS);
}
