import { typeError } from "../errors.ts";
import { isRevoked } from "./arguments.ts";

/** What a call that can be given up needs of an `AbortSignal`. */
export interface AbortSignalLike {
  readonly aborted: boolean;
  readonly reason?: unknown;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/** @throws ConnectTokensError `ERR_TYPE` unless it is absent or an AbortSignal */
export function asSignal(value: unknown): AbortSignalLike | undefined {
  if (value === undefined) return undefined;
  const signal = value as AbortSignalLike | null;
  if (
    isRevoked(signal) ||
    typeof signal !== "object" ||
    typeof signal?.aborted !== "boolean" ||
    typeof signal.addEventListener !== "function" ||
    typeof signal.removeEventListener !== "function"
  ) {
    throw typeError("signal", "an AbortSignal", value);
  }
  return signal;
}
