import { HMAC_ARENA } from "../../assembly/memory.ts";
import { hmacKernel } from "./hmac.ts";

// hex and base64url run in the kernel: in constant time, canonical spellings only.

/** Half the arena holds the source, half the target; base64url and hex of a piece always fit. */
const TARGET = 0x60000;
/** The most bytes one of these takes: more than any token has. */
export const MAX_ENCODED_BYTES = 0x30000;

/** Lower-case hex of `bytes`, at most {@link MAX_ENCODED_BYTES}. */
export function hexOf(bytes: Uint8Array): string {
  const { arena, calls } = hmacKernel();
  arena.set(bytes);
  calls.hexEncode(HMAC_ARENA, bytes.length, HMAC_ARENA + TARGET);
  return takeText(bytes.length, bytes.length * 2);
}

/** base64url of `bytes` without padding (RFC 4648 §5), at most {@link MAX_ENCODED_BYTES}. */
export function base64urlOf(bytes: Uint8Array): string {
  const { arena, calls } = hmacKernel();
  arena.set(bytes);
  const characters = calls.base64urlEncode(HMAC_ARENA, bytes.length, HMAC_ARENA + TARGET);
  return takeText(bytes.length, characters);
}

/** The bytes of hex text of either case, or `undefined` where it is not hex. */
export function hexToBytes(text: string): Uint8Array | undefined {
  const { arena, calls } = hmacKernel();
  if (text.length % 2 !== 0 || !writeText(text)) return undefined;
  const ok = calls.hexDecode(HMAC_ARENA, text.length, HMAC_ARENA + TARGET, 1);
  return takeBytes(arena, text.length, ok ? text.length / 2 : -1);
}

/** The bytes of canonical base64url text, or `undefined` for any other spelling. */
export function base64urlToBytes(text: string): Uint8Array | undefined {
  const { arena, calls } = hmacKernel();
  if (!writeText(text)) return undefined;
  const length = calls.base64urlDecode(HMAC_ARENA, text.length, HMAC_ARENA + TARGET);
  return takeBytes(arena, text.length, length);
}

const encoder = new TextEncoder();

/** Writes text to the arena's start, a character a byte; false where it is longer than that or not ASCII. */
function writeText(text: string): boolean {
  if (text.length > MAX_ENCODED_BYTES) return false;
  const { arena } = hmacKernel();
  const { read, written } = encoder.encodeInto(text, arena.subarray(0, TARGET));
  if (written === text.length && read === text.length) return true;
  arena.fill(0, 0, written);
  return false;
}

function takeBytes(arena: Uint8Array, sourceLength: number, length: number): Uint8Array | undefined {
  const bytes = length < 0 ? undefined : arena.slice(TARGET, TARGET + length);
  arena.fill(0, 0, sourceLength);
  arena.fill(0, TARGET, TARGET + sourceLength);
  return bytes;
}

const latin1 = new TextDecoder("latin1");

function takeText(sourceLength: number, characters: number): string {
  const { arena } = hmacKernel();
  const text = latin1.decode(arena.subarray(TARGET, TARGET + characters));
  arena.fill(0, 0, sourceLength);
  arena.fill(0, TARGET, TARGET + characters);
  return text;
}
