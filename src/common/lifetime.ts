// How long a token may be taken, and how long it may live: what every scheme with an end asks alike.
import { rangeError } from "../errors.ts";
import { MAX_U64 } from "./integers.ts";
import { asDuration } from "./time.ts";

/** Seconds by which an issuer's clock may be ahead before its tokens count as too long. */
const CLOCK_SKEW = 5n;
const MAX_LEEWAY = 60;
/** 31 days, in seconds: longer ones are mistakes, such as milliseconds. */
export const MAX_LIFETIME = 2_678_400;

/** Read from a scheme's options. */
export interface Lifetime {
  /** Seconds after its end for which a token is still taken. */
  readonly leeway: bigint;
  /** Seconds, `undefined` where every end will do. */
  readonly maxLifetime: bigint | undefined;
}

/**
 * Reads `leeway` (whole seconds from 0 to 60, default 0) and `maxLifetime` (whole seconds from 1 to 31 days, default none).
 *
 * @throws ConnectTokensError `ERR_TYPE` or `ERR_RANGE`
 */
export function readLifetime(leeway: unknown, maxLifetime: unknown): Lifetime {
  return {
    leeway: leeway === undefined ? 0n : BigInt(asDuration(leeway, "leeway", MAX_LEEWAY)),
    maxLifetime: maxLifetime === undefined ? undefined : asTimeToLive(maxLifetime, "maxLifetime"),
  };
}

/** Whole seconds from 1 to 31 days. */
export function asTimeToLive(value: unknown, argument: string): bigint {
  if (value === 0) throw rangeError(argument, `a whole number of seconds from 1 to ${MAX_LIFETIME}`, value);
  return BigInt(asDuration(value, argument, MAX_LIFETIME));
}

/** The latest end that is taken at `now`: later ones are `lifetime-too-long`. */
export function latestEnd(now: bigint, { maxLifetime }: Lifetime): bigint {
  return maxLifetime === undefined ? MAX_U64 : saturated(now + maxLifetime + CLOCK_SKEW);
}

/** The second from which a token with this end is refused. */
export function refusedFrom(end: bigint, { leeway }: Lifetime): bigint {
  return saturated(end + leeway);
}

function saturated(second: bigint): bigint {
  return second < MAX_U64 ? second : MAX_U64;
}
