import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { RedisTokenHistory, TokenHistory } from "../library.ts";
import { agree } from "../support/agree.ts";
import { settledHeap } from "../support/garbage.ts";
import { type Contender, measure, type Timing } from "../support/measure.ts";
import { costRow, type Row, type Suite, speedRows } from "../support/result.ts";

const START = 1_700_000_000;
const LIFETIME = 30;
const BATCH = 1024;

interface Token {
  readonly tokenId: string;
  readonly expiresAt: bigint;
}

interface Claims {
  claim(token: Token, options: { now: number }): string;
}

/** What is written first by whoever needs one: a Map of ends, swept in every new second. */
class SweptMap implements Claims {
  readonly #ends = new Map<string, bigint>();
  #sweptAt = 0;

  claim({ tokenId, expiresAt }: Token, { now }: { now: number }): string {
    const clock = BigInt(now);
    if (now > this.#sweptAt) {
      this.#sweptAt = now;
      for (const [id, end] of this.#ends) if (end <= clock) this.#ends.delete(id);
    }
    if (expiresAt <= clock) return "expired";
    if (this.#ends.has(tokenId)) return "used";
    this.#ends.set(tokenId, expiresAt);
    return "new";
  }
}

/** Ids as long as netcode's, 88 characters; token i is claimed at `times[i]`, when it has its whole lifetime before it. */
function load(count: number, seconds: number): { tokens: Token[]; times: number[] } {
  const times = Array.from({ length: count }, (_, i) => START + Math.floor((i * seconds) / count));
  const tokens = times.map((time, i) => ({
    tokenId: `netcode:${(BigInt(i + 1) * 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835n).toString(16).padStart(80, "0").slice(-80)}`,
    expiresAt: BigInt(time + LIFETIME),
  }));
  return { tokens, times };
}

const historyOf = () => new TokenHistory({ maxLifetime: LIFETIME, startedAt: 0 });

function claimAll(history: Claims, tokens: readonly Token[], times: readonly number[]): string[] {
  return tokens.map((token, i) => history.claim(token, { now: times[i] as number }));
}

/** All are new, so that only their number needs to be told. */
function countNew(history: Claims, tokens: readonly Token[], times: readonly number[]): number {
  let count = 0;
  for (let i = 0; i < tokens.length; i++) {
    if (history.claim(tokens[i] as Token, { now: times[i] as number }) === "new") count++;
  }
  return count;
}

/** What `verifyMany` returned, as far as a history reads it. */
function batchesOf(tokens: readonly Token[]): ReturnType<typeof batchOf>[] {
  const batches = [];
  for (let i = 0; i < tokens.length; i += BATCH) batches.push(batchOf(tokens.slice(i, i + BATCH)));
  return batches;
}

const batchOf = (tokens: readonly Token[]) => ({
  length: tokens.length,
  isValid: () => true,
  tokenIdAt: (i: number) => tokens[i]?.tokenId,
  expiresAt: (i: number) => tokens[i]?.expiresAt,
});

async function inMemory(count: number): Promise<Row[]> {
  const { tokens, times } = load(count, LIFETIME);
  // Each token twice, the second time some while later: used, or expired.
  const twice = tokens.slice(0, 20_000).flatMap((token, i) => [token, tokens[i >> 1] as Token]);
  const clock = twice.map((_, i) => START + Math.floor((i * 4 * LIFETIME) / twice.length));
  const ends = twice.map(({ tokenId }, i) => ({ tokenId, expiresAt: BigInt((clock[i] as number) + (i % LIFETIME)) }));
  agree("TokenHistory", claimAll(new SweptMap(), ends, clock), claimAll(historyOf(), ends, clock));

  const batches = batchesOf(tokens);
  const contenders: Contender[] = [
    { name: "claim", units: count, run: () => countNew(historyOf(), tokens, times) },
    {
      name: "claimMany",
      units: count,
      run() {
        const history = historyOf();
        for (const [i, batch] of batches.entries()) history.claimMany(batch, { now: times[i * BATCH] as number });
      },
    },
    { name: "Map with a sweep", units: count, run: () => countNew(new SweptMap(), tokens, times) },
  ];
  agree("Map", [count, count], [countNew(historyOf(), tokens, times), countNew(new SweptMap(), tokens, times)]);
  const [one, many, map] = (await measure(contenders, { rounds: 5, milliseconds: 0, calls: 1, warmup: 0 })) as [
    Timing,
    Timing,
    Timing,
  ];
  const unit = "µs/token";
  const target = { "Map with a sweep": { atLeast: 1.5 } };
  const work = `of ${count.toLocaleString("en")} tokens in ${LIFETIME} s`;
  return [
    ...speedRows({ key: "history/claim", work: `history: claim ${work}`, unit }, one, [map], target),
    ...speedRows({ key: "history/claim-many", work: `history: claimMany ${work}`, unit }, many, [map], target),
  ];
}

/** What a million live tokens take, the strings of their ids let go of where the history has. */
async function memory(key: string, work: string, history: Claims, target?: Row["target"]): Promise<Row> {
  const count = 1_000_000;
  const before = await settledHeap();
  for (let i = 0; i < count; i += 10_000) {
    const { tokens } = load(count / 100, 1);
    const renamed = tokens.map(({ tokenId, expiresAt }, k) => ({
      tokenId: `${tokenId.slice(0, -8)}${String(i + k).padStart(8, "0")}`,
      expiresAt,
    }));
    agree(
      work,
      [10_000],
      [
        countNew(
          history,
          renamed,
          renamed.map(() => START),
        ),
      ],
    );
  }
  const megabytes = ((await settledHeap()) - before) / 1e6;
  agree(
    work,
    ["used"],
    [
      history.claim(
        { tokenId: `${load(1, 1).tokens[0]?.tokenId.slice(0, -8)}00000000`, expiresAt: BigInt(START + LIFETIME) },
        { now: START },
      ),
    ],
  );
  const value = { low: megabytes, median: megabytes, high: megabytes };
  return { key, work, unit: "MB", ours: value, ...(target ? { target } : {}) };
}

/** A server of its own on loopback; nothing where there is none to start. */
async function inRedis(): Promise<Row[]> {
  if (spawnSync("redis-server", ["--version"]).error) return [];
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as { port: number };
  probe.close();
  const server = spawn("redis-server", ["--port", String(port), "--bind", "127.0.0.1", "--save", ""], {
    stdio: "ignore",
  });
  const client = new Redis(port, { retryStrategy: () => 50, maxRetriesPerRequest: null });
  client.on("error", () => {});
  while ((await client.ping().catch(() => "")) !== "PONG") await sleep(20);
  try {
    const history = new RedisTokenHistory(client, { maxLifetime: LIFETIME });
    let next = 0;
    const fresh = (count: number): Token[] =>
      Array.from({ length: count }, () => ({ tokenId: `netcode:${next++}`, expiresAt: BigInt(START + LIFETIME) }));
    const now = { now: START };
    await history.claim({ tokenId: "first", expiresAt: BigInt(START - 99) }, { now: START - 100 });
    await history.claim({ tokenId: "first", expiresAt: BigInt(START - 70) }, { now: START - 100 });
    const [token] = fresh(1) as [Token];
    const answers = [await history.claim(token, now), await history.claim(token, now)];
    const set = ({ tokenId }: Token) => client.set(`obvious:${tokenId}`, 1, "PX", LIFETIME * 1000, "NX");
    agree(
      "SET NX",
      answers,
      [await set(token), await set(token)].map((reply) => (reply === "OK" ? "new" : "used")),
    );
    const contenders: Contender[] = [
      { name: "claim", units: 1, async: true, run: () => history.claim(fresh(1)[0] as Token, now) },
      { name: "claimMany", units: BATCH, async: true, run: () => history.claimMany(batchOf(fresh(BATCH)), now) },
      { name: "SET NX", units: 1, async: true, run: () => set(fresh(1)[0] as Token) },
      { name: "SET NX, pipelined", units: BATCH, async: true, run: () => Promise.all(fresh(BATCH).map(set)) },
    ];
    const [one, many, single, pipelined] = (await measure(contenders)) as [Timing, Timing, Timing, Timing];
    const unit = "µs/token";
    return [
      costRow({ key: "history/redis", work: "history in Redis: claim, a round trip each", unit }, one, single),
      costRow({ key: "history/redis-many", work: `history in Redis: claimMany of ${BATCH}`, unit }, many, pipelined),
    ];
  } finally {
    client.disconnect();
    server.kill("SIGKILL");
  }
}

const suite: Suite = async () => ({
  rows: [
    ...(await inMemory(1_000_000)),
    await memory("history/memory", "history: 1,000,000 live tokens of netcode", historyOf(), { atMost: 120 }),
    await memory("history/memory-map", "the same in a Map", new SweptMap()),
    ...(await inRedis()),
  ],
});

export default suite;
