import { SnapNetTokens } from "../../../../src/snapnet/index.ts";
import { hmac } from "../../../reference/string-schemes.ts";
import { holdSame, inputOf, isWellFormed, outcomeOf, type Target, textOf } from "../target.ts";

const SECRET = new Uint8Array(32).fill(0x42);
export const NOW = 1_700_000_000;
const SESSION = "session-abc";

// The first byte of an input.
const SIGNED = 1;
const UTF16 = 2;
const UPPER = 4;
const ANY_SESSION = 8;

const verifiers = [0, UPPER, ANY_SESSION, UPPER | ANY_SESSION].map(
  (flags) =>
    new SnapNetTokens({
      secret: SECRET,
      sessionId: flags & ANY_SESSION ? null : SESSION,
      upperCaseSignature: (flags & UPPER) !== 0,
    }),
);

const sign = (text: string): string => hmac(SECRET, text).toString("hex");

function isId(id: string): boolean {
  const bytes = Buffer.byteLength(id);
  return bytes > 0 && bytes < 64 && isWellFormed(id) && !/\p{Cc}/u.test(id);
}

/** The verdict by the documents' words. */
function expected(token: string, flags: number): string {
  const [userId = "", sessionId = "", expiration = "", signature = "", ...more] = token.split("|");
  const hex = flags & UPPER ? /^[0-9A-Fa-f]{64}$/ : /^[0-9a-f]{64}$/;
  const formed = more.length === 0 && isId(userId) && isId(sessionId) && /^(0|[1-9][0-9]{0,15})$/.test(expiration);
  if (!formed || !hex.test(signature) || token.endsWith("\n")) return "malformed";
  if (!Number.isSafeInteger(Number(expiration))) return "malformed";
  if (sign([userId, sessionId, expiration].join("|")) !== signature.toLowerCase()) return "not-genuine";
  if (!(flags & ANY_SESSION) && sessionId !== SESSION) return "wrong-session";
  return Number(expiration) <= NOW ? "expired" : "valid";
}

export const snapnet: Target = {
  name: "snapnet",
  maxLength: 260,
  seeds: [
    inputOf([SIGNED], `user123|${SESSION}|${NOW + 45}`),
    inputOf([SIGNED | ANY_SESSION], `é|漢|${NOW}`),
    inputOf([0], `u|${SESSION}|1|${sign(`u|${SESSION}|1`)}`),
    inputOf([UPPER], `u|${SESSION}|9999999999|${sign(`u|${SESSION}|9999999999`).toUpperCase()}`),
  ],
  dictionary: [
    "|",
    "||",
    SESSION,
    `${NOW}`,
    `${NOW + 1}`,
    "9007199254740991",
    "9007199254740992",
    "\uff5c",
    "\0",
    "\u0085",
  ],
  run(input) {
    const flags = input[0] ?? 0;
    const text = textOf(input.subarray(1), (flags & UTF16) !== 0);
    const token = flags & SIGNED ? `${text}|${sign(text)}` : text;
    const tokens = verifiers[(flags & (UPPER | ANY_SESSION)) >> 2] as SnapNetTokens;
    const verdict = tokens.verify(token, { now: NOW });
    const outcome = outcomeOf(verdict);
    holdSame(outcome, expected(token, flags), "the verdict is that of the documents");
    if (verdict.valid) {
      const [userId, sessionId, expiration] = token.split("|");
      holdSame(
        { ...verdict.claims },
        { userId, sessionId, expiration: Number(expiration) },
        "claims are what is signed",
      );
      const lower = token.slice(0, -64) + token.slice(-64).toLowerCase();
      // As a bigint: a number of this size can only be milliseconds.
      const again = { ...verdict.claims, expiration: BigInt(verdict.claims.expiration) };
      holdSame(tokens.issue(again, { now: NOW }), lower, "the claims issued again are the same token");
    }
    const many = tokens.verifyMany([token, "", token], { now: NOW });
    holdSame([many.at(0), many.at(2)], [verdict, verdict], "verifyMany says what verify says");
    return outcome;
  },
};
