import { utf8Length } from "../common/text.ts";
import { formatError, typeError } from "../errors.ts";

// `v1.<payload_b64>.<app_sig>` (TiRTC connection tokens, as the vendor's Go issuer makes them).

export const VERSION_PREFIX = "v1.";
export const SCOPE_PREFIX = "connect:";
/** The longest token, in UTF-16 code units. */
export const MAX_TOKEN_CHARACTERS = 8192;
export const NONCE_BYTES = 16;
/** base64url of 32 bytes. */
export const SIGNATURE_CHARACTERS = 43;

const DOT = 0x2e;

/** What a genuine TiRTC token says. */
export interface TirtcClaims {
  readonly sub: string;
  /** `connect:` and the peer. */
  readonly scope: string;
  /** The access id of the issuer. */
  readonly iss: string;
  /** Unix seconds, at most 2^53 - 1; so is `exp`. */
  readonly iat: number;
  readonly exp: number;
  /** base64url. */
  readonly nonce: string;
  /** The peer of `scope`. */
  readonly peerId: string;
}

/** Where the payload of a token ends, or -1 where the text does not have the outline of a token. */
export function payloadEnd(token: string): number {
  const end = token.length - SIGNATURE_CHARACTERS - 1;
  if (end <= VERSION_PREFIX.length || token.length > MAX_TOKEN_CHARACTERS) return -1;
  return token.charCodeAt(end) === DOT && token.startsWith(VERSION_PREFIX) ? end : -1;
}

/** A token that has the outline of one; empty for anything else. */
export function outlined(token: unknown): string {
  return typeof token === "string" && payloadEnd(token) >= 0 ? token : "";
}

/** The payload of a token; empty where it has not the outline of one. */
export function payloadOf(token: string): string {
  const end = payloadEnd(token);
  return end < 0 ? "" : token.slice(VERSION_PREFIX.length, end);
}

/** The payload's JSON, with the bytes that Go's `json.Marshal` makes of the same claims. */
export function payloadJson({ sub, scope, iss, iat, exp, nonce }: Omit<TirtcClaims, "peerId">): string {
  return `{"sub":${goString(sub)},"scope":${goString(scope)},"iss":${goString(iss)},"iat":${iat},"exp":${exp},"nonce":"${nonce}"}`;
}

const SHORT_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ["\\", "\\\\"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
]);
const HTML = "<>&\u2028\u2029";

function goString(text: string): string {
  let literal = '"';
  for (const character of text) {
    const short = SHORT_ESCAPES.get(character);
    if (short) literal += short;
    else if (character < " " || HTML.includes(character)) {
      literal += `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
    } else literal += character;
  }
  return `${literal}"`;
}

/** What keeps text out of a payload, or `undefined` where nothing does. */
export function textProblem(text: string): string | undefined {
  if (text.length > MAX_TOKEN_CHARACTERS) return `has more than ${MAX_TOKEN_CHARACTERS} characters`;
  return utf8Length(text) < 0 ? "holds a lone surrogate, which has no UTF-8 form" : undefined;
}

/** A device's licence, taken apart. */
export interface DeviceLicense {
  readonly deviceId: string;
  readonly deviceSecretKey: string;
}

/**
 * Splits a licence, `<device_id>,<device_secret_key>`, at its first comma. Nothing is trimmed.
 *
 * @example
 * ```ts
 * import { parseDeviceLicense } from "connect-tokens/tirtc";
 *
 * console.log(parseDeviceLicense("cam-1,device-secret").deviceId); // cam-1
 * ```
 *
 * @throws ConnectTokensError `ERR_TYPE` where it is no string, `ERR_FORMAT` where either part is missing or empty, or
 *   where it ends in a line break
 */
export function parseDeviceLicense(text: string): DeviceLicense {
  if (typeof text !== "string") throw typeError("text", "a string", text);
  if (/[\r\n]$/.test(text)) throw formatError("text", "ends in a line break, as text read from a file does");
  const comma = text.indexOf(",");
  if (comma <= 0 || comma === text.length - 1) throw formatError("text", "must be <device_id>,<device_secret_key>");
  return Object.freeze({ deviceId: text.slice(0, comma), deviceSecretKey: text.slice(comma + 1) });
}
