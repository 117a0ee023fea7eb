import { describe, expect, it } from "vitest";
import { ClaimsReader, isBase64url, readClaims } from "../../../src/tirtc/claims.ts";
import type { TirtcClaims } from "../../../src/tirtc/format.ts";
import { VendorPayloads } from "../../../src/tirtc/vendor.ts";
import { tirtcPayload } from "../../reference/string-schemes.ts";
import { CLAIMS, NOW, PEER } from "../../support/tirtc.ts";

// The quick readers beside the strict one, over each payload with one change at each place.

const payload = tirtcPayload(CLAIMS);
const CHARACTERS = ['"', "\\", ",", "}", "{", ":", "0", "9", "/", "-", "\x1f", " ", "~", "\x7f", "é"];

function* changesOf(text: string): Generator<string> {
  for (let at = 0; at <= text.length; at++) {
    const [head, tail] = [text.slice(0, at), text.slice(at)];
    yield head;
    yield head + tail.slice(1);
    for (const one of CHARACTERS) {
      yield head + one + tail.slice(1);
      yield head + one + tail;
    }
  }
}

/** Every payload stands between bytes that must not matter. */
const framed = (text: string, behind: string): [Uint8Array, number, number] => {
  const bytes = Buffer.from(text);
  return [Buffer.concat([Buffer.from('{"'), bytes, Buffer.from(behind)]), 2, 2 + bytes.length];
};

function plainly(text: string, behind = payload): TirtcClaims | undefined {
  const reader = new ClaimsReader();
  if (!reader.read(...framed(text, behind))) return undefined;
  const claims = reader.claims();
  expect([reader.iat, reader.exp, reader.peerId()]).toEqual([claims.iat, claims.exp, claims.peerId]);
  expect([reader.issuerIs(CLAIMS.iss), reader.scopeIs(CLAIMS.scope), reader.namesPeer()]).toEqual([
    claims.iss === CLAIMS.iss,
    claims.scope === CLAIMS.scope,
    claims.peerId !== "",
  ]);
  return claims;
}

const numbers = (iat: string, exp: string): string =>
  payload.replace(`"iat":${NOW}`, `"iat":${iat}`).replace(`"exp":${NOW + 300}`, `"exp":${exp}`);

const names = ["sub", "scope", "iss", "iat", "exp", "nonce"] as const;
const rotated = (by: number): string =>
  JSON.stringify(
    Object.fromEntries(
      names.map((_, i) => names[(i + by) % 6] as (typeof names)[0]).map((name) => [name, CLAIMS[name]]),
    ),
  );

