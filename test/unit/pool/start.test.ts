import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";
import { afterEach, describe, expect, it, vi } from "vitest";
import { CutePool, type CutePoolOptions } from "../../../dist/src/cute/pool.js";
import { NOW, nativeOf, xchacha } from "../../support/cute.ts";
import { revoked } from "../../support/garbage.ts";
import { expectRejection, genuinePackets, poolOf, restoreWorkers, watchWorkers } from "../../support/pool.ts";
import { Random } from "../../support/random.ts";

const { secret, applicationId } = nativeOf(xchacha, 2);
const [genuine] = genuinePackets(xchacha, 2, 1, new Random(81)) as [Uint8Array];
const workerFile = new URL("../../../dist/src/cute/worker.js", import.meta.url);

afterEach(() => {
  restoreWorkers();
  vi.useRealTimers();
});

function make(options: object): CutePool {
  return new CutePool({ suite: "xchacha20poly1305", secret, applicationId, threads: 2, ...options } as CutePoolOptions);
}

async function works(pool: CutePool): Promise<boolean> {
  await pool.ready();
  const { valid } = await pool.verify(genuine, { now: NOW });
  await pool.close();
  return valid;
}

describe("pool.ready", () => {
  it("waits for every worker, and may be asked any number of times", async () => {
    const begun: string[] = [];
    const made = watchWorkers((_, __, deliver) => deliver());
    const pool = poolOf(xchacha, 2, { threads: 3 });
    for (const [i, worker] of made.entries()) worker.on("message", ({ kind }) => begun.push(`${kind} ${i}`));
    await Promise.all([pool.ready(), pool.ready()]);
    expect(begun.sort()).toEqual(["ready 0", "ready 1", "ready 2"]);
    await pool.ready();
    await pool.close();
  });

  it("rejects where none begins, and says what to do; asked again, it tries again", async () => {
    let broken = true;
    watchWorkers((worker, _, deliver) => (broken ? void worker.terminate() : deliver()));
    const pool = poolOf(xchacha, 2);
    const error = await expectRejection(pool.ready(), "ERR_START", "worker");
    expect(error.message).toContain("connect-tokens/cute/worker");
    expect(error.message).toContain("the option worker");
    expect(error.cause).toBeInstanceOf(Error);
    broken = false;
    await pool.ready();
    await pool.close();
  });

  it("resolves where one worker begins and the others are given up", async () => {
    let first: Worker | undefined;
    watchWorkers((worker, _, deliver) => {
      first ??= worker;
      if (worker === first) deliver();
      else void worker.terminate();
    });
    expect(await works(poolOf(xchacha, 2))).toBe(true);
  });

  it("rejects after a close, and where a close comes first", async () => {
    const pool = poolOf(xchacha, 2);
    await pool.close();
    await expectRejection(pool.ready(), "ERR_DISPOSED", "this");
    watchWorkers((_, message, deliver) => message.kind === "stop" && deliver());
    const other = poolOf(xchacha, 2);
    const asked = expectRejection(other.ready(), "ERR_DISPOSED", "this");
    await other.close();
    await asked;
  });

  it("keeps the process alive until it is answered", async () => {
    const script = `
      import { CutePool } from ${JSON.stringify(new URL("pool.js", workerFile).href)};
      const secret = new Uint8Array(32).fill(7);
      const pool = new CutePool({ suite: "xchacha20poly1305", applicationId: 1, secret, threads: 2 });
      pool.ready().then(() => console.log("ready"));
    `;
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script]);
    expect(stdout).toBe("ready\n");
  });
});

describe("the option worker", () => {
  it("is the file's URL, an object or its text, or a function that makes a worker of it", async () => {
    let made = 0;
    const create = (): Worker => {
      made++;
      return new Worker(workerFile);
    };
    for (const worker of [workerFile, workerFile.href, create, undefined]) {
      expect(await works(make({ worker }))).toBe(true);
    }
    expect(made).toBe(2);
  });

  it("that is wrong is refused when the pool is made", () => {
    for (const worker of [null, 1, {}, [], { href: workerFile.href }, revoked({})]) {
      expect(() => make({ worker })).toThrow(expect.objectContaining({ code: "ERR_TYPE", argument: "worker" }));
    }
    for (const worker of ["", "./worker.js", "/dist/worker.js"]) {
      expect(() => make({ worker })).toThrow(expect.objectContaining({ code: "ERR_RANGE", argument: "worker" }));
    }
  });

  it.each<[string, () => unknown, string]>([
    [
      "throws",
      () => {
        throw new Error("not today");
      },
      "not today",
    ],
    ["returns nothing", () => undefined, "worker must be a function that returns a Worker"],
    [
      "returns a promise",
      async () => new Worker("", { eval: true }),
      "worker must be a function that returns a Worker",
    ],
    ["returns a revoked Proxy", () => revoked({}), "worker must be a function that returns a Worker"],
  ])("as a function that %s: no worker starts, and the error says so", async (_, worker, message) => {
    const pool = make({ worker });
    const error = await expectRejection(pool.ready(), "ERR_START", "worker");
    expect(error.message).toContain(message);
    await pool.close();
  });

  it("as a function that makes the same worker twice serves with one", async () => {
    const worker = new Worker(workerFile);
    expect(await works(make({ worker: () => worker }))).toBe(true);
  });

  it("as a URL where there is no such file: the error names the export and the option", async () => {
    const pool = make({ worker: new URL("gone.js", workerFile) });
    const error = await expectRejection(pool.verify(genuine, { now: NOW }), "ERR_START", "worker");
    expect(error.message).toMatch(/gone\.js.*connect-tokens\/cute\/worker.*option worker/);
    await pool.close();
  });

  it("as another file, of which nothing is heard: it is given up after a minute each", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const made: Worker[] = [];
    const worker = (): Worker => {
      const silent = new Worker("setInterval(() => {}, 1000)", { eval: true });
      made.push(silent);
      return silent;
    };
    const pool = make({ threads: 1, worker });
    const asked = expectRejection(pool.ready(), "ERR_START", "worker");
    for (let i = 0; i < 3; i++) {
      vi.advanceTimersByTime(59_000);
      const ended = new Promise((resolve) => made[i]?.once("exit", resolve));
      expect(made.length).toBe(i + 1);
      vi.advanceTimersByTime(1_000);
      await ended;
    }
    expect((await asked).message).toContain("did not begin within a minute");
    await pool.close();
  });
});

it("the worker's file says so where it is imported in the place of a pool", async () => {
  await expect(import(workerFile.href)).rejects.toMatchObject({ code: "ERR_START", argument: "worker" });
});
