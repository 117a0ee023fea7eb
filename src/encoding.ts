/**
 * `connect-tokens/encoding`: tokens and keys as text and back. One text for each sequence of bytes and no other is read, in
 * constant time, since what is written may be a key.
 *
 * @module
 */
import { asString } from "./common/arguments.ts";
import { asBytes, wipeCopy } from "./common/bytes.ts";
import { textCodec, utf8Encoder } from "./common/text.ts";
import { formatError } from "./errors.ts";
import { base64urlOf, base64urlToBytes, hexOf, hexToBytes } from "./wasm/hmac/encoding.ts";

/**
 * Lower-case hex, two digits a byte.
 *
 * @param bytes of any length
 * @throws ConnectTokensError `ERR_TYPE` where they are none
 * @example
 * ```ts
 * import { generateKey } from "connect-tokens/cute";
 * import { toHex } from "connect-tokens/encoding";
 *
 * console.log(toHex(generateKey())); // …
 * ```
 */
export function toHex(bytes: Uint8Array): string {
  return encoded(bytes, hexOf);
}

/**
 * The bytes of hex: an even number of lower-case digits, nothing else.
 *
 * @throws ConnectTokensError `ERR_TYPE` where it is no string, `ERR_FORMAT` for any other text
 * @example
 * ```ts
 * import { fromHex } from "connect-tokens/encoding";
 *
 * console.log(fromHex("00ff")); // Uint8Array(2) [ 0, 255 ]
 * ```
 */
export function fromHex(text: string): Uint8Array<ArrayBuffer> {
  const digits = asString(text, "text");
  const bytes = decoded(digits, (piece) => hexToBytes(piece, false));
  if (!bytes) throw formatError("text", "must be lower-case hex digits, two for each byte");
  return bytes;
}

/**
 * base64 (RFC 4648 §4) with padding, four characters for each three bytes.
 *
 * @param bytes of any length
 * @throws ConnectTokensError `ERR_TYPE` where they are none
 * @example
 * ```ts
 * import { toBase64 } from "connect-tokens/encoding";
 *
 * console.log(toBase64(Uint8Array.of(0, 255))); // AP8=
 * ```
 */
export function toBase64(bytes: Uint8Array): string {
  const text = swapped(toBase64url(bytes));
  return text.padEnd(Math.ceil(text.length / 4) * 4, "=");
}

/**
 * The bytes of base64 with its padding, canonical: no spaces, no stray bits in the last character.
 *
 * @throws ConnectTokensError `ERR_TYPE` where it is no string, `ERR_FORMAT` for any other text
 * @example
 * ```ts
 * import { fromBase64 } from "connect-tokens/encoding";
 *
 * const connectToken = fromBase64("AP8="); // as it came in JSON
 * console.log(connectToken.length); // 2
 * ```
 */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const padded = asString(text, "text");
  const padding = padded.endsWith("==") ? 2 : padded.endsWith("=") ? 1 : 0;
  const bytes = padded.length % 4 === 0 ? ofBase64url(swapped(padded.slice(0, padded.length - padding))) : undefined;
  if (!bytes) throw formatError("text", "must be canonical base64, padded with =");
  return bytes;
}

/**
 * base64url (RFC 4648 §5) without padding.
 *
 * @param bytes of any length
 * @throws ConnectTokensError `ERR_TYPE` where they are none
 * @example
 * ```ts
 * import { toBase64url } from "connect-tokens/encoding";
 *
 * console.log(toBase64url(Uint8Array.of(255, 255))); // __8
 * ```
 */
export function toBase64url(bytes: Uint8Array): string {
  return encoded(bytes, base64urlOf);
}

/**
 * The bytes of base64url without padding, canonical: no spaces, no stray bits in the last character.
 *
 * @throws ConnectTokensError `ERR_TYPE` where it is no string, `ERR_FORMAT` for any other text
 * @example
 * ```ts
 * import { fromBase64url } from "connect-tokens/encoding";
 *
 * console.log(fromBase64url("__8")); // Uint8Array(2) [ 255, 255 ]
 * ```
 */
export function fromBase64url(text: string): Uint8Array<ArrayBuffer> {
  const bytes = ofBase64url(asString(text, "text"));
  if (!bytes) throw formatError("text", "must be canonical base64url without padding");
  return bytes;
}

/** How many bytes and characters are converted at once: whole groups of both encodings, as much as the kernel takes. */
const PIECE_BYTES = 0x18000;
const PIECE_CHARACTERS = 0x20000;

function encoded(given: Uint8Array, encode: (piece: Uint8Array) => string): string {
  const bytes = asBytes(given, "bytes");
  let text = "";
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) text += encode(bytes.subarray(at, at + PIECE_BYTES));
  wipeCopy(bytes, given);
  return text;
}

/** `undefined` where one piece is. */
function decoded(
  text: string,
  decode: (piece: string) => Uint8Array<ArrayBuffer> | undefined,
): Uint8Array<ArrayBuffer> | undefined {
  if (text.length <= PIECE_CHARACTERS) return decode(text);
  const bytes = new Uint8Array(text.length);
  let length = 0;
  for (let at = 0; at < text.length; at += PIECE_CHARACTERS) {
    const piece = decode(text.slice(at, at + PIECE_CHARACTERS));
    if (piece) bytes.set(piece, length);
    length = piece ? length + piece.length : -1;
    piece?.fill(0);
    if (length < 0) break;
  }
  const whole = length < 0 ? undefined : bytes.slice(0, length);
  bytes.fill(0);
  return whole;
}

function ofBase64url(text: string): Uint8Array<ArrayBuffer> | undefined {
  return decoded(text, base64urlToBytes);
}

/** Text with the characters that base64 and base64url do not share changed for each other, without a branch on any. */
function swapped(text: string): string {
  const bytes = utf8Encoder().encode(text);
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number;
    const plusOrMinus = isEqual(byte, PLUS) | isEqual(byte, MINUS);
    const slashOrLine = isEqual(byte, SLASH) | isEqual(byte, UNDERSCORE);
    bytes[i] = byte ^ (plusOrMinus * (PLUS ^ MINUS)) ^ (slashOrLine * (SLASH ^ UNDERSCORE));
  }
  const other = decoder().decode(bytes);
  bytes.fill(0);
  return other;
}

const decoder = textCodec("TextDecoder", () => new TextDecoder());

const PLUS = 0x2b;
const MINUS = 0x2d;
const SLASH = 0x2f;
const UNDERSCORE = 0x5f;

/** 1 where two bytes are equal, else 0. */
const isEqual = (a: number, b: number): number => ((a ^ b) - 1) >>> 31;
