import { readFileSync } from "node:fs";
import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ConnectTokensError, ErrorCode } from "../../../src/errors.ts";
import { MODULE_NAMES } from "../../../src/wasm/instantiate.ts";
import { expectTelling, thrownBy } from "../../support/errors.ts";

const compile = (name: string): WebAssembly.Module =>
  new WebAssembly.Module(readFileSync(new URL(`../../../dist/wasm/${name}.wasm`, import.meta.url)));

const compiled = { hmac: compile("hmac"), cute: compile("cute"), netcode: compile("netcode") };
const pages = { hmac: 16, cute: 40, netcode: 16 };

/** The package as a program finds it that has just started: no module is running. */
async function fresh() {
  vi.resetModules();
  const [main, crypto, snapnet, cute] = await Promise.all([
    import("../../../src/index.ts"),
    import("../../../src/crypto.ts"),
    import("../../../src/snapnet/index.ts"),
    import("../../../src/cute/index.ts"),
  ]);
  return { ...main, ...crypto, ...snapnet, ...cute };
}

const undo: (() => void)[] = [];
let loaded: Awaited<ReturnType<typeof fresh>>;

beforeEach(async () => {
  loaded = await fresh();
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  for (const one of undo.splice(0).reverse()) one();
});

/** Each module has error classes of its own, so the class is that of the package just loaded. */
function expectFailure(run: () => unknown, code: ErrorCode, argument: string): ConnectTokensError {
  const error = thrownBy(run);
  expect(error).toBeInstanceOf(loaded.ConnectTokensError);
  expect(error).toMatchObject({ code, argument });
  if (code !== "ERR_NO_SIMD") expectTelling(error as ConnectTokensError);
  return error as ConnectTokensError;
}

const key = new Uint8Array(32).fill(1);

/** A first use of each module. */
const uses = {
  hmac: () => loaded.sha256(key),
  cute: () => loaded.generateSigningKeyPair(key),
  netcode: () => loaded.chacha20Poly1305.seal(key, new Uint8Array(12), key),
};
const names = MODULE_NAMES;

/** Puts a watch over the making of a WebAssembly.Module or Instance, until the test ends. */
function watch(name: "Module" | "Instance", onConstruct: () => void): void {
  const original = WebAssembly[name];
  const watched = new Proxy(original, {
    construct(target, args, newTarget): object {
      onConstruct();
      return Reflect.construct(target, args, newTarget === watched ? target : newTarget) as object;
    },
  });
  Object.defineProperty(WebAssembly, name, { value: watched });
  undo.push(() => Object.defineProperty(WebAssembly, name, { value: original }));
}

/** Forbids what a strict Content-Security-Policy forbids: compiling bytes. */
function forbidCompiling(): void {
  const forbidden = (): never => {
    throw new WebAssembly.CompileError("Wasm code generation disallowed by embedder");
  };
  watch("Module", forbidden);
  vi.spyOn(WebAssembly, "validate").mockImplementation(forbidden);
}

function countStarts(): () => number {
  let starts = 0;
  watch("Instance", () => {
    starts++;
  });
  return () => starts;
}

