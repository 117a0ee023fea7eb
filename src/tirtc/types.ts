import type { SecretList } from "../common/secrets.ts";
import type { Seconds } from "../common/time.ts";
import type { Verdicts, VerdictWithClaims } from "../verdict.ts";
import type { DeviceKeyLookup } from "./devices.ts";
import type { TirtcClaims } from "./format.ts";
import type { REASONS } from "./reasons.ts";

/**
 * Why a TiRTC token was refused. Checked in this order. `not-genuine` is also a token for a device that is not known;
 * `lifetime-too-long` one whose `exp - iat` is not from 1 to `maxLifetime`.
 */
export type TirtcReason = (typeof REASONS)[number];
/** The reasons that come with `refusedClaims`. */
export type TirtcReasonWithClaims = Exclude<TirtcReason, "malformed" | "not-genuine">;
export type TirtcVerdict = VerdictWithClaims<TirtcClaims, TirtcReason, TirtcReasonWithClaims>;
export type TirtcVerdicts = Verdicts<TirtcClaims, TirtcReason, TirtcVerdict>;

/** Either the device's key, or `singleSignature`. */
export type TirtcOptions = TirtcCommonOptions & (TirtcDeviceOptions | TirtcSingleOptions);

/** What tokens are made with and held to. */
export interface TirtcCommonOptions {
  /** The `iss` of the tokens issued here, and of those accepted. */
  accessId: string;
  /** Text (its UTF-8 bytes) or bytes; a list of them, newest first, while keys are changed. */
  secretKey: SecretList<string | Uint8Array | ArrayBuffer>;
  /** How many seconds `iat` may lie ahead of `now`. Default 60. */
  skew?: number | undefined;
  /** How many seconds after `exp` a token is still accepted, at most 60. Default 0. */
  leeway?: number | undefined;
  /** The longest lifetime accepted, in seconds. Default 86400. */
  maxLifetime?: number;
}

/** Tokens signed with the device's key, and over that with `secretKey`. */
export interface TirtcDeviceOptions {
  /**
   * The device's key, or a function that gives a peer's (`undefined` or `null` where it knows none). It is synchronous and
   * asked once per peer and call. What it throws, and the error about a value that is no key, `verify` throws; of a batch
   * `isValid` of the peer's tokens is false, and `at` and `reasonAt` throw it.
   */
  deviceSecretKey: string | Uint8Array | ArrayBuffer | DeviceKeyLookup;
  singleSignature?: false | undefined;
}

/** Tokens signed once, with `secretKey` only: whoever has that can make tokens for any device. */
export interface TirtcSingleOptions {
  singleSignature: true;
  deviceSecretKey?: undefined;
}

/** What a TiRTC token is made of. */
export interface TirtcIssue {
  /** The device to connect to, `device://…`. */
  peerId: string;
  /** Who connects. May be empty. */
  sub: string;
  /** Lifetime in seconds, from 1 to 86400 or the `maxLifetime` where that is shorter. Default 300. */
  ttl?: number | undefined;
  /** Unix seconds. Default: now. */
  iat?: Seconds | undefined;
}

/** A token and the peer that it is presented for. */
export interface TirtcToken {
  token: string;
  /** Where it is missing, the peer that the token itself names is taken; `undefined` is an error. */
  peerId?: string;
}

/** What a TiRTC token is held to beside the object's options. */
export interface TirtcVerifyOptions {
  /** The peer that the token is presented for. Where it is missing, the one that it names is taken; `undefined` is an error. */
  peerId?: string;
  /** Unix seconds. Default: the clock. */
  now?: Seconds | undefined;
}

/** How a TiRTC token is made. */
export interface TirtcIssueOptions {
  /** Unix seconds, for the default `iat`. Default: the clock. */
  now?: Seconds | undefined;
  /** The nonce's 16 bytes, for test vectors only. */
  entropy?: Uint8Array | ArrayBuffer | undefined;
}
