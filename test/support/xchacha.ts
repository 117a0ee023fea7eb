import { createCipheriv, createDecipheriv } from "node:crypto";
import { concat } from "./bytes.ts";

const rotl = (word: number, by: number): number => (word << by) | (word >>> (32 - by));

/** HChaCha20 (draft-irtf-cfrg-xchacha-03 §2.2), written plainly for the tests. */
export function hchacha20(key: Uint8Array, nonce16: Uint8Array): Uint8Array {
  const input = new DataView(concat(new TextEncoder().encode("expand 32-byte k"), key, nonce16).buffer);
  const x = Array.from({ length: 16 }, (_, i) => input.getUint32(i * 4, true));
  const word = (i: number): number => x[i] as number;
  const quarter = (a: number, b: number, c: number, d: number): void => {
    for (const [first, second] of [
      [16, 12],
      [8, 7],
    ] as const) {
      x[a] = (word(a) + word(b)) | 0;
      x[d] = rotl(word(d) ^ word(a), first);
      x[c] = (word(c) + word(d)) | 0;
      x[b] = rotl(word(b) ^ word(c), second);
    }
  };
  for (let round = 0; round < 10; round++) {
    for (const i of [0, 1, 2, 3]) quarter(i, i + 4, i + 8, i + 12);
    for (const i of [0, 1, 2, 3]) quarter(i, 4 + ((i + 1) % 4), 8 + ((i + 2) % 4), 12 + ((i + 3) % 4));
  }
  const subkey = new DataView(new ArrayBuffer(32));
  [0, 1, 2, 3, 12, 13, 14, 15].forEach((from, i) => {
    subkey.setUint32(i * 4, word(from), true);
  });
  return new Uint8Array(subkey.buffer);
}

/** ChaCha20-Poly1305 by OpenSSL; with a nonce of 24 bytes, XChaCha20-Poly1305 on top of it. */
export function opensslSeal(
  key: Uint8Array,
  nonce: Uint8Array,
  plaintext: Uint8Array,
  associatedData: Uint8Array,
): Uint8Array {
  if (nonce.length === 24) {
    const subNonce = concat(new Uint8Array(4), nonce.subarray(16));
    return opensslSeal(hchacha20(key, nonce.subarray(0, 16)), subNonce, plaintext, associatedData);
  }
  const cipher = createCipheriv("chacha20-poly1305", key, nonce, { authTagLength: 16 });
  cipher.setAAD(associatedData, { plaintextLength: plaintext.length });
  return concat(cipher.update(plaintext), cipher.final(), cipher.getAuthTag());
}

/** The text of what {@link opensslSeal} makes; `undefined` where the tag is another. */
export function opensslOpen(
  key: Uint8Array,
  nonce: Uint8Array,
  sealed: Uint8Array,
  associatedData: Uint8Array,
): Uint8Array | undefined {
  const inner = Buffer.concat([Buffer.alloc(4), nonce.subarray(16)]);
  const decipher = createDecipheriv("chacha20-poly1305", hchacha20(key, nonce.subarray(0, 16)), inner, {
    authTagLength: 16,
  });
  const text = sealed.subarray(0, -16);
  decipher.setAAD(associatedData, { plaintextLength: text.length });
  decipher.setAuthTag(sealed.subarray(-16));
  const opened = decipher.update(text);
  try {
    decipher.final();
  } catch {
    return undefined;
  }
  return Uint8Array.from(opened);
}
