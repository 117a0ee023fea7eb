// `npm run build:debug`: the kernels once more, to build/debug/NAME.wasm: compiled with AssemblyScript's asserts and checks,
// the names of functions kept, and every access to memory held to the arenas of the module's map.

import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import binaryen from "binaryen";
import { modules } from "../../../entries.mjs";
import { ARENAS } from "../../support/arenas.ts";
import { withBounds } from "./bounds.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const folder = join(root, "build/debug");
const compiler = join(root, "node_modules/assemblyscript/bin/asc.js");
const config = join(folder, "asconfig.json");

mkdirSync(folder, { recursive: true });
// asc takes no `false` from its command line, so what the shipped modules leave out is put back in a file of its own.
const { options: shipped, targets } = JSON.parse(readFileSync(join(root, "asconfig.json"), "utf8"));
const checked = { ...shipped, optimizeLevel: 1, noAssert: false, uncheckedBehavior: "default", debug: true };
writeFileSync(config, JSON.stringify({ options: checked, targets }));
for (const name of modules) {
  const compiled = join(folder, `${name}.compiled.wasm`);
  const options = [`assembly/${name}.ts`, "--config", config, "--target", name, "--outFile", compiled];
  execFileSync(process.execPath, [compiler, ...options], { cwd: root, stdio: "inherit" });
  const ranges = ARENAS[name].map(([, from, bytes]) => [from, from + bytes] as const);
  const { wasm, accesses } = withBounds(binaryen.readBinary(readFileSync(compiled)), ranges);
  writeFileSync(join(folder, `${name}.wasm`), wasm);
  console.log(`build/debug/${name}.wasm: ${accesses} accesses held to ${ranges.length} arenas`);
}
