import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { HMAC_ARENA } from "../../../assembly/memory/hmac.ts";
import { markEdges } from "./kernels.ts";

interface Hmac {
  readonly memory: WebAssembly.Memory;
  hexEncode(source: number, length: number, target: number): void;
}

const shipped = (name: string): Uint8Array => readFileSync(new URL(`../../../dist/wasm/${name}.wasm`, import.meta.url));

it("marks the edges of the shipped modules, which do as before", () => {
  const { wasm, edges } = markEdges(shipped("hmac"));
  expect(edges).toBeGreaterThan(100);
  expect(markEdges(shipped("cute")).edges).toBeGreaterThan(300);
  expect(markEdges(shipped("netcode")).edges).toBeGreaterThan(10);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(wasm as Uint8Array<ArrayBuffer>), {});
  const hmac = exports as unknown as Hmac;
  const globals = Object.entries(exports).flatMap(([name, value]) =>
    name.startsWith("edges") && value instanceof WebAssembly.Global ? [value] : [],
  );
  const ran = (length: number): number[] => {
    for (const global of globals) global.value = 0;
    hmac.hexEncode(HMAC_ARENA, length, HMAC_ARENA + 100);
    return globals.map(({ value }) => Number(value));
  };
  const memory = Buffer.from(hmac.memory.buffer);
  memory.set([0x0a, 0xff], HMAC_ARENA);
  const [none, two] = [ran(0), ran(2)];
  expect(memory.toString("latin1", HMAC_ARENA + 100, HMAC_ARENA + 104)).toBe("0aff");
  // With bytes to write, the loop's body ran as well.
  expect(none).not.toEqual(two);
  expect(none.some((bits) => bits !== 0)).toBe(true);
});
