import { describe, expect, it, vi } from "vitest";
import { SnapNetTokens } from "../../../src/snapnet/index.ts";
import { snapNetToken } from "../../reference/string-schemes.ts";
import { unhex } from "../../support/bytes.ts";
import { expectError } from "../../support/errors.ts";
import { Random } from "../../support/random.ts";
import {
  bitFlips,
  expectSameVerdicts,
  HUGE,
  polluted,
  randomText,
  STRANGE,
  stringVector,
} from "../../support/string-schemes.ts";

interface Ids {
  readonly user_id: string;
  readonly session_id: string;
}

const HEX = "580c5b97c79d787660ba55ad334eeccb4df63193274b3ffec343b5f86795b1bf";
const secret = unhex(HEX);
const NOW = 1_700_000_000;
const anySession = new SnapNetTokens({ secret: HEX, sessionId: null });
const verify = (token: unknown, now: number | bigint = NOW) => anySession.verify(token as string, { now });
const reason = (token: unknown, now?: number | bigint) => {
  const verdict = verify(token, now);
  return verdict.valid ? "valid" : verdict.reason;
};

describe("SnapNetTokens", () => {
  it("makes and accepts the published token", () => {
    const vector = stringVector<Ids & { expiration: number }>("snapnet");
    const { user_id: userId, session_id: sessionId, expiration } = vector.input;
    expect(anySession.issue({ userId, sessionId, expiration })).toBe(vector.output);
    const verdict = verify(vector.output, 1_641_092_819);
    expect(verdict).toMatchObject({
      valid: true,
      claims: { userId, sessionId, expiration },
      expiresAt: 1_641_092_820n,
    });
    expect(verdict.valid && verdict.tokenId).toBe("snapnet:user123|session-abc|1641092820");
    expect(reason(vector.output, 1_641_092_820)).toBe("expired");
  });

  it("refuses both sides of the published collision, on issue and on verify", () => {
    const collision = stringVector<Record<"a" | "b", Ids>>("snapnet-pipe-collision");
    const { a, b } = collision.input;
    const signature = collision.output_signature_both;
    for (const { user_id: userId, session_id: sessionId } of [a, b]) {
      const argument = userId.includes("|") ? "userId" : "sessionId";
      expectError(() => anySession.issue({ userId, sessionId, expiration: 1 }), "ERR_FORMAT", argument);
    }
    expect(snapNetToken(secret, "a|b", "c", 1)).toBe(`a|b|c|1|${signature}`);
    expect(reason(`a|b|c|1|${signature}`, 0)).toBe("malformed");
  });

  it("issues what node:crypto signs, and accepts it", () => {
    const random = new Random(1);
    let issued = 0;
    for (let i = 0; i < 3000; i++) {
      const [userId, sessionId] = [randomText(random, random.below(20)), randomText(random, 1 + random.below(9))];
      const expiration = NOW + 1 + random.below(1e6);
      if (userId === "" || Buffer.byteLength(userId) > 63 || Buffer.byteLength(sessionId) > 63) continue;
      const token = anySession.issue({ userId, sessionId, expiration });
      expect(token).toBe(snapNetToken(secret, userId, sessionId, expiration));
      expect(verify(token)).toMatchObject({ valid: true, claims: { userId, sessionId, expiration } });
      issued++;
    }
    expect(issued).toBeGreaterThan(2000);
  });

  it("throws for ids full of separators, controls and lone surrogates, or gives the same fields back", () => {
    const random = new Random(2);
    const alphabet = ["|", "a", "\0", "\n", "\x7f", "\u0085", "\uff5c", "\ud800", "\udc00", "😀", " "];
    let accepted = 0;
    for (let i = 0; i < 5000; i++) {
      const [userId, sessionId] = [0, 1].map(() =>
        Array.from({ length: random.below(4) }, () => random.pick(alphabet)).join(""),
      ) as [string, string];
      let token: string;
      try {
        token = anySession.issue({ userId, sessionId, expiration: NOW + 1 });
      } catch (error) {
        expect(error).toMatchObject({ code: "ERR_FORMAT" });
        continue;
      }
      expect(verify(token)).toMatchObject({ claims: { userId, sessionId, expiration: NOW + 1 } });
      accepted++;
    }
    expect(accepted).toBeGreaterThan(50);
  });

  it.each([
    ["a NUL", "u\0", "s", "9"],
    ["a line break", "u", "s\n", "9"],
    ["an empty user", "", "s", "9"],
    ["an empty session", "u", "", "9"],
    ["64 bytes", "é".repeat(32), "s", "9"],
    ["64 bytes of a session", "u", "s".repeat(64), "9"],
    ["a leading zero", "u", "s", "09"],
    ["a sign", "u", "s", "+9"],
    ["a space", "u", "s", " 9"],
    ["no expiration", "u", "s", ""],
    ["2^53", "u", "s", "9007199254740992"],
    ["a fraction", "u", "s", "9.0"],
  ])("refuses a genuine token with %s", (_, userId, sessionId, expiration) => {
    expect(reason(snapNetToken(secret, userId, sessionId, expiration as never), 0)).toBe("malformed");
  });

  it("takes a lone surrogate for no other character", () => {
    const token = snapNetToken(secret, "\ufffd", "s", NOW + 1);
    expect(reason(token)).toBe("valid");
    expect(reason(token.replace("\ufffd", "\ud800"))).toBe("malformed");
    expect(reason(token.replace("\ufffd", "\udc00"))).toBe("malformed");
  });

  it("accepts ids of 63 bytes and an expiration of 2^53 - 1", () => {
    const expiration = Number.MAX_SAFE_INTEGER;
    const token = anySession.issue({
      userId: `a${"é".repeat(31)}`,
      sessionId: "s".repeat(63),
      expiration: BigInt(expiration),
    });
    expect(verify(token, 2n ** 53n - 2n)).toMatchObject({ valid: true, claims: { expiration } });
    expect(reason(token, 2n ** 53n - 1n)).toBe("expired");
    expect(reason(token, 2n ** 64n - 1n)).toBe("expired");
  });

  it("refuses every change of one bit", () => {
    const token = anySession.issue({ userId: "user", sessionId: "session", expiration: NOW + 45 });
    const changed = [...bitFlips(token)];
    expect(changed).toHaveLength(token.length * 7);
    expect(anySession.verifyMany(changed, { now: NOW }).validCount).toBe(0);
  });

  it("takes upper-case digits only where an option says so", () => {
    const lenient = new SnapNetTokens({ secret: HEX, sessionId: null, upperCaseSignature: true });
    const token = anySession.issue({ userId: "u", sessionId: "s", expiration: NOW + 1 });
    const upper = token.slice(0, -64) + token.slice(-64).toUpperCase();
    expect(upper).not.toBe(token);
    expect(reason(upper)).toBe("malformed");
    for (const each of [upper, token]) expect(lenient.verify(each, { now: NOW }).valid).toBe(true);
  });

  it("accepts its own session only, and looks at it before the expiration", () => {
    const server = new SnapNetTokens({ secret: HEX, sessionId: "mine" });
    const reasonOf = (sessionId: string, expiration: number) => {
      const verdict = server.verify(anySession.issue({ userId: "u", sessionId, expiration }), { now: NOW });
      return verdict.valid ? "valid" : verdict.reason;
    };
    expect(reasonOf("mine", NOW + 1)).toBe("valid");
    expect(reasonOf("mine", NOW)).toBe("expired");
    expect(reasonOf("Mine", NOW + 1)).toBe("wrong-session");
    expect(reasonOf("Mine", NOW)).toBe("wrong-session");
    expect(server.verify(server.issue({ userId: "u" }, { now: NOW }), { now: NOW + 44 }).valid).toBe(true);
    expect(server.verify(server.issue({ userId: "u" }, { now: NOW }), { now: NOW + 45 }).valid).toBe(false);
  });

  it("says what a genuine token claims that it refuses, and nothing of any other", () => {
    const server = new SnapNetTokens({ secret: HEX, sessionId: "mine" });
    const claims = (sessionId: string) => ({ userId: "u", sessionId, expiration: NOW });
    const token = (sessionId: string) => snapNetToken(secret, "u", sessionId, NOW);
    const tokens = [token("theirs"), token("mine"), token("mine").replace("u", "v"), token("a\u0007"), "x"];
    const verdicts = [
      { valid: false, reason: "wrong-session", refusedClaims: claims("theirs") },
      { valid: false, reason: "expired", refusedClaims: claims("mine") },
      { valid: false, reason: "not-genuine" },
      { valid: false, reason: "malformed" },
      { valid: false, reason: "malformed" },
    ];
    expect([...server.verifyMany(tokens, { now: NOW })]).toStrictEqual(verdicts);
    expect(tokens.map((one) => server.verify(one, { now: NOW }))).toStrictEqual(verdicts);
  });

  it("issues with the newest secret and verifies with any", () => {
    const [old, fresh] = ["1f".repeat(32), "2e".repeat(32)];
    const both = new SnapNetTokens({ secret: [fresh, unhex(old)], sessionId: null });
    const claims = { userId: "u", sessionId: "s", expiration: NOW + 1 };
    expect(both.issue(claims)).toBe(snapNetToken(unhex(fresh), "u", "s", NOW + 1));
    const tokens = [old, fresh, HEX].map((each) => snapNetToken(unhex(each), "u", "s", NOW + 1));
    const indexes = [1, 0, undefined];
    const batch = both.verifyMany(tokens, { now: NOW });
    expect(batch.map((verdict) => (verdict.valid ? verdict.secretIndex : undefined))).toEqual(indexes);
    const singly = tokens.map((token) => both.verify(token, { now: NOW }));
    expect(singly.map((verdict) => (verdict.valid ? verdict.secretIndex : undefined))).toEqual(indexes);
  });

  it("gives the same verdicts one by one and ten thousand at once", () => {
    const random = new Random(3);
    const server = new SnapNetTokens({ secret: HEX, sessionId: "mine" });
    const tokens = Array.from({ length: 10_000 }, (_, i): unknown => {
      const userId = `user-${randomText(random, random.below(4))}`;
      const token = snapNetToken(secret, userId, random.pick(["mine", "mine", "theirs"]), NOW + random.below(4) - 1);
      switch (random.below(8)) {
        case 0:
          return token.slice(0, random.below(token.length));
        case 1:
          return `${token.slice(0, -1)}${random.pick([..."0123456789abcdefg"])}`;
        case 2:
          return i % 500 === 0 ? HUGE : random.pick(STRANGE);
        default:
          return token;
      }
    }) as string[];
    const counts = expectSameVerdicts(
      server.verifyMany(tokens, { now: NOW }),
      tokens.map((token) => server.verify(token, { now: NOW })),
    );
    expect([...counts.keys()].sort()).toEqual(["expired", "malformed", "not-genuine", "valid", "wrong-session"]);
  });

  it("never throws for what is no token", () => {
    for (const value of [...STRANGE, HUGE, "", "|||", "a|b|1|"]) expect(reason(value)).toBe("malformed");
    expect(anySession.verifyMany([]).length).toBe(0);
  });

  it.each<[string, object | undefined, string, string]>([
    ["no options", undefined, "ERR_TYPE", "sessionId"],
    ["null", null as never, "ERR_TYPE", "options"],
    ["no secret", { secret: undefined, sessionId: null }, "ERR_TYPE", "secret"],
    ["a short secret", { secret: "00ff", sessionId: null }, "ERR_RANGE", "secret"],
    ["a secret that is not hex", { secret: "x".repeat(64), sessionId: null }, "ERR_FORMAT", "secret"],
    ["a secret of zeros", { secret: new Uint8Array(32), sessionId: null }, "ERR_RANGE", "secret"],
    ["no secret in a list", { secret: [], sessionId: null }, "ERR_RANGE", "secret"],
    ["a bad second secret", { secret: [HEX, 5], sessionId: null }, "ERR_TYPE", "secret[1]"],
    ["no session", { secret: HEX }, "ERR_TYPE", "sessionId"],
    ["a session with a bar", { secret: HEX, sessionId: "a|b" }, "ERR_FORMAT", "sessionId"],
    ["an option that is none", { secret: HEX, sessionId: null, session_id: "s" }, "ERR_TYPE", "session_id"],
    ["an undefined maxLifetime", { secret: HEX, sessionId: null, maxLifetime: undefined }, "ERR_TYPE", "maxLifetime"],
    ["a maxLifetime of 0", { secret: HEX, sessionId: null, maxLifetime: 0 }, "ERR_RANGE", "maxLifetime"],
    ["a long leeway", { secret: HEX, sessionId: null, leeway: 61 }, "ERR_RANGE", "leeway"],
    ["no flag", { secret: HEX, sessionId: null, upperCaseSignature: 1 }, "ERR_TYPE", "upperCaseSignature"],
  ])("refuses to be made from %s", (_, options, code, argument) => {
    expectError(() => new SnapNetTokens(options as never), code as never, argument);
  });

  it("tolerates the line break of a secret's file", () => {
    const token = anySession.issue({ userId: "u", sessionId: "s", expiration: NOW + 1 });
    for (const text of [`${HEX}\n`, `${HEX}\r\n`, HEX.toUpperCase()]) {
      expect(new SnapNetTokens({ secret: text, sessionId: null }).verify(token, { now: NOW }).valid).toBe(true);
    }
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -1, 1.5, Date.now(), -1n, 2n ** 64n])("refuses %s for now", (now) => {
    expectError(() => anySession.verify("", { now }), "ERR_RANGE", "now");
    expectError(() => anySession.verifyMany([], { now }), "ERR_RANGE", "now");
  });

  it("refuses an expiration that is not seconds", () => {
    const issue = (expiration: unknown) => () => anySession.issue({ userId: "u", sessionId: "s", expiration } as never);
    for (const value of [Date.now(), Number.NaN, -1, 1.5, 2n ** 53n])
      expectError(issue(value), "ERR_RANGE", "expiration");
    for (const value of ["9", null]) expectError(issue(value), "ERR_TYPE", "expiration");
  });

  it("reads no clock where an end is given, and refuses a broken one where none is", () => {
    const clock = vi.spyOn(Date, "now").mockReturnValue(Number.NaN);
    try {
      const token = anySession.issue({ userId: "u", sessionId: "s", expiration: NOW + 1 });
      expect(reason(token)).toBe("valid");
      expectError(() => anySession.issue({ userId: "u", sessionId: "s" }), "ERR_RANGE", "now");
      expectError(() => anySession.verify(token), "ERR_RANGE", "now");
    } finally {
      clock.mockRestore();
    }
  });

  it("takes a lifetime in the place of an end, 45 seconds where neither is given", () => {
    const end = (part: object, now: number | bigint = NOW) => {
      const verdict = anySession.verify(anySession.issue({ userId: "u", sessionId: "s", ...part }, { now }), { now });
      return verdict.valid && verdict.claims.expiration;
    };
    expect([end({}), end({ ttl: 1 }), end({ ttl: 4_294_967_295 }), end({ ttl: undefined })]).toEqual([
      NOW + 45,
      NOW + 1,
      NOW + 4_294_967_295,
      NOW + 45,
    ]);
    const issue = (part: object) => () => anySession.issue({ userId: "u", sessionId: "s", ...part }, { now: NOW });
    expectError(issue({ ttl: 5, expiration: NOW + 5 }), "ERR_RANGE", "ttl");
    for (const ttl of [0, -1, 1.5, 2 ** 32]) expectError(issue({ ttl }), "ERR_RANGE", "ttl");
    for (const ttl of ["5", 5n, null]) expectError(issue({ ttl }), "ERR_TYPE", "ttl");
    expectError(issue({ expires: NOW + 5 }), "ERR_TYPE", "expires");
    expectError(issue({ expiration: BigInt(Date.now()) }), "ERR_RANGE", "expiration");
    expectError(
      () => anySession.issue({ userId: "u", sessionId: "s" }, { now: BigInt(Date.now()) }),
      "ERR_RANGE",
      "now",
    );
  });

  it("refuses what lives longer than maxLifetime and 5 seconds, right after what is expired; and issues no such", () => {
    const brief = new SnapNetTokens({ secret: HEX, sessionId: "s", maxLifetime: 30 });
    const verdicts = (expiration: number, session = "s") => {
      const token = snapNetToken(secret, "u", session, expiration);
      const verdict = brief.verify(token, { now: NOW });
      expect(brief.verifyMany([token], { now: NOW }).at(0)).toEqual(verdict);
      return verdict.valid ? "valid" : verdict.reason;
    };
    expect([verdicts(NOW), verdicts(NOW + 1), verdicts(NOW + 35), verdicts(NOW + 36)]).toEqual([
      "expired",
      "valid",
      "valid",
      "lifetime-too-long",
    ]);
    expect([verdicts(9_007_199_254_740_991), verdicts(NOW + 36, "t")]).toEqual(["lifetime-too-long", "wrong-session"]);
    expect(brief.verify(snapNetToken(secret, "u", "s", NOW + 36), { now: NOW })).toEqual({
      valid: false,
      reason: "lifetime-too-long",
      refusedClaims: { userId: "u", sessionId: "s", expiration: NOW + 36 },
    });
    expect(brief.issue({ userId: "u" }, { now: NOW })).toBe(snapNetToken(secret, "u", "s", NOW + 30));
    expect(brief.issue({ userId: "u", expiration: NOW + 30 }, { now: NOW })).toBe(
      snapNetToken(secret, "u", "s", NOW + 30),
    );
    expectError(() => brief.issue({ userId: "u", expiration: NOW + 31 }, { now: NOW }), "ERR_RANGE", "expiration");
    expectError(() => brief.issue({ userId: "u", ttl: 31 }, { now: NOW }), "ERR_RANGE", "ttl");
  });

  it("takes a token for the leeway longer, and says so", () => {
    const late = new SnapNetTokens({ secret: HEX, sessionId: "s", leeway: 10 });
    for (const end of [NOW, NOW - 9, NOW - 10]) {
      const token = snapNetToken(secret, "u", "s", end);
      const verdict = late.verify(token, { now: NOW });
      const many = late.verifyMany([token], { now: NOW });
      expect(verdict.valid ? verdict.expiresAt : verdict.reason).toBe(end > NOW - 10 ? BigInt(end + 10) : "expired");
      expect([many.at(0), many.expiresAt(0)]).toEqual([verdict, verdict.valid ? verdict.expiresAt : undefined]);
    }
  });

  it("issues many at once, or none where one is wrong", () => {
    const server = new SnapNetTokens({ secret: HEX, sessionId: "s" });
    const list = Array.from({ length: 300 }, (_, i) => ({ userId: `user-${i}`, ttl: 1 + i }));
    const tokens = list.map(({ userId, ttl }) => snapNetToken(secret, userId, "s", NOW + ttl));
    expect(server.issueMany(list, { now: NOW })).toEqual(tokens);
    expect(server.issueMany([])).toEqual([]);
    expectError(() => server.issueMany([{ userId: "u" }, { userId: "a|b" }]), "ERR_FORMAT", "tokens[1].userId");
    expectError(() => server.issueMany([{ userId: "u", user: "x" } as never]), "ERR_TYPE", "tokens[0].user");
    expectError(() => server.issueMany([undefined as never]), "ERR_TYPE", "tokens[0]");
    expectError(() => server.issueMany("u" as never), "ERR_TYPE", "tokens");
    expectError(() => server.issueMany([], { now: Date.now() }), "ERR_RANGE", "now");
    server.dispose();
    expectError(() => server.issueMany([]), "ERR_DISPOSED", "this");
  });

  it("is not moved by a polluted Object.prototype", () => {
    const token = anySession.issue({ userId: "u", sessionId: "s", expiration: NOW + 1 });
    polluted({ now: 1, sessionId: "x", secret: "x", upperCaseSignature: true, valid: true }, () => {
      expect(reason(token)).toBe("valid");
      expect(reason(token, NOW + 1)).toBe("expired");
      expectError(() => new SnapNetTokens({ secret: HEX } as never), "ERR_TYPE", "sessionId");
    });
  });

  it("gives right answers where reading its arguments calls it again", () => {
    const good = anySession.issue({ userId: "u", sessionId: "s", expiration: NOW + 1 });
    const bad = `${good.slice(0, -1)}${good.endsWith("0") ? "1" : "0"}`;
    const inner: boolean[] = [];
    const tokens = [good, bad, good];
    Object.defineProperty(tokens, 1, {
      get() {
        inner.push(verify(bad).valid, verify(good).valid);
        return bad;
      },
    });
    expect([...anySession.verifyMany(tokens, { now: NOW })].map(({ valid }) => valid)).toEqual([true, false, true]);
    expect(inner).toEqual([false, true]);
  });

  it("throws ERR_DISPOSED after dispose, at every door", () => {
    const tokens = new SnapNetTokens({ secret: HEX, sessionId: "s" });
    tokens.dispose();
    tokens.dispose();
    for (const use of [() => tokens.issue({ userId: "u" }), () => tokens.verify(""), () => tokens.verifyMany([])]) {
      expectError(use, "ERR_DISPOSED", "this");
    }
  });
});
