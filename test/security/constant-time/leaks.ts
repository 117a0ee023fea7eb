// Small modules whose running time or memory accesses depend on a secret, each in a way of its own, and one that does not.
// The secret is the 32 bytes at 0x100; at 0x200 stand 32 public ones.

const SECRET = "(i32.load8_u (i32.const 0x100))";
/** 0 or 1, as the secret has it. */
const BIT = `(i32.and ${SECRET} (i32.const 1))`;

const module = (body: string, declarations = ""): string => `(module
  (memory (export "memory") 1)
  ${declarations}
  (func (export "run") (result i32) (local $i i32) (local $sum i32) ${body}))`;

/** A loop over 32 bytes. */
const overBytes = (body: string): string =>
  `(loop $next ${body}
    (local.set $i (i32.add (local.get $i) (i32.const 1)))
    (br_if $next (i32.lt_u (local.get $i) (i32.const 32))))`;
const difference = `(i32.xor
  (i32.load8_u offset=0x100 (local.get $i))
  (i32.load8_u offset=0x200 (local.get $i)))`;

export const LEAKS: Readonly<Record<string, string>> = {
  "a comparison that ends at the first difference": module(
    `${overBytes(`(if ${difference} (then (return (i32.const 0))))`)} (i32.const 1)`,
  ),
  "a table lookup": module(`(i32.load8_u offset=0x400 ${SECRET})`),
  "an if that touches no memory and does not return": module(`(if ${BIT} (then (local.set $sum (i32.const 7))))
    (local.get $sum)`),
  "a br_if": module(`(block $out (br_if $out ${BIT}) (local.set $sum (i32.const 7))) (local.get $sum)`),
  "a br_table": module(`(block $a (block $b (br_table $a $b ${BIT})) (local.set $sum (i32.const 7))) (local.get $sum)`),
  "a select between numbers": module(`(select (i32.const 1) (i32.const 2) ${BIT})`),
  "a select between vectors": module(
    `(i32x4.extract_lane 0 (select (v128.const i32x4 1 2 3 4) (v128.const i32x4 5 6 7 8) ${BIT}))`,
  ),
  "memory.copy from a secret address": module(`(memory.copy (i32.const 0x800) ${SECRET} (i32.const 8)) (i32.const 0)`),
  "memory.copy of a secret length": module(`(memory.copy (i32.const 0x800) (i32.const 0x400) ${SECRET}) (i32.const 0)`),
  "memory.fill of a secret length": module(`(memory.fill (i32.const 0x800) (i32.const 0) ${SECRET}) (i32.const 0)`),
  "v128.load32_splat at a secret address": module(`(i32x4.extract_lane 0 (v128.load32_splat offset=0x400 ${SECRET}))`),
  "v128.load8x8_u at a secret address": module(`(i32x4.extract_lane 0 (v128.load8x8_u offset=0x400 ${SECRET}))`),
  "v128.load32_lane at a secret address": module(
    `(i32x4.extract_lane 0 (v128.load32_lane offset=0x400 0 ${SECRET} (v128.const i32x4 1 2 3 4)))`,
  ),
  "v128.store8_lane at a secret address": module(
    `(v128.store8_lane offset=0x400 0 ${SECRET} (v128.const i32x4 1 2 3 4)) (i32.const 0)`,
  ),
  "a store at a secret address": module(`(i32.store8 offset=0x400 ${SECRET} (i32.const 1)) (i32.const 0)`),
  "an atomic access at a secret address": module(
    `(i32.atomic.rmw8.add_u offset=0x400 ${SECRET} (i32.const 1))`,
  ).replace('"memory") 1', '"memory") 1 1 shared'),
  "a division of a secret": module(`(i32.div_u ${SECRET} (i32.const 7))`),
  "a remainder of a secret, 64 bits": module(
    `(i32.wrap_i64 (i64.rem_u (i64.load (i32.const 0x100)) (i64.const 1000003)))`,
  ),
  "a call through a table": module(
    `(call_indirect (type $plain) ${BIT})`,
    `(type $plain (func (result i32))) (table funcref (elem $a $b))
     (func $a (result i32) (i32.const 1)) (func $b (result i32) (i32.const 2))`,
  ),
};

/** What a comparison should look like: no early exit, the verdict without a branch. */
export const XOR_OR_COMPARISON = module(
  `${overBytes(`(local.set $sum (i32.or (local.get $sum) ${difference}))`)}
  (i32.shr_u (i32.sub (local.get $sum) (i32.const 1)) (i32.const 31))`,
);
