import { describe, expect, it } from "vitest";
import { CentrifugoTokens } from "../../../src/centrifugo/index.ts";
import { CuteTokens, verifySignature } from "../../../src/cute/index.ts";
import { connectTokenPacket, readConnectToken, readPublicSection } from "../../../src/cute/public.ts";
import { NetcodeTokens } from "../../../src/netcode/index.ts";
import { SnapNetTokens } from "../../../src/snapnet/index.ts";
import { readPeerId, TirtcTokens } from "../../../src/tirtc/index.ts";
import { tirtcPayload, tirtcSign } from "../../reference/string-schemes.ts";
import { makeCentrifugo, signed } from "../../support/centrifugo.ts";
import { hydrogen, nativeOf } from "../../support/cute.ts";
import { expectError } from "../../support/errors.ts";
import { revoked } from "../../support/garbage.ts";
import { schemes, sharedSecret } from "../../support/schemes.ts";
import { CLAIMS, KEYS, makeTirtc, NOW, signedClaims, tirtcReason } from "../../support/tirtc.ts";

// T14: a length decides before anything is copied or read; and caller's objects that fail are no raw errors of the engine.

const MEGABYTE = 2 ** 20;
const HUGE_CHARACTERS = 100 * MEGABYTE;

/** Text that does not yet exist in one piece: to read a character of it takes memory of its size. */
const rope = (unit: string): string => unit.repeat(HUGE_CHARACTERS / unit.length);

/** How many bytes more this process holds after a call than before. */
function grown(run: () => unknown): number {
  const held = () => {
    const { heapUsed, external, arrayBuffers } = process.memoryUsage();
    return heapUsed + external + arrayBuffers;
  };
  const before = held();
  const result = run();
  const after = held();
  expect(result).not.toBe(grown);
  return after - before;
}

describe("what is too long is refused unread", () => {
  it("to read it would be seen", () => {
    const text = rope("ab");
    expect(grown(() => text.charCodeAt(5))).toBeGreaterThan(HUGE_CHARACTERS / 2);
  });

  const makers: Record<string, (text: string) => unknown[]> = {
    "wrong-size": (text) => [text, [text]],
    malformed: (text) => [
      text,
      ...["user", "timestamp", "info", "token"].map((name) => ({
        ...{ user: "u", timestamp: `${NOW}`, info: "", token: "0".repeat(64) },
        [name]: text,
      })),
      { token: text, peerId: "p" },
    ],
  };

  it.each(schemes)("$name: 100 million characters", (scheme) => {
    const { tokens, issue } = scheme.make();
    tokens.verify(issue(), { now: NOW });
    for (const unit of ["x", "é|", "v1.", "\ud800"]) {
      const count = (makers[scheme.garbage] as (text: string) => unknown[])("").length;
      for (let which = 0; which < count; which++) {
        const token = (makers[scheme.garbage] as (text: string) => unknown[])(rope(unit))[which];
        const more = grown(() => expect(tokens.verify(token, { now: NOW })).toMatchObject({ reason: scheme.garbage }));
        expect(more, `${unit} ${which}`).toBeLessThan(20 * MEGABYTE);
        const many = grown(() => expect(tokens.verifyMany([token, token], { now: NOW }).validCount).toBe(0));
        expect(many, `${unit} ${which}`).toBeLessThan(20 * MEGABYTE);
      }
    }
    tokens.dispose();
  });

  it("readPeerId, verifyChannel, verifyApi's sign: 100 million characters", () => {
    const tokens = makeCentrifugo();
    const subscription = { client: "c", channel: "$a", info: "", sign: "0".repeat(64) };
    tokens.verifyChannel(subscription);
    expect(grown(() => expect(readPeerId(rope("v1."))).toBeUndefined())).toBeLessThan(20 * MEGABYTE);
    for (const name of Object.keys(subscription)) {
      const given = { ...subscription, [name]: rope("ab") };
      expect(
        grown(() => expect(tokens.verifyChannel(given)).toBe(false)),
        name,
      ).toBeLessThan(20 * MEGABYTE);
    }
    const sign = rope("ab");
    expect(grown(() => expect(tokens.verifyApi("{}", sign)).toBe(false))).toBeLessThan(20 * MEGABYTE);
    tokens.dispose();
  });

  it("Cute: 2^31 bytes", () => {
    // The engine gives zeros that take no memory until they are touched.
    const bytes = new Uint8Array(2 ** 31);
    const publicKey = nativeOf(hydrogen, 1).secret.slice(32);
    for (const { garbage, make } of schemes) {
      const { tokens } = make();
      expect(grown(() => expect(tokens.verify(bytes)).toMatchObject({ reason: garbage }))).toBeLessThan(MEGABYTE);
      tokens.dispose();
    }
    const readers = [readPublicSection, readConnectToken, connectTokenPacket] as ((bytes: Uint8Array) => unknown)[];
    for (const read of readers) {
      const argument = read === readPublicSection ? "packetOrToken" : "token";
      expect(grown(() => expectError(() => read(bytes), "ERR_RANGE", argument))).toBeLessThan(MEGABYTE);
    }
    expectError(() => verifySignature(bytes, publicKey), "ERR_RANGE", "packet");
  });
});

