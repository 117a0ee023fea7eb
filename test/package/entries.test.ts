import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, expectTypeOf, it } from "vitest";
import { entries, modules, packageExports, problems } from "../../entries.mjs";
import type { ModuleName } from "../../src/wasm/instantiate.ts";
import { ROOT } from "./supply/files.ts";

const filesIn = (folder: string) =>
  readdirSync(join(ROOT, folder), { recursive: true }).map((path) => join(folder, String(path)));
const json = (path: string) => JSON.parse(readFileSync(join(ROOT, path), "utf8"));
const project = {
  exists: (path: string) => existsSync(join(ROOT, path)),
  exports: json("package.json").exports,
  targets: json("asconfig.json").targets as Record<string, object>,
};

describe("the table of modules and entries", () => {
  it("agrees with the sources, package.json and asconfig.json", () => {
    expect(problems(project)).toEqual([]);
    expectTypeOf<(typeof modules)[number]>().toEqualTypeOf<ModuleName>();
  });

  it("leaves out no kernel and no scheme", () => {
    const kernels = filesIn("assembly").filter((path) => path.endsWith(".ts"));
    const imports = kernels.flatMap((path) => {
      const found = readFileSync(join(ROOT, path), "utf8").matchAll(/ from "(\..+)"/g);
      return [...found].map(([, to = ""]) => join(dirname(path), to));
    });
    const known = new Set<string>([...imports, ...modules.map((name) => `assembly/${name}.ts`)]);
    expect(kernels.filter((path) => dirname(path) === "assembly" && !known.has(path))).toEqual([]);
    const rooms = readdirSync(join(ROOT, "src"), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const sources = rooms.map(({ name }) => `src/${name}/index.ts`).filter((path) => project.exists(path));
    expect(sources.filter((source) => !Object.values<string>(entries).includes(source))).toEqual([]);
  });
});

it("a worker's file is kept by bundlers, which drop what has no side effect and exports nothing", () => {
  const workers = Object.entries(entries).filter(([name]) => name.endsWith("/worker"));
  const built = workers.map(([, source]) => `./dist/${source.replace(/\.ts$/, ".js")}`);
  expect(json("package.json").sideEffects).toEqual(built);
});

describe("what the table does not agree about is said:", () => {
  const gone = (path: string) => ({ ...project, exists: (asked: string) => asked !== path && project.exists(asked) });

  it("an entry without its source", () => {
    expect(problems(gone("src/crypto.ts"))).toEqual([
      'entries.mjs: the source of "./crypto" is missing: src/crypto.ts',
    ]);
  });

  it("a module without its source", () => {
    expect(problems(gone("assembly/hmac.ts"))).toEqual([
      "entries.mjs: the source of hmac.wasm is missing: assembly/hmac.ts",
    ]);
  });

  it("a module without its memory", () => {
    const { hmac: _, ...targets } = project.targets;
    expect(problems({ ...project, targets })).toEqual([
      'asconfig.json: no target "hmac" that gives hmac.wasm its memory',
    ]);
  });

  it("an export that is missing, is too many or leads elsewhere", () => {
    const { "./crypto": crypto, ...fewer } = packageExports();
    const wrong = [fewer, { ...packageExports(), "./more": crypto }, { ...packageExports(), "./cute": crypto }];
    for (const exports of wrong) {
      expect(problems({ ...project, exports })).toEqual([
        "package.json: its exports are not those of entries.mjs; run `node tools/build.mjs --exports`",
      ]);
    }
  });
});
