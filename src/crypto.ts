/**
 * `connect-tokens/crypto`: the primitives beneath the tokens, so that standard suites run against the very code that
 * verifies them. They take what their RFCs allow; the schemes ask for more.
 *
 * @module
 */
import { asBytes, asBytesOf, type BytesInput, byteLength, wipeCopy } from "./common/bytes.ts";
import { ConnectTokensError } from "./errors.ts";
import { hmacDigest, Sha256Stream, sha256Digest } from "./wasm/hmac/kernel.ts";
import { type AeadInputs, KEY_BYTES, openText, sealText, TAG_BYTES } from "./wasm/netcode/aead.ts";

/** A SHA-256 computation fed piece by piece. */
export interface Sha256 {
  /**
   * @throws ConnectTokensError `ERR_TYPE` unless it is a Uint8Array, `ERR_DISPOSED` after `digest`
   * @returns itself
   */
  update(data: BytesInput): Sha256;
  /**
   * 32 bytes; ends the computation and wipes its state.
   *
   * @throws ConnectTokensError `ERR_DISPOSED` the second time
   */
  digest(): Uint8Array<ArrayBuffer>;
}

/** An authenticated cipher. */
export interface Aead {
  /** 32. */
  readonly keyBytes: number;
  /** 12 for ChaCha20-Poly1305, 24 for XChaCha20-Poly1305. */
  readonly nonceBytes: number;
  /** 16. */
  readonly tagBytes: number;
  /**
   * Encrypts and authenticates.
   *
   * @param key 32 bytes
   * @param nonce `nonceBytes` long; never twice with one key
   * @param plaintext at most 2^38 - 64 bytes (RFC 8439 §2.8), so any length
   * @param associatedData authenticated beside it, not encrypted; default none
   * @returns ciphertext ‖ tag
   * @throws ConnectTokensError `ERR_TYPE`, or `ERR_RANGE` for a wrong length
   */
  seal(key: BytesInput, nonce: BytesInput, plaintext: BytesInput, associatedData?: BytesInput): Uint8Array<ArrayBuffer>;
  /**
   * Checks and decrypts what `seal` made. Nothing is decrypted before the tag has been checked.
   *
   * @param sealed ciphertext ‖ tag
   * @returns the plaintext; `undefined` where it is not genuine, or shorter than a tag
   * @throws ConnectTokensError `ERR_TYPE`, or `ERR_RANGE` for a wrong length of key or nonce
   */
  open(
    key: BytesInput,
    nonce: BytesInput,
    sealed: BytesInput,
    associatedData?: BytesInput,
  ): Uint8Array<ArrayBuffer> | undefined;
}

/**
 * SHA-256 (FIPS 180-4): 32 bytes.
 *
 * @throws ConnectTokensError `ERR_TYPE` for anything but bytes
 *
 * @example
 * ```ts
 * import { sha256 } from "connect-tokens/crypto";
 *
 * const digest = sha256(new TextEncoder().encode("abc"));
 * console.log(digest.length, digest[0]); // 32 186
 * ```
 */
export function sha256(data: BytesInput): Uint8Array<ArrayBuffer> {
  return sha256Digest(asBytes(data, "data"));
}

/**
 * A SHA-256 computation to be fed piece by piece; any number may be under way.
 *
 * @example
 * ```ts
 * import { createSha256, sha256 } from "connect-tokens/crypto";
 *
 * const text = new TextEncoder().encode("a file, chunk by chunk");
 * const digest = createSha256().update(text.subarray(0, 7)).update(text.subarray(7)).digest();
 * console.log(digest.every((byte, i) => byte === sha256(text)[i])); // true
 * ```
 */
export function createSha256(): Sha256 {
  let stream: Sha256Stream | undefined = new Sha256Stream();
  const running = (): Sha256Stream => {
    if (!stream) throw new ConnectTokensError("ERR_DISPOSED", "this", "this SHA-256 has given its digest already");
    return stream;
  };
  return {
    update(data) {
      running().update(asBytes(data, "data"));
      return this;
    },
    digest() {
      const digest = running().digest();
      stream = undefined;
      return digest;
    },
  };
}

