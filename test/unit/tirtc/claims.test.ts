import { describe, expect, it } from "vitest";
import { ClaimsReader, readClaims } from "../../../src/tirtc/claims.ts";
import type { TirtcClaims } from "../../../src/tirtc/index.ts";
import { tirtcPayload, tirtcSign } from "../../reference/string-schemes.ts";
import { Random } from "../../support/random.ts";
import { CLAIMS, KEYS, makeTirtc, NOW, PEER, tirtcReason } from "../../support/tirtc.ts";

const tokens = makeTirtc();
const payload = tirtcPayload(CLAIMS);
const reason = (json: string | Uint8Array) => {
  const token = tirtcSign(KEYS, json);
  const outcomes = [tirtcReason(tokens, token), tirtcReason(tokens, token, { peerId: PEER })];
  expect(outcomes[0]).toBe(outcomes[1]);
  return outcomes[0];
};
/** The payload with one member's source text replaced. */
const withMember = (name: string, source: string) =>
  payload.replace(new RegExp(`"${name}":("[^"]*"|[0-9]+)`), () => `"${name}":${source}`);
const without = (name: string) => payload.replace(new RegExp(`"${name}":("[^"]*"|[0-9]+),?`), "").replace(",}", "}");

describe("correctly signed payloads", () => {
  it.each([
    ["in another order", tirtcPayload(CLAIMS).replace(/^\{("sub":"[^"]*"),(.*)\}$/, "{$2,$1}")],
    ["with spaces", JSON.stringify(CLAIMS, undefined, 2)],
    ["with spaces around", ` ${payload}\r\n`],
    ["with more claims", payload.replace("{", '{"aud":["x",{"y":1e400}],"nbf":1.5,"toString":null,')],
    ["with escaped names and values", payload.replace("sub", "s\\u0075b").replace("connect", "c\\u006fnnect")],
    ["with escaped slashes", payload.replaceAll("/", "\\/")],
    ["with an empty sub", withMember("sub", '""')],
    ["with a sub beyond ASCII", withMember("sub", '"é😀\\ud83d\\ude00"')],
    ["with a short nonce", withMember("nonce", '"AA"')],
    ["with a long nonce", withMember("nonce", `"${"-_Az".repeat(50)}"`)],
  ])("are accepted %s", (_, json) => {
    expect(reason(json)).toBe("valid");
  });

  it.each<readonly [string, string | Uint8Array]>([
    ["a claim twice", payload.replace("{", `{"sub":"a",`)],
    ["a claim twice, once escaped", payload.replace("{", `{"s\\u0075b":"a",`)],
    ["another member twice", payload.replace("{", '{"x":1,"x":1,')],
    ["a member of a member twice", payload.replace("{", '{"x":{"y":1,"y":2},')],
    ["__proto__", payload.replace("{", '{"__proto__":{"admin":true},')],
    ["trailing data", `${payload}x`],
    ["a second object", payload + payload],
    ["a byte order mark", `\ufeff${payload}`],
    ["depth 5", payload.replace("{", '{"x":[[[[]]]],')],
    ["an array around", `[${payload}]`],
    ["a string", JSON.stringify(payload)],
    ["null", "null"],
    ["nothing", " "],
    ["an escaped lone surrogate", withMember("sub", '"\\ud800"')],
    ["bytes that are not UTF-8", Buffer.from(payload.replace("subject", "\xff"), "latin1")],
    ["a raw control character", withMember("sub", '"\n"')],
    ...["sub", "scope", "iss", "iat", "exp", "nonce"].map((name) => [`no ${name}`, without(name)] as const),
    ...["sub", "scope", "iss", "nonce"].flatMap((name) =>
      ["1", "null", "true", "{}", `["x"]`].map((source) => [`${name} ${source}`, withMember(name, source)] as const),
    ),
    ...["iat", "exp"].flatMap((name) =>
      [
        '"1700000000"',
        "null",
        "-1",
        "-0",
        "1.7e9",
        "1700000100.0",
        "1e400",
        "9007199254740992",
        "01700000100",
        "[1]",
      ].map((source) => [`${name} ${source}`, withMember(name, source)] as const),
    ),
    ...['""', '"A"', '"AB"', '"AAA="', '"AA+A"', '"AA A"', '"AAé"'].map(
      (text) => [`nonce ${text}`, withMember("nonce", text)] as const,
    ),
  ])("are refused with %s", (_, json) => {
    expect(json).not.toBe(payload);
    expect(reason(json)).toBe("malformed");
  });

  it("leave Object.prototype alone", () => {
    reason(payload.replace("{", '{"__proto__":{"admin":true},'));
    reason(payload.replace("{", '{"constructor":{"prototype":{"admin":true}},'));
    expect(({} as { admin?: boolean }).admin).toBe(undefined);
  });

  it("give frozen claims without the others", () => {
    const token = tirtcSign(KEYS, payload.replace("{", '{"role":"admin",'));
    const verdict = tokens.verify(token, { now: NOW });
    expect(verdict.valid && verdict.claims).toEqual({ ...CLAIMS, peerId: PEER });
    expect(verdict.valid && Object.isFrozen(verdict.claims)).toBe(true);
  });
});

describe("ClaimsReader", () => {
  const read = (text: string): TirtcClaims | undefined => {
    const bytes = Buffer.from(`}${text}${payload}`);
    const reader = new ClaimsReader();
    if (!reader.read(bytes, 1, bytes.length - payload.length)) return undefined;
    const claims = reader.claims();
    expect([reader.iat, reader.exp, reader.namesPeer()]).toEqual([claims.iat, claims.exp, claims.peerId !== ""]);
    if (claims.peerId) expect(reader.peerId()).toBe(claims.peerId);
    for (const text of [claims.iss, claims.scope, "", `${claims.iss}x`, claims.scope.slice(1)]) {
      expect([reader.issuerIs(text), reader.scopeIs(text)]).toEqual([text === claims.iss, text === claims.scope]);
    }
    return claims;
  };

  it("reads as the strict reader does, plain payloads and mutated ones", () => {
    const random = new Random(5);
    const seeds = [payload, payload.replace("sub", "s\\u0075b"), JSON.stringify({ z: [1], ...CLAIMS })];
    const bits = [...'{}[]",:\\0123456789eE+-.u _=/ABab\n\x7fé', '"sub":', '"exp":1,', '"connect:', "{}"];
    let accepted = 0;
    for (let i = 0; i < 30_000; i++) {
      const characters = [...random.pick(seeds)];
      for (let changes = random.below(3); changes > 0; changes--) {
        characters.splice(random.below(characters.length), random.below(3), random.pick(bits));
      }
      const text = characters.join("");
      const expected = readClaims(Buffer.from(text));
      expect(read(text), text).toEqual(expected);
      if (expected) accepted++;
    }
    expect(accepted).toBeGreaterThan(5000);
    expect(accepted).toBeLessThan(29_000);
  });

  it("never reads beyond the payload's end", () => {
    for (let cut = 0; cut < payload.length; cut++) expect(read(payload.slice(0, cut))).toBe(undefined);
    expect(read(payload)).toEqual({ ...CLAIMS, peerId: PEER });
  });
});
