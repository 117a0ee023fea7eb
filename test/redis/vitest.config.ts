import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/redis/**/*.test.ts"],
    testTimeout: 120_000,
    // Servers are started, stopped and filled: one file after the other.
    fileParallelism: false,
    // .ci/run counts from this file.
    reporters: process.env["CI"] ? ["default", ["json", { outputFile: "build/redis-results.json" }]] : ["default"],
  },
});
