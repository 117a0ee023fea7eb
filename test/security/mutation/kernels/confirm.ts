// The last instance: a copy of the project in which the mutant is the module that ships, and vitest itself.

import { execFile } from "node:child_process";
import { cpSync, symlinkSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import type { Mutant } from "./mutants.ts";
import { makeSandbox } from "./sandbox.ts";

const files = [
  "test/unit/wasm",
  "test/contract/untrusted-input.test.ts",
  "test/unit/verdict.test.ts",
  "test/unit/crypto/hmac.test.ts",
];

type End =
  | { readonly killed: "vitest"; readonly file: string; readonly test: string; readonly error: string }
  | { readonly met: "vitest" };

function copyOf(root: string, at: number): string {
  const copy = makeSandbox(root, `copy-${at}`);
  const settings = ["package.json", "entries.mjs", "tsconfig.json", "vitest.config.ts"];
  for (const part of ["src", "test", "assembly", "dist", ...settings]) {
    cpSync(`${root}/${part}`, `${copy}/${part}`, { recursive: true });
  }
  symlinkSync(`${root}/node_modules`, `${copy}/node_modules`);
  return copy;
}

/** @returns the end of vitest's output where a test failed, `undefined` where all passed */
function vitest(copy: string): Promise<string | undefined> {
  const command = ["node_modules/vitest/vitest.mjs", "run", "--bail", "1", "--maxWorkers", "1", ...files];
  return new Promise((resolve) => {
    execFile(process.execPath, command, { cwd: copy, timeout: 300_000, maxBuffer: 2 ** 28 }, (error, stdout) =>
      resolve(error ? stdout.slice(-2000) : undefined),
    );
  });
}

/** Says of each, as soon as it is known, whether a test kills it after all. */
export async function confirm(
  root: string,
  survivors: readonly Mutant[],
  keep: (id: string, end: End) => void,
): Promise<void> {
  if (survivors.length === 0) return;
  const waiting = survivors.values();
  const copies = Array.from({ length: availableParallelism() }, (_, at) => copyOf(root, at));
  const unmutated = await vitest(copies[0] as string);
  if (unmutated !== undefined) throw new Error(`the tests fail without a mutant:\n${unmutated}`);
  await Promise.all(
    copies.map(async (copy) => {
      for (const { id, module, bytes } of waiting) {
        const hex = Buffer.from(bytes).toString("hex");
        writeFileSync(`${copy}/build/${module}.wasm`, bytes);
        writeFileSync(`${copy}/dist/wasm/${module}.wasm`, bytes);
        writeFileSync(
          `${copy}/src/wasm/${module}/${module}.wasm.generated.ts`,
          `export const hex: string = "${hex}";\n`,
        );
        const output = await vitest(copy);
        for (const name of ["build", "dist/wasm"])
          cpSync(`${root}/${name}/${module}.wasm`, `${copy}/${name}/${module}.wasm`);
        const twin = `src/wasm/${module}/${module}.wasm.generated.ts`;
        cpSync(`${root}/${twin}`, `${copy}/${twin}`);
        keep(id, output === undefined ? { met: "vitest" } : { killed: "vitest", file: "", test: "", error: output });
      }
    }),
  );
}
