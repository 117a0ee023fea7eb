// Which instructions the shipped modules may hold: those whose time depends on no operand, and the branches and accesses
// that the other gates watch. Everything else is forbidden: floats, relaxed SIMD, memory.grow, indirect calls, tables,
// atomics, and with the exceptions below division.

import binaryen from "binaryen";
import { accessor, bodiesOf, expressionsOf, nodeOf } from "./ir.ts";

const types = (names: string, operations: string): string[] =>
  names.split(" ").flatMap((name) => operations.split(" ").map((operation) => `${name}.${operation}`));

const INTEGERS = [
  ...types("i32 i64", "const add sub mul and or xor shl shr_u shr_s rotl rotr"),
  ...types("i32 i64", "eq ne eqz lt_s lt_u le_s le_u gt_s gt_u ge_s ge_u"),
  ...["i32.wrap_i64", "i64.extend_i32_u", "i64.extend_i32_s", "i64.extend32_s"],
];
const VECTORS = [
  ...types("v128", "const and or xor not andnot bitselect any_true"),
  ...types("i8x16 i16x8 i32x4 i64x2", "splat add sub shl shr_u shr_s eq ne replace_lane"),
  ...types("i8x16 i16x8 i32x4", "lt_s lt_u gt_s gt_u extract_lane"),
  ...["i32x4.mul", "i32x4.dot_i16x8_s", "i8x16.shuffle", "i8x16.swizzle", "i8x16.all_true", "i8x16.narrow_i16x8_u"],
  ...["i8x16.bitmask", "i16x8.extmul_low_i8x16_u", "i16x8.extmul_high_i8x16_u", "i16x8.narrow_i32x4_u"],
  "i32x4.extadd_pairwise_i16x8_u",
];
/** Their addresses are traced. */
const MEMORY = [
  ...types("i32 i64", "load load8_u load16_u load16_s store store8 store16"),
  ...["i64.load32_u", "i64.store32", "memory.copy", "memory.fill"],
  ...types("v128", "load store load32_splat store32_lane store64_lane"),
];
/** Their conditions are traced and stand in branches-*.md. */
const CONTROL = ["block", "loop", "if", "then", "else", "br", "br_if", "select", "return", "call", "drop"];
const VARIABLES = [
  "local.get",
  "local.set",
  "local.tee",
  "global.get",
  "global.set",
  "param",
  "result",
  "local",
  "func",
];
const DECLARATIONS = ["module", "type", "memory", "data", "export", "global", "mut"];
const ALLOWED = new Set([INTEGERS, VECTORS, MEMORY, CONTROL, VARIABLES, DECLARATIONS].flat());

export interface Exception {
  readonly function: string;
  readonly opcode: string;
  readonly count: number;
  readonly reason: string;
}

const BITS_BY_LIMBS =
  "divides the number of a bit, a loop's counter, by the 30 bits of a limb; the tracer watches both";
export const EXCEPTIONS: readonly Exception[] = [
  { function: "assembly/curve25519/invert/invert", opcode: "i32.div_u", count: 1, reason: BITS_BY_LIMBS },
  { function: "assembly/curve25519/invert/invert", opcode: "i32.rem_u", count: 1, reason: BITS_BY_LIMBS },
];

/** What a module holds that it may not: `function: instruction`, as often as it is there. */
export function forbidden(module: binaryen.Module): string[] {
  const found: string[] = [];
  let inside = "module";
  for (const [, opcode = "", name] of module.emitText().matchAll(/\((?!;)([a-z][\w.]*)(?: \$([^\s()]+))?/g)) {
    if (opcode === "func" && name) inside = name;
    if (!ALLOWED.has(opcode)) found.push(`${inside}: ${opcode}`);
  }
  for (const { name, body } of bodiesOf(module)) {
    for (const expression of expressionsOf(body)) {
      if (nodeOf(expression).kind !== "Select") continue;
      const chosen = accessor("Select", "getIfTrue")(expression);
      if (binaryen.getExpressionType(chosen) === binaryen.v128) found.push(`${name}: select between vectors`);
    }
  }
  return found;
}

/** The same, less what is excepted. */
export function violations(module: binaryen.Module, exceptions: readonly Exception[]): string[] {
  const excepted = exceptions.flatMap((one) => new Array<string>(one.count).fill(`${one.function}: ${one.opcode}`));
  return forbidden(module).filter((found) => {
    const at = excepted.indexOf(found);
    if (at >= 0) excepted.splice(at, 1);
    return at < 0;
  });
}
