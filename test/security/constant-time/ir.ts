// Binaryen's expressions: which operands each has, and which of those a clock or a cache could see.

import binaryen from "binaryen";

/** How an operand is reported: of a condition, only whether it holds. */
export type Report = "condition" | "operand";

export interface Shape {
  /** Operands that are walked. */
  readonly operands?: readonly string[];
  /** An operand that is a list. */
  readonly list?: string;
  /** Those of the operands that are reported. */
  readonly reported?: Readonly<Record<string, Report>>;
}

const pointer = (...rest: string[]): Shape => ({ operands: ["Ptr", ...rest], reported: { Ptr: "operand" } });
const allReported = (...operands: string[]): Shape => ({
  operands,
  reported: Object.fromEntries(operands.map((operand) => [operand, "operand" as const])),
});

/** Every kind of expression that may occur. One that is not listed stops the rewriting: nothing passes unseen. */
const SHAPES: Readonly<Record<string, Shape>> = {
  Block: { list: "Children" },
  Loop: { operands: ["Body"] },
  If: { operands: ["Condition", "IfTrue", "IfFalse"], reported: { Condition: "condition" } },
  Break: { operands: ["Condition", "Value"], reported: { Condition: "condition" } },
  Switch: { operands: ["Condition", "Value"], reported: { Condition: "operand" } },
  Select: { operands: ["IfTrue", "IfFalse", "Condition"], reported: { Condition: "condition" } },
  Call: { list: "Operands" },
  CallIndirect: { list: "Operands", operands: ["Target"], reported: { Target: "operand" } },
  LocalGet: {},
  LocalSet: { operands: ["Value"] },
  GlobalGet: {},
  GlobalSet: { operands: ["Value"] },
  Const: {},
  Unary: { operands: ["Value"] },
  Binary: { operands: ["Left", "Right"] },
  Drop: { operands: ["Value"] },
  Return: { operands: ["Value"] },
  Nop: {},
  Unreachable: {},
  Load: pointer(),
  Store: pointer("Value"),
  AtomicRMW: pointer("Value"),
  AtomicCmpxchg: pointer("Expected", "Replacement"),
  SIMDExtract: { operands: ["Vec"] },
  SIMDReplace: { operands: ["Vec", "Value"] },
  SIMDShuffle: { operands: ["Left", "Right"] },
  SIMDTernary: { operands: ["A", "B", "C"] },
  SIMDShift: { operands: ["Vec", "Shift"] },
  SIMDLoad: pointer(),
  SIMDLoadStoreLane: pointer("Vec"),
  MemoryInit: allReported("Dest", "Offset", "Size"),
  MemoryCopy: allReported("Dest", "Source", "Size"),
  MemoryFill: allReported("Dest", "Value", "Size"),
  MemoryGrow: allReported("Delta"),
  MemorySize: {},
};

/** Takes time that depends on its operands. */
const DIVISION: Shape = allReported("Left", "Right");

type Accessor = (expression: number, at?: number) => number;
// Binaryen's type declarations leave these classes out, and have the tables of numbers as types only.
const classes = binaryen as unknown as Readonly<Record<string, Readonly<Record<string, Accessor>>>>;
const numbers = binaryen as unknown as Readonly<Record<"ExpressionIds" | "Operations", Record<string, number>>>;
const KINDS = new Map(Object.entries(numbers.ExpressionIds).map(([name, id]) => [id, name]));
const DIVISIONS = new Set(
  ["DivS", "DivU", "RemS", "RemU"]
    .flatMap((name) => [32, 64].map((bits) => `${name}Int${bits}`))
    .map((name) => numbers.Operations[name]),
);

export function accessor(kind: string, name: string): Accessor {
  const found = classes[kind]?.[name];
  if (!found) throw new Error(`Binaryen has no ${kind}.${name}`);
  return found;
}

const isDivision = (kind: string, expression: number): boolean =>
  kind === "Binary" && DIVISIONS.has(accessor(kind, "getOp")(expression));

export interface Node {
  readonly kind: string;
  readonly shape: Shape;
}

/** What an expression is. */
export function nodeOf(expression: number): Node {
  const kind = KINDS.get(binaryen.getExpressionId(expression)) ?? "unknown";
  const shape = isDivision(kind, expression) ? DIVISION : SHAPES[kind];
  if (!shape) throw new Error(`no rule for expression ${kind}`);
  return { kind, shape };
}

/** The items of an expression's list. */
export function itemsOf(expression: number, { kind, shape }: Node): number[] {
  if (!shape.list) return [];
  const item = accessor(kind, shape.list === "Children" ? "getChildAt" : "getOperandAt");
  const count = accessor(kind, `getNum${shape.list}`)(expression);
  return Array.from({ length: count }, (_, i) => item(expression, i));
}

/** The functions of a module that are not imported: name and body. */
export function bodiesOf(module: binaryen.Module): { readonly name: string; readonly body: number }[] {
  const functions = Array.from({ length: module.getNumFunctions() }, (_, i) => module.getFunctionByIndex(i));
  return functions.map((one) => binaryen.getFunctionInfo(one)).filter(({ body }) => body !== 0);
}

/** All expressions of a body. */
export function expressionsOf(expression: number): number[] {
  const node = nodeOf(expression);
  const operands = (node.shape.operands ?? []).map((name) => accessor(node.kind, `get${name}`)(expression));
  const children = [...itemsOf(expression, node), ...operands.filter((child) => child !== 0)];
  return [expression, ...children.flatMap(expressionsOf)];
}
