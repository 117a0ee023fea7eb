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
const offsetOf = getter("byteOffset");
const bufferOf = getter("buffer");
const bufferLengthOf = Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, "byteLength")?.get as () => number;

/** Whether `value` is a `Uint8Array` (or a subclass such as Buffer) of any realm. A Proxy of one is not. */
export function isBytes(value: unknown): value is Uint8Array {
  return tagOf.call(value) === "Uint8Array";
}

/** A view's length in bytes; 0 where its buffer was detached. */
export function byteLength(bytes: Uint8Array): number {
  return lengthOf.call(bytes) as number;
}

function isShared(buffer: unknown): boolean {
  try {
    bufferLengthOf.call(buffer); // of any realm, detached or not; throws for shared memory
    return false;
  } catch {
    return true;
  }
}

/**
 * Takes bytes from a caller: a `Uint8Array` of any realm and offset. One over shared memory is copied, since another
 * thread may change it between two reads.
 *
 * @returns a plain view on the same bytes: a subclass may answer `length` or `subarray` with code of its own
 * @throws ConnectTokensError `ERR_TYPE` for anything else
 */
export function asBytes(value: unknown, argument: string): Uint8Array {
  if (!isBytes(value)) throw typeError(argument, "a Uint8Array", value);
  const buffer = bufferOf.call(value) as ArrayBuffer;
  if (isShared(buffer)) return new Uint8Array(value);
  const length = byteLength(value);
  return length === 0 ? new Uint8Array(0) : new Uint8Array(buffer, offsetOf.call(value) as number, length);
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

/** Whether `run` stands in `bytes` from `at` on. Ends early: for public bytes. */
export function isAt(bytes: Uint8Array, at: number, run: Uint8Array): boolean {
  for (let i = 0; i < run.length; i++) if (bytes[at + i] !== run[i]) return false;
  return true;
}
