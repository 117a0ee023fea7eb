import { describe, expect, it } from "vitest";
import type { Verdicts } from "../../src/index.ts";
import { SnapNetTokens } from "../../src/snapnet/index.ts";
import { accepted, batchVerdicts, refused } from "../../src/verdict.ts";
import { concat } from "../support/bytes.ts";
import { faults, NOW, packetOf, plainFields, tokensOf, xchacha } from "../support/cute.ts";
import { expectError } from "../support/errors.ts";
import { Random } from "../support/random.ts";

const random = new Random(8);

/** Ten verdicts of each kind of batch, the even ones valid. */
const batches: [name: string, verdicts: Verdicts<object, string>][] = [];
{
  const tokens = tokensOf(xchacha, 2, { serverEndpoint: "10.0.0.1:7777" });
  const packets = Array.from({ length: 10 }, (_, i) => {
    const packet = packetOf(tokens.issue(plainFields(random)));
    return i % 2 ? (faults[1 + (i >> 1)]?.apply(packet, xchacha) as Uint8Array) : packet;
  });
  batches.push(["Cute, a list", tokens.verifyMany(packets, { now: NOW })]);
  batches.push(["Cute, end to end", tokens.verifyMany(concat(...packets), { now: NOW })]);
  const snapnet = new SnapNetTokens({ secret: random.bytes(32), sessionId: "s" });
  const texts = Array.from({ length: 10 }, (_, i) => {
    const token = snapnet.issue({ userId: `u${i}`, expiration: NOW + 1n });
    return i % 2 ? token.replace("u", "v") : token;
  });
  batches.push(["SnapNet", snapnet.verifyMany(texts, { now: NOW })]);
  const source = {
    reason: (index: number, status: number) => `${index}:${status}`,
    accepted: (index: number) => accepted({ index }, 5n, `id${index}`),
  };
  batches.push(["made here", batchVerdicts<object, string>(Uint8Array.of(0, 1, 0, 2, 0, 255, 0, 4, 0, 5), source)]);
}

describe.each(batches)("Verdicts: %s", (_, verdicts) => {
  it("count and tell the valid ones", () => {
    expect([verdicts.length, verdicts.validCount]).toEqual([10, 5]);
    for (let i = 0; i < 10; i++) {
      expect(verdicts.isValid(i)).toBe(i % 2 === 0);
      expect(verdicts.reasonAt(i) === undefined).toBe(i % 2 === 0);
      const verdict = verdicts.at(i);
      expect(verdict.valid).toBe(i % 2 === 0);
      expect(verdict.valid ? undefined : verdict.reason).toBe(verdicts.reasonAt(i));
    }
  });

  it("are iterated in order, as often as one likes", () => {
    const each = Array.from({ length: 10 }, (_, i) => verdicts.at(i));
    expect([...verdicts]).toEqual(each);
    expect([...verdicts]).toEqual(each);
    const [first, second] = verdicts;
    expect([first, second]).toEqual(each.slice(0, 2));
  });

  it("refuse an index that is none", () => {
    const wrong = [-1, 10, 0.5, Number.NaN, Infinity, -Infinity, 2 ** 32, 2 ** 53];
    const calls = ["at", "isValid", "reasonAt"] as const;
    for (const call of calls) {
      for (const index of wrong) {
        const { message } = expectError(() => verdicts[call](index), "ERR_RANGE", "index");
        expect(message).toContain("must be a whole number from 0 to 9, got");
      }
      for (const index of [undefined, null, "0", "length", "__proto__", 0n, {}, [0], Symbol("0")]) {
        expectError(() => verdicts[call](index as number), "ERR_TYPE", "index");
      }
      expect(() => verdicts[call](-0)).not.toThrow();
    }
  });

  it("are read-only themselves", () => {
    expect(Object.isFrozen(verdicts)).toBe(true);
    expect(Reflect.set(verdicts, "validCount", 10)).toBe(false);
    expect(Reflect.set(verdicts, "isValid", () => true)).toBe(false);
  });

  it("give read-only verdicts", () => {
    const [good, bad] = [verdicts.at(0), verdicts.at(1)];
    for (const verdict of [good, bad]) {
      expect(Object.isFrozen(verdict)).toBe(true);
      expect(Reflect.set(verdict, "valid", !verdict.valid)).toBe(false);
      expect(Reflect.set(verdict, "reason", "none")).toBe(false);
    }
    if (!good.valid) throw new Error(good.reason);
    expect(Object.isFrozen(good.claims)).toBe(true);
    expect(Reflect.set(good, "tokenId", "other")).toBe(false);
    expect(Object.keys(good).sort()).toEqual(["claims", "expiresAt", "tokenId", "valid"]);
  });
});

it("a batch of nothing has no verdicts", () => {
  const none = batchVerdicts(new Uint8Array(0), { reason: () => "x", accepted: () => accepted({}, 0n, "") });
  expect([none.length, none.validCount, [...none]]).toEqual([0, 0, []]);
  expectError(() => none.at(0), "ERR_RANGE", "index");
});

it("a verdict is a plain record", () => {
  expect(accepted({ a: 1 }, 1n, "id")).toStrictEqual({ valid: true, claims: { a: 1 }, tokenId: "id", expiresAt: 1n });
  expect(JSON.stringify(refused("expired"))).toBe('{"valid":false,"reason":"expired"}');
});
