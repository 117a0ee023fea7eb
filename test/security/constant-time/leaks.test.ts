import binaryen from "binaryen";
import { describe, expect, it } from "vitest";
import { instrument } from "./instrument.ts";
import { LEAKS, XOR_OR_COMPARISON } from "./leaks.ts";
import { bytesOf, RUNS, Secrets } from "./random.ts";
import { type Prepare, Traced } from "./tracer.ts";

const load = (text: string, wrappers = true, passes = true): Traced =>
  new Traced(instrument(binaryen.parseText(text), { wrappers, passes }));

const prepare =
  (index: number): Prepare =>
  ({ exports, memory }) => {
    const other = bytesOf("what it is compared with", 32);
    const secret = new Secrets("leaks", index).random("secret", 32);
    // Every second one has a beginning that is right.
    if (index % 2) other.copy(secret, 0, 0, index % 31);
    memory.set(secret, 0x100);
    memory.set(other, 0x200);
    return () => exports["run"]?.();
  };
const hashes = (traced: Traced): Set<bigint> =>
  new Set(Array.from({ length: RUNS }, (_, index) => traced.trace(prepare(index)).hash));

describe("what the tracer must see", () => {
  for (const [name, text] of Object.entries(LEAKS)) {
    it(name, () => {
      const traced = load(text);
      expect(hashes(traced).size).toBeGreaterThan(1);
      const parting = Array.from({ length: RUNS }, (_, i) => traced.firstDifference(prepare(0), prepare(i)));
      expect(parting.find((place) => place)).toMatch(/^\S+: \w+ \w+ \(event \d+/);
    });
  }

  it("all of it by the wrappers alone", () => {
    const seen = Object.values(LEAKS).filter((text) => hashes(load(text, true, false)).size > 1);
    expect(seen.length).toBe(Object.keys(LEAKS).length);
  });

  it("memory accesses by Binaryen's passes alone as well", () => {
    for (const name of ["a table lookup", "a store at a secret address"]) {
      expect(hashes(load(LEAKS[name] ?? "", false, true)).size).toBeGreaterThan(1);
    }
  });

  it("and what it must not: a comparison without an early exit", () => {
    const traced = load(XOR_OR_COMPARISON);
    expect(hashes(traced).size).toBe(1);
    expect(traced.firstDifference(prepare(0), prepare(1))).toBeUndefined();
  });

  it("and what it cannot walk, it refuses", () => {
    const gc = '(module (memory (export "memory") 1) (func (export "run") (drop (ref.null any))))';
    expect(() => load(gc)).toThrow("no rule for expression");
  });
});
