import { readFileSync } from "node:fs";
import binaryen from "binaryen";
import { MODULE_NAMES, provideModule } from "../../../src/wasm/instantiate.ts";
import type { Sensor } from "./coverage.ts";

// V8's coverage ends where WebAssembly begins. So the shipped modules are rewritten: each arm of an `if`, each way on
// from a `br_if`, and each body of a loop or function sets a bit of a global of its own.

const BITS = 32;
const GLOBAL = "edges";

/** The module with a bit set at each edge, and how many there are. */
export function markEdges(wasm: Uint8Array): { wasm: Uint8Array; edges: number } {
  const module = binaryen.readBinaryWithFeatures(wasm, binaryen.Features.All);
  let edges = 0;
  const mark = (): number => {
    const name = `${GLOBAL}${Math.floor(edges / BITS)}`;
    const bit = module.i32.const(1 << (edges++ % BITS));
    return module.global.set(name, module.i32.or(module.global.get(name, binaryen.i32), bit));
  };
  const marked = (body: number): number => module.block(null, [mark(), body], binaryen.getExpressionType(body));

  /** The expression with the edges in it marked; one that none of these hold is left as it is. */
  const walk = (expression: number): number => {
    const info: unknown = binaryen.getExpressionInfo(expression);
    switch (binaryen.getExpressionId(expression)) {
      case binaryen.BlockId: {
        const { name, children, type } = info as binaryen.BlockInfo;
        return module.block(name, children.map(walk), type);
      }
      case binaryen.LoopId: {
        const { name, body } = info as binaryen.LoopInfo;
        return module.loop(name, marked(walk(body)));
      }
      case binaryen.IfId: {
        const { condition, ifTrue, ifFalse } = info as binaryen.IfInfo;
        return module.if(condition, marked(walk(ifTrue)), ifFalse ? marked(walk(ifFalse)) : mark());
      }
      case binaryen.BreakId: {
        const { name, condition, value } = info as binaryen.BreakInfo;
        if (!condition || value) return expression;
        return module.if(condition, module.block(null, [mark(), module.br(name)]), mark());
      }
      case binaryen.LocalSetId: {
        const { index, value, isTee, type } = info as binaryen.LocalSetInfo;
        return isTee ? module.local.tee(index, walk(value), type) : module.local.set(index, walk(value));
      }
      case binaryen.ReturnId: {
        const { value } = info as binaryen.ReturnInfo;
        return module.return(value ? walk(value) : undefined);
      }
      default:
        return expression;
    }
  };

  const all = Array.from({ length: module.getNumFunctions() }, (_, i) => module.getFunctionByIndex(i));
  for (const { name, base, params, results, vars, body } of all.map(binaryen.getFunctionInfo)) {
    if (base) continue;
    const rewritten = marked(walk(body));
    module.removeFunction(name);
    module.addFunction(name, params, results, vars, rewritten);
  }
  for (let i = 0; i * BITS < edges; i++) {
    module.addGlobal(`${GLOBAL}${i}`, binaryen.i32, true, module.i32.const(0));
    module.addGlobalExport(`${GLOBAL}${i}`, `${GLOBAL}${i}`);
  }
  if (!module.validate()) throw new Error("the marked module is not valid");
  return { wasm: module.emitBinary(), edges };
}

const globals: WebAssembly.Global[] = [];
let total = 0;

/** Has the package start from marked modules: before the first use of any scheme. */
export function watchKernels(): void {
  const Native = WebAssembly.Instance;
  WebAssembly.Instance = new Proxy(Native, {
    construct(target, [module, imports]: [WebAssembly.Module, WebAssembly.Imports]) {
      const instance = new target(module, imports);
      for (const [name, value] of Object.entries(instance.exports)) {
        if (name.startsWith(GLOBAL) && value instanceof WebAssembly.Global) globals.push(value);
      }
      return instance;
    },
  });
  for (const name of MODULE_NAMES) {
    const { wasm, edges } = markEdges(readFileSync(new URL(`../../../dist/wasm/${name}.wasm`, import.meta.url)));
    provideModule(name, new WebAssembly.Module(wasm as Uint8Array<ArrayBuffer>));
    total += edges;
  }
}

/** The edges of the kernels that ran. */
export function kernelSensor(): Sensor {
  const known: number[] = [];
  const take = (keeping: boolean): boolean => {
    let any = false;
    for (let i = 0; i < globals.length; i++) {
      const global = globals[i] as WebAssembly.Global;
      const fresh = (global.value as number) & ~(known[i] ?? 0);
      global.value = 0;
      if (fresh === 0) continue;
      any = true;
      if (keeping) known[i] = (known[i] ?? 0) | fresh;
    }
    return any;
  };
  return {
    isNew: () => take(false),
    keep: () => take(true),
    report() {
      let count = 0;
      for (const bits of known) for (let left = bits ?? 0; left !== 0; left &= left - 1) count++;
      return `${count} of ${total} edges of the kernels`;
    },
  };
}
