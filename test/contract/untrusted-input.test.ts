import { createHmac } from "node:crypto";
import { afterAll, describe, expect, it } from "vitest";
import { CentrifugoTokens } from "../../src/centrifugo/index.ts";
import { CuteTokens } from "../../src/cute/index.ts";
import { CutePool } from "../../src/cute/pool.ts";
import type { Verdict } from "../../src/index.ts";
import { SnapNetTokens } from "../../src/snapnet/index.ts";
import { TirtcTokens } from "../../src/tirtc/index.ts";
import { NOW } from "../support/cute.ts";
import { expectError } from "../support/errors.ts";
import { garbage } from "../support/garbage.ts";
import { type Scheme, schemes, sharedSecret } from "../support/schemes.ts";

const values = garbage();

const made = schemes.map((scheme) => ({ scheme, name: scheme.name, ...scheme.make() }));

afterAll(() => {
  for (const { tokens } of made) tokens.dispose();
});

const outcome = (verdict: Verdict<object, string>): string => (verdict.valid ? "valid" : verdict.reason);

/** The reasons that a garbage value may have: bytes of a packet's size are looked at. */
function allowed(scheme: Scheme, value: string): readonly string[] {
  if (scheme.garbage === "wrong-size") {
    return scheme.name.startsWith("Cute") &&
      ["1024 random bytes", "1024 zeros", "an ArrayBuffer", "shared memory"].includes(value)
      ? ["not-a-connect-token", "wrong-application"]
      : ["wrong-size"];
  }
  return value === "an object with a token of garbage" ? ["malformed", "not-genuine"] : ["malformed"];
}

describe.each(made)("$name", ({ scheme, tokens, issue }) => {
  it(`refuses ${values.size} values that are no tokens, for a reason, without throwing and without delay`, () => {
    for (const [name, value] of values) {
      const times = [0, 1, 2].map(() => {
        const before = performance.now();
        const found = outcome(tokens.verify(value, { now: NOW }));
        expect(allowed(scheme, name), `${name}: ${found}`).toContain(found);
        return performance.now() - before;
      });
      // A length decides before anything is copied or walked: 100 MiB take no longer than 64 KiB.
      expect(Math.min(...times), name).toBeLessThan(50);
    }
  });

  it("refuses them the same in a batch, genuine tokens between them none the worse", () => {
    const genuine = issue();
    const list = [...values.values()].flatMap((value) => [value, genuine]);
    const verdicts = tokens.verifyMany(list, { now: NOW });
    expect(verdicts.validCount).toBe(values.size);
    [...values].forEach(([name, value], i) => {
      expect(verdicts.reasonAt(2 * i), name).toBe(outcome(tokens.verify(value, { now: NOW })));
      expect(verdicts.isValid(2 * i + 1), name).toBe(true);
      expect(outcome(verdicts.at(2 * i)), name).toBe(verdicts.reasonAt(2 * i));
    });
  });

  it("takes 200,000 of them at once, and lists with holes", () => {
    const some = ["undefined", "an empty object", "1 MiB of dots", "no bytes", "getters that throw", "100 MiB of text"];
    const list = Array.from({ length: 200_000 }, (_, i) => values.get(some[i % some.length] as string));
    const verdicts = tokens.verifyMany(list, { now: NOW });
    expect([verdicts.length, verdicts.validCount]).toEqual([200_000, 0]);
    expect(new Set(some.map((_, i) => verdicts.reasonAt(199_998 - i)))).toEqual(new Set([scheme.garbage]));
    const holes: unknown[] = new Array(1000);
    holes[500] = issue();
    expect(tokens.verifyMany(holes, { now: NOW }).validCount).toBe(1);
  });

  it("refuses everything else that is no list", () => {
    for (const value of [undefined, null, 0, "tokens", {}, new Set(), { length: 1, 0: issue() }, () => []]) {
      expect(() => tokens.verifyMany(value as unknown as unknown[])).toThrow(/must be/);
    }
  });

  it("names no other reason than its own", () => {
    for (const value of values.values()) expect(scheme.reasons).toContain(outcome(tokens.verify(value, { now: NOW })));
  });
});

