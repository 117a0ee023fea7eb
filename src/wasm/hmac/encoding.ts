import { HMAC_ARENA } from "../../../assembly/memory/hmac.ts";
import { asciiText, utf8Encoder } from "../../common/text.ts";
import { DIGEST_BYTES, hmacKernel } from "./kernel.ts";

// hex and base64url run in the kernel: in constant time, canonical spellings only.

/** Where in the arena (0xda000 bytes) the target stands, behind the source: each has room for twice MAX_ENCODED_BYTES. */
const TARGET = 0x60000;
/** The most bytes one of these takes: more than any token has. Their hex takes twice as many. */
export const MAX_ENCODED_BYTES = 0x30000;

/** Lower-case hex of `bytes`, at most {@link MAX_ENCODED_BYTES}. */
export function hexOf(bytes: Uint8Array): string {
  const { arena, arenas, calls, scratch } = hmacKernel();
  try {
    arena.set(bytes);
    calls.hexEncode(HMAC_ARENA, bytes.length, HMAC_ARENA + TARGET);
    return takeText(arena, bytes.length, bytes.length * 2);
  } catch (error) {
    scratch.fill(0);
    arenas.fill(0);
    throw error;
  }
}

/**
 * Lower-case hex of the SHA-256 of ASCII text, or of the bytes whose canonical base64url it is: 64 digits.
 *
 * @param text of at most 1,024 characters
 */
export function sha256HexOf(text: string, isBase64url: boolean): string {
  const { arena, arenas, calls, scratch } = hmacKernel();
  try {
    const { written } = utf8Encoder().encodeInto(text, arena);
    const length = isBase64url ? calls.base64urlDecode(HMAC_ARENA, written, HMAC_ARENA) : written;
    calls.sha256(HMAC_ARENA, length, HMAC_ARENA);
    calls.hexEncode(HMAC_ARENA, DIGEST_BYTES, HMAC_ARENA + DIGEST_BYTES);
    return asciiText(arena.subarray(DIGEST_BYTES, 3 * DIGEST_BYTES));
  } catch (error) {
    scratch.fill(0);
    arenas.fill(0);
    throw error;
  } finally {
    arena.fill(0, 0, Math.max(text.length, 3 * DIGEST_BYTES));
  }
}

/** base64url of `bytes` without padding (RFC 4648 §5), at most {@link MAX_ENCODED_BYTES}. */
export function base64urlOf(bytes: Uint8Array): string {
  const { arena, arenas, calls, scratch } = hmacKernel();
  try {
    arena.set(bytes);
    const characters = calls.base64urlEncode(HMAC_ARENA, bytes.length, HMAC_ARENA + TARGET);
    return takeText(arena, bytes.length, characters);
  } catch (error) {
    scratch.fill(0);
    arenas.fill(0);
    throw error;
  }
}

/** The bytes of hex text, or `undefined` where it is not hex, or has upper-case digits where not any case will do. */
export function hexToBytes(text: string, anyCase = true): Uint8Array<ArrayBuffer> | undefined {
  const { arena, arenas, calls, scratch } = hmacKernel();
  try {
    if (text.length % 2 !== 0 || !writeText(arena, text)) return undefined;
    const ok = calls.hexDecode(HMAC_ARENA, text.length, HMAC_ARENA + TARGET, anyCase ? 1 : 0);
    return takeBytes(arena, text.length, ok ? text.length / 2 : -1);
  } catch (error) {
    scratch.fill(0);
    arenas.fill(0);
    throw error;
  }
}

/** The bytes of canonical base64url text, or `undefined` for any other spelling. */
export function base64urlToBytes(text: string): Uint8Array<ArrayBuffer> | undefined {
  const { arena, arenas, calls, scratch } = hmacKernel();
  try {
    if (!writeText(arena, text)) return undefined;
    const length = calls.base64urlDecode(HMAC_ARENA, text.length, HMAC_ARENA + TARGET);
    return takeBytes(arena, text.length, length);
  } catch (error) {
    scratch.fill(0);
    arenas.fill(0);
    throw error;
  }
}

/** Texts decoded end to end: text `i` became the bytes from `starts[i]` to `starts[i + 1]`. */
export interface DecodedTexts {
  readonly bytes: Uint8Array;
  readonly starts: Uint32Array;
}

/** The most characters that are decoded before the arena is emptied: at 3 bytes each they fill the source's half. */
const WINDOW_CHARACTERS = 0x20000;

/**
 * Decodes many base64url texts. One that is not canonical, or longer than the source's half of the arena, becomes no bytes
 * at all, as an empty one does.
 */
export function base64urlTextsToBytes(texts: readonly string[]): DecodedTexts {
  const { arena, arenas, calls, scratch } = hmacKernel();
  const source = arena.subarray(0, TARGET);
  let characters = 0;
  for (const text of texts) characters += text.length;
  const bytes = new Uint8Array(characters);
  const starts = new Uint32Array(texts.length + 1);
  let filled = 0;
  try {
    for (let from = 0; from < texts.length; ) {
      let to = from;
      let width = 0;
      do width += (texts[to++] as string).length;
      while (to < texts.length && width + (texts[to] as string).length <= WINDOW_CHARACTERS);
      const joined = texts.slice(from, to).join("");
      // All ASCII, the common case: a character is a byte. Otherwise each text is written on its own.
      const { written } = utf8Encoder().encodeInto(joined, source);
      const ascii = written === joined.length;
      let at = 0;
      let out = TARGET;
      for (let i = from; i < to; i++) {
        const text = texts[i] as string;
        if (ascii || utf8Encoder().encodeInto(text, source).written === text.length) {
          const decoded = calls.base64urlDecode(HMAC_ARENA + at, text.length, HMAC_ARENA + out);
          if (decoded > 0) out += decoded;
          if (ascii) at += text.length;
        }
        starts[i + 1] = filled + out - TARGET;
      }
      bytes.set(arena.subarray(TARGET, out), filled);
      filled += out - TARGET;
      arena.fill(0, 0, written);
      arena.fill(0, TARGET, TARGET + joined.length);
      from = to;
    }
    return { bytes, starts };
  } catch (error) {
    scratch.fill(0);
    arenas.fill(0);
    throw error;
  }
}

/** Writes text to the arena's start, a character a byte; false where it is longer than that or not ASCII. */
function writeText(arena: Uint8Array, text: string): boolean {
  if (text.length > MAX_ENCODED_BYTES) return false;
  const { read, written } = utf8Encoder().encodeInto(text, arena.subarray(0, TARGET));
  if (written === text.length && read === text.length) return true;
  arena.fill(0, 0, written);
  return false;
}

function takeBytes(
  arena: Uint8Array<ArrayBuffer>,
  sourceLength: number,
  length: number,
): Uint8Array<ArrayBuffer> | undefined {
  const bytes = length < 0 ? undefined : arena.slice(TARGET, TARGET + length);
  arena.fill(0, 0, sourceLength);
  arena.fill(0, TARGET, TARGET + sourceLength);
  return bytes;
}

function takeText(arena: Uint8Array, sourceLength: number, characters: number): string {
  const text = asciiText(arena.subarray(TARGET, TARGET + characters));
  arena.fill(0, 0, sourceLength);
  arena.fill(0, TARGET, TARGET + characters);
  return text;
}
