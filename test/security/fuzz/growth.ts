// `npm run fuzz -- --growth`: how the time of every decoder, reader and verifier grows with the size n of hostile input,
// as the k of time ~ n^k. Fails above 1.2, and where a control that takes quadratic time does not.
import { control, growthCases } from "./growth-cases.ts";

const LIMIT = 1.2;
const SIZES = 5;
const RUNS = 7;
/** A look takes so long, at least: shorter ones are lost in the clock. */
const LOOK_MS = 3;
/** A busy machine makes a slope of its own. One that comes every time is the code's. */
const ATTEMPTS = 4;

/** One kind of input, that grows. */
export interface GrowthCase {
  readonly name: string;
  /** The largest n; the smallest is a sixteenth of it. */
  readonly largest: number;
  /** What is timed. Whatever is to be made beforehand is made by then. */
  prepare(n: number): () => unknown;
}

/** Milliseconds of one run: the least of several looks, each at as many runs as it takes to be seen. */
function timesOf(runs: readonly (() => unknown)[]): number[] {
  const repeats = runs.map((run) => {
    for (let count = 1; ; count *= 2) if (look(run, count) >= LOOK_MS) return count;
  });
  const best = runs.map(() => Number.POSITIVE_INFINITY);
  for (let i = 0; i < RUNS; i++) {
    runs.forEach((run, n) => {
      best[n] = Math.min(best[n] as number, look(run, repeats[n] as number) / (repeats[n] as number));
    });
  }
  return best;
}

function look(run: () => unknown, count: number): number {
  const start = performance.now();
  for (let i = 0; i < count; i++) run();
  return performance.now() - start;
}

/** The slope of log time over log n, by least squares. */
function exponent(sizes: readonly number[], times: readonly number[]): number {
  const [x, y] = [sizes.map(Math.log), times.map(Math.log)];
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [mx, my] = [mean(x), mean(y)];
  const product = (a: readonly number[], ma: number, b: readonly number[], mb: number) =>
    a.reduce((sum, value, i) => sum + (value - ma) * ((b[i] as number) - mb), 0);
  return product(x, mx, y, my) / product(x, mx, x, mx);
}

function measure({ largest, prepare }: GrowthCase): { k: number; longest: number } {
  const sizes = Array.from({ length: SIZES }, (_, i) => Math.ceil(largest / 2 ** (SIZES - 1 - i)));
  const runs = sizes.map(prepare);
  let best = { k: Number.POSITIVE_INFINITY, longest: 0 };
  for (let i = 0; i < ATTEMPTS && best.k > LIMIT; i++) {
    const times = timesOf(runs);
    const k = exponent(sizes, times);
    if (k < best.k) best = { k, longest: times[SIZES - 1] as number };
  }
  return best;
}

let worst = 0;
for (const one of growthCases) {
  const { k, longest } = measure(one);
  worst = Math.max(worst, k);
  const time = longest < 0.1 ? `${(longest * 1000).toFixed(2)} us` : `${longest.toFixed(2)} ms`;
  console.log(`${one.name}: k = ${k.toFixed(2)}; ${time} at n = ${one.largest.toLocaleString("en")}`);
}
const planted = measure(control).k;
console.log(`${control.name}: k = ${planted.toFixed(2)}`);
console.log(`${growthCases.length} kinds of input, greatest k ${worst.toFixed(2)}, limit ${LIMIT}`);
if (worst > LIMIT || planted <= LIMIT) process.exitCode = 1;
