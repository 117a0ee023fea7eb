// One of the processes of race.test.ts: waits for the start, claims all tokens, and tells which were new to it.
import { Redis } from "ioredis";
import { RedisTokenHistory } from "../../src/history/redis.ts";
import { batchOf } from "../support/histories.ts";

const [port, count, end, now] = process.argv.slice(2).map(Number) as [number, number, number, number];
const client = new Redis(port);
const history = new RedisTokenHistory(client, { maxLifetime: 30, timeout: 60_000 });
const tokens = Array.from({ length: count }, (_, i): [string, number] => [`netcode:${i}`, end]);
await client.ping();
process.send?.("ready");
await new Promise((resolve) => process.once("message", resolve));
const won: number[] = [];
const other: string[] = [];
const STEP = 1024;
for (let from = 0; from < count; from += STEP) {
  // Each goes through the tokens in an order of its own, in batches and one by one.
  const batch = tokens.slice(from, from + STEP);
  const single = batch.splice(0, 8);
  const answers = await Promise.all([
    ...single.map(([tokenId, expiresAt]) => history.claim({ tokenId, expiresAt }, { now })),
    history.claimMany(batchOf(batch), { now }),
  ]);
  for (const [i, answer] of answers.flat().entries()) {
    if (answer === "new") won.push(from + i);
    else if (answer !== "used") other.push(String(answer));
  }
}
process.send?.({ won, other });
client.disconnect();
