// `npm run removed-rules`: takes each rule of SECURITY.md's table out of a copy of the project, one at a time, and requires the
// test that shows it to fail. `npm run removed-rules T8 T9` plants the faults of these threats only.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import Table from "cli-table3";
import { modules } from "../../../entries.mjs";
import { type Fault, faults } from "./faults.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const copied = ["src", "assembly", "test", "dist", "build", "package.json", "tsconfig.json", "asconfig.json"];
const files = [...copied, "tools", "entries.mjs", "vitest.config.ts", "README.md", "SECURITY.md"];

/** Tests of the built package: a pool's workers must be there as files. */
const OF_BUNDLES = /^test\/unit\/(pool\/|[a-z]+\/pool\.test)/;

/** What a run of one file's tests found, by their full names. */
interface Result {
  readonly passed: readonly string[];
  readonly failed: readonly string[];
  /** Why nothing ran, where nothing did. */
  readonly trouble: string;
}

const copy = mkdtempSync(join(tmpdir(), "planted-"));
const at = (path: string): string => join(copy, path);

/** A title as a pattern, whatever its placeholders are filled in with. */
function pattern(title: string): string {
  const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return title
    .split(/%[a-z]|\$[a-zA-Z]+/)
    .map(literal)
    .join(".*");
}

function run(command: string, ...args: string[]): { status: number | null; output: string } {
  // In CI vitest.config.ts writes a report of its own, in the place of the one asked for here.
  const env = { ...process.env, CI: "" };
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: copy, encoding: "utf8", env });
  return { status, output: `${stdout}${stderr}` };
}

function runTests(file: string, titles: readonly string[]): Result {
  const report = at("build/planted.json");
  rmSync(report, { force: true });
  const names = titles.map((title) => `(^| )${pattern(title)}`).join("|");
  const { output } = run(
    process.execPath,
    "node_modules/vitest/vitest.mjs",
    ...["run", file, "-t", names, "--reporter=json", `--outputFile=${report}`],
  );
  if (!existsSync(report)) return { passed: [], failed: [], trouble: output };
  const { testResults } = JSON.parse(readFileSync(report, "utf8")) as {
    testResults: { message: string; assertionResults: { status: string; fullName: string }[] }[];
  };
  const of = (status: string) =>
    testResults.flatMap(({ assertionResults }) =>
      assertionResults.filter((test) => test.status === status).map(({ fullName }) => fullName),
    );
  return { passed: of("passed"), failed: of("failed"), trouble: testResults.map(({ message }) => message).join("\n") };
}

const matches = (names: readonly string[], title: string): boolean => {
  const wanted = new RegExp(`(^| )${pattern(title)}`);
  return names.some((name) => wanted.test(name));
};

/** The modules that a file is compiled into, as the last build has noted. */
function modulesOf({ file }: Fault): string[] {
  if (!file.startsWith("assembly/")) return [];
  return modules.filter((name) => file in JSON.parse(readFileSync(at(freshOf(name)), "utf8")).inputs);
}

const freshOf = (name: string): string => `build/fresh/${name}.json`;

/** Applies a fault, runs its test, takes it back. Returns what failed to be as it must, or nothing. */
function plant(fault: Fault): string | undefined {
  const original = readFileSync(at(fault.file), "utf8");
  let text = original;
  for (const [find, replacement] of fault.changes) {
    if (text.split(find).length !== 2) return `stands not once in ${fault.file}: ${find}`;
    text = text.replace(find, () => replacement);
  }
  const touched = modulesOf(fault);
  const built = touched.flatMap((name) => [
    freshOf(name),
    `src/wasm/${name}/${name}.wasm.generated.ts`,
    `dist/wasm/${name}.wasm`,
    ...["wasm", "debug.wasm", "debug.wasm.map"].map((ending) => `build/${name}.${ending}`),
  ]);
  const bundled = OF_BUNDLES.test(fault.test[0]);
  const before = built.map((path) => [path, readFileSync(at(path))] as const);
  try {
    writeFileSync(at(fault.file), text);
    if (touched.length > 0) {
      const { status, output } = run(process.execPath, "assembly/build.mjs", ...touched);
      if (status !== 0) return `does not build: ${output}`;
    }
    if (bundled) {
      const { status, output } = run(process.execPath, "tools/build.mjs", "--bundles");
      if (status !== 0) return `does not build: ${output}`;
    }
    const { failed, trouble } = runTests(fault.test[0], [fault.test[1]]);
    return matches(failed, fault.test[1]) ? undefined : `nothing noticed it. ${trouble}`.trim();
  } finally {
    writeFileSync(at(fault.file), original);
    for (const [path, bytes] of before) writeFileSync(at(path), bytes);
    if (bundled) {
      rmSync(at("dist/src"), { recursive: true });
      cpSync(join(root, "dist/src"), at("dist/src"), { recursive: true });
    }
  }
}

/** All tests on the copy as it is: they must pass, or their failing would say nothing. */
function control(chosen: readonly Fault[]): string[] {
  const titles = new Map<string, Set<string>>();
  for (const { test } of chosen) titles.set(test[0], (titles.get(test[0]) ?? new Set()).add(test[1]));
  return [...titles].flatMap(([file, wanted]) => {
    const { passed, failed, trouble } = runTests(file, [...wanted]);
    const silent = [...wanted].filter((title) => !matches(passed, title));
    return [...failed, ...silent.map((title) => `did not run: ${title} ${trouble}`)].map((name) => `${file}: ${name}`);
  });
}

const only = process.argv.slice(2);
const chosen = faults.filter(({ threat }) => only.length === 0 || only.includes(threat));
try {
  for (const file of files) if (existsSync(join(root, file))) cpSync(join(root, file), at(file), { recursive: true });
  symlinkSync(join(root, "node_modules"), at("node_modules"));
  const wrong = control(chosen);
  if (wrong.length > 0) throw new Error(`without any fault planted:\n${wrong.join("\n")}`);
  console.log(`control: the tests of all ${chosen.length} faults pass where none is planted`);

  const table = new Table({
    style: { head: [], border: [] },
    head: ["threat", "rule taken out", "in", "caught by", ""],
    wordWrap: true,
    colWidths: [8, 40, 30, 60, 8],
  });
  let missed = 0;
  for (const fault of chosen) {
    const problem = plant(fault);
    if (problem !== undefined) missed++;
    console.log(`${fault.threat}, ${fault.rule}: ${problem ?? "caught"}`);
    table.push([
      fault.threat,
      fault.rule,
      fault.file,
      `${fault.test[0]}: ${fault.test[1]}`,
      problem ? "MISSED" : "caught",
    ]);
  }
  console.log(table.toString());
  console.log(`${chosen.length - missed} caught, ${missed} missed`);
  if (missed > 0) process.exitCode = 1;
} finally {
  rmSync(copy, { recursive: true, force: true });
}
