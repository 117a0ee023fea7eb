// Compiles a shipped module as assembly/build.mjs does, with one file of its source altered.

import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ModuleName } from "./modules.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** The module and its source map, `from` in `file` having become `to`. */
export function compileWith(
  name: ModuleName,
  file: string,
  from: string,
  to: string,
): { readonly wasm: Uint8Array; readonly map: string } {
  const copy = mkdtempSync(join(tmpdir(), "planted-"));
  try {
    for (const path of ["assembly", "asconfig.json"]) cpSync(join(root, path), join(copy, path), { recursive: true });
    const source = readFileSync(join(copy, file), "utf8");
    if (source.split(from).length !== 2) throw new Error(`${file} has not just one ${from}`);
    writeFileSync(join(copy, file), source.replace(from, to));
    const compiler = join(root, "node_modules/assemblyscript/bin/asc.js");
    const options = ["--target", name, "--debug", "--sourceMap", "--outFile", "planted.wasm"];
    execFileSync(process.execPath, [compiler, `assembly/${name}.ts`, ...options], { cwd: copy, stdio: "pipe" });
    const map = readFileSync(join(copy, "planted.wasm.map"), "utf8");
    return { wasm: new Uint8Array(readFileSync(join(copy, "planted.wasm"))), map };
  } finally {
    rmSync(copy, { recursive: true });
  }
}
