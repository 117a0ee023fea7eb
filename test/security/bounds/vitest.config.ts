import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const INLINED = /\/(\w+)\.wasm\.generated\.ts$/;

/** The kernel and scheme tests, run with the modules of `npm run build:debug` in place of those that ship. */
export default defineConfig({
  root,
  plugins: [
    {
      name: "debug modules",
      enforce: "pre",
      load(path) {
        const name = INLINED.exec(path)?.[1];
        if (name === undefined) return null;
        return `export const hex = "${readFileSync(`${root}build/debug/${name}.wasm`).toString("hex")}"`;
      },
    },
  ],
  test: {
    testTimeout: 60_000,
    env: { CONNECT_TOKENS_KERNELS: "build/debug" },
    reporters: process.env["CI"] ? ["default", ["json", { outputFile: "build/bounds-results.json" }]] : ["default"],
    include: [
      "test/security/bounds/*.check.ts",
      "test/unit/assembly/encoding.test.ts",
      "test/unit/crypto/{aead-lengths,aead-vectors,hmac}.test.ts",
      "test/unit/netcode/tokens.test.ts",
      "test/unit/cute/{tokens-hydrogen,tokens-xchacha}.test.ts",
      "test/unit/{snapnet,centrifugo,tirtc}/{batch-boundaries,snapnet,tokens}.test.ts",
      "test/unit/wasm/texts.test.ts",
    ],
  },
});
