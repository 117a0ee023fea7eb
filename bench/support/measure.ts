import { Bench } from "tinybench";
import { ratioOf, type Spread, spreadOf } from "./statistics.ts";

/** One way of doing a piece of work. */
export interface Contender {
  readonly name: string;
  /** How many units of work (tokens, messages, MiB) one call of `run` does. */
  readonly units: number;
  readonly run: () => unknown;
  /** Whether `run` gives a promise. */
  readonly async?: boolean;
}

export interface Effort {
  /** Default 25. */
  readonly rounds?: number;
  /** Per contender and round. Default 30. */
  readonly milliseconds?: number;
  /** How many calls a round has at least. Default 2. */
  readonly calls?: number;
  /** Milliseconds per contender, before the first round. Default 150. */
  readonly warmup?: number;
}

/** A contender's microseconds per unit in each round. */
export class Timing {
  readonly name: string;
  readonly rounds: readonly number[];
  readonly spread: Spread;

  constructor(name: string, rounds: readonly number[]) {
    this.name = name;
    this.rounds = rounds;
    this.spread = spreadOf(rounds);
  }

  /** How many times as long this took as `other`, round by round. */
  over(other: Timing): Spread {
    return ratioOf(this.rounds, other.rounds);
  }
}

/**
 * Times contenders in turns, A B C A B C …, so that whatever else the machine does meets all of them alike. A round's
 * value is the mean of its calls: rare but dear ones, such as those that pay for the garbage of others, count.
 */
export async function measure(contenders: readonly Contender[], effort: Effort = {}): Promise<Timing[]> {
  const { rounds = 25, milliseconds = 30, calls = 2, warmup = 150 } = effort;
  const benches = contenders.map(({ name, run, async = false }) => {
    const bench = new Bench({ time: milliseconds, iterations: calls, warmup: false, throws: true });
    bench.add(name, run, { async });
    return bench;
  });
  const once = async (index: number): Promise<number> => {
    const bench = benches[index] as Bench;
    const contender = contenders[index] as Contender;
    bench.reset();
    if (contender.async) await bench.run();
    else bench.runSync();
    const result = bench.tasks[0]?.result;
    if (result?.state !== "completed") throw new Error(`${contender.name} was not measured: ${result?.state}`);
    return (result.latency.mean * 1000) / contender.units;
  };
  for (let i = 0; i < contenders.length; i++) {
    const end = performance.now() + warmup;
    do await once(i);
    while (performance.now() < end);
  }
  const values = contenders.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < contenders.length; i++) (values[i] as number[]).push(await once(i));
  }
  return contenders.map(({ name }, i) => new Timing(name, values[i] as number[]));
}
