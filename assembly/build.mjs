// Compiles the kernels (one asc call per entry: `entries` inside a target builds nothing) and writes, for each module,
// the .wasm file that ships and its twin inlined as base64, so that importing the package fetches nothing. What ships is
// the compiler's output less its custom sections; with them, function names and a source map, it stays in build/ for the
// constant-time tests.
// Then the test kernels: the inner functions under their own names, so that each can be held to its own vectors.
// `node assembly/build.mjs hmac gimli.kernel` builds only those named.
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import asc from "assemblyscript/asc";
import { modules } from "../entries.mjs";

const kernelTests = (await readdir("test/unit/assembly"))
  .filter((file) => file.endsWith(".kernel.ts"))
  .map((file) => file.slice(0, -3));
const asked = process.argv.slice(2);
const wanted = (name) => asked.length === 0 || asked.includes(name);

async function compile(entry, name, target, ...options) {
  const outputs = ["--outFile", `build/${name}.wasm`, "--textFile", `build/${name}.wat`];
  const { error, stderr } = await asc.main([entry, "--target", target, ...outputs, ...options], {});
  const messages = stderr.toString();
  if (messages) process.stderr.write(messages);
  if (error) throw new Error(`asc could not build ${entry}: ${error.message}`);
  return readFile(`build/${name}.wasm`);
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

await mkdir("build", { recursive: true });
await mkdir("dist/wasm", { recursive: true });
for (const name of modules.filter(wanted)) {
  const debug = await compile(`assembly/${name}.ts`, `${name}.debug`, name, "--debug", "--sourceMap");
  const bytes = withoutCustomSections(debug);
  await writeFile(`build/${name}.wasm`, bytes);
  await writeFile(`dist/wasm/${name}.wasm`, bytes);
  await writeFile(
    `src/wasm/${name}/${name}.wasm.generated.ts`,
    `/** ${name}.wasm, base64. Written by assembly/build.mjs. */\nexport const base64: string =\n  "${bytes.toString("base64")}";\n`,
  );
}
for (const name of kernelTests.filter(wanted)) await compile(`test/unit/assembly/${name}.ts`, name, "kernel");
