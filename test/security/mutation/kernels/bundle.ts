// The project's own test files, each made one script that a worker can run again and again: vitest, the inlined module and
// the paths of files are what the worker says they are at the time.

import { readFile } from "node:fs/promises";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";

/** What the scripts find under `globalThis.kernelMutation`. */
export interface Surroundings {
  readonly vitest: object;
  readonly url: (path: string) => string;
  readonly hex: (module: string) => string;
}

const surroundings = "globalThis.kernelMutation";

function plugin(root: string): Plugin {
  return {
    name: "surroundings",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^vitest$/ }, () => ({ path: "vitest", namespace: "surroundings" }));
      onLoad({ filter: /./, namespace: "surroundings" }, () => ({
        contents: `module.exports = ${surroundings}.vitest`,
      }));
      onLoad({ filter: /\.wasm\.generated\.ts$/ }, ({ path }) => ({
        contents: `export const hex = ${surroundings}.hex("${/(\w+)\.wasm\.generated\.ts$/.exec(path)?.[1]}")`,
      }));
      onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        const text = await readFile(path, "utf8");
        const url = `${surroundings}.url(${JSON.stringify(relative(root, path))})`;
        return { contents: text.replaceAll("import.meta.url", url), loader: "ts" };
      });
    },
  };
}

/** @returns the scripts, by file, each the body of a function of `module`, `exports` and `require` */
export async function bundleTests(root: string, files: readonly string[]): Promise<Map<string, string>> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [...files],
    outbase: root,
    outdir: root,
    bundle: true,
    write: false,
    format: "cjs",
    platform: "node",
    target: "node20",
    logLevel: "warning",
    plugins: [plugin(root)],
  });
  return new Map(outputFiles.map(({ path, text }) => [relative(root, path).replace(/\.js$/, ".ts"), text]));
}

/** Makes one script of worker.ts, for Node to run as it is. */
export async function bundleWorker(outfile: string): Promise<void> {
  const entryPoints = [fileURLToPath(new URL("./worker.ts", import.meta.url))];
  await build({ entryPoints, outfile, bundle: true, format: "esm", platform: "node", packages: "external" });
}
