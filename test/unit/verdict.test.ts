import { deepEqual, deepStrictEqual } from "node:assert";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import type { Verdicts } from "../../src/index.ts";
import { SnapNetTokens } from "../../src/snapnet/index.ts";
import { accepted, acceptedAs, batchVerdicts, refused, statusesOf } from "../../src/verdict.ts";
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
    reasons: [],
    reason: (index: number, status: number) => `${index}:${status}`,
    tokenId: (index: number) => `id${index}`,
    expiresAt: (index: number) => BigInt(index),
    accepted: (index: number) => accepted({ index }, BigInt(index), `id${index}`, 0),
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
    const wrong = [-11, 10, 0.5, -0.5, Number.NaN, Infinity, -Infinity, 2 ** 32, 2 ** 53];
    const calls = ["at", "isValid", "reasonAt", "tokenIdAt", "expiresAt"] as const;
    for (const call of calls) {
      for (const index of wrong) {
        const { message } = expectError(() => verdicts[call](index), "ERR_RANGE", "index");
        expect(message).toContain(`must be a whole number from ${call === "at" ? -10 : 0} to 9, got`);
        expect(message).toContain(`got number ${index}`);
      }
      if (call !== "at") expectError(() => verdicts[call](-1), "ERR_RANGE", "index");
      for (const index of [undefined, null, "0", "length", "__proto__", 0n, {}, [0], Symbol("0")]) {
        expectError(() => verdicts[call](index as number), "ERR_TYPE", "index");
      }
      expect(() => verdicts[call](-0)).not.toThrow();
    }
  });

  it("are counted from the end by a negative index of at", () => {
    for (let i = 0; i < 10; i++) expect(verdicts.at(i - 10)).toEqual(verdicts.at(i));
  });

  it("tell names and ends without the verdicts", () => {
    for (const [i, verdict] of [...verdicts].entries()) {
      expect(verdicts.tokenIdAt(i)).toBe(verdict.valid ? verdict.tokenId : undefined);
      expect(verdicts.expiresAt(i)).toBe(verdict.valid ? verdict.expiresAt : undefined);
    }
  });

  it("are mapped and listed with their indexes", () => {
    expect(verdicts.map((verdict, index) => [index, verdict])).toEqual([...verdicts.entries()]);
    expect(verdicts.map(({ valid }) => valid)).toEqual(Array.from({ length: 10 }, (_, i) => i % 2 === 0));
    expectError(() => verdicts.map(undefined as never), "ERR_TYPE", "toResult");
  });

  it("are the array of their verdicts in JSON", () => {
    expect(JSON.parse(JSON.stringify(verdicts))).toEqual(JSON.parse(JSON.stringify([...verdicts])));
    expect(JSON.parse(JSON.stringify({ verdicts })).verdicts).toHaveLength(10);
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
    expect(Object.keys(good).sort()).toEqual(["claims", "expiresAt", "secretIndex", "tokenId", "valid"]);
  });
});

it("a batch of nothing has no verdicts", () => {
  const none = batchVerdicts<object, string>(new Uint8Array(0), {
    reasons: [],
    tokenId: () => "",
    expiresAt: () => 0n,
    accepted: () => accepted({}, 0n, "", 0),
  });
  expect([none.length, none.validCount, [...none], none.map(String), JSON.stringify(none)]).toEqual([
    0,
    0,
    [],
    [],
    "[]",
  ]);
  expectError(() => none.at(0), "ERR_RANGE", "index");
  expectError(() => none.at(-1), "ERR_RANGE", "index");
});

it("a reason's status is its place among the scheme's, from 1", () => {
  const reasons = ["malformed", "expired"] as const;
  expect(statusesOf(reasons)).toEqual({ malformed: 1, expired: 2 });
  const verdicts = batchVerdicts<{ of: number }, string>(Uint8Array.of(2, 1, 2), {
    reasons,
    refusedClaims: (index) => (index === 2 ? { of: index } : undefined),
    tokenId: () => "",
    expiresAt: () => 0n,
    accepted: () => accepted({ of: 0 }, 0n, "", 0),
  });
  expect(verdicts.map((verdict) => verdict)).toStrictEqual([
    { valid: false, reason: "expired" },
    { valid: false, reason: "malformed" },
    { valid: false, reason: "expired", refusedClaims: { of: 2 } },
  ]);
  expect(verdicts.map((verdict) => !verdict.valid && Object.isFrozen(verdict.refusedClaims))).toEqual([
    true,
    true,
    true,
  ]);
});

