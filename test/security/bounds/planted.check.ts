import binaryen from "binaryen";
import { describe, expect, it } from "vitest";
import { HMAC_ARENA, HMAC_ARENA_BYTES, HMAC_SCRATCH, HMAC_STATUS } from "../../../assembly/memory/hmac.ts";
import { sha256 } from "../../../src/crypto.ts";
import { hmacKernel } from "../../../src/wasm/hmac/kernel.ts";
import { loadKernel } from "../../unit/assembly/load.ts";
import { withBounds } from "./bounds.ts";

const TRAP = /unreachable/;

function start(body: string): (address: number, length: number) => void {
  const text = `(module (memory (export "memory") 1) (func (export "run") (param $at i32) (param $n i32) ${body}))`;
  const { wasm, accesses } = withBounds(binaryen.parseText(text), [
    [0x1000, 0x1010],
    [0x1010, 0x1020],
    [0x2000, 0x2100],
  ]);
  expect(accesses).toBe(1);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(wasm), {});
  return exports["run"] as (address: number, length: number) => void;
}

describe("an access beside its arena traps", () => {
  it.each<[string, string, number]>([
    ["i32.load8_u", "(drop (i32.load8_u (local.get $at)))", 1],
    ["i64.store", "(i64.store (local.get $at) (i64.const 1))", 8],
    ["v128.load", "(drop (v128.load (local.get $at)))", 16],
    ["v128.load32_splat", "(drop (v128.load32_splat (local.get $at)))", 4],
    ["v128.store64_lane", "(v128.store64_lane 1 (local.get $at) (v128.const i64x2 1 2))", 8],
  ])("%s", (_name, body, bytes) => {
    const run = start(body);
    for (const at of [0x1000, 0x1010 - bytes, 0x1010, 0x1020 - bytes, 0x2000, 0x2100 - bytes]) run(at, 0);
    for (const at of [0, 0xfff, 0x1010 - bytes + 1, 0x1020, 0x1fff, 0x2100 - bytes + 1, 0x2100, -1]) {
      if (bytes === 1 && at === 0x1010) continue; // where one arena ends the next begins
      expect(() => run(at, 0), `at ${at}`).toThrow(TRAP);
    }
  });

  it("an instruction's own offset counts", () => {
    const run = start("(drop (i32.load offset=16 (local.get $at)))");
    run(0x1000, 0);
    run(0xff0, 0);
    expect(() => run(0x1010, 0)).toThrow(TRAP);
    expect(() => run(-16, 0)).toThrow(TRAP);
  });

  it.each<[string, string]>([
    ["memory.fill", "(memory.fill (local.get $at) (i32.const 7) (local.get $n))"],
    ["memory.copy to it", "(memory.copy (local.get $at) (i32.const 0x2000) (local.get $n))"],
    ["memory.copy from it", "(memory.copy (i32.const 0x2000) (local.get $at) (local.get $n))"],
  ])("%s", (_name, body) => {
    const run = start(body);
    run(0x1000, 16);
    run(0x2000, 0x100);
    for (const [at, length] of [
      [0x1000, 17],
      [0xfff, 1],
      [0x20ff, 2],
      [0x1000, -1],
      [0x3000, 4],
    ] as const) {
      expect(() => run(at, length), `${length} bytes at ${at}`).toThrow(TRAP);
    }
  });
});

describe("the kernels of the debug build", () => {
  const hmac = loadKernel<{ hexEncode(source: number, length: number, target: number): void }>("hmac");

  it("trap on a source that lies in no arena, and the stack names the function", () => {
    const end = HMAC_ARENA + HMAC_ARENA_BYTES;
    hmac.hexEncode(HMAC_ARENA, 8, end - 16);
    let stack = "";
    try {
      hmac.hexEncode(HMAC_STATUS - 64, 32, HMAC_ARENA);
    } catch (error) {
      stack = (error as Error).stack ?? "";
    }
    expect(stack).toMatch(/outside_the_arenas[\s\S]*hexEncode/);
  });

  it("are those that src/wasm starts", () => {
    expect(Buffer.from(sha256(Buffer.from("abc"))).toString("hex")).toMatch(/^ba7816bf/);
    expect(() => hmacKernel().calls.hexEncode(HMAC_SCRATCH - 64, 32, HMAC_ARENA)).toThrow(TRAP);
  });
});
