import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { type Consumer, installTarball } from "./installed.ts";
import { ROOT } from "./supply/files.ts";

// The packed tarball, as its users get it.
const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
  exports: Record<string, string | { types: string; default: string }>;
  dependencies?: Record<string, string>;
};

let { folder, installed, files } = {} as Consumer;

beforeAll(() => {
  ({ folder, installed, files } = installTarball("consumer"));
});

/** A file's text with that of all it imports. */
function closure(file: string, seen: Set<string> = new Set()): string {
  if (seen.has(file)) return "";
  seen.add(file);
  const text = readFileSync(file, "utf8");
  const imports = [...text.matchAll(/from "(\.[^"]+)"|import "(\.[^"]+)"/g)];
  return text + imports.map(([, a, b]) => closure(join(dirname(file), (a ?? b) as string), seen)).join("");
}

/** What a file says of places outside the package: where its source map is, or where it was built. */
function placesOutside(text: string): string[] {
  return [/[#@] ?sourceMappingURL=\S*/, /file:\/\/\S*/, /(?:\.\.\/)+node_modules\S*/, new RegExp(`${ROOT}\\S*`)]
    .map((place) => place.exec(text)?.[0])
    .filter((place) => place !== undefined);
}

describe("the tarball", () => {
  it("holds the build, its licences and its README, and no tests, sources or maps", () => {
    const known =
      /^(LICENSE|README\.md|CHANGELOG\.md|SECURITY\.md|docs\/[a-z]+\.md|package\.json|dist\/.+\.(js|d\.ts|wasm))$/;
    expect(files.filter((file) => !known.test(file))).toEqual([]);
    expect(files.filter((file) => /test|vectors|\.map$/.test(file))).toEqual([]);
  });

  it("points to no place outside itself", () => {
    for (const file of files) {
      const bytes = readFileSync(join(installed, file));
      expect(placesOutside(bytes.toString("latin1")), file).toEqual([]);
      if (!file.endsWith(".wasm")) continue;
      const module = new WebAssembly.Module(bytes);
      for (const section of ["sourceMappingURL", "external_debug_info", "name"]) {
        expect(WebAssembly.Module.customSections(module, section), `${file} ${section}`).toEqual([]);
      }
    }
    const planted = ["//# sourceMappingURL=index.js.map", `"${ROOT}src/index.ts"`, "// ../../node_modules/x/index.js"];
    for (const text of planted) expect(placesOutside(`let a;\n${text}\n`)).toHaveLength(1);
  });

  it("carries inlined the very modules that it ships as files", () => {
    for (const [entry, name] of [
      ["snapnet/index", "hmac"],
      ["cute/index", "cute"],
      ["crypto", "netcode"],
      ["netcode/index", "netcode"],
    ]) {
      const file = readFileSync(join(installed, `dist/wasm/${name}.wasm`));
      const code = closure(join(installed, `dist/src/${entry}.js`));
      expect(code).toContain(`"${file.toString("hex")}"`);
      file[100] = (file[100] as number) ^ 1;
      expect(code).not.toContain(`"${file.toString("hex")}"`);
    }
  });

  it("has what every subpath of its exports names, and nothing to install beside it", () => {
    for (const target of Object.values(manifest.exports)) {
      for (const path of typeof target === "string" ? [target] : Object.values(target)) {
        expect(files).toContain(path.slice(2));
      }
    }
    expect(manifest.dependencies ?? {}).toEqual({});
  });

  it("keeps WebAssembly and secrets out of what a browser client reads tokens with", () => {
    for (const scheme of ["cute", "netcode"]) {
      const reader = closure(join(installed, `dist/src/${scheme}/public.js`));
      expect(reader, scheme).not.toMatch(/WebAssembly|0061736d|secretKey/);
      expect(closure(join(installed, `dist/src/${scheme}/index.js`)), scheme).toMatch(/0061736d/);
    }
    // A SnapNet server does not load curve arithmetic.
    expect(closure(join(installed, "dist/src/snapnet/index.js"))).not.toMatch(/cute\.wasm\.generated/);
  });

  it.each(["NodeNext", "Bundler"])("type-checks without DOM or Node types, resolved as %s", (moduleResolution) => {
    const subpaths = Object.keys(manifest.exports).filter((path) => !/\.(wasm|json)$/.test(path));
    const lines = subpaths.map((path, i) => `export * as m${i} from "connect-tokens${path.slice(1)}";`);
    writeFileSync(join(folder, "package.json"), '{ "type": "module", "private": true }');
    writeFileSync(join(folder, "index.ts"), lines.join("\n"));
    const compilerOptions = {
      noEmit: true,
      strict: true,
      exactOptionalPropertyTypes: true,
      target: "ES2022",
      lib: ["ES2022"],
      types: [],
      module: moduleResolution === "NodeNext" ? "NodeNext" : "ESNext",
      moduleResolution,
    };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["index.ts"] }));
    const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
    expect(execFileSync(process.execPath, [tsc, "-p", folder], { encoding: "utf8" })).toBe("");
  });

  it("runs", () => {
    const code = `import { SnapNetTokens } from "connect-tokens/snapnet";
      const tokens = new SnapNetTokens({ secret: "11".repeat(32), sessionId: null });
      console.log(tokens.verify(tokens.issue({ userId: "u", sessionId: "s" })).valid);`;
    writeFileSync(join(folder, "run.mjs"), code);
    expect(execFileSync(process.execPath, [join(folder, "run.mjs")], { encoding: "utf8" })).toBe("true\n");
  });
});
