import { describe, expect, it } from "vitest";
import { type CentrifugoOptions, CentrifugoTokens } from "../../../src/centrifugo/index.ts";
import { CLIENT, centrifugoReason, makeCentrifugo, NOW, SECRET, STAMP, signed } from "../../support/centrifugo.ts";
import { expectError } from "../../support/errors.ts";
import { HUGE, polluted, STRANGE } from "../../support/string-schemes.ts";

const strict = makeCentrifugo();
const projectKey = "project";
const reason = (token: unknown, tokens = strict, now: number | bigint = NOW) => centrifugoReason(tokens, token, now);

describe("CentrifugoTokens: arguments", () => {
  it.each<[Partial<CentrifugoOptions> | null, string, string]>([
    [null, "ERR_TYPE", "options"],
    [{ profile: "v2" as never }, "ERR_RANGE", "profile"],
    [{ profile: undefined as never }, "ERR_TYPE", "profile"],
    [{ profile: "v0" }, "ERR_TYPE", "projectKey"],
    [{ profile: "v0", projectKey: "" }, "ERR_RANGE", "projectKey"],
    [{ profile: "v0", projectKey: "\ud800" }, "ERR_FORMAT", "projectKey"],
    [{ projectKey }, "ERR_RANGE", "projectKey"],
    [{ lifetime: undefined as never }, "ERR_TYPE", "lifetime"],
    [{ lifetime: -1 }, "ERR_RANGE", "lifetime"],
    [{ lifetime: Number.NaN }, "ERR_RANGE", "lifetime"],
    [{ lifetime: Number.POSITIVE_INFINITY }, "ERR_RANGE", "lifetime"],
    [{ skew: 1.5 }, "ERR_RANGE", "skew"],
    [{ strict: "no" as never }, "ERR_TYPE", "strict"],
    [{ allowAnonymous: 0 as never }, "ERR_TYPE", "allowAnonymous"],
    [{ defaultInfo: "[]" }, "ERR_FORMAT", "defaultInfo"],
    [{ defaultInfo: null as never }, "ERR_TYPE", "defaultInfo"],
    [{ secret: "" }, "ERR_RANGE", "secret"],
    [{ secret: "\0\0" }, "ERR_RANGE", "secret"],
    [{ secret: "\ud800" }, "ERR_FORMAT", "secret"],
    [{ secret: undefined as never }, "ERR_TYPE", "secret"],
    [{ secret: ["a", null as never] }, "ERR_TYPE", "secret[1]"],
  ])("the constructor refuses %o", (options, code, argument) => {
    expectError(
      () => (options === null ? new CentrifugoTokens(null as never) : makeCentrifugo(options)),
      code as never,
      argument,
    );
  });

  it.each<[object | null, string, string]>([
    [null, "ERR_TYPE", "token"],
    [{ user: 42 }, "ERR_TYPE", "user"],
    [{ timestamp: NOW }, "ERR_TYPE", "timestamp"],
    [{ timestamp: `${Date.now()}` }, "ERR_FORMAT", "timestamp"],
    [{ timestamp: `${NOW + 61}` }, "ERR_RANGE", "timestamp"],
    [{ info: null }, "ERR_TYPE", "info"],
    [{ info: {} }, "ERR_TYPE", "info"],
    [{ info: "x" }, "ERR_FORMAT", "info"],
  ])("issue refuses %o", (part, code, argument) => {
    const token = part === null ? null : { user: "u", timestamp: STAMP, ...part };
    expectError(() => strict.issue(token as never, { now: NOW }), code as never, argument);
  });

  it("never throws for what is no token", () => {
    for (const value of [...STRANGE, HUGE]) {
      expect(reason(value)).toBe("malformed");
      for (const field of ["user", "timestamp", "info", "token"]) {
        if (value === undefined && field === "info") continue;
        const outcome = reason({ ...signed("u", STAMP, ""), [field]: value });
        expect(outcome).toBe("malformed");
      }
    }
  });

  it.each([Number.NaN, -1, 1.5, Date.now(), -1n, 2n ** 64n])("refuses %s for now", (now) => {
    expectError(() => strict.verify(signed("u", STAMP, ""), { now }), "ERR_RANGE", "now");
    expectError(() => strict.verifyMany([], { now }), "ERR_RANGE", "now");
    expectError(() => strict.issue({ user: "u", timestamp: STAMP }, { now }), "ERR_RANGE", "now");
    expectError(() => strict.connectionParameters({ user: "u" }, { now }), "ERR_RANGE", "now");
  });

  it("refuses what is no array", () => {
    for (const value of STRANGE.filter((each) => !Array.isArray(each))) {
      expectError(() => strict.verifyMany(value as never), "ERR_TYPE", "tokens");
    }
  });

  it("is not moved by a polluted Object.prototype", () => {
    const { info: _, ...token } = signed("u", STAMP, "");
    polluted(
      { info: "{}", user: "x", timestamp: "1", token: "0".repeat(64), now: 1, strict: false, lifetime: 0 },
      () => {
        expect(reason(token)).toBe("valid");
        expect(reason({})).toBe("malformed");
        expect(reason(signed("u", "x", ""))).toBe("malformed");
        expectError(() => new CentrifugoTokens({ secret: SECRET, profile: "v1" } as never), "ERR_TYPE", "lifetime");
      },
    );
  });

  it("gives right answers where reading its arguments calls it again, or throws", () => {
    const [good, bad] = [signed("u", STAMP, ""), { ...signed("u", STAMP, ""), user: "v" }];
    const inner: string[] = [];
    const nosy = {
      ...good,
      get user() {
        inner.push(reason(bad), reason(good));
        return "u";
      },
    };
    const broken = {
      ...good,
      get token(): string {
        throw new Error("no");
      },
    };
    const verdicts = strict.verifyMany([good, nosy, bad, broken, good], { now: NOW });
    expect([...verdicts].map((each) => each.valid || each.reason)).toEqual([
      true,
      true,
      "not-genuine",
      "malformed",
      true,
    ]);
    expect(inner).toEqual(["not-genuine", "valid"]);
  });

  it("keeps its verdicts when the caller's objects change", () => {
    const token = signed("u", STAMP, "");
    const verdicts = strict.verifyMany([token], { now: NOW });
    token.user = "root";
    expect(verdicts.at(0)).toMatchObject({ valid: true, claims: { user: "u" } });
  });

  it("throws ERR_DISPOSED after dispose, at every door", () => {
    const tokens = makeCentrifugo();
    tokens.dispose();
    tokens.dispose();
    const channel = { client: CLIENT, channel: "$x" };
    for (const use of [
      () => tokens.issue({ user: "u", timestamp: STAMP }),
      () => tokens.connectionParameters({ user: "u" }),
      () => tokens.verify(5 as never),
      () => tokens.verifyMany([]),
      () => tokens.signChannel(channel),
      () => tokens.verifyChannel(5 as never),
      () => tokens.channelResponse(CLIENT, [{ channel: "$x" }]),
      () => tokens.signApi(""),
      () => tokens.verifyApi(5 as never, ""),
    ]) {
      expectError(use, "ERR_DISPOSED", "this");
    }
  });
});
