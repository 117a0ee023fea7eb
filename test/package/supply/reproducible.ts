// `npm run reproducible`: a second build, in another folder, another time zone and another language, gives the same bytes:
// every file that ships, the .wasm first of all. Exit code 1 otherwise, or where a change made on purpose goes unseen.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { differences, MODULES, ROOT, sha256Of, twinsThatDiffer } from "./files.ts";

/** What is built from. */
const SOURCES = [
  ...["assembly", "src", "test/unit/assembly", "tools", "entries.mjs"],
  ...["asconfig.json", "package.json", "tsconfig.json"],
];

function copyTo(folder: string): void {
  for (const source of SOURCES) cpSync(join(ROOT, source), join(folder, source), { recursive: true });
  for (const name of MODULES) rmSync(join(folder, `src/wasm/${name}/${name}.wasm.generated.ts`));
  const packages = join(folder, "node_modules");
  mkdirSync(packages);
  for (const name of readdirSync(join(ROOT, "node_modules"))) {
    symlinkSync(join(ROOT, "node_modules", name), join(packages, name));
  }
}

function flipByte(file: string): void {
  const bytes = readFileSync(file);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 1;
  writeFileSync(file, bytes);
}

let failed = false;
function check(what: string, found: readonly string[], expected: readonly string[]): void {
  const holds = found.join() === expected.join();
  failed ||= !holds;
  console.log(`${holds ? "ok" : "FAILED"}: ${what}${found.length > 0 ? ` (${found.join(", ")})` : ""}`);
}

const temporary = mkdtempSync(join(tmpdir(), "connect-tokens-"));
try {
  const folder = join(temporary, "another-folder-with-a-longer-path", "copy");
  mkdirSync(folder, { recursive: true });
  copyTo(folder);
  const env = { ...process.env, TZ: "Pacific/Kiritimati", LANG: "tr_TR.UTF-8", LC_ALL: "tr_TR.UTF-8" };
  execFileSync("npm", ["run", "--silent", "build"], { cwd: folder, env, stdio: ["ignore", "ignore", "inherit"] });
  const [ours, theirs] = [join(ROOT, "dist"), join(folder, "dist")];
  check("two builds differ in no file", differences(ours, theirs), []);
  check("the inlined modules are the files, here", twinsThatDiffer(ROOT), []);
  check("and there", twinsThatDiffer(folder), []);
  flipByte(join(theirs, "wasm/hmac.wasm"));
  check("control: a bit turned over in one file is found", differences(ours, theirs), ["wasm/hmac.wasm"]);
  check("control: as is a twin that is not its file", twinsThatDiffer(folder), ["hmac"]);
  for (const name of MODULES) console.log(`${sha256Of(join(ours, `wasm/${name}.wasm`))}  ${name}.wasm`);
} finally {
  rmSync(temporary, { recursive: true, force: true });
}
if (failed) process.exitCode = 1;
