import { HMAC_ARENA } from "../../../assembly/memory/hmac.ts";
import { utf8Encoder } from "../../common/text.ts";
import { DIGEST_BYTES, hmacKernel, sha256Digest } from "./kernel.ts";

/** 128 bits, so that with a key of 32 bytes all fits one block of SHA-256. */
const PREFIX_BYTES = 16;
const NAME_UNITS = 8;

/** Drawn once in each thread. */
let prefix: Uint8Array | undefined;
/** Where a digest begins, and where the key does. */
let places: { readonly digest: Uint16Array; readonly key: Uint8Array } | undefined;

/**
 * A name under which a key may be kept, 8 UTF-16 code units: 128 bits of the SHA-256 of random bytes of this thread and the
 * key. The key does not follow from it, as it would from its text, and from the SHA-256 of a key of over 64 bytes, which is
 * what HMAC takes in its place (RFC 2104 §2).
 *
 * @param key well-formed text (its UTF-8 bytes) or bytes, of any length
 */
export function keyName(key: string | Uint8Array): string {
  prefix ??= crypto.getRandomValues(new Uint8Array(PREFIX_BYTES));
  const { arena, arenas, calls, scratch } = hmacKernel();
  places ??= {
    digest: new Uint16Array(arena.buffer, arena.byteOffset, NAME_UNITS),
    key: arena.subarray(PREFIX_BYTES),
  };
  if (PREFIX_BYTES + 3 * key.length > arena.length) return longKeyName(key, prefix);
  let length = PREFIX_BYTES + key.length;
  try {
    arena.set(prefix);
    if (typeof key === "string") length = PREFIX_BYTES + utf8Encoder().encodeInto(key, places.key).written;
    else arena.set(key, PREFIX_BYTES);
    calls.sha256(HMAC_ARENA, length, HMAC_ARENA);
    const name = nameOf(places.digest);
    arena.fill(0, 0, Math.max(length, DIGEST_BYTES));
    return name;
  } catch (error) {
    scratch.fill(0);
    arenas.fill(0);
    throw error;
  }
}

function longKeyName(key: string | Uint8Array, start: Uint8Array): string {
  const bytes = typeof key === "string" ? utf8Encoder().encode(key) : key;
  const message = new Uint8Array(start.length + bytes.length);
  message.set(start);
  message.set(bytes, start.length);
  const digest = sha256Digest(message);
  message.fill(0);
  if (bytes !== key) bytes.fill(0);
  return nameOf(new Uint16Array(digest.buffer, digest.byteOffset, NAME_UNITS));
}

/** The units one by one, which takes a fraction of the time that spreading them does. */
function nameOf(units: Uint16Array): string {
  const [a, b, c, d] = [units[0], units[1], units[2], units[3]] as [number, number, number, number];
  const [e, f, g, h] = [units[4], units[5], units[6], units[7]] as [number, number, number, number];
  return String.fromCharCode(a, b, c, d, e, f, g, h);
}
