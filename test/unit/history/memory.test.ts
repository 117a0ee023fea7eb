import { describe, expect, it } from "vitest";
import { TokenHistory, type TokenHistoryOptions } from "../../../src/history/index.ts";
import { SnapNetTokens } from "../../../src/snapnet/index.ts";
import { expectError } from "../../support/errors.ts";
import { batchOf } from "../../support/histories.ts";

const START = 1_700_000_000;
const LIFETIME = 30;
const SKEW = 5;
const NOW = START + 1000;
const now = { now: NOW };

const started = (options: Partial<TokenHistoryOptions> = {}) =>
  new TokenHistory({ maxLifetime: LIFETIME, startedAt: START, ...options });
const token = (tokenId: string, expiresAt: number | bigint = NOW + LIFETIME) => ({ tokenId, expiresAt });

describe("TokenHistory", () => {
  it("lets a claimed token in once, until it ends, and then refuses it as expired", () => {
    const history = started();
    expect(history.claim(token("cute:a"), now)).toBe("new");
    for (let at = NOW; at < NOW + LIFETIME; at++) expect(history.claim(token("cute:a"), { now: at })).toBe("used");
    expect(history.claim(token("cute:a"), { now: NOW + LIFETIME })).toBe("expired");
  });

  it("binds a pending token to where it came from: family, address and port", () => {
    const history = started();
    const from = { address: "192.0.2.1", port: 5000 };
    expect(history.admit(token("netcode:a"), from, now)).toBe("new");
    for (const same of [from, "192.0.2.1:5000", { ...from, family: "IPv4", size: 1078 }]) {
      expect(history.admit(token("netcode:a"), same, now)).toBe("again");
    }
    const others = ["192.0.2.1:5001", "192.0.2.2:5000", "[::ffff:192.0.2.1]:5000", undefined, { ...from, port: 0 }];
    for (const other of others) expect(history.admit(token("netcode:a"), other, now)).toBe("elsewhere");
    expect(history.consume("netcode:a")).toBe(true);
    for (const any of [from, ...others]) expect(history.admit(token("netcode:a"), any, now)).toBe("used");
    expect(history.consume("netcode:a")).toBe(false);
  });

  it.each([
    ["[2001:db8::1]:80", { address: "2001:0DB8:0:0::0001", port: 80 }],
    ["[::1]:0", { address: "::1", port: 0 }],
    ["[fe80::1]:65535", { address: "fe80::1%eth0", port: 65535 }],
    ["[::ffff:192.0.2.1]:80", { address: "::ffff:c000:201", port: 80 }],
    ["0.0.0.0:443", { address: "0.0.0.0", port: 443, family: "IPv4" }],
  ])("takes %s and its other spelling for one address", (text, object) => {
    const history = started();
    expect(history.admit(token("netcode:a"), object, now)).toBe("new");
    expect(history.admit(token("netcode:a"), text, now)).toBe("again");
    expect(history.admit(token("netcode:a"), `${text.slice(0, text.lastIndexOf(":"))}:1`, now)).toBe("elsewhere");
  });

  it("refuses after a start what may have been used before it, up to the very second", () => {
    const history = started();
    const oldest = START + LIFETIME + SKEW;
    expect(history.claim(token("cute:a", oldest), { now: START + 10 })).toBe("before-start");
    expect(history.claim(token("cute:a", oldest + 1), { now: START + 10 })).toBe("new");
    expect(started({ skew: 0 }).claim(token("cute:a", START + LIFETIME), { now: START })).toBe("before-start");
    expect(started({ skew: 0 }).claim(token("cute:a", START + LIFETIME + 1), { now: START + 1 })).toBe("new");
    expect(started({ startedAt: 0 }).claim(token("cute:a", NOW + 1), now)).toBe("new");
  });

  it("starts with the clock where no start is given", () => {
    const clock = Math.floor(Date.now() / 1000);
    const history = new TokenHistory({ maxLifetime: LIFETIME });
    expect(history.claim(token("cute:a", clock + LIFETIME))).toBe("before-start");
    expect(history.claim(token("cute:b", clock + LIFETIME + SKEW + 10), { now: clock + 10 })).toBe("new");
  });

  it("refuses a token that ends later than any that the issuer makes", () => {
    const history = started();
    const latest = NOW + LIFETIME + SKEW;
    expect(history.claim(token("cute:a", latest), now)).toBe("new");
    for (const end of [latest + 1, 2n ** 64n - 1n]) {
      expect(history.claim(token("cute:b", end), now)).toBe("lifetime-too-long");
    }
  });

  it("asks in one order: expired, before-start, lifetime-too-long, and then what is known", () => {
    const late = started({ startedAt: NOW + 1000 });
    expect(late.claim(token("cute:a", NOW), now)).toBe("expired");
    expect(late.claim(token("cute:a", NOW + 900), now)).toBe("before-start");
    expect(late.claim(token("cute:a", NOW + 2000), now)).toBe("lifetime-too-long");
    const full = started({ capacity: 1 });
    expect(full.claim(token("cute:a"), now)).toBe("new");
    expect(full.claim(token("cute:b", NOW), now)).toBe("expired");
    expect(full.claim(token("cute:b", START), now)).toBe("expired");
    expect(full.claim(token("cute:b", NOW + 99), now)).toBe("lifetime-too-long");
    expect(full.claim(token("cute:a"), now)).toBe("used");
    expect(full.claim(token("cute:b"), now)).toBe("full");
  });

  it("never drops an unexpired token for a new one, and has room again in the second in which one ends", () => {
    const capacity = 100;
    const history = started({ capacity });
    for (let i = 0; i < capacity; i++) {
      expect(history.admit(token(`netcode:${i}`, NOW + 1 + (i % 20)), undefined, now)).toBe("new");
    }
    for (let i = 0; i < 10 * capacity; i++) expect(history.claim(token(`netcode:new ${i}`), now)).toBe("full");
    for (let i = 0; i < capacity; i++) {
      expect(history.admit(token(`netcode:${i}`, NOW + 1 + (i % 20)), undefined, now)).toBe("again");
    }
    for (let second = 1; second <= 20; second++) {
      const then = { now: NOW + second };
      for (let i = 0; i < 5; i++) expect(history.claim(token(`netcode:${second} ${i}`), then)).toBe("new");
      expect(history.claim(token(`netcode:${second} more`), then)).toBe("full");
    }
  });

  it("revives nothing where the clock goes back", () => {
    const history = started();
    expect(history.claim(token("cute:a", NOW + 2), now)).toBe("new");
    expect(history.claim(token("cute:b", NOW + 9), { now: NOW + 5 })).toBe("new");
    // The token has ended; its entry is gone, and the clock that would let it in again is not believed.
    for (const earlier of [NOW, NOW + 1, START]) {
      expect(history.claim(token("cute:a", NOW + 2), { now: earlier })).toBe("expired");
    }
    expect(history.claim(token("cute:b", NOW + 9), { now: START })).toBe("used");
  });

  it("takes any u64 for the time, and admits nothing that has expired", () => {
    const history = started({ startedAt: 0 });
    const far = 2n ** 64n - 100n;
    expect(history.claim(token("cute:a", far), { now: far })).toBe("expired");
    expect(history.claim(token("cute:b"), now)).toBe("expired");
  });

  it("lets a pending token whose end has passed be consumed: its handshake is still open", () => {
    const history = started();
    expect(history.admit(token("netcode:a"), "192.0.2.1:5000", now)).toBe("new");
    expect(history.claim(token("netcode:b", NOW + 60), { now: NOW + LIFETIME })).toBe("new");
    expect(history.admit(token("netcode:a"), "192.0.2.1:5000", now)).toBe("expired");
    expect(history.consume("netcode:a")).toBe(true);
  });

  it("knows ids that are long, or not ASCII, or differ in their case, spaces and normal forms", () => {
    const history = started();
    const ids = [
      "snapnet:ä",
      "snapnet:a\u0308",
      "snapnet:A",
      "snapnet:a",
      "snapnet:a ",
      "snapnet:\u{1f600}",
      "x",
      "é".repeat(512),
    ];
    for (const id of ids) expect(history.claim(token(id), now)).toBe("new");
    for (const id of ids) expect(history.claim(token(id), now)).toBe("used");
  });

  it("takes what verify and verifyMany return, each token once in whichever way", () => {
    const tokens = new SnapNetTokens({ secret: "11".repeat(32), sessionId: "s" });
    const texts = ["a", "b", "c"].map((userId) => tokens.issue({ userId, expiration: NOW + 20 }));
    const history = started();
    const verdict = tokens.verify(texts[1] as string, now);
    expect(verdict.valid && history.claim(verdict, now)).toBe("new");
    const verdicts = tokens.verifyMany([...texts, "garbage", texts[0] as string], now);
    expect(history.claimMany(verdicts, now)).toEqual(["new", "used", "new", undefined, "used"]);
    expect(history.claimMany(tokens.verifyMany([], now), now)).toEqual([]);
  });

  it("claims a batch of 1,024 as one by one", () => {
    const batch = Array.from({ length: 1024 }, (_, i): [string, number] | undefined =>
      i % 7 === 0 ? undefined : [`netcode:${i % 900}`, NOW - 5 + (i % 50)],
    );
    const one = started({ capacity: 300 });
    const expected = batch.map((item) => item && one.claim(token(...item), now));
    expect(started({ capacity: 300 }).claimMany(batchOf(batch), now)).toEqual(expected);
    expect(new Set(expected).size).toBe(6);
  });
});

