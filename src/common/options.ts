import { typeError } from "../errors.ts";

/**
 * Takes an options object from a caller: its own properties, each read once, on an object without a prototype, so that
 * neither a polluted `Object.prototype` nor a getter that answers differently the second time decides anything.
 *
 * @throws ConnectTokensError `ERR_TYPE` where it is not an object
 */
export function ownOptions<Options extends object>(value: Options | undefined, argument: string): Partial<Options> {
  const copy: Partial<Options> = Object.create(null);
  return value === undefined ? copy : Object.assign(copy, asObject(value, argument));
}

/** One property of an options object, as {@link ownOptions} reads it: for calls in which every object counts. */
export function ownOption<Options extends object, Name extends keyof Options>(
  value: Options | undefined,
  name: Name,
  argument: string,
): Options[Name] | undefined {
  return value !== undefined && Object.hasOwn(asObject(value, argument), name) ? value[name] : undefined;
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

const MAX_LENGTH = 0xffff_ffff;

/** Whether it is a revoked Proxy, of whatever it was: the engine throws an error of its own wherever one is read. */
export function isRevoked(value: unknown): boolean {
  try {
    Array.isArray(value);
    return false;
  } catch {
    return true;
  }
}

function asObject(value: unknown, argument: string): object {
  // A view has a property for each of its bytes.
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value) || isRevoked(value)) {
    throw typeError(argument, "an object", value);
  }
  return value;
}

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
