import { setTimeout as sleep } from "node:timers/promises";
import { createClient } from "redis";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { RedisTokenHistory, type RedisTokenHistoryOptions } from "../../src/history/redis.ts";
import { batchOf } from "../support/histories.ts";
import { CLIENTS, type Connected } from "./clients.ts";
import { RedisServer } from "./server.ts";

const LIFETIME = 30;
const SKEW = 5;
const START = 1_700_000_000;
/** When tokens of the full lifetime are taken again after {@link START}. */
const NOW = START + 20;
const now = { now: NOW };
const token = (tokenId: string, expiresAt = NOW + LIFETIME) => ({ tokenId, expiresAt });

describe.each(Object.entries(CLIENTS))("a history in Redis, by %s", (_, connect) => {
  let server: RedisServer;
  let connected: Connected;
  const historyOf = (options: Partial<RedisTokenHistoryOptions> = {}) =>
    new RedisTokenHistory(connected.client, { maxLifetime: LIFETIME, timeout: 300, ...options });
  /** One whose start is long enough ago. */
  const startedHistory = async (options?: Partial<RedisTokenHistoryOptions>) => {
    const history = historyOf(options);
    expect(await history.claim(token("first", START + 1), { now: START })).toBe("before-start");
    return history;
  };

  beforeAll(async () => {
    server = await RedisServer.start();
    connected = await connect(server.port);
  });
  afterAll(async () => {
    connected.close();
    await server.dispose();
  });
  beforeEach(async () => {
    await server.admin.flushall();
  });
  afterEach(async () => {
    await server.admin.config("SET", "maxmemory", "0", "maxmemory-policy", "noeviction");
  });

  it("keeps an entry until its end and the skew, a pending one for the longest handshake beyond it, and nothing else", async () => {
    const history = await startedHistory({ prefix: "game", tenant: "eu", handshakeTimeout: 20 });
    await history.claim(token("cute:a", NOW + 25), now);
    await history.admit(token("netcode:b", NOW + 25), "192.0.2.1:5000", now);
    expect(await history.consume("netcode:unknown")).toBe(false);
    const keys = await server.keys();
    expect([...keys.keys()]).toEqual(["game:{eu}", "game:{eu}:cute:a", "game:{eu}:netcode:b"]);
    const left = [...keys.values()];
    expect(left[0]).toBe(-1);
    for (const [i, seconds] of [
      [1, 25 + SKEW],
      [2, 25 + SKEW + 20],
    ] as const) {
      expect(left[i]).toBeGreaterThan(seconds * 1000 - 5000);
      expect(left[i]).toBeLessThanOrEqual(seconds * 1000);
    }
    expect(await history.consume("netcode:b")).toBe(true);
    expect((await server.keys()).get("game:{eu}:netcode:b")).toBeGreaterThan(0);
  });

  it("forgets what has ended by itself", async () => {
    const history = await startedHistory({ skew: 0, maxLifetime: 1 });
    expect(await history.claim(token("cute:a", NOW + 1), now)).toBe("new");
    expect((await server.keys()).size).toBe(2);
    await sleep(1100);
    expect((await server.keys()).size).toBe(1);
  });

  it("keeps tenants and prefixes apart, whatever their tokens are called", async () => {
    const names = [{}, { tenant: "a" }, { tenant: "a:b" }, { prefix: "a" }, { prefix: "a", tenant: "b" }];
    const histories = await Promise.all(names.map((options) => startedHistory(options)));
    const ids = ["x", "b}:x", "{b}:x", ":x"];
    for (const history of histories) for (const id of ids) expect(await history.claim(token(id), now)).toBe("new");
    for (const history of histories) for (const id of ids) expect(await history.claim(token(id), now)).toBe("used");
  });

  it("claims a batch as one by one, in order, and refused verdicts not at all", async () => {
    const history = await startedHistory();
    const batch = Array.from({ length: 1024 }, (_, i): [string, number] | undefined =>
      i % 7 === 0 ? undefined : [`netcode:${i % 900}`, NOW - 5 + (i % 50)],
    );
    const answers = await history.claimMany(batchOf(batch), now);
    const one = await startedHistory({ tenant: "one" });
    const expected: unknown[] = [];
    for (const item of batch) expected.push(item && (await one.claim(token(...item), now)));
    expect(answers).toEqual(expected);
    expect(new Set(expected).size).toBe(6);
    expect(await history.claimMany(batchOf([]), now)).toEqual([]);
  });

  it("goes on where the server has lost its scripts", async () => {
    const history = await startedHistory();
    expect(await history.claim(token("cute:a"), now)).toBe("new");
    await server.admin.script("FLUSH");
    expect(await history.claim(token("cute:a"), now)).toBe("used");
    await server.admin.script("FLUSH");
    const batch = Array.from({ length: 600 }, (_, i): [string, number] => [`cute:${i}`, NOW + 20]);
    expect(new Set(await history.claimMany(batchOf(batch), now))).toEqual(new Set(["new"]));
  });

  it("takes an emptied server for a new start: what may have been used before is refused", async () => {
    const history = await startedHistory();
    expect(await history.claim(token("cute:a"), now)).toBe("new");
    expect(await history.admit(token("netcode:b"), "192.0.2.1:5000", now)).toBe("new");
    await server.admin.flushall();
    const later = { now: NOW + 10 };
    expect(await history.consume("netcode:b")).toBe(false);
    for (const id of ["cute:a", "netcode:b", "cute:c"])
      expect(await history.claim(token(id), later)).toBe("before-start");
    expect(await history.claim(token("cute:d", NOW + 10 + SKEW + LIFETIME), later)).toBe("before-start");
    expect(await history.claim(token("cute:d", NOW + 11 + SKEW + LIFETIME), { now: NOW + 11 })).toBe("new");
  });

  it("answers unavailable on a server that pauses, and lets nobody in; unless an option says so", async () => {
    const history = await startedHistory();
    const open = await startedHistory({ admitWhenUnavailable: true });
    await server.admin.call("CLIENT", "PAUSE", "1200", "ALL");
    const begin = performance.now();
    const answers = await Promise.all([
      history.claim(token("cute:a"), now),
      history.admit(token("cute:b"), undefined, now),
      history.consume("cute:c"),
      history.claimMany(batchOf([["cute:d", NOW + 9], undefined, ["cute:e", NOW]]), now),
      open.claim(token("cute:f"), now),
      open.consume("cute:g"),
      open.claim(token("cute:h", NOW + 1000), now),
      open.claim(token("cute:i", NOW), now),
    ]);
    expect(performance.now() - begin).toBeLessThan(1000);
    expect(answers).toEqual([
      ...["unavailable", "unavailable", "unavailable", ["unavailable", undefined, "expired"]],
      ...["new", true, "lifetime-too-long", "expired"],
    ]);
    while ((await history.claim(token("cute:later"), now)) === "unavailable") await sleep(100);
    // What was answered too late is used up: nobody was told that it is new.
    expect(await history.claim(token("cute:a"), now)).toBe("used");
  });

  it("answers unavailable on a server that was stopped, and goes on when it runs again", async () => {
    const history = await startedHistory();
    server.signal("SIGSTOP");
    expect(await history.claim(token("cute:a"), now)).toBe("unavailable");
    server.signal("SIGCONT");
    let answer = await history.claim(token("cute:b"), now);
    for (let i = 0; i < 50 && answer === "unavailable"; i++) answer = await history.claim(token(`cute:b${i}`), now);
    expect(answer).toBe("new");
  });

  it("rejects with the signal's reason, before or while it asks", async () => {
    const history = await startedHistory();
    const reason = new Error("the player left");
    await expect(history.claim(token("cute:a"), { ...now, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    await expect(history.consume("cute:a", { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(await history.claim(token("cute:a"), now)).toBe("new");
    await server.admin.call("CLIENT", "PAUSE", "500", "ALL");
    const controller = new AbortController();
    const asked = history.claim(token("cute:b"), { ...now, signal: controller.signal });
    controller.abort(reason);
    await expect(asked).rejects.toBe(reason);
    await sleep(600);
  });

  it("says full on a server without room, forgets nothing there, and still lets a pending token be consumed", async () => {
    const history = await startedHistory();
    expect(await history.claim(token("cute:used"), now)).toBe("new");
    expect(await history.admit(token("netcode:pending"), "192.0.2.1:5000", now)).toBe("new");
    await server.admin.config("SET", "maxmemory", "1");
    expect(await history.claim(token("cute:a"), now)).toBe("full");
    expect(await history.admit(token("netcode:a"), "192.0.2.1:5000", now)).toBe("full");
    const batch = batchOf([
      ["cute:used", NOW + LIFETIME],
      ["cute:b", NOW + 9],
      ["cute:b", NOW + LIFETIME],
    ]);
    expect(await history.claimMany(batch, now)).toEqual(["used", "before-start", "full"]);
    expect(await history.admit(token("netcode:pending"), "192.0.2.1:5000", now)).toBe("again");
    expect(await history.consume("netcode:pending")).toBe(true);
    expect(await history.consume("netcode:pending")).toBe(false);
    await server.admin.config("SET", "maxmemory", "0");
    for (const id of ["cute:a", "netcode:a", "cute:b"]) expect(await history.claim(token(id), now)).toBe("new");
  });

  it("refuses a server that drops keys, at the first question and at each until it does so no more", async () => {
    for (const policy of ["allkeys-lru", "volatile-ttl", "allkeys-random"]) {
      await server.admin.config("SET", "maxmemory", "100mb", "maxmemory-policy", policy);
      const history = historyOf({ admitWhenUnavailable: true });
      for (const ask of [() => history.claim(token("cute:a"), now), () => history.consume("cute:a")]) {
        await expect(ask()).rejects.toMatchObject({ code: "ERR_RANGE", argument: "client" });
      }
      // Without a limit nothing is ever dropped, whatever the policy.
      await server.admin.config("SET", "maxmemory", "0");
      expect(await history.claim(token("cute:a", NOW + 1), now)).toBe("before-start");
    }
  });
});

describe("a Redis that is started again", () => {
  it.each([
    ["empty", []],
    ["with what a snapshot had, the last tokens missing", ["--dbfilename", "dump.rdb"]],
    ["with its whole log", ["--appendonly", "yes", "--appendfsync", "always"]],
  ])("%s: is a new start, and nothing used before gets in again", async (kind, options) => {
    const server = await RedisServer.start(...options);
    const connected = await (CLIENTS["ioredis 5"] as (typeof CLIENTS)[string])(server.port);
    const history = new RedisTokenHistory(connected.client, { maxLifetime: LIFETIME });
    try {
      expect(await history.claim(token("first", START + 1), { now: START })).toBe("before-start");
      expect(await history.claim(token("cute:a"), now)).toBe("new");
      if (kind.includes("snapshot")) await server.admin.save();
      expect(await history.claim(token("cute:b"), now)).toBe("new");
      expect(await history.admit(token("netcode:c"), "192.0.2.1:5000", now)).toBe("new");
      await server.restart("SIGKILL");
      const kept = await server.keys();
      expect(kept.size).toBe(kind.includes("log") ? 4 : kind.includes("snapshot") ? 2 : 0);
      const later = { now: NOW + 5 };
      let answer = await history.claim(token("cute:b"), later);
      for (let i = 0; i < 50 && answer === "unavailable"; i++) {
        await sleep(50);
        answer = await history.claim(token("cute:b"), later);
      }
      expect(answer).toBe("before-start");
      expect(await history.claim(token("cute:a"), later)).toBe("before-start");
      expect(await history.consume("netcode:c")).toBe(false);
      const after = NOW + 5 + SKEW + 1;
      expect(await history.claim(token("cute:d", after + LIFETIME), { now: after })).toBe("new");
    } finally {
      connected.close();
      await server.dispose();
    }
  });

  it("is unavailable while it is away, for a client that fails at once and for one that queues", async () => {
    const server = await RedisServer.start();
    const client = createClient({ url: `redis://127.0.0.1:${server.port}` });
    client.on("error", () => {});
    await client.connect();
    const direct = await (CLIENTS["redis 5"] as (typeof CLIENTS)[string])(server.port);
    await server.end("SIGKILL");
    for (const one of [client, direct.client]) {
      const history = new RedisTokenHistory(one, { maxLifetime: LIFETIME, timeout: 100 });
      expect(await history.claim(token("cute:a"), now)).toBe("unavailable");
      expect(await history.consume("cute:a")).toBe("unavailable");
    }
    client.destroy();
    direct.close();
    await server.begin();
    await server.dispose();
  });
});
