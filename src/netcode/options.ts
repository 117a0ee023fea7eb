import { KEY_BYTES, MAX_SERVER_ADDRESSES } from "../../assembly/netcode/layout.ts";
import { isList } from "../common/arguments.ts";
import { bytesOf, isAllZero, wipeCopy } from "../common/bytes.ts";
import {
  type EndpointForm,
  type EndpointInput,
  endpointBytes,
  type ParsedEndpoint,
  parseEndpoint,
} from "../common/endpoints.ts";
import { asU64 } from "../common/integers.ts";
import { type Lifetime, readLifetime } from "../common/lifetime.ts";
import { type OptionNames, readOptions } from "../common/options.ts";
import { prepareKeys, readSecrets, type SecretList } from "../common/secrets.ts";
import { formatError, rangeError, typeError } from "../errors.ts";
import { NetcodeKey, type RequestChecks, secretFromHex } from "../wasm/netcode/tokens.ts";
import { type Dialect, type DialectFacts, dialectFacts } from "./dialects.ts";

/** What tokens are made with and held to. */
export interface NetcodeOptions {
  /** u64: the game's own number; a request for another is `wrong-protocol`. */
  protocolId: bigint | number;
  /** The private key that web service and servers share: 32 bytes or 64 hex digits; a list for rotation, newest first. */
  secret: SecretList<Uint8Array | string>;
  /**
   * This server's address as its players' tokens name it, or several (a dual-stack server has two): a request that lists
   * none of them is `not-this-server`. An IPv4-mapped one stands for its IPv4 form too.
   */
  serverAddress?: string | EndpointInput | readonly (string | EndpointInput)[];
  /** Whose bytes: see {@link Dialect}. Never guessed. Default `netcode`. */
  dialect?: Dialect | undefined;
  /**
   * Seconds, 1 to 2,678,400: a request that ends later than now + maxLifetime + 5 is `lifetime-too-long`, and `issue` makes
   * no token that lives longer. Default none.
   */
  maxLifetime?: number;
  /** Seconds, 0 to 60, for which a request is still taken after its end. Default 0. */
  leeway?: number | undefined;
}

/** `"defined"`: where these are absent, more is accepted. */
export const OPTION_NAMES: OptionNames<NetcodeOptions> = {
  ...{ protocolId: true, secret: true, dialect: true, leeway: true },
  ...{ serverAddress: "defined", maxLifetime: "defined" },
};

/** {@link NetcodeOptions}, read once and found to be in order. */
export interface NetcodeSettings {
  readonly facts: DialectFacts;
  readonly protocolId: bigint;
  /** As they stand in a token, end to end; empty where they are not asked for. */
  readonly ownAddresses: Uint8Array;
  readonly lifetime: Lifetime;
  /** Copies, for the holder to wipe. */
  readonly secrets: readonly Uint8Array[];
}

/** @throws ConnectTokensError where an option is missing or wrong */
export function readNetcodeOptions(options: NetcodeOptions): NetcodeSettings {
  const given = readOptions(options, OPTION_NAMES, "options");
  const facts = dialectFacts(given.dialect);
  return {
    facts,
    protocolId: asU64(given.protocolId, "protocolId"),
    ownAddresses: readOwnAddresses(given.serverAddress, facts.form),
    lifetime: readLifetime(given.leeway, given.maxLifetime),
    secrets: readSecrets(given.secret, "secret", readSecret),
  };
}

/** Prepares the secrets, which are wiped. */
export function prepareChecks({ facts, protocolId, ownAddresses, lifetime, secrets }: NetcodeSettings): RequestChecks {
  const keys = prepareKeys(secrets, (secret) => new NetcodeKey(secret));
  return { keys, protocolId, ownAddresses, bigEndian: !facts.littleEndian, lifetime };
}

function readSecret(value: unknown, argument: string): Uint8Array {
  const expected = "32 bytes or 64 hex digits";
  let secret: Uint8Array | undefined;
  if (typeof value === "string") {
    const digits = value.replace(/\r?\n$/, ""); // people read it from a file
    if (digits.length !== 2 * KEY_BYTES) throw rangeError(argument, expected, value);
    secret = secretFromHex(digits);
    if (!secret) throw formatError(argument, "is not hex");
  } else {
    const bytes = bytesOf(value);
    if (bytes === undefined) throw typeError(argument, expected, value);
    if (bytes.length !== KEY_BYTES) throw rangeError(argument, expected, bytes);
    secret = Uint8Array.from(bytes);
    wipeCopy(bytes, value);
  }
  if (isAllZero(secret)) throw rangeError(argument, "other than all zeros", value);
  return secret;
}

function readOwnAddresses(given: unknown, form: EndpointForm): Uint8Array {
  if (given === undefined) return new Uint8Array(0);
  if (!isList(given)) return Uint8Array.from(ownAddress(given, "serverAddress", form));
  const list = [...given];
  if (list.length < 1 || list.length > MAX_SERVER_ADDRESSES) {
    throw rangeError("serverAddress", `one address or a list of 1 to ${MAX_SERVER_ADDRESSES}`, given);
  }
  return Uint8Array.from(list.flatMap((one, i) => ownAddress(one, `serverAddress[${i}]`, form)));
}

/** All bytes that stand for an own address: of an IPv4-mapped one, two forms. */
function ownAddress(value: unknown, argument: string, form: EndpointForm): number[] {
  const parsed = parseEndpoint(value, argument);
  const { address, port } = parsed;
  if (address.every((byte) => byte === 0)) {
    throw rangeError(argument, "an address that a token can name, not the one that listens on all", value);
  }
  const bytes = endpointBytes(parsed, form);
  return isMapped(parsed) ? [...bytes, ...endpointBytes({ address: address.slice(12), port }, form)] : bytes;
}

/** `::ffff:a.b.c.d` */
function isMapped({ address }: ParsedEndpoint): boolean {
  return address.length === 16 && address.slice(0, 12).every((byte, i) => byte === (i < 10 ? 0 : 0xff));
}
