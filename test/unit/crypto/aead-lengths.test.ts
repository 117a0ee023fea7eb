import { describe, expect, it } from "vitest";
import { type Aead, chacha20Poly1305, xchacha20Poly1305 } from "../../../src/crypto.ts";
import { flipBit, hex, same, unhex } from "../../support/bytes.ts";
import { expectError } from "../../support/errors.ts";
import { Random } from "../../support/random.ts";
import { readVectors } from "../../support/vectors.ts";
import { hchacha20, opensslSeal } from "../../support/xchacha.ts";

/** Text and associated data pass through a window of 262144 bytes. */
const WINDOW = 262144;
const EDGES = [64, 128, 256, 4096, 65536, WINDOW, 2 * WINDOW].flatMap((size) => [size - 1, size, size + 1]);

/** Seals as OpenSSL does, and opens again. */
function agrees(aead: Aead, key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array, aad: Uint8Array): boolean {
  const sealed = aead.seal(key, nonce, plaintext, aad);
  if (!same(sealed, opensslSeal(key, nonce, plaintext, aad))) return false;
  return same(aead.open(key, nonce, sealed, aad), plaintext);
}

it("the tests' own HChaCha20 gives the draft's subkey", () => {
  const { hchacha20: cases } = readVectors<{ hchacha20: { key: string; nonce: string; subkey: string }[] }>(
    "rfc/xchacha-draft-03.json",
  );
  expect(cases.length).toBe(1);
  for (const { key, nonce, subkey } of cases) expect(hex(hchacha20(unhex(key), unhex(nonce)))).toBe(subkey);
});

for (const { name, aead } of [
  { name: "ChaCha20-Poly1305", aead: chacha20Poly1305 },
  { name: "XChaCha20-Poly1305", aead: xchacha20Poly1305 },
]) {
  describe(`${name} against OpenSSL`, () => {
    const random = new Random(aead.nonceBytes);
    const key = random.bytes(32);
    const nonce = random.bytes(aead.nonceBytes);

    it("tells its sizes", () => {
      expect({ ...aead }).toMatchObject({ keyBytes: 32, tagBytes: 16 });
      expect(aead.nonceBytes).toBe(name.startsWith("X") ? 24 : 12);
      expect(Object.isFrozen(aead)).toBe(true);
    });

    it("every text length from 0 to 1100", () => {
      const data = random.bytes(1100);
      const wrong = [];
      for (let length = 0; length <= 1100; length++) {
        const aad = data.subarray(0, length % 37);
        if (!agrees(aead, key, nonce, data.subarray(0, length), aad)) wrong.push(length);
      }
      expect(wrong).toEqual([]);
    });

    it("every length of associated data from 0 to 1100", () => {
      const data = random.bytes(1100);
      const wrong = [];
      for (let length = 0; length <= 1100; length++) {
        const text = data.subarray(0, length % 41);
        if (!agrees(aead, key, nonce, text, data.subarray(0, length))) wrong.push(length);
      }
      expect(wrong).toEqual([]);
    });

    it("texts and associated data around the edges of blocks and of the window", () => {
      for (const length of EDGES) {
        const long = random.bytes(length);
        expect(agrees(aead, key, nonce, long, unhex("01")), `text of ${length}`).toBe(true);
        expect(agrees(aead, key, nonce, unhex("01"), long), `associated data of ${length}`).toBe(true);
      }
      const both = random.bytes(WINDOW + 1);
      expect(agrees(aead, key, nonce, both, both)).toBe(true);
    });

    it("3000 random keys, nonces, texts and associated data", () => {
      let wrong = 0;
      for (let i = 0; i < 3000; i++) {
        const [text, aad] = [random.bytes(random.below(400)), random.bytes(random.below(60))];
        if (!agrees(aead, random.bytes(32), random.bytes(aead.nonceBytes), text, aad)) wrong++;
      }
      expect(wrong).toBe(0);
    });

    it("without associated data is with none of it", () => {
      const text = random.bytes(50);
      const sealed = aead.seal(key, nonce, text);
      expect(hex(sealed)).toBe(hex(aead.seal(key, nonce, text, new Uint8Array(0))));
      expect(hex(aead.open(key, nonce, sealed) ?? unhex("ff"))).toBe(hex(text));
      expect(aead.open(key, nonce, sealed, Uint8Array.of(0))).toBeUndefined();
    });

    it("opens under no other key, nonce, text or associated data", () => {
      const [text, aad] = [random.bytes(70), random.bytes(20)];
      const sealed = aead.seal(key, nonce, text, aad);
      let opened = 0;
      const refuse = (...args: Parameters<Aead["open"]>) => {
        if (aead.open(...args) !== undefined) opened++;
      };
      for (let bit = 0; bit < 256; bit++) refuse(flipBit(key, bit), nonce, sealed, aad);
      for (let bit = 0; bit < nonce.length * 8; bit++) refuse(key, flipBit(nonce, bit), sealed, aad);
      for (let bit = 0; bit < sealed.length * 8; bit++) refuse(key, nonce, flipBit(sealed, bit), aad);
      for (let bit = 0; bit < aad.length * 8; bit++) refuse(key, nonce, sealed, flipBit(aad, bit));
      for (let length = 0; length < sealed.length; length++) refuse(key, nonce, sealed.subarray(0, length), aad);
      expect(opened).toBe(0);
      expect(hex(aead.open(key, nonce, sealed, aad) ?? unhex("ff"))).toBe(hex(text));
    });

    it("notices one wrong bit in any window of a long text", () => {
      const text = random.bytes(2 * WINDOW + 100);
      const sealed = aead.seal(key, nonce, text, text.subarray(0, 5));
      for (const byte of [0, 63, WINDOW - 1, WINDOW, 2 * WINDOW - 1, 2 * WINDOW, 2 * WINDOW + 99]) {
        expect(aead.open(key, nonce, flipBit(sealed, byte * 8 + 7), text.subarray(0, 5)), `${byte}`).toBeUndefined();
      }
    });

    it("refuses keys and nonces of any other length by name", () => {
      const sealed = aead.seal(key, nonce, unhex("00"));
      for (const length of [0, 1, 16, 31, 33, 64]) {
        expectError(() => aead.seal(random.bytes(length), nonce, unhex("00")), "ERR_RANGE", "key");
        expectError(() => aead.open(random.bytes(length), nonce, sealed), "ERR_RANGE", "key");
      }
      for (let length = 0; length <= 40; length++) {
        if (length === aead.nonceBytes) continue;
        expectError(() => aead.seal(key, random.bytes(length), unhex("00")), "ERR_RANGE", "nonce");
        expectError(() => aead.open(key, random.bytes(length), sealed), "ERR_RANGE", "nonce");
      }
    });
  });
}
