import { expect, it } from "vitest";
import { type CentrifugoToken, CentrifugoTokens } from "../../../src/centrifugo/index.ts";

const NOW = 1_700_000_000;

it("takes the longest texts there are, three bytes to a character, behind a window's worth of others", () => {
  const tokens = new CentrifugoTokens({ secret: "secret", profile: "v1", lifetime: 0 });
  const issue = (length: number): CentrifugoToken => {
    const fields = { user: "漢".repeat(length), timestamp: `${NOW}`, info: "" };
    return { ...fields, token: tokens.issue(fields, { now: NOW }) };
  };
  const longest = issue(0x10000 - 10);
  const shorter = issue(8000);
  const batch = [...Array.from({ length: 4 }, () => shorter), ...Array.from({ length: 9 }, () => longest)];
  const forged = { ...longest, token: "0".repeat(64) };
  const verdicts = tokens.verifyMany([...batch, forged, longest], { now: NOW });
  expect([verdicts.length, verdicts.validCount, verdicts.reasonAt(13)]).toEqual([15, 14, "not-genuine"]);
});
