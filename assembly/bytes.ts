// Helpers over raw memory that more than one kernel needs.

/** Zeroes `length` bytes from `pointer`. */
export function wipe(pointer: usize, length: usize): void {
  memory.fill(pointer, 0, length);
}

/**
 * Compares two regions over their whole length, without an early exit.
 * @returns 1 where all bytes are equal, 0 where not
 */
export function equalBytes(a: usize, b: usize, length: usize): i32 {
  let difference: u32 = 0;
  for (let i: usize = 0; i < length; i++) difference |= <u32>load<u8>(a + i) ^ <u32>load<u8>(b + i);
  // 0 becomes 1, 1..255 become 0, without a branch.
  return <i32>((difference - 1) >>> 31);
}
