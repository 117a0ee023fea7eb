import { decimal } from "../common/digits.ts";
import { hasControl, utf8Length } from "../common/text.ts";

// `<user id>|<session id>|<expiration>|<signature>` (SnapNet, "Using authentication tokens").

export const BAR = "|";
/** Longest id, in bytes of UTF-8: what SnapNet's buffers hold. */
export const MAX_ID_BYTES = 63;
export const SIGNATURE_CHARACTERS = 64;
/** Two ids, an expiration of at most 16 digits, a signature, three bars. */
export const MAX_TOKEN_CHARACTERS = 209;

/** What a genuine SnapNet token says. */
export interface SnapNetClaims {
  readonly userId: string;
  readonly sessionId: string;
  /** Unix seconds, at most 2^53 - 1. */
  readonly expiration: number;
}

/** What a token says, or `undefined` where it does not have the form of one. Nothing of it is verified. */
export function parseToken(token: string, upperCaseSignature: boolean): SnapNetClaims | undefined {
  const third = token.length - SIGNATURE_CHARACTERS - 1;
  if (!isHex(token, third + 1, upperCaseSignature)) return undefined;
  const claims = splitFields(token, third);
  return claims && !idProblem(claims.userId) && !idProblem(claims.sessionId) ? claims : undefined;
}

/**
 * {@link parseToken} of a token whose signature is genuine, and so has its form.
 *
 * @param plain whether the token is known to be printable ASCII, which leaves only the ids' lengths to look at
 */
export function parseSigned(token: string, plain: boolean): SnapNetClaims | undefined {
  const claims = splitFields(token, token.length - SIGNATURE_CHARACTERS - 1);
  if (!claims) return undefined;
  const { userId, sessionId } = claims;
  if (!plain) return idProblem(userId) || idProblem(sessionId) ? undefined : claims;
  const fits = userId.length > 0 && userId.length <= MAX_ID_BYTES && sessionId.length > 0;
  return fits && sessionId.length <= MAX_ID_BYTES ? claims : undefined;
}

/** What stands behind a token's expiration. */
export const SIGNATURE_FIELD_BYTES: number = BAR.length + SIGNATURE_CHARACTERS;

/** The fields before the bar at `third`, where just two bars separate them and the last is an expiration. */
function splitFields(token: string, third: number): SnapNetClaims | undefined {
  const first = token.indexOf(BAR);
  const second = token.indexOf(BAR, first + 1);
  if (second === -1 || token.indexOf(BAR, second + 1) !== third) return undefined;
  const expiration = decimal(token, second + 1, third);
  if (expiration < 0) return undefined;
  return { userId: token.slice(0, first), sessionId: token.slice(first + 1, second), expiration };
}

/** The fields joined as they are signed. */
export function joinFields({ userId, sessionId, expiration }: SnapNetClaims): string {
  return `${userId}${BAR}${sessionId}${BAR}${expiration}`;
}

/** What keeps text from being an id, or `undefined` where nothing does. */
export function idProblem(id: string): string | undefined {
  // A UTF-16 code unit is at least one byte: a long id is refused before it is walked.
  const bytes = id.length > MAX_ID_BYTES ? id.length : utf8Length(id);
  if (bytes < 0) return "holds a lone surrogate";
  if (bytes === 0 || bytes > MAX_ID_BYTES) return `must have 1 to ${MAX_ID_BYTES} bytes of UTF-8`;
  if (id.includes(BAR)) return "holds a bar (|), which separates the fields";
  if (hasControl(id)) return "holds a control character";
  return undefined;
}

function isHex(text: string, from: number, upperCase: boolean): boolean {
  for (let i = from; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    const digit = unit >= 0x30 && unit <= 0x39;
    const lower = unit >= 0x61 && unit <= 0x66;
    const upper = unit >= 0x41 && unit <= 0x46;
    if (!digit && !lower && !(upper && upperCase)) return false;
  }
  return true;
}
