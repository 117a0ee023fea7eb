/** One public call, over and over. */
export interface Verb {
  readonly name: string;
  /** How often it is called; about 10^6 for all verbs together. */
  readonly calls: number;
  /** Whether the call answered what it must. */
  run(): boolean | Promise<boolean>;
  /** Ends what the verb kept for all its calls. */
  end?(): unknown;
}

export const FAST = 26_000;
/** Calls of some ten microseconds. */
export const SLOW = 10_000;
