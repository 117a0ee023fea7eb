// `npm run mutation:kernels`: mutants of the shipped .wasm files, each run against the project's own tests until one fails;
// what outlives them all is run again under vitest itself. Results: build/mutation/outcomes.json, and survivors.md here.
//
//   --count N    mutants, of all modules together, shared out by their number of instructions (2000)
//   --seed N     which (1)
//   --first N    of them only the first N, a fair sample
//   --module M   of this module only
//   --only ID    this one mutant, and what kills it
//   --resume     go on from the last outcomes, as far as their module is still the same
//   --report     survivors.md anew from the last outcomes

import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { MODULE_NAMES } from "../../../../src/wasm/instantiate.ts";
import { bundleTests, bundleWorker } from "./bundle.ts";
import { confirm } from "./confirm.ts";
import { control, isSlow, Schedule } from "./control.ts";
import { Seat } from "./crew.ts";
import { explanations } from "./equivalents.ts";
import { type ModuleName, type Mutant, mutantById, pickMutants } from "./mutants.ts";
import { type Outcome, type Results, reportOf, summary } from "./report.ts";
import { readModule } from "./wasm.ts";

const root = fileURLToPath(new URL("../../../..", import.meta.url)).replace(/\/$/, "");
const resultsFile = `${root}/build/mutation/outcomes.json`;
const workerFile = `${root}/build/mutation/worker.mjs`;
const names = MODULE_NAMES;

const { values: options } = parseArgs({
  options: {
    count: { type: "string", default: "2000" },
    seed: { type: "string", default: "1" },
    first: { type: "string" },
    module: { type: "string" },
    only: { type: "string" },
    resume: { type: "boolean", default: false },
    report: { type: "boolean", default: false },
  },
});

/**
 * The tests that load the shipped modules, each as one script: control.ts leaves out those that load none. Left to
 * confirm.ts are what needs vitest's module registry (instantiate), what waits for the garbage collector (key-slots) and
 * what starts threads (pool).
 */
const testFiles = ["test/unit", "test/contract"]
  .flatMap((room) => readdirSync(`${root}/${room}`, { recursive: true }).map((file) => `${room}/${file}`))
  .filter((file) => file.endsWith(".test.ts") && !/\/pool(\/|\.test)|\/(instantiate|key-slots)\.test\.ts$/.test(file))
  .sort();

const modules = Object.fromEntries(
  names.map((name) => [name, new Uint8Array(readFileSync(`${root}/dist/wasm/${name}.wasm`))]),
) as Record<ModuleName, Uint8Array>;

const stamp = {
  date: new Date().toISOString().slice(0, 10),
  seed: Number(options.seed),
  count: Number(options.count),
  modules: names.map((name) => ({ name, sha256: createHash("sha256").update(modules[name]).digest("hex") })),
};

