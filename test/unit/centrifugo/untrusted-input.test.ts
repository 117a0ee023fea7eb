import { describe, expect, it } from "vitest";
import type { CentrifugoTokens } from "../../../src/centrifugo/index.ts";
import { centrifugoSign } from "../../reference/string-schemes.ts";
import { CLIENT, makeCentrifugo, NOW, SECRET, STAMP, signed } from "../../support/centrifugo.ts";
import { expectError } from "../../support/errors.ts";
import { polluted } from "../../support/string-schemes.ts";

const strict = makeCentrifugo();
const loose = makeCentrifugo({ strict: false });
/** Itself like digits: what is malformed must not become a wrong tag behind it. */
const projectKey = "ab".repeat(50);
const old = makeCentrifugo({ profile: "v0", projectKey, strict: false, lifetime: 0 });

/** The one reason for a token, asked for alone and in a batch. */
function reason(tokens: CentrifugoTokens, token: unknown, now = NOW): string {
  const verdict = tokens.verify(token as never, { now });
  const batch = tokens.verifyMany([token, token] as never, { now });
  const said = verdict.valid ? "valid" : verdict.reason;
  expect([0, 1].map((i) => batch.reasonAt(i) ?? "valid")).toEqual([said, said]);
  return said;
}

describe("what came as a token", () => {
  it.each([{}, null, 5, "token", { user: "", timestamp: "", info: "", token: "" }])(
    "is malformed where it has no digits: %j, whatever the project's key",
    (token) => {
      expect(reason(old, token)).toBe("malformed");
    },
  );

  it("is what it owns: whatever its kind, but no function and nothing inherited", () => {
    const token = signed("u", STAMP, '{"a":1}');
    expect(reason(strict, token)).toBe("valid");
    expect(reason(strict, Object.assign(Object.create(null), token))).toBe("valid");
    expect(reason(strict, Object.assign(new (class {})(), token))).toBe("valid");
    expect(reason(strict, Object.create(token))).toBe("malformed");
    expect(
      reason(
        strict,
        Object.assign(() => {}, token),
      ),
    ).toBe("malformed");
    const { info: _, ...rest } = token;
    expect(reason(strict, Object.assign(Object.create({ info: '{"a":1}' }), rest))).toBe("not-genuine");
  });

  it.each(["user", "timestamp", "info", "token"] as const)("is not helped by Object.prototype.%s", (name) => {
    const token = signed("u", STAMP, '{"a":1}');
    const { [name]: value, ...rest } = token;
    polluted({ [name]: value }, () => {
      expect(reason(strict, rest)).toBe(name === "info" ? "not-genuine" : "malformed");
      expect(reason(strict, token)).toBe("valid");
    });
  });

  it.each([3, 256, 257, 600])("in a list of %s is read once, and nothing beyond", (length) => {
    const read: number[] = [];
    const list = new Proxy(new Array(length).fill(signed("u", STAMP, "")), {
      get(target, name, receiver) {
        if (/^\d+$/.test(String(name))) read.push(Number(name));
        return Reflect.get(target, name, receiver);
      },
    });
    expect(strict.verifyMany(list, { now: NOW }).validCount).toBe(length);
    expect(read).toEqual(Array.from({ length }, (_, i) => i));
  });
});

describe("65,536 characters are hashed, and not one more", () => {
  const text = (length: number) => "x".repeat(length);
  it.each([
    ["user", (n: number) => signed(text(n - 12), STAMP, "{}", projectKey), 100],
    ["timestamp", (n: number) => signed("u", STAMP.padStart(n - 3, "0"), "{}", projectKey), 100],
    ["info", (n: number) => signed("u", STAMP, text(n - 11), projectKey), 100],
  ] as const)("of %s, behind the project's key", (_, make, project) => {
    expect(reason(old, make(65_536 - project))).toBe("valid");
    expect(reason(old, make(65_537 - project))).toBe("malformed");
  });

  it.each([
    ["client", (n: number) => ["c".repeat(n - 4), "$x", "{}"]],
    ["channel", (n: number) => ["c", `$${"x".repeat(n - 4)}`, "{}"]],
    ["info", (n: number) => ["c", "$x", "i".repeat(n - 3)]],
  ] as const)("of a %s", (_, make) => {
    for (const [length, genuine] of [
      [65_536, true],
      [65_537, false],
    ] as const) {
      const [client, channel, info] = make(length) as [string, string, string];
      const sign = centrifugoSign(SECRET, client, channel, info);
      expect(loose.verifyChannel({ client, channel, info, sign })).toBe(genuine);
    }
  });

  it("nor is a project key as long", () => {
    const make = (length: number) => makeCentrifugo({ profile: "v0", projectKey: "p".repeat(length) });
    make(65_536).dispose();
    expectError(() => make(65_537), "ERR_RANGE", "projectKey");
  });
});

