import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { modules } from "../../../entries.mjs";

export const ROOT: string = fileURLToPath(new URL("../../..", import.meta.url));
export const MODULES = modules;

export function sha256Of(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}

/** All files below a folder, by their path in it, with their SHA-256. */
export function hashes(folder: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    found.set(file.slice(folder.length + 1), sha256Of(file));
  }
  return found;
}

/** The files that two folders do not have in common, byte for byte. */
export function differences(a: string, b: string): string[] {
  const [first, second] = [hashes(a), hashes(b)];
  const names = new Set([...first.keys(), ...second.keys()]);
  return [...names].filter((name) => first.get(name) !== second.get(name)).sort();
}

/** The bytes of a module that the package carries inlined. */
export function inlined(folder: string, name: (typeof MODULES)[number]): Buffer {
  const text = readFileSync(join(folder, `src/wasm/${name}/${name}.wasm.generated.ts`), "utf8");
  const [, hex] = /"([0-9a-f]+)";/.exec(text) ?? [];
  if (hex === undefined) throw new Error(`${name}.wasm has no inlined twin`);
  return Buffer.from(hex, "hex");
}

/** The modules whose inlined twin is not the file that ships. */
export function twinsThatDiffer(folder: string): string[] {
  return MODULES.filter((name) => !inlined(folder, name).equals(readFileSync(join(folder, `dist/wasm/${name}.wasm`))));
}
