import { createDecipheriv } from "node:crypto";
import { ChaCha20Poly1305, newInstance } from "@chainsafe/as-chacha20poly1305";
import { chacha20poly1305, xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import wrappers from "libsodium-wrappers";
import native from "sodium-native";

/** Views on one sealed text, cut beforehand: peers are not charged for finding them. */
export interface Sealed {
  readonly nonce: Buffer;
  /** Ciphertext, then the tag. */
  readonly sealed: Buffer;
  readonly associatedData: Buffer;
}

export interface AeadPeer {
  readonly name: string;
  /** The plaintext, which may lie in a buffer that the next call overwrites; `undefined` where it is not genuine. */
  open(text: Sealed): Uint8Array | undefined;
}

const TAG_BYTES = 16;

/** Where a library throws for a text that is not genuine. */
function caught(name: string, open: (text: Sealed) => Uint8Array): AeadPeer {
  return {
    name,
    open: (text) => {
      try {
        return open(text);
      } catch {
        return undefined;
      }
    },
  };
}

/** @param length of the plaintext, in bytes */
export async function xchachaPeers(key: Buffer, length: number): Promise<AeadPeer[]> {
  await wrappers.ready;
  const message = Buffer.alloc(length);
  return [
    caught("sodium-native", ({ nonce, sealed, associatedData }) => {
      native.crypto_aead_xchacha20poly1305_ietf_decrypt(message, null, sealed, associatedData, nonce, key);
      return message;
    }),
    caught("libsodium-wrappers", ({ nonce, sealed, associatedData }) =>
      wrappers.crypto_aead_xchacha20poly1305_ietf_decrypt(null, sealed, associatedData, nonce, key),
    ),
    caught("@noble/ciphers", ({ nonce, sealed, associatedData }) =>
      xchacha20poly1305(key, nonce, associatedData).decrypt(sealed),
    ),
  ];
}

export function chachaPeers(key: Buffer): AeadPeer[] {
  const context = new ChaCha20Poly1305(newInstance());
  return [
    caught("node:crypto", ({ nonce, sealed, associatedData }) => {
      const decipher = createDecipheriv("chacha20-poly1305", key, nonce, { authTagLength: TAG_BYTES });
      decipher.setAAD(associatedData, { plaintextLength: sealed.length - TAG_BYTES });
      decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
      const text = decipher.update(sealed.subarray(0, -TAG_BYTES));
      decipher.final();
      return text;
    }),
    {
      name: "@chainsafe/as-chacha20poly1305",
      open: ({ nonce, sealed, associatedData }) => context.open(key, nonce, sealed, associatedData) ?? undefined,
    },
    caught("@noble/ciphers", ({ nonce, sealed, associatedData }) =>
      chacha20poly1305(key, nonce, associatedData).decrypt(sealed),
    ),
  ];
}
