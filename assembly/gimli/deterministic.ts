// libhydrogen's deterministic generator (hydro_random_buf_deterministic). Scratch: CUTE_SCRATCH_GIMLI + 0x200 .. 0x2ff.
// Readable twin: test/reference/gimli.ts.

import { CUTE_SCRATCH_GIMLI } from "../memory/cute.ts";
import { core } from "./permutation.ts";
import { absorb, clear, squeeze, xorRate } from "./sponge.ts";

/** The sponge's 48 bytes. */
const STATE: usize = CUTE_SCRATCH_GIMLI + 0x200;

/** Writes `length` bytes made from the 32 bytes at `seed` to `out`. The length is an input: a prefix is another output. */
export function deterministicBytes(seed: usize, length: i32, out: usize): void {
  clear(STATE);
  // 07 "drbg256", the length.
  xorRate(STATE, ((<u64>0x36353267) << 32) | 0x62726407, <u64>length);
  core(STATE, 1);
  absorb(STATE, 2, seed, 2);
  squeeze(STATE, out, length);
  clear(STATE);
}
