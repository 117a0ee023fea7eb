import type { Verdicts } from "connect-tokens";

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

/** The fault of token `index`, `undefined` for nine in ten. Faults take turns. */
export function faultOf<Fault>(index: number, faults: readonly Fault[]): Fault | undefined {
  return index % 10 === 9 ? faults[Math.floor(index / 10) % faults.length] : undefined;
}

/** Runs a job; `tick` is called now and then with the number of tokens issued since the last call. */
export function runJob(job: Job, count: number, tick: (tokens: number) => void): Outcome {
  const STEP = 500;
  let spent = 0;
  for (let from = 0; from < count; from += STEP) {
    const start = performance.now();
    for (let i = from; i < from + STEP; i++) job.prepare(i);
    spent += performance.now() - start;
    tick(STEP);
  }
  job.verify(); // once for the engine's compilers, once for the clock
  const start = performance.now();
  const verdicts = job.verify();
  const verifySeconds = (performance.now() - start) / 1000;

  const refused = new Map<string, number>();
  let wrong = 0;
  for (let i = 0; i < count; i++) {
    const reason = verdicts.reasonAt(i);
    if ((reason ?? "valid") !== job.expected(i)) wrong++;
    if (reason !== undefined) refused.set(reason, (refused.get(reason) ?? 0) + 1);
  }
  let peerPerSecond: number | undefined;
  if (job.peer) {
    job.peer();
    const peerStart = performance.now();
    const peers = job.peer();
    peerPerSecond = count / ((performance.now() - peerStart) / 1000);
    for (let i = 0; i < count; i++) if (peers[i] !== verdicts.isValid(i)) wrong++;
  }
  job.dispose();
  return {
    name: job.name,
    genuine: verdicts.validCount,
    refused,
    wrong,
    issuedPerSecond: count / (spent / 1000),
    verifiedPerSecond: count / verifySeconds,
    peerPerSecond,
  };
}