describe("bad input to a history", () => {
  const tooLong = "x".repeat(513);

  it.each([
    [undefined, "ERR_TYPE", "token"],
    [null, "ERR_TYPE", "token"],
    ["cute:a", "ERR_TYPE", "token"],
    [new Uint8Array(8), "ERR_TYPE", "token.tokenId"],
    [{ valid: false, reason: "expired" }, "ERR_TYPE", "token"],
    [{ ...token("cute:a"), valid: false }, "ERR_TYPE", "token"],
    [{ ...token("cute:a"), valid: "true" }, "ERR_TYPE", "token"],
    [{ expiresAt: NOW + 9 }, "ERR_TYPE", "token.tokenId"],
    [{ ...token("cute:a"), tokenId: 7 }, "ERR_TYPE", "token.tokenId"],
    [token(""), "ERR_RANGE", "token.tokenId"],
    [token(tooLong), "ERR_RANGE", "token.tokenId"],
    [token("\ud800"), "ERR_FORMAT", "token.tokenId"],
    [{ tokenId: "cute:a" }, "ERR_TYPE", "token.expiresAt"],
    [{ tokenId: "cute:a", expiresAt: "1" }, "ERR_TYPE", "token.expiresAt"],
    [token("cute:a", -1), "ERR_RANGE", "token.expiresAt"],
    [token("cute:a", 1.5), "ERR_RANGE", "token.expiresAt"],
    [token("cute:a", 1e12), "ERR_RANGE", "token.expiresAt"],
    [token("cute:a", 2n ** 64n), "ERR_RANGE", "token.expiresAt"],
    [Object.create(token("cute:a")), "ERR_TYPE", "token.tokenId"],
  ] as const)("claim and admit name what is wrong with the token %o", (given, code, argument) => {
    const history = started();
    expectError(() => history.claim(given as never, now), code, argument);
    expectError(() => history.admit(given as never, undefined, now), code, argument);
  });

  it.each([
    [undefined, "ERR_TYPE", "tokenId"],
    [{ tokenId: "cute:a" }, "ERR_TYPE", "tokenId"],
    ["", "ERR_RANGE", "tokenId"],
    [tooLong, "ERR_RANGE", "tokenId"],
    ["\udc00", "ERR_FORMAT", "tokenId"],
  ] as const)("consume names what is wrong with the id %o", (given, code, argument) => {
    expectError(() => started().consume(given as never), code, argument);
  });

  it.each([
    [7, "ERR_TYPE", "from"],
    [null, "ERR_TYPE", "from"],
    ["192.0.2.1", "ERR_FORMAT", "from"],
    ["192.0.2.1:65536", "ERR_FORMAT", "from"],
    ["192.0.2.1:-1", "ERR_FORMAT", "from"],
    ["192.0.2.256:1", "ERR_FORMAT", "from"],
    ["192.0.02.1:1", "ERR_FORMAT", "from"],
    ["0x7f.0.0.1:1", "ERR_FORMAT", "from"],
    ["2001:db8::1:1", "ERR_FORMAT", "from"],
    ["[2001:db8::1::2]:1", "ERR_FORMAT", "from"],
    ["[::1]x:1", "ERR_FORMAT", "from"],
    ["user@[::1]:1", "ERR_FORMAT", "from"],
    ["[::1]:1/path", "ERR_FORMAT", "from"],
    ["example.org:1", "ERR_FORMAT", "from"],
    ["1".repeat(200), "ERR_FORMAT", "from"],
    [{ address: "example.org", port: 1 }, "ERR_FORMAT", "from.address"],
    [{ address: 7, port: 1 }, "ERR_TYPE", "from.address"],
    [{ address: "192.0.2.1" }, "ERR_TYPE", "from.port"],
    [{ address: "192.0.2.1", port: 65536 }, "ERR_RANGE", "from.port"],
    [{ address: "192.0.2.1", port: 1.5 }, "ERR_RANGE", "from.port"],
  ] as const)("admit names what is wrong with the address %o", (given, code, argument) => {
    const history = started();
    expectError(() => history.admit(token("cute:a"), given as never, now), code, argument);
    expect(history.claim(token("cute:a"), now)).toBe("new");
  });

  it.each([
    [undefined, "ERR_TYPE", "maxLifetime"],
    [{ maxLifetime: undefined }, "ERR_TYPE", "maxLifetime"],
    [{ maxLifeTime: 30 }, "ERR_TYPE", "maxLifeTime"],
    [{ maxLifetime: 30, clock: 1 }, "ERR_TYPE", "clock"],
    [{}, "ERR_TYPE", "maxLifetime"],
    [{ maxLifetime: "30" }, "ERR_TYPE", "maxLifetime"],
    [{ maxLifetime: 0 }, "ERR_RANGE", "maxLifetime"],
    [{ maxLifetime: 30.5 }, "ERR_RANGE", "maxLifetime"],
    [{ maxLifetime: 2_678_401 }, "ERR_RANGE", "maxLifetime"],
    [{ maxLifetime: 30, capacity: 0 }, "ERR_RANGE", "capacity"],
    [{ maxLifetime: 30, capacity: 1e9 }, "ERR_RANGE", "capacity"],
    [{ maxLifetime: 30, capacity: "1" }, "ERR_TYPE", "capacity"],
    [{ maxLifetime: 30, skew: -1 }, "ERR_RANGE", "skew"],
    [{ maxLifetime: 30, skew: 301 }, "ERR_RANGE", "skew"],
    [{ maxLifetime: 30, startedAt: 1e12 }, "ERR_RANGE", "startedAt"],
    [{ maxLifetime: 30, startedAt: "now" }, "ERR_TYPE", "startedAt"],
  ] as const)("the constructor names what is wrong with %o", (options, code, argument) => {
    expectError(() => new TokenHistory(options as never), code, argument);
  });

  it.each([
    [undefined, "verdicts"],
    [[], "verdicts"],
    [[{ valid: true, ...token("cute:a") }], "verdicts"],
    [{ ...batchOf([]), length: -1 }, "verdicts"],
    [{ ...batchOf([]), length: "1" }, "verdicts"],
    [{ ...batchOf([]), length: 2 ** 40 }, "verdicts"],
    [{ ...batchOf([["cute:a", NOW + 9]]), tokenIdAt: undefined }, "verdicts"],
    [{ ...batchOf([["cute:a", NOW + 9]]), tokenIdAt: () => undefined }, "verdicts.tokenIdAt(0)"],
    [{ ...batchOf([["cute:a", NOW + 9]]), expiresAt: () => 7 }, "verdicts.expiresAt(0)"],
  ])("claimMany names what is wrong with %o", (verdicts, argument) => {
    expectError(() => started().claimMany(verdicts as never, now), "ERR_TYPE", argument);
  });

  it("claims none of a batch that holds something wrong", () => {
    const history = started();
    for (const wrong of [tooLong, "\ud800"]) {
      const batch = batchOf([
        ["cute:a", NOW + 9],
        ["cute:b", NOW + 9],
        [wrong, NOW + 9],
      ]);
      expect(() => history.claimMany(batch, now)).toThrow();
    }
    for (const options of [{ now: 1e12 }, 7]) {
      expect(() => history.claimMany(batchOf([["cute:a", NOW + 9]]), options as never)).toThrow();
    }
    expect(history.claim(token("cute:a"), now)).toBe("new");
  });

  it("is not led astray by a getter that asks the same history something else", () => {
    const history = started();
    const options = Object.defineProperty({}, "now", {
      get: () => (history.claim(token("cute:other"), now) === "full" ? 0 : NOW),
      enumerable: true,
    });
    expect(history.claim(token("cute:a"), options)).toBe("new");
    expect(history.claim(token("cute:a"), now)).toBe("used");
    expect(history.claim(token("cute:other"), now)).toBe("used");
  });
});
