// A process that runs test files against mutants, in a sandbox of its own. The parent ends it where a mutant never stops.

import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { Script } from "node:vm";
import type { Surroundings } from "./bundle.ts";
import { type Failure, runFile, vitest } from "./harness.ts";

/** The first message. */
export interface Setup {
  readonly sandbox: string;
  /** Test files and the modules, as they are built. */
  readonly scripts: ReadonlyMap<string, string>;
  readonly modules: Readonly<Record<string, Uint8Array>>;
}

/** Runs these files in turn, until one fails, with these bytes as the module of that name. */
export interface Order {
  readonly module: string;
  readonly bytes: Uint8Array;
  readonly files: readonly string[];
}

export type Answer =
  | { readonly kind: "begin"; readonly file: string }
  | ({ readonly kind: "killed"; readonly file: string; readonly milliseconds: number } & Failure)
  | { readonly kind: "passed"; readonly file: string; readonly milliseconds: number }
  | { readonly kind: "survived" };

type Evaluate = (module: object, exports: object, require: NodeJS.Require) => void;

let setup: Setup;
const hex = new Map<string, string>();
const surroundings: Surroundings = {
  vitest,
  url: (path) => pathToFileURL(`${setup.sandbox}/${path}`).href,
  hex: (name) => hex.get(name) as string,
};
(globalThis as unknown as { kernelMutation: Surroundings }).kernelMutation = surroundings;

const evaluations = new Map<string, Evaluate>();
const require = createRequire(import.meta.url);

function load(file: string): void {
  let evaluate = evaluations.get(file);
  if (!evaluate) {
    const script = new Script(`(function(module, exports, require) {${setup.scripts.get(file)}\n})`, {
      filename: file,
    });
    evaluate = script.runInThisContext() as Evaluate;
    evaluations.set(file, evaluate);
  }
  const module = { exports: {} };
  evaluate(module, module.exports, require);
}

function put(name: string, bytes: Uint8Array): void {
  hex.set(name, Buffer.from(bytes).toString("hex"));
  writeFileSync(`${setup.sandbox}/build/${name}.wasm`, bytes);
}

async function follow({ module, bytes, files }: Order): Promise<void> {
  for (const [name, shipped] of Object.entries(setup.modules)) put(name, name === module ? bytes : shipped);
  const say = (answer: Answer): void => void process.send?.(answer);
  for (const file of files) {
    say({ kind: "begin", file });
    const start = process.cpuUsage();
    const failure = await runFile(file, () => load(file));
    const { user, system } = process.cpuUsage(start);
    const milliseconds = (user + system) / 1000;
    if (failure) return say({ kind: "killed", file, milliseconds, ...failure });
    say({ kind: "passed", file, milliseconds });
  }
  say({ kind: "survived" });
}

process.on("message", (message: Setup | Order) => {
  if ("sandbox" in message) setup = message;
  else void follow(message);
});
