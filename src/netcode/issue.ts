import {
  CONNECT_TOKEN_BYTES,
  KEY_BYTES,
  MAX_SERVER_ADDRESSES,
  NONCE_BYTES,
  OFFSET_PRIVATE_ADDRESS_COUNT,
  OFFSET_PRIVATE_ADDRESSES,
  OFFSET_PRIVATE_CLIENT_ID,
  OFFSET_PRIVATE_TIMEOUT,
  OFFSET_TOKEN_ADDRESS_COUNT,
  OFFSET_TOKEN_ADDRESSES,
  OFFSET_TOKEN_CREATE_TIMESTAMP,
  OFFSET_TOKEN_EXPIRE_TIMESTAMP,
  OFFSET_TOKEN_NONCE,
  OFFSET_TOKEN_PRIVATE,
  OFFSET_TOKEN_PROTOCOL_ID,
  OFFSET_TOKEN_TIMEOUT,
  USER_DATA_BYTES,
} from "../../assembly/netcode/layout.ts";
import { asFlag } from "../common/arguments.ts";
import { asBytes, asBytesOf, isAllZero, isSame, wipeCopy } from "../common/bytes.ts";
import { type EndpointInput, type EndpointListRules, encodeEndpoints } from "../common/endpoints.ts";
import { asU64 } from "../common/integers.ts";
import { asTimeToLive, MAX_LIFETIME } from "../common/lifetime.ts";
import { type Given, type OptionNames, readOptions } from "../common/options.ts";
import { drawEntropy } from "../common/random.ts";
import { asNow, asSeconds, type Seconds } from "../common/time.ts";
import { ConnectTokensError, rangeError, typeError } from "../errors.ts";
import { requireLive } from "../wasm/key-slots.ts";
import { type NetcodeKey, sealToken } from "../wasm/netcode/tokens.ts";
import type { DialectFacts } from "./dialects.ts";
import type { NetcodeSettings } from "./options.ts";
import { VERSION } from "./token.ts";

/** What a netcode token is made of. */
export interface NetcodeIssue {
  /** u64: which player this is. */
  clientId: bigint | number;
  /**
   * 1 to 32 addresses for the client to try in this order, `a.b.c.d:port`, `[IPv6]:port` or `{ address, port }`. Best is
   * one: two servers that a player visits with one token use the same key and nonces for different packets.
   */
  serverAddresses: readonly (string | EndpointInput)[];
  /** As the servers know themselves, where that differs (behind NAT). Default: the same. */
  internalServerAddresses?: readonly (string | EndpointInput)[] | undefined;
  /** Unix seconds, u64. Default: now. */
  createTimestamp?: Seconds | undefined;
  /** Unix seconds, u64, after the creation by at most 31 days. Default: 30 s after it. */
  expireTimestamp?: Seconds | undefined;
  /**
   * In place of `expireTimestamp`: seconds from the creation on. Must equal the servers' `max_connect_token_lifetime`
   * (30 unless set): a longer life than that is a hole after a server's start, a shorter one keeps players out.
   */
  ttl?: number | undefined;
  /**
   * Seconds without a packet after which a connection has timed out, 1 to 2^31 - 1; less than `ttl`, else a client reports
   * an expired token where nobody answered. Negative, no timeout at all, only with `allowNoTimeout`.
   */
  timeoutSeconds: number;
  /** Default false. True allows a negative `timeoutSeconds`, for development. */
  allowNoTimeout?: boolean | undefined;
  /** 32 bytes, fresh for each token. Default: random. */
  clientToServerKey?: Uint8Array | undefined;
  /** 32 bytes, fresh for each token. Default: random. */
  serverToClientKey?: Uint8Array | undefined;
  /** At most 256 bytes, padded with zeros. */
  userData?: Uint8Array | undefined;
}

/** How a netcode token is made. */
export interface NetcodeIssueOptions {
  /** Unix seconds, for the default creation time and `maxLifetime`. */
  now?: Seconds | undefined;
  /** In place of the random nonce, for test vectors only: 24 bytes. */
  entropy?: Uint8Array | undefined;
}

const FIELD_NAMES: OptionNames<NetcodeIssue> = {
  ...{ clientId: true, serverAddresses: true, internalServerAddresses: true },
  ...{ createTimestamp: true, expireTimestamp: true, ttl: true, timeoutSeconds: true, allowNoTimeout: true },
  ...{ clientToServerKey: true, serverToClientKey: true, userData: true },
};

const OPTION_NAMES: OptionNames<NetcodeIssueOptions> = { now: true, entropy: true };

/** Lifetime in seconds where none is given: the servers' own default. */
const DEFAULT_LIFETIME = 30n;

/** Addresses as they stand in a token. */
interface Addresses {
  readonly count: number;
  readonly bytes: Uint8Array;
}

