// `npm run growth`: over a million calls of every public verb, genuine and forged, neither the heap nor WebAssembly memory
// grows, and every key slot comes back. Planted leaks of each kind must be found. Exit code 1 otherwise.
import Table from "cli-table3";
import { SnapNetTokens } from "../../../src/snapnet/index.ts";
import { Random } from "../../support/random.ts";
import { cuteVerbs } from "./cute.ts";
import { cuteSessionVerbs } from "./cute-session.ts";
import { historyVerbs } from "./history.ts";
import { netcodeVerbs } from "./netcode.ts";
import { growthOf, watched } from "./observe.ts";
import { stringVerbs } from "./strings.ts";
import { FAST, type Verb } from "./verb.ts";

/** Leaks on purpose, each with the word its problem begins with. */
function planted(): (Verb & { readonly finds: string })[] {
  const random = new Random(32);
  const kept: unknown[] = [];
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 10_000 });
  watched.push(memory);
  const secret = random.bytes(32);
  return [
    {
      name: "control: an object stays at each call",
      finds: "heap",
      calls: FAST,
      run: () => kept.push({}) > 0,
    },
    {
      name: "control: a page of memory at each call",
      finds: "WebAssembly memory",
      calls: 100,
      run: () => memory.grow(1) > 0,
    },
    {
      name: "control: a holder is kept at each call",
      finds: "key slots",
      calls: 100,
      run: () => kept.push(new SnapNetTokens({ secret, sessionId: null })) > 0,
    },
  ];
}

const start = performance.now();
const table = new Table({
  head: ["verb", "calls", "heap, bytes a call", "grown"],
  colAligns: ["left", "right", "right", "left"],
  style: { head: [], border: [] },
});
let failed = false;
let total = 0;
const verbs = [...stringVerbs, ...cuteVerbs, ...cuteSessionVerbs, ...historyVerbs, ...netcodeVerbs];
for (const verb of verbs) {
  const { calls, heapPerCall, problems } = await growthOf(verb);
  failed ||= problems.length > 0;
  total += calls;
  table.push([verb.name, calls.toLocaleString("en"), heapPerCall.toFixed(2), problems.join("\n") || "nothing"]);
}
for (const control of planted()) {
  const { calls, heapPerCall, problems } = await growthOf(control);
  const found = problems.some((problem) => problem.startsWith(control.finds));
  failed ||= !found;
  const text = found ? `${problems.join("\n")}\nas it must` : "NOT FOUND";
  table.push([control.name, calls.toLocaleString("en"), heapPerCall.toFixed(2), text]);
}
console.log(table.toString());
const seconds = ((performance.now() - start) / 1000).toFixed(0);
console.log(`${total.toLocaleString("en")} calls of ${verbs.length} verbs in ${seconds} s.`);
if (total < 1_000_000) throw new Error("fewer calls than a million");
if (failed) process.exitCode = 1;
