import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { MODULES, ROOT, sha256Of } from "./files.ts";
import { type Bom, billOfMaterials, bundledPackages, type Metafile, readMetafile } from "./materials.ts";

let bom: Bom;

beforeAll(() => {
  const tsx = join(ROOT, "node_modules/tsx/dist/cli.mjs");
  execFileSync(process.execPath, [tsx, join(ROOT, "test/package/supply/sbom.ts")], { stdio: "ignore" });
  bom = JSON.parse(readFileSync(join(ROOT, "build/sbom.cdx.json"), "utf8")) as Bom;
});

describe("the software bill of materials", () => {
  it("names no package: none is installed beside it, and of none is anything bundled", () => {
    expect(bundledPackages(readMetafile())).toEqual([]);
    expect(bom.components.filter(({ type }) => type !== "file")).toEqual([]);
  });

  it("names every module by what their files hash to, and nothing else: there is nothing else in the package", () => {
    for (const module of MODULES) {
      const path = `dist/wasm/${module}.wasm`;
      const component = bom.components.find((one) => one.name === path);
      expect(component?.hashes).toEqual([{ alg: "SHA-256", content: sha256Of(join(ROOT, path)) }]);
    }
    expect(bom.components.length).toBe(MODULES.length);
    const [root] = bom.dependencies;
    expect(root?.dependsOn).toEqual(bom.components.map((one) => one["bom-ref"]));
    expect(bom.metadata.component.name).toBe("connect-tokens");
  });
});

describe("what makes it", () => {
  const empty: Bom = {
    metadata: { component: { "bom-ref": "root", type: "library", name: "folder" } },
    components: [],
    dependencies: [{ ref: "root", dependsOn: [] }],
  };
  const tool = { "bom-ref": "tool@1", type: "library", name: "tool", version: "1" };
  const bundle = (path: string, bytesInOutput: number): Metafile => ({
    outputs: { "dist/a.js": { inputs: { [path]: { bytesInOutput }, "src/a.ts": { bytesInOutput: 9 } } } },
  });

  it("sees a package that is bundled from anywhere, and not one of which nothing was left", () => {
    for (const folder of ["", "../elsewhere/", "node_modules/outer/"]) {
      expect(bundledPackages(bundle(`${folder}node_modules/tool/index.js`, 1))).toEqual(["tool"]);
      expect(bundledPackages(bundle(`${folder}node_modules/@scope/tool/lib/index.js`, 1))).toEqual(["@scope/tool"]);
    }
    expect(bundledPackages(bundle("node_modules/tool/index.js", 0))).toEqual([]);
  });

  it("adds it, and refuses one that npm does not know", () => {
    const all = { ...empty, components: [tool] };
    const made = billOfMaterials(all, empty, bundle("node_modules/tool/index.js", 5), "package");
    expect(made.components[0]).toMatchObject({ name: "tool", scope: "required" });
    expect(made.metadata.component.name).toBe("package");
    expect(() => billOfMaterials(empty, empty, bundle("node_modules/tool/index.js", 5), "package")).toThrow("tool");
  });
});
