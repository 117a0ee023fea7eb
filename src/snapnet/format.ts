import { decimal, hasControl, utf8Length } from "../common/text.ts";

// `<user id>|<session id>|<expiration>|<signature>` (SnapNet, "Using authentication tokens").

export const BAR = "|";
/** Longest id, in bytes of UTF-8: what SnapNet's buffers hold. */
export const MAX_ID_BYTES = 63;
export const SIGNATURE_CHARACTERS = 64;
/** Two ids, an expiration of at most 16 digits, a signature, three bars. */
export const MAX_TOKEN_CHARACTERS = 209;

export interface SnapNetClaims {
  readonly userId: string;
  readonly sessionId: string;
  /** Unix seconds, at most 2^53 - 1. */
  readonly expiration: number;
}

/** What a token says, or `undefined` where it does not have the form of one. Nothing of it is verified. */
export function parseToken(token: string, upperCaseSignature: boolean): SnapNetClaims | undefined {
  const first = token.indexOf(BAR);
  const second = token.indexOf(BAR, first + 1);
  const third = token.indexOf(BAR, second + 1);
  if (first < 0 || second < 0 || third < 0 || token.length - third - 1 !== SIGNATURE_CHARACTERS) return undefined;
  if (!isHex(token, third + 1, upperCaseSignature)) return undefined;
  const userId = token.slice(0, first);
  const sessionId = token.slice(first + 1, second);
  const expiration = decimal(token.slice(second + 1, third));
  if (expiration < 0 || idProblem(userId) || idProblem(sessionId)) return undefined;
  return { userId, sessionId, expiration };
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
