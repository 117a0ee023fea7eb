// `npm run dev`: builds, then watches: a kernel is compiled again when a file it is made of is saved, and no other one.
// Beside it `npx vitest` watches the tests, which read src/ and the modules just compiled.
import { spawn } from "node:child_process";
import { watch } from "node:fs";
import { fileURLToPath } from "node:url";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));

let running = false;
let again = false;

build();
for (const folder of ["assembly", "test/unit/assembly"]) watch(folder, { recursive: true }, saved);
for (const file of ["entries.mjs", "asconfig.json"]) watch(file, saved);

function saved(_, file) {
  if (file === null || /\.(ts|mjs|json)$/.test(file)) build();
}

function build() {
  again = running;
  if (running) return;
  running = true;
  const started = performance.now();
  spawn(process.execPath, ["assembly/build.mjs", "--say"], { stdio: "inherit" }).on("exit", (code) => {
    running = false;
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(code === 0 ? `up to date (${seconds} s)` : "waiting for the next change");
    if (again) build();
  });
}
