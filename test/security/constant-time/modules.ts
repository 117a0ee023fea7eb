// The shipped modules, with the names of their functions.

import { readFileSync } from "node:fs";
import binaryen from "binaryen";
import type { ModuleName } from "../../../src/wasm/instantiate.ts";

export { MODULE_NAMES, type ModuleName } from "../../../src/wasm/instantiate.ts";

const read = (path: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(readFileSync(new URL(`../../../${path}`, import.meta.url)));

/** What ships. */
export const shipped = (name: ModuleName): Uint8Array<ArrayBuffer> => read(`dist/wasm/${name}.wasm`);

/** The compiler's output that it was taken from: the same, and with it the names of functions. */
export const named = (name: ModuleName): Uint8Array<ArrayBuffer> => read(`build/${name}.debug.wasm`);

/** The source map that belongs to it. */
export const sourceMap = (name: ModuleName): string => Buffer.from(read(`build/${name}.debug.wasm.map`)).toString();

/** In Binaryen's hands. */
export const parsed = (name: ModuleName): binaryen.Module => binaryen.readBinary(named(name));
