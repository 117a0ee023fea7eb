/** What Welch's t-test says of two classes of measurements. */
export interface Comparison {
  /** Welch's t: the difference of the means over its standard error. */
  readonly t: number;
  /** Mean of class 1 minus mean of class 0. */
  readonly difference: number;
  readonly standardError: number;
  /** How many measurements of either class it is based on. */
  readonly counts: readonly [number, number];
}

/** {@link Comparison} of those measurements that are no larger than the crop. */
export interface CroppedComparison extends Comparison {
  /** The share of all measurements that were kept: 1 where nothing was cropped. */
  readonly kept: number;
}

/** Slow measurements are the machine's interruptions; a leak may show only below them, or only in the tail. */
export const KEPT_SHARES: readonly number[] = [
  1, 0.999, 0.995, 0.99, 0.98, 0.97, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1,
];
/** A crop that leaves fewer of a class is not looked at. */
const FEWEST = 100;

/** Welch's t of the values that are at most `limit`; `classes` tells which values belong together, 0 or 1. */
export function welch(values: Float64Array, classes: Uint8Array, limit: number): Comparison {
  const counts: [number, number] = [0, 0];
  const means: [number, number] = [0, 0];
  const squares: [number, number] = [0, 0];
  // Welford's running mean and sum of squared deviations.
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (value > limit) continue;
    const which = classes[i] as 0 | 1;
    const count = ++counts[which];
    const deviation = value - means[which];
    means[which] += deviation / count;
    squares[which] += deviation * (value - means[which]);
  }
  const [a, b] = counts;
  const difference = means[1] - means[0];
  const standardError = Math.sqrt(squares[0] / (a - 1) / a + squares[1] / (b - 1) / b);
  // Without any variance, equal means differ by nothing and others by as much as can be.
  const t = difference === 0 ? 0 : difference / standardError;
  return { t, difference, standardError, counts };
}

/** The comparison with the largest |t| over all crops. */
export function strongest(values: Float64Array, classes: Uint8Array): CroppedComparison {
  const sorted = values.slice().sort();
  let found: CroppedComparison | undefined;
  for (const kept of KEPT_SHARES) {
    const limit = sorted[Math.ceil(kept * sorted.length) - 1] as number;
    const compared = welch(values, classes, limit);
    if (Math.min(...compared.counts) < FEWEST) continue;
    if (!found || Math.abs(compared.t) > Math.abs(found.t)) found = { ...compared, kept };
  }
  if (!found) throw new RangeError(`${values.length} measurements are too few`);
  return found;
}

/**
 * How small a delay of class 1 would not have gone unseen: the smallest, within a quarter, with which the same
 * measurements would reach `t`.
 */
export function smallestSeen(values: Float64Array, classes: Uint8Array, t: number): number {
  const delayed = (delay: number): number => {
    const later = values.map((value, i) => value + delay * (classes[i] as number));
    return Math.abs(strongest(later, classes).t);
  };
  // No crop tells apart less than its standard error times t, and the smallest of those is a place to begin.
  const { standardError } = welch(values, classes, median(values));
  let delay = Math.max(standardError, Number.EPSILON) * t;
  while (delayed(delay) < t) delay *= 1.25;
  return delay;
}

export function median(values: Float64Array): number {
  return values.slice().sort()[values.length >> 1] as number;
}
