import { setTimeout as sleep } from "node:timers/promises";
import { Cluster } from "ioredis";
import { createCluster } from "redis";
import { createCluster as createCluster4 } from "redis4";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type IoredisClient, type NodeRedisClient, RedisTokenHistory } from "../../src/history/redis.ts";
import { expectError } from "../support/errors.ts";
import { batchOf } from "../support/histories.ts";
import { freePort, RedisServer } from "./server.ts";

const SLOTS = 16_384;
const START = 1_700_000_000;
const NOW = START + 6;
const now = { now: NOW };
const TENANTS = Array.from({ length: 12 }, (_, i) => `tenant ${i}`);
let servers: RedisServer[];

beforeAll(async () => {
  servers = [];
  let first: string[] = [];
  for (let i = 0; i < 3; i++) {
    const bus = String(await freePort());
    const server = await RedisServer.start("--cluster-enabled", "yes", "--cluster-port", bus);
    servers.push(server);
    const [from, to] = [i, i + 1].map((third) => Math.floor((third * SLOTS) / 3)) as [number, number];
    await server.admin.call("CLUSTER", "ADDSLOTSRANGE", String(from), String(to - 1));
    if (i === 0) first = [String(server.port), bus];
    else await server.admin.call("CLUSTER", "MEET", "127.0.0.1", ...first);
  }
  for (const { admin } of servers) {
    const info = async () => String(await admin.call("CLUSTER", "INFO"));
    while (!/cluster_state:ok[\s\S]*cluster_known_nodes:3/.test(await info())) await sleep(50);
  }
});
afterAll(async () => {
  for (const server of servers) await server.dispose();
});

const CLUSTERS: Record<string, () => Promise<{ client: NodeRedisClient | IoredisClient; close(): unknown }>> = {
  async "redis 5"() {
    const client = createCluster({ rootNodes: servers.map(({ port }) => ({ url: `redis://127.0.0.1:${port}` })) });
    client.on("error", () => {});
    await client.connect();
    return { client, close: () => client.destroy() };
  },
  async "ioredis 5"() {
    const client = new Cluster(servers.map(({ port }) => ({ host: "127.0.0.1", port })));
    await client.ping();
    return { client, close: () => client.disconnect() };
  },
};

describe.each(Object.entries(CLUSTERS))("a cluster of three servers, by %s", (name, connect) => {
  it("answers every tenant's questions, each from one slot, and all of a batch", async () => {
    const { client, close } = await connect();
    const held = await Promise.all(servers.map(async ({ admin }) => Number(await admin.dbsize())));
    for (const tenant of TENANTS.map((tenant) => `${name} ${tenant}`)) {
      const history = new RedisTokenHistory(client, { maxLifetime: 30, tenant });
      const token = { tokenId: "netcode:{a}{b}", expiresAt: NOW + 30 };
      expect(await history.claim({ ...token, expiresAt: START + 1 }, { now: START })).toBe("before-start");
      expect(await history.admit(token, "192.0.2.1:5000", now)).toBe("new");
      expect(await history.admit(token, "192.0.2.2:5000", now)).toBe("elsewhere");
      expect(await history.consume(token.tokenId)).toBe(true);
      expect(await history.claim(token, now)).toBe("used");
      const batch = batchOf(Array.from({ length: 1000 }, (_, i) => [`cute:${i}`, NOW + 30]));
      expect(new Set(await history.claimMany(batch, now))).toEqual(new Set(["new"]));
      expect(new Set(await history.claimMany(batch, now))).toEqual(new Set(["used"]));
    }
    await close();
    // All three hold something: the tenants are spread over the slots.
    for (const [i, { admin }] of servers.entries()) expect(await admin.dbsize()).toBeGreaterThan((held[i] ?? 0) + 999);
  });
});

it("a cluster's client of redis 4, which sends scripts to any server, is refused", () => {
  const client = createCluster4({ rootNodes: [] });
  expectError(() => new RedisTokenHistory(client, { maxLifetime: 30 }), "ERR_TYPE", "client");
});
