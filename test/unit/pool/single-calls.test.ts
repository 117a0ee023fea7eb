import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import type { CuteClaims, CuteReason, Verdict } from "../../../dist/src/cute/pool.js";
import { flipBit } from "../../support/bytes.ts";
import { hydrogen, NOW, tokensOf, xchacha } from "../../support/cute.ts";
import { revoked } from "../../support/garbage.ts";
import {
  expectedTexts,
  expectRejection,
  genuinePackets,
  mixedPackets,
  poolOf,
  restoreWorkers,
  texts,
  watchWorkers,
} from "../../support/pool.ts";
import { Random } from "../../support/random.ts";

const says = (verdict: Verdict<CuteClaims, CuteReason>): string => texts([verdict])[0] as string;
const genuine = genuinePackets(xchacha, 2, 300, new Random(61));
const now = { now: NOW };

afterEach(restoreWorkers);

/** The counts of packets of what is posted from here on. */
function posted(): number[] {
  const counts: number[] = [];
  watchWorkers((_, message, deliver) => {
    if (message.kind === "work") counts.push(message.count as number);
    deliver();
  });
  return counts;
}

describe.each([xchacha, hydrogen])("pool.verify, suite $suite", (suite) => {
  const packets = mixedPackets(suite, 2, 1000, new Random(suite.publicBytes + 62));
  const options = { serverEndpoint: "10.0.0.1:7777" };
  const holder = tokensOf(suite, 2, options);
  const expected = expectedTexts(holder, packets);
  const pool = poolOf(suite, 2, options);
  afterAll(() => pool.close());

  it("says of each packet what CuteTokens says: every reason, every claim", async () => {
    const verdicts = await Promise.all(packets.map((packet) => pool.verify(packet, now)));
    expect(verdicts.map(says)).toEqual(expected);
    expect(new Set(expected.filter((one) => !one.includes("|"))).size).toBe(6);
  });

  it("of one packet after the other as well", async () => {
    for (let i = 0; i < 40; i++) expect(says(await pool.verify(packets[i] as Uint8Array, now))).toBe(expected[i]);
  });

  it("judges an expiry with leeway and a longest lifetime as CuteTokens does", async () => {
    const lenient = { ...options, leeway: 30, maxLifetime: 100 };
    const [other, reference] = [poolOf(suite, 2, lenient), tokensOf(suite, 2, lenient)];
    const reasons = new Set<unknown>();
    for (const moment of [0n, 29n, 30n, NOW - 6n, NOW - 5n, NOW, NOW + 99n, NOW + 100n, NOW + 129n, NOW + 130n]) {
      const wanted = texts(reference.verifyMany(packets.slice(0, 60), { now: moment }));
      const ones = await Promise.all(packets.slice(0, 60).map((packet) => other.verify(packet, { now: moment })));
      expect(ones.map(says), `at ${moment}`).toEqual(wanted);
      for (const one of ones) reasons.add(one.valid || one.reason);
    }
    for (const reason of [true, "expired", "lifetime-too-long"]) expect(reasons).toContain(reason);
    await other.close();
  });

  it("judges the public header as the kernel does, at every bit of it and around every moment", async () => {
    const packet = packets[expected.findIndex((one) => one.includes("|"))] as Uint8Array;
    const changed = Array.from({ length: 8 * 40 }, (_, bit) => flipBit(packet, bit)).concat(packet);
    const { claims } = holder.verify(packet, now) as { claims: CuteClaims };
    const end = claims.expirationTimestamp;
    for (const moment of [
      0n,
      1n,
      end - 1n,
      end,
      end + 1n,
      end + 2n ** 32n,
      2n ** 32n - 1n,
      2n ** 63n,
      2n ** 64n - 1n,
    ]) {
      const wanted = holder.verifyMany(changed, { now: moment });
      const [many, ones] = await Promise.all([
        pool.verifyMany(changed, { now: moment }),
        Promise.all(changed.map((one) => pool.verify(one, { now: moment }))),
      ]);
      expect(texts(many), `at ${moment}`).toEqual(texts(wanted));
      expect(ones.map(says), `at ${moment}`).toEqual(texts(wanted));
    }
  });
});

