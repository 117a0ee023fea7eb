import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { parseDeviceLicense, readPeerId } from "../../../src/tirtc/index.ts";
import { tirtcPayload, tirtcSign, tirtcSignSegment } from "../../reference/string-schemes.ts";
import { unhex } from "../../support/bytes.ts";
import { expectError } from "../../support/errors.ts";
import { Random } from "../../support/random.ts";
import { bitFlips, expectSameVerdicts, HUGE, randomText, STRANGE, stringVector } from "../../support/string-schemes.ts";
import { CLAIMS, KEYS, makeTirtc, NOW, PEER, signedClaims, tirtcReason } from "../../support/tirtc.ts";

const tokens = makeTirtc();
const reason = (token: unknown, options?: { peerId?: string; now?: number | bigint }) =>
  tirtcReason(tokens, token, options);
/** The SHA-256 of the signature's bytes. */
const tirtcTokenId = (token: string) =>
  `tirtc:${createHash("sha256")
    .update(Buffer.from(token.slice(-43), "base64url"))
    .digest("hex")}`;
const genuine = (payload: string | Uint8Array) => tirtcSign(KEYS, payload);

describe("TirtcTokens", () => {
  it("makes and accepts the vendor's token", () => {
    const { input, output } =
      stringVector<Record<"sub" | "scope" | "iss" | "nonce" | "nonce_bytes_hex", string>>("tirtc");
    const entropy = unhex(input.nonce_bytes_hex);
    const issued = tokens.issue({ peerId: PEER, sub: input.sub, iat: NOW }, { entropy });
    expect(issued).toBe(output);
    const claims = { ...CLAIMS, sub: input.sub, scope: input.scope, nonce: input.nonce, peerId: PEER };
    for (const options of [{}, { peerId: PEER }]) {
      const verdict = tokens.verify(output, { now: NOW, ...options });
      expect(verdict).toMatchObject({ valid: true, expiresAt: BigInt(NOW + 300) });
      expect(verdict.valid && verdict.claims).toEqual(claims);
      expect(verdict.valid && verdict.tokenId).toBe(tirtcTokenId(output));
    }
    expect(readPeerId(output)).toBe(PEER);
  });

  it("issues the bytes of Go's encoder, signed as node:crypto does, and accepts them", () => {
    const random = new Random(1);
    for (let i = 0; i < 3000; i++) {
      const [sub, peerId] = [
        randomText(random, random.below(12), true),
        randomText(random, 1 + random.below(12), true),
      ];
      const [iat, ttl, entropy] = [NOW - random.below(100), 101 + random.below(86_300), random.bytes(16)];
      const issued = tokens.issue({ sub, peerId, iat, ttl }, { entropy });
      const nonce = Buffer.from(entropy).toString("base64url");
      const claims = { sub, scope: `connect:${peerId}`, iss: "ak-test", iat, exp: iat + ttl, nonce };
      expect(issued).toBe(tirtcSign(KEYS, tirtcPayload(claims)));
      expect(tokens.verify(issued, { now: NOW, peerId })).toMatchObject({ valid: true, claims: { ...claims, peerId } });
    }
  });

  it("draws a fresh nonce for each token, and lets it live for 300 seconds", () => {
    const issued = Array.from({ length: 2000 }, () => tokens.issue({ sub: "", peerId: PEER }, { now: NOW }));
    const ids = [...tokens.verifyMany(issued, { now: NOW })].map((verdict) => verdict.valid && verdict.tokenId);
    expect(new Set(ids).size).toBe(2000);
    expect(reason(issued[0], { now: NOW + 299 })).toBe("valid");
    expect(reason(issued[0], { now: NOW + 300 })).toBe("expired");
    const [now] = [Math.floor(Date.now() / 1000)];
    const verdict = tokens.verify(tokens.issue({ sub: "", peerId: PEER }));
    expect(verdict.valid && Math.abs(verdict.claims.iat - now)).toBeLessThan(5);
  });

  it("asks in the documented order", () => {
    const all = { iss: "other", scope: "connect:elsewhere", iat: NOW + 61, exp: NOW + 61 + 86_401 };
    const outcomes = [
      reason(genuine("{}"), { peerId: PEER }),
      reason(tirtcSign({ ...KEYS, secretKey: "x" }, "{}"), { peerId: PEER }),
      reason(signedClaims(all), { peerId: PEER, now: all.exp }),
      reason(signedClaims({ ...all, iss: "ak-test" }), { peerId: PEER, now: all.exp }),
      reason(signedClaims({ ...all, iss: "ak-test" }), { now: all.exp }),
      reason(signedClaims({ iat: all.iat, exp: all.exp })),
      reason(signedClaims({ iat: NOW + 60, exp: NOW + 60 + 86_401 })),
      reason(signedClaims({ iat: NOW + 60, exp: NOW + 60 + 86_400 })),
    ];
    expect(outcomes).toEqual([
      "malformed",
      "not-genuine",
      "wrong-issuer",
      "wrong-peer",
      "expired",
      "not-yet-valid",
      "lifetime-too-long",
      "valid",
    ]);
  });

  it("takes the options' skew and lifetime", () => {
    const exact = makeTirtc({ skew: 0, maxLifetime: 300 });
    expect(tirtcReason(exact, signedClaims())).toBe("valid");
    expect(tirtcReason(exact, signedClaims(), { now: NOW - 1 })).toBe("not-yet-valid");
    expect(tirtcReason(exact, signedClaims({ exp: NOW + 301 }))).toBe("lifetime-too-long");
    expect(reason(signedClaims({ iat: NOW + 10, exp: NOW + 10 }))).toBe("lifetime-too-long");
    expect(reason(signedClaims({ iat: NOW + 10, exp: NOW + 5 }))).toBe("lifetime-too-long");
    const far = 2 ** 53 - 1;
    expect(reason(signedClaims({ iat: far - 1, exp: far }), { now: BigInt(far - 1) })).toBe("valid");
    expect(reason(signedClaims({ iat: far - 1, exp: far }), { now: 2n ** 64n - 1n })).toBe("expired");
  });

  it("compares the peer whole", () => {
    for (const peerId of ["", "device://device-00", `${PEER}1`, PEER.toUpperCase(), "\ud800", "x".repeat(10_000)]) {
      expect(reason(signedClaims(), { peerId })).toBe("wrong-peer");
    }
    for (const scope of ["connect:", "connect", "", PEER, `Connect:${PEER}`, `connect: ${PEER}`]) {
      expect(reason(signedClaims({ scope }))).toBe(scope === `connect: ${PEER}` ? "valid" : "malformed");
      expect(reason(signedClaims({ scope }), { peerId: PEER })).toBe("wrong-peer");
    }
    expect(reason(signedClaims({ scope: "connect:" }), { peerId: "" })).toBe("wrong-peer");
    expect(reason(signedClaims({ scope: "connect:\ufffd" }), { peerId: "\ufffd" })).toBe("valid");
    expect(reason(signedClaims({ scope: "connect:\ufffd" }), { peerId: "\ud800" })).toBe("wrong-peer");
  });

  it("refuses every change of one bit", () => {
    const token = signedClaims();
    const changed = [...bitFlips(token)];
    expect(changed).toHaveLength(token.length * 7);
    expect(tokens.verifyMany(changed, { now: NOW }).validCount).toBe(0);
    for (const flipped of changed) {
      expect(["malformed", "not-genuine"]).toContain(reason(flipped, { peerId: PEER }));
    }
  });

  it("passes just one spelling of each segment", () => {
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=";
    for (const sub of ["a", "ab", "abc"]) {
      const token = signedClaims({ sub });
      const [version, payload, signature] = token.split(".") as [string, string, string];
      const lasts = (text: string) => [...alphabet].map((last) => text.slice(0, -1) + last);
      const spellings = [
        ...lasts(payload).map((text) => `${version}.${text}.${signature}`),
        ...lasts(signature).map((text) => `${version}.${payload}.${text}`),
        ...["=", "==", " ", "\n", ".", "A", "\0"].flatMap((extra) => [
          `${extra}${token}`,
          `${version}${extra}.${payload}.${signature}`,
          `${version}.${extra}${payload}.${signature}`,
          `${version}.${payload}${extra}.${signature}`,
          `${version}.${payload}.${extra}${signature}`,
          `${token}${extra}`,
        ]),
        token.replaceAll("-", "+").replaceAll("_", "/").replace(/^v1/, "v1"),
        `V1.${payload}.${signature}`,
        `v2.${payload}.${signature}`,
        `v1..${signature}`,
        `v1.${payload}`,
        `v1.${payload}.`,
      ];
      const accepted = new Set(spellings.filter((text) => reason(text) === "valid"));
      expect([...accepted]).toEqual([token]);
    }
  });

  it.each([
    ["padding", "e30="],
    ["stray bits", "e31"],
    ["the other alphabet", Buffer.from('{"a":"\u00fb\u00ff>>>???"}').toString("base64")],
    ["a dot", `${Buffer.from(tirtcPayload(CLAIMS)).toString("base64url")}.e30`],
    ["white space", "e30 "],
    ["a character beyond ASCII", "e3é"],
    ["a length of 4n + 1", "e30ab"],
  ])("refuses a genuine signature over a segment with %s", (_, segment) => {
    const token = tirtcSignSegment(KEYS, segment);
    expect(reason(token)).toBe("malformed");
    expect(reason(token, { peerId: PEER })).toBe("malformed");
  });

  it("signs once only where an option says so, and then no other way", () => {
    const single = makeTirtc({ singleSignature: true, deviceSecretKey: undefined as never });
    const once = tirtcSign({ secretKey: KEYS.secretKey }, tirtcPayload(CLAIMS));
    const entropy = Buffer.from(CLAIMS.nonce, "base64url");
    expect(single.issue({ sub: CLAIMS.sub, peerId: PEER, iat: NOW }, { entropy })).toBe(once);
    expect(tirtcReason(single, once)).toBe("valid");
    expect(tirtcReason(single, once, { peerId: PEER })).toBe("valid");
    expect(tirtcReason(single, signedClaims())).toBe("not-genuine");
    expect(reason(once)).toBe("not-genuine");
    for (const flipped of bitFlips(once)) expect(tirtcReason(single, flipped)).not.toBe("valid");
  });

  it("says what a genuine token claims that it refuses, and nothing of any other", () => {
    const faults = [
      ["wrong-issuer", { iss: "other" }],
      ["wrong-peer", { scope: "connect:other" }],
      ["expired", { iat: NOW - 300, exp: NOW }],
      ["not-yet-valid", { iat: NOW + 61, exp: NOW + 100 }],
      ["lifetime-too-long", { exp: NOW + 86_401 }],
    ] as const;
    for (const [name, fault] of faults) {
      const claims = { ...CLAIMS, ...fault };
      const verdict = {
        valid: false,
        reason: name,
        refusedClaims: { ...claims, peerId: claims.scope.slice("connect:".length) },
      };
      const token = signedClaims(fault);
      expect(tokens.verify(token, { now: NOW, peerId: PEER })).toStrictEqual(verdict);
      expect(tokens.verifyMany([{ token, peerId: PEER }], { now: NOW }).at(0)).toStrictEqual(verdict);
    }
    for (const token of [`${signedClaims().slice(0, -4)}AAAA`, genuine("{}"), "x"]) {
      const name = tirtcReason(tokens, token);
      expect(["not-genuine", "malformed"]).toContain(name);
      expect(tokens.verify(token, { now: NOW })).toStrictEqual({ valid: false, reason: name });
      expect(tokens.verifyMany([token], { now: NOW }).at(0)).toStrictEqual({ valid: false, reason: name });
    }
  });

  it("issues with the newest secret and verifies with any", () => {
    const both = makeTirtc({ secretKey: ["new", Buffer.from(KEYS.secretKey)] });
    const entropy = Buffer.from(CLAIMS.nonce, "base64url");
    const fresh = tirtcSign({ ...KEYS, secretKey: "new" }, tirtcPayload(CLAIMS));
    expect(both.issue({ sub: CLAIMS.sub, peerId: PEER, iat: NOW }, { entropy })).toBe(fresh);
    const other = tirtcSign({ ...KEYS, secretKey: "other" }, tirtcPayload(CLAIMS));
    const indexes = [0, 1, undefined];
    const batch = both.verifyMany([fresh, signedClaims(), other], { now: NOW });
    expect(batch.map((verdict) => (verdict.valid ? verdict.secretIndex : undefined))).toEqual(indexes);
    const singly = [fresh, signedClaims(), other].map((token) => both.verify(token, { now: NOW }));
    expect(singly.map((verdict) => (verdict.valid ? verdict.secretIndex : undefined))).toEqual(indexes);
  });

  it("gives the same verdicts one by one and ten thousand at once", () => {
    const random = new Random(3);
    const lookup = makeTirtc({ deviceSecretKey: (peerId) => (peerId === PEER ? KEYS.deviceSecretKey : undefined) });
    const items = Array.from({ length: 10_000 }, (_, i): { token: unknown; peerId?: string } => {
      const claims = {
        sub: randomText(random, 2, true),
        iss: random.pick(["ak-test", "ak-test", "ak-test", "ak"]),
        scope: random.pick([CLAIMS.scope, CLAIMS.scope, CLAIMS.scope, "connect:x", "x"]),
        iat: NOW - 100 + random.below(180),
        exp: NOW + random.pick([300, 300, 300, 0, 86_500]),
      };
      const token = signedClaims(claims);
      const peerId = random.below(2) ? {} : { peerId: random.pick([PEER, PEER, "x", ""]) };
      switch (random.below(10)) {
        case 0:
          return { token: token.slice(0, random.below(token.length)), ...peerId };
        case 1:
          return { token: `${token.slice(0, -2)}${random.pick([..."AEIMé"])}${token.slice(-1)}`, ...peerId };
        case 2:
          return { token: i % 500 === 0 ? HUGE : random.pick(STRANGE), ...peerId };
        case 3:
          return {
            token: genuine(tirtcPayload({ ...CLAIMS, ...claims }).replace(random.pick(["sub", ":", "}"]), "exp")),
            ...peerId,
          };
        default:
          return { token, ...peerId };
      }
    }) as { token: string; peerId?: string }[];
    const mixed = items.map((item) =>
      item.peerId === undefined && typeof item.token === "string" ? item.token : item,
    );
    for (const each of [tokens, lookup]) {
      const counts = expectSameVerdicts(
        each.verifyMany(mixed, { now: NOW }),
        items.map(({ token, peerId }) => each.verify(token, { now: NOW, ...(peerId === undefined ? {} : { peerId }) })),
      );
      const reasons = ["expired", "lifetime-too-long", "malformed", "not-genuine", "not-yet-valid"];
      expect([...counts.keys()].sort()).toEqual([...reasons, "valid", "wrong-issuer", "wrong-peer"]);
    }
  });
});

