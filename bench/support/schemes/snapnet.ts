import { randomBytes, timingSafeEqual } from "node:crypto";
import { SnapNetTokens } from "../../library.ts";
import type { HmacPeer } from "../hmac-peers.ts";
import { asReceived, type Check, type Expected, forgeHex, NOW, type Peer, peersOf, spoilInTurn } from "./common.ts";

const SESSION = "arena-7";
const SECRET = randomBytes(32);

export const snapnet: SnapNetTokens = new SnapNetTokens({ secret: SECRET, sessionId: SESSION });

/** Distinct genuine tokens; their signed bodies have about 30 bytes. */
export function snapnetTokens(count: number): string[] {
  const issue = (i: number): string => snapnet.issue({ userId: `player-${10_000 + i}`, expiration: NOW + 45 });
  return asReceived(Array.from({ length: count }, (_, i) => issue(i)));
}

/** Every way of being refused, among genuine ones. */
export function mixedSnapnet(count: number): Expected<string>[] {
  return spoilInTurn(snapnetTokens(count), [
    (token) => ({ token, verdict: "valid" }),
    (token) => ({ token: forgeHex(token), verdict: "not-genuine" }),
    (token) => ({ token: `x${token}`, verdict: "not-genuine" }),
    (_, i) => ({ token: snapnet.issue({ userId: `p${i}`, expiration: NOW }), verdict: "expired" }),
    (_, i) => ({
      token: snapnet.issue({ userId: `p${i}`, sessionId: "arena-8", expiration: NOW + 9 }),
      verdict: "wrong-session",
    }),
    (token) => ({ token: token.slice(0, -1), verdict: "malformed" }),
    (token) => ({ token: `${token.slice(0, -64)}${token.slice(-64).toUpperCase()}`, verdict: "malformed" }),
    (token) => ({ token: `|${token}`, verdict: "malformed" }),
    (token) => ({ token: `\u0001${token}`, verdict: "malformed" }),
    () => ({ token: "", verdict: "malformed" }),
    (_, i) => ({ token: snapnet.issue({ userId: `Žofie ${i}`, expiration: NOW + 9 }), verdict: "valid" }),
  ]);
}

// As in formats.md: ids without bars and control characters, canonical decimal seconds, lower-case hex.
const ID = "([^|\\u0000-\\u001f\\u007f-\\u009f]{1,63})";
const FORM = new RegExp(`^${ID}\\|${ID}\\|(0|[1-9][0-9]{0,15})\\|([0-9a-f]{64})$`);

async function checkWith(peer: HmacPeer): Promise<Check<string>> {
  const { digest } = await peer.prepare(SECRET);
  return (token) => {
    const match = FORM.exec(token);
    if (!match) return false;
    const [, user, session, expiration, signature] = match as unknown as [string, string, string, string, string];
    if (!timingSafeEqual(digest(token.slice(0, -65)), Buffer.from(signature, "hex"))) return false;
    if (Buffer.byteLength(user) > 63 || Buffer.byteLength(session) > 63) return false;
    return session === SESSION && Number(expiration) > NOW;
  };
}

/** The same checks around each library's HMAC. */
export const snapnetPeers = (): Promise<Peer<string>[]> => peersOf(checkWith);
