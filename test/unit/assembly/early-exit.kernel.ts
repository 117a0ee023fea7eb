// A compare that leaks on purpose: the timing test's own control.

/** Compares byte after byte and stops at the first that differs. @returns 1 where all are equal, 0 where not */
export function earlyExitEqual(a: usize, b: usize, length: usize): i32 {
  for (let i: usize = 0; i < length; i++) if (load<u8>(a + i) !== load<u8>(b + i)) return 0;
  return 1;
}
