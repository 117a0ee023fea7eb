// `npm run timing`: does the time of a call depend on its secrets? For each target, batches of calls with two classes of
// input, in random order, compared by Welch's t-test (after dudect, Reparaz, Balasch and Verbauwhede 2017); with V8's
// baseline compiler and with its optimizing one. Exit code 1 where a target is above 10 every time, or where a control
// does not do what it must. It finds leaks; it proves nothing.
import { spawn } from "node:child_process";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import Table from "cli-table3";
import type { Measured } from "./measure.ts";
import type { Target } from "./target.ts";
import { targets } from "./targets/index.ts";
import { judge, wantsRepeat } from "./verdict.ts";

const HELP = `npm run timing -- [options]
  --only TEXT      targets whose names hold TEXT; may be given more than once (controls are targets too)
  --seconds N      seconds per target and compiler; default 3
  --long           a million batches per target and compiler instead, however long that takes
  --tier NAME      liftoff or turbofan only
  --list           the targets and their classes`;

const TIERS = { liftoff: "--liftoff-only", turbofan: "--no-liftoff" } as const;
type Tier = keyof typeof TIERS;
const BATCHES = 1_000_000;

const child = fileURLToPath(new URL("child.ts", import.meta.url));

/** Measures in a process of its own, in which nothing else was compiled. */
function measureIn(tier: Tier, target: Target, seconds: number): Promise<Measured> {
  const given = [TIERS[tier], "--import", "tsx", child, target.name, `${BATCHES}`, `${seconds}`];
  const running = spawn(process.execPath, given, { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  running.stdout.setEncoding("utf8").on("data", (piece: string) => {
    text += piece;
  });
  return new Promise((resolve, reject) => {
    running.on("error", reject);
    running.on("close", (code) => {
      if (code === 0) resolve(JSON.parse(text) as Measured);
      else reject(new Error(`${target.name} failed with exit code ${code}`));
    });
  });
}

/** Nanoseconds, or microseconds where there are many. */
const duration = (value: number): string =>
  value < 1000 ? `${value.toPrecision(3)} ns` : `${(value / 1000).toPrecision(3)} µs`;

const { values } = parseArgs({
  options: {
    only: { type: "string", multiple: true },
    seconds: { type: "string", default: "3" },
    long: { type: "boolean", default: false },
    tier: { type: "string" },
    list: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
const { only, tier: askedTier } = values;
const tiers = (Object.keys(TIERS) as Tier[]).filter((tier) => askedTier === undefined || tier === askedTier);
const asked = targets.filter(({ name }) => !only || only.some((text) => name.includes(text)));
const seconds = values.long ? Number.POSITIVE_INFINITY : Number(values.seconds);

if (values.help || tiers.length === 0 || asked.length === 0 || !(seconds > 0)) {
  console.log(HELP);
  process.exit(values.help ? 0 : 2);
}
if (values.list) {
  for (const { name, classes } of asked) console.log(`${name}: ${classes.join(" | ")}`);
  process.exit(0);
}

const table = new Table({
  head: ["target", "compiler", "batches × calls", "a call", "max |t|", "would trip", "verdict"],
  colAligns: ["left", "left", "right", "right", "right", "right", "right", "left"],
  style: { head: [], border: [] },
});
let failed = false;
let done = 0;
for (const target of asked) {
  for (const tier of tiers) {
    const runs: Measured[] = [];
    while (runs.length === 0 || wantsRepeat(target.role, runs)) runs.push(await measureIn(tier, target, seconds));
    const { text, fails } = judge(target.role, runs);
    failed ||= fails;
    const [last] = runs.slice(-1) as [Measured];
    const ts = runs.map(({ t }) => Math.abs(t).toFixed(1)).join(", ");
    table.push([
      target.name,
      tier,
      `${last.batches.toLocaleString("en")} × ${target.calls}`,
      duration(last.median),
      ts,
      last.smallestSeen === null ? "" : duration(last.smallestSeen),
      text,
    ]);
    console.log(`${++done} of ${asked.length * tiers.length}  ${tier}  ${target.name}: |t| ${ts}, ${text}`);
  }
}

console.log(`\n${table.toString()}`);
console.log(`Node ${process.versions.node}, V8 ${process.versions.v8}, ${cpus()[0]?.model.trim()}, ${process.arch}.
max |t| of each run, over all crops. Would trip: a delay of one class that would have reached 10, per call.
Below 5 no leak has shown, which proves nothing. Of the controls the ones must trip, the others must not.`);
if (failed) process.exitCode = 1;
