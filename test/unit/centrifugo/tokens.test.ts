import { describe, expect, it } from "vitest";
import type { CentrifugoToken, CentrifugoTokens } from "../../../src/centrifugo/index.ts";
import { centrifugoSign } from "../../reference/string-schemes.ts";
import {
  CLIENT,
  centrifugoReason,
  centrifugoTokenId,
  makeCentrifugo,
  NOW,
  SECRET,
  STAMP,
  signed,
} from "../../support/centrifugo.ts";
import { expectError } from "../../support/errors.ts";
import { Random } from "../../support/random.ts";
import {
  bitFlips,
  expectSameVerdicts,
  HUGE,
  randomText,
  STRANGE,
  stringVector,
  stringVectors,
} from "../../support/string-schemes.ts";

type Name = "secret" | "project_key" | "user" | "timestamp" | "info" | "client" | "channel" | "encoded_data";
type Fields = Readonly<Record<Name, string>>;

const strict = makeCentrifugo();
const loose = makeCentrifugo({ strict: false });
const projectKey = "project";
const v0 = makeCentrifugo({ profile: "v0", projectKey });
const reason = (token: unknown, tokens = strict, now: number | bigint = NOW) => centrifugoReason(tokens, token, now);

describe("CentrifugoTokens: vectors", () => {
  const fields = stringVectors<Fields>("centrifugo").filter(({ scheme }) => !scheme.includes("collision"));
  it.each(fields)("$scheme", ({ scheme, input, output, wrong_output_latin1: latin1 }) => {
    const profile = scheme.includes("-v0-") ? "v0" : "v1";
    const project = profile === "v0" ? { projectKey: input.project_key } : {};
    const options = { profile, ...project, lifetime: 0, allowAnonymous: true, secret: input.secret } as const;
    const tokens = makeCentrifugo(options);
    const { user, timestamp, info, client, channel, encoded_data: data } = input;
    if (scheme.endsWith("connection")) {
      expect(tokens.issue({ user, timestamp, info })).toBe(output);
      const verdict = tokens.verify({ user, timestamp, info, token: output });
      expect(verdict).toMatchObject({ valid: true, claims: { user, timestamp, info }, expiresAt: 2n ** 64n - 1n });
      expect(verdict.valid && verdict.tokenId).toBe(centrifugoTokenId(output));
      if (latin1) expect(reason({ user, timestamp, info, token: latin1 }, tokens)).toBe("not-genuine");
    } else if (scheme.endsWith("api-sign")) {
      expect(tokens.signApi(data)).toBe(output);
      expect(tokens.verifyApi(Buffer.from(data), output)).toBe(true);
    } else {
      // The vector's client id is none, and its channel is not a private one.
      expectError(() => tokens.signChannel({ client, channel, info }), "ERR_FORMAT", "client");
      expectError(() => tokens.signChannel({ client: CLIENT, channel, info }), "ERR_FORMAT", "channel");
      expect(tokens.verifyChannel({ client, channel, info, sign: output })).toBe(false);
      const old = makeCentrifugo({ ...options, strict: false });
      expect(old.signChannel({ client, channel, info })).toBe(output);
      expect(old.verifyChannel({ client, channel, info, sign: output })).toBe(true);
    }
  });

  it("accepts one side of the published collision, an old server both", () => {
    const collision = stringVector<Record<"a" | "b", CentrifugoToken>>("centrifugo-v1-field-shift-collision");
    const { a, b } = collision.input;
    const token = collision.output;
    const forever = makeCentrifugo({ lifetime: 0 });
    expect(forever.issue(a)).toBe(token);
    expect(reason({ ...a, token }, forever)).toBe("valid");
    expect(reason({ ...b, token }, forever)).toBe("malformed");
    expectError(() => forever.issue(b), "ERR_FORMAT", "timestamp");
    for (const each of [a, b])
      expect(reason({ ...each, token }, makeCentrifugo({ lifetime: 0, strict: false }))).toBe("valid");
  });

  it("refuses the re-split tokens of the documents", () => {
    const { token } = signed("u1", "1430669930", "");
    expect(reason({ user: "u", timestamp: "1143066993", info: "0", token }, makeCentrifugo({ lifetime: 0 }))).toBe(
      "malformed",
    );
    const { client, sign } = { client: CLIENT, sign: centrifugoSign(SECRET, CLIENT, "$news1") };
    expect(strict.verifyChannel({ client, channel: "$news1", sign })).toBe(true);
    expect(strict.verifyChannel({ client, channel: "$news", info: "1", sign })).toBe(false);
    expect(loose.verifyChannel({ client, channel: "$news", info: "1", sign })).toBe(true);
  });
});

