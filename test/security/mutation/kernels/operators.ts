// What may be wrong with one instruction. Each variant has a name, and the same name on the same instruction always makes the
// same mutant.

import { encodeOpcode, swapsOf } from "./opcodes.ts";
import { Cursor, type FunctionBody, type Instruction, leb, signedLeb, type WasmModule } from "./wasm.ts";

export const operators = [
  "constant",
  "shift",
  "vector",
  "opcode",
  "operands",
  "shuffle",
  "lane",
  "offset",
  "condition",
  "removal",
] as const;
export type Operator = (typeof operators)[number];

export interface Site {
  readonly module: WasmModule;
  readonly body: FunctionBody;
  readonly instruction: Instruction;
  /** The instruction that follows. */
  readonly next: Instruction | undefined;
}

/** What stands in the instruction's place; two more locals of one type where it needs them. */
interface Replacement {
  readonly bytes: readonly number[];
  readonly localsOfType?: number;
}

interface Mutation {
  /** Every variant of this operator on this instruction; none where it does not apply. */
  variants(site: Site): readonly string[];
  replace(site: Site, variant: string): Replacement;
}

const I32 = 0x7f;
const I64 = 0x7e;
const V128 = 0x7b;

const original = ({ module, instruction }: Site): number[] => [
  ...module.bytes.subarray(instruction.start, instruction.end),
];
const operandsOf = ({ module, instruction }: Site): number[] => [
  ...module.bytes.subarray(instruction.operandsAt, instruction.end),
];

const isConstant = ({ instruction }: Site): boolean => /^i(32|64)\.const$/.test(instruction.name);
/** A constant that says by how much the next instruction shifts or rotates. */
const isShiftAmount = (site: Site): boolean =>
  isConstant(site) && /\.(shl|shr_[su]|rot[lr])$/.test(site.next?.name ?? "");
const constantOf = ({ module, instruction }: Site): bigint =>
  new Cursor(module.bytes, instruction.operandsAt).leb(true);
const isWide = ({ instruction }: Site): boolean => instruction.name === "i64.const";

/** The width of what the next instruction shifts: of a lane, where it is a vector. */
const shiftedBits = ({ next }: Site): bigint => BigInt(/^i(\d+)/.exec(next?.name ?? "")?.[1] ?? 32);

function changed(site: Site, variant: string): bigint {
  const value = constantOf(site);
  const bit = /^\^bit(\d+)$/.exec(variant)?.[1];
  if (bit !== undefined) return value ^ (1n << BigInt(bit));
  if (variant === "+1") return value + 1n;
  if (variant === "-1") return value - 1n;
  return variant === "width-n" ? shiftedBits(site) - value : 0n;
}

function replaceConstant(site: Site, variant: string): Replacement {
  const value = isWide(site) ? BigInt.asIntN(64, changed(site, variant)) : BigInt.asIntN(32, changed(site, variant));
  return { bytes: [...encodeOpcode(site.instruction.name), ...signedLeb(value)] };
}

const constant: Mutation = {
  variants(site) {
    if (!isConstant(site) || isShiftAmount(site)) return [];
    const value = constantOf(site);
    const length = (value < 0n ? -value : value).toString(2).length;
    const bits = Array.from({ length: Math.min(Math.max(length, 8), isWide(site) ? 64 : 32) }, (_, i) => `^bit${i}`);
    return ["+1", "-1", ...(value === 0n ? [] : ["0"]), ...bits];
  },
  replace: replaceConstant,
};

const shift: Mutation = {
  variants: (site) => (isShiftAmount(site) ? ["+1", "-1", "width-n"] : []),
  replace: replaceConstant,
};

const vector: Mutation = {
  variants: ({ instruction }) =>
    instruction.name === "v128.const" ? Array.from({ length: 128 }, (_, i) => `^byte${i >> 3}.bit${i & 7}`) : [],
  replace(site, variant) {
    const [, byte, bit] = /^\^byte(\d+)\.bit(\d)$/.exec(variant) ?? [];
    const bytes = operandsOf(site);
    bytes[Number(byte)] = (bytes[Number(byte)] as number) ^ (1 << Number(bit));
    return { bytes: [...encodeOpcode("v128.const"), ...bytes] };
  },
};

const opcode: Mutation = {
  variants: ({ instruction }) => swapsOf(instruction.name),
  replace(site, variant) {
    const operands = operandsOf(site);
    // Another width may not claim the alignment of this one.
    if (site.instruction.immediate === "memory") operands[0] = 0;
    return { bytes: [...encodeOpcode(variant), ...operands] };
  },
};

