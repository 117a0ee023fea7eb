import { createHash, createHmac } from "node:crypto";
import fc from "fast-check";
import { expect, it } from "vitest";
import { chacha20Poly1305, createSha256, hmacSha256, sha256, xchacha20Poly1305 } from "../../../src/crypto.ts";
import { anything, bytes, holds, resultOrCode } from "../../support/properties.ts";
import { opensslSeal } from "../../support/xchacha.ts";

it.each([
  ["ChaCha20-Poly1305", chacha20Poly1305],
  ["XChaCha20-Poly1305", xchacha20Poly1305],
])(
  "%s: what OpenSSL seals is sealed the same, opens, and opens no more when anything is added or changed",
  (_, aead) => {
    const nonce = bytes(aead.nonceBytes, aead.nonceBytes);
    holds(500, bytes(32, 32), nonce, bytes(0, 400), bytes(0, 80), fc.nat(), (key, iv, plaintext, data, place) => {
      const sealed = opensslSeal(key, iv, plaintext, data);
      expect(aead.seal(key, iv, plaintext, data)).toEqual(sealed);
      expect(aead.open(key, iv, sealed, data)).toEqual(plaintext);
      const forged = sealed.slice();
      forged[place % forged.length] = (forged[place % forged.length] as number) ^ (1 + (place % 255));
      for (const other of [forged, sealed.slice(1), sealed.slice(0, -1)]) {
        expect(aead.open(key, iv, other, data)).toBeUndefined();
      }
      expect(aead.open(key, iv, sealed, Uint8Array.from([...data, 0]))).toBeUndefined();
    });
  },
);

it("digests are OpenSSL's, whatever the pieces", () => {
  holds(500, fc.array(bytes(0, 150), { maxLength: 8 }), bytes(0, 150), (pieces, key) => {
    const whole = Buffer.concat(pieces);
    const expected = new Uint8Array(createHash("sha256").update(whole).digest());
    expect(sha256(whole)).toEqual(expected);
    expect(pieces.reduce((stream, piece) => stream.update(piece), createSha256()).digest()).toEqual(expected);
    expect(hmacSha256(key, whole)).toEqual(new Uint8Array(createHmac("sha256", key).update(whole).digest()));
  });
});

it("only documented errors escape, and nothing opens", () => {
  const value = fc.oneof(
    anything,
    bytes(0, 40),
    bytes(32, 32),
    bytes(12, 12),
    bytes(24, 24),
  ) as fc.Arbitrary<Uint8Array>;
  holds(1000, value, value, value, value, (a, b, c, d) => {
    for (const { seal, open } of [chacha20Poly1305, xchacha20Poly1305]) {
      resultOrCode(() => seal(a, b, c, d));
      const opened = resultOrCode(() => open(a, b, c, d));
      if (typeof opened !== "string") expect(opened).toBeUndefined();
    }
    resultOrCode(() => sha256(a));
    resultOrCode(() => createSha256().update(a));
    resultOrCode(() => hmacSha256(a, b));
  });
});
