import { chacha20Poly1305, xchacha20Poly1305 } from "../../../../src/crypto.ts";
import { same } from "../../../support/bytes.ts";
import { opensslSeal } from "../../../support/xchacha.ts";
import { hold, holdSame, inputOf, type Target } from "../target.ts";

// The first byte of an input; then the nonce, the length of the associated data, that data and the rest.
const SEALED = 1;
const LONG_NONCE = 2;
const KEY = new Uint8Array(32).fill(0x11);

export const open: Target = {
  name: "crypto-open",
  maxLength: 700,
  seeds: [
    inputOf([SEALED], new Uint8Array(100).fill(3)),
    inputOf([SEALED | LONG_NONCE], new Uint8Array(300).fill(3)),
    inputOf([0], new Uint8Array(60).fill(1)),
  ],
  dictionary: [new Uint8Array(64), new Uint8Array(16).fill(255)],
  run(input) {
    const flags = input[0] ?? 0;
    const aead = flags & LONG_NONCE ? xchacha20Poly1305 : chacha20Poly1305;
    const nonce = new Uint8Array(aead.nonceBytes);
    nonce.set(input.subarray(1, 1 + aead.nonceBytes));
    const rest = input.subarray(1 + aead.nonceBytes);
    const data = rest.slice(1, 1 + (rest[0] ?? 0));
    const text = rest.slice(1 + data.length);
    if (flags & SEALED) {
      const sealed = opensslSeal(KEY, nonce, text, data);
      hold(same(aead.seal(KEY, nonce, text, data), sealed), "OpenSSL seals the same");
      hold(same(aead.open(KEY, nonce, sealed, data), text), "what OpenSSL seals opens to its text");
      return `sealed ${flags & LONG_NONCE} ${Math.min(text.length >> 6, 5)} ${Math.min(data.length >> 4, 3)}`;
    }
    const opened = aead.open(KEY, nonce, text, data);
    // No stranger finds a tag: what opens is what OpenSSL would have sealed.
    holdSame(
      opened !== undefined && !same(opensslSeal(KEY, nonce, opened, data), text),
      false,
      "what opens is genuine",
    );
    return `${opened !== undefined} ${text.length < 16}`;
  },
};
