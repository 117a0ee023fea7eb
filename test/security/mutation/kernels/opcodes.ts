// The instructions that asc makes of the kernels, by number; those behind the prefixes 0xfc and 0xfd as prefix << 16 | number.
// An instruction missing here stops the tool, so that none is passed over.

const BULK = 0xfc0000;
const SIMD = 0xfd0000;

/** What follows an opcode in the binary. */
export type Immediate =
  | "none"
  | "block"
  | "index"
  | "table"
  | "memory"
  | "memory-lane"
  | "lane"
  | "bytes"
  | "i32"
  | "i64";

const named: readonly (readonly [first: number, immediate: Immediate, names: string])[] = [
  [0x00, "none", "unreachable nop"],
  [0x02, "block", "block loop if"],
  [0x05, "none", "else"],
  [0x0b, "none", "end"],
  [0x0c, "index", "br br_if"],
  [0x0e, "table", "br_table"],
  [0x0f, "none", "return"],
  [0x10, "index", "call"],
  [0x1a, "none", "drop select"],
  [0x20, "index", "local.get local.set local.tee global.get global.set"],
  [0x28, "memory", "i32.load i64.load"],
  [0x2c, "memory", "i32.load8_s i32.load8_u i32.load16_s i32.load16_u"],
  [0x30, "memory", "i64.load8_s i64.load8_u i64.load16_s i64.load16_u i64.load32_s i64.load32_u"],
  [0x36, "memory", "i32.store i64.store"],
  [0x3a, "memory", "i32.store8 i32.store16 i64.store8 i64.store16 i64.store32"],
  [0x41, "i32", "i32.const"],
  [0x42, "i64", "i64.const"],
  [0x45, "none", "i32.eqz"],
  [0x46, "none", "i32.eq i32.ne i32.lt_s i32.lt_u i32.gt_s i32.gt_u i32.le_s i32.le_u i32.ge_s i32.ge_u"],
  [0x50, "none", "i64.eqz"],
  [0x51, "none", "i64.eq i64.ne i64.lt_s i64.lt_u i64.gt_s i64.gt_u i64.le_s i64.le_u i64.ge_s i64.ge_u"],
  [0x67, "none", "i32.clz i32.ctz i32.popcnt i32.add i32.sub i32.mul i32.div_s i32.div_u i32.rem_s i32.rem_u"],
  [0x71, "none", "i32.and i32.or i32.xor i32.shl i32.shr_s i32.shr_u i32.rotl i32.rotr"],
  [0x79, "none", "i64.clz i64.ctz i64.popcnt i64.add i64.sub i64.mul i64.div_s i64.div_u i64.rem_s i64.rem_u"],
  [0x83, "none", "i64.and i64.or i64.xor i64.shl i64.shr_s i64.shr_u i64.rotl i64.rotr"],
  [0xa7, "none", "i32.wrap_i64"],
  [0xac, "none", "i64.extend_i32_s i64.extend_i32_u"],
  [0xc0, "none", "i32.extend8_s i32.extend16_s i64.extend8_s i64.extend16_s i64.extend32_s"],
  [BULK + 11, "memory", "memory.fill"],
  [BULK + 10, "memory", "memory.copy"],
  [SIMD + 0, "memory", "v128.load"],
  [SIMD + 7, "memory", "v128.load8_splat v128.load16_splat v128.load32_splat v128.load64_splat v128.store"],
  [SIMD + 12, "bytes", "v128.const i8x16.shuffle"],
  [SIMD + 14, "none", "i8x16.swizzle i8x16.splat i16x8.splat i32x4.splat i64x2.splat"],
  [SIMD + 21, "lane", "i8x16.extract_lane_s i8x16.extract_lane_u i8x16.replace_lane"],
  [SIMD + 24, "lane", "i16x8.extract_lane_s i16x8.extract_lane_u i16x8.replace_lane"],
  [SIMD + 27, "lane", "i32x4.extract_lane i32x4.replace_lane i64x2.extract_lane i64x2.replace_lane"],
  [SIMD + 35, "none", "i8x16.eq i8x16.ne i8x16.lt_s i8x16.lt_u i8x16.gt_s i8x16.gt_u"],
  [SIMD + 41, "none", "i8x16.le_s i8x16.le_u i8x16.ge_s i8x16.ge_u"],
  [SIMD + 45, "none", "i16x8.eq i16x8.ne i16x8.lt_s i16x8.lt_u i16x8.gt_s i16x8.gt_u"],
  [SIMD + 51, "none", "i16x8.le_s i16x8.le_u i16x8.ge_s i16x8.ge_u"],
  [SIMD + 55, "none", "i32x4.eq i32x4.ne i32x4.lt_s i32x4.lt_u i32x4.gt_s i32x4.gt_u"],
  [SIMD + 61, "none", "i32x4.le_s i32x4.le_u i32x4.ge_s i32x4.ge_u"],
  [SIMD + 77, "none", "v128.not v128.and v128.andnot v128.or v128.xor v128.bitselect v128.any_true"],
  [SIMD + 84, "memory-lane", "v128.load8_lane v128.load16_lane v128.load32_lane v128.load64_lane"],
  [SIMD + 88, "memory-lane", "v128.store8_lane v128.store16_lane v128.store32_lane v128.store64_lane"],
  [SIMD + 92, "memory", "v128.load32_zero v128.load64_zero"],
  [SIMD + 99, "none", "i8x16.all_true i8x16.bitmask i8x16.narrow_i16x8_s i8x16.narrow_i16x8_u"],
  [SIMD + 107, "none", "i8x16.shl i8x16.shr_s i8x16.shr_u i8x16.add i8x16.add_sat_s i8x16.add_sat_u"],
  [SIMD + 113, "none", "i8x16.sub i8x16.sub_sat_s i8x16.sub_sat_u"],
  [SIMD + 126, "none", "i32x4.extadd_pairwise_i16x8_s i32x4.extadd_pairwise_i16x8_u"],
  [SIMD + 133, "none", "i16x8.narrow_i32x4_s i16x8.narrow_i32x4_u"],
  [SIMD + 139, "none", "i16x8.shl i16x8.shr_s i16x8.shr_u i16x8.add i16x8.add_sat_s i16x8.add_sat_u"],
  [SIMD + 145, "none", "i16x8.sub i16x8.sub_sat_s i16x8.sub_sat_u"],
  [SIMD + 149, "none", "i16x8.mul"],
  [SIMD + 156, "none", "i16x8.extmul_low_i8x16_s i16x8.extmul_high_i8x16_s"],
  [SIMD + 158, "none", "i16x8.extmul_low_i8x16_u i16x8.extmul_high_i8x16_u"],
  [SIMD + 167, "none", "i32x4.extend_low_i16x8_s i32x4.extend_high_i16x8_s"],
  [SIMD + 169, "none", "i32x4.extend_low_i16x8_u i32x4.extend_high_i16x8_u"],
  [SIMD + 171, "none", "i32x4.shl i32x4.shr_s i32x4.shr_u i32x4.add"],
  [SIMD + 177, "none", "i32x4.sub"],
  [SIMD + 181, "none", "i32x4.mul"],
  [SIMD + 186, "none", "i32x4.dot_i16x8_s"],
  [SIMD + 203, "none", "i64x2.shl i64x2.shr_s i64x2.shr_u i64x2.add"],
  [SIMD + 209, "none", "i64x2.sub"],
  [SIMD + 213, "none", "i64x2.mul"],
  [SIMD + 220, "none", "i64x2.extmul_low_i32x4_s i64x2.extmul_high_i32x4_s"],
  [SIMD + 222, "none", "i64x2.extmul_low_i32x4_u i64x2.extmul_high_i32x4_u"],
];

