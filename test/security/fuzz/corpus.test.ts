import { readdirSync, statSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readCorpus } from "./corpus.ts";
import { startCoverage, v8Sensor } from "./coverage.ts";
import { fuzz } from "./fuzzer.ts";
import { Broken, type Target } from "./target.ts";
import { targets } from "./targets/index.ts";
import { planted } from "./targets/planted.ts";

describe("inputs that fuzzing kept", () => {
  it.each(targets)("$name", (target) => {
    const inputs = readCorpus(target.name);
    expect(inputs.length).toBeGreaterThan(0);
    for (const input of [...target.seeds, ...inputs]) target.run(input.slice());
  });

  it("are few and small", () => {
    const folder = new URL("corpus/", import.meta.url);
    expect(readdirSync(folder).sort()).toEqual(targets.map(({ name }) => name).sort());
    let bytes = 0;
    for (const name of readdirSync(folder, { recursive: true })) bytes += statSync(new URL(`${name}`, folder)).size;
    expect(bytes).toBeLessThan(300 * 1024);
  });
});

describe("the fuzzer", () => {
  startCoverage();
  const slow = () => [v8Sensor((url) => url.includes("fuzz/targets/planted"))];

  it("finds a planted fault by coverage, and not without it", () => {
    const guided = fuzz(planted, { seed: 1, slow: slow(), isOver: (cases, finds) => finds > 0 || cases > 300_000 });
    expect(guided.finds).toHaveLength(1);
    const blind = fuzz(planted, { seed: 1, slow: slow(), guided: false, isOver: (cases) => cases > 2 * guided.cases });
    expect(blind.finds).toHaveLength(0);
  });

  it("tells of a promise that is broken, and of an error that is not documented", () => {
    const faulty: Target = {
      ...planted,
      run(input) {
        if (input[0] === 1) throw new Broken("a promise");
        if (input[0] === 2) throw new TypeError("not documented");
        return "ran";
      },
    };
    const { finds } = fuzz(faulty, { seed: 2, slow: [], isOver: (cases) => cases > 20_000 });
    expect(finds.map(({ error }) => `${error}`).sort()).toEqual(["Broken: a promise", "TypeError: not documented"]);
  });
});
