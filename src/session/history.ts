// One-time use, as a server asks for it: by a history that answers at once, or by its caller, who asks a store.
import type { Address } from "./address.ts";

/** What `TokenHistory` answers. */
export type HistoryAnswer =
  | "new"
  | "again"
  | "elsewhere"
  | "used"
  | "full"
  | "expired"
  | "before-start"
  | "lifetime-too-long";

/** Why a history turned a token away, as statistics count it. */
export type HistoryReason =
  | "token-elsewhere"
  | "token-used"
  | "history-full"
  | "expired"
  | "before-start"
  | "lifetime-too-long";

/** The history a server asks: a `TokenHistory`, or one of the same words. */
export interface SessionHistory {
  admit(
    token: { readonly tokenId: string; readonly expiresAt: bigint },
    from: Address,
    options: { readonly now: bigint },
  ): HistoryAnswer;
  consume(tokenId: string): boolean;
}

const REASONS: Readonly<Record<HistoryAnswer, HistoryReason | undefined>> = {
  new: undefined,
  again: undefined,
  elsewhere: "token-elsewhere",
  used: "token-used",
  full: "history-full",
  expired: "expired",
  "before-start": "before-start",
  "lifetime-too-long": "lifetime-too-long",
};

/** `undefined` where the token may go on. */
export function historyReason(answer: HistoryAnswer): HistoryReason | undefined {
  return REASONS[answer];
}

/**
 * A decision that the caller of a server with `history: "external"` takes when it knows. The first answer counts, and only
 * until the handshake's end; meanwhile the client repeats itself, and nothing changes.
 */
export interface Incoming<Claims> {
  readonly claims: Claims;
  /** What a history keeps. */
  readonly tokenId: string;
  /** Unix seconds from which the token is refused. */
  readonly expiresAt: bigint;
  readonly from: Address;
  /** Goes on: with the challenge, or with a client slot. */
  accept(): void;
  /** Answers with denied. */
  refuse(): void;
  /** Stays silent. */
  ignore(): void;
}

export type Decision = "accept" | "refuse" | "ignore";

/** @param decide called once, with the first answer */
export function incoming<Claims>(
  facts: Pick<Incoming<Claims>, "claims" | "tokenId" | "expiresAt" | "from">,
  decide: (decision: Decision) => void,
): Incoming<Claims> {
  const { claims, tokenId, expiresAt, from } = facts;
  let open = true;
  const answer = (decision: Decision) => () => {
    if (!open) return;
    open = false;
    decide(decision);
  };
  return Object.freeze({
    claims,
    tokenId,
    expiresAt,
    from,
    accept: answer("accept"),
    refuse: answer("refuse"),
    ignore: answer("ignore"),
  });
}
