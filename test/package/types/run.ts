// `npm run test:types`: what users write (web.ts) compiles against the packed tarball, with each TypeScript that is named in
// package.json here, however modules are found and whether optional properties are exact. Exit code 1 otherwise, or where
// what must not compile does.
import { spawnSync } from "node:child_process";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import Table from "cli-table3";
import { entries } from "../../../entries.mjs";
import { installTarball } from "../installed.ts";

const here = fileURLToPath(new URL(".", import.meta.url));
const { dependencies } = JSON.parse(readFileSync(join(here, "package.json"), "utf8")) as { dependencies: object };
const compilers = Object.keys(dependencies);
const { folder } = installTarball("types");

interface Case {
  readonly file: string;
  readonly lib: readonly string[];
}

/** With the web's types, as most have them; and with the language's alone, as the declarations must do. */
const cases: readonly Case[] = [
  { file: "web.ts", lib: ["ES2022", "DOM", "DOM.Iterable"] },
  { file: "bare.ts", lib: ["ES2022"] },
];

function compile(compiler: string, { file, lib }: Case, module: string, exact: boolean): string {
  const compilerOptions = {
    noEmit: true,
    strict: true,
    exactOptionalPropertyTypes: exact,
    target: "ES2022",
    lib,
    types: [],
    module: module === "NodeNext" ? "NodeNext" : "ESNext",
    moduleResolution: module,
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: [file] }));
  const tsc = join(here, "node_modules", compiler, "bin/tsc");
  const { stdout, stderr, status } = spawnSync(process.execPath, [tsc, "-p", folder], { encoding: "utf8" });
  return status === 0 ? "" : `${stdout}${stderr}` || `exit code ${status}`;
}

const imports = Object.keys(entries).map((entry, i) => `export * as m${i} from "connect-tokens${entry.slice(1)}";\n`);
writeFileSync(join(folder, "package.json"), '{ "type": "module", "private": true }');
writeFileSync(join(folder, "bare.ts"), imports.join(""));
copyFileSync(join(here, "web.ts"), join(folder, "web.ts"));
const wrong = 'import { sha256 } from "connect-tokens/crypto";\nexport const digest: string = sha256("text");\n';
writeFileSync(join(folder, "wrong.ts"), wrong);

let failures = 0;
const table = new Table({ style: { head: [], border: [] }, head: ["compiler", "resolution", "exact", "web", "bare"] });
for (const compiler of compilers) {
  for (const module of ["NodeNext", "Bundler"]) {
    for (const exact of [true, false]) {
      const said = cases.map((one) => compile(compiler, one, module, exact));
      for (const text of said) if (text !== "") console.error(`${compiler}, ${module}:\n${text}`);
      failures += said.filter((text) => text !== "").length;
      table.push([compiler, module, exact ? "yes" : "no", ...said.map((text) => (text === "" ? "ok" : "FAILED"))]);
    }
  }
  const control = compile(compiler, { file: "wrong.ts", lib: ["ES2022"] }, "NodeNext", true);
  if ([...control.matchAll(/error TS/g)].length !== 2) {
    failures++;
    console.error(`${compiler}: control: two errors were wanted in wrong.ts, and it says:\n${control}`);
  }
}
console.log(table.toString());
if (failures > 0) process.exitCode = 1;
