import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { ConnectTokensError } from "../../src/errors.ts";
import { NOW } from "../support/cute.ts";
import { anything, holds, resultOrCode, text } from "../support/properties.ts";
import { schemes } from "../support/schemes.ts";

// What every scheme promises. Each scheme's own properties stand in its room.

const made = schemes.map((scheme) => ({ scheme, name: scheme.name, ...scheme.make() }));

afterAll(() => {
  for (const { tokens } of made) tokens.dispose();
});

describe.each(made)("$name", ({ scheme, tokens, issue }) => {
  const genuine = issue();
  /** A genuine token with something changed, text, bytes, parameters, or whatever else there is. */
  const token = fc.oneof(
    anything,
    text,
    fc.uint8Array({ maxLength: 2000 }),
    fc.uint8Array({ minLength: 1024, maxLength: 1024 }),
    fc.constant(genuine),
    fc.tuple(fc.nat(2000), text).map(([at, piece]) => {
      if (typeof genuine === "string") return genuine.slice(0, at) + piece + genuine.slice(at + 1);
      if (!(genuine instanceof Uint8Array)) return { ...(genuine as object), [piece[0] ?? "user"]: piece, user: piece };
      const copy = genuine.slice();
      copy.set(Buffer.from(piece).subarray(0, 5), Math.min(at, copy.length - 5));
      return copy;
    }),
    fc.record({ user: text, timestamp: text, info: text, token: text, peerId: text }, { requiredKeys: [] }),
  );

  it("any value gets a verdict, frozen, with a documented reason where it is refused", () => {
    holds(300, token, (value) => {
      const verdict = tokens.verify(value, { now: NOW });
      expect(Object.isFrozen(verdict)).toBe(true);
      if (!verdict.valid) expect(scheme.reasons).toContain(verdict.reason);
    });
  });

  it("verifyMany says what verify says, on lists of everything", () => {
    holds(60, fc.array(token, { maxLength: 20 }), (values) => {
      const verdicts = tokens.verifyMany(values, { now: NOW });
      const singly = values.map((value) => tokens.verify(value, { now: NOW }));
      expect(verdicts.length).toBe(values.length);
      expect([...verdicts]).toEqual(singly);
      expect(verdicts.validCount).toBe(singly.filter(({ valid }) => valid).length);
    });
  });

  it("only documented errors escape, whatever the options and the list are", () => {
    const options = fc.oneof(anything, fc.record({ now: anything, peerId: anything }, { requiredKeys: [] }));
    holds(200, token, options, anything, (value, given, list) => {
      resultOrCode(() => tokens.verify(value, given as object));
      resultOrCode(() => tokens.verifyMany(list as unknown[], given as object));
    });
  });
});

describe("the checks themselves", () => {
  it("fail where a property does, with the least value that it fails for", () => {
    const small = (value: number) => expect(value).toBeLessThan(100);
    expect(() => holds(1000, fc.nat(), small)).toThrow("[[100]]");
    holds(1000, fc.nat(99), small);
  });

  it("take no error for a documented one that is not", () => {
    const throwing = (error: Error) => () =>
      resultOrCode(() => {
        throw error;
      });
    expect(throwing(new ConnectTokensError("ERR_RANGE", "now", "now is wrong"))()).toBe("ERR_RANGE");
    const others = [
      new TypeError("x is not a function"),
      new RangeError("Invalid typed array length"),
      new ConnectTokensError("ERR_DISPOSED", "this", "gone"),
      new ConnectTokensError("ERR_TYPE", "", "of no argument"),
    ];
    for (const error of others) expect(throwing(error)).toThrow(error);
  });
});
