// What there is, once: the build compiles and bundles what stands here, package.json's exports are written from it
// (`node tools/build.mjs --exports`), and test/package holds both to it. A new scheme adds its rows.

/** assembly/NAME.ts becomes NAME.wasm, with the memory that asconfig.json gives to the target NAME. */
export const modules = /** @type {const} */ (["hmac", "cute", "netcode"]);

/** What is imported as "connect-tokens" and the name, and the source of it. */
export const entries = /** @type {const} */ ({
  ".": "src/index.ts",
  "./cute": "src/cute/index.ts",
  "./cute/public": "src/cute/public.ts",
  "./cute/packets": "src/cute/packets.ts",
  "./cute/server": "src/cute/server.ts",
  "./cute/client": "src/cute/client.ts",
  "./cute/pool": "src/cute/pool.ts",
  "./cute/worker": "src/cute/worker.ts",
  "./netcode": "src/netcode/index.ts",
  "./netcode/public": "src/netcode/public.ts",
  "./netcode/pool": "src/netcode/pool.ts",
  "./netcode/worker": "src/netcode/worker.ts",
  "./snapnet": "src/snapnet/index.ts",
  "./snapnet/decode": "src/snapnet/decode.ts",
  "./centrifugo": "src/centrifugo/index.ts",
  "./tirtc": "src/tirtc/index.ts",
  "./tirtc/decode": "src/tirtc/decode.ts",
  "./history": "src/history/index.ts",
  "./history/redis": "src/history/redis.ts",
  "./crypto": "src/crypto.ts",
  "./encoding": "src/encoding.ts",
});

/** package.json's exports. */
export function packageExports() {
  /** @type {Record<string, string | { types: string, default: string }>} */
  const found = {};
  for (const [name, source] of Object.entries(entries)) {
    const built = `./dist/${source.replace(/\.ts$/, "")}`;
    found[name] = { types: `${built}.d.ts`, default: `${built}.js` };
  }
  for (const name of modules) found[`./${name}.wasm`] = `./dist/wasm/${name}.wasm`;
  found["./package.json"] = "./package.json";
  return found;
}

/**
 * What the table, the sources and package.json do not agree about, each in a sentence that says what to do.
 *
 * @param {{ exists: (path: string) => boolean, exports: unknown, targets: object }} project its files, package.json's
 *   exports and asconfig.json's targets
 * @returns {string[]}
 */
export function problems({ exists, exports, targets }) {
  const found = [];
  for (const [name, source] of Object.entries(entries)) {
    if (!exists(source)) found.push(`entries.mjs: the source of "${name}" is missing: ${source}`);
  }
  for (const name of modules) {
    if (!exists(`assembly/${name}.ts`)) {
      found.push(`entries.mjs: the source of ${name}.wasm is missing: assembly/${name}.ts`);
    }
    if (!(name in targets)) found.push(`asconfig.json: no target "${name}" that gives ${name}.wasm its memory`);
  }
  if (JSON.stringify(exports) !== JSON.stringify(packageExports())) {
    found.push("package.json: its exports are not those of entries.mjs; run `node tools/build.mjs --exports`");
  }
  return found;
}