/** The type of both operands of an instruction that does not commute. */
function operandType(name: string): number | undefined {
  if (/^(i8x16|i16x8|i32x4|i64x2)\.(sub|[lg][te]_|narrow|swizzle)|^v128\.andnot$/.test(name)) return V128;
  if (/^i(32|64)\.(sub|shl|shr|rot|div|rem|[lg][te]_)/.test(name)) return name.startsWith("i32") ? I32 : I64;
  return name === "i32.store" ? I32 : undefined;
}

const operands: Mutation = {
  variants: ({ instruction }) => (operandType(instruction.name) === undefined ? [] : ["swapped"]),
  replace(site) {
    const { localCount } = site.body;
    const set = (at: number) => [...encodeOpcode("local.set"), ...leb(localCount + at)];
    const get = (at: number) => [...encodeOpcode("local.get"), ...leb(localCount + at)];
    return {
      bytes: [...set(0), ...set(1), ...get(0), ...get(1), ...original(site)],
      localsOfType: operandType(site.instruction.name) as number,
    };
  },
};

const shuffle: Mutation = {
  variants(site) {
    if (site.instruction.name !== "i8x16.shuffle") return [];
    return operandsOf(site).flatMap((from, lane) =>
      Array.from({ length: 32 }, (_, other) => `lane${lane}=${other}`).filter((_, other) => other !== from),
    );
  },
  replace(site, variant) {
    const [, lane, from] = /^lane(\d+)=(\d+)$/.exec(variant) ?? [];
    const lanes = operandsOf(site);
    lanes[Number(lane)] = Number(from);
    return { bytes: [...encodeOpcode("i8x16.shuffle"), ...lanes] };
  },
};

const lane: Mutation = {
  variants(site) {
    if (!site.instruction.immediate.endsWith("lane")) return [];
    const count = 128 / laneBits(site.instruction.name);
    const current = operandsOf(site).at(-1);
    return Array.from({ length: count }, (_, i) => `=${i}`).filter((_, i) => i !== current);
  },
  replace: (site, variant) => ({ bytes: [...original(site).slice(0, -1), Number(variant.slice(1))] }),
};

const laneBits = (name: string): number =>
  Number(/^i(\d+)x|(?:load|store)(\d+)_lane/.exec(name)?.slice(1).find(Boolean));

const offset: Mutation = {
  variants(site) {
    if (!site.instruction.immediate.startsWith("memory") || site.instruction.name.startsWith("memory")) return [];
    return ["+1", "+16", ...(memoryOffset(site) > 0 ? ["-1"] : [])];
  },
  replace(site, variant) {
    const cursor = new Cursor(site.module.bytes, site.instruction.operandsAt);
    const alignment = cursor.number();
    const value = cursor.number() + Number(variant);
    const rest = site.module.bytes.subarray(cursor.at, site.instruction.end);
    return { bytes: [...encodeOpcode(site.instruction.name), alignment, ...leb(value), ...rest] };
  },
};

function memoryOffset({ module, instruction }: Site): number {
  const cursor = new Cursor(module.bytes, instruction.operandsAt);
  cursor.number();
  return cursor.number();
}

const condition: Mutation = {
  variants: ({ instruction }) => (["if", "br_if", "select"].includes(instruction.name) ? ["negated"] : []),
  replace: (site) => ({ bytes: [...encodeOpcode("i32.eqz"), ...original(site)] }),
};

/** How many operands an instruction takes off the stack, where it can be left out. */
function removable(site: Site): { readonly operands: number; readonly results: readonly number[] } | undefined {
  const { name } = site.instruction;
  if (/^(memory\.(fill|copy))$/.test(name)) return { operands: 3, results: [] };
  if (/\.store/.test(name)) return { operands: 2, results: [] };
  if (name === "global.set") return { operands: 1, results: [] };
  if (name !== "call") return undefined;
  const callee = new Cursor(site.module.bytes, site.instruction.operandsAt).number();
  const { parameters, results } = (site.module.functions[callee] as FunctionBody).type;
  return { operands: parameters.length, results };
}

const removal: Mutation = {
  variants: (site) => (removable(site) ? ["removed"] : []),
  replace(site) {
    const { operands, results } = removable(site) as { operands: number; results: readonly number[] };
    const drops = Array.from({ length: operands }, () => encodeOpcode("drop")).flat();
    const zeros = results.flatMap((type) =>
      type === I64 ? [...encodeOpcode("i64.const"), 0] : [...encodeOpcode("i32.const"), 0],
    );
    return { bytes: [...drops, ...zeros] };
  },
};

const mutations: Record<Operator, Mutation> = {
  constant,
  shift,
  vector,
  opcode,
  operands,
  shuffle,
  lane,
  offset,
  condition,
  removal,
};

export const variantsOf = (site: Site, operator: Operator): readonly string[] => mutations[operator].variants(site);
export const replacementOf = (site: Site, operator: Operator, variant: string): Replacement =>
  mutations[operator].replace(site, variant);
