import binaryen from "binaryen";
import { describe, expect, it } from "vitest";
import { AEAD_CASES } from "./cases-aead.ts";
import { CUTE_CASES } from "./cases-cute.ts";
import { HMAC_CASES } from "./cases-hmac.ts";
import { NETCODE_CASES } from "./cases-netcode.ts";
import { EXPORTS, unclassified } from "./exports.ts";
import { MODULE_NAMES, named, parsed, shipped } from "./modules.ts";

const CASES = { hmac: HMAC_CASES, cute: CUTE_CASES, netcode: [...AEAD_CASES, ...NETCODE_CASES] };

/** A module's sections but the custom ones, by number. */
function sections(wasm: Uint8Array): Map<number, string> {
  const found = new Map<number, string>();
  for (let at = 8; at < wasm.length; ) {
    const id = wasm[at++] ?? 0;
    let length = 0;
    for (let shift = 0, more = true; more; shift += 7) {
      const byte = wasm[at++] ?? 0;
      length |= (byte & 127) << shift;
      more = byte > 127;
    }
    if (id !== 0) found.set(id, Buffer.from(wasm.subarray(at, at + length)).toString("hex"));
    at += length;
  }
  return found;
}

describe.each(MODULE_NAMES)("%s.wasm", (name) => {
  it("is, byte for byte, the module that is traced, less its names", () => {
    expect(sections(shipped(name))).toEqual(sections(named(name)));
    expect(WebAssembly.Module.customSections(new WebAssembly.Module(shipped(name)), "name")).toEqual([]);
  });

  it("has no export that is not classified, and none is classified that there is not", () => {
    const module = new WebAssembly.Module(shipped(name));
    expect(unclassified(name, module)).toEqual([]);
    const names = WebAssembly.Module.exports(module).map((one) => one.name);
    expect(Object.keys(EXPORTS[name]).filter((one) => !names.includes(one))).toEqual([]);
  });

  it("with one more export is noticed", () => {
    const module = parsed(name);
    const { name: inner } = binaryen.getFunctionInfo(module.getFunctionByIndex(0));
    module.addFunctionExport(inner, "addedLater");
    expect(unclassified(name, new WebAssembly.Module(Uint8Array.from(module.emitBinary())))).toEqual(["addedLater"]);
    module.dispose();
  });

  it("has a case for every export", () => {
    const traced = new Set(CASES[name].flatMap((one) => one.exports));
    expect(Object.keys(EXPORTS[name]).filter((one) => !traced.has(one))).toEqual([]);
    const names = CASES[name].map((one) => one.name);
    expect(names).toEqual([...new Set(names)]);
  });
});
