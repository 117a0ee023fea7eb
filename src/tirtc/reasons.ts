/** Why a token is refused, in the order of the checks. A status is a place in it, from 1. */
export const REASONS = [
  "malformed",
  "not-genuine",
  "wrong-issuer",
  "wrong-peer",
  "expired",
  "not-yet-valid",
  "lifetime-too-long",
] as const;
