// The end of a message as SHA-256 pads it (FIPS 180-4 §5.1.1).
// Readable twin: test/reference/sha256.ts.

import { HMAC_ARENA, HMAC_ARENA_BYTES } from "../memory/hmac.ts";

/** The last address from which 64 bytes can be read. */
const LAST_SOURCE: usize = HMAC_ARENA + HMAC_ARENA_BYTES - 64;

class Chunk {
  /** 16 bytes of the last block, from offset `at`: message up to byte `rest`, there 0x80, zeros behind. */
  @inline static mark(bytes: v128, at: i32, rest: i32): v128 {
    const place = i8x16.splat(<i8>(rest - at));
    const index = i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    const end = v128.and(i8x16.eq(index, place), i8x16.splat(-128));
    return v128.or(v128.and(bytes, i8x16.lt_s(index, place)), end);
  }
}

/**
 * Writes the padded end of a message: what is left of it after its whole blocks, 0x80, zeros, the length in bits.
 * @param source the last `rest` bytes (0 to 63). Up to 64 bytes are read from there, what is behind them is masked.
 * @param total the whole message's length in bytes
 * @param target where to write one or two blocks; may be `source`
 * @returns how many blocks
 */
export function pad(source: usize, rest: usize, total: u64, target: usize): usize {
  if (source > LAST_SOURCE) {
    // So near the end of memory that 64 bytes cannot be read.
    memory.copy(target, source, rest);
    source = target;
  }
  v128.store(target, Chunk.mark(v128.load(source), 0, <i32>rest));
  v128.store(target, Chunk.mark(v128.load(source, 16), 16, <i32>rest), 16);
  v128.store(target, Chunk.mark(v128.load(source, 32), 32, <i32>rest), 32);
  const last = Chunk.mark(v128.load(source, 48), 48, <i32>rest);
  const bits = i64x2.replace_lane(i64x2.splat(0), 1, <i64>bswap<u64>(total << 3));
  if (rest < 56) {
    v128.store(target, v128.or(last, bits), 48);
    return 1;
  }
  v128.store(target, last, 48);
  v128.store(target, i64x2.splat(0), 64);
  v128.store(target, i64x2.splat(0), 80);
  v128.store(target, i64x2.splat(0), 96);
  v128.store(target, bits, 112);
  return 2;
}
