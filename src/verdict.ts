import { plainRecords } from "./common/records.ts";
import { rangeError, typeError } from "./errors.ts";

/**
 * A token that passed every check: a frozen record, whose JSON is safe to log (u64 as decimal text, bytes as hex, session
 * keys left out).
 */
export interface Accepted<Claims> {
  readonly valid: true;
  readonly claims: Claims;
  /** Names the issued token, scheme first: two tokens have the same one exactly when they are the same issued token. */
  readonly tokenId: string;
  /** Unix seconds from which this verifier refuses the token as expired; 2^64 - 1 where it never does. */
  readonly expiresAt: bigint;
  /** Which of the secrets given at construction the token was made with, from 0, the newest. */
  readonly secretIndex: number;
}

/** A token that did not; `reason` is the first check it failed. */
export interface Refused<Reason extends string, Claims = never> {
  readonly valid: false;
  readonly reason: Reason;
  /**
   * What the token says, where it is genuine and was refused for its time or its scope alone. It admits to nothing: it is for
   * logs, and to tell the token's holder why.
   */
  readonly refusedClaims?: Claims | undefined;
}

/** A refused token whose reason is found only after its authenticator held. */
export interface RefusedWithClaims<Reason extends string, Claims> extends Refused<Reason, Claims> {
  readonly refusedClaims: Claims;
}

export type Verdict<Claims, Reason extends string> = Accepted<Claims> | Refused<Reason, Claims>;

/**
 * The verdict of a scheme that says which reasons come with `refusedClaims`: those in `Told`, and no others.
 *
 * @typeParam Told some of `Reason`
 */
export type VerdictWithClaims<Claims, Reason extends string, Told extends Reason> =
  | Accepted<Claims>
  | Refused<Exclude<Reason, Told>>
  | RefusedWithClaims<Told, Claims>;

/**
 * The verdicts on a batch, in the order of its tokens. It owns what it reads: neither a later call nor the caller's
 * buffers change it, and it is frozen. Claims are built when asked for. Its JSON is the array of its verdicts'.
 *
 * An index is a whole number from 0 to length - 1; the methods throw `ERR_RANGE` for another and `ERR_TYPE` for what is no
 * number. Where a scheme asks a caller's function about a token and that throws, so do `at` and `reasonAt` of that token.
 */
export interface Verdicts<Claims, Reason extends string, One extends Verdict<Claims, Reason> = Verdict<Claims, Reason>>
  extends Iterable<One> {
  readonly length: number;
  readonly validCount: number;
  isValid(index: number): boolean;
  /** The reason of a refused token, `undefined` for a valid one. */
  reasonAt(index: number): Reason | undefined;
  /** `tokenId` of a valid token, without building its verdict; `undefined` for a refused one. */
  tokenIdAt(index: number): string | undefined;
  /** `expiresAt` of a valid token, without building its verdict; `undefined` for a refused one. */
  expiresAt(index: number): bigint | undefined;
  /** The verdict on token `index`; a negative one counts from the end, as of `Array.prototype.at`. */
  at(index: number): One;
  /** What `toResult` makes of each verdict and its index, in order. */
  map<Result>(toResult: (verdict: One, index: number) => Result): Result[];
  /** Each index with its verdict. */
  entries(): IterableIterator<[number, One]>;
}

/** What a scheme supplies about the tokens of a batch. */
export interface VerdictSource<Claims, Reason extends string> {
  /** The scheme's reasons: that of status s is the one at s - 1. */
  readonly reasons: readonly Reason[];
  /** The reason of a refused token, for statuses that leave something to be looked at when it is asked for. */
  reason?(index: number, status: number): Reason;
  /** What a refused token claims, where its authenticator held. */
  refusedClaims?(index: number): Claims | undefined;
  tokenId(index: number): string;
  expiresAt(index: number): bigint;
  accepted(index: number): Accepted<Claims>;
}

/** The status byte of a valid token, in every scheme. */
export const VALID = 0;

/** The status byte that stands for each of a scheme's reasons. */
export function statusesOf<Reason extends string>(reasons: readonly Reason[]): Readonly<Record<Reason, number>> {
  return Object.fromEntries(reasons.map((reason, i) => [reason, i + 1])) as Record<Reason, number>;
}

/** @param statuses one byte per token, owned by the result from here on */
export function batchVerdicts<
  Claims,
  Reason extends string,
  One extends Verdict<Claims, Reason> = Verdict<Claims, Reason>,
>(statuses: Uint8Array, source: VerdictSource<Claims, Reason>): Verdicts<Claims, Reason, One> {
  return new BatchVerdicts<Claims, Reason, One>(statuses, source);
}

/**
 * The refusal among a scheme's verdicts.
 *
 * @param refusedClaims for the reasons that come with them; frozen from here on
 */
export function refused<One extends Verdict<unknown, string>>(
  reason: Extract<One, { valid: false }>["reason"],
  refusedClaims?: unknown,
): One {
  const refusal = refusedClaims ? { valid: false, reason, refusedClaims } : { valid: false, reason };
  if (refusedClaims) Object.freeze(refusedClaims);
  return Object.freeze(refusal) as One;
}

/** Frozen, as is `claims` from here on. */
export function accepted<Claims extends object>(
  claims: Claims,
  expiresAt: bigint,
  tokenId: string,
  secretIndex: number,
): Accepted<Claims> {
  return Object.freeze(new AcceptedRecord(Object.freeze(claims), expiresAt, tokenId, secretIndex));
}

