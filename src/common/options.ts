import { typeError } from "../errors.ts";
import { isRevoked } from "./arguments.ts";

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

function asObject(value: unknown, argument: string): object {
  // A view has a property for each of its bytes.
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value) || isRevoked(value)) {
    throw typeError(argument, "an object", value);
  }
  return value;
}
