// A test runner for Stryker that loads the tests into its own process, afresh for each mutant: a mutant then costs the
// time of the tests that reach it, and not also the start of vitest's threads, about a second each, which would add up to
// hours.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { runInThisContext } from "node:vm";
import { declareFactoryPlugin, PluginKind } from "@stryker-mutator/api/plugin";
import { DryRunStatus, determineHitLimitReached, MutantRunStatus, TestStatus } from "@stryker-mutator/api/test-runner";
import { transformSync } from "esbuild";
import { collector, requireBuiltin, restoreAll } from "./stryker.vitest.mjs";

// The rooms that judge what is under src/. The kernels' own tests hold none of the mutants; a page in a process of its own
// (web) cannot be told of one.
const ROOMS = ["test/unit", "test/contract"];
const LEFT_OUT = /^test\/unit\/(assembly\/|pool\/web\.test)/;

// A tenth of a second and more for each mutant that survives. Left out unless asked for by MUTATION_TESTS=all in
// the environment; without them some mutants survive that the whole suite kills, none the other way round.
const LONG = [
  "10^5 mutations",
  "16000 mutated packets",
  "MiB",
  "5000 random tokens",
  "ten thousand at once",
  "plain payloads and mutated ones",
  "on mutated objects",
  "whole and mutated",
  "3000 failures",
  "200,000 of them",
  "the platform's URL and node:net",
  "Monte Carlo",
  "SHA256LongMsg",
  "20,000 random keys",
  "8192 single bits",
  "issues the bytes of Go's encoder",
  "reads nothing that the strict reader refuses",
  "issues what node:crypto signs, and accepts it",
  "are what node:crypto signs",
  "no two ways",
  "10,000 packets end to end",
  "a list of 10,000",
  "no packet with a bit turned",
  "every endpoint count",
  "more devices than keys are kept",
  "draws a fresh nonce",
  "change of one bit",
  "any bit",
  "when there were more peers than it keeps",
  "serve anew once given back",
  "keeps no key where the constructor fails",
  "keeps at most 256 keys prepared",
  "push its own object's keys out",
  "throws for ids full of separators",
  "is ERR_RANGE at every other length",
  "a public section ends where",
  "come back from holders",
];
/** After so long no other file's tests are tried on a mutant, unless all are asked for. */
const MICROSECONDS = 3_000_000;
/** They measure time, or wait for chance. */
const TIMED = ["in proportion to the text", "opens to the text that was sealed", "hashed to one of its two digests"];
const everything = process.env["MUTATION_TESTS"] === "all";
const leftOut = everything ? TIMED : [...TIMED, ...LONG];

/** What all rooms of src/ use: any test may kill a mutant there. Of another room, the tests of the same name must. */
const SHARED = ["common", "wasm"];

/** @param room the folder below src/, or a file there */
function isOf(file, room) {
  const [, kind, folder] = file.split("/");
  if (kind === "contract") return room !== "pool" && (everything || isShared(room));
  return folder === room || (isShared(room) && folder !== "pool");
}

const isShared = (room) => SHARED.includes(room) || room.endsWith(".ts");

/** Code that runs in a worker, which counts nothing: all tests that start workers are taken to reach it. */
const IN_WORKERS = /^src\/(pool|[a-z]+)\/worker\.ts$/;
const STARTS_WORKERS = /^test\/unit\/(pool\/|[a-z]+\/pool\.test)/;

const slashes = (path) => path.split(sep).join("/");
const testFiles = () =>
  ROOMS.flatMap((room) => readdirSync(room, { recursive: true }).map((path) => slashes(join(room, path))))
    .filter((path) => path.endsWith(".test.ts") && !LEFT_OUT.test(path))
    .sort();

/** Every so many mutants the tests are run without one. */
const CONTROL_EVERY = 100;

const sources = new Map();
const compiled = new Map();

/** A file as CommonJS, all its mutants in it. */
function sourceOf(path) {
  const known = sources.get(path);
  if (known !== undefined) return known;
  const { code } = transformSync(readFileSync(path, "utf8"), {
    loader: path.endsWith(".json") ? "json" : path.endsWith(".ts") ? "ts" : "js",
    format: "cjs",
    target: "node20",
    define: { "import.meta.url": "__url" },
    supported: { "dynamic-import": false },
  });
  sources.set(path, code);
  return code;
}