describe("each limit is where it is documented", () => {
  it("SnapNet: ids of 63 bytes; none is empty, and 64 bytes are refused although signed", () => {
    const tokens = new SnapNetTokens({ secret: sharedSecret, sessionId: null });
    const longest = { userId: "u".repeat(63), sessionId: "s".repeat(63), expiration: 2n ** 53n - 1n };
    expect(tokens.issue(longest)).toHaveLength(209);
    expect(tokens.verify(tokens.issue(longest), { now: NOW }).valid).toBe(true);
    for (const userId of ["", "u".repeat(64), `${"é".repeat(31)}uu`]) {
      expectError(() => tokens.issue({ ...longest, userId }), "ERR_FORMAT", "userId");
    }
    tokens.dispose();
  });

  it("Centrifugo: 65,536 characters with all fields; one more is refused although signed", () => {
    const tokens = makeCentrifugo();
    const verdictOf = (userCharacters: number) =>
      tokens.verify(signed("u".repeat(userCharacters), `${NOW}`, ""), { now: NOW });
    expect(verdictOf(0)).toMatchObject({ reason: "malformed" });
    expect(verdictOf(1).valid).toBe(true);
    expect(verdictOf(65_526).valid).toBe(true);
    expect(verdictOf(65_527)).toMatchObject({ reason: "malformed" });
    tokens.dispose();
  });

  it("TiRTC: 8192 characters; a longer one is refused although signed", () => {
    const tokens = makeTirtc();
    const lengths = new Map<number, string>();
    for (let sub = 5940; sub < 6020; sub++) {
      const token = tirtcSign(KEYS, tirtcPayload({ ...CLAIMS, sub: "s".repeat(sub) }));
      lengths.set(token.length, tirtcReason(tokens, token));
    }
    // No base64url has 8145 characters, which 8192 would leave the payload.
    expect([8190, 8191, 8192, 8193, 8194].map((length) => lengths.get(length))).toEqual([
      "valid",
      "valid",
      undefined,
      "malformed",
      "malformed",
    ]);
    expect(tirtcReason(tokens, "")).toBe("malformed");
    expect(tirtcReason(tokens, signedClaims({ sub: "" }))).toBe("valid");
    tokens.dispose();
  });
});

describe("a revoked Proxy, or one that lies about its length", () => {
  const verifiers = schemes.map((scheme) => ({ name: scheme.name, ...scheme.make() }));
  const lying = (length: unknown): unknown[] =>
    new Proxy([], { get: (target, name) => (name === "length" ? length : Reflect.get(target, name)) });

  it.each(verifiers)("$name: is ERR_TYPE as a list and as options", ({ name, tokens, issue }) => {
    const list = /^(Cute|netcode)/.test(name) ? "packets" : "tokens";
    for (const value of [revoked([]), revoked({})]) {
      expectError(() => tokens.verifyMany(value as unknown[]), "ERR_TYPE", list);
      expectError(() => tokens.verify(issue(), value), "ERR_TYPE", "options");
      expectError(() => tokens.verifyMany([issue()], value), "ERR_TYPE", "options");
    }
    if (list === "tokens") {
      for (const length of [-1, 1.5, Number.NaN, 2 ** 32, "2", null]) {
        expectError(() => tokens.verifyMany(lying(length)), "ERR_TYPE", "tokens");
      }
    }
    expect(tokens.verifyMany([issue()], { now: NOW }).validCount).toBe(1);
  });

  it("is ERR_TYPE as a constructor's options, as a secret, as endpoints and as channels", () => {
    for (const value of [revoked([]), revoked({})]) {
      for (const Tokens of [CuteTokens, NetcodeTokens, SnapNetTokens, CentrifugoTokens, TirtcTokens]) {
        expectError(() => new Tokens(value as never), "ERR_TYPE", "options");
      }
      expectError(() => new SnapNetTokens({ secret: value as never, sessionId: null }), "ERR_TYPE", "secret");
      const given = { ...nativeOf(hydrogen, 2).issue, endpoints: value as never };
      const tokens = new CuteTokens({ applicationId: 1, secret: nativeOf(hydrogen, 2).secret });
      expectError(() => tokens.issue(given), "ERR_TYPE", "endpoints");
      tokens.dispose();
      const centrifugo = makeCentrifugo();
      expectError(() => centrifugo.channelResponse("c", value as never), "ERR_TYPE", "channels");
      expect(centrifugo.verifyChannel(value as never)).toBe(false);
      centrifugo.dispose();
    }
  });
});
