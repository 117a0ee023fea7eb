import { execFileSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { entries } from "../../entries.mjs";
import { ROOT } from "./supply/files.ts";

// Where globals may not be changed, or are not all there: what was built, in a process of its own.

const paths = Object.values(entries)
  .filter((source) => !/worker\.ts$/.test(source))
  .map((source) => join(ROOT, "dist", source.replace(/\.ts$/, ".js")));
const importAll = `for (const path of ${JSON.stringify(paths)}) await import(path);`;
const useAll = `
  const { SnapNetTokens } = await import(${JSON.stringify(join(ROOT, "dist/src/snapnet/index.js"))});
  const { CuteTokens, generateSigningKeyPair } = await import(${JSON.stringify(join(ROOT, "dist/src/cute/index.js"))});
  const { chacha20Poly1305 } = await import(${JSON.stringify(join(ROOT, "dist/src/crypto.js"))});
  const snapnet = new SnapNetTokens({ secret: "5a".repeat(32), sessionId: "s" });
  const told = [snapnet.verify(snapnet.issue({ userId: "u" })).valid];
  const { secretKey } = generateSigningKeyPair();
  const cute = new CuteTokens({ secret: secretKey, applicationId: 1 });
  told.push(cute.verify(new Uint8Array(1024)).reason);
  told.push(chacha20Poly1305.seal(new Uint8Array(32), new Uint8Array(12), new Uint8Array(3)).length);
  try { snapnet.issue({ userId: 5 }); } catch (error) { told.push(error.name, error.code); }
  console.log(JSON.stringify(told));`;
const RIGHT = [true, "not-a-connect-token", 19, "ConnectTokensError", "ERR_TYPE"];

function run(code: string, ...options: string[]): unknown {
  const file = join(ROOT, "build", `environment-${process.pid}.mjs`);
  writeFileSync(file, code);
  const stdio: ("ignore" | "pipe")[] = ["ignore", "pipe", "ignore"];
  try {
    return JSON.parse(execFileSync(process.execPath, [...options, file], { encoding: "utf8", stdio }));
  } finally {
    rmSync(file);
  }
}

describe("the package works", () => {
  it("where the engine's own objects are frozen", () => {
    expect(run(`${importAll}${useAll}`, "--frozen-intrinsics")).toEqual(RIGHT);
  });

  it("under the lockdown of Secure ECMAScript, loaded before it or after", () => {
    const lockdown = `await import("ses"); lockdown();`;
    expect(run(`${lockdown}${importAll}${useAll}`)).toEqual(RIGHT);
    expect(run(`${importAll}${lockdown}${useAll}`)).toEqual(RIGHT);
  });

  it("where TextEncoder and TextDecoder come after the import", () => {
    const hide =
      "const { TextEncoder: E, TextDecoder: D } = globalThis; delete globalThis.TextEncoder; delete globalThis.TextDecoder;";
    const show = "Object.assign(globalThis, { TextEncoder: E, TextDecoder: D });";
    expect(run(`${hide}${importAll}${show}${useAll}`)).toEqual(RIGHT);
  });
});

it("where TextEncoder is missing, using a scheme gives one clear error, and works once it is there", () => {
  const code = `
    const { TextEncoder: hidden } = globalThis;
    delete globalThis.TextEncoder;
    ${importAll}
    const { SnapNetTokens } = await import(${JSON.stringify(join(ROOT, "dist/src/snapnet/index.js"))});
    const make = () => new SnapNetTokens({ secret: new Uint8Array(32).fill(1), sessionId: null });
    const told = [];
    const tokens = make();
    for (const use of [() => tokens.issue({ userId: "u", sessionId: "s" }), () => tokens.verify("x|y|1|" + "0".repeat(64))]) {
      try { use(); } catch (error) { told.push(error.code, error.argument, error.message.includes("jsdom")); }
    }
    globalThis.TextEncoder = hidden;
    told.push(tokens.verify(tokens.issue({ userId: "u", sessionId: "s" })).valid);
    console.log(JSON.stringify(told));`;
  const error = ["ERR_NO_TEXT_ENCODER", "TextEncoder", true];
  expect(run(code)).toEqual([...error, ...error, true]);
});

it("importing every entry changes no global and no property of one", () => {
  const code = `
    const tree = () => {
      const seen = [];
      for (const name of Object.getOwnPropertyNames(globalThis)) {
        const value = Object.getOwnPropertyDescriptor(globalThis, name).value;
        seen.push(name);
        if (typeof value !== "function" && (typeof value !== "object" || value === null)) continue;
        for (const object of [value, value.prototype]) {
          if (typeof object !== "object" && typeof object !== "function" || object === null) continue;
          for (const key of Reflect.ownKeys(object)) {
            const { value: inner, get, set } = Object.getOwnPropertyDescriptor(object, key);
            seen.push(name, key, inner, get, set);
          }
        }
      }
      return seen;
    };
    const before = tree();
    ${importAll}
    const after = tree();
    const changes = (now) => now.filter((one, i) => !Object.is(one, before[i])).length;
    Math.max = Math.min; // a control
    console.log(JSON.stringify([before.length > 1000, changes(after), changes(tree())]));`;
  expect(run(code)).toEqual([true, 0, 1]);
});
