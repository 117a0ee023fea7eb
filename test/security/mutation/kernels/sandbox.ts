// Folders in which a mutant stands where the shipped module stands in the project.

import { copyFileSync, mkdirSync, readdirSync, rmSync } from "node:fs";

/** An empty folder, but for build/ with the kernels as they are built. */
export function makeSandbox(root: string, name: string): string {
  const sandbox = `${root}/build/mutation/${name}`;
  rmSync(sandbox, { recursive: true, force: true });
  mkdirSync(`${sandbox}/build`, { recursive: true });
  for (const file of readdirSync(`${root}/build`)) {
    if (file.endsWith(".wasm")) copyFileSync(`${root}/build/${file}`, `${sandbox}/build/${file}`);
  }
  return sandbox;
}