/**
 * {@link accepted} where the `tokenId` is a hash, which would be half the time of a verdict that nobody asks for it: it is
 * worked out when it is first read. To spread, clone, compare, inspect or write the record reads it.
 *
 * @param token what `tokenIdOf` takes
 */
export function acceptedAs<Claims extends object>(
  claims: Claims,
  expiresAt: bigint,
  token: string,
  tokenIdOf: (token: string) => string,
  secretIndex: number,
): Accepted<Claims> {
  return Object.freeze(new HashedRecord(Object.freeze(claims), expiresAt, token, tokenIdOf, secretIndex));
}

class AcceptedRecord<Claims> implements Accepted<Claims> {
  readonly valid = true;
  readonly claims: Claims;
  readonly tokenId: string;
  readonly expiresAt: bigint;
  readonly secretIndex: number;

  static {
    plainRecords(AcceptedRecord);
  }

  constructor(claims: Claims, expiresAt: bigint, tokenId: string, secretIndex: number) {
    this.claims = claims;
    this.tokenId = tokenId;
    this.expiresAt = expiresAt;
    this.secretIndex = secretIndex;
  }
}

/** {@link AcceptedRecord} whose `tokenId` is an own property too, but with a getter, the same function for all. */
class HashedRecord<Claims> implements Accepted<Claims> {
  readonly valid = true;
  readonly claims: Claims;
  declare readonly tokenId: string;
  // Defines tokenId, here in the order of the fields.
  #isHashed = HashedRecord.#defineTokenId(this);
  readonly expiresAt: bigint;
  readonly secretIndex: number;
  readonly #tokenIdOf: (token: string) => string;
  /** The token until its id is known, and then the id. */
  #text: string;

  // Without a prototype, whose properties would be read as parts of the descriptor.
  static readonly #TOKEN_ID: PropertyDescriptor = Object.assign(Object.create(null), {
    enumerable: true,
    get(this: HashedRecord<unknown>): string {
      if (!this.#isHashed) {
        this.#text = this.#tokenIdOf(this.#text);
        this.#isHashed = true;
      }
      return this.#text;
    },
  });

  static {
    // Node's console would show the getter.
    Object.defineProperty(HashedRecord.prototype, Symbol.for("nodejs.util.inspect.custom"), {
      value(this: object): object {
        return { ...this };
      },
    });
    plainRecords(HashedRecord);
  }

  constructor(
    claims: Claims,
    expiresAt: bigint,
    token: string,
    tokenIdOf: (token: string) => string,
    secretIndex: number,
  ) {
    this.claims = claims;
    this.expiresAt = expiresAt;
    this.secretIndex = secretIndex;
    this.#tokenIdOf = tokenIdOf;
    this.#text = token;
  }

  static #defineTokenId(record: object): boolean {
    Object.defineProperty(record, "tokenId", HashedRecord.#TOKEN_ID);
    return false;
  }
}

class BatchVerdicts<Claims, Reason extends string, One extends Verdict<Claims, Reason>>
  implements Verdicts<Claims, Reason, One>
{
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

  isValid(index: number): boolean {
    return this.#status(index) === VALID;
  }

  reasonAt(index: number): Reason | undefined {
    const status = this.#status(index);
    return status === VALID ? undefined : this.#reason(index, status);
  }

  tokenIdAt(index: number): string | undefined {
    return this.#status(index) === VALID ? this.#source.tokenId(index) : undefined;
  }

  expiresAt(index: number): bigint | undefined {
    return this.#status(index) === VALID ? this.#source.expiresAt(index) : undefined;
  }

  at(index: number): One {
    if (typeof index !== "number") throw typeError("index", "a number", index);
    const place = index < 0 ? index + this.length : index;
    const status = this.#statuses[place];
    if (status === undefined) {
      throw rangeError("index", `a whole number from ${-this.length} to ${this.length - 1}`, index);
    }
    return this.#verdict(place, status);
  }

  map<Result>(toResult: (verdict: One, index: number) => Result): Result[] {
    if (typeof toResult !== "function") throw typeError("toResult", "a function", toResult);
    return Array.from(this, toResult);
  }

  *entries(): IterableIterator<[number, One]> {
    for (let i = 0; i < this.length; i++) yield [i, this.at(i)];
  }

  *[Symbol.iterator](): Iterator<One> {
    for (let i = 0; i < this.length; i++) yield this.at(i);
  }

  toJSON(): unknown {
    return Array.from({ length: this.length }, (_, index) => this.#logged(index));
  }

  /** The verdict on token `index`; what a caller's function threw about it stays out of logs. */
  #logged(index: number): object {
    try {
      return this.at(index);
    } catch {
      return { valid: false };
    }
  }

  #status(index: number): number {
    if (typeof index !== "number") throw typeError("index", "a number", index);
    const status = this.#statuses[index];
    if (status === undefined) throw rangeError("index", `a whole number from 0 to ${this.length - 1}`, index);
    return status;
  }

  #reason(index: number, status: number): Reason {
    const source = this.#source;
    return source.reason ? source.reason(index, status) : (source.reasons[status - 1] as Reason);
  }

  #verdict(index: number, status: number): One {
    const source = this.#source;
    if (status === VALID) return source.accepted(index) as One;
    const reason = this.#reason(index, status);
    return refused<One>(reason as Extract<One, { valid: false }>["reason"], source.refusedClaims?.(index));
  }
}