/** Everything that goes into a token, read from the caller and found to be in range. */
interface Fields {
  readonly createTimestamp: bigint;
  readonly expireTimestamp: bigint;
  readonly clientId: bigint;
  readonly timeoutSeconds: number;
  readonly serverAddresses: Addresses;
  readonly internalServerAddresses: Addresses;
  readonly clientToServerKey: Uint8Array | undefined;
  readonly serverToClientKey: Uint8Array | undefined;
  readonly userData: Uint8Array;
}

/** Issues a token; whatever is wrong with the arguments is thrown before randomness is drawn. */
export function issueToken(
  settings: NetcodeSettings,
  key: NetcodeKey,
  token: NetcodeIssue,
  options: NetcodeIssueOptions | undefined,
): Uint8Array<ArrayBuffer> {
  const { now, entropy } = readOptions(options, OPTION_NAMES, "options");
  const taken: Taken[] = [];
  try {
    const fields = readFields(token, asNow(now), settings, taken);
    requireLive([key]); // a disposed object draws no randomness either
    return issueFields(settings, key, fields, drawEntropy(NONCE_BYTES, entropy));
  } finally {
    for (const [bytes, given] of taken) wipeCopy(bytes, given);
  }
}

/** Secret bytes of the caller's, and what they were given as: copies of them are wiped. */
type Taken = readonly [bytes: Uint8Array, given: unknown];

function issueFields(
  { facts, protocolId }: NetcodeSettings,
  key: NetcodeKey,
  fields: Fields,
  random: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const keys = sessionKeys(fields);
  const writer = { facts, protocolId, fields, random, keys };
  try {
    return sealToken(key, facts.prefixBytes, (bytes, view) => writeToken(bytes, view, writer));
  } finally {
    keys.fill(0); // the random bytes are the nonce, which the token shows
  }
}

function readFields(token: NetcodeIssue, now: bigint, { facts, lifetime }: NetcodeSettings, taken: Taken[]): Fields {
  const given = readOptions(token, FIELD_NAMES, "token");
  const { createTimestamp: create, internalServerAddresses: internal } = given;
  const createTimestamp = create === undefined ? now : asSeconds(create, "createTimestamp");
  const expireTimestamp = readExpire(given, createTimestamp);
  if (lifetime.maxLifetime !== undefined && expireTimestamp > now + lifetime.maxLifetime) {
    const argument = given.ttl === undefined ? "expireTimestamp" : "ttl";
    throw rangeError(argument, `at most maxLifetime (${lifetime.maxLifetime} s) from now`, given[argument]);
  }
  // May run code of the caller, who could take the bytes' buffers away: before any of them is looked at.
  const serverAddresses = encodeEndpoints(given.serverAddresses, "serverAddresses", addressRules(facts));
  return {
    createTimestamp,
    expireTimestamp,
    clientId: asU64(given.clientId, "clientId"),
    timeoutSeconds: readTimeout(given.timeoutSeconds, asFlag(given.allowNoTimeout, false, "allowNoTimeout")),
    serverAddresses,
    internalServerAddresses:
      internal === undefined
        ? serverAddresses
        : encodeEndpoints(internal, "internalServerAddresses", addressRules(facts)),
    ...readKeys(given, taken),
    userData: readUserData(given.userData, taken),
  };
}

function readExpire({ expireTimestamp, ttl }: Given<NetcodeIssue>, create: bigint): bigint {
  if (expireTimestamp !== undefined && ttl !== undefined) {
    throw new ConnectTokensError("ERR_RANGE", "ttl", "ttl and expireTimestamp say the same: give one of them");
  }
  if (expireTimestamp === undefined) {
    const end = create + (ttl === undefined ? DEFAULT_LIFETIME : asTimeToLive(ttl, "ttl"));
    return asU64(end, "createTimestamp");
  }
  const end = asSeconds(expireTimestamp, "expireTimestamp");
  if (end <= create) throw rangeError("expireTimestamp", `after createTimestamp (${create})`, expireTimestamp);
  if (end > create + BigInt(MAX_LIFETIME)) {
    const expected = `at most 31 days after createTimestamp (${create}), since servers keep used tokens until they end`;
    throw rangeError("expireTimestamp", expected, expireTimestamp);
  }
  return end;
}

function readTimeout(value: unknown, allowNone: boolean): number {
  if (typeof value !== "number") throw typeError("timeoutSeconds", "a number", value);
  if (!Number.isInteger(value) || value < -(2 ** 31) || value >= 2 ** 31) {
    throw rangeError("timeoutSeconds", "a whole number of seconds from 1 to 2^31 - 1", value);
  }
  if (value === 0) throw rangeError("timeoutSeconds", "at least 1: with 0 no response comes in time", value);
  if (value < 0 && !allowNone) {
    throw rangeError("timeoutSeconds", "at least 1, unless allowNoTimeout is true", value);
  }
  return value;
}

