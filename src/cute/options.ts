import { asFlag } from "../common/arguments.ts";
import { asBytesOf, isAllZero } from "../common/bytes.ts";
import { type EndpointInput, encodeEndpoint, NATIVE_FORM } from "../common/endpoints.ts";
import { asU64 } from "../common/integers.ts";
import { ownOptions } from "../common/options.ts";
import { prepareKeys, readSecrets, type SecretList } from "../common/secrets.ts";
import { rangeError } from "../errors.ts";
import { CuteKey, type PacketChecks } from "../wasm/cute/kernel.ts";
import type { Suite } from "./public.ts";
import { type SuiteFacts, suiteFacts } from "./suites.ts";

/** What tokens are made with and held to. */
export interface CuteOptions {
  /** u64: the game's own number; a packet for another is `wrong-application`. */
  applicationId: bigint | number;
  /** 64 bytes (secret ‖ public half) for hydrogen, 32 for xchacha20poly1305. */
  secret: SecretList<Uint8Array>;
  /** Default `hydrogen`, what native code has spoken since 2021-07. */
  suite?: Suite | undefined;
  /** Default true. False also accepts the other spellings of a signature that native code accepts (hydrogen only). */
  strict?: boolean | undefined;
  /** This server's public endpoint, where given: a packet that does not list it is `not-this-server`. */
  serverEndpoint?: string | EndpointInput | undefined;
}

/** {@link CuteOptions}, read once and found to be in order. */
export interface CuteSettings {
  readonly suite: SuiteFacts;
  readonly strict: boolean;
  readonly applicationId: bigint;
  /** As it stands in a packet; empty where it is not asked for. */
  readonly serverEndpoint: Uint8Array;
  /** Copies, for the holder to wipe. */
  readonly secrets: readonly Uint8Array[];
}

/** @throws ConnectTokensError where an option is missing or wrong */
export function readCuteOptions(options: CuteOptions): CuteSettings {
  const given = ownOptions(options, "options");
  const suite = suiteFacts(given.suite);
  const { serverEndpoint: endpoint } = given;
  const readSecret = (value: unknown, argument: string): Uint8Array => {
    const bytes = Uint8Array.from(asBytesOf(value, suite.secretBytes, argument));
    if (isAllZero(bytes.subarray(0, suite.secretHalfBytes))) throw rangeError(argument, "other than all zeros", value);
    return bytes;
  };
  return {
    suite,
    strict: asFlag(given.strict, true, "strict"),
    applicationId: asU64(given.applicationId, "applicationId"),
    serverEndpoint:
      endpoint === undefined ? new Uint8Array(0) : encodeEndpoint(endpoint, "serverEndpoint", NATIVE_FORM),
    secrets: readSecrets(given.secret, "secret", readSecret),
  };
}

/** Prepares the secrets, which are wiped. */
export function prepareChecks(settings: CuteSettings): PacketChecks {
  const { suite, strict, applicationId, serverEndpoint, secrets } = settings;
  const keys = prepareKeys(
    secrets,
    (secret, i) => new CuteKey(suite.number, secret, secrets.length === 1 ? "secret" : `secret[${i}]`),
  );
  return { suite: suite.number, strict, applicationId, serverEndpoint, keys };
}
