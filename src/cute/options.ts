import { HYDROGEN_SECRET_BYTES } from "../../assembly/cute/layout.ts";
import { asFlag } from "../common/arguments.ts";
import { asBytesOf, type BytesInput, isAllZero, wipeCopy } from "../common/bytes.ts";
import { type EndpointInput, encodeOwnEndpoints, NATIVE_FORM } from "../common/endpoints.ts";
import { asU64 } from "../common/integers.ts";
import { type Lifetime, readLifetime } from "../common/lifetime.ts";
import type { Given, OptionNames } from "../common/options.ts";
import { readSecrets, type SecretList } from "../common/secrets.ts";
import { formatError, rangeError } from "../errors.ts";
import { isAnyonesKey, secretFromHex } from "../wasm/cute/signing.ts";
import type { Suite } from "./public.ts";
import { asSuite, type SuiteFacts, suiteFacts } from "./suites.ts";

/** What tokens are made with and held to. */
/** What tokens are made with and held to. */
export interface CuteOptions {
  /** u64: the game's own number; a packet for another is `wrong-application`. */
  readonly applicationId: bigint | number;
  /**
   * hydrogen: 64 bytes (secret ‖ public half) or 128 hex digits. xchacha20poly1305: 32 bytes or 64 hex digits. A line break
   * after the digits, as in a file, does not count.
   */
  readonly secret: SecretList<BytesInput | string>;
  /** Default `hydrogen`, what native code has spoken since 2021-07. */
  readonly suite?: Suite | undefined;
  /** Default true. False also accepts the other spellings of a signature that native code accepts (hydrogen only). */
  readonly strict?: boolean | undefined;
  /**
   * This server's public endpoint, or several (a dual-stack server has two): a packet that lists none of them is
   * `not-this-server`. An IPv4-mapped address stands for its IPv4 form too.
   */
  readonly serverEndpoint?: string | EndpointInput | readonly (string | EndpointInput)[];
  /**
   * Seconds, 1 to 2,678,400 (31 days): a packet that ends later than now + maxLifetime + 5 is `lifetime-too-long`, and
   * `issue` makes no token that ends later than now + maxLifetime. Default none.
   */
  readonly maxLifetime?: number;
  /** Seconds, 0 to 60, for which a packet is still taken after its end. Default 0. */
  readonly leeway?: number | undefined;
}

/** `"defined"`: where these are absent, more is accepted. */
export const CUTE_OPTION_NAMES: OptionNames<CuteOptions> = {
  applicationId: true,
  secret: true,
  suite: true,
  strict: true,
  serverEndpoint: "defined",
  maxLifetime: "defined",
  leeway: true,
};

/** {@link CuteOptions} but for the secrets, found to be in order: what a pool's workers are sent, too. */
export interface CuteSettings {
  readonly suite: Suite;
  readonly strict: boolean;
  readonly applicationId: bigint;
  /** As they stand in a packet, end to end; empty where they are not asked for. */
  readonly ownEndpoints: Uint8Array;
  readonly lifetime: Lifetime;
}

/**
 * @param given as `readOptions` read it
 * @returns the settings, and copies of the secrets, for the holder to wipe
 * @throws ConnectTokensError where an option is missing or wrong
 */
export function readCuteOptions(given: Given<CuteOptions>): {
  readonly settings: CuteSettings;
  readonly secrets: readonly Uint8Array[];
} {
  const suite = asSuite(given.suite, "hydrogen");
  const { serverEndpoint } = given;
  const settings: CuteSettings = {
    suite,
    strict: asFlag(given.strict, true, "strict"),
    applicationId: asU64(given.applicationId, "applicationId"),
    ownEndpoints:
      serverEndpoint === undefined
        ? new Uint8Array(0)
        : encodeOwnEndpoints(serverEndpoint, "serverEndpoint", NATIVE_FORM),
    lifetime: readLifetime(given.leeway, given.maxLifetime),
  };
  return {
    settings,
    secrets: readSecrets(given.secret, "secret", (value, argument) => readSecret(value, argument, suiteFacts[suite])),
  };
}

function readSecret(value: unknown, argument: string, { secretBytes, secretHalfBytes }: SuiteFacts): Uint8Array {
  const secret =
    typeof value === "string"
      ? secretOfText(value, argument, secretBytes)
      : secretOfBytes(value, argument, secretBytes);
  if (isAllZero(secret.subarray(0, secretHalfBytes))) throw rangeError(argument, "other than all zeros", value);
  if (secretBytes === HYDROGEN_SECRET_BYTES && isAnyonesKey(secret)) {
    throw rangeError(argument, "other than a multiple of the base point's order, for which anyone can sign", value);
  }
  return secret;
}

function secretOfBytes(value: unknown, argument: string, secretBytes: number): Uint8Array {
  const bytes = asBytesOf(value, secretBytes, argument);
  const secret = Uint8Array.from(bytes);
  wipeCopy(bytes, value);
  return secret;
}

function secretOfText(text: string, argument: string, secretBytes: number): Uint8Array {
  const digits = text.replace(/\r?\n$/, "");
  const expected = `${secretBytes} bytes or ${2 * secretBytes} hex digits`;
  if (digits.length !== 2 * secretBytes) throw rangeError(argument, expected, text);
  const secret = secretFromHex(digits);
  if (!secret) throw formatError(argument, "holds a character that is no hex digit");
  return secret;
}
