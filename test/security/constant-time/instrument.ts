// Rewrites a module so that everything a clock or a cache could see of its run is reported as it happens: which way every
// branch goes, every address, every operand of a bulk-memory instruction or a division. Two witnesses: wrappers set here
// around those operands, and Binaryen's own passes log-execution and instrument-memory, which do not see all of them
// (branches without memory access, bulk memory, splat and lane loads).

import binaryen from "binaryen";
import { accessor, bodiesOf, itemsOf, nodeOf, type Report } from "./ir.ts";

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

/** With these Binaryen writes what it read as it was; garbage collection would add imports of its own. */
const FEATURES = ["SIMD128", "BulkMemory", "BulkMemoryOpt", "SignExt", "MutableGlobals", "Atomics"] as const;

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
    for (const { name, body } of bodiesOf(this.#module)) {
      this.#function = name;
      this.#visit(body);
    }
  }

  #visit(expression: number): void {
    const node = nodeOf(expression);
    for (const item of itemsOf(expression, node)) this.#visit(item);
    const { kind, shape } = node;
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
