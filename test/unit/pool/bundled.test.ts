import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { build } from "esbuild";
import { beforeAll, expect, it } from "vitest";

// A server as a bundler that follows no worker makes it: one file, the pool's code in it, and nothing beside it but what
// was asked for.
const folder = new URL("../../../build/bundled/", import.meta.url);

const server = (scheme: string, options: string): string => `
  import { ${scheme} } from "connect-tokens/${scheme === "CutePool" ? "cute" : "netcode"}/pool";
  const worker = process.argv[2] && new URL(process.argv[2], import.meta.url);
  const pool = new ${scheme}({ ${options}, threads: 2, ...(worker ? { worker } : {}) });
  try {
    await pool.ready();
    console.log("ready");
  } catch (error) {
    console.log(error.code, error.message);
  }
  await pool.close();
`;

const servers = {
  cute: server("CutePool", 'suite: "xchacha20poly1305", applicationId: 1, secret: new Uint8Array(32).fill(7)'),
  netcode: server("NetcodePool", 'protocolId: 1, secret: "5a".repeat(32)'),
};

beforeAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [scheme, code] of Object.entries(servers)) {
    writeFileSync(new URL(`${scheme}.mjs`, folder), code);
    writeFileSync(new URL(`${scheme}-worker.mjs`, folder), `import "connect-tokens/${scheme}/worker";`);
  }
  const entryPoints = Object.keys(servers).flatMap((scheme) => [`${scheme}.mjs`, `${scheme}-worker.mjs`]);
  const { warnings } = await build({
    ...{ absWorkingDir: folder.pathname, entryPoints, outdir: "out", outExtension: { ".js": ".mjs" } },
    ...{ bundle: true, minify: true, format: "esm", platform: "node", logLevel: "silent" },
  });
  // Of the package's own files esbuild says nothing once they are installed.
  expect(warnings.filter(({ location }) => !location?.file.includes("dist/src/"))).toEqual([]);
});

const run = (scheme: string, ...args: string[]): string =>
  execFileSync(process.execPath, [new URL(`out/${scheme}.mjs`, folder).pathname, ...args], { encoding: "utf8" });

it.each(Object.keys(servers))("%s: the error says which file was lost and which option brings it back", (scheme) => {
  expect(run(scheme)).toMatch(new RegExp(`^ERR_START .*worker\\.js.*connect-tokens/${scheme}/worker.*option worker`));
});

it.each(Object.keys(servers))("%s: with the worker's export as an entry and the option, the pool runs", (scheme) => {
  expect(run(scheme, `./${scheme}-worker.mjs`)).toBe("ready\n");
});
