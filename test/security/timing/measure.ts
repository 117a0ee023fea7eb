import { randomBytes } from "node:crypto";
import { type CroppedComparison, median, smallestSeen, strongest } from "./statistics.ts";
import type { Class, Target, Trial } from "./target.ts";
import { CERTAIN } from "./verdict.ts";

/** How long to measure: until either is reached. */
export interface Limits {
  readonly batches: number;
  readonly seconds: number;
}

export interface Measured extends CroppedComparison {
  /** Batches of both classes, before cropping. */
  readonly batches: number;
  /** Median time of one call, in nanoseconds. */
  readonly median: number;
  /** A delay of one class, in nanoseconds per call, that would have tripped; `null` where one is there on purpose. */
  readonly smallestSeen: number | null;
}

const WARM_UP_BATCHES = 300;

/** Nanoseconds that a batch of calls takes, after one that is not timed: it meets what preparing left in the caches. */
function timed(trial: Trial, calls: number, answer: number): number {
  let sum = trial.call() - answer;
  const start = process.hrtime.bigint();
  for (let i = 0; i < calls; i++) sum += trial.call();
  const end = process.hrtime.bigint();
  if (sum !== calls * answer) throw new Error(`${calls} calls answered ${sum} in all, not ${answer} each`);
  return Number(end - start);
}

/** Times batches of either class, in an order drawn at random, and compares the two. */
export function measure(target: Target, { batches, seconds }: Limits): Measured {
  const { role, calls, answer } = target;
  const trial = target.make();
  const order = randomBytes(batches);
  const times = new Float64Array(batches);
  const classes = new Uint8Array(batches);
  for (let i = 0; i < WARM_UP_BATCHES; i++) {
    trial.prepare((i & 1) as Class);
    timed(trial, calls, answer);
  }
  const end = performance.now() + seconds * 1000;
  let count = 0;
  while (count < batches && performance.now() < end) {
    const which = ((order[count] as number) & 1) as Class;
    trial.prepare(which);
    times[count] = timed(trial, calls, answer);
    classes[count++] = which;
  }
  // Per call: what somebody who measures one would see.
  const values = times.subarray(0, count).map((time) => time / calls);
  const labels = classes.subarray(0, count);
  return {
    ...strongest(values, labels),
    batches: count,
    median: median(values),
    smallestSeen: role === "leaks" ? null : smallestSeen(values, labels, CERTAIN),
  };
}
