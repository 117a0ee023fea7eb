/** How often each thing was refused. The reasons are all there from the start, so that a monitor finds them. */
export class Statistics<Reason extends string> {
  readonly #counts: Record<Reason, number>;

  constructor(reasons: readonly Reason[]) {
    this.#counts = Object.create(null) as Record<Reason, number>;
    for (const reason of reasons) this.#counts[reason] = 0;
  }

  count(reason: Reason): void {
    this.#counts[reason]++;
  }

  /** A copy, frozen. */
  snapshot(): Readonly<Record<Reason, number>> {
    return Object.freeze({ ...this.#counts });
  }
}
