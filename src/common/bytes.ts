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
const arrayBufferLength = lengthGetter(ArrayBuffer.prototype) as () => number;
/** `undefined` in a browser's page that is not cross-origin isolated. */
const sharedLength = typeof SharedArrayBuffer === "function" ? lengthGetter(SharedArrayBuffer.prototype) : undefined;

function lengthGetter(prototype: object): (() => number) | undefined {
  return Object.getOwnPropertyDescriptor(prototype, "byteLength")?.get as (() => number) | undefined;
}

/** Bytes as a caller may give them: read where they lie, but copied out of shared memory. */
export type BytesInput = Uint8Array | ArrayBufferLike;

/** Whether `value` is a `Uint8Array` (or a subclass such as Buffer) of any realm. A Proxy of one is not. */
export function isBytes(value: unknown): value is Uint8Array {
  return tagOf.call(value) === "Uint8Array";
}

/** A view's length in bytes; 0 where its buffer was detached. */
export function byteLength(bytes: Uint8Array): number {
  return lengthOf.call(bytes) as number;
}

/**
 * The bytes of a `Uint8Array`, an `ArrayBuffer` or a `SharedArrayBuffer` of any realm and offset, `undefined` for
 * anything else. Those in shared memory are copied, since another thread may change them between two reads.
 *
 * @returns a plain view on the same bytes: a subclass may answer `length` or `subarray` with code of its own
 */
export function bytesOf(value: unknown): Uint8Array | undefined {
  if (!isBytes(value)) return bufferBytes(value);
  const buffer = bufferOf.call(value) as ArrayBuffer;
  if (lengthOfBuffer(buffer) < 0) return new Uint8Array(value);
  const length = byteLength(value);
  return length === 0 ? new Uint8Array(0) : new Uint8Array(buffer, offsetOf.call(value) as number, length);
}

/** {@link bytesOf} a whole buffer. */
function bufferBytes(value: unknown): Uint8Array | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const length = lengthOfBuffer(value);
  if (length > 0) return new Uint8Array(value as ArrayBuffer, 0, length);
  if (length === 0) return new Uint8Array(0);
  return lengthOfShared(value) < 0 ? undefined : Uint8Array.from(new Uint8Array(value as SharedArrayBuffer));
}

/** The length of an `ArrayBuffer` of any realm, 0 where it was detached; -1 for anything else. */
function lengthOfBuffer(value: object): number {
  try {
    return arrayBufferLength.call(value) as number;
  } catch {
    return -1;
  }
}

/** The same of a `SharedArrayBuffer`. */
function lengthOfShared(value: object): number {
  try {
    return sharedLength?.call(value) ?? -1;
  } catch {
    return -1;
  }
}

/**
 * Takes bytes from a caller, as {@link bytesOf} reads them.
 *
 * @throws ConnectTokensError `ERR_TYPE` for anything else
 */
export function asBytes(value: unknown, argument: string): Uint8Array {
  const bytes = bytesOf(value);
  if (bytes === undefined) throw typeError(argument, "a Uint8Array or an ArrayBuffer", value);
  return bytes;
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

/** Whether two runs of one length are the same. The whole length is read. */
export function isSame(a: Uint8Array, b: Uint8Array): boolean {
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] as number);
  return difference === 0;
}

/** Whether `run` stands in `bytes` from `at` on. Ends early: for public bytes. */
export function isAt(bytes: Uint8Array, at: number, run: Uint8Array): boolean {
  for (let i = 0; i < run.length; i++) if (bytes[at + i] !== run[i]) return false;
  return true;
}

/** A copy of bytes as {@link bytesOf} reads them, and no second one. */
export function copyOfBytes(value: unknown): Uint8Array | undefined {
  const bytes = bytesOf(value);
  if (bytes === undefined) return undefined;
  const copy = Uint8Array.from(bytes);
  wipeCopy(bytes, value);
  return copy;
}

/** Wipes what {@link bytesOf} copied out of shared memory; bytes that lie in the caller's own stay as they are. */
export function wipeCopy(bytes: Uint8Array, given: unknown): void {
  const buffer = isBytes(given) ? bufferOf.call(given) : given;
  if (bytes.buffer !== buffer) bytes.fill(0);
}