/**
 * A file's code as a function. Where `mutant` is given, the other mutants are taken out, which makes loops ten times as
 * fast: each asks, wherever it stands, whether it is the one.
 */
function compile(path, mutant) {
  const source = sourceOf(path);
  const active = mutant !== undefined && source.includes(`stryMutAct_9fa48("${mutant}")`);
  const key = `${path} ${mutant === undefined ? "counting" : "plain"}`;
  const known = active ? undefined : compiled.get(key);
  if (known) return known;
  const code =
    mutant === undefined
      ? source
      : source
          .replace(/stryMutAct_9fa48\("(\d+)"\)/g, (call, id) => (id === mutant ? call : "false"))
          .replace(/stryCov_9fa48\("[^)]*"\)/g, "0");
  const made = runInThisContext(`(function (exports, require, module, __url) {${code}\n})`, { filename: path });
  if (!active) compiled.set(key, made);
  return made;
}

/** A fresh set of modules, each loaded once. */
function moduleLoader(vitest, mutant) {
  const modules = new Map();
  const load = (path) => {
    const known = modules.get(path);
    if (known) return known.exports;
    const module = { exports: {} };
    modules.set(path, module);
    const from = (name) => {
      if (name === "vitest") return vitest();
      if (name.startsWith("file:")) return load(new URL(name).pathname);
      return name.startsWith(".") ? load(resolve(path, "..", name)) : requireBuiltin(name);
    };
    compile(path, mutant)(module.exports, from, module, pathToFileURL(path).href);
    return module.exports;
  };
  return { load, reset: () => modules.clear() };
}

class Runner {
  constructor() {
    // What the instrumented code looks at.
    globalThis.__stryker__ ??= {};
    this.state = globalThis.__stryker__;
    this.files = testFiles();
    this.costs = new Map();
    this.runs = 0;
    // A mutant's late rejections are not the next one's.
    process.on("unhandledRejection", () => {});
    process.on("uncaughtException", () => {});
  }

  capabilities() {
    return { reloadEnvironment: true };
  }

  async dryRun() {
    const tests = [];
    const perTest = {};
    const pool = readFileSync("src/pool/worker-pool.ts", "utf8").includes("stryMutAct");
    for (const file of this.files) {
      if (STARTS_WORKERS.test(file) !== pool) continue;
      this.state.mutantCoverage = { static: {}, perTest: {} };
      this.state.activeMutant = undefined;
      const started = performance.now();
      const results = await this.runFile(file, undefined, false);
      this.costs.set(file, performance.now() - started);
      const coverage = this.state.mutantCoverage;
      const shared = { ...coverage.static, ...(STARTS_WORKERS.test(file) ? this.inWorkers() : {}) };
      for (const { id } of results) perTest[id] = sum(shared, coverage.perTest[id] ?? {});
      tests.push(...results);
    }
    this.state.mutantCoverage = undefined;
    return { status: DryRunStatus.Complete, tests, mutantCoverage: { static: {}, perTest } };
  }

  inWorkers() {
    const hits = {};
    for (const name of readdirSync("src", { recursive: true })) {
      const path = slashes(join("src", name));
      if (!IN_WORKERS.test(path)) continue;
      for (const [, id] of readFileSync(path, "utf8").matchAll(/stryMutAct_\w+\("(\d+)"\)/g)) hits[id] = 1;
    }
    return hits;
  }

  /** Now and then also without any mutant: tests that fail then would fail for what an earlier mutant left behind. */
  async mutantRun(options) {
    if (++this.runs % CONTROL_EVERY === 0) {
      const control = await this.runMutant({ ...options, activeMutant: { id: "none" }, hitLimit: undefined });
      if (control.status !== MutantRunStatus.Survived) throw new Error(`fails without a mutant: ${control.killedBy}`);
    }
    return this.runMutant(options);
  }