describe("the calls of one turn", () => {
  it("go to the workers together, those of several timers and datagrams too", async () => {
    const counts = posted();
    const pool = poolOf(xchacha, 2, { threads: 1 });
    await pool.ready();
    const calls: Promise<Verdict<CuteClaims, CuteReason>>[] = [];
    // Callbacks of one phase, each with microtasks of its own.
    await new Promise<void>((resolve) => {
      for (const packet of genuine.slice(0, 100)) {
        setImmediate(async () => {
          await undefined;
          if (calls.push(pool.verify(packet, now)) === 100) resolve();
        });
      }
    });
    expect(counts).toEqual([]);
    const verdicts = await Promise.all(calls);
    expect(verdicts.map(({ valid }) => valid)).toEqual(Array(100).fill(true));
    expect(counts).toEqual([100]);
    await pool.verify(genuine[0] as Uint8Array, now);
    expect(counts).toEqual([100, 1]);
    await pool.close();
  });

  it("with a now of their own are judged by it", async () => {
    const pool = poolOf(xchacha, 2);
    const [packet] = genuine as [Uint8Array];
    const moments = [NOW, NOW + 100n, NOW, NOW + 99n, Number(NOW), NOW + 100n];
    const verdicts = await Promise.all(moments.map((moment) => pool.verify(packet, { now: moment })));
    expect(verdicts.map(({ valid }) => valid)).toEqual([true, false, true, true, true, false]);
    vi.useFakeTimers({ now: Number(NOW + 100n) * 1000 - 1, toFake: ["Date"] });
    const inTime = pool.verify(packet);
    vi.setSystemTime(Number(NOW + 100n) * 1000);
    const late = pool.verify(packet);
    vi.useRealTimers();
    expect([(await inTime).valid, (await late).valid]).toEqual([true, false]);
    await pool.close();
  });

  it("leave the caller its memory, which may be used again at once", async () => {
    const pool = poolOf(xchacha, 2);
    const receiveBuffer = new Uint8Array(1024);
    const calls = genuine.map((packet) => {
      receiveBuffer.set(packet);
      return pool.verify(receiveBuffer, now);
    });
    receiveBuffer.fill(0);
    const verdicts = await Promise.all(calls);
    expect(verdicts.map(says)).toEqual(expectedTexts(tokensOf(xchacha, 2), genuine));
    await pool.close();
  });

  it("beyond 4096 packets are sent without waiting for its end", async () => {
    const counts = posted();
    const pool = poolOf(xchacha, 2, { threads: 1 });
    await pool.ready();
    const calls = Array.from({ length: 5000 }, (_, i) => pool.verify(genuine[i % 300] as Uint8Array, now));
    expect(counts).toEqual([256, 256]);
    expect((await Promise.all(calls)).filter(({ valid }) => valid).length).toBe(5000);
    expect(counts.reduce((sum, count) => sum + count)).toBe(5000);
    await pool.close();
  });

  it("are refused where too many packets wait, and the pool goes on", async () => {
    const pool = poolOf(xchacha, 2);
    const controller = new AbortController();
    const many = new Array<Uint8Array>(270_000).fill(genuine[0] as Uint8Array);
    const large = pool.verifyMany(many, { ...now, signal: controller.signal });
    await expectRejection(pool.verify(genuine[0] as Uint8Array, now), "ERR_BUSY", "packets");
    controller.abort();
    await expect(large).rejects.toMatchObject({ name: "AbortError" });
    expect((await pool.verify(genuine[0] as Uint8Array, now)).valid).toBe(true);
    await pool.close();
  });

  it("are finished by a close in the same turn", async () => {
    const pool = poolOf(xchacha, 2);
    const calls = genuine.map((packet) => pool.verify(packet, now));
    await pool.close();
    expect((await Promise.all(calls)).every(({ valid }) => valid)).toBe(true);
    await expectRejection(pool.verify(genuine[0] as Uint8Array, now), "ERR_DISPOSED", "this");
  });
});