/** Names of functions, by index: the text that asc writes of the module has them in the same order. */
function functionNames(name: ModuleName): string[] {
  const text = readFileSync(`${root}/build/${name}.debug.wat`, "utf8");
  const found = [...text.matchAll(/^ \(func \$assembly\/(\S+)/gm)].map(([, path = ""]) => path);
  if (found.length !== readModule(modules[name]).functions.length)
    throw new Error(`build/${name}.debug.wat is another module`);
  return found;
}

const functions = Object.fromEntries(names.map((name) => [name, functionNames(name)])) as Record<ModuleName, string[]>;

function chosen(): Mutant[] {
  if (options.only !== undefined) {
    const name = options.only.split(":")[0] as ModuleName;
    return [mutantById(options.only, modules[name])];
  }
  const wanted = names.filter((name) => options.module === undefined || options.module === name);
  const sizes = wanted.map((name) =>
    readModule(modules[name]).functions.reduce((n, f) => n + f.instructions.length, 0),
  );
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const picked = wanted.map((name, i) => {
    const share = Math.round((Number(options.count) * (sizes[i] as number)) / total);
    return pickMutants(name, modules[name], share, Number(options.seed));
  });
  // All modules at the same pace.
  return picked
    .flatMap((mutants) => mutants.map((mutant, at) => ({ mutant, at: at / mutants.length })))
    .sort((a, b) => a.at - b.at)
    .map(({ mutant }) => mutant)
    .slice(0, options.first === undefined ? undefined : Number(options.first));
}

/** Runs mutants against files until one fails, and keeps what came of it. */
async function judge(
  mutants: readonly Mutant[],
  files: readonly string[],
  met: "quick" | "slow",
  keep: (outcome: Outcome) => void,
): Promise<void> {
  if (mutants.length === 0) return;
  const scripts = await bundleTests(root, files);
  const seats = Array.from(
    { length: availableParallelism() },
    (_, i) => new Seat(root, i, workerFile, { scripts, modules }),
  );
  const schedule = new Schedule(await control(seats, scripts, modules));
  console.log(
    `${files.length} test files pass on the shipped modules and fail on a broken one; ${mutants.length} mutants`,
  );
  const waiting = mutants.values();
  await Promise.all(
    seats.map(async (seat) => {
      for (const mutant of waiting) {
        const { id, module, functionIndex, operator, instruction, bytes } = mutant;
        const order = { module, bytes, files: schedule.filesFor(mutant) };
        const verdict = await seat.run(order, (file) => schedule.limit(module, file));
        schedule.note(mutant, verdict);
        keep({
          id,
          module,
          function: functions[module][functionIndex] as string,
          operator,
          instruction,
          ...(verdict.kill ?? { met }),
        });
      }
    }),
  );
  for (const seat of seats) seat.close();
}

async function run(): Promise<void> {
  mkdirSync(`${root}/build/mutation`, { recursive: true });
  await bundleWorker(workerFile);
  const mutants = chosen();
  const outcomes = new Map<string, Outcome>();
  if (options.resume) for (const outcome of stillValid()) outcomes.set(outcome.id, outcome);
  let kept = 0;
  const keep = (outcome: Outcome): void => {
    outcomes.set(outcome.id, outcome);
    if (options.only || outcome.killed === undefined) console.log(JSON.stringify(outcome));
    if (++kept % 20 !== 0) return;
    save();
    console.log(summary([...outcomes.values()]));
  };
  const save = (): void => {
    if (!options.only)
      writeFileSync(resultsFile, JSON.stringify({ ...stamp, outcomes: [...outcomes.values()] }, null, 1));
  };
  const met = (...stages: Outcome["met"][]): Mutant[] =>
    mutants
      .filter(({ id }) => {
        const outcome = outcomes.get(id);
        return outcome?.killed === undefined && stages.includes(outcome?.met);
      })
      // What is explained comes last.
      .sort((a, b) => Number(explanations.has(a.id)) - Number(explanations.has(b.id)));
  await judge(
    met(undefined),
    testFiles.filter((file) => !isSlow(file)),
    "quick",
    keep,
  );
  save();
  await judge(met("quick"), testFiles.filter(isSlow), "slow", keep);
  save();
  await confirm(root, met("slow"), (id, end) => {
    const { met: _, ...outcome } = outcomes.get(id) as Outcome;
    keep({ ...outcome, ...end });
  });
  save();
}

const readResults = (): Results => JSON.parse(readFileSync(resultsFile, "utf8")) as Results;

/** The last outcomes, of the modules that have not changed since. */
function stillValid(): Outcome[] {
  const { modules: before, outcomes } = readResults();
  const hashes = new Map<string, string>(stamp.modules.map(({ name, sha256 }) => [name, sha256]));
  const same = new Set(before.filter(({ name, sha256 }) => hashes.get(name) === sha256).map(({ name }) => name));
  return outcomes.filter(({ module }) => same.has(module));
}

if (!options.report) await run();
if (!options.only) {
  const ids = new Set(chosen().map(({ id }) => id));
  const results = { ...readResults(), outcomes: stillValid().filter(({ id }) => ids.has(id)) };
  console.log(summary(results.outcomes));
  writeFileSync(new URL("./survivors.md", import.meta.url), reportOf(results));
}