export interface Opcode {
  readonly name: string;
  readonly immediate: Immediate;
}

const byNumber = new Map<number, Opcode>();
const byName = new Map<string, number>();
for (const [first, immediate, names] of named) {
  for (const [i, name] of names.split(" ").entries()) {
    byNumber.set(first + i, { name, immediate });
    byName.set(name, first + i);
  }
}

export function opcodeOf(number: number): Opcode {
  const opcode = byNumber.get(number);
  if (!opcode) throw new Error(`opcodes.ts does not know instruction 0x${number.toString(16)}`);
  return opcode;
}

/** The bytes of an instruction without its immediates. */
export function encodeOpcode(name: string): number[] {
  const number = byName.get(name);
  if (number === undefined) throw new Error(`opcodes.ts does not know ${name}`);
  if (number < 0x100) return [number];
  const low = number & 0xffff;
  return low < 0x80 ? [number >>> 16, low] : [number >>> 16, (low & 0x7f) | 0x80, low >>> 7];
}

/** Instructions that may stand for each other: same operands, same result, same immediates. */
const classes: readonly string[] = [
  "i32.add i32.sub",
  "i64.add i64.sub",
  "i32.mul i32.add",
  "i64.mul i64.add",
  "i32.and i32.or i32.xor",
  "i64.and i64.or i64.xor",
  "i32.shl i32.shr_s i32.shr_u",
  "i64.shl i64.shr_s i64.shr_u",
  "i32.rotl i32.rotr",
  "i64.rotl i64.rotr",
  "i32.div_u i32.rem_u",
  "i32.eq i32.ne",
  "i64.eq i64.ne",
  "i32.lt_s i32.lt_u i32.gt_s i32.gt_u i32.le_s i32.le_u i32.ge_s i32.ge_u",
  "i64.lt_s i64.lt_u i64.gt_s i64.gt_u i64.le_s i64.le_u i64.ge_s i64.ge_u",
  "i64.extend_i32_s i64.extend_i32_u",
  "i64.extend8_s i64.extend16_s i64.extend32_s",
  "i32.load i32.load8_s i32.load8_u i32.load16_s i32.load16_u",
  "i64.load i64.load8_s i64.load8_u i64.load16_s i64.load16_u i64.load32_s i64.load32_u",
  "i32.store i32.store8 i32.store16",
  "i64.store i64.store8 i64.store16 i64.store32",
  "v128.load8_splat v128.load16_splat v128.load32_splat v128.load64_splat v128.load32_zero v128.load64_zero",
  "v128.and v128.andnot v128.or v128.xor",
  "i8x16.splat i16x8.splat i32x4.splat",
  "i8x16.eq i8x16.ne",
  "i8x16.lt_s i8x16.lt_u i8x16.gt_s i8x16.gt_u i8x16.le_s i8x16.le_u i8x16.ge_s i8x16.ge_u",
  "i16x8.lt_s i16x8.lt_u i16x8.gt_s i16x8.gt_u i16x8.le_s i16x8.le_u i16x8.ge_s i16x8.ge_u",
  "i32x4.lt_s i32x4.lt_u i32x4.gt_s i32x4.gt_u i32x4.le_s i32x4.le_u i32x4.ge_s i32x4.ge_u",
  "i32x4.eq i32x4.ne",
  "v128.any_true i8x16.all_true",
  "i8x16.narrow_i16x8_s i8x16.narrow_i16x8_u",
  "i16x8.narrow_i32x4_s i16x8.narrow_i32x4_u",
  "i16x8.extmul_low_i8x16_s i16x8.extmul_high_i8x16_s i16x8.extmul_low_i8x16_u i16x8.extmul_high_i8x16_u",
  "i32x4.extadd_pairwise_i16x8_s i32x4.extadd_pairwise_i16x8_u",
  "i8x16.add i8x16.sub",
  "i16x8.add i16x8.sub",
  "i32x4.add i32x4.sub",
  "i64x2.add i64x2.sub",
  "i16x8.mul i16x8.add",
  "i32x4.mul i32x4.add",
  "i64x2.mul i64x2.add",
  "i32x4.dot_i16x8_s i32x4.add i16x8.mul",
  "i8x16.shl i8x16.shr_s i8x16.shr_u",
  "i16x8.shl i16x8.shr_s i16x8.shr_u",
  "i32x4.shl i32x4.shr_s i32x4.shr_u",
  "i64x2.shl i64x2.shr_s i64x2.shr_u",
  "i64x2.extmul_low_i32x4_s i64x2.extmul_high_i32x4_s i64x2.extmul_low_i32x4_u i64x2.extmul_high_i32x4_u",
  "i32x4.extend_low_i16x8_s i32x4.extend_high_i16x8_s i32x4.extend_low_i16x8_u i32x4.extend_high_i16x8_u",
];

const swaps = new Map<string, string[]>();
for (const line of classes) {
  const names = line.split(" ");
  // The first of a class that begins with a multiplication is replaced, and replaces nothing.
  const sources = /\.(mul|dot)/.test(names[0] as string) ? names.slice(0, 1) : names;
  for (const name of sources) swaps.set(name, [...(swaps.get(name) ?? []), ...names.filter((other) => other !== name)]);
}

/** What may stand in place of an instruction. */
export function swapsOf(name: string): readonly string[] {
  return swaps.get(name) ?? [];
}
