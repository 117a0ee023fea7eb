import { asU32 } from "../common/integers.ts";
import { type OptionNames, readOptions } from "../common/options.ts";
import { nowOf, type Seconds } from "../common/time.ts";
import { rangeError } from "../errors.ts";
import type { HistoryAnswer } from "./answers.ts";
import {
  asTokenId,
  MAX_TOKEN_ID_CHARACTERS,
  readBatch,
  readTimes,
  readToken,
  secondsOf,
  type TokenEnd,
  type VerifiedTokens,
} from "./arguments.ts";
import { Entries } from "./entries.ts";
import { FINGERPRINT_WORDS, Fingerprinter } from "./fingerprint.ts";
import { type OriginInput, originText } from "./origin.ts";

/** How much a history keeps, and for how long. */
export interface TokenHistoryOptions {
  /**
   * The longest lifetime in seconds that the issuer gives, with the verifier's leeway: 1 to 2,678,400 (31 days). Tokens that
   * end later are refused; so are, after a start, those that end before `startedAt + maxLifetime + skew`. A value above the
   * issuer's keeps good players out after a restart.
   */
  maxLifetime: number;
  /** How many unexpired tokens are kept at most, 1 to 10^8. Default 1,000,000. Each takes 44 bytes when it is needed, and 8 to 16 at once. */
  capacity?: number | undefined;
  /** How many seconds the clocks of issuer and server may differ, 0 to 300. Default 5. */
  skew?: number | undefined;
  /** When the memory of used tokens began: Unix seconds. Default the clock; 0 means that no token can be older. */
  startedAt?: Seconds | undefined;
}

/**
 * Which tokens were used, kept in this process until they end. netcode calls it connect token history.
 *
 * Its clock is the greatest `now` it was given: one that goes back revives nothing. It is bounded, has no timer, and every
 * call takes constant time. Verifiers that share one must have the same leeway.
 *
 * @example
 * ```ts
 * import { TokenHistory } from "connect-tokens/history";
 *
 * const history = new TokenHistory({ maxLifetime: 30, startedAt: 1_700_000_000 });
 * const now = { now: 1_700_000_100 };
 * const token = { tokenId: "snapnet:user|session|1700000130", expiresAt: 1_700_000_130n };
 * console.log(history.claim(token, now)); // new
 * console.log(history.claim(token, now)); // used
 * ```
 */
export class TokenHistory {
  readonly #entries: Entries;
  /** maxLifetime and skew in one: how long after its start, and how far ahead. */
  readonly #horizon: number;
  readonly #trustedFrom: number;

  /** @throws ConnectTokensError where an option is missing or wrong */
  constructor(options: TokenHistoryOptions) {
    const { maxLifetime, capacity, skew, startedAt } = readOptions<TokenHistoryOptions>(options, OPTIONS, "options");
    const times = readTimes(maxLifetime, skew);
    this.#horizon = times.maxLifetime + times.skew;
    this.#entries = new Entries(readCapacity(capacity), this.#horizon);
    this.#trustedFrom =
      this.#horizon + (startedAt === undefined ? nowOf(undefined) : secondsOf(startedAt, "startedAt"));
  }

