import { timingSafeEqual } from "node:crypto";
import { type CentrifugoToken, CentrifugoTokens } from "../../library.ts";
import type { HmacPeer } from "../hmac-peers.ts";
import { asReceived, type Check, type Expected, forgeHex, NOW, type Peer, peersOf, spoilInTurn } from "./common.ts";

const SECRET = "the secret of an old server";
const LIFETIME = 3600;
const SKEW = 60;

export const centrifugo: CentrifugoTokens = new CentrifugoTokens({
  secret: SECRET,
  profile: "v1",
  lifetime: LIFETIME,
  skew: SKEW,
});

function tokenOf(user: string, timestamp: number, info: string): CentrifugoToken {
  const fields = { user, timestamp: `${timestamp}`, info };
  return { ...fields, token: centrifugo.issue(fields, { now: NOW + 1000 }) };
}

/** Distinct genuine tokens, one in three with an info. */
export function centrifugoTokens(count: number): CentrifugoToken[] {
  const issue = (i: number): CentrifugoToken =>
    tokenOf(`${10_000 + i}`, NOW - (i % 600), i % 3 === 0 ? '{"name":"Ann"}' : "");
  return asReceived(Array.from({ length: count }, (_, i) => issue(i)));
}

/** Genuine tokens whose info is `characters` long. */
export function centrifugoTokensOf(count: number, characters: number): CentrifugoToken[] {
  const info = `{"n":"${"x".repeat(characters - 8)}"}`;
  return asReceived(Array.from({ length: count }, (_, i) => tokenOf(`${10_000 + i}`, NOW, info)));
}

/** Every way of being refused, among genuine ones. */
export function mixedCentrifugo(count: number): Expected<CentrifugoToken>[] {
  return spoilInTurn(centrifugoTokens(count), [
    (token) => ({ token, verdict: "valid" }),
    (one) => ({ token: { ...one, token: forgeHex(one.token) }, verdict: "not-genuine" }),
    (one) => ({ token: { ...one, user: `${one.user}1` }, verdict: "not-genuine" }),
    ({ user }) => ({ token: tokenOf(user, NOW - LIFETIME, ""), verdict: "expired" }),
    ({ user }) => ({ token: tokenOf(user, NOW + SKEW + 1, ""), verdict: "not-yet-valid" }),
    (one) => ({ token: { ...one, token: one.token.toUpperCase() }, verdict: "malformed" }),
    (one) => ({ token: { ...one, token: one.token.slice(1) }, verdict: "malformed" }),
    // The same bytes cut elsewhere: another user, at another time.
    (one) => {
      const { user, timestamp } = one;
      return {
        token: { ...one, user: user.slice(0, -1), timestamp: user.slice(-1) + timestamp },
        verdict: "malformed",
      };
    },
    (one) => ({ token: { ...one, info: "[]" }, verdict: "malformed" }),
  ]);
}

const TAG = /^[0-9a-f]{64}$/;
const TIMESTAMP = /^[0-9]{10}$/;

function isObject(text: string): boolean {
  if (text[0] !== "{") return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

async function checkWith(peer: HmacPeer): Promise<Check<CentrifugoToken>> {
  const { digest } = await peer.prepare(SECRET);
  return ({ user, timestamp, info = "", token }) => {
    if (user === "" || !TIMESTAMP.test(timestamp) || !TAG.test(token)) return false;
    if (!timingSafeEqual(digest(user + timestamp + info), Buffer.from(token, "hex"))) return false;
    if (info !== "" && !isObject(info)) return false;
    const seconds = Number(timestamp);
    return seconds + LIFETIME > NOW && seconds <= NOW + SKEW;
  };
}

/** The same checks around each library's HMAC. */
export const centrifugoPeers = (): Promise<Peer<CentrifugoToken>[]> => peersOf(checkWith);
