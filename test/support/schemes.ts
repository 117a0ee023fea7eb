import { CentrifugoTokens } from "../../src/centrifugo/index.ts";
import { CuteTokens } from "../../src/cute/index.ts";
import type { Verdict, Verdicts } from "../../src/index.ts";
import { NetcodeTokens } from "../../src/netcode/index.ts";
import { connectionRequestPacket } from "../../src/netcode/public.ts";
import { SnapNetTokens } from "../../src/snapnet/index.ts";
import { TirtcTokens } from "../../src/tirtc/index.ts";
import { hydrogen, NOW, nativeOf, packetOf, plainFields } from "./cute.ts";
import { Random } from "./random.ts";

const random = new Random(11);

/** One secret for all schemes, so that only their own rules tell their tokens apart: a signing key's first half. */
export const signingSecret: Uint8Array = nativeOf(hydrogen, 7).secret;
export const sharedSecret: Uint8Array = signingSecret.slice(0, 32);

/** A verifier of any scheme. Tokens are of any type: what comes from outside is. */
export interface Verifier {
  verify(token: unknown, options?: { now?: number | bigint }): Verdict<object, string>;
  verifyMany(tokens: readonly unknown[], options?: { now?: number | bigint }): Verdicts<object, string>;
  dispose(): void;
}

export interface Scheme {
  readonly name: string;
  /** The reason for what is no token at all. */
  readonly garbage: "wrong-size" | "malformed";
  readonly reasons: readonly string[];
  /** A verifier, and one fresh token that it takes at {@link NOW}. */
  make(): { readonly tokens: Verifier; issue(): unknown };
}

const cuteReasons = [
  "wrong-size",
  "not-a-connect-token",
  "wrong-application",
  "expired",
  "bad-endpoints",
  "not-this-server",
  "not-genuine",
];

function cute(name: string, options: object, secret: Uint8Array): Scheme {
  return {
    name,
    garbage: "wrong-size",
    reasons: cuteReasons,
    make() {
      const tokens = new CuteTokens({ applicationId: 42, secret, ...options });
      const issue = () => packetOf(tokens.issue({ ...plainFields(random), userData: random.bytes(40) }));
      return { tokens: tokens as unknown as Verifier, issue };
    },
  };
}

function centrifugo(profile: "v0" | "v1"): Scheme {
  return {
    name: `Centrifugo ${profile}`,
    garbage: "malformed",
    reasons: ["malformed", "not-genuine", "expired", "not-yet-valid"],
    make() {
      const project = profile === "v0" ? { projectKey: "project" } : {};
      const tokens = new CentrifugoTokens({ secret: sharedSecret, profile, lifetime: 3600, ...project });
      const issue = () => {
        const parameters = tokens.connectionParameters({ user: `user${random.u32()}` }, { now: NOW });
        const { user, timestamp, info, token } = parameters;
        return { user, timestamp, info, token };
      };
      return { tokens: tokens as unknown as Verifier, issue };
    },
  };
}

function tirtc(name: string, single: boolean): Scheme {
  return {
    name,
    garbage: "malformed",
    reasons: [
      "malformed",
      "not-genuine",
      "wrong-issuer",
      "wrong-peer",
      "expired",
      "not-yet-valid",
      "lifetime-too-long",
    ],
    make() {
      const keys = single ? { singleSignature: true } : { deviceSecretKey: sharedSecret };
      const tokens = new TirtcTokens({ accessId: "access", secretKey: sharedSecret, ...keys });
      const issue = () => tokens.issue({ peerId: `device://${random.u32()}`, sub: "s" }, { now: NOW });
      return { tokens: tokens as unknown as Verifier, issue };
    },
  };
}

function netcode(dialect: "netcode" | "renet" | "lightyear"): Scheme {
  return {
    name: `netcode, dialect ${dialect}`,
    garbage: "wrong-size",
    reasons: [
      "wrong-size",
      "not-a-connection-request",
      "wrong-protocol",
      "expired",
      "lifetime-too-long",
      "not-genuine",
      "bad-addresses",
      "not-this-server",
    ],
    make() {
      const tokens = new NetcodeTokens({ protocolId: 42, secret: sharedSecret, dialect });
      const fields = { serverAddresses: ["10.0.0.1:7777", "[2001:db8::1]:7777"], timeoutSeconds: 5, ttl: 100 };
      const issue = () => {
        const token = tokens.issue({ ...fields, clientId: random.u64() }, { now: NOW });
        return connectionRequestPacket(token, { dialect });
      };
      return { tokens: tokens as unknown as Verifier, issue };
    },
  };
}

export const schemes: readonly Scheme[] = [
  cute("Cute hydrogen", {}, signingSecret),
  cute("Cute hydrogen, not strict", { strict: false, serverEndpoint: "10.0.0.1:7777" }, signingSecret),
  cute("Cute xchacha20poly1305", { suite: "xchacha20poly1305" }, sharedSecret),
  ...(["netcode", "renet", "lightyear"] as const).map(netcode),
  {
    name: "SnapNet",
    garbage: "malformed",
    reasons: ["malformed", "not-genuine", "wrong-session", "expired", "lifetime-too-long"],
    make() {
      const tokens = new SnapNetTokens({ secret: sharedSecret, sessionId: null });
      const issue = () => tokens.issue({ userId: `u${random.u32()}`, sessionId: "s", expiration: NOW + 100n });
      return { tokens: tokens as unknown as Verifier, issue };
    },
  },
  centrifugo("v0"),
  centrifugo("v1"),
  tirtc("TiRTC", false),
  tirtc("TiRTC, one signature", true),
];

/** A token as text, as bytes, and as parameters with their token beside them. */
export function disguises(token: unknown): unknown[] {
  const fields = typeof token === "object" && token && "token" in token ? (token as Record<string, string>) : undefined;
  const text = fields ? `${fields["user"]}|${fields["timestamp"]}|${fields["info"]}|${fields["token"]}` : `${token}`;
  // As long as a packet of Cute and of netcode.
  const packets = [1024, 1078].map((length) => {
    const bytes = new Uint8Array(length);
    bytes.set((token instanceof Uint8Array ? token : new TextEncoder().encode(text)).subarray(0, length));
    return bytes;
  });
  const tag = text.slice(-64);
  const [user = "", session = "", expiration = ""] = text.split("|");
  return [
    text,
    ...packets,
    { token: text },
    { token: text, peerId: "device://1" },
    { user: text.slice(0, -64), timestamp: "1700000000", info: "", token: tag },
    { user: `${user}|${session}|`, timestamp: expiration, token: tag },
    { user, timestamp: session, info: expiration, token: tag },
    `v1.${Buffer.from(text).toString("base64url")}.${tag.slice(0, 43)}`,
  ];
}
