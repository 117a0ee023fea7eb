import { readFileSync } from "node:fs";
import binaryen from "binaryen";
import { beforeAll, describe, expect, it } from "vitest";
import { type Branch, branchesOf } from "./branches.ts";
import { HMAC_CASES } from "./cases-hmac.ts";
import { compileWith } from "./compile.ts";
import { instrument } from "./instrument.ts";
import { LEAKS } from "./leaks.ts";
import { MODULE_NAMES, type ModuleName, parsed, shipped, sourceMap } from "./modules.ts";
import { EXCEPTIONS, forbidden, violations } from "./opcodes.ts";
import { leakOf } from "./same-traces.ts";
import { Traced } from "./tracer.ts";

const REASONS = ["fixed", "length", "count", "address", "choice", "public section", "text", "verdict", "progress"];

/** A branch in one line, as it is compared. */
const lineOf = ({ file, function: name, kind, source, count }: Branch): string =>
  `${file}: ${name}: ${count > 1 ? `${count} × ` : ""}${kind}: ${source}`;

/** The rows of branches-*.md. */
function listed(name: ModuleName): { readonly line: string; readonly reason: string }[] {
  const text = readFileSync(new URL(`branches-${name}.md`, import.meta.url), "utf8");
  let file = "";
  return text.split("\n").flatMap((row) => {
    file = /^## (\S+)$/.exec(row)?.[1] ?? file;
    const cells = /^\| (\w+) \| (.+?) \| `(.+)` \| \*\*([^*]+)\*\*: .+ \|$/.exec(row);
    if (!cells) return [];
    const [, inside, kind, source = "", reason = ""] = cells;
    return [{ line: `${file}: ${inside}: ${kind}: ${source.replaceAll("\\|", "|")}`, reason }];
  });
}

const linesOf = (wasm: Uint8Array, map: string): string[] => branchesOf(wasm, map).branches.map(lineOf);

describe.each(MODULE_NAMES)("%s.wasm", (name) => {
  it("holds no instruction whose time may depend on its operands", () => {
    const module = parsed(name);
    expect(violations(module, EXCEPTIONS)).toEqual([]);
    module.dispose();
  });

  it("has no branch that is not listed with its reason, and none is listed that there is not", () => {
    const rows = listed(name);
    expect(linesOf(shipped(name), sourceMap(name)).sort()).toEqual(rows.map(({ line }) => line).sort());
    expect(rows.filter(({ reason }) => !REASONS.includes(reason))).toEqual([]);
  });
});

describe("the list of exceptions", () => {
  it("has none that is not needed", () => {
    const found = MODULE_NAMES.flatMap((name) => forbidden(parsed(name)));
    expect(found.sort()).toEqual(
      EXCEPTIONS.flatMap((one) => new Array<string>(one.count).fill(`${one.function}: ${one.opcode}`)).sort(),
    );
  });

  it("excepts what it names and nothing more", () => {
    const module = parsed("cute");
    expect(violations(module, EXCEPTIONS.slice(1))).toEqual(["assembly/curve25519/invert/invert: i32.div_u"]);
    module.dispose();
  });
});

const body = (expression: string): string =>
  `(module (memory 1) (table 1 funcref) (type $plain (func)) (func $planted (local $x i32) ${expression}))`;
const PLANTED: Readonly<Record<string, string>> = {
  "i32.rem_s": body("(drop (i32.rem_s (i32.const 1) (local.get $x)))"),
  "i64.div_s": body("(drop (i64.div_s (i64.const 1) (i64.const 2)))"),
  "f32.add": body("(drop (f32.add (f32.const 1) (f32.const 2)))"),
  "f64.convert_i32_u": body("(drop (f64.convert_i32_u (local.get $x)))"),
  "f32x4.mul": body("(drop (f32x4.mul (v128.const i32x4 0 0 0 0) (v128.const i32x4 0 0 0 0)))"),
  "f64x2.sqrt": body("(drop (f64x2.sqrt (v128.const i32x4 0 0 0 0)))"),
  "i8x16.relaxed_swizzle": body("(drop (i8x16.relaxed_swizzle (v128.const i32x4 0 0 0 0) (v128.const i32x4 0 0 0 0)))"),
  "memory.grow": body("(drop (memory.grow (i32.const 1)))"),
  call_indirect: body("(call_indirect (type $plain) (local.get $x))"),
  br_table: body("(block $a (br_table $a $a (local.get $x)))"),
  "i32.atomic.load": body("(drop (i32.atomic.load (local.get $x)))"),
  "i32.popcnt": body("(drop (i32.popcnt (local.get $x)))"),
  "select between vectors": LEAKS["a select between vectors"] ?? "",
};

describe("a forbidden instruction is found", () => {
  for (const [opcode, text] of Object.entries(PLANTED)) {
    it(opcode, () => {
      const module = binaryen.parseText(text);
      expect(forbidden(module).some((found) => found.endsWith(`: ${opcode}`))).toBe(true);
      module.dispose();
    });
  }
});

describe("an early exit planted in the source of hmac.wasm", () => {
  let planted: { wasm: Uint8Array; map: string };
  beforeAll(() => {
    const head = "function equalsRaw(right: usize, tag: usize): u32 {";
    const exit = "for (let i: usize = 0; i < 32; i++) if (load<u8>(right + i) !== load<u8>(tag + i)) return 0;";
    planted = compileWith("hmac", "assembly/sha256/tags.ts", head, `${head}\n  ${exit}`);
  }, 120_000);

  it("is a branch that the list lacks, and the function is named", () => {
    const rows = new Set(listed("hmac").map(({ line }) => line));
    const unlisted = linesOf(planted.wasm, planted.map).filter((line) => !rows.has(line));
    expect(unlisted.length).toBeGreaterThan(0);
    expect(unlisted.filter((line) => !line.startsWith("assembly/sha256/tags.ts: equalsRaw: "))).toEqual([]);
  });

  it("parts the traces of two wrong tags", () => {
    const traced = new Traced(instrument(binaryen.readBinary(planted.wasm)));
    const one = HMAC_CASES.find(({ name }) => name === "one message is verified: raw, mismatch");
    if (!one) throw new Error("no such case");
    expect(leakOf(traced, one)).toContain("assembly/sha256/tags/checkTag: ");
  });
});
