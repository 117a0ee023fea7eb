import { typeError } from "../errors.ts";

/** @throws ConnectTokensError `ERR_TYPE` unless the option is absent or a boolean */
export function asFlag(value: unknown, fallback: boolean, argument: string): boolean {
  if (value === undefined) return fallback;
  if (typeof value !== "boolean") throw typeError(argument, "a boolean", value);
  return value;
}

/** @throws ConnectTokensError `ERR_TYPE` unless it is a string */
export function asString(value: unknown, argument: string): string {
  if (typeof value !== "string") throw typeError(argument, "a string", value);
  return value;
}

/** Whether a caller's value is an array, or a Proxy of one that can still be read. */
export function isList(value: unknown): value is readonly unknown[] {
  return !isRevoked(value) && Array.isArray(value);
}

/**
 * The length of a caller's list, read once.
 *
 * @throws ConnectTokensError `ERR_TYPE` where it is no array, or a Proxy of one that answers with what is no length
 */
export function lengthOfList(value: unknown, argument: string, expected: string): number {
  const length = isList(value) ? value.length : -1;
  if (!Number.isInteger(length) || length < 0 || length > MAX_LENGTH) throw typeError(argument, expected, value);
  return length;
}

/** Whether it is a revoked Proxy, of whatever it was: the engine throws an error of its own wherever one is read. */
export function isRevoked(value: unknown): boolean {
  try {
    Array.isArray(value);
    return false;
  } catch {
    return true;
  }
}

/** An array for `length` items to be put into, from the first on. Room is made for no more than a million beforehand. */
export function roomFor<T>(length: number): T[] {
  return new Array<T>(Math.min(length, 0x100000));
}

const MAX_LENGTH = 0xffff_ffff;
