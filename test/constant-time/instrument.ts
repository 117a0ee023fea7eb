// Rewrites a module so that everything a clock or a cache could see of its run is reported as it happens: which way every
// branch goes, every address, every operand of a bulk-memory instruction or a division. Two witnesses: wrappers set here
// around those operands, and Binaryen's own passes log-execution and instrument-memory, which do not see all of them
// (branches without memory access, bulk memory, splat and lane loads).

import binaryen from "binaryen";

/** A place that reports. */
export interface Site {
  readonly function: string;
  /** Instruction and operand. */
  readonly operand: string;
}

export interface Instrumented {
  readonly wasm: Uint8Array<ArrayBuffer>;
  readonly sites: readonly Site[];
}

/** How an operand is reported: of a condition, only whether it holds. */
type Report = "condition" | "operand";

interface Shape {
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

/** With these Binaryen writes what it read as it was; garbage collection would add imports of its own. */
const FEATURES = ["SIMD128", "BulkMemory", "BulkMemoryOpt", "SignExt", "MutableGlobals", "Atomics"] as const;

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

function accessor(kind: string, name: string): Accessor {
  const found = classes[kind]?.[name];
  if (!found) throw new Error(`Binaryen has no ${kind}.${name}`);
  return found;
}

const isDivision = (kind: string, expression: number): boolean =>
  kind === "Binary" && DIVISIONS.has(accessor(kind, "getOp")(expression));

class Rewriter {
  readonly sites: Site[] = [];
  readonly #module: binaryen.Module;
  #function = "";

  constructor(module: binaryen.Module) {
    this.#module = module;
  }

  rewrite(): void {
    const { i32, i64 } = binaryen;
    const two = binaryen.createType([i32, i32]);
    for (const report of ["condition", "operand"]) this.#module.addFunctionImport(report, "trace", report, two, i32);
    this.#module.addFunctionImport("operand64", "trace", "operand64", binaryen.createType([i32, i64]), i64);
    for (let i = 0; i < this.#module.getNumFunctions(); i++) {
      const info = binaryen.getFunctionInfo(this.#module.getFunctionByIndex(i));
      this.#function = info.name;
      if (info.body !== 0) this.#visit(info.body);
    }
  }

  #visit(expression: number): void {
    const kind = KINDS.get(binaryen.getExpressionId(expression)) ?? "";
    const shape = isDivision(kind, expression) ? DIVISION : SHAPES[kind];
    if (!shape) throw new Error(`${this.#function}: no rule for expression ${kind || "unknown"}`);
    if (shape.list) {
      const count = accessor(kind, `getNum${shape.list}`)(expression);
      const item = accessor(kind, shape.list === "Children" ? "getChildAt" : "getOperandAt");
      for (let i = 0; i < count; i++) this.#visit(item(expression, i));
    }
    for (const operand of shape.operands ?? []) {
      const child = accessor(kind, `get${operand}`)(expression);
      if (child === 0) continue;
      this.#visit(child);
      const report = shape.reported?.[operand];
      if (report) accessor(kind, `set${operand}`)(expression, this.#wrap(child, report, `${kind} ${operand}`));
    }
  }

  #wrap(operand: number, report: Report, name: string): number {
    const type = binaryen.getExpressionType(operand);
    if (type === binaryen.unreachable) return operand;
    const site = this.#module.i32.const(this.sites.length);
    this.sites.push({ function: this.#function, operand: name });
    const wide = type === binaryen.i64;
    return this.#module.call(wide ? "operand64" : report, [site, operand], type);
  }
}

/**
 * @param module is used up
 * @param witnesses which of the two report
 */
export function instrument(
  module: binaryen.Module,
  witnesses: { readonly wrappers: boolean; readonly passes: boolean } = { wrappers: true, passes: true },
): Instrumented {
  module.setFeatures(FEATURES.reduce<number>((sum, name) => sum | binaryen.Features[name], 0));
  const rewriter = new Rewriter(module);
  if (witnesses.wrappers) rewriter.rewrite();
  if (witnesses.passes) module.runPasses(["instrument-memory", "log-execution"]);
  if (!module.validate()) throw new Error("the instrumented module is not valid");
  const wasm = Uint8Array.from(module.emitBinary());
  module.dispose();
  return { wasm, sites: rewriter.sites };
}
