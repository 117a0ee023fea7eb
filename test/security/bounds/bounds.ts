// Rewrites a module so that every access to memory lies within one arena of its map, or in the compiler's static data;
// any other traps, in a function named outside_the_arenas below the one whose access it was.

import binaryen from "binaryen";
import { accessor, bodiesOf, expressionsOf, nodeOf } from "../constant-time/ir.ts";

/** Bytes that may be touched: from the first up to, not including, the second. */
export type Range = readonly [from: number, to: number];

export interface Bounded {
  readonly wasm: Uint8Array<ArrayBuffer>;
  /** How many accesses are held to the ranges. */
  readonly accesses: number;
}

const FEATURES = ["SIMD128", "BulkMemory", "BulkMemoryOpt", "SignExt", "MutableGlobals"] as const;
const CHECK = "outside_the_arenas";
/** What SIMD loads and lane accesses move, in the order of Binaryen's operations; of other accesses it tells itself. */
const SIMD_BYTES: Readonly<Record<string, readonly number[]>> = {
  SIMDLoad: [1, 2, 4, 8, 8, 8, 8, 8, 8, 8, 4, 8],
  SIMDLoadStoreLane: [1, 2, 4, 8, 1, 2, 4, 8],
};

/** Of Binaryen's classes, what its type declarations name otherwise. */
interface Segments {
  getNumDataSegments(): number;
  getDataSegmentByIndex(index: number): number;
  getDataSegmentInfo(segment: number): { readonly offset: number; readonly data: { readonly byteLength: number } };
}

/** @param module is used up */
export function withBounds(module: binaryen.Module, arenas: readonly Range[]): Bounded {
  module.setFeatures(FEATURES.reduce<number>((sum, name) => sum | binaryen.Features[name], 0));
  const ranges = [...arenas, ...staticData(module)].sort(([a], [b]) => a - b);
  const bodies = bodiesOf(module);
  addChecks(module, ranges);
  let accesses = 0;
  for (const { body } of bodies) {
    for (const expression of expressionsOf(body)) if (bound(module, expression)) accesses++;
  }
  if (!module.validate()) throw new Error("the module with bounds is not valid");
  binaryen.setDebugInfo(true); // keeps the names
  return { wasm: Uint8Array.from(module.emitBinary()), accesses };
}

function staticData(module: binaryen.Module): Range[] {
  const segments = module as unknown as Segments;
  return Array.from({ length: segments.getNumDataSegments() }, (_, i) => {
    const { offset, data } = segments.getDataSegmentInfo(segments.getDataSegmentByIndex(i));
    return [offset, offset + data.byteLength];
  });
}

/** Adds the functions that the operands go through; each gives back the operand it is given. */
function addChecks(module: binaryen.Module, ranges: readonly Range[]): void {
  const { i32 } = binaryen;
  const get = (index: number): number => module.local.get(index, i32);
  const [one, two] = [i32, binaryen.createType([i32, i32])];
  for (const name of ["bulkTarget", "bulkSource"]) {
    module.addGlobal(name, i32, true, module.i32.const(0));
    module.addFunction(name, one, i32, [], module.block(null, [module.global.set(name, get(0)), get(0)], i32));
  }
  // The first byte and the length; the tree finds the last range that begins at or below the first byte.
  const tree = (low: number, high: number): number => {
    if (low > high) return module.unreachable();
    const middle = (low + high) >> 1;
    const [from, to] = ranges[middle] as Range;
    if (low === high) {
      const inside = module.i32.and(
        module.i32.ge_u(get(0), module.i32.const(from)),
        module.i32.and(
          module.i32.le_u(get(0), module.i32.const(to)),
          module.i32.le_u(get(1), module.i32.sub(module.i32.const(to), get(0))),
        ),
      );
      return module.if(inside, module.return(), module.unreachable());
    }
    const next = (ranges[middle + 1] as Range)[0];
    return module.if(module.i32.ge_u(get(0), module.i32.const(next)), tree(middle + 1, high), tree(low, middle));
  };
  module.addFunction(CHECK, two, binaryen.none, [], tree(0, ranges.length - 1));
  const check = (first: number, length: number): number => module.call(CHECK, [first, length], binaryen.none);
  // An address, the instruction's offset (where the sum wraps, no arena has it) and the bytes it moves.
  module.addFunction(
    "access",
    binaryen.createType([i32, i32, i32]),
    i32,
    [],
    module.block(null, [check(module.i32.add(get(0), get(1)), get(2)), get(0)], i32),
  );
  const global = (name: string): number => module.global.get(name, i32);
  const filled = [check(global("bulkTarget"), get(0)), get(0)];
  module.addFunction("fillLength", one, i32, [], module.block(null, filled, i32));
  const copied = [check(global("bulkTarget"), get(0)), check(global("bulkSource"), get(0)), get(0)];
  module.addFunction("copyLength", one, i32, [], module.block(null, copied, i32));
}

/** Sends the operands of an access through the checks; false for what is no access. */
function bound(module: binaryen.Module, expression: number): boolean {
  const { kind, shape } = nodeOf(expression);
  const reads = (name: string): number => accessor(kind, `get${name}`)(expression);
  const through = (name: string, check: string, ...more: number[]): void => {
    const operands = [reads(name), ...more.map((value) => module.i32.const(value))];
    (accessor(kind, `set${name}`) as (at: number, to: number) => unknown)(
      expression,
      module.call(check, operands, binaryen.i32),
    );
  };
  if (shape.operands?.includes("Ptr")) {
    through("Ptr", "access", reads("Offset"), bytesOf(kind, expression));
  } else if (kind === "MemoryFill" || kind === "MemoryCopy") {
    const copies = kind === "MemoryCopy";
    // The target waits in a global while the other operands are computed: none may fill or copy meanwhile.
    for (const later of [copies ? "Source" : "Value", "Size"]) {
      const kinds = expressionsOf(reads(later)).map((inner) => nodeOf(inner).kind);
      if (kinds.some((inner) => /^Memory|^Call/.test(inner))) throw new Error(`${kind} with a call in its ${later}`);
    }
    through("Dest", "bulkTarget");
    if (copies) through("Source", "bulkSource");
    through("Size", copies ? "copyLength" : "fillLength");
  } else if (kind.startsWith("Memory") && kind !== "MemorySize") {
    throw new Error(`no rule for ${kind}`);
  } else {
    return false;
  }
  return true;
}

function bytesOf(kind: string, expression: number): number {
  if (kind === "Load" || kind === "Store") return accessor(kind, "getBytes")(expression);
  const bytes = SIMD_BYTES[kind]?.[accessor(kind, "getOp")(expression)];
  if (bytes === undefined) throw new Error(`no size for ${kind}`);
  return bytes;
}
