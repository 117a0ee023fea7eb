import { KEY_BYTES, USER_DATA_BYTES } from "../../assembly/cute/layout.ts";
import { asBytes, asBytesOf, type BytesInput, isAllZero, isSame, wipeCopy } from "../common/bytes.ts";
import { type EndpointInput, encodeEndpoints } from "../common/endpoints.ts";
import { asU32, asU64 } from "../common/integers.ts";
import { asTimeToLive, type Lifetime } from "../common/lifetime.ts";
import { type Given, type OptionNames, readOptions } from "../common/options.ts";
import { drawEntropy } from "../common/random.ts";
import { asIssuedSeconds, asIssuingNow, type Seconds } from "../common/time.ts";
import { ConnectTokensError, rangeError } from "../errors.ts";
import { type IssueRequest, issueWith } from "../wasm/cute/issue.ts";
import { suiteFacts } from "./suites.ts";
import type { CuteVerifier } from "./verifier.ts";

/** What a Cute token is made of. */
export interface CuteIssue {
  /** Unix seconds, u64. Default: now. */
  readonly creationTimestamp?: Seconds | undefined;
  /** Unix seconds, u64; after the creation. */
  readonly expirationTimestamp?: Seconds | undefined;
  /** In place of `expirationTimestamp`: seconds from the creation on, 1 to 2,678,400 (31 days). */
  readonly ttl?: number | undefined;
  /** Seconds, u32: how long a client may take to connect. */
  readonly handshakeTimeout: number;
  /** 1 to 32 servers to try, `a.b.c.d:port`, `[IPv6]:port` or `{ address, port }`; hydrogen has room for 28 IPv6. */
  readonly endpoints: readonly (string | EndpointInput)[];
  /** u64. */
  readonly clientId: bigint | number;
  /** 32 bytes, fresh for each token: see `generateKey`. */
  readonly clientToServerKey: BytesInput;
  /** 32 bytes, fresh for each token, another than the one before. */
  readonly serverToClientKey: BytesInput;
  /** At most 256 bytes, padded with zeros. A native server of the suite hydrogen sees bytes 36 to 255 only. */
  readonly userData?: BytesInput | undefined;
}

/** How a Cute token is made. */
export interface CuteIssueOptions {
  /** Unix seconds, for the default creation time and `maxLifetime`; default the clock. */
  readonly now?: Seconds | undefined;
  /** In place of random bytes, for test vectors only: 52 bytes for hydrogen, 24 for xchacha20poly1305. */
  readonly entropy?: BytesInput | undefined;
}

/** Issues the 1114 bytes; whatever is wrong with the arguments is thrown before randomness is drawn. */
export function issueToken(
  verifier: CuteVerifier,
  token: CuteIssue,
  options: CuteIssueOptions | undefined,
): Uint8Array<ArrayBuffer> {
  const { now, entropy } = readOptions(options, OPTION_NAMES, "options");
  const given = readOptions(token, FIELD_NAMES, "token");
  const times = readTimes(given, asIssuingNow(now), verifier.lifetime);
  // May run code of the caller, who could take the bytes' buffers away: before any of them is looked at.
  const facts = suiteFacts[verifier.suite];
  const endpoints = encodeEndpoints(given.endpoints, "endpoints", facts.endpoints);
  const copied: [bytes: Uint8Array, given: unknown][] = [];
  const bytesOfField = (name: "clientToServerKey" | "serverToClientKey" | "userData", length?: number): Uint8Array => {
    const bytes = length === undefined ? asBytes(given[name], name) : asBytesOf(given[name], length, name);
    copied.push([bytes, given[name]]);
    return bytes;
  };
  try {
    const userData = given.userData === undefined ? new Uint8Array(0) : bytesOfField("userData");
    if (userData.length > USER_DATA_BYTES) throw rangeError("userData", `at most ${USER_DATA_BYTES} bytes`, userData);
    const request: IssueRequest = {
      applicationId: verifier.applicationId,
      creationTimestamp: times.creationTimestamp,
      expirationTimestamp: times.expirationTimestamp,
      handshakeTimeout: asU32(given.handshakeTimeout, "handshakeTimeout"),
      endpoints,
      clientId: asU64(given.clientId, "clientId"),
      clientToServerKey: bytesOfField("clientToServerKey", KEY_BYTES),
      serverToClientKey: bytesOfField("serverToClientKey", KEY_BYTES),
      userData,
    };
    checkSessionKeys(request);
    verifier.requireLive(); // a disposed object draws no randomness either
    const random = drawEntropy(facts.entropyBytes, entropy);
    try {
      return issueWith(verifier.issuingKey, verifier.suite, request, random);
    } finally {
      random.fill(0);
    }
  } finally {
    for (const [bytes, source] of copied) wipeCopy(bytes, source);
  }
}

const FIELD_NAMES: OptionNames<CuteIssue> = {
  creationTimestamp: true,
  expirationTimestamp: true,
  ttl: true,
  handshakeTimeout: true,
  endpoints: true,
  clientId: true,
  clientToServerKey: true,
  serverToClientKey: true,
  userData: true,
};

const OPTION_NAMES: OptionNames<CuteIssueOptions> = { now: true, entropy: true };

function readTimes(
  given: Given<CuteIssue>,
  now: bigint,
  { maxLifetime }: Lifetime,
): Pick<IssueRequest, "creationTimestamp" | "expirationTimestamp"> {
  const { creationTimestamp: creation, ttl } = given;
  const creationTimestamp = creation === undefined ? now : asIssuedSeconds(creation, "creationTimestamp");
  const expirationTimestamp =
    ttl === undefined
      ? asIssuedSeconds(given.expirationTimestamp, "expirationTimestamp")
      : endAfter(creationTimestamp, ttl, given.expirationTimestamp);
  if (expirationTimestamp <= creationTimestamp) {
    throw rangeError("expirationTimestamp", `after creationTimestamp (${creationTimestamp})`, expirationTimestamp);
  }
  if (maxLifetime !== undefined && expirationTimestamp > now + maxLifetime) {
    const argument = ttl === undefined ? "expirationTimestamp" : "ttl";
    throw rangeError(argument, `at most maxLifetime (${maxLifetime} s) from now (${now})`, given[argument]);
  }
  return { creationTimestamp, expirationTimestamp };
}

function endAfter(creation: bigint, ttl: unknown, expiration: unknown): bigint {
  if (expiration !== undefined) {
    throw new ConnectTokensError("ERR_RANGE", "ttl", "ttl and expirationTimestamp say the same: give one of them");
  }
  return asU64(creation + asTimeToLive(ttl, "ttl"), "ttl");
}

function checkSessionKeys({ clientToServerKey, serverToClientKey }: IssueRequest): void {
  if (isAllZero(clientToServerKey)) throw rangeError("clientToServerKey", "other than all zeros", clientToServerKey);
  if (isAllZero(serverToClientKey)) throw rangeError("serverToClientKey", "other than all zeros", serverToClientKey);
  if (isSame(clientToServerKey, serverToClientKey)) {
    throw rangeError("serverToClientKey", "another than clientToServerKey", serverToClientKey);
  }
}
