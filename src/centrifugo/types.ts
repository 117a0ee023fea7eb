import type { SecretList } from "../common/secrets.ts";
import type { Seconds } from "../common/time.ts";
import type { Verdicts, VerdictWithClaims } from "../verdict.ts";
import type { CentrifugoClaims, Profile } from "./format.ts";
import type { REASONS } from "./reasons.ts";

/** Why a Centrifugo token was refused. Checked in this order. */
export type CentrifugoReason = (typeof REASONS)[number];
/** The reasons that come with `refusedClaims`. */
export type CentrifugoReasonWithClaims = "expired" | "not-yet-valid";
export type CentrifugoVerdict = VerdictWithClaims<CentrifugoClaims, CentrifugoReason, CentrifugoReasonWithClaims>;
export type CentrifugoVerdicts = Verdicts<CentrifugoClaims, CentrifugoReason, CentrifugoVerdict>;

/** What tokens and signs are made with and held to. */
export interface CentrifugoOptions {
  /**
   * Text (its UTF-8 bytes; a secret that looks like hex is not decoded) or bytes; a list of them, newest first, while they
   * are changed.
   */
  secret: SecretList<string | Uint8Array | ArrayBuffer>;
  profile: Profile;
  /** Required for `v0`; there is none in `v1`. */
  projectKey?: string | undefined;
  /** Seconds after which a token is refused, at most 2^32 - 1; 0 = never. */
  lifetime: number;
  /** How many seconds after that a token is still accepted, at most 60. Default 0. */
  leeway?: number | undefined;
  /** `false` gives the verdict of a 64-bit server 1.8.0, which accepts re-split fields. Default true. */
  strict?: boolean | undefined;
  /** Strict only: how many seconds a timestamp may lie ahead of `now`. Default 60. */
  skew?: number | undefined;
  /** Also take the empty user, as `strict: false` does. Default false. */
  allowAnonymous?: boolean | undefined;
  /** What is hashed where no `info` is given. Default `{}` for `v0` and nothing for `v1`. */
  defaultInfo?: string | undefined;
}

/** The parameters that a connection token is made from. */
export interface CentrifugoIssue {
  user: string;
  /** Unix seconds, in ten digits. Hashed verbatim. */
  timestamp: string;
  /** Empty, or the text of one JSON object. Default: the constructor's `defaultInfo`. */
  info?: string | undefined;
}

/** Whom {@link CentrifugoConnection} is for. */
export type CentrifugoConnect = Omit<CentrifugoIssue, "timestamp">;

/** Options of a call. */
export interface CentrifugoCallOptions {
  /** Unix seconds. Default: the clock. */
  now?: Seconds | undefined;
}

/** A token with the parameters that travel beside it. */
export interface CentrifugoToken extends CentrifugoIssue {
  /** 64 lower-case hex digits. */
  token: string;
}

/** What a client connects with. */
export interface CentrifugoConnection {
  readonly user: string;
  readonly timestamp: string;
  readonly info: string;
  readonly token: string;
  /** The project key, for `v0`. */
  readonly project?: string;
}

/** A private channel, to be signed for a client. */
export interface CentrifugoChannel {
  /** Begins with `$`, without `{`. */
  channel: string;
  /** As in {@link CentrifugoIssue}. */
  info?: string | undefined;
}

/** A private channel and the client that may subscribe to it. */
export interface CentrifugoSubscription extends CentrifugoChannel {
  /** The client id that the server gave the connection: 36 hex digits and dashes. */
  client: string;
}

/** A channel's sign, as the auth endpoint answers it. */
export interface CentrifugoChannelSign {
  /** As it was hashed. */
  readonly info: string;
  /** 64 lower-case hex digits. */
  readonly sign: string;
}
