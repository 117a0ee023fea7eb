// The benchmarks: `npm run bench` runs every area, `npm run bench -- cute snapnet` those two. Exit code 1 where
// competitors disagree or an area is unknown. A missed target is shown, and is no failure.
import { parseArgs } from "node:util";
import { writeCharts } from "./charts.ts";
import { Disagreement } from "./support/agree.ts";
import { describeMachine } from "./support/machine.ts";
import { isMet, type Row, type Series, type Suite } from "./support/result.ts";
import { type Results, saveResults } from "./support/results.ts";
import { tableOf } from "./support/table.ts";

// Growth comes last: what it leaves on the heap must not slow down the others.
const AREAS = [
  "snapnet",
  "centrifugo",
  "tirtc",
  "cute",
  "cute-session",
  "netcode",
  "sha256",
  "public",
  "startup",
  "pool",
  "history",
  "growth",
] as const;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    long: { type: "boolean", default: false },
    save: { type: "boolean", default: false },
    charts: { type: "boolean", default: false },
  },
});
const unknown = positionals.filter((area) => !(AREAS as readonly string[]).includes(area));
if (unknown.length > 0) {
  console.error(`No such area: ${unknown.join(", ")}. There are: ${AREAS.join(", ")}.`);
  process.exit(1);
}
const areas = AREAS.filter((area) => positionals.length === 0 || positionals.includes(area));
const all = areas.length === AREAS.length;

const machine = describeMachine();
console.log(`${machine.processor}, ${machine.cores} cores, ${machine.platform}, Node ${machine.node}`);
const rows: Row[] = [];
const series: Series[] = [];
for (const area of areas) {
  const start = performance.now();
  const { default: suite } = (await import(`./suites/${area}.ts`)) as { default: Suite };
  try {
    const result = await suite({ long: values.long });
    rows.push(...result.rows);
    series.push(...(result.series ?? []));
    console.log(`\n${area}, ${((performance.now() - start) / 1000).toFixed(0)} s`);
    if (result.rows.length > 0) console.log(tableOf(result.rows));
  } catch (error) {
    if (!(error instanceof Disagreement)) throw error;
    console.error(`\n${area}: ${error.message}`);
    process.exitCode = 1;
  }
}

const judged = rows.filter((row) => row.target);
const missed = judged.filter((row) => !isMet(row));
console.log(`\n${judged.length - missed.length} of ${judged.length} targets met.`);
for (const { work } of missed) console.log(`  not met: ${work}`);

const results: Results = { date: new Date().toISOString().slice(0, 10), machine, areas, rows, series };
if (!process.exitCode && (all || values.save)) console.log(`Saved as bench/results/${saveResults(results)}.`);
if (!process.exitCode && (all || values.charts)) {
  for (const name of writeCharts(results)) console.log(`Drawn: bench/charts/${name}`);
}
