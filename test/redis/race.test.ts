import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { RedisTokenHistory } from "../../src/history/redis.ts";
import { RedisServer } from "./server.ts";

const TOKENS = 100_000;
const NOW = 1_700_000_000;

it("two processes claim the same 100,000 tokens at the same instant: exactly one wins each", async () => {
  const server = await RedisServer.start();
  const first = new RedisTokenHistory(server.admin, { maxLifetime: 30 });
  expect(await first.claim({ tokenId: "first", expiresAt: NOW }, { now: NOW - 100 })).toBe("lifetime-too-long");
  const script = fileURLToPath(new URL("race-claimant.ts", import.meta.url));
  const args = [server.port, TOKENS, NOW + 30, NOW].map(String);
  const claimants = [0, 1].map(() => fork(script, args, { execArgv: ["--import", "tsx"] }));
  for (const claimant of claimants) expect((await once(claimant, "message"))[0]).toBe("ready");
  const found = claimants.map((claimant) => once(claimant, "message"));
  for (const claimant of claimants) claimant.send("go");
  const [a, b] = (await Promise.all(found)).map(([message]) => message as { won: number[]; other: string[] });
  expect([a?.other, b?.other]).toEqual([[], []]);
  const winners = new Set([...(a?.won ?? []), ...(b?.won ?? [])]);
  expect(winners.size).toBe(TOKENS);
  expect((a?.won.length ?? 0) + (b?.won.length ?? 0)).toBe(TOKENS);
  // Both were in time for some, or there was no race.
  expect(Math.min(a?.won.length ?? 0, b?.won.length ?? 0)).toBeGreaterThan(100);
  await server.dispose();
});
