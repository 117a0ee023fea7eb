import { describe, expect, it } from "vitest";
import { SnapNetTokens } from "../../../src/snapnet/index.ts";
import { expectError } from "../../support/errors.ts";

const NOW = 1_700_000_000;
const options = { now: NOW };
const make = (): SnapNetTokens => new SnapNetTokens({ secret: "ab".repeat(32), sessionId: "s" });
const issued = (tokens: SnapNetTokens, count: number): string[] =>
  Array.from({ length: count }, (_, i) => tokens.issue({ userId: `user ${i}`, expiration: NOW + 1 }));

/** A list that runs code whenever one of the items asked about is read. */
function meddling(list: readonly string[], at: readonly number[], meddle: () => void): string[] {
  const copy = [...list];
  for (const index of at) {
    Object.defineProperty(copy, index, {
      get: () => {
        meddle();
        return list[index];
      },
    });
  }
  return copy;
}

describe("a batch of many windows", () => {
  it("is none the worse for a caller's code that verifies between them", () => {
    const tokens = make();
    const list = issued(tokens, 1500).map((token, i) => (i % 7 ? token : `${token.slice(0, -1)}x`));
    const expected = list.map((_, i) => (i % 7 ? undefined : "malformed"));
    let calls = 0;
    const other = issued(tokens, 300);
    const batch = meddling(list, [0, 100, 255, 256, 600, 1023, 1024, 1499], () => {
      calls++;
      expect(tokens.verifyMany(other, options).validCount).toBe(300);
      expect(tokens.verify(list[0] as string, options).valid).toBe(false);
    });
    const verdicts = tokens.verifyMany(batch, options);
    expect(calls).toBe(8);
    expect(list.map((_, i) => verdicts.reasonAt(i))).toEqual(expected);
    expect([...verdicts].map((verdict) => verdict.valid && verdict.claims.userId)).toEqual(
      list.map((_, i) => (i % 7 ? `user ${i}` : false)),
    );
  });

  it("is an error where the caller's code disposes of the keys on the way", () => {
    const tokens = make();
    const batch = meddling(issued(tokens, 1000), [900], () => tokens.dispose());
    expectError(() => tokens.verifyMany(batch, options), "ERR_DISPOSED", "this");
  });

  it("ends a window at a text that is not ASCII as well as at others", () => {
    const tokens = make();
    const list = Array.from({ length: 1000 }, (_, i) =>
      tokens.issue({ userId: i % 300 === 299 ? `é${i}` : `user ${i}`, expiration: NOW + 1 }),
    );
    expect(tokens.verifyMany(list, options).validCount).toBe(1000);
  });
});