describe("T11: a token's own code may call back into the package", () => {
  it.each(made)("$name: verifying while tokens are read changes no verdict", ({ scheme, tokens, issue }) => {
    let calls = 0;
    /** Everything there is, run amid the reading of another token. */
    const meddle = (): void => {
      if (calls++ > 50) return;
      for (const other of made) {
        const fresh = other.issue();
        expect(outcome(other.tokens.verify(fresh, { now: NOW }))).toBe("valid");
        expect(other.tokens.verifyMany(new Array(5).fill(fresh), { now: NOW }).validCount).toBe(5);
      }
    };
    const genuine = [issue(), issue(), issue()];
    const list: unknown[] = [genuine[0], undefined, genuine[1], undefined, genuine[2]];
    const meddleThen = (value: unknown) => ({
      enumerable: true,
      get(): unknown {
        meddle();
        return value;
      },
    });
    Object.defineProperties(list, { 1: meddleThen(genuine[0]), 3: meddleThen("junk") });
    const verdicts = tokens.verifyMany(list, { now: NOW });
    expect(calls).toBeGreaterThanOrEqual(2);
    expect([0, 1, 2, 3, 4].map((i) => verdicts.reasonAt(i) ?? "valid")).toEqual([
      "valid",
      "valid",
      "valid",
      scheme.garbage,
      "valid",
    ]);
    const options = {
      get now(): bigint {
        meddle();
        return NOW;
      },
    };
    expect(outcome(tokens.verify(genuine[1], options))).toBe("valid");
    expect(verdicts.validCount).toBe(4);
  });

  it.each(made.filter(({ name }) => name.startsWith("Centrifugo")))("$name: so may a token's fields", (one) => {
    const { tokens, issue } = one;
    const fields = issue() as Record<string, string>;
    const meddling = Object.defineProperties(
      {},
      Object.fromEntries(
        Object.entries(fields).map(([name, value]) => {
          const get = (): string => {
            for (const other of made) expect(outcome(other.tokens.verify(other.issue(), { now: NOW }))).toBe("valid");
            return value;
          };
          return [name, { get, enumerable: true }];
        }),
      ),
    );
    expect(outcome(tokens.verify(meddling, { now: NOW }))).toBe("valid");
    expect(tokens.verifyMany([fields, meddling, fields], { now: NOW }).validCount).toBe(3);
    // One that answers otherwise the second time is read once: its first answer counts.
    let asked = 0;
    const fickle = {
      ...fields,
      get user(): string {
        return asked++ === 0 ? (fields["user"] as string) : "admin";
      },
    };
    const verdict = tokens.verify(fickle, { now: NOW });
    expect(verdict.valid && verdict.claims).toMatchObject({ user: fields["user"] });
  });

  it("a getter may dispose of the verifier: an error, and nothing worse", () => {
    for (const scheme of schemes) {
      const { tokens, issue } = scheme.make();
      const list: unknown[] = [issue(), undefined];
      Object.defineProperty(list, 1, { get: () => tokens.dispose() });
      expect(() => tokens.verifyMany(list, { now: NOW }), scheme.name).toThrow("disposed");
    }
    for (const { tokens, issue } of made) expect(outcome(tokens.verify(issue(), { now: NOW }))).toBe("valid");
  });
});

it("every scheme: after dispose each verb throws, whatever it is given, and an earlier batch stays as it was", () => {
  for (const scheme of schemes) {
    const { tokens, issue } = scheme.make();
    const genuine = issue();
    const verdicts = tokens.verifyMany([genuine, null], { now: NOW });
    tokens.dispose();
    tokens.dispose();
    for (const value of [genuine, null, "", {}]) {
      expectError(() => tokens.verify(value, { now: NOW }), "ERR_DISPOSED", "this");
      expectError(() => tokens.verifyMany([value], { now: NOW }), "ERR_DISPOSED", "this");
    }
    expectError(() => tokens.verifyMany([], { now: NOW }), "ERR_DISPOSED", "this");
    expectError(issue, "ERR_DISPOSED", "this");
    expect([...verdicts].map(outcome), scheme.name).toEqual(["valid", scheme.garbage]);
  }
});

