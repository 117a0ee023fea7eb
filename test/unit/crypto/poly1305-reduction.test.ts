import { createCipheriv } from "node:crypto";
import { expect, it } from "vitest";
import { chacha20Poly1305 } from "../../../src/crypto.ts";
import { same, to32Bytes, toInteger } from "../../support/bytes.ts";
import { Random } from "../../support/random.ts";

// Poly1305's accumulator ends at p or just above it once in 2^128 times: a random message never meets the last subtraction
// of p. With the key one can be made that does.

const P = 2n ** 130n - 5n;
const random = new Random(21);

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let [square, rest] = [base % P, exponent]; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % P;
    square = (square * square) % P;
  }
  return result;
}

/** 32 bytes of ciphertext whose accumulator, lengths included, is `end` mod p. */
function ciphertextFor(end: bigint, polyKey: Uint8Array): Uint8Array {
  const r = toInteger(polyKey.subarray(0, 16)) & 0x0ffffffc0ffffffc0ffffffc0fffffffn;
  const inverse = power(r, P - 2n);
  const top = 2n ** 128n;
  const lengths = top + (32n << 64n);
  for (;;) {
    const first = toInteger(random.bytes(16));
    // (((first + top) r + second + top) r + lengths) r = end
    const second = (((((end * inverse - lengths) * inverse - top - (first + top) * r) % P) + P) % P) as bigint;
    if (second < top) return to32Bytes(first | (second << 128n));
  }
}

it.each([P - 2n, P - 1n, 0n, 1n, 2n, 3n, 4n, 5n])("a tag whose accumulator ends at %i mod p", (end) => {
  for (let i = 0; i < 4; i++) {
    const [key, nonce] = [random.bytes(32), random.bytes(12)];
    const block = Buffer.concat([Buffer.alloc(4), nonce]);
    const polyKey = createCipheriv("chacha20", key, block).update(new Uint8Array(32));
    const ciphertext = ciphertextFor(end, polyKey);
    const options = { authTagLength: 16 };
    const keystream = createCipheriv("chacha20-poly1305", key, nonce, options).update(new Uint8Array(32));
    const plaintext = ciphertext.map((byte, at) => byte ^ (keystream[at] as number));
    const openssl = createCipheriv("chacha20-poly1305", key, nonce, options);
    const expected = Buffer.concat([openssl.update(plaintext), openssl.final(), openssl.getAuthTag()]);
    expect(same(expected.subarray(0, 32), ciphertext)).toBe(true);
    const sealed = chacha20Poly1305.seal(key, nonce, plaintext);
    expect(same(sealed, expected)).toBe(true);
    expect(same(chacha20Poly1305.open(key, nonce, expected), plaintext)).toBe(true);
  }
});
