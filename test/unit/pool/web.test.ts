import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";

// The pool as browsers run it, in a process that looks like one: no Node to be seen, Web Workers instead, with a
// worker's messages as events. Real browsers are tried by the runtime tests.
const dist = new URL("../../../dist/src/", import.meta.url).href;

// Inside each worker: what a browser's worker has, then the script.
const workerScope = `
  const { parentPort, workerData } = require("node:worker_threads");
  delete globalThis.process;
  globalThis.addEventListener = (type, listener) => parentPort.on(type, (data) => listener({ data }));
  globalThis.postMessage = (message, transfer) => parentPort.postMessage(message, transfer);
  import(workerData);
`;

const page = `
  import { Worker as Thread } from "node:worker_threads";
  const { exit, argv } = process;
  const made = [];
  globalThis.Worker = class {
    constructor(url, options) {
      if (options.type !== "module" || !(url instanceof URL)) throw new Error("not as bundlers expect it");
      if (Object.getPrototypeOf(options) !== null) throw new Error("what stands on Object.prototype is an option");
      const script = made.length < missing ? url.href + ".gone" : url.href;
      this.thread = new Thread(${JSON.stringify(workerScope)}, { eval: true, execArgv: [], workerData: script });
      made.push(this.thread);
    }
    postMessage(message, transfer) { this.thread.postMessage(message, transfer); }
    terminate() { void this.thread.terminate(); }
    addEventListener(type, listener) {
      if (type === "message") this.thread.on("message", (data) => listener({ data }));
      if (type === "error") this.thread.on("error", (error) => listener({ error }));
    }
  };
  Object.defineProperty(globalThis, "navigator", { value: { hardwareConcurrency: 3 }, configurable: true });
  delete globalThis.process;
  const { CuteTokens } = await import("${dist}cute/index.js");
  const { CutePool } = await import("${dist}cute/pool.js");
  const options = { suite: "xchacha20poly1305", applicationId: 1, secret: new Uint8Array(32).fill(7) };
  const tokens = new CuteTokens(options);
  const [toServer, toClient] = [1, 2].map((byte) => new Uint8Array(32).fill(byte));
  const packets = Array.from({ length: 3000 }, (_, i) => {
    const token = tokens.issue({ expirationTimestamp: 2000, handshakeTimeout: 5, endpoints: ["10.0.0.1:7"], clientId: i,
      clientToServerKey: toServer, serverToClientKey: toClient }, { now: 1000 });
    if (i % 3 === 0) token[1000] ^= 1;
    return token.slice(90);
  });
  const says = (verdicts) => Array.from(verdicts, (one) => one.valid ? String(one.claims.clientId) : one.reason).join();
  const expected = says(tokens.verifyMany(packets, { now: 1000 }));
  const pool = new CutePool(options);
  const outcome = async () => {
    try {
      return says(await pool.verifyMany(packets, { now: 1000 })) === expected;
    } catch (error) {
      return error.code;
    }
  };
`;

async function run(missing: number, script: string): Promise<unknown> {
  const whole = `const missing = ${missing}; ${page} ${script} await pool.close(); exit();`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", whole], {
    timeout: 20_000,
  });
  return JSON.parse(stdout);
}

it("in Web Workers, as many as the navigator says, the verdicts are the same", async () => {
  expect(await run(0, "console.log(JSON.stringify([await outcome(), made.length]));")).toEqual([true, 3]);
});

it("without shared memory as well", async () => {
  const script = "console.log(JSON.stringify([await outcome(), made.length]));";
  expect(await run(0, `delete globalThis.SharedArrayBuffer; ${script}`)).toEqual([true, 3]);
});

it("a worker whose error is reported is replaced", async () => {
  const script = `
    await outcome();
    const ended = new Promise((resolve) => made[0].once("exit", resolve));
    made[0].postMessage({ kind: "work", slot: 0, count: 1, now: "no number" });
    await ended;
    console.log(JSON.stringify([await outcome(), made.length]));
  `;
  expect(await run(0, script)).toEqual([true, 4]);
});

it("where the script cannot be loaded the call is refused, and a later one tries again", async () => {
  const script = "console.log(JSON.stringify([await outcome(), made.length, await outcome(), made.length]));";
  expect(await run(9, script)).toEqual(["ERR_START", 9, true, 12]);
});
