import { Session } from "node:inspector";

/** Tells whether code ran that had not run before. */
export interface Sensor {
  /** Whether anything ran since the last call, or the last `keep`, that was not kept. Forgets it. */
  isNew(): boolean;
  /** As `isNew`, and counts what ran as known from here on. */
  keep(): boolean;
  /** What was kept, in words. */
  report(): string;
}

interface Range {
  readonly startOffset: number;
  readonly endOffset: number;
  readonly count: number;
}

interface Script {
  readonly url: string;
  readonly functions: readonly { readonly ranges: readonly Range[] }[];
}

let session: Session | undefined;

function post(method: string): { result?: Script[] } {
  session ??= new Session();
  let answer: unknown;
  let failure: Error | null = null;
  // In one thread the answer comes before `post` returns.
  session.post(method, method.includes("start") ? { callCount: true, detailed: true } : {}, (error, result) => {
    failure = error;
    answer = result;
  });
  if (failure) throw failure;
  return answer as { result?: Script[] };
}

/** Begins to count: before the code to be watched is loaded. */
export function startCoverage(): void {
  if (session) return;
  session = new Session();
  session.connect();
  post("Profiler.enable");
  post("Profiler.startPreciseCoverage");
}

/**
 * V8's block coverage of the scripts whose address passes `isWatched`, kept as one byte for each character of source: V8
 * tells ranges, which it merges differently from one time to the next.
 */
export function v8Sensor(isWatched: (url: string) => boolean): Sensor {
  const known = new Map<string, Uint8Array>();

  const take = (keeping: boolean): boolean => {
    let any = false;
    for (const { url, functions } of post("Profiler.takePreciseCoverage").result ?? []) {
      if (!isWatched(url)) continue;
      const ran = paint(functions);
      let before = known.get(url) ?? new Uint8Array(0);
      if (before.length < ran.length) {
        const longer = new Uint8Array(ran.length);
        longer.set(before);
        before = longer;
        known.set(url, before);
      }
      for (let i = 0; i < ran.length; i++) {
        if (ran[i] === 0 || before[i] === 1) continue;
        any = true;
        if (!keeping) break;
        before[i] = 1;
      }
    }
    return any;
  };

  return {
    isNew: () => take(false),
    keep: () => take(true),
    report() {
      let characters = 0;
      for (const covered of known.values()) for (const one of covered) characters += one;
      return `${characters.toLocaleString("en")} characters of JavaScript`;
    },
  };
}

/** Functions stand in the order of their beginnings, an outer one first, and so do the ranges of each. */
function paint(functions: Script["functions"]): Uint8Array {
  const ranges = functions.flatMap((one) => one.ranges);
  const ran = new Uint8Array(Math.max(0, ...ranges.map(({ endOffset }) => endOffset)));
  for (const { startOffset, endOffset, count } of ranges) ran.fill(count > 0 ? 1 : 0, startOffset, endOffset);
  return ran;
}

/** Names of what became of inputs, told to it by `tell`. */
export function outcomeSensor(): Sensor & { tell(outcome: string): void } {
  const known = new Set<string>();
  let fresh = new Set<string>();
  return {
    tell(outcome) {
      if (!known.has(outcome)) fresh.add(outcome);
    },
    isNew() {
      const any = fresh.size > 0;
      fresh = new Set();
      return any;
    },
    keep() {
      for (const outcome of fresh) known.add(outcome);
      return this.isNew();
    },
    report: () => `${known.size} outcomes`,
  };
}
