import { Random } from "../../support/random.ts";
import { outcomeSensor, type Sensor } from "./coverage.ts";
import { mutate } from "./mutate.ts";
import type { Target } from "./target.ts";

/** Inputs run between two looks at V8's coverage, which costs as much as a hundred of them. */
const BATCH = 256;

export interface Find {
  readonly input: Uint8Array;
  readonly error: unknown;
}

export interface FuzzOptions {
  readonly seed: number;
  /** Inputs kept of earlier runs, beside the target's seeds. */
  readonly corpus?: readonly Uint8Array[];
  /** False: inputs that reach something new are not kept, so that every mutation is one of the first inputs. */
  readonly guided?: boolean;
  /** V8's, and others that need a look after many inputs only. */
  readonly slow: readonly Sensor[];
  /** Looked at after each input. */
  readonly fast?: readonly Sensor[];
  readonly isOver: (cases: number, finds: number) => boolean;
}

export interface FuzzResult {
  readonly cases: number;
  readonly finds: readonly Find[];
  /** The inputs that each reached something new when they came. */
  readonly corpus: readonly Uint8Array[];
  readonly coverage: string;
}

/** Mutates inputs and keeps those that reach something new, until it is over. */
export function fuzz(target: Target, options: FuzzOptions): FuzzResult {
  const { seed, guided = true, slow, isOver } = options;
  const outcomes = outcomeSensor();
  const fast = [outcomes, ...(options.fast ?? [])];
  const random = new Random(seed);
  const finds = new Map<string, Find>();
  const corpus: Uint8Array[] = [];
  let cases = 0;

  const run = (input: Uint8Array): void => {
    cases++;
    try {
      outcomes.tell(target.run(input.slice()));
    } catch (error) {
      const message = `${error}`.slice(0, 60);
      const known = finds.get(message);
      if (!known || known.input.length > input.length) finds.set(message, { input, error });
    }
  };
  const keepAll = (sensors: readonly Sensor[]): boolean => sensors.map((sensor) => sensor.keep()).includes(true);
  const anyNew = (sensors: readonly Sensor[]): boolean => sensors.map((sensor) => sensor.isNew()).includes(true);

  /** Keeps those inputs of a batch with new coverage that are to thank for it, by halves. */
  const locate = (inputs: readonly Uint8Array[]): void => {
    if (inputs.length === 1) {
      run(inputs[0] as Uint8Array);
      if (keepAll(slow)) corpus.push(inputs[0] as Uint8Array);
      return;
    }
    const middle = inputs.length >> 1;
    for (const half of [inputs.slice(0, middle), inputs.slice(middle)]) {
      half.forEach(run);
      if (anyNew(slow)) locate(half);
    }
  };

  anyNew([...fast, ...slow]);
  for (const input of [...target.seeds, ...(options.corpus ?? [])]) {
    run(input);
    keepAll([...fast, ...slow]);
    corpus.push(input);
  }
  const first = corpus.length;
  const dictionary = target.dictionary.map((piece) => (typeof piece === "string" ? Buffer.from(piece) : piece));
  while (!isOver(cases, finds.size)) {
    const batch = Array.from({ length: BATCH }, () => {
      // Half of the parents are among the newest.
      const from = guided && random.below(2) ? Math.max(0, corpus.length - 16) : 0;
      const parent = corpus[from + random.below(corpus.length - from)] as Uint8Array;
      return mutate(parent, random, { inputs: corpus, dictionary }, target.maxLength);
    });
    for (const input of batch) {
      run(input);
      if (keepAll(fast) && guided) corpus.push(input);
    }
    if (guided && anyNew(slow)) {
      locate(batch);
      keepAll(slow); // what did not come again belongs to no input: a cache that was cold
    }
  }
  return {
    cases,
    finds: [...finds.values()],
    corpus: guided ? corpus : corpus.slice(0, first),
    coverage: [...slow, ...fast].map((sensor) => sensor.report()).join(", "),
  };
}

/** Those inputs that are needed to reach what all of them reach, the shortest first. Sensors that know nothing yet. */
export function minimise(target: Target, inputs: readonly Uint8Array[], sensors: readonly Sensor[]): Uint8Array[] {
  const outcomes = outcomeSensor();
  const all = [outcomes, ...sensors];
  for (const sensor of all) sensor.isNew();
  return [...inputs]
    .sort((a, b) => a.length - b.length || Buffer.compare(a, b))
    .filter((input) => {
      try {
        outcomes.tell(target.run(input.slice()));
      } catch {
        return true; // a find: to be replayed until it is mended
      }
      return all.map((sensor) => sensor.keep()).includes(true);
    });
}
