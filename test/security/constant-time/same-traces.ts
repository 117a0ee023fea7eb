// Tests made of cases: for each, one trace whatever the secrets.

import { expect, it } from "vitest";
import type { Case } from "./cases.ts";
import { instrument } from "./instrument.ts";
import { type ModuleName, parsed } from "./modules.ts";
import { RUNS, Secrets } from "./random.ts";
import { type Instance, type Prepare, Traced } from "./tracer.ts";

/** What one run of a case does. The same run has the same secrets in every case. */
export const runOf = (one: Case, index: number): Prepare => one.prepare(new Secrets("secrets", index));

/** The run whose trace is not that of the first, and where they part; undefined where all are the same. */
export function leakOf(traced: Traced, one: Case): string | undefined {
  const first = traced.trace(runOf(one, 0));
  for (let index = 0; index < RUNS; index++) {
    const { hash, events, result } = traced.trace(runOf(one, index));
    expect(result, `${one.name}: verdict of run ${index}`).toEqual(one.verdict);
    if (hash !== first.hash || events !== first.events) {
      return `run ${index}: ${traced.firstDifference(runOf(one, 0), runOf(one, index))}`;
    }
  }
  return undefined;
}

/**
 * @param unreachable sites that no call can reach
 * @param warmUp see Traced
 */
export function expectSameTraces(
  module: ModuleName,
  cases: readonly Case[],
  unreachable: readonly string[],
  warmUp?: (instance: Instance) => void,
): void {
  const traced = new Traced(instrument(parsed(module)), warmUp);
  for (const one of cases) {
    it(one.name, () => {
      expect(leakOf(traced, one)).toBeUndefined();
      const others = [1, 2, 3].map((index) => traced.differ(runOf(one, 0), runOf(one, index)));
      expect(others.includes(true), "what differs from run to run").toBe(!one.empty);
      traced.visit(runOf(one, 0));
      if (!one.parts) return;
      const { from, at } = one.parts;
      const other = cases.find(({ name }) => name === from);
      if (!other) throw new Error(`no case ${from}`);
      expect(traced.firstDifference(runOf(other, 0), runOf(one, 0))).toContain(`${at}: `);
    });
  }

  it("reach every branch and every access", () => {
    expect([...new Set(traced.unreached())]).toEqual(unreachable);
  });
}
