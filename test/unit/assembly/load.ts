import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/**
 * Instantiates `build/<name>.wasm`, a module built for tests (or a shipped one), without the package's wrapper; where
 * CONNECT_TOKENS_KERNELS names another folder that has it (test/security/bounds), the one from there.
 */
export function loadKernel<Exports>(name: string): Exports & { memory: WebAssembly.Memory } {
  const other = join(root, process.env["CONNECT_TOKENS_KERNELS"] ?? "build", `${name}.wasm`);
  const bytes = readFileSync(existsSync(other) ? other : join(root, `build/${name}.wasm`));
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), {});
  return instance.exports as unknown as Exports & { memory: WebAssembly.Memory };
}
