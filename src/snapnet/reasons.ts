/** Why a token is refused, in the order of the checks. A status is a place in it, from 1. */
export const REASONS = ["malformed", "not-genuine", "wrong-session", "expired", "lifetime-too-long"] as const;
