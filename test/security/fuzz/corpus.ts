import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";

const folderOf = (target: string): URL => new URL(`corpus/${target}/`, import.meta.url);

/** The inputs kept for a target, each a file of its own. */
export function readCorpus(target: string): Uint8Array[] {
  const folder = folderOf(target);
  mkdirSync(folder, { recursive: true });
  return readdirSync(folder).map((name) => new Uint8Array(readFileSync(new URL(name, folder))));
}

/** Keeps just these, named by what they hold. */
export function writeCorpus(target: string, inputs: readonly Uint8Array[]): void {
  const folder = folderOf(target);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const input of inputs) {
    writeFileSync(new URL(createHash("sha256").update(input).digest("hex").slice(0, 16), folder), input);
  }
}
