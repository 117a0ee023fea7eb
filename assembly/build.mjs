// Compiles the kernels (one asc call per entry: `entries` inside a target builds nothing) and writes, for each module,
// the .wasm file that ships and its twin inlined as base64, so that importing the package fetches nothing.
// Then the test kernels: the inner functions under their own names, so that each can be held to its own vectors.
// `node assembly/build.mjs hmac gimli.kernel` builds only those named.
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import asc from "assemblyscript/asc";

const shipped = ["hmac", "cute"];
const kernelTests = (await readdir("test/assembly"))
  .filter((file) => file.endsWith(".kernel.ts"))
  .map((file) => file.slice(0, -3));
const asked = process.argv.slice(2);
const wanted = (name) => asked.length === 0 || asked.includes(name);

async function compile(entry, name, target) {
  const outputs = ["--outFile", `build/${name}.wasm`, "--textFile", `build/${name}.wat`];
  const { error, stderr } = await asc.main([entry, "--target", target, ...outputs], {});
  const messages = stderr.toString();
  if (messages) process.stderr.write(messages);
  if (error) throw new Error(`asc could not build ${entry}: ${error.message}`);
  return readFile(`build/${name}.wasm`);
}

if (asked.length === 0) await rm("dist", { recursive: true, force: true }); // names of chunks change with their contents
await mkdir("build", { recursive: true });
await mkdir("dist/wasm", { recursive: true });
for (const name of shipped.filter(wanted)) {
  const bytes = await compile(`assembly/${name}.ts`, name, name);
  await writeFile(`dist/wasm/${name}.wasm`, bytes);
  await writeFile(
    `src/wasm/${name}.wasm.generated.ts`,
    `/** ${name}.wasm, base64. Written by assembly/build.mjs. */\nexport const base64: string =\n  "${bytes.toString("base64")}";\n`,
  );
}
for (const name of kernelTests.filter(wanted)) await compile(`test/assembly/${name}.ts`, name, "kernel");