  /**
   * Asks for a token at the beginning of a handshake, and keeps it as pending, bound to where it came from: the same request
   * sent again from there is `again`, from anywhere else `elsewhere`. {@link consume} makes it used.
   *
   * @param token an accepted verdict, or its `tokenId` and `expiresAt`
   * @param from `{ address, port }` as Node's `rinfo` has them, or `"a.b.c.d:port"`, `"[IPv6]:port"`; compared by family,
   *   address and port
   * @param options.now Unix seconds; default the clock
   * @throws ConnectTokensError where an argument is wrong, or the verdict is a refusal
   * @example
   * ```ts
   * import { TokenHistory } from "connect-tokens/history";
   *
   * const history = new TokenHistory({ maxLifetime: 30, startedAt: 0 });
   * const now = { now: 1_700_000_000 };
   * const token = { tokenId: "netcode:0123", expiresAt: 1_700_000_030n };
   * console.log(history.admit(token, { address: "192.0.2.1", port: 5000 }, now)); // new
   * console.log(history.admit(token, "192.0.2.1:5000", now)); // again
   * console.log(history.admit(token, "192.0.2.2:5000", now)); // elsewhere
   * console.log(history.consume(token.tokenId)); // true
   * console.log(history.admit(token, "192.0.2.1:5000", now)); // used
   * ```
   */
  admit(
    token: TokenEnd,
    from?: OriginInput | string | undefined,
    options?: { readonly now?: Seconds | undefined } | undefined,
  ): HistoryAnswer {
    const { tokenId, end } = readToken(token);
    const origin = originText(from);
    const now = nowOf(options);
    // Nothing of the caller's is read from here on: a getter could ask this history something else in between.
    const originWords = fingerprint(origin, "from").slice();
    const words = fingerprint(tokenId, "token.tokenId");
    this.#entries.advance(now);
    const refusal = this.#refusal(end);
    if (refusal) return refusal;
    const entry = this.#entries.find(words, 0);
    if (entry === 0) return this.#entries.add(words, 0, end, false, originWords) ? "new" : "full";
    if (this.#entries.isUsed(entry)) return "used";
    return this.#entries.isFrom(entry, originWords) ? "again" : "elsewhere";
  }

  /**
   * Makes a pending token used, at the moment its client gets a slot.
   *
   * @returns false where it is known as used: the client must not get the slot. An unknown id is true: the token ended while
   *   its handshake was open, and the caller, who keeps that handshake, vouches for it.
   * @throws ConnectTokensError where `tokenId` is no string of 1 to 512 characters
   */
  consume(tokenId: string): boolean {
    const entry = this.#entries.find(fingerprint(asTokenId(tokenId, "tokenId"), "tokenId"), 0);
    if (entry === 0) return true;
    if (this.#entries.isUsed(entry)) return false;
    this.#entries.use(entry);
    return true;
  }

  /**
   * {@link admit} and {@link consume} in one step, for servers without a handshake: `new` once, then `used`. A token that is
   * pending is `used` too.
   *
   * @param token an accepted verdict, or its `tokenId` and `expiresAt`
   * @param options.now Unix seconds; default the clock
   * @throws ConnectTokensError where an argument is wrong, or the verdict is a refusal
   */
  claim(token: TokenEnd, options?: { readonly now?: Seconds | undefined } | undefined): HistoryAnswer {
    const { tokenId, end } = readToken(token);
    const now = nowOf(options);
    const words = fingerprint(tokenId, "token.tokenId");
    this.#entries.advance(now);
    return this.#claim(words, 0, end);
  }

  /**
   * {@link claim} for each accepted token of a batch, in its order, without building their verdicts.
   *
   * @param verdicts what `verifyMany` returned
   * @param options.now Unix seconds; default the clock
   * @returns an answer for each token, `undefined` for a refused one
   * @throws ConnectTokensError where an argument is wrong; then no token is claimed
   */
  claimMany(
    verdicts: VerifiedTokens,
    options?: { readonly now?: Seconds | undefined } | undefined,
  ): readonly (HistoryAnswer | undefined)[] {
    const { tokenIds, ends } = readBatch(verdicts);
    const now = nowOf(options);
    const fingerprints = new Int32Array(FINGERPRINT_WORDS * tokenIds.length);
    tokenIds.forEach((tokenId, i) => {
      if (tokenId !== undefined) fingerprints.set(fingerprint(tokenId, "verdicts"), FINGERPRINT_WORDS * i);
    });
    this.#entries.advance(now);
    return tokenIds.map((tokenId, i) =>
      tokenId === undefined ? undefined : this.#claim(fingerprints, FINGERPRINT_WORDS * i, ends[i] as number),
    );
  }

  /** Claims the token whose fingerprint stands at `at`. */
  #claim(fingerprints: Int32Array, at: number, end: number): HistoryAnswer {
    const refusal = this.#refusal(end);
    if (refusal) return refusal;
    if (this.#entries.find(fingerprints, at) !== 0) return "used";
    return this.#entries.add(fingerprints, at, end, true) ? "new" : "full";
  }

  #refusal(end: number): HistoryAnswer | undefined {
    const { clock } = this.#entries;
    if (end <= clock) return "expired";
    if (end <= this.#trustedFrom) return "before-start";
    return end > clock + this.#horizon ? "lifetime-too-long" : undefined;
  }
}

/** One for all histories of a process, made when it is first needed. */
let fingerprinter: Fingerprinter | undefined;

/** Good until the next one is taken. */
function fingerprint(text: string, argument: string): Int32Array {
  fingerprinter ??= new Fingerprinter(MAX_TOKEN_ID_CHARACTERS);
  fingerprinter.take(text, argument);
  return fingerprinter.words;
}

const OPTIONS: OptionNames<TokenHistoryOptions> = {
  maxLifetime: "defined",
  capacity: true,
  skew: true,
  startedAt: true,
};
const DEFAULT_CAPACITY = 1_000_000;
const MAX_CAPACITY = 100_000_000;

function readCapacity(value: unknown): number {
  if (value === undefined) return DEFAULT_CAPACITY;
  const capacity = asU32(value, "capacity");
  if (capacity < 1 || capacity > MAX_CAPACITY) throw rangeError("capacity", `from 1 to ${MAX_CAPACITY}`, value);
  return capacity;
}
