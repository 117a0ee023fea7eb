import { rangeError, typeError } from "../errors.ts";

export const MAX_U64: bigint = 0xffff_ffff_ffff_ffffn;

/** u64: a `bigint` from 0 to 2^64 - 1, or a safe integer `number` from 0. */
export function asU64(value: unknown, argument: string): bigint {
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw rangeError(argument, "a safe integer from 0, or a bigint", value);
    }
    return BigInt(value);
  }
  if (typeof value !== "bigint") throw typeError(argument, "a bigint or a safe integer", value);
  if (value < 0n || value > MAX_U64) throw rangeError(argument, "from 0 to 2^64 - 1", value);
  return value;
}

/** u32: a `number` from 0 to 2^32 - 1. */
export function asU32(value: unknown, argument: string): number {
  if (typeof value !== "number") throw typeError(argument, "a number", value);
  if (!Number.isInteger(value) || value < 0 || value > 0xffff_ffff) {
    throw rangeError(argument, "a whole number from 0 to 2^32 - 1", value);
  }
  return value;
}

// Little-endian integers of a token. Callers have checked that the bytes are there.

export const u8 = (bytes: Uint8Array, at: number): number => bytes[at] as number;
export const u16 = (bytes: Uint8Array, at: number): number => u8(bytes, at) | (u8(bytes, at + 1) << 8);
export const u32 = (bytes: Uint8Array, at: number): number => (u16(bytes, at) | (u16(bytes, at + 2) << 16)) >>> 0;

/** The little-endian u64 at `at`; the caller has checked that its 8 bytes are there. */
export function readU64(bytes: Uint8Array, at: number): bigint {
  pair.setUint32(0, u32(bytes, at + 4));
  pair.setUint32(4, u32(bytes, at));
  return pair.getBigUint64(0);
}

/** Makes a bigint of two u32 with one allocation. Nothing is kept in it from one call to the next. */
const pair = new DataView(new ArrayBuffer(8));
