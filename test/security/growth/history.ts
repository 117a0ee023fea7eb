import { TokenHistory } from "../../../src/history/index.ts";
import { RedisTokenHistory } from "../../../src/history/redis.ts";
import { batchOf } from "../../support/histories.ts";
import { FAST, SLOW, type Verb } from "./verb.ts";

// A history at its busiest: each call brings a token that was never seen, a second passes every hundred calls, and tokens
// end after five. What has ended must make room; what is refused must leave nothing.

const START = 1_700_000_000;
const LIFETIME = 5;
const PER_SECOND = 100;

function busy(capacity: number): {
  history: TokenHistory;
  next(): { tokenId: string; expiresAt: number };
  now(): object;
} {
  let calls = 0;
  const history = new TokenHistory({ maxLifetime: LIFETIME, startedAt: 0, skew: 0, capacity });
  const second = (): number => START + Math.floor(calls / PER_SECOND);
  return {
    history,
    next: () => ({ tokenId: `netcode:${calls++}`, expiresAt: second() + LIFETIME }),
    now: () => ({ now: second() }),
  };
}

function memoryVerbs(): Verb[] {
  const roomy = busy(10_000);
  const handshakes = busy(10_000);
  const batches = busy(10_000);
  const full = busy(10);
  return [
    { name: "TokenHistory claim", calls: FAST, run: () => roomy.history.claim(roomy.next(), roomy.now()) === "new" },
    {
      name: "TokenHistory admit, consume",
      calls: SLOW,
      run() {
        const token = handshakes.next();
        const answer = handshakes.history.admit(token, "192.0.2.1:5000", handshakes.now());
        return answer === "new" && handshakes.history.consume(token.tokenId);
      },
    },
    {
      name: "TokenHistory claimMany",
      calls: SLOW,
      run() {
        const tokens = Array.from({ length: 4 }, () => batches.next());
        const verdicts = batchOf(tokens.map(({ tokenId, expiresAt }) => [tokenId, expiresAt]));
        return batches.history.claimMany(verdicts, batches.now()).every((answer) => answer === "new");
      },
    },
    {
      name: "TokenHistory claim, full",
      calls: FAST,
      run: () => ["new", "full"].includes(full.history.claim(full.next(), full.now())),
    },
    {
      name: "TokenHistory constructor",
      calls: 1000,
      run: () => new TokenHistory({ maxLifetime: 30, startedAt: 0 }).consume("cute:a"),
    },
  ];
}

function redisVerbs(): Verb[] {
  const answering = { evalSha: async () => "new", eval: async () => "new" };
  const away = { evalSha: () => Promise.reject(new Error("away")), eval: () => Promise.reject(new Error("away")) };
  const histories = [answering, away].map((client) => new RedisTokenHistory(client, { maxLifetime: 30 }));
  const token = { tokenId: "netcode:a", expiresAt: START + 30 };
  const claim = (index: number, expected: string) => async () =>
    (await histories[index]?.claim(token, { now: START, signal: new AbortController().signal })) === expected;
  return [
    { name: "RedisTokenHistory claim", calls: SLOW, run: claim(0, "new") },
    { name: "RedisTokenHistory claim, unavailable", calls: SLOW, run: claim(1, "unavailable") },
  ];
}

export const historyVerbs: readonly Verb[] = [...memoryVerbs(), ...redisVerbs()];
