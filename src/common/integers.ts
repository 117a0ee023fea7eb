// Little-endian integers of a token. Callers have checked that the bytes are there.

/** Makes a bigint of two u32 with one allocation. Nothing is kept in it from one call to the next. */
const pair = new DataView(new ArrayBuffer(8));

export const u8 = (bytes: Uint8Array, at: number): number => bytes[at] as number;
export const u16 = (bytes: Uint8Array, at: number): number => u8(bytes, at) | (u8(bytes, at + 1) << 8);
export const u32 = (bytes: Uint8Array, at: number): number => (u16(bytes, at) | (u16(bytes, at + 2) << 16)) >>> 0;

/** The little-endian u64 at `at`; the caller has checked that its 8 bytes are there. */
export function readU64(bytes: Uint8Array, at: number): bigint {
  pair.setUint32(0, u32(bytes, at + 4));
  pair.setUint32(4, u32(bytes, at));
  return pair.getBigUint64(0);
}
