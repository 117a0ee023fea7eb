import { expect, it } from "vitest";
import { base64urlBytes } from "../../../src/tirtc/claims.ts";
import { decodeToken } from "../../../src/tirtc/decode.ts";
import { readPeerId } from "../../../src/tirtc/index.ts";
import { tirtcPayload, tirtcSign } from "../../reference/string-schemes.ts";
import { expectError } from "../../support/errors.ts";
import { Random } from "../../support/random.ts";
import { bitFlips, HUGE, STRANGE } from "../../support/string-schemes.ts";
import { CLAIMS, KEYS, makeTirtc, NOW, PEER, signedClaims, tirtcReason } from "../../support/tirtc.ts";

it("says what a token says, whoever signed it", () => {
  const { peerId: _, ...rest } = { ...CLAIMS, peerId: PEER };
  expect(decodeToken(signedClaims())).toEqual({ ...rest, peerId: PEER });
  const odd = { sub: "é\u2028<\ud83c\udfae", scope: "connect:x" };
  expect(decodeToken(signedClaims(odd, { deviceSecretKey: "other" }))).toMatchObject({ ...odd, peerId: "x" });
  expect(Object.isFrozen(decodeToken(signedClaims()))).toBe(true);
  const random = new Random(5);
  const tokens = makeTirtc();
  for (let i = 0; i < 300; i++) {
    const sub = "x".repeat(random.below(40));
    const token = tokens.issue({ peerId: PEER, sub }, { now: NOW });
    const verdict = tokens.verify(token, { now: NOW });
    expect(decodeToken(token)).toEqual(verdict.valid && verdict.claims);
  }
});

it("refuses just what has not the form of a token, which is malformed or names no peer", () => {
  const tokens = makeTirtc({ deviceSecretKey: () => "other" });
  const token = signedClaims();
  const payloads = [
    "{}",
    "[]",
    "",
    tirtcPayload({ ...CLAIMS, scope: "publish:x" }),
    tirtcPayload({ ...CLAIMS, scope: "connect:" }),
  ];
  const texts = [...bitFlips(token), "", "v1.", "v1..", HUGE, ...payloads.map((payload) => tirtcSign(KEYS, payload))];
  for (const text of texts) {
    if (tirtcReason(tokens, text) === "not-genuine") expect(decodeToken(text).peerId).toBe(readPeerId(text));
    else expectError(() => decodeToken(text), "ERR_FORMAT", "text");
  }
  for (const value of STRANGE)
    expectError(() => decodeToken(value as never), typeof value === "string" ? "ERR_FORMAT" : "ERR_TYPE", "text");
});

it("reads base64url as Node does, and no other spelling", () => {
  const random = new Random(6);
  for (let length = 1; length < 200; length++) {
    const bytes = random.bytes(length);
    const text = Buffer.from(bytes).toString("base64url");
    expect(base64urlBytes(`..${text}.`, 2, 2 + text.length)).toEqual(bytes);
  }
  for (const text of ["", "A", "AB", "AAB", "AA=", "A+", "A/", "AAé", "AA\ud800", "AAAAA"]) {
    expect(base64urlBytes(text, 0, text.length), text).toBeUndefined();
  }
});