describe("a subscription", () => {
  it("has strings in its fields, and nothing that reads like them", () => {
    const good = { client: "5", channel: "6", info: "7", sign: centrifugoSign(SECRET, "567") };
    expect(loose.verifyChannel(good)).toBe(true);
    for (const [name, text] of Object.entries(good)) {
      for (const value of [new String(text), Number(text), { length: text.length, toString: () => text }]) {
        expect(loose.verifyChannel({ ...good, [name]: value } as never)).toBe(false);
      }
    }
  });

  it("gives no character of its info to the sign, nor takes one of the sign's", () => {
    const sign = centrifugoSign(SECRET, "c", "x", "info");
    expect(loose.verifyChannel({ client: "c", channel: "x", info: `info${sign[0]}`, sign: sign.slice(1) })).toBe(false);
    expect(loose.verifyChannel({ client: "c", channel: "x", info: "inf", sign: `o${sign}` })).toBe(false);
    expect(loose.verifyChannel({ client: "c", channel: "x", info: "info", sign })).toBe(true);
  });
});

describe("a timestamp", () => {
  it("of ten zeros has the form of one", () => {
    const forever = makeCentrifugo({ lifetime: 0 });
    expect(reason(forever, signed("u", "0000000000", ""))).toBe("valid");
    expect(reason(forever, { ...signed("u", "0000000000", ""), user: "v" })).toBe("not-genuine");
    expect(forever.issue({ user: "u", timestamp: "0000000000" })).toBe(signed("u", "0000000000", "").token);
  });

  it("may be issued up to the skew ahead", () => {
    const issue = (timestamp: number) => () => strict.issue({ user: "u", timestamp: `${timestamp}` }, { now: NOW });
    expect(issue(NOW + 60)()).toBe(signed("u", `${NOW + 60}`, "").token);
    expectError(issue(NOW + 61), "ERR_RANGE", "timestamp");
  });

  it("may begin with any number of zeros where the old servers' rules hold", () => {
    for (const [timestamp, now, outcome] of [
      [`${"0".repeat(30)}${NOW}`, NOW, "valid"],
      [`-${"0".repeat(30)}5`, 3594, "valid"],
      ["0".repeat(30), 3599, "valid"],
      ["0".repeat(30), 3600, "expired"],
      ["-0", 3600, "expired"],
      ["0", 3599, "valid"],
      ["1".repeat(20), NOW, "malformed"],
    ] as const) {
      expect(reason(loose, signed("u", timestamp, ""), now), timestamp).toBe(outcome);
    }
  });
});

describe("arguments", () => {
  const token = { user: "u", timestamp: STAMP };
  it.each([
    [() => strict.issue(5 as never), "ERR_TYPE", "token"],
    [() => strict.issue(token, 5 as never), "ERR_TYPE", "options"],
    [() => strict.connectionParameters(5 as never), "ERR_TYPE", "token"],
    [() => strict.connectionParameters({ user: "u" }, 5 as never), "ERR_TYPE", "options"],
    [() => strict.connectionParameters({} as never), "ERR_TYPE", "user"],
    [() => strict.verify(signed("u", STAMP, ""), 5 as never), "ERR_TYPE", "options"],
    [() => strict.verifyMany([], 5 as never), "ERR_TYPE", "options"],
    [() => strict.signChannel(5 as never), "ERR_TYPE", "subscription"],
    [() => strict.signChannel({ channel: "$x" } as never), "ERR_TYPE", "client"],
    [() => strict.signChannel({ client: CLIENT } as never), "ERR_TYPE", "channel"],
  ] as const)("%s", (run, code, argument) => {
    expectError(run, code, argument);
  });
});
