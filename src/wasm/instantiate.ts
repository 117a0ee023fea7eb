import { ConnectTokensError, rangeError, typeError } from "../errors.ts";

/** The WebAssembly modules: hmac for the text schemes, cute for Cute's packets, netcode for the AEADs. */
export const MODULE_NAMES = ["hmac", "cute", "netcode"] as const;
export type ModuleName = (typeof MODULE_NAMES)[number];

/** An export that only the module of that name has. */
const MARKS: Record<ModuleName, string> = { hmac: "verifyJobs", cute: "gatherValid", netcode: "aeadStart" };

const provided = new Map<ModuleName, WebAssembly.Module>();
const started = new Map<ModuleName, WebAssembly.Module>();

/**
 * Supplies a compiled module where compiling bytes at run time is forbidden (a strict Content-Security-Policy, edge
 * workers). Import `connect-tokens/hmac.wasm`, `cute.wasm` or `netcode.wasm` as a `WebAssembly.Module` and pass it here
 * before the first use of what needs it.
 *
 * @param module a `WebAssembly.Module` of this package's own `.wasm` file
 * @throws ConnectTokensError `ERR_RANGE` for another name or another module than that of the name, `ERR_TYPE` for
 *   anything but a module, `ERR_START` where another module of that name has started already; the very same again (as
 *   when code is loaded anew) is fine
 * @example
 * ```ts
 * import { readFileSync } from "node:fs";
 * import { provideModule } from "connect-tokens";
 * import { xchacha20Poly1305 } from "connect-tokens/crypto";
 *
 * // As an edge worker's `import module from "connect-tokens/netcode.wasm"` gives it:
 * const file = new URL(import.meta.resolve("connect-tokens/netcode.wasm"));
 * provideModule("netcode", new WebAssembly.Module(readFileSync(file)));
 * const [key, nonce] = [new Uint8Array(32), new Uint8Array(24)];
 * console.log(xchacha20Poly1305.seal(key, nonce, new Uint8Array(5)).length); // 21
 * ```
 */
export function provideModule(name: ModuleName, module: object): void {
  if (!MODULE_NAMES.includes(name)) throw rangeError("name", '"hmac", "cute" or "netcode"', name);
  if (!isModule(module)) throw typeError("module", "a WebAssembly.Module", module);
  if (!WebAssembly.Module.exports(module).some((entry) => entry.name === MARKS[name])) {
    throw rangeError("module", `the one of connect-tokens/${name}.wasm`, module);
  }
  if (started.get(name) === module) return;
  if (started.has(name)) throw new ConnectTokensError("ERR_START", name, `${name}.wasm has started already`);
  provided.set(name, module);
}

function isModule(value: unknown): value is WebAssembly.Module {
  try {
    WebAssembly.Module.exports(value as WebAssembly.Module); // sees the internal slot, whichever realm made it
    return true;
  } catch {
    return false;
  }
}

// A module of one function that uses a v128: \0asm, version 1, type () -> (), function 0, body `v128.const 0; drop`.
const simdProbe = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 23, 1, 21, 0, 253, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 0, 26, 11,
]);

function hasSimd(): boolean {
  if (typeof WebAssembly !== "object") return false;
  try {
    return WebAssembly.validate(simdProbe);
  } catch {
    return true; // forbidden to look at bytes at all: the start itself will tell
  }
}

/** Lower-case hex of our own. */
function decodeHex(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = (digit(text, 2 * i) << 4) | digit(text, 2 * i + 1);
  return bytes;
}

/** The letters' codes have bit 6 set, and end in 1 for a, which is 10. */
function digit(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return (code & 15) + 9 * (code >> 6);
}

/**
 * Starts a module: the one provided, else the inlined one, compiled here. Nothing is kept of a failed start, so that the
 * next use tries again.
 *
 * @throws ConnectTokensError `ERR_NO_SIMD` or `ERR_START`
 */
export function startModule<Exports>(name: ModuleName, hex: string): Exports {
  if (!hasSimd()) {
    throw new ConnectTokensError(
      "ERR_NO_SIMD",
      name,
      "connect-tokens needs WebAssembly with SIMD, which this engine does not have (Node 16.4, Chrome 91, Firefox 89, Safari 16.4 and later do)",
    );
  }
  try {
    const module = provided.get(name) ?? new WebAssembly.Module(decodeHex(hex));
    const { exports } = new WebAssembly.Instance(module, {});
    started.set(name, module);
    return exports as unknown as Exports;
  } catch (cause) {
    throw new ConnectTokensError(
      "ERR_START",
      name,
      `${name}.wasm could not be started (${String(cause)}); where compiling bytes at run time is forbidden, pass the imported connect-tokens/${name}.wasm to provideModule("${name}", module)`,
      { cause },
    );
  }
}

/** The compiled module of that name, for a worker to start from; `undefined` before the first use in this thread. */
export function startedModule(name: ModuleName): object | undefined {
  return started.get(name);
}
