import { createHash } from "node:crypto";
import { type CentrifugoOptions, type CentrifugoToken, CentrifugoTokens } from "../../src/centrifugo/index.ts";
import { centrifugoSign } from "../reference/string-schemes.ts";

export const NOW = 1_700_000_000;
export const STAMP = `${NOW}`;
export const SECRET = "secret";
/** A client id as the servers give them out. */
export const CLIENT = "3a0c4501-afcf-40ac-8dd4-660e3b5b51fb";

/** Profile `v1` with a lifetime of an hour, where nothing else is said. */
export function makeCentrifugo(options: Partial<CentrifugoOptions> = {}): CentrifugoTokens {
  return new CentrifugoTokens({ secret: SECRET, profile: "v1", lifetime: 3600, ...options });
}

/** A genuine token, whatever its fields are. */
export function signed(user: string, timestamp: string, info: string, project = ""): CentrifugoToken {
  return { user, timestamp, info, token: centrifugoSign(SECRET, project, user, timestamp, info) };
}

/** The SHA-256 of the token's digits. */
export function centrifugoTokenId(token: string): string {
  return `centrifugo:${createHash("sha256").update(token).digest("hex")}`;
}

/** `valid`, or why the token is refused. */
export function centrifugoReason(tokens: CentrifugoTokens, token: unknown, now: number | bigint = NOW): string {
  const verdict = tokens.verify(token as CentrifugoToken, { now });
  return verdict.valid ? "valid" : verdict.reason;
}
