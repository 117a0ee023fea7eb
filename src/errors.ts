/**
 * Stable codes of {@link ConnectTokensError}.
 *
 * - `ERR_TYPE`: an argument is of the wrong type
 * - `ERR_RANGE`: of the right type, but its value or length is out of range
 * - `ERR_FORMAT`: text or bytes that do not have the form they must have
 * - `ERR_DISPOSED`: the object was used after `dispose`
 * - `ERR_NO_SIMD`: the engine has no WebAssembly SIMD
 * - `ERR_NO_TEXT_ENCODER`: the environment has no TextEncoder or TextDecoder
 * - `ERR_START`: a WebAssembly module could not be compiled or started, or no worker of a pool could
 * - `ERR_WORKER`: the same packets ended several workers of a pool, one after the other
 * - `ERR_BUSY`: more packets wait in a pool than it holds; await earlier calls
 */
export type ErrorCode =
  | "ERR_TYPE"
  | "ERR_RANGE"
  | "ERR_FORMAT"
  | "ERR_DISPOSED"
  | "ERR_NO_SIMD"
  | "ERR_NO_TEXT_ENCODER"
  | "ERR_START"
  | "ERR_WORKER"
  | "ERR_BUSY";

/**
 * The one error this package throws. Branch on {@link code}; {@link argument} names what was wrong.
 *
 * @example
 * ```ts
 * import { ConnectTokensError } from "connect-tokens";
 * import { SnapNetTokens } from "connect-tokens/snapnet";
 *
 * try {
 *   new SnapNetTokens({ secret: "too short", sessionId: null });
 * } catch (error) {
 *   if (error instanceof ConnectTokensError) console.log(error.code, error.argument); // ERR_FORMAT secret
 * }
 * ```
 */
export class ConnectTokensError extends Error {
  readonly code: ErrorCode;
  /** The argument or option at fault, as the caller wrote it: `"now"`, `"endpoints[3]"`; the module for start errors. */
  readonly argument: string;

  constructor(code: ErrorCode, argument: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "ConnectTokensError";
    this.code = code;
    this.argument = argument;
  }
}

/** What came instead, for a message: kind and size, never contents, since the value may be a secret. */
export function describe(value: unknown): string {
  if (value === null) return "null";
  switch (typeof value) {
    case "undefined":
      return "undefined";
    case "string":
      return `a string of ${value.length} characters`;
    case "number":
    case "boolean":
      return `${typeof value} ${Object.is(value, -0) ? "-0" : value}`;
    case "bigint":
      return value >= -(2n ** 128n) && value <= 2n ** 128n ? `bigint ${value}` : "a huge bigint";
    case "object":
      try {
        if (Array.isArray(value)) return `an array of ${value.length}`;
        if (ArrayBuffer.isView(value)) return `a view of ${value.byteLength} bytes`;
        return KINDS[Object.prototype.toString.call(value)] ?? "an object";
      } catch {} // a Proxy may be revoked, or answer with what is no number
      return "an object";
    default:
      return `a ${typeof value}`;
  }
}

export function typeError(argument: string, expected: string, got: unknown): ConnectTokensError {
  return new ConnectTokensError("ERR_TYPE", argument, `${argument} must be ${expected}, got ${describe(got)}`);
}

export function rangeError(argument: string, expected: string, got: unknown): ConnectTokensError {
  return new ConnectTokensError("ERR_RANGE", argument, `${argument} must be ${expected}, got ${describe(got)}`);
}

export function formatError(argument: string, problem: string): ConnectTokensError {
  return new ConnectTokensError("ERR_FORMAT", argument, `${argument} ${problem}`);
}

export function disposed(): ConnectTokensError {
  return new ConnectTokensError("ERR_DISPOSED", "this", "this object was disposed of: its key is gone");
}

/** What is often given by mistake, by the engine's name for it. Without a prototype: a caller's name may be any. */
const KINDS: Readonly<Record<string, string>> = {
  __proto__: null as never,
  "[object ArrayBuffer]": "an ArrayBuffer",
  "[object SharedArrayBuffer]": "a SharedArrayBuffer",
  "[object Date]": "a Date",
  "[object Map]": "a Map",
  "[object Promise]": "a Promise",
  "[object Set]": "a Set",
};
