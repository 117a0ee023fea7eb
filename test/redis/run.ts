// `npm run test:redis`: the tests of connect-tokens/history/redis on servers of their own, on loopback. They need redis-server,
// which `npm test` does not. `npm run test:redis -- cluster` runs the files whose name has that in it.
import { spawnSync } from "node:child_process";

const { error } = spawnSync("redis-server", ["--version"]);
if (error) {
  console.error("No redis-server on the PATH. On Debian: apt-get update && apt-get install -y redis-server");
  process.exit(1);
}
const vitest = ["node_modules/vitest/vitest.mjs", "run", "--config", "test/redis/vitest.config.ts"];
const { status } = spawnSync(process.execPath, [...vitest, ...process.argv.slice(2)], { stdio: "inherit" });
process.exit(status ?? 1);
