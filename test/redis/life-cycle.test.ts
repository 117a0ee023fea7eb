import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RedisTokenHistory } from "../../src/history/redis.ts";
import { type Event, LIFE_CYCLE, LIFE_CYCLE_IN_REDIS, type Outcome, type State } from "../reference/history.ts";
import { CLIENTS, type Connected } from "./clients.ts";
import { RedisServer } from "./server.ts";

const START = 1_700_000_000;
const LIFETIME = 30;
const NOW = START + 100;
const END = NOW + LIFETIME;
const TOKEN = { tokenId: "netcode:00ff", expiresAt: BigInt(END) };
const ITS = "192.0.2.1:5000";
const OTHER = "192.0.2.2:5000";

const cells = Object.entries(LIFE_CYCLE).flatMap(([state, events]) =>
  Object.entries(events).map(([event, outcome]) => {
    const other: Outcome | undefined = LIFE_CYCLE_IN_REDIS[`${state as State}, ${event as Event}`];
    return [state as State, event as Event, other ?? outcome] as const;
  }),
);

describe.each(Object.entries(CLIENTS))("the life cycle of a token in Redis, by %s", (_, connect) => {
  let server: RedisServer;
  let connected: Connected;
  beforeAll(async () => {
    server = await RedisServer.start();
    connected = await connect(server.port);
  });
  afterAll(async () => {
    connected.close();
    await server.dispose();
  });

  it.each(cells)("%s, %s", async (state, event, [answer, next]) => {
    await server.admin.flushall();
    const history = new RedisTokenHistory(connected.client, { maxLifetime: LIFETIME, handshakeTimeout: 10 });
    let now = NOW;
    expect(await history.claim({ tokenId: "first", expiresAt: START + 1 }, { now: START })).toBe("before-start");
    if (state !== "unknown") expect(await history.admit(TOKEN, ITS, { now })).toBe("new");
    if (state === "used") expect(await history.consume(TOKEN.tokenId)).toBe(true);

    let got: unknown;
    if (event === "admit from its address") got = await history.admit(TOKEN, ITS, { now });
    else if (event === "admit from another address") got = await history.admit(TOKEN, OTHER, { now });
    else if (event === "claim") got = await history.claim(TOKEN, { now });
    else if (event === "consume") got = await history.consume(TOKEN.tokenId);
    else if (event === "its end passes") {
      // Redis counts the seconds itself: they are taken off here.
      now = END;
      for (const [key, left] of await server.keys()) {
        const gone = (LIFETIME + 5 + 10) * 1000;
        if (left >= 0) await server.admin.pexpire(key, left - gone);
      }
    } else {
      await server.admin.flushall();
      expect(await history.claim({ tokenId: "first", expiresAt: now + 1 }, { now })).toBe("before-start");
    }
    expect(got).toBe(answer);

    now += 10;
    const found = await history.admit({ ...TOKEN, expiresAt: now + LIFETIME }, "192.0.2.3:5000", { now });
    expect({ new: "unknown", elsewhere: "pending", used: "used" }[found as "new" | "elsewhere" | "used"]).toBe(next);
  });
});
