import { type CheckedText, NO_NUMBER } from "../wasm/hmac/texts.ts";
import { MAX_ID_BYTES, SIGNATURE_FIELD_BYTES } from "./format.ts";

const BAR_BYTE = 0x7c;
const EXPIRATION_DIGITS = 10;

/**
 * The expiration of a genuine token of printable ASCII, where it has ten digits and the session is the one asked for: what
 * nearly all tokens are, and then {@link parseSigned} reads the same. -1 for any other.
 *
 * @param text its number stands between the session and the signature's bar
 * @param session length of the session id with its two bars
 */
export function plainExpiration({ bytes, start, end, number }: CheckedText, session: number): number {
  const third = end - SIGNATURE_FIELD_BYTES;
  const user = third - EXPIRATION_DIGITS - session - start;
  if (bytes[third] !== BAR_BYTE || user < 1 || user > MAX_ID_BYTES) return -1;
  return number < 1_000_000_000 || number === NO_NUMBER ? -1 : number; // a leading zero is not canonical
}
