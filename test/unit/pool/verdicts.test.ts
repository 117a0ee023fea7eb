import { afterAll, describe, expect, it, vi } from "vitest";
import { concat, patched, to32Bytes, toInteger } from "../../support/bytes.ts";
import { hydrogen, NOW, nativeOf, packetOf, plainFields, tokensOf, xchacha } from "../../support/cute.ts";
import { expectedTexts, mixedPackets, poolOf, texts } from "../../support/pool.ts";
import { Random } from "../../support/random.ts";

// Around a task's smallest sizes, the window of 128 and the largest task of 256.
const SIZES = [0, 1, 2, 31, 32, 33, 64, 65, 127, 128, 129, 159, 255, 256, 257, 511, 513, 1025, 2049, 5000];

describe.each([xchacha, hydrogen])("CutePool, suite $suite", (suite) => {
  const random = new Random(suite.publicBytes + 40);
  const packets = mixedPackets(suite, 2, 5000, random);
  const options = { serverEndpoint: "10.0.0.1:7777" };
  const holder = tokensOf(suite, 2, options);
  const expected = expectedTexts(holder, packets);
  const pool = poolOf(suite, 2, options);
  afterAll(() => pool.close());

  it("says of each packet what CuteTokens says: every reason, every claim", async () => {
    const verdicts = await pool.verifyMany(concat(...packets), { now: NOW });
    expect(texts(verdicts)).toEqual(expected);
    expect(new Set(expected.filter((one) => !one.includes("|"))).size).toBe(6);
    expect(verdicts.validCount).toBe(expected.filter((one) => one.includes("|")).length);
    expect(verdicts.validCount).toBeGreaterThan(2000);
    expect(verdicts.reasonAt(expected.indexOf("not-genuine"))).toBe("not-genuine");
    expect(() => verdicts.at(5000)).toThrow("index");
  });

  it.each([1, 2, 3, 5])("of every number of packets, in both forms, with %i threads", async (threads) => {
    const another = poolOf(suite, 2, { ...options, threads });
    for (const size of SIZES) {
      const from = random.below(5001 - size);
      const some = packets.slice(from, from + size);
      const wanted = expected.slice(from, from + size);
      expect(texts(await another.verifyMany(some, { now: NOW })), `list of ${size}`).toEqual(wanted);
      expect(texts(await another.verifyMany(concat(...some), { now: NOW })), `${size} end to end`).toEqual(wanted);
    }
    await another.close();
  });

  it("of lists in which not everything is a packet", async () => {
    const others: unknown[] = [new Uint8Array(1023), new Uint8Array(1114), null, "packet", {}, new Uint16Array(512)];
    const list = packets.slice(0, 700).map((packet, i) => (i % 3 ? packet : others[(i / 3) % others.length]));
    const wanted = list.map((_, i) => (i % 3 ? expected[i] : "wrong-size"));
    expect(texts(await pool.verifyMany(list as Uint8Array[], { now: NOW }))).toEqual(wanted);
    expect(texts(await pool.verifyMany([null] as unknown as Uint8Array[]))).toEqual(["wrong-size"]);
  });

  it("many calls at once, each with its own verdicts", async () => {
    const calls = Array.from({ length: 60 }, (_, i) => {
      const from = random.below(4000);
      const size = i % 7 === 0 ? 1000 : 1 + random.below(300);
      return { from, size, verdicts: pool.verifyMany(packets.slice(from, from + size), { now: NOW }) };
    });
    for (const { from, size, verdicts } of calls) {
      expect(texts(await verdicts)).toEqual(expected.slice(from, from + size));
    }
  });

  it("a small call does not wait for all of a large one that came before", async () => {
    const order: string[] = [];
    const large = pool.verifyMany(concat(...packets, ...packets), { now: NOW }).then(() => order.push("large"));
    const small = pool.verifyMany(packets.slice(0, 40), { now: NOW }).then(() => order.push("small"));
    await Promise.all([large, small]);
    expect(order).toEqual(["small", "large"]);
  });

  it("leaves the caller its memory, which may be used again at once", async () => {
    const buffer = concat(...packets);
    const list = packets.slice(0, 3000).map((packet) => packet.slice());
    const calls = [pool.verifyMany(buffer, { now: NOW }), pool.verifyMany(list, { now: NOW })];
    buffer.fill(0xff);
    for (const packet of list) packet.fill(0xff);
    list.length = 0;
    const [first, second] = await Promise.all(calls);
    buffer.fill(0xee);
    expect(first && texts(first)).toEqual(expected);
    expect(second && texts(second)).toEqual(expected.slice(0, 3000));
    expect(buffer.buffer.byteLength).toBe(5000 * 1024);
  });

  it("verdicts stay what they are while the pool goes on", async () => {
    const verdicts = await pool.verifyMany(packets.slice(0, 300), { now: NOW });
    await pool.verifyMany(concat(...packets.slice(1000, 3000)), { now: NOW });
    expect(texts(verdicts)).toEqual(expected.slice(0, 300));
  });

  it("takes a Buffer, an odd offset, shared memory", async () => {
    const some = concat(...packets.slice(0, 300));
    const shared = new Uint8Array(new SharedArrayBuffer(some.length + 1), 1);
    shared.set(some);
    for (const form of [Buffer.from(some), concat(new Uint8Array(3), some).subarray(3), shared]) {
      expect(texts(await pool.verifyMany(form, { now: NOW }))).toEqual(expected.slice(0, 300));
    }
  });

  it("where memory cannot be shared, says the same", async () => {
    vi.stubGlobal("SharedArrayBuffer", undefined);
    const another = poolOf(suite, 2, options);
    await another.ready();
    vi.unstubAllGlobals();
    const buffer = concat(...packets);
    const verdicts = another.verifyMany(buffer, { now: NOW });
    buffer.fill(0);
    expect(texts(await verdicts)).toEqual(expected);
    await another.close();
  });

  it("now is the caller's, or the clock's when the call is made", async () => {
    const { claims } = holder.verify(packets[expected.findIndex((one) => one.includes("|"))] as Uint8Array, {
      now: NOW,
    }) as { claims: { expirationTimestamp: bigint } };
    const fresh = packets.slice(0, 200).filter((_, i) => expected[i]?.includes("|"));
    const at = async (now: bigint | number) => (await pool.verifyMany(fresh, { now })).validCount;
    expect(claims.expirationTimestamp).toBe(NOW + 100n);
    expect(await at(NOW + 99n)).toBe(fresh.length);
    expect(await at(Number(NOW) + 100)).toBe(0);
    vi.useFakeTimers({ now: Number(NOW + 100n) * 1000 - 1, toFake: ["Date"] });
    const call = pool.verifyMany(fresh);
    vi.setSystemTime(Number(NOW + 100n) * 1000);
    const later = pool.verifyMany(fresh);
    vi.useRealTimers();
    expect((await call).validCount).toBe(fresh.length);
    expect((await later).validCount).toBe(0);
  });

  it("any of several secrets verifies; pools beside each other do not mix", async () => {
    const applicationId = 9n;
    const issuers = [3, 4].map((index) => tokensOf(suite, index, { applicationId }));
    const list = Array.from({ length: 600 }, (_, i) =>
      packetOf(issuers[i % 2]?.issue(plainFields(random)) as Uint8Array),
    );
    const { CutePool } = await import("../../../dist/src/cute/pool.js");
    const secrets = [3, 4].map((index) => nativeOf(suite, index).secret.slice());
    const make = (secret: Uint8Array | Uint8Array[]) =>
      new CutePool({ suite: suite.suite, applicationId, secret, threads: 1 });
    const pools = [secrets, ...secrets].map(make);
    for (const secret of secrets) secret.fill(1);
    const counts = (await Promise.all(pools.map((one) => one.verifyMany(list, { now: NOW })))).map((verdicts) =>
      list.map((_, i) => verdicts.isValid(i)),
    );
    expect(counts).toEqual([list.map(() => true), list.map((_, i) => i % 2 === 0), list.map((_, i) => i % 2 === 1)]);
    await Promise.all(pools.map((one) => one.close()));
  });
});

it("strict and strict: false reach the workers", async () => {
  const L = 2n ** 252n + 27742317777372353535851937790883648493n; // the group's order
  const holder = tokensOf(hydrogen, 2);
  const packet = packetOf(holder.issue(plainFields(new Random(77))));
  const other = patched(packet, 992, to32Bytes(toInteger(packet.subarray(992)) + L));
  const found = [];
  for (const strict of [true, false]) {
    const pool = poolOf(hydrogen, 2, { strict });
    found.push(texts(await pool.verifyMany([packet, other], { now: NOW })));
    await pool.close();
  }
  const [genuine] = expectedTexts(holder, [packet]);
  expect(found).toEqual([
    [genuine, "not-genuine"],
    [genuine, genuine],
  ]);
});
