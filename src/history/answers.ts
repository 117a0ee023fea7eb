/**
 * What a history says of a token. Only `new` and `again` let its holder in. Asked in the order `expired`, `before-start`,
 * `lifetime-too-long`, then what is known of it.
 *
 * - `new`: never seen, and now kept until it ends
 * - `again`: pending, and asked for from the same address: a retransmission
 * - `elsewhere`: pending, and asked for from another address
 * - `used`
 * - `full`: never seen, and there is no room to keep it: nothing unexpired is ever dropped
 * - `expired`
 * - `before-start`: it may have been used before the history began, which knows nothing of that time
 * - `lifetime-too-long`: it ends later than any token that the issuer is said to make
 */
export type HistoryAnswer =
  | "new"
  | "again"
  | "elsewhere"
  | "used"
  | "full"
  | "expired"
  | "before-start"
  | "lifetime-too-long";