describe.each(names)("%s.wasm", (name) => {
  const use = uses[name];

  it("starts on first use, from the inlined bytes, once", () => {
    const starts = countStarts();
    expect(starts()).toBe(0);
    use();
    use();
    expect(starts()).toBe(1);
  });

  it("starts from the module provided, without compiling bytes", async () => {
    const expected = use();
    loaded = await fresh();
    forbidCompiling();
    loaded.provideModule(name, compiled[name]);
    expect(use()).toEqual(expected);
  });

  it("says what to do where compiling is forbidden, and starts when it may be tried again", () => {
    forbidCompiling();
    const error = expectFailure(use, "ERR_START", name);
    expect(error.message).toContain(`provideModule("${name}", module)`);
    expect(error.message).toContain("disallowed by embedder");
    expect(error.cause).toBeInstanceOf(WebAssembly.CompileError);
    expectFailure(use, "ERR_START", name);
    loaded.provideModule(name, compiled[name]);
    expect(use()).toBeDefined();
  });

  it("a failed start leaves nothing behind: the next use tries again", () => {
    let failures = 2;
    watch("Instance", () => {
      if (failures-- > 0) throw new RangeError("out of memory");
    });
    expectFailure(use, "ERR_START", name);
    const error = expectFailure(use, "ERR_START", name);
    expect(error.message).toContain("out of memory");
    expect(error.cause).toBeInstanceOf(RangeError);
    expect(use()).toBeDefined();
  });

  it("tells an engine without SIMD, or without WebAssembly, what is missing", () => {
    vi.spyOn(WebAssembly, "validate").mockReturnValueOnce(false);
    const error = expectFailure(use, "ERR_NO_SIMD", name);
    expect(error.message).toMatch(/SIMD.*Node 16\.4.*Chrome 91.*Firefox 89.*Safari 16\.4/);
    vi.stubGlobal("WebAssembly", undefined);
    expectFailure(use, "ERR_NO_SIMD", name);
    vi.unstubAllGlobals();
    expect(use()).toBeDefined();
  });

  it("may be provided again once it runs, where it is the same: code may be loaded anew", () => {
    loaded.provideModule(name, compiled[name]);
    use();
    loaded.provideModule(name, compiled[name]);
    expect(use()).toBeDefined();
    expectFailure(() => loaded.provideModule(name, compile(name)), "ERR_START", name);
  });

  it("starts from a module of another realm", () => {
    const bytes = readFileSync(new URL(`../../../dist/wasm/${name}.wasm`, import.meta.url));
    const module = runInNewContext("new WebAssembly.Module(bytes)", { bytes }) as WebAssembly.Module;
    expect(module).not.toBeInstanceOf(WebAssembly.Module);
    forbidCompiling();
    loaded.provideModule(name, module);
    expect(use()).toBeDefined();
  });

  it("cannot be provided once another runs", () => {
    use();
    const error = expectFailure(() => loaded.provideModule(name, compiled[name]), "ERR_START", name);
    expect(error.message).toBe(`${name}.wasm has started already`);
    expect(use()).toBeDefined();
  });

  it("may be provided twice before: the last counts", () => {
    loaded.provideModule(name, compile(name));
    loaded.provideModule(name, compile(name));
    expect(use()).toBeDefined();
  });

  it("needs no imports and keeps its memory as it is", () => {
    expect(WebAssembly.Module.imports(compiled[name])).toEqual([]);
    const { exports } = new WebAssembly.Instance(compiled[name], {});
    const { memory } = exports as { memory: WebAssembly.Memory };
    expect(memory.buffer.byteLength).toBe(pages[name] * 65536);
    expect(() => memory.grow(1)).toThrow(RangeError);
  });
});

describe("provideModule", () => {
  it("refuses other names", () => {
    for (const name of ["", "HMAC", "hmac.wasm", "__proto__", undefined, null, 1]) {
      expectFailure(() => loaded.provideModule(name as "hmac", compiled.hmac), "ERR_RANGE", "name");
    }
  });

  it("refuses what is no module", () => {
    const bytes = readFileSync(new URL("../../../dist/wasm/hmac.wasm", import.meta.url));
    const wrong = [undefined, null, 1, "module", {}, bytes, bytes.buffer, new WebAssembly.Instance(compiled.hmac, {})];
    for (const value of [...wrong, Promise.resolve(compiled.hmac), new Proxy(compiled.hmac, {})]) {
      expectFailure(() => loaded.provideModule("hmac", value as object), "ERR_TYPE", "module");
    }
  });

  it("refuses another of its modules, and one of someone else", () => {
    for (const name of names) {
      for (const other of names.filter((one) => one !== name)) {
        expectFailure(() => loaded.provideModule(name, compiled[other]), "ERR_RANGE", "module");
      }
    }
    const empty = new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
    for (const name of names) expectFailure(() => loaded.provideModule(name, empty), "ERR_RANGE", "module");
    expect(uses.hmac()).toBeDefined();
  });
});

describe("importing", () => {
  it("starts nothing, so that an engine without WebAssembly can import and read", async () => {
    vi.stubGlobal("WebAssembly", undefined);
    loaded = await fresh();
    const { readPublicSection } = await import("../../../src/cute/public.ts");
    expect(() => readPublicSection(new Uint8Array(3))).toThrow("packetOrToken");
    expectFailure(() => new loaded.SnapNetTokens({ secret: key, sessionId: null }), "ERR_NO_SIMD", "hmac");
  });

  it("modules stand alone: SnapNet starts no curve arithmetic, Cute no HMAC, an AEAD neither", () => {
    const starts = countStarts();
    new loaded.SnapNetTokens({ secret: key, sessionId: null }).issue({ userId: "u", sessionId: "s" });
    expect(starts()).toBe(1);
    new loaded.CuteTokens({ suite: "xchacha20poly1305", secret: key, applicationId: 1 }).verify(key);
    expect(starts()).toBe(2);
    uses.netcode();
    expect(starts()).toBe(3);
  });
});
