import { randomBytes } from "node:crypto";
import { chacha20Poly1305, xchacha20Poly1305 } from "connect-tokens/crypto";
import { type Class, Pool, secretOf, spoiltAt, type Target } from "../target.ts";

const KEY_BYTES = 32;
const TAG_BYTES = 16;
const TEXT_BYTES = 256;
const data = randomBytes(32);

/** The plaintext of class 0 is as odd as its key. */
const textOf = (which: Class): Uint8Array => secretOf(which, TEXT_BYTES);

export const aeadTargets: readonly Target[] = [
  {
    name: "chacha20Poly1305.seal, key",
    classes: ["key of a single bit", "random key"],
    role: "target",
    calls: 50,
    answer: TEXT_BYTES + TAG_BYTES,
    make() {
      const pool = new Pool((which) => secretOf(which));
      const [nonce, text] = [randomBytes(12), randomBytes(TEXT_BYTES)];
      return {
        prepare: (which) => pool.draw(which),
        call: () => chacha20Poly1305.seal(pool.drawn, nonce, text, data).length,
      };
    },
  },
  {
    name: "chacha20Poly1305.seal, plaintext",
    classes: ["text of a single bit", "random text"],
    role: "target",
    calls: 50,
    answer: TEXT_BYTES + TAG_BYTES,
    make() {
      const pool = new Pool(textOf);
      const [key, nonce] = [randomBytes(KEY_BYTES), randomBytes(12)];
      return {
        prepare: (which) => pool.draw(which),
        call: () => chacha20Poly1305.seal(key, nonce, pool.drawn, data).length,
      };
    },
  },
  {
    name: "xchacha20Poly1305.open, genuine",
    classes: ["key of a single bit", "random key"],
    role: "target",
    calls: 50,
    answer: TEXT_BYTES,
    make() {
      const nonce = randomBytes(24);
      const pool = new Pool((which) => {
        const key = secretOf(which);
        return Buffer.concat([key, xchacha20Poly1305.seal(key, nonce, randomBytes(TEXT_BYTES), data)]);
      });
      const [key, sealed] = [pool.drawn.subarray(0, KEY_BYTES), pool.drawn.subarray(KEY_BYTES)];
      return {
        prepare: (which) => pool.draw(which),
        call: () => xchacha20Poly1305.open(key, nonce, sealed, data)?.length ?? 0,
      };
    },
  },
  {
    name: "chacha20Poly1305.open, forged",
    classes: ["tag wrong in its first byte", "in its last byte"],
    role: "target",
    calls: 50,
    answer: 0,
    make() {
      const [key, nonce] = [randomBytes(KEY_BYTES), randomBytes(12)];
      const pool = new Pool((which) => {
        const sealed = chacha20Poly1305.seal(key, nonce, randomBytes(TEXT_BYTES), data);
        return spoiltAt(sealed, which === 0 ? TEXT_BYTES : TEXT_BYTES + TAG_BYTES - 1);
      });
      return {
        prepare: (which) => pool.draw(which),
        call: () => chacha20Poly1305.open(key, nonce, pool.drawn, data)?.length ?? 0,
      };
    },
  },
];
