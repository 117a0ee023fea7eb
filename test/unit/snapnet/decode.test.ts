import { expect, it } from "vitest";
import { decodeToken } from "../../../src/snapnet/decode.ts";
import { SnapNetTokens } from "../../../src/snapnet/index.ts";
import { expectError } from "../../support/errors.ts";
import { Random } from "../../support/random.ts";
import { bitFlips, HUGE, randomText, STRANGE } from "../../support/string-schemes.ts";

const tokens = new SnapNetTokens({ secret: "5a".repeat(32), sessionId: null });
const any = new SnapNetTokens({ secret: "a5".repeat(32), sessionId: null, upperCaseSignature: true });

it("says what a token says, whoever signed it", () => {
  const random = new Random(3);
  for (let i = 0; i < 500; i++) {
    const claims = {
      userId: `u${randomText(random, random.below(9), true).replace(/[|\p{Cc}]/gu, "")}`,
      sessionId: "s",
      expiration: random.below(2 ** 31),
    };
    const token = tokens.issue(claims);
    expect(decodeToken(token)).toEqual(claims);
    expect(decodeToken(token.slice(0, -64) + token.slice(-64).toUpperCase())).toEqual(claims);
    expect(Object.isFrozen(decodeToken(token))).toBe(true);
  }
});

it("refuses just what has not the form of a token, of which another secret's would be not genuine", () => {
  const token = tokens.issue({ userId: "user", sessionId: "session", expiration: 1_700_000_000 });
  const texts = [...bitFlips(token), "", "|", "a|b|1|", token.slice(1), `${token}0`, `${token}\n`, HUGE];
  let refused = 0;
  for (const text of texts) {
    const verdict = any.verify(text, { now: 0 });
    if (!verdict.valid && verdict.reason === "not-genuine") decodeToken(text);
    else expectError(() => decodeToken(text), "ERR_FORMAT", "text");
    refused += verdict.valid || verdict.reason !== "not-genuine" ? 1 : 0;
  }
  expect([refused > 7, refused < texts.length]).toEqual([true, true]);
  for (const value of STRANGE)
    expectError(() => decodeToken(value as never), typeof value === "string" ? "ERR_FORMAT" : "ERR_TYPE", "text");
});
