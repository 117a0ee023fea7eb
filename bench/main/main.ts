// The main job, `npm start`: verifies the native-made tokens, then issues, spoils and verifies 20,000 tokens of each
// scheme. Exit code 1 where any verdict is not the expected one.
import { SingleBar } from "cli-progress";
import Table from "cli-table3";
import type { Suite } from "../library.ts";
import { cuteJob, verifyNative } from "./cute.ts";
import { type Outcome, runJob } from "./job.ts";
import { netcodeJob, verifyNativeNetcode } from "./netcode.ts";
import { centrifugoJob, snapnetJob, tirtcJob } from "./strings.ts";

const COUNT = 20_000;
const DIALECTS = ["netcode", "renet", "lightyear"] as const;
const SUITES: readonly Suite[] = ["hydrogen", "xchacha20poly1305"];

const perSecond = (value: number | undefined): string =>
  value === undefined ? "-" : Math.round(value).toLocaleString("en");

let failed = false;
for (const suite of SUITES) {
  const { tokens, verified, sample } = verifyNative(suite);
  console.log(`Cute ${suite}: ${verified} of ${tokens} tokens made by native code verified. One of them says:`);
  for (const line of sample) console.log(`  ${line}`);
  failed ||= verified !== tokens;
}

const netcode = verifyNativeNetcode();
console.log(
  `netcode: ${netcode.verified} of ${netcode.tokens} tokens made by the C library, renet and lightyear verified. One of them says:`,
);
for (const line of netcode.sample) console.log(`  ${line}`);
failed ||= netcode.verified !== netcode.tokens;

const now = Math.floor(Date.now() / 1000);
const jobs = [
  ...SUITES.map((suite) => cuteJob(suite, now)),
  ...DIALECTS.map((dialect) => netcodeJob(dialect, now)),
  ...[snapnetJob(now), centrifugoJob(now), tirtcJob(now)],
];
const bar = process.stdout.isTTY
  ? new SingleBar({ format: "{bar} {value}/{total} {scheme}", clearOnComplete: true })
  : undefined;
bar?.start(jobs.length * COUNT, 0, { scheme: "" });
const outcomes: Outcome[] = [];
for (const job of jobs) {
  bar?.update({ scheme: job.name });
  outcomes.push(runJob(job, COUNT, (tokens) => bar?.increment(tokens)));
}
bar?.stop();

const table = new Table({
  head: ["scheme", "genuine", "refused", "issued/s", "verified/s", "node:crypto/s", "ratio"],
  colAligns: ["left", "right", "left", "right", "right", "right", "right"],
  style: { head: [], border: [] },
});
for (const { name, genuine, refused, issuedPerSecond, verifiedPerSecond, peerPerSecond } of outcomes) {
  table.push([
    name,
    genuine,
    [...refused].map(([reason, count]) => `${reason} ${count}`).join("\n"),
    perSecond(issuedPerSecond),
    perSecond(verifiedPerSecond),
    perSecond(peerPerSecond),
    peerPerSecond === undefined ? "-" : `${(verifiedPerSecond / peerPerSecond).toFixed(1)} x`,
  ]);
}
console.log(`\n${COUNT.toLocaleString("en")} tokens of each scheme, one in ten spoilt, verified in bulk:`);
console.log(table.toString());

for (const { name, wrong } of outcomes) {
  if (wrong > 0) console.error(`${name}: ${wrong} verdicts are not the expected ones`);
  failed ||= wrong > 0;
}
if (failed) process.exitCode = 1;
else console.log("Every verdict is the expected one.");
