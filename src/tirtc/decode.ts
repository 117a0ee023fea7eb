/**
 * `connect-tokens/tirtc/decode`: what a token says, for whoever does not have the keys. Without WebAssembly.
 *
 * @module
 */
import { asString } from "../common/arguments.ts";
import { formatError } from "../errors.ts";
import { base64urlBytes, readClaims } from "./claims.ts";
import { payloadEnd, SCOPE_PREFIX, SIGNATURE_CHARACTERS, type TirtcClaims, VERSION_PREFIX } from "./format.ts";

export type { TirtcClaims };

/**
 * What a token says. **Nothing of it is verified:** anyone can write such a text. It serves a client that wants to know when
 * its token ends, or a log.
 *
 * @throws ConnectTokensError `ERR_TYPE` where it is no string, `ERR_FORMAT` where it does not have the form of a token with a
 *   scope that names a peer
 * @example
 * ```ts
 * import { TirtcTokens } from "connect-tokens/tirtc";
 * import { decodeToken } from "connect-tokens/tirtc/decode";
 *
 * const tokens = new TirtcTokens({ accessId: "ak-1", secretKey: "access secret", deviceSecretKey: "device secret" });
 * const { peerId, sub, exp } = decodeToken(tokens.issue({ peerId: "device://cam-1", sub: "viewer-7", iat: 1700000000 }));
 * console.log(peerId, sub, exp); // device://cam-1 viewer-7 1700000300
 * ```
 */
export function decodeToken(text: string): TirtcClaims {
  const token = asString(text, "text");
  const end = payloadEnd(token);
  const signature = end < 0 ? undefined : base64urlBytes(token, end + 1, end + 1 + SIGNATURE_CHARACTERS);
  const payload = signature && base64urlBytes(token, VERSION_PREFIX.length, end);
  const claims = payload && readClaims(payload);
  if (!claims?.peerId) throw formatError("text", `does not have the form of a TiRTC token for a ${SCOPE_PREFIX} scope`);
  return Object.freeze(claims);
}
