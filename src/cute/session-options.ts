// What options of servers and clients have in common.
import { asU32 } from "../common/integers.ts";
import { drawEntropy } from "../common/random.ts";
import { rangeError, typeError } from "../errors.ts";
import type { EntropySource } from "./connection.ts";
import type { MessageLimits } from "./messages.ts";

/** Receivers of native code refuse more. */
const MOST_MESSAGE_BYTES = 20_971_500;

/** @throws ConnectTokensError `ERR_TYPE` or `ERR_RANGE` */
export function readMessageLimits(given: {
  readonly maxMessageBytes?: unknown;
  readonly maxBufferedBytes?: unknown;
}): MessageLimits {
  return {
    maxMessageBytes: within(given.maxMessageBytes, 0x40000, MOST_MESSAGE_BYTES, "maxMessageBytes"),
    maxBufferedBytes: within(given.maxBufferedBytes, 0x100000, 0xffff_ffff, "maxBufferedBytes"),
  };
}

/** @throws ConnectTokensError `ERR_TYPE` */
export function readEntropy(entropy: unknown): EntropySource {
  if (entropy === undefined) return (length) => drawEntropy(length, undefined);
  if (typeof entropy !== "function") throw typeError("entropy", "a function", entropy);
  return (length) => drawEntropy(length, (entropy as EntropySource)(length));
}

/** A whole number from `least` to `most`, or `fallback` where none is given. */
export function within(value: unknown, fallback: number, most: number, argument: string, least = 1): number {
  if (value === undefined) return fallback;
  const number = asU32(value, argument);
  if (number < least || number > most) throw rangeError(argument, `from ${least} to ${most}`, value);
  return number;
}
