import type { SecretList } from "../common/secrets.ts";
import type { Seconds } from "../common/time.ts";
import type { Verdicts, VerdictWithClaims } from "../verdict.ts";
import type { SnapNetClaims } from "./format.ts";
import type { REASONS } from "./reasons.ts";

/** Why a SnapNet token was refused. Checked in this order. */
export type SnapNetReason = (typeof REASONS)[number];
/** The reasons that come with `refusedClaims`. */
export type SnapNetReasonWithClaims = Exclude<SnapNetReason, "malformed" | "not-genuine">;
/** The answer about one token. */
export type SnapNetVerdict = VerdictWithClaims<SnapNetClaims, SnapNetReason, SnapNetReasonWithClaims>;
/** The answers about many tokens. */
export type SnapNetVerdicts = Verdicts<SnapNetClaims, SnapNetReason, SnapNetVerdict>;

/** What tokens are made with and held to. */
export interface SnapNetOptions {
  /**
   * 32 bytes, or their 64 hex characters (as in SnapNet's files; a trailing line break is tolerated); a list of them,
   * newest first, while they are changed.
   */
  secret: SecretList<Uint8Array | ArrayBuffer | string>;
  /** The session this server hosts; a token for another is `wrong-session`. `null` accepts any. */
  sessionId: string | null;
  /** Also accept signatures with upper-case hex digits. Default false. */
  upperCaseSignature?: boolean | undefined;
  /**
   * The longest time, in seconds, that a token may still have to live: one that ends more than 5 seconds later is
   * `lifetime-too-long`, and none is issued that ends later. Default: any.
   */
  maxLifetime?: number;
  /** How many seconds after its end a token is still accepted, at most 60. Default 0. */
  leeway?: number | undefined;
}

/** What a SnapNet token is made of. */
export interface SnapNetIssue {
  /** 1 to 63 bytes of UTF-8, without bars and control characters. */
  userId: string;
  /** The same. Default: the constructor's. */
  sessionId?: string | undefined;
  /** Unix seconds, at most 2^53 - 1. Default: now + `ttl`. */
  expiration?: Seconds | undefined;
  /** Lifetime in seconds, from 1, in place of an `expiration`. Default 45, as SnapNet recommends, or a shorter `maxLifetime`. */
  ttl?: number | undefined;
}

/** Options of a call. */
export interface SnapNetCallOptions {
  /** Unix seconds. Default: the clock. */
  now?: Seconds | undefined;
}
