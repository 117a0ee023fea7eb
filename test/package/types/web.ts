// What a page, a worker or an edge function writes, against the types of the web.
import { CentrifugoTokens } from "connect-tokens/centrifugo";
import { hmacSha256, sha256, xchacha20Poly1305 } from "connect-tokens/crypto";
import { CuteTokens, generateKey, generateSigningKeyPair } from "connect-tokens/cute";
import { connectTokenPacket, readConnectToken } from "connect-tokens/cute/public";
import { SnapNetTokens } from "connect-tokens/snapnet";
import { TirtcTokens } from "connect-tokens/tirtc";

const { secretKey } = generateSigningKeyPair();
const cute = new CuteTokens({ applicationId: 42, secret: secretKey });
const token = cute.issue({
  expirationTimestamp: 1_800_000_000,
  handshakeTimeout: 5,
  endpoints: ["203.0.113.7:40000"],
  clientId: 1001n,
  clientToServerKey: generateKey(),
  serverToClientKey: generateKey(),
});

// Bytes that we return are taken wherever the web takes bytes.
export const response = new Response(token);
export const request = fetch("https://game.example/connect", { method: "POST", body: token });
export const blob = new Blob([token, sha256(token)]);
export const url = URL.createObjectURL(blob);
export function send(socket: WebSocket): void {
  socket.send(connectTokenPacket(token));
}
export async function imported(): Promise<CryptoKey> {
  const { clientToServerKey } = readConnectToken(token);
  await crypto.subtle.digest("SHA-256", hmacSha256(clientToServerKey, token));
  return crypto.subtle.importKey("raw", clientToServerKey, "AES-GCM", false, ["encrypt"]);
}
export const sealed: BufferSource = xchacha20Poly1305.seal(generateKey(), new Uint8Array(24), token);
export const opened: BufferSource | undefined = xchacha20Poly1305.open(
  generateKey(),
  new Uint8Array(24),
  new Uint8Array(40),
);

// What the web gives is taken.
export async function received(answer: Response, event: MessageEvent<ArrayBuffer>): Promise<boolean> {
  const packet = await answer.arrayBuffer();
  return cute.verify(packet).valid && cute.verify(event.data).valid && cute.verify(new Uint8Array(packet)).valid;
}

// An option that is absent may be written as undefined, where that does not widen what is accepted.
const settings: { now?: number } = {};
export const verdict = cute.verify(connectTokenPacket(token), { now: settings.now });
if (verdict.valid) {
  const userData: BufferSource = verdict.claims.userData;
  const end: bigint = verdict.expiresAt;
  console.log(userData, end, verdict.tokenId);
} else {
  const reason: "expired" | "not-genuine" | (typeof verdict)["reason"] = verdict.reason;
  console.log(reason);
}
for (const one of cute.verifyMany([connectTokenPacket(token)], { now: undefined })) console.log(one.valid);

// The text schemes take whatever a stranger sends.
export function check(header: unknown): string | undefined {
  const snapnet = new SnapNetTokens({ secret: "5a".repeat(32), sessionId: null });
  const answer = snapnet.verify(header, { now: undefined });
  if (answer.valid) return answer.claims.userId;
  const centrifugo = new CentrifugoTokens({ secret: "s", profile: "v1", lifetime: 0 });
  const { user, timestamp, info, token: sign } = centrifugo.connectionParameters({ user: "42" });
  const other = centrifugo.verify({ user, timestamp, info, token: sign });
  return other.valid ? other.claims.user : undefined;
}

// Which way of signing is chosen has to be said.
export const both = new TirtcTokens({ accessId: "ak-1", secretKey: "access", deviceSecretKey: (peer: string) => peer });
export const one = new TirtcTokens({ accessId: "ak-1", secretKey: "access", singleSignature: true });
// @ts-expect-error neither the device's key nor singleSignature
export const neither = new TirtcTokens({ accessId: "ak-1", secretKey: "access" });
