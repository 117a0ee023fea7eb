import { rangeError, typeError } from "../errors.ts";

// The engine's own getters, read once: they see the internal slots of a view of any realm, and neither a subclass, a
// getter on the object nor a Proxy can answer in their place.
const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as object;
const getter = (name: PropertyKey): ((this: unknown) => unknown) => {
  const get = Object.getOwnPropertyDescriptor(typedArray, name)?.get;
  return get as (this: unknown) => unknown;
};
const tagOf = getter(Symbol.toStringTag);
const lengthOf = getter("length");
const bufferOf = getter("buffer");
const sharedBuffer = typeof SharedArrayBuffer === "undefined" ? undefined : SharedArrayBuffer;
const sharedLengthOf = sharedBuffer && Object.getOwnPropertyDescriptor(sharedBuffer.prototype, "byteLength")?.get;

/** Whether `value` is a `Uint8Array` (or a subclass such as Buffer) of any realm. A Proxy of one is not. */
export function isBytes(value: unknown): value is Uint8Array {
  return typeof value === "object" && tagOf.call(value) === "Uint8Array";
}

/** A view's length in bytes; 0 where its buffer was detached. */
export function byteLength(bytes: Uint8Array): number {
  return lengthOf.call(bytes) as number;
}

function isShared(bytes: Uint8Array): boolean {
  if (!sharedLengthOf) return false;
  const buffer = bufferOf.call(bytes);
  if (sharedBuffer && buffer instanceof sharedBuffer) return true;
  if (buffer instanceof ArrayBuffer) return false;
  try {
    sharedLengthOf.call(buffer); // another realm's buffer: the getter throws for what is not shared memory
    return true;
  } catch {
    return false;
  }
}

/**
 * Takes bytes from a caller: a `Uint8Array` of any realm and offset. One over shared memory is copied, since another
 * thread may change it between two reads.
 *
 * @throws ConnectTokensError `ERR_TYPE` for anything else
 */
export function asBytes(value: unknown, argument: string): Uint8Array {
  if (!isBytes(value)) throw typeError(argument, "a Uint8Array", value);
  return isShared(value) ? new Uint8Array(value) : value;
}

/**
 * {@link asBytes} of a fixed length.
 *
 * @throws ConnectTokensError `ERR_TYPE`, or `ERR_RANGE` for another length
 */
export function asBytesOf(value: unknown, length: number, argument: string): Uint8Array {
  const bytes = asBytes(value, argument);
  if (byteLength(bytes) !== length) throw rangeError(argument, `${length} bytes long`, bytes);
  return bytes;
}

/** Whether every byte is zero. The whole length is read. */
export function isAllZero(bytes: Uint8Array): boolean {
  let any = 0;
  for (let i = 0; i < bytes.length; i++) any |= bytes[i] as number;
  return any === 0;
}
