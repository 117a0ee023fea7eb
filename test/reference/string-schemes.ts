import { createHmac } from "node:crypto";

// The string schemes signed by node:crypto, as each vendor's documents say it, in the shortest way.

export type Key = string | Uint8Array;

export function hmac(key: Key, message: string | Uint8Array): Buffer {
  return createHmac("sha256", key).update(message).digest();
}

export function snapNetToken(secret: Uint8Array, userId: string, sessionId: string, expiration: number): string {
  const signed = [userId, sessionId, expiration].join("|");
  return `${signed}|${hmac(secret, signed).toString("hex")}`;
}

/** The fields one after another: a connection token, a channel sign or an API sign, whatever the fields are. */
export function centrifugoSign(secret: Key, ...fields: readonly string[]): string {
  return hmac(secret, fields.join("")).toString("hex");
}

export interface TirtcTwinKeys {
  readonly secretKey: Key;
  /** Missing where tokens are signed once. */
  readonly deviceSecretKey?: Key;
}

export interface TirtcTwinClaims {
  readonly sub: string;
  readonly scope: string;
  readonly iss: string;
  readonly iat: number;
  readonly exp: number;
  readonly nonce: string;
}

/** `JSON.stringify`, then what Go's `json.Marshal` writes differently. */
export function goJson(value: unknown): string {
  const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(value)
    .replace(/\\(?:u....|.)/g, (short) => ({ "\\b": "\\u0008", "\\f": "\\u000c" })[short] ?? short)
    .replace(/[<>&\u2028\u2029]/g, escaped);
}

export function tirtcPayload({ sub, scope, iss, iat, exp, nonce }: TirtcTwinClaims): string {
  return goJson({ sub, scope, iss, iat, exp, nonce });
}

/** Signs any payload, so that tests can sign what no honest issuer would. */
export function tirtcSign(keys: TirtcTwinKeys, payload: string | Uint8Array): string {
  return tirtcSignSegment(keys, Buffer.from(payload).toString("base64url"));
}

/** Signs any text in the payload's place. */
export function tirtcSignSegment({ secretKey, deviceSecretKey }: TirtcTwinKeys, segment: string): string {
  const inner = deviceSecretKey === undefined ? "" : `.${hmac(deviceSecretKey, segment).toString("base64url")}`;
  return `v1.${segment}.${hmac(secretKey, segment + inner).toString("base64url")}`;
}
