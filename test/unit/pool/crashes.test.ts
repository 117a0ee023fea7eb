import type { Worker } from "node:worker_threads";
import { afterEach, describe, expect, it } from "vitest";
import { concat } from "../../support/bytes.ts";
import { NOW, tokensOf, xchacha } from "../../support/cute.ts";
import {
  expectedTexts,
  expectRejection,
  genuinePackets,
  mixedPackets,
  poolOf,
  replaceWorkers,
  restoreWorkers,
  texts,
  watchWorkers,
} from "../../support/pool.ts";
import { Random } from "../../support/random.ts";

const packets = mixedPackets(xchacha, 2, 5000, new Random(42));
const genuine = genuinePackets(xchacha, 2, 77, new Random(45));
const all = concat(...packets);
const expected = expectedTexts(tokensOf(xchacha, 2), packets);

afterEach(restoreWorkers);

describe("a worker that ends", () => {
  it.each([1, 2, 3, 5, 8, 13])(
    "with message %i of the work before it is replaced, and its work repeated",
    async (last) => {
      let posted = 0;
      const made = watchWorkers((worker, message, deliver) => {
        deliver();
        if (message.kind === "work" && ++posted === last) void worker.terminate();
      });
      for (const isolated of [false, true]) {
        const shared = globalThis.SharedArrayBuffer;
        if (isolated) globalThis.SharedArrayBuffer = undefined as never;
        const pool = poolOf(xchacha, 2);
        const buffer = all.slice();
        const call = pool.verifyMany(buffer, { now: NOW });
        buffer.fill(0);
        const verdicts = await call;
        globalThis.SharedArrayBuffer = shared;
        expect(texts(verdicts)).toEqual(expected);
        await pool.close();
        posted = 0;
      }
      expect(made.length).toBe(6);
    },
  );

  it("again and again, under many calls: nothing is lost", async () => {
    // Two at the most while the same calls are pending: three could meet the same packets, which are then given up.
    let crashes = 0;
    let posted = 0;
    const made = watchWorkers((worker, message, deliver) => {
      deliver();
      if (message.kind !== "work" || ++posted % 5 !== 0 || crashes === 2) return;
      crashes++;
      setTimeout(() => worker.terminate(), 1);
    });
    const pool = poolOf(xchacha, 2, { threads: 3 });
    const random = new Random(43);
    for (let round = 0; round < 8; round++) {
      crashes = 0;
      const calls = Array.from({ length: 5 }, () => {
        const from = random.below(4000);
        return { from, verdicts: pool.verifyMany(packets.slice(from, from + 1000), { now: NOW }) };
      });
      for (const { from, verdicts } of calls) expect(texts(await verdicts)).toEqual(expected.slice(from, from + 1000));
    }
    expect(made.length).toBeGreaterThan(5);
    await pool.close();
  });

  it("while idle, by an error of its own, is replaced too", async () => {
    const made = watchWorkers((_, __, deliver) => deliver());
    const pool = poolOf(xchacha, 2, { threads: 1 });
    await pool.verifyMany(all, { now: NOW });
    made[0]?.postMessage({ kind: "work", packets: 0, count: 1, now: "no number" });
    await new Promise((resolve) => made[0]?.once("exit", resolve));
    expect(texts(await pool.verifyMany(all, { now: NOW }))).toEqual(expected);
    expect(made.length).toBe(2);
    await pool.close();
  });

  it("while the pool closes: pending calls finish nevertheless", async () => {
    let posted = 0;
    watchWorkers((worker, message, deliver) => {
      deliver();
      if (message.kind === "stop" || (message.kind === "work" && ++posted === 4)) void worker.terminate();
    });
    const pool = poolOf(xchacha, 2);
    const call = pool.verifyMany(all, { now: NOW });
    await pool.close();
    expect(texts(await call)).toEqual(expected);
  });

  it("over the work of an aborted call is not asked to repeat it", async () => {
    const counts: unknown[] = [];
    const controller = new AbortController();
    watchWorkers((worker, message, deliver) => {
      deliver();
      if (message.kind !== "work" || counts.push(message.count) !== 1) return;
      controller.abort();
      void worker.terminate();
    });
    const pool = poolOf(xchacha, 2, { threads: 1 });
    const aborted = pool.verifyMany(all, { now: NOW, signal: controller.signal });
    await expect(aborted).rejects.toMatchObject({ name: "AbortError" });
    expect((await pool.verifyMany(genuine.slice(0, 9), { now: NOW })).validCount).toBe(9);
    expect(new Set(counts.slice(1))).toEqual(new Set([9]));
    expect(counts.length).toBeLessThan(4);
    await pool.close();
  });
});

