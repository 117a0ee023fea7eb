import { timingSafeEqual } from "node:crypto";
import { type TirtcToken, TirtcTokens } from "../../library.ts";
import type { HmacPeer, KeyedHmac } from "../hmac-peers.ts";
import { asReceived, type Check, type Expected, NOW, type Peer, peersOf, spoilInTurn } from "./common.ts";

const DEVICES = 32;
const ACCESS_ID = "ak-bench";
const SECRET_KEY = "the access secret";
const SKEW = 60;
const MAX_LIFETIME = 86_400;
const peerOf = (index: number): string => `device://cam-${index % DEVICES}`;
const deviceKeys = new Map(Array.from({ length: DEVICES }, (_, i) => [peerOf(i), `device-secret-${i}`]));

export const tirtc: TirtcTokens = new TirtcTokens({
  accessId: ACCESS_ID,
  secretKey: SECRET_KEY,
  deviceSecretKey: (peerId) => deviceKeys.get(peerId),
  skew: SKEW,
  maxLifetime: MAX_LIFETIME,
});
const stranger = new TirtcTokens({
  accessId: "ak-another",
  secretKey: SECRET_KEY,
  deviceSecretKey: (peerId) => deviceKeys.get(peerId),
});

/** Distinct genuine tokens for 32 devices, each with the peer that it is presented for. */
export function tirtcTokens(count: number): Required<TirtcToken>[] {
  const issue = (i: number): Required<TirtcToken> => {
    const peerId = peerOf(i);
    return { token: tirtc.issue({ peerId, sub: `viewer-${10_000 + i}`, iat: NOW }), peerId };
  };
  return asReceived(Array.from({ length: count }, (_, i) => issue(i)));
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** The last character changed by `step`: 4 changes the tag, 1 only its spelling. */
const withOtherEnd = (token: string, step: number): string =>
  token.slice(0, -1) + ALPHABET[(ALPHABET.indexOf(token.slice(-1)) + step) % 64];

/** Every way of being refused, among genuine ones. */
export function mixedTirtc(count: number): Expected<Required<TirtcToken>>[] {
  type One = Required<TirtcToken>;
  const issue = (one: One, iat: number, ttl = 300): One => ({
    ...one,
    token: tirtc.issue({ peerId: one.peerId, sub: "v", iat, ttl }),
  });
  return spoilInTurn(tirtcTokens(count), [
    (token) => ({ token, verdict: "valid" }),
    (one) => ({ token: { ...one, token: withOtherEnd(one.token, 4) }, verdict: "not-genuine" }),
    (one, i) => ({ token: { ...one, peerId: peerOf(i + 1) }, verdict: "not-genuine" }),
    (one) => ({ token: issue(one, NOW - 300), verdict: "expired" }),
    (one) => ({ token: issue(one, NOW + SKEW + 1), verdict: "not-yet-valid" }),
    (one) => ({ token: { ...one, token: withOtherEnd(one.token, 1) }, verdict: "malformed" }),
    (one) => ({ token: { ...one, token: one.token.slice(0, -1) }, verdict: "malformed" }),
    (one) => ({ token: { ...one, token: `v2${one.token.slice(2)}` }, verdict: "malformed" }),
    (one) => ({
      token: { ...one, token: stranger.issue({ peerId: one.peerId, sub: "v", iat: NOW }) },
      verdict: "wrong-issuer",
    }),
  ]);
}

const SIGNATURE = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;
const NONCE = /^[A-Za-z0-9_-]+$/;

/** The six claims, by type. `JSON.parse` does not tell two members of one name from one. */
function hasClaims(claims: Record<string, unknown>): boolean {
  const { sub, scope, iss, iat, exp, nonce } = claims;
  if (typeof sub !== "string" || typeof scope !== "string" || typeof iss !== "string") return false;
  if (typeof nonce !== "string" || !NONCE.test(nonce)) return false;
  return Number.isSafeInteger(iat) && Number.isSafeInteger(exp);
}

async function checkWith(peer: HmacPeer): Promise<Check<Required<TirtcToken>>> {
  const outer = await peer.prepare(SECRET_KEY);
  const devices = new Map<string, KeyedHmac>();
  for (const [peerId, key] of deviceKeys) devices.set(peerId, await peer.prepare(key));
  return ({ token, peerId }) => {
    const dot = token.length - 44;
    if (!token.startsWith("v1.") || dot < 4 || token[dot] !== ".") return false;
    const payload = token.slice(3, dot);
    const signature = token.slice(dot + 1);
    const device = devices.get(peerId);
    if (!device || !SIGNATURE.test(signature)) return false;
    const tag = outer.digest(`${payload}.${device.base64url(payload)}`);
    if (!timingSafeEqual(tag, Buffer.from(signature, "base64url"))) return false;
    const bytes = Buffer.from(payload, "base64url");
    if (bytes.toString("base64url") !== payload) return false;
    const claims = JSON.parse(bytes.toString()) as Record<string, unknown>;
    if (!hasClaims(claims)) return false;
    const { iat, exp } = claims as { iat: number; exp: number };
    if (claims["iss"] !== ACCESS_ID || claims["scope"] !== `connect:${peerId}`) return false;
    return exp > NOW && iat <= NOW + SKEW && exp > iat && exp - iat <= MAX_LIFETIME;
  };
}

/** The same checks around each library's HMAC. */
export const tirtcPeers = (): Promise<Peer<Required<TirtcToken>>[]> => peersOf(checkWith);
