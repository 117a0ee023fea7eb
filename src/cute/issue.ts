import { KEY_BYTES, USER_DATA_BYTES } from "../../assembly/cute/layout.ts";
import { asBytes, asBytesOf } from "../common/bytes.ts";
import { type EndpointInput, encodeEndpoints } from "../common/endpoints.ts";
import { asU32, asU64 } from "../common/integers.ts";
import { ownOptions } from "../common/options.ts";
import { drawEntropy } from "../common/random.ts";
import { asNow, asSeconds, type Seconds } from "../common/time.ts";
import { rangeError } from "../errors.ts";
import { type IssueRequest, issueWith } from "../wasm/cute/issue.ts";
import type { CuteKey } from "../wasm/cute/kernel.ts";
import { requireLive } from "../wasm/key-slots.ts";
import type { SuiteFacts } from "./suites.ts";

/** What a Cute token is made of. */
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

/** How a Cute token is made. */
export interface CuteIssueOptions {
  /** Unix seconds, for the default creation time. */
  now?: Seconds | undefined;
  /** In place of random bytes, for test vectors only: 52 bytes for hydrogen, 24 for xchacha20poly1305. */
  entropy?: Uint8Array | undefined;
}

/** Everything that goes into a token, read from the caller and found to be in range. */
type Request = Omit<IssueRequest, "applicationId" | "entropy">;

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
  requireLive([key]); // before randomness is drawn
  const random = drawEntropy(suite.entropyBytes, entropy);
  try {
    return issueWith(key, suite.number, { ...request, applicationId, entropy: random });
  } finally {
    random.fill(0);
  }
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
