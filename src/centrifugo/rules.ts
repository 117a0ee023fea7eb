import { asFlag, asString } from "../common/arguments.ts";
import { int64, tenDigitText } from "../common/digits.ts";
import { MAX_U64 } from "../common/integers.ts";
import { type Given, onlyOption } from "../common/options.ts";
import { asDuration, asLeeway, asNow, nowOf, type Seconds } from "../common/time.ts";
import { formatError, rangeError } from "../errors.ts";
import { statusesOf, VALID } from "../verdict.ts";
import {
  type CentrifugoClaims,
  channelProblem,
  clientProblem,
  DEFAULT_INFO,
  infoProblem,
  type Profile,
  timestampProblem,
  userProblem,
} from "./format.ts";
import { REASONS } from "./reasons.ts";
import type { CentrifugoOptions } from "./types.ts";

const STATUS = statusesOf(REASONS);
export const MALFORMED: number = STATUS.malformed;
/** Whether such a token has the form of one is looked at only when its reason is asked for. */
export const TAG_MISMATCH: number = STATUS["not-genuine"];
export const EXPIRED: number = STATUS.expired;
export const NOT_YET_VALID: number = STATUS["not-yet-valid"];

const DEFAULT_SKEW = 60;
const MAX_SECONDS = 0xffff_ffff;

/** Which fields are acceptable, and when. */
export class Rules {
  readonly strict: boolean;
  readonly lifetime: number;
  readonly skew: number;
  readonly defaultInfo: string;
  readonly #anonymous: boolean;
  /** How many seconds after its timestamp a token is refused, where there is a lifetime. */
  readonly #end: number;

  /** @throws ConnectTokensError where an option is missing or wrong */
  constructor(options: Given<CentrifugoOptions>, profile: Profile) {
    this.strict = asFlag(options.strict, true, "strict");
    this.lifetime = asDuration(options.lifetime, "lifetime", MAX_SECONDS);
    this.#end = this.lifetime + asLeeway(options.leeway);
    this.skew = options.skew === undefined ? DEFAULT_SKEW : asDuration(options.skew, "skew", MAX_SECONDS);
    this.#anonymous = asFlag(options.allowAnonymous, false, "allowAnonymous") || !this.strict;
    const { defaultInfo } = options;
    this.defaultInfo = defaultInfo === undefined ? DEFAULT_INFO[profile] : asString(defaultInfo, "defaultInfo");
    refuse("defaultInfo", infoProblem(this.defaultInfo, this.strict));
  }

  /** A caller's own `info`, or the default. */
  info(value: unknown, prefix = ""): string {
    return value === undefined ? this.defaultInfo : asString(value, `${prefix}info`);
  }

  /**
   * @param prefix what stands before a field's name in errors
   * @throws ConnectTokensError where a token of these must not be issued
   */
  allowToken({ user, timestamp, info }: CentrifugoClaims, now: bigint, prefix: string): void {
    refuse(`${prefix}user`, userProblem(user, this.#anonymous));
    refuse(`${prefix}timestamp`, timestampProblem(timestamp, this.strict));
    refuse(`${prefix}info`, infoProblem(info, this.strict));
    if (this.strict && tenDigitText(timestamp) > Number(now) + this.skew) {
      throw rangeError(`${prefix}timestamp`, `not later than now + ${this.skew} seconds`, timestamp);
    }
  }

  /** @throws ConnectTokensError where a sign of these must not be made */
  allowSubscription(client: string, channel: string, info: string): void {
    refuse("client", clientProblem(client, this.strict));
    refuse("channel", channelProblem(channel, this.strict));
    refuse("info", infoProblem(info, this.strict));
  }

  isSubscription(client: string, channel: string, info: string): boolean {
    return !(
      clientProblem(client, this.strict) ||
      channelProblem(channel, this.strict) ||
      infoProblem(info, this.strict)
    );
  }

  /** Whether the fields can be those of a token. */
  hasForm(user: string, timestamp: string, info: string): boolean {
    return !(
      timestampProblem(timestamp, this.strict) ||
      userProblem(user, this.#anonymous) ||
      infoProblem(info, this.strict)
    );
  }

  /** `now` of a call's options, as {@link judge} takes it: exactly only where it is compared with an int64. */
  now(options: { now?: Seconds | undefined } | undefined): { readonly now: number; readonly exact: bigint } {
    if (this.strict) return { now: nowOf(options), exact: 0n };
    const exact = asNow(onlyOption(options, "now", "options"));
    return { now: Number(exact), exact };
  }

  /**
   * What is asked of a token whose MAC is genuine.
   *
   * @param seconds its timestamp by the strict rules, or -1
   * @param plain whether the fields are known to be ASCII
   * @param now for the strict rules, whose ten digits and lifetimes stay far below 2^53
   */
  judge(claims: CentrifugoClaims, seconds: number, plain: boolean, now: number, exactNow: bigint): number {
    const { user, timestamp, info } = claims;
    if (!this.strict) {
      if (!this.hasForm(user, timestamp, info)) return MALFORMED;
      return this.lifetime > 0 && this.expiresAt(timestamp) <= exactNow ? EXPIRED : VALID;
    }
    if (seconds < 0 || (plain ? user === "" && !this.#anonymous : userProblem(user, this.#anonymous))) return MALFORMED;
    if (infoProblem(info, true)) return MALFORMED;
    if (this.lifetime > 0 && seconds + this.#end <= now) return EXPIRED;
    return seconds > now + this.skew ? NOT_YET_VALID : VALID;
  }

  /** When a token of this timestamp expires; 2^64 - 1 where it never does. */
  expiresAt(timestamp: string): bigint {
    if (this.lifetime === 0) return MAX_U64;
    const seconds = tenDigitText(timestamp);
    return seconds < 0 ? (int64(timestamp) as bigint) + BigInt(this.#end) : BigInt(seconds + this.#end);
  }
}

/** @throws ConnectTokensError `ERR_FORMAT` where there is a problem */
export function refuse(argument: string, problem: string | undefined): void {
  if (problem) throw formatError(argument, problem);
}
