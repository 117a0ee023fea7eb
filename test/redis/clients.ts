import { Redis } from "ioredis";
import { createClient as createClient5 } from "redis";
import { createClient as createClient4 } from "redis4";
import type { IoredisClient, NodeRedisClient } from "../../src/history/redis.ts";

export interface Connected {
  readonly client: NodeRedisClient | IoredisClient;
  close(): void;
}

/** The clients that a history is handed, by the names of their packages. */
export const CLIENTS: Readonly<Record<string, (port: number) => Promise<Connected>>> = {
  async "redis 5"(port) {
    const client = createClient5({ url: `redis://127.0.0.1:${port}`, disableOfflineQueue: true });
    client.on("error", () => {});
    await client.connect();
    return { client, close: () => client.destroy() };
  },
  async "redis 4"(port) {
    const client = createClient4({ url: `redis://127.0.0.1:${port}`, disableOfflineQueue: true });
    client.on("error", () => {});
    await client.connect();
    return { client, close: () => void client.disconnect().catch(() => {}) };
  },
  async "ioredis 5"(port) {
    const client = new Redis(port, { enableOfflineQueue: false, lazyConnect: true, retryStrategy: () => 50 });
    client.on("error", () => {});
    await client.connect();
    return { client, close: () => client.disconnect() };
  },
};
