import { expect, it } from "vitest";
import { RedisTokenHistory } from "../../src/history/redis.ts";
import { HistoryModel } from "../reference/history.ts";
import { batchOf, LIFETIME, ORIGIN_FORMS, randomHistory, type Step } from "../support/histories.ts";
import { Random } from "../support/random.ts";
import { RedisServer } from "./server.ts";

const HISTORIES = 10_000;
const STEPS = 10;
const HANDSHAKE = 4;

/** Takes seconds off what is left of all entries of a tenant: Redis counts them itself, while these histories jump. */
const PASS = `
for i = 2, #KEYS do
  local left = redis.call('PTTL', KEYS[i])
  if left > 0 then redis.call('PEXPIRE', KEYS[i], left - tonumber(ARGV[1]) * 1000) end
end`;
const IDS = ["cute:a", "netcode:b", "snapnet:c|d|1", "tirtc:é"];

it("RedisTokenHistory agrees with a list of events on 10,000 random histories", async () => {
  const server = await RedisServer.start();
  const random = new Random(20261127);
  const seen = new Set<unknown>();
  const play = async (number: number): Promise<void> => {
    const skew = random.below(3);
    const tenant = `t${number}`;
    const options = { maxLifetime: LIFETIME, skew, handshakeTimeout: HANDSHAKE, tenant };
    const history = new RedisTokenHistory(server.admin, { ...options, timeout: 60_000 });
    const keys = [`connect-tokens:{${tenant}}`, ...IDS.map((id) => `connect-tokens:{${tenant}}:${id}`)];
    let model: HistoryModel | undefined;
    let clock = 0;
    const answer = async (step: Step): Promise<unknown> => {
      if (step.kind === "consume") return history.consume(step.tokenId);
      const now = { now: step.now };
      if (step.kind === "claimMany") return (await history.claimMany(batchOf(step.tokens), now)).join();
      if (step.kind === "restart") return void (await server.admin.del(...keys));
      const token = { tokenId: step.tokenId, expiresAt: step.end };
      if (step.kind === "claim") return history.claim(token, now);
      return history.admit(token, ORIGIN_FORMS[step.origin]?.[random.below(2)], now);
    };
    const steps = randomHistory(random, STEPS);
    for (const [k, step] of steps.entries()) {
      if (step.kind !== "restart" && "now" in step && step.now > clock) {
        if (clock > 0) await server.admin.eval(PASS, keys.length, ...keys, step.now - clock);
        clock = step.now;
      }
      const got = await answer(step);
      // The first question that reaches the server after it was emptied is its start.
      if (step.kind === "restart") model = undefined;
      const asks =
        step.kind === "claimMany" ? step.tokens.some(([, end]) => end > clock) : "end" in step && step.end > clock;
      if (asks)
        model ??= new HistoryModel({
          maxLifetime: LIFETIME,
          skew,
          startedAt: clock,
          capacity: 99,
          handshake: HANDSHAKE,
        });
      model?.passes(clock);
      const expected = expectedOf(step, model, clock);
      if (got !== expected) expect({ skew, steps: steps.slice(0, k + 1), got }).toMatchObject({ got: expected });
      seen.add(expected);
    }
    await server.admin.del(...keys);
  };
  const AT_ONCE = 50;
  for (let i = 0; i < HISTORIES; i += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, (_, k) => play(i + k)));
  }
  for (const word of [
    "new",
    "again",
    "elsewhere",
    "used",
    "expired",
    "before-start",
    "lifetime-too-long",
    true,
    false,
  ]) {
    expect(seen).toContain(word);
  }
  await server.dispose();
}, 600_000);

function expectedOf(step: Step, model: HistoryModel | undefined, clock: number): unknown {
  if (step.kind === "restart") return undefined;
  if (step.kind === "consume") return model?.consumeShared(step.tokenId) ?? false;
  if (step.kind === "claimMany") {
    return (model?.claimMany(step.tokens, step.now) ?? step.tokens.map(() => "expired")).join();
  }
  if (!model || step.end <= clock) return "expired";
  if (step.kind === "claim") return model.claim(step.tokenId, step.end, step.now);
  return model.admit(step.tokenId, step.end, String(step.origin), step.now);
}