function readKeys(given: Given<NetcodeIssue>, taken: Taken[]): Pick<Fields, "clientToServerKey" | "serverToClientKey"> {
  const clientToServerKey = readKey(given.clientToServerKey, "clientToServerKey", taken);
  const serverToClientKey = readKey(given.serverToClientKey, "serverToClientKey", taken);
  if (clientToServerKey && serverToClientKey && isSame(clientToServerKey, serverToClientKey)) {
    const problem = "serverToClientKey must differ from clientToServerKey: both sides number their packets from 0";
    throw new ConnectTokensError("ERR_RANGE", "serverToClientKey", problem);
  }
  return { clientToServerKey, serverToClientKey };
}

function readKey(value: unknown, argument: string, taken: Taken[]): Uint8Array | undefined {
  if (value === undefined) return undefined;
  const key = asBytesOf(value, KEY_BYTES, argument);
  taken.push([key, value]);
  if (isAllZero(key)) throw rangeError(argument, "other than all zeros", value);
  return key;
}

function readUserData(value: unknown, taken: Taken[]): Uint8Array {
  if (value === undefined) return new Uint8Array(0);
  const bytes = asBytes(value, "userData");
  taken.push([bytes, value]);
  if (bytes.length > USER_DATA_BYTES) throw rangeError("userData", `at most ${USER_DATA_BYTES} bytes`, bytes);
  return bytes;
}

function addressRules({ form }: DialectFacts): EndpointListRules {
  return {
    form,
    maxCount: MAX_SERVER_ADDRESSES,
    room: CONNECT_TOKEN_BYTES,
    place: "a token",
    noun: "server addresses",
  };
}

/** Both keys, end to end: given or drawn. */
function sessionKeys({ clientToServerKey, serverToClientKey }: Fields): Uint8Array {
  const keys = new Uint8Array(2 * KEY_BYTES);
  putKey(keys.subarray(0, KEY_BYTES), clientToServerKey);
  putKey(keys.subarray(KEY_BYTES), serverToClientKey);
  return keys;
}

function putKey(place: Uint8Array, given: Uint8Array | undefined): void {
  const key = given ?? drawEntropy(KEY_BYTES, undefined);
  place.set(key);
  if (!given) key.fill(0);
}

interface Writer {
  readonly facts: DialectFacts;
  readonly protocolId: bigint;
  readonly fields: Fields;
  readonly random: Uint8Array;
  readonly keys: Uint8Array;
}

/** Writes a token, its private part in clear, onto zeros. @returns its length */
function writeToken(bytes: Uint8Array, view: DataView, { facts, protocolId, fields, random, keys }: Writer): number {
  const { littleEndian, prefixBytes: at, padded } = facts;
  const { clientId, timeoutSeconds, serverAddresses, internalServerAddresses: internal } = fields;
  if (at > 0) view.setBigUint64(0, clientId, littleEndian);
  bytes.set(VERSION, at);
  view.setBigUint64(at + OFFSET_TOKEN_PROTOCOL_ID, protocolId, littleEndian);
  view.setBigUint64(at + OFFSET_TOKEN_CREATE_TIMESTAMP, fields.createTimestamp, littleEndian);
  view.setBigUint64(at + OFFSET_TOKEN_EXPIRE_TIMESTAMP, fields.expireTimestamp, littleEndian);
  bytes.set(random, at + OFFSET_TOKEN_NONCE);
  const text = at + OFFSET_TOKEN_PRIVATE;
  view.setBigUint64(text + OFFSET_PRIVATE_CLIENT_ID, clientId, littleEndian);
  view.setInt32(text + OFFSET_PRIVATE_TIMEOUT, timeoutSeconds, littleEndian);
  view.setUint32(text + OFFSET_PRIVATE_ADDRESS_COUNT, internal.count, littleEndian);
  bytes.set(internal.bytes, text + OFFSET_PRIVATE_ADDRESSES);
  const behind = text + OFFSET_PRIVATE_ADDRESSES + internal.bytes.length;
  bytes.set(keys, behind);
  bytes.set(fields.userData, behind + keys.length);
  view.setInt32(at + OFFSET_TOKEN_TIMEOUT, timeoutSeconds, littleEndian);
  view.setUint32(at + OFFSET_TOKEN_ADDRESS_COUNT, serverAddresses.count, littleEndian);
  bytes.set(serverAddresses.bytes, at + OFFSET_TOKEN_ADDRESSES);
  const end = at + OFFSET_TOKEN_ADDRESSES + serverAddresses.bytes.length;
  bytes.set(keys, end);
  return padded ? CONNECT_TOKEN_BYTES : end + keys.length;
}
