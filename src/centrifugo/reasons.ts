/** Why a token is refused, in the order of the checks. A status is a place in it, from 1. */
export const REASONS = ["malformed", "not-genuine", "expired", "not-yet-valid"] as const;