describe("ClaimsReader reads as the strict reader does", () => {
  it("a payload with any one change", () => {
    let read = 0;
    for (const text of changesOf(payload)) {
      const expected = readClaims(Buffer.from(text));
      expect(plainly(text), text).toEqual(expected);
      if (expected) read++;
    }
    expect(read).toBeGreaterThan(1000);
  });

  it.each(['"}', "0}", '",', "}", ',"nonce":"AA"}', "A"])("whatever stands behind its end: %s", (behind) => {
    for (let cut = 0; cut <= payload.length; cut++) {
      const text = payload.slice(0, cut);
      expect(plainly(text, behind), text).toEqual(readClaims(Buffer.from(text)));
    }
  });

  it.each([0, 1, 2, 3, 4, 5])("the claims in another order, each of them once (%s)", (by) => {
    const text = rotated(by);
    expect(plainly(text)).toEqual({ ...CLAIMS, peerId: PEER });
    for (const name of names) {
      const member = `"${name}":${JSON.stringify(CLAIMS[name])}`;
      expect(plainly(text.replace(member, "").replace(/,,|\{,|,\}/, (two) => two.replace(",", "")))).toBe(undefined);
      expect(plainly(text.replace("}", `,${member}}`))).toBe(undefined);
    }
  });

  it.each([
    ["0", "0", 0, 0],
    ["9007199254740991", "9007199254740991", 2 ** 53 - 1, 2 ** 53 - 1],
    ["9007199254740989", "9007199254740987", 2 ** 53 - 3, 2 ** 53 - 5],
    ["1", "10", 1, 10],
    ["00", "1"],
    ["1", "01"],
    ["9007199254740992", "1"],
    ["1", "9007199254740992"],
    ["10000000000000000", "1"],
    ["1", "99999999999999999999"],
    ["", "1"],
    ["1", ""],
  ])("times of %s and %s", (iat, exp, ...expected) => {
    const text = numbers(iat, exp);
    const claims = plainly(text);
    expect(claims).toEqual(readClaims(Buffer.from(text)));
    expect(claims && [claims.iat, claims.exp]).toEqual(expected.length > 0 ? expected : undefined);
  });

  it("one payload after another, whatever the one before was", () => {
    const reader = new ClaimsReader();
    const spaced = payload.replace(":", " :");
    for (const text of [payload, spaced, payload, "{}", spaced, "", payload]) {
      const bytes = Buffer.from(text);
      const expected = readClaims(bytes);
      expect(reader.read(bytes, 0, bytes.length)).toBe(expected !== undefined);
      if (expected) {
        expect(reader.claims()).toEqual(expected);
        expect([reader.peerId(), reader.namesPeer()]).toEqual([PEER, true]);
        expect([reader.issuerIs("ak-test"), reader.issuerIs("ak-tesu")]).toEqual([true, false]);
        expect([reader.scopeIs(CLAIMS.scope), reader.scopeIs(`${CLAIMS.scope}x`)]).toEqual([true, false]);
      }
    }
  });

  it.each(["connect:", "connect", "", "other:p", "Connect:p", "connect;p"])(
    "a scope that names no peer: %j",
    (scope) => {
      for (const text of [tirtcPayload({ ...CLAIMS, scope }), tirtcPayload({ ...CLAIMS, scope }).replace(":", ": ")]) {
        expect(plainly(text)).toMatchObject({ scope, peerId: "" });
      }
    },
  );
});

describe("VendorPayloads", () => {
  it("reads nothing of a payload with any one change but what the strict reader does", () => {
    const vendor = new VendorPayloads(CLAIMS.iss);
    let read = 0;
    for (const text of changesOf(payload)) {
      for (const behind of [payload, '"}', '","scope":"connect:x']) {
        if (!vendor.read(...framed(text, behind), PEER)) continue;
        const claims = readClaims(Buffer.from(text));
        expect([claims?.iat, claims?.exp, claims?.iss, claims?.peerId], text).toEqual([
          vendor.iat,
          vendor.exp,
          CLAIMS.iss,
          PEER,
        ]);
        read++;
      }
    }
    expect(read).toBeGreaterThan(500);
  });
});

describe("isBase64url", () => {
  const check = (text: string): boolean => isBase64url(Buffer.from(`A${text}A`), 1, 1 + Buffer.byteLength(text));
  it("takes the canonical spelling of any bytes, and no other", () => {
    for (const text of ["AA", "AAA", "AAAA", "_-8", "-_8Q", "zZ09", "AQ", "Aw", "AAE", "AAg"]) {
      expect(check(text), text).toBe(Buffer.from(text, "base64url").toString("base64url") === text);
    }
    for (const text of [
      "",
      "A",
      "AAAAA",
      "AB",
      "AAB",
      "AAC",
      "AA=",
      "A+",
      "A/AA",
      "A AA",
      "Aé",
      "AA.A",
      "@AAA",
      "[AAA",
    ]) {
      expect(check(text), text).toBe(false);
    }
    for (let unit = 0; unit < 128; unit++) {
      const one = String.fromCharCode(unit);
      expect(check(`${one}AAA`), one).toBe(/[A-Za-z0-9_-]/.test(one));
    }
  });
});
