import type { Measured } from "./measure.ts";
import type { Target } from "./target.ts";

// dudect's reading of |t|: above 10 almost certainly a leak; above 5 likely, so measure again. Below is no proof of
// anything: it says that a difference larger than the resolution would have shown.
export const LIKELY = 5;
export const CERTAIN = 10;
/** What trips is measured anew, so many times in all; one run that stays below is enough to clear it. */
export const REPEATS = 3;

/** The smallest of the runs' |t|: how far all of them went. */
export function everyTime(runs: readonly Pick<Measured, "t">[]): number {
  return Math.min(...runs.map(({ t }) => Math.abs(t)));
}

/** Whether another run may change the verdict. */
export function wantsRepeat(role: Target["role"], runs: readonly Pick<Measured, "t">[]): boolean {
  return role !== "leaks" && runs.length < REPEATS && everyTime(runs) > LIKELY;
}

export interface Judgement {
  readonly text: string;
  /** Whether `npm run timing` fails by it. */
  readonly fails: boolean;
}

/** What the runs of one target say. */
export function judge(role: Target["role"], runs: readonly Pick<Measured, "t">[]): Judgement {
  const reached = everyTime(runs);
  if (role === "leaks") {
    return reached > CERTAIN ? { text: "trips, as it must", fails: false } : { text: "DOES NOT TRIP", fails: true };
  }
  if (reached <= LIKELY) return { text: runs.length > 1 ? "not above 5 again" : "not above 5", fails: false };
  if (role === "same") return { text: "NOISE: figures mean nothing", fails: true };
  return reached > CERTAIN ? { text: "LEAK", fails: true } : { text: "likely: above 5 every time", fails: false };
}
