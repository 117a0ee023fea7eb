// `npm run fuzz`: mutates inputs of every decoder, reader and verifier, guided by what of the code they reach.
//
//   --target NAME   one of them (default: all, in turn)
//   --seconds N     in all (default 60)
//   --seed N        another run (default: a random one, which is printed)
//   --save          write what reached something new to test/security/fuzz/corpus, as few inputs as do
//   --control       the planted fault instead, with guidance and without
//   --growth        how time grows with the size of hostile input, instead
import { parseArgs } from "node:util";
import { startCoverage, v8Sensor } from "./coverage.ts";
import { fuzz, minimise } from "./fuzzer.ts";
import { kernelSensor, watchKernels } from "./kernels.ts";

const { values } = parseArgs({
  options: {
    target: { type: "string" },
    seconds: { type: "string", default: "60" },
    seed: { type: "string", default: `${Date.now() % 2 ** 31}` },
    save: { type: "boolean", default: false },
    control: { type: "boolean", default: false },
    growth: { type: "boolean", default: false },
  },
});
const seed = Number(values.seed);

if (values.growth) await import("./growth.ts");
else if (values.control) await control();
else await fuzzAll(Number(values.seconds));

async function fuzzAll(seconds: number): Promise<void> {
  startCoverage();
  watchKernels();
  const { targets } = await import("./targets/index.ts");
  const { readCorpus, writeCorpus } = await import("./corpus.ts");
  const chosen = targets.filter(({ name }) => values.target === undefined || name === values.target);
  if (chosen.length === 0) throw new Error(`no such target; there are ${targets.map(({ name }) => name).join(", ")}`);
  console.log(`seed ${seed}, ${seconds} s for ${chosen.length} targets`);
  const sources = () => v8Sensor((url) => /\/(src|assembly)\/[^?]*\.ts/.test(url) && !url.includes("node_modules"));
  for (const target of chosen) {
    const start = performance.now();
    const end = start + (seconds * 1000) / chosen.length;
    const result = fuzz(target, {
      seed,
      corpus: readCorpus(target.name),
      slow: [sources()],
      fast: [kernelSensor()],
      isOver: () => performance.now() > end,
    });
    const { cases, finds, corpus, coverage } = result;
    const rate = (cases / (performance.now() - start)) * 1000;
    console.log(
      `${target.name}: ${cases.toLocaleString("en")} cases, ${rate.toFixed(0)} a second; ${coverage}; ${corpus.length} inputs; ${finds.length} finds`,
    );
    for (const { input, error } of finds) {
      process.exitCode = 1;
      console.error(error, `\ninput (hex): ${Buffer.from(input).toString("hex")}`);
    }
    if (values.save) {
      const kept = [...corpus, ...finds.map(({ input }) => input)];
      writeCorpus(target.name, minimise(target, kept, [sources(), kernelSensor()]));
    }
  }
}

async function control(): Promise<void> {
  startCoverage();
  const { planted } = await import("./targets/planted.ts");
  const slow = () => [v8Sensor((url) => url.includes("/targets/planted"))];
  const found = fuzz(planted, { seed, slow: slow(), isOver: (cases, finds) => finds > 0 || cases > 2_000_000 });
  const blind = fuzz(planted, { seed, slow: slow(), guided: false, isOver: (cases) => cases > 10 * found.cases });
  console.log(`guided: ${found.finds.length} find after ${found.cases.toLocaleString("en")} cases`);
  console.log(`blind: ${blind.finds.length} finds after ${blind.cases.toLocaleString("en")} cases`);
  if (found.finds.length !== 1 || blind.finds.length !== 0) process.exitCode = 1;
}