describe("parseDeviceLicense", () => {
  it("splits at the first comma", () => {
    expect(parseDeviceLicense("id,key")).toEqual({ deviceId: "id", deviceSecretKey: "key" });
    expect(parseDeviceLicense(" id ,k,\ne,y ")).toEqual({ deviceId: " id ", deviceSecretKey: "k,\ne,y " });
  });

  it.each(["id,key\n", "id,key\r\n", "id,key\r"])("says what is wrong with %j, as it is read from a file", (text) => {
    expect(expectError(() => parseDeviceLicense(text), "ERR_FORMAT", "text").message).toContain("line break");
  });

  it.each(["", ",", "id", "id,", ",key"])("refuses %j", (text) => {
    expectError(() => parseDeviceLicense(text), "ERR_FORMAT", "text");
  });

  it("refuses what is no string", () => {
    for (const value of STRANGE) expectError(() => parseDeviceLicense(value as never), "ERR_TYPE", "text");
  });
});

describe("readPeerId", () => {
  it("reads what is not verified, and nothing from what is no token", () => {
    expect(readPeerId(tirtcSign({ secretKey: "anyone" }, tirtcPayload({ ...CLAIMS, scope: "connect:é" })))).toBe("é");
    const bad = [signedClaims({ scope: "connect:" }), signedClaims({ scope: "x" }), genuine("{}"), "", "v1.e30", HUGE];
    for (const value of [...STRANGE, ...bad]) expect(readPeerId(value as never)).toBe(undefined);
  });
});
