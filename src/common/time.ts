import { ConnectTokensError, describe, rangeError, typeError } from "../errors.ts";
import { asU64 } from "./integers.ts";
import { onlyOption } from "./options.ts";

/** Unix seconds: a `bigint` of any u64, or an integer `number` below 1e11 (above, it can only be milliseconds). */
export type Seconds = number | bigint;

/** @throws ConnectTokensError `ERR_TYPE` or `ERR_RANGE` where it is not Unix seconds */
export function asSeconds(value: unknown, argument: string): bigint {
  return typeof value === "bigint" ? asU64(value, argument) : BigInt(asNumberOfSeconds(value, argument));
}

/**
 * {@link asSeconds} for a time that goes into a token. A `bigint` from 10^12 to 10^14 can only be milliseconds, and would
 * make a token for ever; 2^64 - 1 stays possible, since native code makes it.
 */
export function asIssuedSeconds(value: unknown, argument: string): bigint {
  const seconds = asSeconds(value, argument);
  if (seconds >= LEAST_MILLISECONDS && seconds <= GREATEST_MILLISECONDS) {
    throw rangeError(argument, "Unix seconds, not milliseconds", value);
  }
  return seconds;
}

/** `now` of a call: the clock, read once, where the caller gave none. */
export function asNow(value: unknown): bigint {
  return value === undefined ? BigInt(clock()) : asSeconds(value, "now");
}

/** {@link asNow} where a token is issued. */
export function asIssuingNow(value: unknown): bigint {
  return value === undefined ? BigInt(clock()) : asIssuedSeconds(value, "now");
}

/**
 * `now` of a call's options, for schemes whose times stay below 2^53: a later `now` comes out as some number from 2^53
 * on, which compares with those as the exact one would.
 */
export function nowOf(options: { now?: Seconds | undefined } | undefined): number {
  const value: unknown = onlyOption(options, "now", "options");
  if (value === undefined) return clock();
  return typeof value === "bigint" ? Number(asU64(value, "now")) : asNumberOfSeconds(value, "now");
}

/** A length of time in whole seconds, at most `maximum`. */
export function asDuration(value: unknown, argument: string, maximum: number): number {
  if (typeof value !== "number") throw typeError(argument, "a number of seconds", value);
  if (!Number.isInteger(value) || value < 0 || value > maximum) {
    throw rangeError(argument, `a whole number of seconds from 0 to ${maximum}`, value);
  }
  return value;
}

/** How long after its end a token is still taken: 0 to 60 seconds, 0 where the option is absent. */
export function asLeeway(value: unknown): number {
  return value === undefined ? 0 : asDuration(value, "leeway", MAX_LEEWAY);
}

const MAX_LEEWAY = 60;
const MILLISECONDS_FROM = 1e11;
const LEAST_MILLISECONDS = 10n ** 12n;
const GREATEST_MILLISECONDS = 10n ** 14n;

/**
 * The engine's clock in whole seconds. It goes through the check of a given `now`: with one that is broken nothing is
 * accepted.
 */
function clock(): number {
  const milliseconds: unknown = Date.now();
  const seconds = Number.isInteger(milliseconds) ? Math.floor((milliseconds as number) / 1000) : -1;
  if (seconds < 0 || seconds >= MILLISECONDS_FROM || Object.is(seconds, -0)) {
    const problem = `now must be given, since the clock is broken: Date.now() answered ${describe(milliseconds)}`;
    throw new ConnectTokensError("ERR_RANGE", "now", problem);
  }
  return seconds;
}

function asNumberOfSeconds(value: unknown, argument: string): number {
  if (typeof value !== "number") throw typeError(argument, "Unix seconds, a number or a bigint", value);
  if (!Number.isInteger(value) || value < 0 || Object.is(value, -0)) {
    throw rangeError(argument, "whole Unix seconds, not negative", value);
  }
  if (value >= MILLISECONDS_FROM) throw rangeError(argument, "Unix seconds below 1e11, not milliseconds", value);
  return value;
}
