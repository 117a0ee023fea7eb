import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { type CentrifugoToken, CentrifugoTokens, SnapNetTokens, TirtcTokens } from "../library.ts";
import { faultOf, type Job } from "./job.ts";

// The jobs of the three string schemes, each with a peer that does the same checks through node:crypto.

const HEX_TAG = /^[0-9a-f]{64}$/;
const BASE64URL_TAG = /^[A-Za-z0-9_-]{43}$/;

/** A token as a socket gives it: in one piece, not as it was put together. */
const received = (token: string): string => Buffer.from(token).toString();

/** Another last hex digit: well-formed, and another tag. */
const forgeHex = (token: string): string => token.slice(0, -1) + (token.endsWith("0") ? "1" : "0");

/** Another spelling of the same base64url bytes: the spare bits of the last character are set. */
function respell(token: string): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return token.slice(0, -1) + alphabet[alphabet.indexOf(token.slice(-1)) + 1];
}

export function snapnetJob(now: number): Job {
  const secret = randomBytes(32);
  const sessionId = "eu-west/arena-7";
  const tokens = new SnapNetTokens({ secret, sessionId });
  const issued: string[] = [];
  const faults = ["forged", "expired", "truncated", "wrong-session"] as const;
  const reasons = {
    forged: "not-genuine",
    expired: "expired",
    truncated: "malformed",
    "wrong-session": "wrong-session",
  } as const;
  return {
    name: "SnapNet",
    prepare(index) {
      const fault = faultOf(index, faults);
      const token = tokens.issue({
        userId: `player-${index}`,
        sessionId: fault === "wrong-session" ? "eu-west/arena-8" : sessionId,
        expiration: fault === "expired" ? now : now + 45,
      });
      const spoilt = fault === "forged" ? forgeHex(token) : fault === "truncated" ? token.slice(0, -1) : token;
      issued[index] = received(spoilt);
    },
    expected: (index) => {
      const fault = faultOf(index, faults);
      return fault ? reasons[fault] : "valid";
    },
    verify: () => tokens.verifyMany(issued, { now }),
    peer: () =>
      issued.map((token) => {
        const bar = token.lastIndexOf("|");
        const body = token.slice(0, bar);
        const signature = token.slice(bar + 1);
        if (!HEX_TAG.test(signature)) return false;
        const tag = createHmac("sha256", secret).update(body).digest();
        if (!timingSafeEqual(tag, Buffer.from(signature, "hex"))) return false;
        const [, session, expiration, ...more] = body.split("|");
        return more.length === 0 && session === sessionId && Number(expiration) > now;
      }),
    dispose: () => tokens.dispose(),
  };
}

export function centrifugoJob(now: number): Job {
  const secret = "a-secret-of-the-old-server";
  const lifetime = 3600;
  const tokens = new CentrifugoTokens({ secret, profile: "v1", lifetime });
  const issued: CentrifugoToken[] = [];
  const faults = ["forged", "expired", "truncated", "re-split"] as const;
  const reasons = {
    forged: "not-genuine",
    expired: "expired",
    truncated: "malformed",
    "re-split": "malformed",
  } as const;
  return {
    name: "Centrifugo v1",
    prepare(index) {
      const fault = faultOf(index, faults);
      const user = `${1000 + index}`;
      const timestamp = `${fault === "expired" ? now - lifetime : now}`;
      const info = index % 3 === 0 ? '{"name":"Ann"}' : "";
      const token = tokens.issue({ user, timestamp, info });
      issued[index] = { user, timestamp, info, token };
      if (fault === "forged") issued[index].token = forgeHex(token);
      if (fault === "truncated") issued[index].token = token.slice(0, -1);
      // The same bytes, cut one character earlier: another user, at a time far away.
      if (fault === "re-split") {
        issued[index] = { user: user.slice(0, -1), timestamp: user.slice(-1) + timestamp, info, token };
      }
    },
    expected: (index) => {
      const fault = faultOf(index, faults);
      return fault ? reasons[fault] : "valid";
    },
    verify: () => tokens.verifyMany(issued, { now }),
    peer: () =>
      issued.map(({ user, timestamp, info = "", token }) => {
        if (!HEX_TAG.test(token) || !/^[0-9]{10}$/.test(timestamp) || user === "") return false;
        const tag = createHmac("sha256", secret).update(user).update(timestamp).update(info).digest();
        if (!timingSafeEqual(tag, Buffer.from(token, "hex"))) return false;
        if (info !== "" && (info[0] !== "{" || typeof JSON.parse(info) !== "object")) return false;
        return Number(timestamp) + lifetime > now && Number(timestamp) <= now + 60;
      }),
    dispose: () => tokens.dispose(),
  };
}

export function tirtcJob(now: number): Job {
  const accessId = "ak-main-job";
  const secretKey = "the-access-secret";
  const deviceSecrets = new Map(Array.from({ length: 32 }, (_, i) => [`device://cam-${i}`, `device-secret-${i}`]));
  const tokens = new TirtcTokens({ accessId, secretKey, deviceSecretKey: (peerId) => deviceSecrets.get(peerId) });
  const issued: { token: string; peerId: string }[] = [];
  const faults = ["forged", "expired", "truncated", "wrong-peer", "non-canonical"] as const;
  const reasons = {
    forged: "not-genuine",
    expired: "expired",
    truncated: "malformed",
    "wrong-peer": "not-genuine", // another device's key signs it
    "non-canonical": "malformed",
  } as const;
  return {
    name: "TiRTC",
    prepare(index) {
      const fault = faultOf(index, faults);
      const peerId = `device://cam-${index % 32}`;
      const iat = fault === "expired" ? now - 300 : now;
      const token = tokens.issue({ peerId, sub: `viewer-${index}`, iat });
      const asked = fault === "wrong-peer" ? `device://cam-${(index + 1) % 32}` : peerId;
      issued[index] = { token, peerId: asked };
      if (fault === "forged") issued[index].token = `${token.slice(0, -1)}${token.endsWith("A") ? "E" : "A"}`;
      if (fault === "truncated") issued[index].token = token.slice(0, -1);
      if (fault === "non-canonical") issued[index].token = respell(token);
      issued[index].token = received(issued[index].token);
    },
    expected: (index) => {
      const fault = faultOf(index, faults);
      return fault ? reasons[fault] : "valid";
    },
    verify: () => tokens.verifyMany(issued, { now }),
    peer: () =>
      issued.map(({ token, peerId }) => {
        const [version, payload = "", signature = "", ...more] = token.split(".");
        if (version !== "v1" || more.length > 0 || !BASE64URL_TAG.test(signature)) return false;
        const deviceKey = deviceSecrets.get(peerId);
        if (deviceKey === undefined) return false;
        const inner = createHmac("sha256", deviceKey).update(payload).digest("base64url");
        const tag = createHmac("sha256", secretKey).update(`${payload}.${inner}`).digest();
        const given = Buffer.from(signature, "base64url");
        if (given.toString("base64url") !== signature || !timingSafeEqual(tag, given)) return false;
        const claims = JSON.parse(Buffer.from(payload, "base64url").toString());
        return (
          claims.iss === accessId && claims.scope === `connect:${peerId}` && claims.exp > now && claims.iat <= now + 60
        );
      }),
    dispose: () => tokens.dispose(),
  };
}
