import type { SecretList } from "../common/secrets.ts";
import type { Seconds } from "../common/time.ts";
import type { Verdicts, VerdictWithClaims } from "../verdict.ts";
import type { DeviceKeyLookup } from "./devices.ts";
import type { TirtcClaims } from "./format.ts";

/** In the order of the checks. */
export const REASONS = [
  "malformed",
  "not-genuine",
  "wrong-issuer",
  "wrong-peer",
  "expired",
  "not-yet-valid",
  "lifetime-too-long",
] as const;

/**
 * Why a TiRTC token was refused. Checked in this order. `not-genuine` is also a token for a device that is not known;
 * `lifetime-too-long` one whose `exp - iat` is not from 1 to `maxLifetime`.
 */
export type TirtcReason = (typeof REASONS)[number];
/** The reasons that come with `refusedClaims`. */
export type TirtcReasonWithClaims = Exclude<TirtcReason, "malformed" | "not-genuine">;
export type TirtcVerdict = VerdictWithClaims<TirtcClaims, TirtcReason, TirtcReasonWithClaims>;
export type TirtcVerdicts = Verdicts<TirtcClaims, TirtcReason, TirtcVerdict>;

export interface TirtcOptions {
  /** The `iss` of the tokens issued here, and of those accepted. */
  accessId: string;
  /** Text (its UTF-8 bytes) or bytes. */
  secretKey: SecretList<string | Uint8Array>;
  /**
   * The device's key, or a function that gives a peer's (`undefined` where it knows none). It is synchronous and asked
   * once per peer and call; what it throws is thrown on.
   */
  deviceSecretKey?: string | Uint8Array | DeviceKeyLookup;
  /** How many seconds `iat` may lie ahead of `now`. Default 60. */
  skew?: number;
  /** The longest lifetime accepted, in seconds. Default 86400. */
  maxLifetime?: number;
  /** Sign and verify once, with `secretKey` only: then there is no `deviceSecretKey`. Default false. */
  singleSignature?: boolean;
}

export interface TirtcIssue {
  /** The device to connect to, `device://…`. */
  peerId: string;
  /** Who connects. May be empty. */
  sub: string;
  /** Lifetime in seconds, from 1 to 86400 or the `maxLifetime` where that is shorter. Default 300. */
  ttl?: number;
  /** Unix seconds. Default: now. */
  iat?: Seconds;
}

/** A token and the peer that it is presented for. */
export interface TirtcToken {
  token: string;
  /** Where it is missing, the peer that the token itself names is taken. */
  peerId?: string;
}
