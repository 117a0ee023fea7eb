import fc from "fast-check";
import { afterAll, expect, it } from "vitest";
import { SnapNetTokens } from "../../../src/snapnet/index.ts";
import { anything, holds, resultOrCode, spoiled, text, u64 } from "../../support/properties.ts";

const NOW = 1_700_000_000;
const SECRET = "5a".repeat(32);
const tokens = new SnapNetTokens({ secret: SECRET, sessionId: null });

afterAll(() => tokens.dispose());

it("what is issued verifies to the same fields and is issued again as the same token, or the fields are refused", () => {
  const alphabet = fc.string({ unit: fc.constantFrom(..."|a\0\n\u007f\u0085\uff5c 漢", "\ud83d\ude00", "\ud800") });
  const id = fc.oneof(text, alphabet, fc.string({ minLength: 1, maxLength: 63 }));
  let issued = 0;
  holds(1500, id, id, u64, (userId, sessionId, expiration) => {
    const token = resultOrCode(() => tokens.issue({ userId, sessionId, expiration }));
    if (token === "ERR_FORMAT" || token === "ERR_RANGE") return;
    issued++;
    expect(userId + sessionId).not.toMatch(/[|\p{Cc}\p{Cs}]/u);
    const claims = { userId, sessionId, expiration: Number(expiration) };
    const verdict = tokens.verify(token, { now: 0 });
    if (expiration === 0n) expect(verdict).toEqual({ valid: false, reason: "expired", refusedClaims: claims });
    else expect(verdict).toMatchObject({ valid: true, claims, expiresAt: expiration });
    expect(tokens.issue({ ...claims, expiration })).toBe(token);
  });
  expect(issued).toBeGreaterThan(50);
});

it("only documented errors escape from the constructor and from issue", () => {
  const options = { secret: SECRET, sessionId: "session", upperCaseSignature: true };
  holds(800, spoiled(options), (given) => {
    const made = resultOrCode(() => new SnapNetTokens(given));
    if (typeof made !== "string") made.dispose();
  });
  const fields = { userId: "user", sessionId: "session", expiration: NOW };
  holds(800, spoiled(fields), anything, (given, second) => {
    resultOrCode(() => tokens.issue(given, second as object));
  });
});
