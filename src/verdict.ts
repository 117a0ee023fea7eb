import { rangeError, typeError } from "./errors.ts";

/** A token that passed every check. */
export interface Accepted<Claims> {
  readonly valid: true;
  readonly claims: Claims;
  /** Names the issued token, scheme first: two tokens have the same one exactly when they are the same issued token. */
  readonly tokenId: string;
  /** Unix seconds from which the token is refused as expired; 2^64 - 1 where it never is. */
  readonly expiresAt: bigint;
}

/** A token that did not; `reason` is the first check it failed. */
export interface Refused<Reason extends string> {
  readonly valid: false;
  readonly reason: Reason;
}

export type Verdict<Claims, Reason extends string> = Accepted<Claims> | Refused<Reason>;

/**
 * The verdicts on a batch, in the order of its tokens. It owns what it reads: neither a later call nor the caller's
 * buffers change it, and it is frozen. Claims are built when asked for.
 */
export interface Verdicts<Claims, Reason extends string> extends Iterable<Verdict<Claims, Reason>> {
  readonly length: number;
  readonly validCount: number;
  /** @throws ConnectTokensError `ERR_RANGE` for an index outside 0..length - 1; so do the two below */
  isValid(index: number): boolean;
  /** The reason of a refused token, `undefined` for a valid one. */
  reasonAt(index: number): Reason | undefined;
  at(index: number): Verdict<Claims, Reason>;
}

/** What a scheme supplies: a reason per refused token, and the verdict on a valid one. */
export interface VerdictSource<Claims, Reason extends string> {
  /** The reason of token `index`, whose status is not {@link VALID}. */
  reason(index: number, status: number): Reason;
  accepted(index: number): Accepted<Claims>;
}

/** The status byte of a valid token, in every scheme. */
export const VALID = 0;

class BatchVerdicts<Claims, Reason extends string> implements Verdicts<Claims, Reason> {
  readonly length: number;
  readonly validCount: number;
  readonly #statuses: Uint8Array;
  readonly #source: VerdictSource<Claims, Reason>;

  constructor(statuses: Uint8Array, source: VerdictSource<Claims, Reason>) {
    let valid = 0;
    for (let i = 0; i < statuses.length; i++) if (statuses[i] === VALID) valid++;
    this.length = statuses.length;
    this.validCount = valid;
    this.#statuses = statuses;
    this.#source = source;
    Object.freeze(this);
  }

  #status(index: number): number {
    if (typeof index !== "number") throw typeError("index", "a number", index);
    const status = this.#statuses[index];
    if (status === undefined) throw rangeError("index", `a whole number from 0 to ${this.length - 1}`, index);
    return status;
  }

  isValid(index: number): boolean {
    return this.#status(index) === VALID;
  }

  reasonAt(index: number): Reason | undefined {
    const status = this.#status(index);
    return status === VALID ? undefined : this.#source.reason(index, status);
  }

  at(index: number): Verdict<Claims, Reason> {
    const status = this.#status(index);
    return status === VALID ? this.#source.accepted(index) : refused(this.#source.reason(index, status));
  }

  *[Symbol.iterator](): Iterator<Verdict<Claims, Reason>> {
    for (let i = 0; i < this.length; i++) yield this.at(i);
  }
}

/** @param statuses one byte per token, owned by the result from here on */
export function batchVerdicts<Claims, Reason extends string>(
  statuses: Uint8Array,
  source: VerdictSource<Claims, Reason>,
): Verdicts<Claims, Reason> {
  return new BatchVerdicts(statuses, source);
}

export function refused<Reason extends string>(reason: Reason): Refused<Reason> {
  return Object.freeze({ valid: false, reason });
}

/** Frozen, as is `claims` from here on. */
export function accepted<Claims extends object>(claims: Claims, expiresAt: bigint, tokenId: string): Accepted<Claims> {
  return Object.freeze({ valid: true, claims: Object.freeze(claims), tokenId, expiresAt });
}
