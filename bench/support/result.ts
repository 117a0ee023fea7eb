import type { Timing } from "./measure.ts";
import type { Spread } from "./statistics.ts";

/** What a row is held to: its ratio where it has one, else our own value. */
export interface Target {
  readonly atLeast?: number;
  readonly atMost?: number;
  /** Better than asked for. */
  readonly stretch?: number;
}

/** One line of the table. */
export interface Row {
  /** Stands for the work in charts and in the file of results. */
  readonly key: string;
  readonly work: string;
  /** Of our value and the peer's. */
  readonly unit: string;
  readonly ours: Spread;
  readonly peer?: { readonly name: string; readonly value: Spread };
  readonly ratio?: Spread;
  /** `speed`: the peer's time over ours. `cost`: our time over the peer's. */
  readonly ratioOf?: "speed" | "cost";
  readonly target?: Target;
}

/** Points of a line in a chart. */
export interface Series {
  readonly name: string;
  readonly points: readonly { readonly x: number; readonly y: Spread }[];
}

export interface SuiteResult {
  readonly rows: readonly Row[];
  readonly series?: readonly Series[];
}

export interface SuiteOptions {
  /** Also the sizes that take minutes. */
  readonly long: boolean;
}

export type Suite = (options: SuiteOptions) => Promise<SuiteResult>;

/**
 * How many times as fast as each peer we are.
 *
 * @param targets by the peer's name
 */
export function speedRows(
  about: { key: string; work: string; unit: string },
  ours: Timing,
  peers: readonly Timing[],
  targets: Readonly<Record<string, Target>> = {},
): Row[] {
  return peers.map((peer) => {
    const target = targets[peer.name];
    return {
      ...about,
      ours: ours.spread,
      peer: { name: peer.name, value: peer.spread },
      ratio: peer.over(ours),
      ratioOf: "speed",
      ...(target && { target }),
    };
  });
}

/** Our time as a multiple of the peer's. */
export function costRow(
  about: { key: string; work: string; unit: string },
  ours: Timing,
  peer: Timing,
  target?: Target,
): Row {
  return {
    ...about,
    ours: ours.spread,
    peer: { name: peer.name, value: peer.spread },
    ratio: ours.over(peer),
    ratioOf: "cost",
    ...(target && { target }),
  };
}

/** Whether a row meets its target; `undefined` where it has none. */
export function isMet({ ours, ratio, target }: Row): boolean | undefined {
  if (!target) return undefined;
  const value = (ratio ?? ours).median;
  return value >= (target.atLeast ?? -Infinity) && value <= (target.atMost ?? Infinity);
}

export function meetsStretch({ ours, ratio, target }: Row): boolean | undefined {
  if (target?.stretch === undefined) return undefined;
  const value = (ratio ?? ours).median;
  return target.atMost === undefined ? value >= target.stretch : value <= target.stretch;
}
