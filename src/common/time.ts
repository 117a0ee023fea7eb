import { rangeError, typeError } from "../errors.ts";
import { asU64 } from "./integers.ts";
import { ownOption } from "./options.ts";

/** Unix seconds: a `bigint` of any u64, or an integer `number` below 1e11 (above, it can only be milliseconds). */
export type Seconds = number | bigint;

const MILLISECONDS_FROM = 1e11;

/** @throws ConnectTokensError `ERR_TYPE` or `ERR_RANGE` where it is not Unix seconds */
export function asSeconds(value: unknown, argument: string): bigint {
  return typeof value === "bigint" ? asU64(value, argument) : BigInt(asNumberOfSeconds(value, argument));
}

function asNumberOfSeconds(value: unknown, argument: string): number {
  if (typeof value !== "number") throw typeError(argument, "Unix seconds, a number or a bigint", value);
  if (!Number.isInteger(value) || value < 0 || Object.is(value, -0)) {
    throw rangeError(argument, "whole Unix seconds, not negative", value);
  }
  if (value >= MILLISECONDS_FROM) throw rangeError(argument, "Unix seconds below 1e11, not milliseconds", value);
  return value;
}

/** `now` of a call: the clock, read once, where the caller gave none. */
export function asNow(value: unknown): bigint {
  return value === undefined ? BigInt(Math.floor(Date.now() / 1000)) : asSeconds(value, "now");
}

/**
 * `now` of a call's options, for schemes whose times stay below 2^53: a later `now` comes out as some number from 2^53
 * on, which compares with those as the exact one would.
 */
export function nowOf(options: { now?: Seconds | undefined } | undefined): number {
  const value: unknown = ownOption(options, "now", "options");
  if (value === undefined) return Math.floor(Date.now() / 1000);
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
