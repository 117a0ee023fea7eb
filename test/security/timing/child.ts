// Measures one target in a process of its own, whose flags chose the compiler, and writes what was found as JSON.
import { measure } from "./measure.ts";
import { targets } from "./targets/index.ts";

const [name, batches, seconds] = process.argv.slice(2);
const target = targets.find((one) => one.name === name);
if (!target) throw new Error(`no target ${name}`);
process.stdout.write(JSON.stringify(measure(target, { batches: Number(batches), seconds: Number(seconds) })));
