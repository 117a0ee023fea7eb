import type { Verdicts } from "../library.ts";

/** One scheme's share of the main job. */
export interface Job {
  readonly name: string;
  /** Issues token `index`; every tenth is spoilt, `spoil` says how. */
  prepare(index: number): void;
  /** What the verdict on token `index` must be: `valid`, or a reason. */
  expected(index: number): string;
  /** Verifies all of them in bulk. */
  verify(): Verdicts<unknown, string>;
  /** The same work through node:crypto, where it can do it: whether each token is good. */
  readonly peer?: (() => boolean[]) | undefined;
  dispose(): void;
}

export interface Outcome {
  readonly name: string;
  readonly genuine: number;
  /** Refused tokens per reason. */
  readonly refused: ReadonlyMap<string, number>;
  /** Tokens whose verdict was not the expected one; also where the peer disagrees. */
  readonly wrong: number;
  readonly issuedPerSecond: number;
  readonly verifiedPerSecond: number;
  readonly peerPerSecond: number | undefined;
}

const STEP = 500;
const ROUNDS = 5;
const WARM_UP = 300; // milliseconds

/** The fault of token `index`, `undefined` for nine in ten. Faults take turns. */
export function faultOf<Fault>(index: number, faults: readonly Fault[]): Fault | undefined {
  return index % 10 === 9 ? faults[Math.floor(index / 10) % faults.length] : undefined;
}

/** Runs a job; `tick` is called now and then with the number of tokens issued since the last call. */
export function runJob(job: Job, count: number, tick: (tokens: number) => void): Outcome {
  let spent = 0;
  for (let from = 0; from < count; from += STEP) {
    const start = performance.now();
    for (let i = from; i < from + STEP; i++) job.prepare(i);
    spent += performance.now() - start;
    tick(STEP);
  }
  // First what the engine's compilers need. Then both take turns, so that a noisy machine is noisy to both.
  const ours: number[] = [];
  const theirs: number[] = [];
  let verdicts = job.verify();
  for (const end = performance.now() + WARM_UP; performance.now() < end; ) verdicts = job.verify();
  let peers = job.peer?.();
  for (let round = 0; round < ROUNDS; round++) {
    let start = performance.now();
    verdicts = job.verify();
    ours.push(performance.now() - start);
    start = performance.now();
    peers = job.peer?.();
    theirs.push(performance.now() - start);
  }

  const refused = new Map<string, number>();
  let wrong = 0;
  for (let i = 0; i < count; i++) {
    const reason = verdicts.reasonAt(i);
    if ((reason ?? "valid") !== job.expected(i)) wrong++;
    if (peers && peers[i] !== verdicts.isValid(i)) wrong++;
    if (reason !== undefined) refused.set(reason, (refused.get(reason) ?? 0) + 1);
  }
  job.dispose();
  return {
    name: job.name,
    genuine: verdicts.validCount,
    refused,
    wrong,
    issuedPerSecond: count / (spent / 1000),
    verifiedPerSecond: count / (median(ours) / 1000),
    peerPerSecond: peers && count / (median(theirs) / 1000),
  };
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1] as number;
}
