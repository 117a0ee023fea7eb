/** A median and its quartiles. */
export interface Spread {
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

/** The value below which `share` of the sorted values lie, between two of them where it falls there. */
function quantile(sorted: readonly number[], share: number): number {
  const at = (sorted.length - 1) * share;
  const below = sorted[Math.floor(at)] as number;
  const above = sorted[Math.ceil(at)] as number;
  return below + (above - below) * (at - Math.floor(at));
}

export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0) throw new RangeError("no values to take a median of");
  const sorted = Float64Array.from(values).sort();
  const list = Array.from(sorted);
  return { low: quantile(list, 0.25), median: quantile(list, 0.5), high: quantile(list, 0.75) };
}

/** The spread of the quotients of values that were measured in the same round. */
export function ratioOf(numerators: readonly number[], denominators: readonly number[]): Spread {
  return spreadOf(numerators.map((value, round) => value / (denominators[round] as number)));
}