describe("packets that end every worker", () => {
  it.each([1, 2])("are given up with the third; the pool goes on (threads: %i)", async (threads) => {
    let deadly = 0;
    const made = watchWorkers((_, message, deliver) => {
      if (message.count === 77) {
        deadly++;
        // The worker throws when it comes to it.
        Object.assign(message, { now: "no number" });
      }
      deliver();
    });
    const pool = poolOf(xchacha, 2, { threads });
    await pool.ready();
    const good = pool.verifyMany(all, { now: NOW });
    const deadlyCall = pool.verifyMany(genuine, { now: NOW });
    const error = await expectRejection(deadlyCall, "ERR_WORKER", "packets");
    expect(String(error.cause)).toContain("SyntaxError");
    expect(deadly).toBe(3);
    expect(texts(await good)).toEqual(expected);
    expect(texts(await pool.verifyMany(all, { now: NOW }))).toEqual(expected);
    expect(made.length).toBe(threads + 3);
    await pool.close();
  });
});

describe("workers that cannot start", () => {
  it("because the engine refuses to make them: the call is refused, a later one tries again", async () => {
    let made = 0;
    replaceWorkers(
      (Genuine) =>
        class extends Genuine {
          constructor(...args: ConstructorParameters<typeof Worker>) {
            made++;
            if (made <= 8) throw new Error("no threads here");
            super(...args);
          }
        },
    );
    const pool = poolOf(xchacha, 2);
    const error = await expectRejection(pool.verifyMany(all, { now: NOW }), "ERR_START", "worker");
    expect(error.message).toContain("no threads here");
    await new Promise((resolve) => setTimeout(resolve, 50));
    // Three for each of the two when the pool was made, and one more for the call.
    expect(made).toBe(8);
    expect(texts(await pool.verifyMany(all, { now: NOW }))).toEqual(expected);
    await pool.close();
  });

  it("because they end at once: as many tries as are worth it, then none until the next call", async () => {
    let broken = true;
    const made = watchWorkers((worker, message, deliver) => {
      if (broken && message.kind === "setup") void worker.terminate();
      else deliver();
    });
    const pool = poolOf(xchacha, 2);
    await expectRejection(pool.verifyMany(all, { now: NOW }), "ERR_START", "worker");
    await new Promise((resolve) => setTimeout(resolve, 100));
    const tries = made.length;
    expect(tries).toBe(6);
    broken = false;
    expect(texts(await pool.verifyMany(all, { now: NOW }))).toEqual(expected);
    expect(made.length).toBe(tries + 2);
    await pool.close();
  });

  it("because the kernel does not start in them: the refusal says so", async () => {
    watchWorkers((_, message, deliver) => {
      if (message.kind === "setup") Object.assign(message, { module: {} });
      deliver();
    });
    const pool = poolOf(xchacha, 2);
    const error = await expectRejection(pool.verifyMany(all, { now: NOW }), "ERR_START", "worker");
    expect(error.cause).toMatchObject({ code: "ERR_START", argument: "worker" });
    expect(error.message).toContain("WebAssembly.Module");
    await pool.close();
  });

  it("while one of them can: it does the work alone", async () => {
    let first: Worker | undefined;
    watchWorkers((worker, message, deliver) => {
      first ??= worker;
      if (message.kind === "setup" && worker !== first) void worker.terminate();
      else deliver();
    });
    const pool = poolOf(xchacha, 2, { threads: 3 });
    expect(texts(await pool.verifyMany(all, { now: NOW }))).toEqual(expected);
    await pool.close();
  });
});