describe("nothing is posted of what its size or header refuses", () => {
  it("alone and among others, by either verb", async () => {
    const counts = posted();
    const pool = poolOf(xchacha, 2, { threads: 1 });
    await pool.ready();
    const good = genuine[0] as Uint8Array;
    const refused: [unknown, CuteReason][] = [
      [new Uint8Array(1023), "wrong-size"],
      [new Uint8Array(1114), "wrong-size"],
      [null, "wrong-size"],
      ["packet", "wrong-size"],
      [revoked({}), "wrong-size"],
      [flipBit(good, 0), "not-a-connect-token"],
      [flipBit(good, 8 * 5), "not-a-connect-token"],
      [flipBit(good, 8 * 11), "wrong-application"],
      [flipBit(good, 8 * 18 + 7), "wrong-application"],
    ];
    for (const [packet, reason] of refused) {
      expect(await pool.verify(packet as Uint8Array, now)).toEqual({ valid: false, reason });
      expect((await pool.verifyMany([packet as Uint8Array], now)).reasonAt(0)).toBe(reason);
    }
    expect(await pool.verify(good, { now: NOW + 100n })).toEqual({ valid: false, reason: "expired" });
    expect(counts).toEqual([]);
    const list = refused.flatMap(([packet]) => [packet, good, good]) as Uint8Array[];
    const verdicts = await pool.verifyMany(list, now);
    const wanted = refused.flatMap(([, reason]) => [reason, undefined, undefined]);
    expect(list.map((_, i) => verdicts.reasonAt(i))).toEqual(wanted);
    expect(texts(verdicts).filter((one) => one.includes("|")).length).toBe(2 * refused.length);
    expect(counts).toEqual([2 * refused.length]);
    await pool.close();
  });
});

describe("the options of verify", () => {
  const pool = poolOf(xchacha, 2);
  afterAll(() => pool.close());
  const good = genuine[0] as Uint8Array;

  it("that are wrong reject", async () => {
    await expectRejection(pool.verify(good, 1 as never), "ERR_TYPE", "options");
    await expectRejection(pool.verify(good, revoked({})), "ERR_TYPE", "options");
    await expectRejection(pool.verify(good, { now: 1e12 }), "ERR_RANGE", "now");
    await expectRejection(pool.verify(good, { Now: 1 } as never), "ERR_TYPE", "Now");
    await expectRejection(pool.verifyMany([good], { signals: undefined } as never), "ERR_TYPE", "signals");
    for (const signal of [null, 1, {}, { aborted: false }, revoked({})]) {
      await expectRejection(pool.verify(good, { signal: signal as never }), "ERR_TYPE", "signal");
    }
  });

  it("signal: aborted before, meanwhile and after", async () => {
    const reason = new Error("too late");
    await expect(pool.verify(good, { ...now, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const calls = [pool.verify(good, { ...now, signal: controller.signal }), pool.verify(good, now)] as const;
    controller.abort(reason);
    await expect(calls[0]).rejects.toBe(reason);
    expect((await calls[1]).valid).toBe(true);
    const listeners = new Set<unknown>();
    const signal = {
      aborted: false,
      addEventListener: (_: "abort", listener: () => void) => void listeners.add(listener),
      removeEventListener: (_: "abort", listener: () => void) => void listeners.delete(listener),
    };
    const call = pool.verify(good, { ...now, signal });
    expect(listeners.size).toBe(1);
    expect((await call).valid).toBe(true);
    expect(listeners.size).toBe(0);
  });
});