describe("T13: what stands on Object.prototype decides nothing", () => {
  /** Runs with properties on Object.prototype, as a polluted program does. */
  function polluted<Result>(properties: Record<string, unknown>, run: () => Result): Result {
    try {
      for (const [name, value] of Object.entries(properties)) {
        Object.defineProperty(Object.prototype, name, { value, configurable: true, writable: true });
      }
      return run();
    } finally {
      for (const name of Object.keys(properties)) Reflect.deleteProperty(Object.prototype, name);
    }
  }

  /** Every option and field there is, with the value that would do most harm. */
  const everything = {
    ...{ now: 1n, strict: false, upperCaseSignature: true, allowAnonymous: true, singleSignature: true },
    ...{ skew: 4_000_000_000, maxLifetime: 4_000_000_000, lifetime: 0, defaultInfo: "x", profile: "v1" },
    ...{ sessionId: "s", peerId: "device://other", suite: "xchacha20poly1305", serverEndpoint: "6.6.6.6:6" },
    ...{ maxAge: 4_000_000_000, key: sharedSecret, algorithms: ["none"], alg: "none" },
    ...{ secret: sharedSecret, secretKey: sharedSecret, deviceSecretKey: sharedSecret, applicationId: 42n },
    ...{ user: "admin", timestamp: "1700000000", info: "{}", token: "0".repeat(64), expiration: 2n ** 40n },
    ...{ threads: 1, worker: "file:///evil.cjs", env: { NODE_OPTIONS: "--require ./evil.cjs" } },
    ...{ entropy: new Uint8Array(24), userData: new Uint8Array(5), family: 6, valid: true, reason: "none", cause: 1 },
  };

  it.each(made)("$name: not a token's verdict, nor the clock's", ({ scheme, tokens, issue }) => {
    const genuine = issue();
    const found = polluted(everything, () => {
      const results = [
        tokens.verify(genuine, { now: NOW }),
        tokens.verify({}, { now: NOW }),
        tokens.verify(Object.create(Object(genuine)), { now: NOW }),
        tokens.verify(genuine), // in 2023, by the clock
        tokens.verify(genuine, {}),
      ];
      return [...results, ...tokens.verifyMany([genuine, {}, null], { now: NOW })].map(outcome);
    });
    const { garbage: refused } = scheme;
    expect(found).toEqual(["valid", refused, refused, "expired", "expired", "valid", refused, refused]);
  });

  it("no option comes from there", () => {
    const errors = polluted(everything, () =>
      [CuteTokens, CutePool, SnapNetTokens, CentrifugoTokens, TirtcTokens].map((Tokens) => {
        try {
          new Tokens({} as never);
        } catch (error) {
          return (error as Error).message;
        }
        return "nothing was thrown";
      }),
    );
    expect(errors.map((message) => message.split(" ")[0])).toEqual([
      "applicationId",
      "applicationId",
      "sessionId",
      "profile",
      "accessId",
    ]);
  });

  it("nor does a token put anything there", () => {
    const payload = {
      sub: "s",
      scope: "connect:d",
      iss: "access",
      iat: Number(NOW),
      exp: Number(NOW) + 9,
      nonce: "AAAA",
    };
    const json = JSON.stringify(payload).replace(
      "{",
      '{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":1}},',
    );
    const text = Buffer.from(json).toString("base64url");
    const single = made.find(({ name }) => name === "TiRTC, one signature");
    const signature = createHmac("sha256", sharedSecret).update(text).digest("base64url");
    expect(single?.tokens.verify(`v1.${text}.${signature}`, { now: NOW }).valid).toBe(false);
    const hostile = JSON.parse(
      '{"__proto__":{"valid":true},"user":"u","timestamp":"1","info":"","token":"x"}',
    ) as object;
    for (const { tokens } of made) expect(tokens.verify(hostile, { now: NOW }).valid).toBe(false);
    expect("admin" in {}).toBe(false);
    expect("valid" in {}).toBe(false);
  });
});
