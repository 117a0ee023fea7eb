import { configDefaults, defineConfig } from "vitest/config";

/** Searches at random, long vectors, threads, and what is built, packed or traced: left to `npm test`. */
const LONG = [
  "test/security/*/**",
  "test/package/{examples,readme,reference,sizes,tarball}.test.ts",
  "test/package/supply/**",
  "test/contract/threats/{nonces,replay}.test.ts",
  "test/unit/assembly/{aead,almost-valid,curve25519,cute-xchacha,cute-xchacha-patterns,digits,encoding,field25519}.test.ts",
  "test/unit/assembly/{gimli,hmac,hmac-jobs,poly1305,sha256,signature}.test.ts",
  "test/unit/centrifugo/{arguments,properties}.test.ts",
  "test/unit/common/{changed-json,json,properties}.test.ts",
  "test/unit/crypto/{aead-lengths,aead-vectors,hmac,properties,sha256,shared}.test.ts",
  "test/unit/cute/{differential,endpoints,properties,public,session-network,tokens-hydrogen,tokens-xchacha}.test.ts",
  "test/unit/history/{entries,memory-size,model}.test.ts",
  "test/unit/pool/**",
  "test/unit/snapnet/format.test.ts",
  "test/unit/tirtc/{claims,properties,vendor}.test.ts",
  "test/unit/vectors.test.ts",
  "test/unit/wasm/{key-slots,memory,secrets,texts}.test.ts",
];

export default defineConfig({
  test: {
    testTimeout: 60_000,
    // .ci/run counts from this file.
    reporters: process.env["CI"] ? ["default", ["json", { outputFile: "build/test-results.json" }]] : ["default"],
    projects: [
      {
        extends: true,
        test: {
          name: "quick",
          include: ["test/**/*.test.ts"],
          exclude: [...configDefaults.exclude, "test/redis/**", ...LONG],
        },
      },
      {
        extends: true,
        test: { name: "long", include: LONG.map((path) => path.replace(/\*\*$/, "**/*.test.ts")) },
      },
    ],
  },
});