describe("CentrifugoTokens: connection tokens", () => {
  it("issues what node:crypto signs, and accepts it", () => {
    const random = new Random(1);
    for (let i = 0; i < 3000; i++) {
      const project = random.below(2) ? projectKey : "";
      const [user, stamp] = [randomText(random, 1 + random.below(12), true), `${NOW - random.below(3599)}`];
      const info = random.below(3)
        ? JSON.stringify({ [randomText(random, 3)]: randomText(random, 9, true), n: [1] })
        : "";
      const tokens = project ? v0 : strict;
      const token = tokens.issue({ user, timestamp: stamp, info }, { now: NOW });
      expect(token).toBe(centrifugoSign(SECRET, project, user, stamp, info));
      const verdict = tokens.verify({ user, timestamp: stamp, info, token }, { now: NOW });
      expect(verdict).toMatchObject({ valid: true, claims: { user, timestamp: stamp, info } });
      expect(verdict.valid && verdict.expiresAt).toBe(BigInt(stamp) + 3600n);
    }
  });

  it("accepts no two ways of splitting the same bytes", () => {
    const random = new Random(2);
    const forever = makeCentrifugo({ lifetime: 0, allowAnonymous: true });
    const digits = () => `${1e9 + random.below(5e8)}`;
    let accepted = 0;
    for (let i = 0; i < 400; i++) {
      const user = [randomText(random, random.below(3)), random.below(3) ? digits() : `{"${digits()}":{`, "4"][
        i % 3
      ] as string;
      const info = random.pick([
        "",
        "{}",
        `{"a":"${digits()}{\\"b\\":{}}"}`,
        `{"${digits()}":{"c":{}}}`,
        `{"a":"{}"} \n`,
      ]);
      const bytes = user + digits() + info;
      const token = centrifugoSign(SECRET, bytes);
      const splits: CentrifugoToken[] = [];
      for (let from = 0; from <= bytes.length; from++) {
        for (let to = from; to <= Math.min(bytes.length, from + 12); to++) {
          const [head, middle, tail] = [bytes.slice(0, from), bytes.slice(from, to), bytes.slice(to)];
          splits.push({ user: head, timestamp: middle, info: tail, token });
        }
      }
      expect(forever.verifyMany(splits, { now: NOW }).validCount, bytes).toBeLessThanOrEqual(1);
      accepted += forever.verifyMany(splits, { now: NOW }).validCount;
    }
    expect(accepted).toBe(400);
  });

  it("refuses every change of one bit, in the token and beside it", () => {
    const good = signed("user", STAMP, '{"a":1}');
    const changed = (["user", "timestamp", "info", "token"] as const).flatMap((field) =>
      [...bitFlips(good[field] as string)].map((text) => ({ ...good, [field]: text })),
    );
    expect(changed).toHaveLength(7 * (4 + 10 + 7 + 64));
    expect(strict.verifyMany(changed, { now: NOW }).validCount).toBe(0);
    expect(makeCentrifugo({ lifetime: 0, strict: false }).verifyMany(changed, { now: NOW }).validCount).toBe(0);
    expect(reason(good)).toBe("valid");
  });

  it.each([
    ["an empty user", signed("", STAMP, "")],
    ["nine digits", signed("u", "170000000", "")],
    ["eleven digits", signed("u", "17000000000", "")],
    ["a sign", signed("u", "+170000000", "")],
    ["a space", signed("u", " 170000000", "")],
    ["hex", signed("u", "0x17000000", "")],
    ["full-width digits", signed("u", "１７０００００００0", "")],
    ["no timestamp", signed("u", "", "")],
    ["an info of white space", signed("u", STAMP, " ")],
    ["a space before the info", signed("u", STAMP, " {}")],
    ["an array", signed("u", STAMP, "[]")],
    ["a number", signed("u", STAMP, "1")],
    ["two objects", signed("u", STAMP, "{}{}")],
    ["an open object", signed("u", STAMP, "{")],
    ["an object 65 deep", signed("u", STAMP, `${'{"a":'.repeat(64)}{}${"}".repeat(64)}`)],
    ["a token in upper case", { ...signed("u", STAMP, ""), token: signed("u", STAMP, "").token.toUpperCase() }],
    ["a short token", { ...signed("u", STAMP, ""), token: "00" }],
    ["a token with a space", { ...signed("u", STAMP, ""), token: ` ${signed("u", STAMP, "").token}` }],
    ["a message of 65,537 characters", signed("u".repeat(65_537 - 10), STAMP, "")],
  ])("refuses a genuine token with %s", (_, token) => {
    expect(reason(token)).toBe("malformed");
  });

  it("moves no character between the info and the token", () => {
    const { user, timestamp, token } = signed("u", STAMP, "");
    expect(reason({ user, timestamp: timestamp.slice(0, -1), info: "", token: `0${token}` }, loose)).toBe("malformed");
    expect(reason({ user, timestamp, info: token.slice(0, 1), token: token.slice(1) }, loose)).toBe("malformed");
  });

  it("takes a lone surrogate for no other character, in any field", () => {
    for (const tokens of [strict, loose]) {
      const good = signed("\ufffd", STAMP, '{"a":"\ufffd"}');
      expect(reason(good, tokens)).toBe("valid");
      expect(reason({ ...good, user: "\ud800" }, tokens)).toBe("malformed");
      expect(reason({ ...good, info: '{"a":"\udc00"}' }, tokens)).toBe("malformed");
      expectError(() => tokens.issue({ user: "\ud800", timestamp: STAMP }), "ERR_FORMAT", "user");
    }
    const { token } = signed("😀", STAMP, "");
    expect(
      reason({ user: "\ud83d", timestamp: `\ude00${STAMP}`, token }, makeCentrifugo({ lifetime: 0, strict: false })),
    ).toBe("malformed");
  });

  it("accepts messages of 65,536 characters and infos 64 deep", () => {
    const long = { user: "é".repeat(65_526), timestamp: STAMP };
    expect(reason({ ...long, token: strict.issue(long, { now: NOW }) })).toBe("valid");
    expectError(() => strict.issue({ ...long, user: `${long.user}u` }, { now: NOW }), "ERR_RANGE", "token");
    expect(reason(signed("u", STAMP, `${'{"a":'.repeat(63)}{}${"}".repeat(63)}`))).toBe("valid");
  });

  it("expires, and is not valid before its time, each to the second", () => {
    const token = signed("u", STAMP, "");
    expect(reason(token, strict, NOW + 3599)).toBe("valid");
    expect(reason(token, strict, NOW + 3600)).toBe("expired");
    expect(reason(token, strict, 2n ** 64n - 1n)).toBe("expired");
    expect(reason(token, strict, NOW - 60)).toBe("valid");
    expect(reason(token, strict, NOW - 61)).toBe("not-yet-valid");
    expect(reason(token, makeCentrifugo({ skew: 0 }), NOW - 1)).toBe("not-yet-valid");
    expect(reason(token, makeCentrifugo({ lifetime: 0 }), 2n ** 64n - 1n)).toBe("valid");
    expect(reason(token, loose, NOW - 10_000)).toBe("valid");
    expect(reason({ ...token, token: "0".repeat(64) }, strict, NOW + 3600)).toBe("not-genuine");
  });

  it("takes a token for the leeway longer, and says so", () => {
    for (const tokens of [makeCentrifugo({ leeway: 60 }), makeCentrifugo({ leeway: 60, strict: false })]) {
      const token = signed("u", STAMP, "");
      for (const late of [3600, 3659, 3660]) {
        const verdict = tokens.verify(token, { now: NOW + late });
        const many = tokens.verifyMany([token], { now: NOW + late });
        expect(verdict.valid ? verdict.expiresAt : verdict.reason).toBe(late < 3660 ? BigInt(NOW + 3660) : "expired");
        expect([many.at(0), many.expiresAt(0)]).toEqual([verdict, verdict.valid ? verdict.expiresAt : undefined]);
      }
    }
    const forever = makeCentrifugo({ lifetime: 0, leeway: 60 }).verify(signed("u", STAMP, ""), { now: NOW });
    expect(forever).toMatchObject({ expiresAt: 2n ** 64n - 1n });
  });

  it("issues many at once, or none where one is wrong", () => {
    const list = Array.from({ length: 300 }, (_, i) => ({ user: `user-${i}`, timestamp: `${NOW - i}` }));
    expect(strict.issueMany(list, { now: NOW })).toEqual(
      list.map(({ user, timestamp }) => signed(user, timestamp, "").token),
    );
    expect(v0.issueMany([{ user: "u", timestamp: STAMP, info: "{}" }])).toEqual([
      signed("u", STAMP, "{}", projectKey).token,
    ]);
    expect(strict.issueMany([])).toEqual([]);
    const good = { user: "u", timestamp: STAMP };
    for (const [bad, code, argument] of [
      [{ ...good, user: "" }, "ERR_FORMAT", "tokens[1].user"],
      [{ ...good, timestamp: `${NOW + 61}` }, "ERR_RANGE", "tokens[1].timestamp"],
      [{ ...good, info: 5 }, "ERR_TYPE", "tokens[1].info"],
      [{ ...good, infos: "" }, "ERR_TYPE", "tokens[1].infos"],
      [{ ...good, user: "u".repeat(65_536) }, "ERR_RANGE", "tokens[1]"],
      [null, "ERR_TYPE", "tokens[1]"],
    ] as const) {
      expectError(() => strict.issueMany([good, bad as never], { now: NOW }), code, argument);
    }
    expectError(() => strict.issueMany({} as never), "ERR_TYPE", "tokens");
    expectError(() => strict.issueMany([], { now: Date.now() }), "ERR_RANGE", "now");
  });

  it("without the strict rules reads timestamps as the old servers do", () => {
    const expected: [string, number, string][] = [
      ["+1700000000", NOW, "valid"],
      ["0001700000000", NOW, "valid"],
      ["1700000000", NOW + 3600, "expired"],
      ["-5", 3594, "valid"],
      ["-5", 3595, "expired"],
      ["9223372036854775807", NOW, "valid"],
      ["9223372036854775808", NOW, "malformed"],
      ["-9223372036854775808", NOW, "expired"],
      ["-9223372036854775809", NOW, "malformed"],
      ["1_700_000_000", NOW, "malformed"],
      ["1700000000.0", NOW, "malformed"],
      ["0x65", NOW, "malformed"],
      ["", NOW, "malformed"],
      ["-", NOW, "malformed"],
    ];
    for (const [timestamp, now, outcome] of expected) {
      expect(reason(signed("", timestamp, "anything"), loose, now), timestamp).toBe(outcome);
    }
    const late = loose.verify(signed("u", "9223372036854775807", ""), { now: 2n ** 63n + 3598n });
    expect(late).toMatchObject({ valid: true, expiresAt: 2n ** 63n + 3599n });
    expect(reason(signed("u", "9223372036854775807", ""), loose, 2n ** 63n + 3599n)).toBe("expired");
    const forever = makeCentrifugo({ strict: false, lifetime: 0 });
    for (const [timestamp, , outcome] of expected) {
      const read = outcome === "expired" ? "valid" : outcome;
      expect(reason(signed("u", timestamp, ""), forever), timestamp).toBe(read);
    }
  });

  it("hashes the profile's info where none is given", () => {
    const [user, timestamp] = ["u", STAMP];
    const cases: [CentrifugoTokens, string, string][] = [
      [v0, projectKey, "{}"],
      [strict, "", ""],
      [makeCentrifugo({ defaultInfo: '{"a":1}' }), "", '{"a":1}'],
      [makeCentrifugo({ profile: "v0", projectKey, defaultInfo: "" }), projectKey, ""],
    ];
    for (const [tokens, project, info] of cases) {
      const { token } = signed(user, timestamp, info, project);
      expect(tokens.issue({ user, timestamp })).toBe(token);
      expect(tokens.verify({ user, timestamp, token }, { now: NOW })).toMatchObject({
        claims: { user, timestamp, info },
      });
      const sign = centrifugoSign(SECRET, CLIENT, "$x", info);
      expect(tokens.channelResponse(CLIENT, [{ channel: "$x" }])["$x"]).toEqual({ info, sign });
      expect(tokens.verifyChannel({ client: CLIENT, channel: "$x", sign })).toBe(true);
    }
  });

  it("hands out what a client connects with", () => {
    const info = '{"name":"Zoë"}';
    const parameters = v0.connectionParameters({ user: "42", info }, { now: NOW });
    expect(parameters).toEqual({ ...signed("42", STAMP, info, projectKey), project: projectKey });
    expect(strict.connectionParameters({ user: "42" }, { now: NOW })).toEqual(signed("42", STAMP, ""));
    const { timestamp } = strict.connectionParameters({ user: "42" });
    expect(Math.abs(Number(timestamp) - Date.now() / 1000)).toBeLessThan(5);
    expectError(() => strict.connectionParameters({ user: "42" }, { now: 5 }), "ERR_FORMAT", "timestamp");
  });

  it("accepts anonymous users where asked to", () => {
    expectError(() => strict.issue({ user: "", timestamp: STAMP }), "ERR_FORMAT", "user");
    expect(reason(signed("", STAMP, ""), makeCentrifugo({ allowAnonymous: true }))).toBe("valid");
    expect(reason(signed("", STAMP, ""), loose)).toBe("valid");
  });

  it("gives the same tokenId to the same issued token only", () => {
    const ids = ["a", "b"].flatMap((user) =>
      [STAMP, `${NOW - 1}`].map((stamp) => {
        const verdict = strict.verify(signed(user, stamp, ""), { now: NOW });
        return verdict.valid ? verdict.tokenId : "";
      }),
    );
    expect(new Set(ids).size).toBe(4);
    expect(ids.every((id) => /^centrifugo:[0-9a-f]{64}$/.test(id))).toBe(true);
  });

  it("says what a genuine token claims that it refuses for its time, and nothing of any other", () => {
    const [late, early] = [`${NOW - 3600}`, `${NOW + 61}`];
    const forged = { ...signed("u", late, "{}"), user: "v" };
    const tokens = [signed("u", late, "{}"), signed("u", early, "{}"), forged, signed("u", "1", "{}")];
    const verdicts = [
      { valid: false, reason: "expired", refusedClaims: { user: "u", timestamp: late, info: "{}" } },
      { valid: false, reason: "not-yet-valid", refusedClaims: { user: "u", timestamp: early, info: "{}" } },
      { valid: false, reason: "not-genuine" },
      { valid: false, reason: "malformed" },
    ];
    expect([...strict.verifyMany(tokens, { now: NOW })]).toStrictEqual(verdicts);
    expect(tokens.map((one) => strict.verify(one, { now: NOW }))).toStrictEqual(verdicts);
  });

  it("issues with the newest secret and verifies with any", () => {
    const both = makeCentrifugo({ secret: ["new", Buffer.from(SECRET)] });
    expect(both.issue({ user: "u", timestamp: STAMP })).toBe(centrifugoSign("new", "u", STAMP));
    const token = (secret: string) => ({ ...signed("u", STAMP, ""), token: centrifugoSign(secret, "u", STAMP) });
    const tokens = [token("new"), token(SECRET), token("other")];
    const verdicts = both.verifyMany(tokens, { now: NOW });
    const indexes = [0, 1, undefined];
    expect(verdicts.map((verdict) => (verdict.valid ? verdict.secretIndex : undefined))).toEqual(indexes);
    const singly = tokens.map((one) => both.verify(one, { now: NOW }));
    expect(singly.map((verdict) => (verdict.valid ? verdict.secretIndex : undefined))).toEqual(indexes);
  });

  it("gives the same verdicts one by one and ten thousand at once", () => {
    const random = new Random(3);
    const tokens = Array.from({ length: 10_000 }, (_, i): unknown => {
      const token = signed(
        `u${randomText(random, 2)}`,
        `${NOW - 3600 + random.below(3720)}`,
        random.pick(["", "{}", "{", "1"]),
      );
      switch (random.below(8)) {
        case 0:
          return { ...token, token: token.token.slice(0, random.below(64)) };
        case 1:
          return { ...token, user: `${token.user}${random.below(2) ? "x" : "\ud800"}` };
        case 2:
          return { ...token, [random.pick(["user", "timestamp", "info", "token"])]: random.pick(STRANGE) };
        case 3:
          return i % 400 === 0 ? { ...token, user: HUGE } : random.pick(STRANGE);
        default:
          return token;
      }
    }) as CentrifugoToken[];
    for (const tokens_ of [strict, loose]) {
      const counts = expectSameVerdicts(
        tokens_.verifyMany(tokens, { now: NOW }),
        tokens.map((token) => tokens_.verify(token, { now: NOW })),
      );
      const reasons = [
        "expired",
        "malformed",
        "not-genuine",
        ...(tokens_ === strict ? ["not-yet-valid"] : []),
        "valid",
      ];
      expect([...counts.keys()].sort()).toEqual(reasons);
    }
  });
});
