// Builds dist/ from what entries.mjs names: the kernels (assembly/build.mjs), the declarations (tsc) and the bundles.
// What has not changed is not built again. `node tools/build.mjs --exports` writes package.json's exports instead,
// `--bundles` makes the bundles alone.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { entries, packageExports, problems } from "../entries.mjs";
import { filesBelow, unlessFresh, versions } from "./fresh.mjs";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const json = (path) => JSON.parse(readFileSync(path, "utf8"));
const manifest = json("package.json");

if (process.argv.includes("--exports")) {
  manifest.exports = packageExports();
  writeFileSync("package.json", `${JSON.stringify(manifest, null, 2)}\n`);
} else if (process.argv.includes("--bundles")) {
  await bundle();
} else {
  check();
  run("assembly/build.mjs");
  const sources = [...filesBelow("src"), ...filesBelow("assembly")];
  const tools = ["entries.mjs", "tools/build.mjs", "tsconfig.json"];
  await unlessFresh("package", [sources, versions("typescript", "esbuild")], async () => {
    // Names of chunks change with their contents, and nothing may stay of a source that went.
    for (const folder of ["dist/src", "dist/assembly"]) rmSync(folder, { recursive: true, force: true });
    run("node_modules/typescript/bin/tsc", "-p", "src");
    await bundle();
    return { inputs: [...sources, ...tools], outputs: [...filesBelow("dist"), "build/bundle.json"] };
  });
}

function check() {
  const { targets } = json("asconfig.json");
  const found = problems({ exists: existsSync, exports: manifest.exports, targets });
  if (found.length === 0) return;
  console.error(found.join("\n"));
  process.exit(1);
}

function run(...command) {
  try {
    execFileSync(process.execPath, command, { stdio: "inherit" });
  } catch (error) {
    process.exit(error.status ?? 1); // it has said why
  }
}

async function bundle() {
  const { metafile } = await build({
    entryPoints: Object.values(entries),
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "neutral",
    target: "es2022",
    outdir: "dist/src",
    outbase: "src",
    chunkNames: "chunks/[name]-[hash]",
    logLevel: "warning",
    metafile: true,
  });
  writeFileSync("build/bundle.json", JSON.stringify(metafile));
}
