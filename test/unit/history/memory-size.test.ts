import { expect, it } from "vitest";
import { settledHeap } from "../../../bench/support/garbage.ts";
import { TokenHistory } from "../../../src/history/index.ts";

const NOW = 1_700_000_000;
const TOKENS = 1_000_000;
const LIMIT = 120e6;

/** As long as netcode's: eight characters of scheme and 40 bytes in hex. */
const idOf = (i: number): string => `netcode:${i.toString(16).padStart(80, "0")}`;

it("keeps 1,000,000 live tokens with ids of 88 characters in less than 120 MB, and takes no more for the next million", async () => {
  const before = await settledHeap();
  const history = new TokenHistory({ maxLifetime: 30, startedAt: 0 });
  const used = async () => (await settledHeap()) - before;
  const claimAll = (from: number, now: number): void => {
    for (let i = from; i < from + TOKENS; i++) {
      const answer = history.claim({ tokenId: idOf(i), expiresAt: now + 1 + (i % 30) }, { now });
      if (answer !== "new") throw new Error(`${answer} to ${idOf(i)}`);
    }
  };
  claimAll(0, NOW);
  expect(history.claim({ tokenId: "netcode:one more", expiresAt: NOW + 30 }, { now: NOW })).toBe("full");
  const first = await used();
  expect(first).toBeGreaterThan(10e6);
  expect(first).toBeLessThan(LIMIT);
  claimAll(TOKENS, NOW + 30);
  expect((await used()) - first).toBeLessThan(1e6);
});
