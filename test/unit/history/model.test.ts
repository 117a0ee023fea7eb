import { describe, expect, it } from "vitest";
import { TokenHistory } from "../../../src/history/index.ts";
import { HistoryModel } from "../../reference/history.ts";
import { batchOf, LIFETIME, ORIGIN_FORMS, randomHistory, type Step } from "../../support/histories.ts";
import { Random } from "../../support/random.ts";

const HISTORIES = 1_000_000;
const STEPS = 10;

interface Settings {
  readonly capacity: number;
  readonly skew: number;
}

const optionsAt = (startedAt: number, settings: Settings) => ({ maxLifetime: LIFETIME, startedAt, ...settings });

/** What the history answers to each step. */
function answersOf(steps: readonly Step[], settings: Settings, random: Random): unknown[] {
  let history = new TokenHistory(optionsAt(0, settings));
  const answer = (step: Step): unknown => {
    if (step.kind === "consume") return history.consume(step.tokenId);
    const now = { now: step.now };
    if (step.kind === "claimMany") return history.claimMany(batchOf(step.tokens), now).join();
    if (step.kind === "restart") {
      history = new TokenHistory(optionsAt(step.now, settings));
      return undefined;
    }
    const token = { tokenId: step.tokenId, expiresAt: BigInt(step.end) };
    if (step.kind === "claim") return history.claim(token, now);
    return history.admit(token, ORIGIN_FORMS[step.origin]?.[random.below(2)], now);
  };
  return steps.map(answer);
}

function modelAnswersOf(steps: readonly Step[], settings: Settings): unknown[] {
  let model = new HistoryModel(optionsAt(0, settings));
  const answer = (step: Step): unknown => {
    if (step.kind === "consume") return model.consume(step.tokenId);
    if (step.kind === "claimMany") return model.claimMany(step.tokens, step.now).join();
    if (step.kind === "claim") return model.claim(step.tokenId, step.end, step.now);
    if (step.kind === "admit") return model.admit(step.tokenId, step.end, String(step.origin), step.now);
    model = new HistoryModel(optionsAt(step.now, settings));
    return undefined;
  };
  return steps.map(answer);
}

describe("TokenHistory against a list of events", () => {
  it("agrees on 1,000,000 random histories of admit, consume, claim, expiry, restart and address changes", () => {
    const random = new Random(20261127);
    const seen = new Map<unknown, number>();
    for (let i = 0; i < HISTORIES; i++) {
      const settings = { capacity: 1 + random.below(4), skew: random.below(3) };
      const steps = randomHistory(random, STEPS);
      const answers = answersOf(steps, settings, random);
      const expected = modelAnswersOf(steps, settings);
      for (let k = 0; k < STEPS; k++) {
        if (answers[k] !== expected[k]) {
          expect({ settings, steps: steps.slice(0, k + 1), answer: answers[k] }).toMatchObject({ answer: expected[k] });
        }
        seen.set(expected[k], (seen.get(expected[k]) ?? 0) + 1);
      }
    }
    // None of the answers is too rare to be tried.
    for (const answer of [
      "new",
      "again",
      "elsewhere",
      "used",
      "full",
      "expired",
      "before-start",
      "lifetime-too-long",
    ]) {
      expect(seen.get(answer), answer).toBeGreaterThan(HISTORIES / 20);
    }
    expect(seen.get(false)).toBeGreaterThan(HISTORIES / 20);
  }, 300_000);
});
