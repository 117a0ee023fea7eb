import { readFileSync } from "node:fs";

/** Instantiates `build/<name>.wasm`, a module built for tests (or a shipped one), without the package's wrapper. */
export function loadKernel<Exports>(name: string): Exports & { memory: WebAssembly.Memory } {
  const bytes = readFileSync(new URL(`../../../build/${name}.wasm`, import.meta.url));
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), {});
  return instance.exports as unknown as Exports & { memory: WebAssembly.Memory };
}
