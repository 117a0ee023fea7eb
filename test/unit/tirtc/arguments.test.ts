import { describe, expect, it } from "vitest";
import { type TirtcIssue, type TirtcOptions, TirtcTokens } from "../../../src/tirtc/index.ts";
import { expectError } from "../../support/errors.ts";
import { HUGE, polluted, STRANGE } from "../../support/string-schemes.ts";
import { KEYS, makeTirtc, NOW, PEER, signedClaims, tirtcReason } from "../../support/tirtc.ts";

const tokens = makeTirtc();

describe("TirtcTokens: arguments", () => {
  it.each<[object | null, string, string]>([
    [null, "ERR_TYPE", "options"],
    [{ accessId: undefined }, "ERR_TYPE", "accessId"],
    [{ accessId: "" }, "ERR_RANGE", "accessId"],
    [{ accessId: "\ud800" }, "ERR_FORMAT", "accessId"],
    [{ secretKey: undefined }, "ERR_TYPE", "secretKey"],
    [{ secretKey: "" }, "ERR_RANGE", "secretKey"],
    [{ secretKey: new Uint8Array(8) }, "ERR_RANGE", "secretKey"],
    [{ secretKey: [] }, "ERR_RANGE", "secretKey"],
    [{ secretKey: ["a", 5] }, "ERR_TYPE", "secretKey[1]"],
    [{ deviceSecretKey: undefined }, "ERR_TYPE", "deviceSecretKey"],
    [{ deviceSecretKey: "" }, "ERR_RANGE", "deviceSecretKey"],
    [{ deviceSecretKey: ["a"] }, "ERR_TYPE", "deviceSecretKey"],
    [{ singleSignature: true }, "ERR_RANGE", "deviceSecretKey"],
    [{ singleSignature: 1 }, "ERR_TYPE", "singleSignature"],
    [{ skew: -1 }, "ERR_RANGE", "skew"],
    [{ skew: Number.NaN }, "ERR_RANGE", "skew"],
    [{ skew: "60" }, "ERR_TYPE", "skew"],
    [{ secretKey: "key\n" }, "ERR_FORMAT", "secretKey"],
    [{ deviceSecretKey: "key\r\n" }, "ERR_FORMAT", "deviceSecretKey"],
    [{ leeway: 61 }, "ERR_RANGE", "leeway"],
    [{ leeway: -1 }, "ERR_RANGE", "leeway"],
    [{ leeway: "1" }, "ERR_TYPE", "leeway"],
    [{ maxLifetime: undefined }, "ERR_TYPE", "maxLifetime"],
    [{ maxLifeTime: 5 }, "ERR_TYPE", "maxLifeTime"],
    [{ accessID: "a" }, "ERR_TYPE", "accessID"],
    [{ maxLifetime: 0 }, "ERR_RANGE", "maxLifetime"],
    [{ maxLifetime: Number.POSITIVE_INFINITY }, "ERR_RANGE", "maxLifetime"],
  ])("the constructor refuses %o", (options, code, argument) => {
    const make = () =>
      options === null ? new TirtcTokens(null as never) : makeTirtc(options as Partial<TirtcOptions>);
    expectError(make, code as never, argument);
  });

  it.each<[object | null, string, string]>([
    [null, "ERR_TYPE", "token"],
    [{ sub: undefined }, "ERR_TYPE", "sub"],
    [{ sub: "\udc00" }, "ERR_FORMAT", "sub"],
    [{ peerId: 5 }, "ERR_TYPE", "peerId"],
    [{ peerId: "" }, "ERR_RANGE", "peerId"],
    [{ peerId: "\ud800" }, "ERR_FORMAT", "peerId"],
    [{ ttl: 0 }, "ERR_RANGE", "ttl"],
    [{ ttl: 86_401 }, "ERR_RANGE", "ttl"],
    [{ ttl: 1.5 }, "ERR_RANGE", "ttl"],
    [{ ttl: "300" }, "ERR_TYPE", "ttl"],
    [{ iat: Date.now() }, "ERR_RANGE", "iat"],
    [{ iat: BigInt(Date.now()) }, "ERR_RANGE", "iat"],
    [{ exp: NOW + 5 }, "ERR_TYPE", "exp"],
    [{ peer_id: PEER }, "ERR_TYPE", "peer_id"],
    [{ iat: 2n ** 53n - 300n }, "ERR_RANGE", "iat"],
    [{ iat: "0" }, "ERR_TYPE", "iat"],
  ])("issue refuses %o", (part, code, argument) => {
    const token = part === null ? null : { peerId: PEER, sub: "s", ...part };
    expectError(() => tokens.issue(token as never, { now: NOW }), code as never, argument);
  });

  it("issues tokens of at most 8192 characters", () => {
    const issue = (sub: string) => tokens.issue({ peerId: PEER, sub, iat: NOW });
    const rest = Math.floor(((8192 - issue("").length) * 3) / 4);
    const longest = issue("x".repeat(rest));
    expect(8192 - longest.length).toBeLessThan(2);
    expect(tirtcReason(tokens, longest)).toBe("valid");
    expect(tirtcReason(tokens, `${longest}AA`)).toBe("malformed");
    expectError(() => issue("x".repeat(rest + 2)), "ERR_RANGE", "token");
    expectError(() => issue("漢".repeat(3000)), "ERR_RANGE", "token");
    expectError(() => issue(HUGE), "ERR_FORMAT", "sub");
  });

  it("lets no token live longer than it would accept", () => {
    const brief = makeTirtc({ maxLifetime: 5 });
    expect(tirtcReason(brief, brief.issue({ peerId: PEER, sub: "" }, { now: NOW }))).toBe("valid");
    expectError(() => brief.issue({ peerId: PEER, sub: "", ttl: 6 }), "ERR_RANGE", "ttl");
    const long = makeTirtc({ maxLifetime: 1e6 });
    expectError(() => long.issue({ peerId: PEER, sub: "", ttl: 86_401 }), "ERR_RANGE", "ttl");
    expect(tirtcReason(long, signedClaims({ exp: NOW + 1e6 }))).toBe("valid");
  });

  it.each([new Uint8Array(15), new Uint8Array(17)])("takes 16 bytes of entropy only", (entropy) => {
    expectError(() => tokens.issue({ peerId: PEER, sub: "s" }, { entropy }), "ERR_RANGE", "entropy");
    expectError(() => tokens.issue({ peerId: PEER, sub: "s" }, { entropy: "x" as never }), "ERR_TYPE", "entropy");
  });

  it("is told the peer, or is not: undefined in its place is an error, as it would accept any", () => {
    const elsewhere = signedClaims({ scope: "connect:elsewhere" });
    expectError(() => tokens.verify(elsewhere, { peerId: undefined as never, now: NOW }), "ERR_TYPE", "peerId");
    const batch = [signedClaims(), { token: elsewhere, peerId: undefined as never }];
    expectError(() => tokens.verifyMany(batch, { now: NOW }), "ERR_TYPE", "tokens[1].peerId");
    expect(tokens.verifyMany([{ token: elsewhere }], { now: NOW }).at(0).valid).toBe(true);
    for (const options of [{ peerID: PEER }, { peer_id: PEER }, { peerId: PEER, time: NOW }]) {
      expectError(() => tokens.verify(elsewhere, options as never), "ERR_TYPE", Object.keys(options).at(-1) as string);
    }
    expectError(() => tokens.verifyMany([elsewhere], { peerId: PEER } as never), "ERR_TYPE", "peerId");
    expect(tokens.verify(signedClaims(), { now: undefined }).valid).toBe(false);
  });

  it("takes a token for the leeway longer, and says so", () => {
    const late = makeTirtc({ leeway: 60 });
    for (const [now, valid] of [
      [NOW + 300, true],
      [NOW + 359, true],
      [NOW + 360, false],
    ] as const) {
      const verdict = late.verify(signedClaims(), { now });
      const many = late.verifyMany([signedClaims()], { now });
      expect([verdict.valid, many.isValid(0)]).toEqual([valid, valid]);
      expect([verdict.valid && verdict.expiresAt, many.expiresAt(0)]).toEqual(
        valid ? [BigInt(NOW + 360), BigInt(NOW + 360)] : [false, undefined],
      );
      expect(many.at(0)).toEqual(verdict);
    }
    expect(tirtcReason(late, signedClaims({ exp: NOW + 86_401 }))).toBe("lifetime-too-long");
  });

  it("issues many at once, each with a nonce of its own, or none where one is wrong", () => {
    const list = Array.from({ length: 300 }, (_, i) => ({ peerId: PEER, sub: `user-${i}`, ttl: 1 + i }));
    const issued = tokens.issueMany(list, { now: NOW });
    const verdicts = tokens.verifyMany(issued, { now: NOW });
    expect(verdicts.map((verdict) => verdict.valid && [verdict.claims.sub, verdict.claims.exp])).toEqual(
      list.map(({ sub, ttl }) => [sub, NOW + ttl]),
    );
    expect(new Set(issued.map((_, i) => verdicts.tokenIdAt(i))).size).toBe(300);
    expect(tokens.issueMany([])).toEqual([]);
    expectError(
      () => tokens.issueMany([list[0] as TirtcIssue, { peerId: PEER } as never]),
      "ERR_TYPE",
      "tokens[1].sub",
    );
    expectError(() => tokens.issueMany([undefined as never]), "ERR_TYPE", "tokens[0]");
    expectError(
      () => tokens.issueMany([{ ...(list[0] as TirtcIssue), iatt: 1 } as never]),
      "ERR_TYPE",
      "tokens[0].iatt",
    );
    expectError(() => tokens.issueMany({} as never), "ERR_TYPE", "tokens");
    expectError(() => tokens.issueMany([], { now: Date.now() }), "ERR_RANGE", "now");
    expectError(() => tokens.issueMany([], { entropy: new Uint8Array(16) } as never), "ERR_TYPE", "entropy");
  });

  it("never throws for what is no token", () => {
    for (const value of [...STRANGE, HUGE, `v1.${"A".repeat(8188)}`, "v1.", "v1..", "..", `v1..${"A".repeat(43)}`]) {
      expect(tirtcReason(tokens, value)).toBe("malformed");
      expect(tirtcReason(tokens, value, { peerId: PEER })).toBe("malformed");
      const many = tokens.verifyMany([value as never, { token: value } as never], { now: NOW });
      expect([many.reasonAt(0), many.reasonAt(1)]).toEqual(["malformed", "malformed"]);
    }
    for (const peerId of STRANGE.filter((value) => value !== undefined)) {
      const many = tokens.verifyMany([{ token: signedClaims(), peerId } as never], { now: NOW });
      expect(many.reasonAt(0)).toBe("malformed");
      expectError(() => tokens.verify(signedClaims(), { peerId: peerId as never, now: NOW }), "ERR_TYPE", "peerId");
    }
  });

  it.each([Number.NaN, -1, 1.5, Date.now(), -1n, 2n ** 64n])("refuses %s for now", (now) => {
    expectError(() => tokens.verify(signedClaims(), { now }), "ERR_RANGE", "now");
    expectError(() => tokens.verifyMany([], { now }), "ERR_RANGE", "now");
    expectError(() => tokens.issue({ peerId: PEER, sub: "" }, { now }), "ERR_RANGE", "now");
  });

  it("refuses what is no array", () => {
    for (const value of STRANGE.filter((each) => !Array.isArray(each))) {
      expectError(() => tokens.verifyMany(value as never), "ERR_TYPE", "tokens");
    }
  });

  it("is not moved by a polluted Object.prototype", () => {
    const token = signedClaims();
    const properties = { peerId: "x", token: "x", now: 1, skew: 1e9, maxLifetime: 1, iss: "x", sub: 5, a: "b" };
    polluted({ ...properties, singleSignature: true, deviceSecretKey: "x" }, () => {
      expect(tirtcReason(tokens, token)).toBe("valid");
      expect([...tokens.verifyMany([{ token }, {} as never], { now: NOW })].map(({ valid }) => valid)).toEqual([
        true,
        false,
      ]);
      expectError(() => new TirtcTokens({ accessId: "a", secretKey: "b" } as never), "ERR_TYPE", "deviceSecretKey");
    });
  });

  it("gives right answers where reading its arguments calls it again, or throws", () => {
    const [good, bad] = [signedClaims(), signedClaims({}, { deviceSecretKey: "x" })];
    const inner: string[] = [];
    const nosy = {
      token: good,
      get peerId() {
        inner.push(tirtcReason(tokens, bad), tirtcReason(tokens, good));
        return PEER;
      },
    };
    const broken = {
      get token(): string {
        throw new Error("no");
      },
    };
    const verdicts = tokens.verifyMany([good, nosy, bad, broken, good], { now: NOW });
    expect([...verdicts].map((each) => each.valid || each.reason)).toEqual([
      true,
      true,
      "not-genuine",
      "malformed",
      true,
    ]);
    expect(inner).toEqual(["not-genuine", "valid"]);
  });

  it("throws ERR_DISPOSED after dispose, at every door", () => {
    for (const options of [
      {},
      { deviceSecretKey: () => "key" },
      { singleSignature: true, deviceSecretKey: undefined },
    ]) {
      const gone = makeTirtc(options as never);
      gone.dispose();
      gone.dispose();
      const uses = [
        () => gone.issue({ peerId: PEER, sub: "" }),
        () => gone.verify(5 as never),
        () => gone.verifyMany([]),
      ];
      for (const use of [...uses, () => gone.verify(signedClaims())]) expectError(use, "ERR_DISPOSED", "this");
    }
  });

  it("keeps no key where the constructor fails", () => {
    for (let i = 0; i < 1100; i++) {
      expectError(() => makeTirtc({ secretKey: [KEYS.secretKey, ""] }), "ERR_RANGE", "secretKey[1]");
    }
  });
});
