import fc from "fast-check";
import { afterAll, expect, it } from "vitest";
import { readJsonObject } from "../../../src/common/json.ts";
import { parseDeviceLicense, readPeerId, TirtcTokens } from "../../../src/tirtc/index.ts";
import { anything, bytes, holds, resultOrCode, spoiled, text } from "../../support/properties.ts";
import { KEYS, makeTirtc, NOW, PEER } from "../../support/tirtc.ts";

const tokens = makeTirtc();

afterAll(() => tokens.dispose());

it("what is issued verifies to the same claims and is issued again as the same token, or the fields are refused", () => {
  const iat = fc.oneof(fc.integer({ min: NOW - 100, max: NOW + 60 }), fc.constantFrom(0, 2 ** 53 - 1, NOW));
  let issued = 0;
  holds(
    1500,
    text,
    text,
    iat,
    fc.integer({ min: 101, max: 86_400 }),
    bytes(16, 16),
    (peerId, sub, at, ttl, entropy) => {
      const fields = { peerId, sub, ttl, iat: BigInt(at) };
      const token = resultOrCode(() => tokens.issue(fields, { entropy }));
      if (token === "ERR_FORMAT" || token === "ERR_RANGE") return;
      issued++;
      expect(tokens.issue(fields, { entropy })).toBe(token);
      expect(readPeerId(token)).toBe(peerId);
      const nonce = Buffer.from(entropy).toString("base64url");
      const claims = { sub, scope: `connect:${peerId}`, iss: "ak-test", iat: at, exp: at + ttl, nonce, peerId };
      expect(tokens.verify(token, { now: at, peerId })).toMatchObject({ valid: true, claims });
      // What JSON.parse reads of the payload are the same claims, in the issuer's order.
      const payload = Buffer.from(token.slice(3, -44), "base64url");
      const { peerId: _, ...written } = claims;
      expect(JSON.stringify(JSON.parse(payload.toString()))).toBe(JSON.stringify(written));
      expect([...(readJsonObject(payload, 1) ?? [])].map(([name]) => name)).toEqual(Object.keys(written));
    },
  );
  expect(issued).toBeGreaterThan(200);
});

it("T5: no other character in any place of a token is the same token", () => {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/= .\n";
  holds(30, fc.string(), fc.nat(), (sub, place) => {
    const token = tokens.issue({ peerId: PEER, sub, iat: NOW });
    const at = place % token.length;
    const spellings = [...alphabet].map((other) => token.slice(0, at) + other + token.slice(at + 1));
    const verdicts = tokens.verifyMany(spellings, { now: NOW });
    expect(spellings.filter((_, i) => verdicts.isValid(i))).toEqual([token]);
  });
});

it("a licence is what was joined with a comma, or refused", () => {
  holds(2000, text, text, (deviceId, deviceSecretKey) => {
    const read = resultOrCode(() => parseDeviceLicense(`${deviceId},${deviceSecretKey}`));
    if (deviceId === "" || /[\r\n]$/.test(deviceSecretKey)) expect(read).toBe("ERR_FORMAT");
    else if (!deviceId.includes(",") && deviceSecretKey !== "") expect(read).toEqual({ deviceId, deviceSecretKey });
  });
});

it("only documented errors escape, and none from readPeerId", () => {
  const options = { accessId: "access", ...KEYS, skew: 1, maxLifetime: 9, singleSignature: false };
  holds(800, spoiled(options), (given) => {
    const made = resultOrCode(() => new TirtcTokens(given));
    if (typeof made !== "string") made.dispose();
  });
  const fields = { peerId: PEER, sub: "sub", ttl: 9, iat: NOW };
  const second = spoiled({ now: NOW, entropy: new Uint8Array(16) });
  holds(800, spoiled(fields), second, anything, (given, options, value) => {
    resultOrCode(() => tokens.issue(given, options));
    resultOrCode(() => parseDeviceLicense(value as string));
    expect(readPeerId(value as string)).toBeUndefined();
  });
});
