import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { MODULE_NAMES } from "../../../../src/wasm/instantiate.ts";
import { mutantById, pickMutants } from "./mutants.ts";
import { readModule, withBody } from "./wasm.ts";

// The tool itself: what it makes are mutants of the shipped modules, one instruction away, and the same again by seed or id.

const shipped = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../../../../dist/wasm/${name}.wasm`, import.meta.url)));

describe.each(MODULE_NAMES)("%s.wasm", (name) => {
  const bytes = shipped(name);
  const module = readModule(bytes);
  const mutants = pickMutants(name, bytes, 150, 1);

  it("is read whole: each body put back as it was gives the same file", () => {
    for (const body of module.functions) {
      expect(body.instructions.at(-1)?.name).toBe("end");
      const same = withBody(module, body, [...bytes.subarray(body.start, body.end)]);
      expect(Buffer.compare(same, bytes)).toBe(0);
    }
  });

  it("has valid mutants, each unlike the module and all others, in every function", () => {
    const texts = new Set(
      [bytes, ...mutants.map((mutant) => mutant.bytes)].map((one) => Buffer.from(one).toString("hex")),
    );
    expect(texts.size).toBe(151);
    expect(mutants.every((mutant) => WebAssembly.validate(mutant.bytes))).toBe(true);
    expect(new Set(mutants.map((mutant) => mutant.functionIndex)).size).toBe(module.functions.length);
  });

  it("differs from a mutant in one function only", () => {
    for (const mutant of mutants) {
      const other = readModule(mutant.bytes);
      const text = (of: typeof module, index: number): string => {
        const body = of.functions[index];
        return Buffer.from(of.bytes.subarray(body?.start, body?.end)).toString("hex");
      };
      const changed = module.functions.filter(({ index }) => text(module, index) !== text(other, index));
      expect(changed.map(({ index }) => index)).toEqual([mutant.functionIndex]);
    }
  });

  it("gives the same mutants for the same seed, others for another, and each by its id", () => {
    const ids = mutants.map(({ id }) => id);
    expect(pickMutants(name, bytes, 150, 1).map(({ id }) => id)).toEqual(ids);
    expect(pickMutants(name, bytes, 150, 2).map(({ id }) => id)).not.toEqual(ids);
    for (const { id, bytes: expected } of mutants)
      expect(Buffer.compare(mutantById(id, bytes).bytes, expected)).toBe(0);
  });
});