/**
 * HMAC-SHA256 (RFC 2104, FIPS 198-1): 32 bytes.
 *
 * @param key of any length
 * @throws ConnectTokensError `ERR_TYPE`
 *
 * @example
 * ```ts
 * import { hmacSha256 } from "connect-tokens/crypto";
 *
 * const key = new TextEncoder().encode("Jefe");
 * const tag = hmacSha256(key, new TextEncoder().encode("what do ya want for nothing?")); // RFC 4231, case 2
 * console.log(tag.length, tag[0]); // 32 91
 * ```
 */
export function hmacSha256(key: BytesInput, data: BytesInput): Uint8Array<ArrayBuffer> {
  const message = asBytes(data, "data");
  const secret = asBytes(key, "key");
  try {
    return hmacDigest(secret, message);
  } finally {
    wipeCopy(secret, key);
    wipeCopy(message, data);
  }
}

/**
 * ChaCha20-Poly1305 (RFC 8439 §2.8), nonce 12 bytes. Never the same nonce twice under one key.
 *
 * @example
 * ```ts
 * import { chacha20Poly1305 } from "connect-tokens/crypto";
 *
 * const key = crypto.getRandomValues(new Uint8Array(32));
 * const nonce = crypto.getRandomValues(new Uint8Array(12));
 * const sealed = chacha20Poly1305.seal(key, nonce, new TextEncoder().encode("hello")); // 5 bytes and a tag of 16
 * console.log(sealed.length, chacha20Poly1305.open(key, nonce, sealed)?.length); // 21 5
 * sealed[0] = 255 - (sealed[0] ?? 0);
 * console.log(chacha20Poly1305.open(key, nonce, sealed)); // undefined
 * ```
 */
export const chacha20Poly1305: Aead = aead(12);

/**
 * XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03 §2), nonce 24 bytes. Random nonces may be used.
 *
 * @example
 * ```ts
 * import { xchacha20Poly1305 } from "connect-tokens/crypto";
 *
 * const key = crypto.getRandomValues(new Uint8Array(32));
 * const nonce = crypto.getRandomValues(new Uint8Array(24));
 * const sealed = xchacha20Poly1305.seal(key, nonce, new TextEncoder().encode("hello")); // 5 bytes and a tag of 16
 * console.log(sealed.length, xchacha20Poly1305.open(key, nonce, sealed)?.length); // 21 5
 * sealed[0] = 255 - (sealed[0] ?? 0);
 * console.log(xchacha20Poly1305.open(key, nonce, sealed)); // undefined
 * ```
 */
export const xchacha20Poly1305: Aead = aead(24);

function aead(nonceBytes: number): Aead {
  const inputs = (key: Uint8Array, nonce: BytesInput, associatedData: BytesInput | undefined): AeadInputs => ({
    key,
    nonce: asBytesOf(nonce, nonceBytes, "nonce"),
    associatedData: associatedData === undefined ? new Uint8Array(0) : asBytes(associatedData, "associatedData"),
  });
  return Object.freeze<Aead>({
    keyBytes: KEY_BYTES,
    nonceBytes,
    tagBytes: TAG_BYTES,
    seal: (key, nonce, plaintext, associatedData) => {
      const secret = asBytesOf(key, KEY_BYTES, "key");
      let text: Uint8Array | undefined;
      try {
        const given = inputs(secret, nonce, associatedData);
        text = asBytes(plaintext, "plaintext");
        return sealText(given, text);
      } finally {
        wipeCopy(secret, key);
        if (text) wipeCopy(text, plaintext);
      }
    },
    open: (key, nonce, sealed, associatedData) => {
      const secret = asBytesOf(key, KEY_BYTES, "key");
      try {
        const given = inputs(secret, nonce, associatedData);
        const bytes = asBytes(sealed, "sealed");
        return byteLength(bytes) < TAG_BYTES ? undefined : openText(given, bytes);
      } finally {
        wipeCopy(secret, key);
      }
    },
  });
}