  async runMutant({ activeMutant, testFilter, hitLimit, sandboxFileName }) {
    const wanted = new Set(testFilter);
    const room = slashes(relative(process.cwd(), sandboxFileName)).split("/")[1];
    const covers = (file) => !testFilter || testFilter.some((id) => id.startsWith(`${file}#`));
    const files = this.files.filter((file) => isOf(file, room) && covers(file));
    const cost = (file) => (file.startsWith(`test/unit/${room}/`) ? 0 : 1e9) + (this.costs.get(file) ?? 0);
    files.sort((a, b) => cost(a) - cost(b));
    this.state.activeMutant = activeMutant.id;
    this.state.hitCount = 0;
    // Less than the hundredfold that Stryker allows: loops without end are found sooner.
    const limit = hitLimit === undefined ? undefined : 1000 + (3 * hitLimit) / 100;
    this.state.hitLimit = limit;
    // For workers.
    process.env.__STRYKER_ACTIVE_MUTANT__ = activeMutant.id;
    const started = process.cpuUsage();
    let nrOfTests = 0;
    try {
      for (const file of files) {
        const { user, system } = process.cpuUsage(started);
        if (!everything && user + system > MICROSECONDS) break;
        const results = await this.runFile(file, testFilter && wanted, true);
        nrOfTests += results.length;
        const timeout = determineHitLimitReached(this.state.hitCount, limit);
        if (timeout) return { status: MutantRunStatus.Timeout, reason: timeout.reason };
        const failed = results.find(({ status }) => status === TestStatus.Failed);
        if (failed) {
          const { id, failureMessage } = failed;
          return { status: MutantRunStatus.Killed, killedBy: [id], failureMessage, nrOfTests };
        }
      }
      return { status: MutantRunStatus.Survived, nrOfTests };
    } finally {
      this.state.activeMutant = undefined;
      this.state.hitCount = undefined;
      delete process.env.__STRYKER_ACTIVE_MUTANT__;
    }
  }

  /** Results of the wanted tests; `bail` ends with the first that fails. */
  async runFile(file, wanted, bail) {
    const results = [];
    const failed = (id, name, error) => {
      const failureMessage = String(error?.stack ?? error);
      results.push({ id, name, timeSpentMs: 0, status: TestStatus.Failed, failureMessage });
    };
    let api;
    const modules = moduleLoader(() => api, this.state.activeMutant);
    const collected = collector(modules.reset);
    api = collected.api;
    this.state.currentTestId = undefined;
    try {
      modules.load(resolve(file));
      await this.runSuite(await collected.define(), `${file}#`, [], wanted, bail, results, failed);
    } catch (error) {
      const id = [...(wanted ?? [])].find((one) => one.startsWith(`${file}#`)) ?? `${file}#`;
      failed(id, id, error);
    } finally {
      this.state.currentTestId = undefined;
      restoreAll();
    }
    return results;
  }

  async runSuite(suite, prefix, outer, wanted, bail, results, failed) {
    const path = suite.name ? `${prefix}${suite.name} > ` : prefix;
    if (wanted && ![...wanted].some((id) => id.startsWith(path))) return;
    const chain = [...outer, suite];
    try {
      for (const hook of suite.beforeAll) await hook();
      for (const entry of suite.entries) {
        if (bail && results.some(({ status }) => status === TestStatus.Failed)) return;
        if (entry.entries) await this.runSuite(entry, path, chain, wanted, bail, results, failed);
        else await this.runTest(entry, path, chain, wanted, results, failed);
      }
    } finally {
      for (const hook of suite.afterAll) await hook();
    }
  }

  async runTest({ name, run }, path, chain, wanted, results, failed) {
    const id = `${path}${name}`;
    if (wanted ? !wanted.has(id) : leftOut.some((part) => name.includes(part))) return;
    const started = performance.now();
    this.state.currentTestId = id;
    try {
      try {
        for (const suite of chain) for (const hook of suite.beforeEach) await hook();
        await run();
      } finally {
        for (const suite of chain.toReversed()) for (const hook of suite.afterEach) await hook();
      }
      results.push({ id, name: id, timeSpentMs: performance.now() - started, status: TestStatus.Success });
    } catch (error) {
      failed(id, id, error);
    } finally {
      this.state.currentTestId = undefined;
    }
  }
}

function sum(a, b) {
  const all = { ...a };
  for (const [id, hits] of Object.entries(b)) all[id] = (all[id] ?? 0) + hits;
  return all;
}

export const strykerPlugins = [declareFactoryPlugin(PluginKind.TestRunner, "in-process", () => new Runner())];
