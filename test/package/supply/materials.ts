import { readFileSync } from "node:fs";
import { join } from "node:path";
import { MODULES, ROOT, sha256Of } from "./files.ts";

/** The parts of a CycloneDX 1.5 document that are looked at here. */
export interface Bom {
  metadata: { component: Component };
  components: Component[];
  dependencies: { ref: string; dependsOn: string[] }[];
}

export interface Component {
  "bom-ref": string;
  type: string;
  name: string;
  version?: string;
  scope?: string;
  purl?: string;
  properties?: { name: string; value: string }[];
  hashes?: { alg: string; content: string }[];
  licenses?: { license: { id: string } }[];
}

/** What esbuild says of a bundle: from which files each output has how many bytes. */
export interface Metafile {
  outputs: Record<string, { inputs: Record<string, { bytesInOutput: number }> }>;
}

/** The packages of which a bundle holds anything. */
export function bundledPackages({ outputs }: Metafile): string[] {
  const found = new Set<string>();
  for (const { inputs } of Object.values(outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const [, name] = /.*\bnode_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path) ?? [];
      if (name !== undefined && bytesInOutput > 0) found.add(name);
    }
  }
  return [...found].sort();
}

/**
 * What the package is made of: what it asks to be installed, and what is bundled into it. The latter is missing from what
 * npm lists without development dependencies: to npm, whatever is built with is a tool.
 *
 * @param all npm's bill with every dependency
 * @param required npm's bill without those of development
 */
export function billOfMaterials(all: Bom, required: Bom, metafile: Metafile, name: string): Bom {
  const root = { ...required.metadata.component, name }; // npm names it after its folder
  const bundled = bundledPackages(metafile).map((wanted): Component => {
    const component = all.components.find((one) => one.name === wanted);
    if (!component) throw new Error(`${wanted} is bundled, and not among the installed packages`);
    return { ...component, scope: "required", properties: [{ name: "connect-tokens:bundled", value: "true" }] };
  });
  const files = MODULES.map((module): Component => {
    const path = `dist/wasm/${module}.wasm`;
    const hash = { alg: "SHA-256", content: sha256Of(join(ROOT, path)) };
    return { "bom-ref": path, type: "file", name: path, scope: "required", hashes: [hash] };
  });
  const others = required.components.filter((one) => !bundled.some(({ name: known }) => known === one.name));
  const added = [...bundled, ...files].map((one) => one["bom-ref"]);
  return {
    ...required,
    metadata: { ...required.metadata, component: root },
    components: [...others, ...bundled, ...files],
    dependencies: [
      ...required.dependencies.map((one) =>
        one.ref === root["bom-ref"] ? { ...one, dependsOn: [...new Set([...one.dependsOn, ...added])] } : one,
      ),
      ...added.map((ref) => ({ ref, dependsOn: [] })),
    ],
  };
}

export function readMetafile(): Metafile {
  return JSON.parse(readFileSync(join(ROOT, "build/bundle.json"), "utf8")) as Metafile;
}
