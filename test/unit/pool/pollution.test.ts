import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";

// T13 in the thread that is given the secrets: a process whose Object.prototype someone has polluted makes pools, and an
// evil file tells by its trace whether it was run.
const dist = new URL("../../../dist/src/", import.meta.url).href;
const folder = mkdtempSync(join(tmpdir(), "pool-pollution-"));
const evil = join(folder, "evil.cjs");
const trace = join(folder, "trace");
writeFileSync(evil, `require("node:fs").appendFileSync(${JSON.stringify(trace)}, "evil");`);

afterAll(() => rmSync(folder, { recursive: true }));

/** Each as JSON of a stranger's would put it there: enumerable. */
const properties: Record<string, unknown> = {
  // Of a worker's options, in Node and in browsers.
  env: { NODE_OPTIONS: `--require ${evil}` },
  execArgv: ["--require", evil],
  NODE_OPTIONS: `--require ${evil}`,
  argv: [evil],
  eval: true,
  workerData: { secrets: [] },
  resourceLimits: { maxOldGenerationSizeMb: 1, stackSizeMb: 0.01 },
  stdin: true,
  stdout: true,
  stderr: true,
  trackUnmanagedFds: false,
  name: "evil",
  type: "classic",
  credentials: "include",
  // Of a message's.
  transfer: [1],
  transferList: [1],
  // Of the pool's own options (but signal, which breaks the streams of Node's own process) and of what it posts.
  worker: `file://${evil}`,
  threads: 200,
  now: 1,
  kind: "stop",
  module: {},
  settings: { suite: 9 },
  secrets: [[1, 2, 3]],
  shared: [],
  packets: 0,
  count: 0,
  places: [0],
  statuses: [0],
  windows: [[]],
  on: "evil",
  setImmediate: { evil: true },
};

const program = `
  import { existsSync, rmSync } from "node:fs";
  import { Worker } from "node:worker_threads";
  import { CutePool } from "${dist}cute/pool.js";
  import { CuteTokens } from "${dist}cute/index.js";
  const trace = ${JSON.stringify(trace)};
  const options = { suite: "xchacha20poly1305", applicationId: 1, secret: new Uint8Array(32).fill(7) };
  const genuine = new CuteTokens(options).issue({ expirationTimestamp: 2000, handshakeTimeout: 5, endpoints: ["10.0.0.1:7"],
    clientId: 1, clientToServerKey: new Uint8Array(32).fill(1), serverToClientKey: new Uint8Array(32).fill(2) }, { now: 1000 }).slice(90);
  const forged = genuine.slice();
  forged[1000] ^= 1;
  const says = async (call) => {
    try {
      const pool = new CutePool({ ...options, threads: 2 });
      await pool.ready();
      const verdicts = await pool.verifyMany([genuine, forged, null], { now: 1000 });
      const one = await pool.verify(genuine, { now: 1000 });
      const late = await pool.verify(genuine, {});
      await pool.close();
      return [...verdicts, one, late].map((verdict) => verdict.valid || verdict.reason).join();
    } catch (error) {
      return String(error);
    }
  };
  const naive = () => new Promise((resolve) => {
    const worker = new Worker("0", { eval: true, execArgv: [] });
    worker.on("error", () => {});
    worker.on("exit", resolve);
  });
  const found = {};
  for (const [name, properties] of Object.entries(JSON.parse(process.argv[1]))) {
    rmSync(trace, { force: true });
    for (const [key, value] of Object.entries(properties)) Object.prototype[key] = value;
    const result = [name === "naive" ? await naive() : await says()];
    for (const key of Object.keys(properties)) delete Object.prototype[key];
    found[name] = [...result, existsSync(trace)];
  }
  console.log(JSON.stringify(found));
`;

async function run(cases: Record<string, Record<string, unknown>>): Promise<Record<string, [unknown, boolean]>> {
  const args = ["--input-type=module", "-e", program, JSON.stringify(cases)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 50_000 });
  return JSON.parse(stdout);
}

describe("T13: what stands on Object.prototype reaches no worker of a pool", () => {
  it("though it reaches one that is made with plain options, where the evil file runs", async () => {
    const { naive } = await run({ naive: { env: properties["env"] } });
    expect(naive).toEqual([0, true]);
  });

  it("each name alone, and all at once", async () => {
    const alone = Object.entries(properties).map(([name, value]) => [name, { [name]: value }] as const);
    const found = await run({ ...Object.fromEntries(alone), "all at once": properties });
    const expected = ["true,not-genuine,wrong-size,true,expired", false];
    expect(found).toEqual(Object.fromEntries(Object.keys(found).map((name) => [name, expected])));
    expect(Object.keys(found).length).toBe(alone.length + 1);
  });
});