it("what a source throws about one token stays with that token, and out of JSON", () => {
  const verdicts = batchVerdicts<object, string>(Uint8Array.of(0, 1, 0), {
    reasons: ["malformed"],
    reason: () => {
      throw new Error("the database's password is hunter2");
    },
    tokenId: () => "id",
    expiresAt: () => 1n,
    accepted: () => accepted({}, 1n, "id", 0),
  });
  expect([verdicts.isValid(1), verdicts.tokenIdAt(1), verdicts.at(0).valid, verdicts.at(2).valid]).toEqual([
    false,
    undefined,
    true,
    true,
  ]);
  expect(() => verdicts.at(1)).toThrow("hunter2");
  expect(() => verdicts.reasonAt(1)).toThrow("hunter2");
  const good = { valid: true, claims: {}, tokenId: "id", expiresAt: "1", secretIndex: 0 };
  expect(JSON.parse(JSON.stringify(verdicts))).toEqual([good, { valid: false }, good]);
});

describe.each<[string, typeof accepted]>([
  ["a verdict", accepted],
  [
    "a verdict whose tokenId is hashed when it is read",
    (claims, expiresAt, tokenId, secretIndex) =>
      acceptedAs(claims, expiresAt, [...tokenId].reverse().join(""), (t) => [...t].reverse().join(""), secretIndex),
  ],
])("%s", (_, make) => {
  const one = make({ a: 1 }, 1n, "id", 2);
  const literal = { valid: true, claims: { a: 1 }, tokenId: "id", expiresAt: 1n, secretIndex: 2 };

  it("is a plain record: to comparisons, spread, copied and cloned", () => {
    expect(one).toStrictEqual(literal);
    expect({ ...one }).toStrictEqual(literal);
    expect(Object.assign({}, one)).toStrictEqual(literal);
    expect(structuredClone(one)).toStrictEqual(literal);
    deepStrictEqual(structuredClone(one), literal);
    deepEqual(one, literal);
    expect(one.constructor).toBe(Object);
    expect(Object.entries(one)).toEqual(Object.entries(literal));
    expect(inspect(one)).toBe(inspect(literal));
    deepStrictEqual(refused("expired"), { valid: false, reason: "expired" });
    expect(JSON.stringify(refused("expired"))).toBe('{"valid":false,"reason":"expired"}');
  });

  it("is frozen, whatever Object.prototype has that a property's descriptor may hold", () => {
    const names = ["value", "writable", "set"];
    const record = (() => {
      try {
        for (const name of names) Reflect.set(Object.prototype, name, undefined);
        return make({ a: 1 }, 1n, "id", 2);
      } finally {
        for (const name of names) Reflect.deleteProperty(Object.prototype, name);
      }
    })();
    expect(Object.isFrozen(record)).toBe(true);
    expect(record).toStrictEqual(literal);
  });

  it("has its own fields only, whatever Object.prototype has", () => {
    const seen: unknown[] = [];
    const names = ["valid", "claims", "tokenId", "expiresAt", "secretIndex"];
    try {
      for (const name of names) {
        Object.defineProperty(Object.prototype, name, { set: (value) => seen.push(value), configurable: true });
      }
      expect(Object.keys(make({ a: 1 }, 1n, "id", 2)).sort()).toEqual([...names].sort());
    } finally {
      for (const name of names) Reflect.deleteProperty(Object.prototype, name);
    }
    expect(seen).toEqual([]);
  });

  it("is in JSON without keys, its integers as decimal text and its bytes as hex", () => {
    const claims = {
      clientId: 2n ** 64n - 1n,
      clientToServerKey: Uint8Array.of(1, 2),
      serverToClientKey: Uint8Array.of(3, 4),
      userData: Uint8Array.of(0, 0xff),
      endpoints: [{ address: "10.0.0.1", port: 1 }],
      nested: [[5n, Uint8Array.of(6)], null, "text", true, { secretKey: Uint8Array.of(7), key: "a word", n: 8n }],
    };
    const verdict = make(claims, 2n ** 64n - 1n, "id", 1);
    expect(JSON.parse(JSON.stringify(verdict))).toEqual({
      valid: true,
      claims: {
        clientId: "18446744073709551615",
        userData: "00ff",
        endpoints: [{ address: "10.0.0.1", port: 1 }],
        nested: [["5", "06"], null, "text", true, { key: "a word", n: "8" }],
      },
      tokenId: "id",
      expiresAt: "18446744073709551615",
      secretIndex: 1,
    });
    expect(JSON.stringify({ list: [verdict] })).toBe(`{"list":[${JSON.stringify(verdict)}]}`);
    expect(claims.clientToServerKey).toEqual(Uint8Array.of(1, 2));
  });
});

it("a tokenId that is hashed when it is read is hashed once", () => {
  const hashed: string[] = [];
  const one = acceptedAs({}, 1n, "token", (token) => `id ${hashed.push(token)}`, 0);
  expect(hashed).toEqual([]);
  expect([one.tokenId, { ...one }.tokenId, structuredClone(one).tokenId]).toEqual(["id 1", "id 1", "id 1"]);
  expect(hashed).toEqual(["token"]);
});
