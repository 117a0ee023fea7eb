/**
 * `connect-tokens/snapnet/decode`: what a token says, for whoever does not have the secret. Without WebAssembly.
 *
 * @module
 */
import { asString } from "../common/arguments.ts";
import { formatError } from "../errors.ts";
import { MAX_TOKEN_CHARACTERS, parseToken, type SnapNetClaims } from "./format.ts";

export type { SnapNetClaims };

/**
 * What a token says. **Nothing of it is verified:** anyone can write such a text. It serves a client that wants to know when
 * its token ends, or a log.
 *
 * @param text a token, its signature in hex digits of either case
 * @throws ConnectTokensError `ERR_TYPE` where it is no string, `ERR_FORMAT` where it does not have the form of a token
 * @example
 * ```ts
 * import { decodeToken } from "connect-tokens/snapnet/decode";
 *
 * const { userId, sessionId, expiration } = decodeToken(`user-7|match-1|1700000045|${"0".repeat(64)}`);
 * console.log(userId, sessionId, expiration); // user-7 match-1 1700000045
 * ```
 */
export function decodeToken(text: string): SnapNetClaims {
  const token = asString(text, "text");
  const claims = token.length <= MAX_TOKEN_CHARACTERS ? parseToken(token, true) : undefined;
  if (!claims) throw formatError("text", "does not have the form of a SnapNet token");
  return Object.freeze(claims);
}
