// Compiles the kernels (one asc call per entry: `entries` inside a target builds nothing) and writes, for each module,
// the .wasm file that ships and its twin inlined as hex, so that importing the package fetches nothing (compressed it is a quarter
// smaller than base64, which hides what repeats in the bytes). What ships is
// the compiler's output less its custom sections; with them, function names and a source map, it stays in build/ for the
// constant-time tests.
// Then the test kernels: the inner functions under their own names, so that each can be held to its own vectors.
// `node assembly/build.mjs hmac gimli.kernel` builds only those named; `--say` names those that were not built already.
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import asc from "assemblyscript/asc";
import { modules } from "../entries.mjs";
import { unlessFresh, versions } from "../tools/fresh.mjs";

const kernelTests = (await readdir("test/unit/assembly"))
  .filter((file) => file.endsWith(".kernel.ts"))
  .map((file) => file.slice(0, -3));
const { values: options, positionals: asked } = parseArgs({
  options: { say: { type: "boolean", default: false } },
  allowPositionals: true,
});
/**
 * Rounds of optimisation. asc's own `converge` goes on until a round saves nothing and then ships that round: netcode,
 * whose every further round swaps two forms of 14,669 and 14,667 bytes, ended on the larger with a warning. Three rounds
 * take hmac and cute as far as they go; netcode is done after two, the test kernels after one.
 */
const ROUNDS = { hmac: 3, cute: 3, netcode: 2 };
const wanted = (name) => asked.length === 0 || asked.includes(name);

await mkdir("build", { recursive: true });
await mkdir("dist/wasm", { recursive: true });
for (const name of modules.filter(wanted)) await unlessBuilt(name, () => buildModule(name));
for (const name of kernelTests.filter(wanted)) {
  await unlessBuilt(name, () => compile(`test/unit/assembly/${name}.ts`, name, "kernel"));
}

async function unlessBuilt(name, build) {
  const ran = await unlessFresh(name, versions("assemblyscript", "binaryen"), build);
  if (ran && options.say) console.log(`compiled ${name}`);
}

async function buildModule(name) {
  const { inputs, outputs } = await compile(
    `assembly/${name}.ts`,
    `${name}.debug`,
    name,
    ...["--debug", "--sourceMap"],
  );
  const bytes = withoutCustomSections(await readFile(`build/${name}.debug.wasm`));
  const files = {
    [`build/${name}.wasm`]: bytes,
    [`dist/wasm/${name}.wasm`]: bytes,
    [`src/wasm/${name}/${name}.wasm.generated.ts`]: inlined(name, bytes),
  };
  for (const [path, contents] of Object.entries(files)) await writeFile(path, contents);
  return { inputs, outputs: [...outputs, ...Object.keys(files)] };
}

/** Compiles an entry to build/NAME.wasm and .wat, and says which files it has read (or looked for) and written. */
async function compile(entry, name, target, ...options) {
  const inputs = new Set(["assembly/build.mjs"]);
  const outputs = new Set();
  const files = ["--outFile", `build/${name}.wasm`, "--textFile", `build/${name}.wat`];
  const { error, stderr } = await asc.main([entry, "--target", target, ...files, ...options], {
    transforms: [optimiseFirst((ROUNDS[target] ?? 1) - 1, options.includes("--debug"))],
    readFile: async (file, folder) => {
      const path = relative(".", join(folder, file));
      inputs.add(path);
      return readFile(path, "utf8").catch(() => null);
    },
    writeFile: async (file, contents, folder) => {
      const path = relative(".", join(folder, file));
      outputs.add(path);
      await writeFile(path, contents);
      return true;
    },
  });
  const messages = stderr.toString();
  if (messages) process.stderr.write(messages);
  if (error) throw new Error(`asc could not build ${entry}: ${error.message}`);
  return { inputs, outputs };
}

/** A transform that optimises so many times before asc does, in the same way. */
function optimiseFirst(rounds, keepNames) {
  return class {
    afterCompile() {
      const { module, options } = this.program;
      for (let i = 0; i < rounds; i++) {
        module.optimize(options.optimizeLevelHint, options.shrinkLevelHint, keepNames, false);
      }
    }
  };
}

function inlined(name, bytes) {
  const text = bytes.toString("hex");
  return `/** ${name}.wasm, in hex. Written by assembly/build.mjs. */\nexport const hex: string =\n  "${text}";\n`;
}

/** A module without its custom sections: number 0, then the length as LEB128, then the contents. */
function withoutCustomSections(wasm) {
  const kept = [wasm.subarray(0, 8)];
  for (let at = 8; at < wasm.length; ) {
    let end = at + 1;
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = wasm[end++];
      length |= (byte & 127) << shift;
      if (byte < 128) break;
    }
    end += length;
    if (wasm[at] !== 0) kept.push(wasm.subarray(at, end));
    at = end;
  }
  return Buffer.concat(kept);
}
