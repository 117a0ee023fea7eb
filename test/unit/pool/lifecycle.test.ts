import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { CutePool, type CutePoolOptions } from "../../../dist/src/cute/pool.js";
import { CuteTokens } from "../../../src/cute/index.ts";
import { concat, hex } from "../../support/bytes.ts";
import { hydrogen, NOW, nativeOf, tokensOf, xchacha } from "../../support/cute.ts";
import { revoked } from "../../support/garbage.ts";
import {
  expectedTexts,
  expectRejection,
  genuinePackets,
  mixedPackets,
  type Posted,
  poolOf,
  restoreWorkers,
  texts,
  watchWorkers,
} from "../../support/pool.ts";
import { Random } from "../../support/random.ts";

const random = new Random(41);
const packets = mixedPackets(xchacha, 2, 5000, random);
const all = concat(...packets);
const expected = expectedTexts(tokensOf(xchacha, 2), packets);

describe("a signal", () => {
  const pool = poolOf(xchacha, 2);
  afterAll(() => pool.close());

  it("aborted before: the call is refused with its reason", async () => {
    const reason = new Error("too late");
    await expect(pool.verifyMany(all, { now: NOW, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    await expect(pool.verifyMany([], { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: "AbortError" });
  });

  it("aborted meanwhile: the call is refused, the others and the pool go on", async () => {
    for (const delay of [0, 1, 2, 3, 5]) {
      const controller = new AbortController();
      const reason = { delay };
      const before = pool.verifyMany(packets.slice(0, 500), { now: NOW });
      const aborted = pool.verifyMany(concat(...Array(10).fill(all)), { now: NOW, signal: controller.signal });
      const after = pool.verifyMany(packets.slice(500, 1000), { now: NOW });
      if (delay > 0) setTimeout(() => controller.abort(reason), delay);
      else controller.abort(reason);
      await expect(aborted).rejects.toBe(reason);
      expect(texts(await before)).toEqual(expected.slice(0, 500));
      expect(texts(await after)).toEqual(expected.slice(500, 1000));
    }
  });

  it("aborted by a getter among the packets", async () => {
    const controller = new AbortController();
    const list = Object.defineProperty(packets.slice(0, 3), 1, {
      get: () => {
        controller.abort("by a getter");
        return packets[1];
      },
    });
    await expect(pool.verifyMany(list, { now: NOW, signal: controller.signal })).rejects.toBe("by a getter");
  });

  it("aborted after, or never: the verdicts stand, and nothing listens any more", async () => {
    const controller = new AbortController();
    const listeners = new Set<unknown>();
    const signal = {
      get aborted() {
        return controller.signal.aborted;
      },
      addEventListener: (_: "abort", listener: () => void) => void listeners.add(listener),
      removeEventListener: (_: "abort", listener: () => void) => void listeners.delete(listener),
    };
    const call = pool.verifyMany(all, { now: NOW, signal });
    expect(listeners.size).toBe(1);
    const verdicts = await call;
    expect(listeners.size).toBe(0);
    controller.abort();
    expect(texts(verdicts)).toEqual(expected);
    await expectRejection(
      pool.verifyMany([1] as never, { now: -1, signal: new AbortController().signal }),
      "ERR_RANGE",
      "now",
    );
  });
});

describe("close", () => {
  it("lets pending calls finish, refuses later ones, and may be called again", async () => {
    const pool = poolOf(xchacha, 2);
    const calls = [all, packets.slice(0, 10), all].map((form) => pool.verifyMany(form, { now: NOW }));
    const closing = pool.close();
    await expectRejection(pool.verifyMany(all, { now: NOW }), "ERR_DISPOSED", "this");
    await expectRejection(pool.verifyMany([]), "ERR_DISPOSED", "this");
    expect(pool.close()).toBe(closing);
    await closing;
    const [first, second, third] = await Promise.all(calls);
    expect(first && texts(first)).toEqual(expected);
    expect(second && texts(second)).toEqual(expected.slice(0, 10));
    expect(third && texts(third)).toEqual(expected);
    await pool.close();
    await expectRejection(pool.verifyMany(all, { now: NOW }), "ERR_DISPOSED", "this");
  });

  it("at once, idle, and with an aborted call's work still under way", async () => {
    await poolOf(xchacha, 2).close();
    const idle = poolOf(xchacha, 2);
    await idle.verifyMany(all, { now: NOW });
    await idle.close();
    const busy = poolOf(xchacha, 2);
    await busy.ready();
    const controller = new AbortController();
    const call = busy.verifyMany(all, { now: NOW, signal: controller.signal });
    controller.abort();
    await Promise.all([busy.close(), expect(call).rejects.toMatchObject({ name: "AbortError" })]);
  });

  it("is what `await using` calls, where the engine has it", async () => {
    const pool = poolOf(xchacha, 2);
    const dispose = typeof Symbol.asyncDispose === "symbol" ? pool[Symbol.asyncDispose] : pool.close;
    await dispose.call(pool);
    await expectRejection(pool.verifyMany(all, { now: NOW }), "ERR_DISPOSED", "this");
  });
});

describe("options", () => {
  const { secret, applicationId } = nativeOf(xchacha, 2);
  const good: CutePoolOptions = { suite: "xchacha20poly1305", secret, applicationId };

  it("are refused when the pool is made, as CuteTokens refuses them", () => {
    const signing = nativeOf(hydrogen, 2).secret.slice();
    signing[40] = (signing[40] as number) ^ 1;
    const wrong: unknown[] = [undefined, null, 1, {}, { ...good, suite: "cute" }, { ...good, suite: 1 }];
    for (const value of [
      undefined,
      "secret",
      [],
      new Uint8Array(31),
      new Uint8Array(32),
      [secret, new Uint8Array(64)],
    ]) {
      wrong.push({ ...good, secret: value });
    }
    for (const value of [undefined, -1, 1.5, 2n ** 64n, "1"]) wrong.push({ ...good, applicationId: value });
    wrong.push({ ...good, strict: 1 }, { ...good, serverEndpoint: "nowhere" }, { secret: signing, applicationId });
    const refusal = (make: () => unknown) => {
      try {
        make();
      } catch (error) {
        const { name, code, argument, message } = error as Error & { code: string; argument: string };
        return { name, code, argument, message };
      }
      throw new Error("nothing was thrown");
    };
    for (const options of wrong) {
      const expected = refusal(() => new CuteTokens(options as CutePoolOptions));
      expect(expected.name).toBe("ConnectTokensError");
      expect(refusal(() => new CutePool(options as CutePoolOptions))).toEqual(expected);
    }
  });

  it("threads: 1 to 256, whole", () => {
    const refusal = (threads: unknown) => {
      try {
        return new CutePool({ ...good, threads } as CutePoolOptions);
      } catch (error) {
        return error;
      }
    };
    for (const threads of [0, -1, 1.5, 257, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(refusal(threads)).toMatchObject({ code: "ERR_RANGE", argument: "threads" });
    }
    for (const threads of [null, "2", 2n, {}]) {
      expect(refusal(threads)).toMatchObject({ code: "ERR_TYPE", argument: "threads" });
    }
  });

  it("threads: by default the machine's; each option is read once, and the caller's secret is left alone", async () => {
    const before = hex(secret);
    const reads: string[] = [];
    const options = new Proxy(good, {
      get: (target, key, receiver) => {
        reads.push(String(key));
        return Reflect.get(target, key, receiver);
      },
    });
    const pool = new CutePool(options);
    expect(reads.sort()).toEqual(["applicationId", "secret", "suite"]);
    expect(texts(await pool.verifyMany(all, { now: NOW }))).toEqual(expected);
    await pool.close();
    expect(hex(secret)).toBe(before);
  });

  it("of verifyMany: wrong ones reject", async () => {
    const pool = poolOf(xchacha, 2);
    await expectRejection(pool.verifyMany(new Uint8Array(1023)), "ERR_RANGE", "packets");
    await expectRejection(pool.verifyMany("packets" as never), "ERR_TYPE", "packets");
    await expectRejection(pool.verifyMany([], 1 as never), "ERR_TYPE", "options");
    await expectRejection(pool.verifyMany(revoked([]) as never), "ERR_TYPE", "packets");
    await expectRejection(pool.verifyMany([], revoked({})), "ERR_TYPE", "options");
    await expectRejection(pool.verifyMany([], { now: 1e12 }), "ERR_RANGE", "now");
    for (const signal of [null, 1, {}, { aborted: false }, new EventTarget(), revoked({})]) {
      await expectRejection(pool.verifyMany([], { signal: signal as never }), "ERR_TYPE", "signal");
    }
    await pool.close();
  });
});

it("hands its workers the compiled module and copies of the secrets, which are wiped once read", async () => {
  const setups: Posted[] = [];
  const secrets: string[] = [];
  watchWorkers((_, message, deliver) => {
    if (message.kind === "setup") {
      setups.push(message);
      secrets.push(...(message.secrets ?? []).map((secret) => hex(new Uint8Array(secret))));
    }
    deliver();
  });
  const pool = poolOf(xchacha, 2, { threads: 3 });
  await pool.ready();
  restoreWorkers();
  expect(secrets).toEqual(Array(3).fill(hex(nativeOf(xchacha, 2).secret)));
  expect(setups.map(({ module }) => module instanceof WebAssembly.Module)).toEqual([true, true, true]);
  for (const { secrets: sent } of setups) {
    expect(sent?.map((secret) => new Uint8Array(secret).some((byte) => byte !== 0))).toEqual([false]);
  }
  await pool.close();
});

it("holds a bounded number of packets: beyond it, calls are refused until there is room again", async () => {
  const pool = poolOf(xchacha, 2);
  const [genuine] = genuinePackets(xchacha, 2, 1, random) as [Uint8Array];
  const many = new Array<Uint8Array>(270_000).fill(genuine);
  const controller = new AbortController();
  const large = pool.verifyMany(many, { now: NOW, signal: controller.signal });
  const error = await expectRejection(pool.verifyMany(many.slice(0, 10), { now: NOW }), "ERR_BUSY", "packets");
  expect(error.message).toContain("await earlier calls");
  controller.abort();
  await expect(large).rejects.toMatchObject({ name: "AbortError" });
  expect(texts(await pool.verifyMany(all, { now: NOW }))).toEqual(expected);
  await pool.close();
});

describe("the process", () => {
  const module = new URL("../../../dist/src/cute/pool.js", import.meta.url).href;
  const run = (script: string) => {
    const begin = `
      import { CutePool } from ${JSON.stringify(module)};
      const secret = new Uint8Array(32).fill(7);
      const pool = new CutePool({ suite: "xchacha20poly1305", applicationId: 1, secret, threads: 2 });
      // All that is public is in order: it takes a worker to refuse them.
      const packets = new Uint8Array(3000 * 1024);
      const header = [0, ...Buffer.from("CUTE 1.00\\0"), 1, 0, 0, 0, 0, 0, 0, 0, ...Array(8).fill(255)];
      for (let i = 0; i < 3000; i++) packets.set(header, i * 1024);
    `;
    return promisify(execFile)(process.execPath, ["--input-type=module", "-e", begin + script], { timeout: 20_000 });
  };

  it("ends by itself where the pool was never used, and where it is idle", async () => {
    expect((await run(`console.log("made");`)).stdout).toBe("made\n");
    const idle = `console.log((await pool.verifyMany(packets)).length);`;
    expect((await run(idle)).stdout).toBe("3000\n");
  });

  it("does not end while a call is pending, nor before a close is done", async () => {
    const pending = `
      process.on("exit", () => console.log("exit"));
      pool.verifyMany(packets).then((verdicts) => console.log(verdicts.length));
      setTimeout(() => pool.verifyMany(packets).then(() => pool.close()).then(() => console.log("closed")), 300).ref();
    `;
    expect((await run(pending)).stdout).toBe("3000\nclosed\nexit\n");
    // While workers are still beginning.
    const early = `
      const many = new CutePool({ suite: "xchacha20poly1305", applicationId: 1, secret, threads: 8 });
      console.log((await many.verifyMany(packets.subarray(0, 1024))).length);
      await many.close();
      console.log("closed");
    `;
    expect((await run(early)).stdout).toBe("1\nclosed\n");
  });
});
