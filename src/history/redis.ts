import { type AbortSignalLike, asSignal } from "../common/abort-signal.ts";
import { asFlag, asString } from "../common/arguments.ts";
import { type OptionNames, readOptions } from "../common/options.ts";
import { asDuration, asNow, type Seconds } from "../common/time.ts";
import { ConnectTokensError, formatError, rangeError, typeError } from "../errors.ts";
import type { HistoryAnswer } from "./answers.ts";
import { asTokenId, readBatch, readTimes, readToken, type TokenEnd, type VerifiedTokens } from "./arguments.ts";
import { type OriginInput, originText } from "./origin.ts";
import { type IoredisClient, type NodeRedisClient, type RunScript, scriptRunner } from "./redis-client.ts";
import { SCRIPT } from "./redis-script.ts";
import { withinTime } from "./within-time.ts";

export type { AbortSignalLike } from "../common/abort-signal.ts";
export type { Seconds } from "../common/time.ts";
export type { HistoryAnswer } from "./answers.ts";
export type { TokenEnd, VerifiedTokens } from "./arguments.ts";
export type { OriginInput } from "./origin.ts";
export type { IoredisClient, NodeRedisClient } from "./redis-client.ts";

/**
 * What a history in Redis says of a token: as {@link HistoryAnswer}, and `unavailable` where Redis did not answer in time, or
 * answered what makes no sense. Only `new` and `again` let its holder in.
 */
export type RedisHistoryAnswer = HistoryAnswer | "unavailable";

/** How long tokens live, and where in Redis they are kept. */
export interface RedisTokenHistoryOptions {
  /** As of `TokenHistory`: the longest lifetime in seconds that the issuer gives, 1 to 2,678,400 (31 days). */
  maxLifetime: number;
  /** What all keys begin with: 1 to 64 characters without braces. Default `connect-tokens`. */
  prefix?: string | undefined;
  /** Who shares the history: 1 to 64 characters without braces. Default `default`. All keys of one are in one slot of a cluster. */
  tenant?: string | undefined;
  /** Milliseconds that an answer may take, 1 to 60,000. Default 1000. */
  timeout?: number | undefined;
  /**
   * How many seconds the clocks of issuer and servers may differ, 0 to 300; what is known of a token is kept for as long
   * beyond its end. Default 5.
   */
  skew?: number | undefined;
  /** The longest handshake in seconds, 1 to 3600: a pending token is known for as long beyond its end. Default 60. */
  handshakeTimeout?: number | undefined;
  /** Lets every token in while Redis does not answer, used or not. Default false. */
  admitWhenUnavailable?: boolean | undefined;
}

/** How one question is asked. */
export interface RedisHistoryCallOptions {
  /** Unix seconds; default the clock. */
  now?: Seconds | undefined;
  /** Rejects the call with its reason when it is aborted; Redis may have done what was asked. */
  signal?: AbortSignalLike | undefined;
}

/**
 * Which tokens were used, for a fleet of servers that share a Redis: the words of `TokenHistory`, as promises. Each question
 * is one step on the server, so that of any number of servers that claim a token at the same instant one gets `new`.
 *
 * Entries end by themselves. What must hold of the server: it drops no keys (`maxmemory-policy noeviction`, or no
 * `maxmemory`), else every question rejects with an error that says so. A server that was emptied, started again or
 * replaced by another is a new start, after which tokens are refused as `before-start` that may have been used before.
 *
 * Let the client fail at once while it is not connected (`disableOfflineQueue: true` of redis, `enableOfflineQueue: false`
 * of ioredis): a question that it sends later uses up the token although `unavailable` was answered.
 *
 * @example
 * ```ts
 * import { RedisTokenHistory } from "connect-tokens/history/redis";
 * import { createClient } from "redis";
 *
 * const client = createClient({ url: "redis://127.0.0.1:6379", disableOfflineQueue: true });
 * const history = new RedisTokenHistory(client, { maxLifetime: 30, tenant: "eu-west" });
 * const token = { tokenId: "netcode:0123", expiresAt: 1_700_000_030n };
 * // Nothing is known before `await client.connect()`, and so nobody is let in.
 * console.log(await history.claim(token, { now: 1_700_000_000 })); // unavailable
 * ```
 */
export class RedisTokenHistory {
  readonly #run: RunScript;
  readonly #marker: string;
  readonly #horizon: number;
  readonly #skew: number;
  readonly #handshakeTimeout: number;
  readonly #timeout: number;
  readonly #admitWhenUnavailable: boolean;
  #clock = 0;
  /** Whether the server was asked if it drops keys. */
  #isChecked = false;

  /**
   * @param client of `redis` or `ioredis`, connected by the caller, and closed by them
   * @throws ConnectTokensError where it is no such client, or an option is missing or wrong
   */
  constructor(client: NodeRedisClient | IoredisClient, options: RedisTokenHistoryOptions) {
    this.#run = scriptRunner(client, SCRIPT);
    const given = readOptions<RedisTokenHistoryOptions>(options, OPTIONS, "options");
    const { maxLifetime, skew } = readTimes(given.maxLifetime, given.skew);
    this.#horizon = maxLifetime + skew;
    this.#skew = skew;
    const prefix = asKeyPart(given.prefix, "prefix", "connect-tokens");
    this.#marker = `${prefix}:{${asKeyPart(given.tenant, "tenant", "default")}}`;
    this.#timeout = asTimeout(given.timeout);
    this.#handshakeTimeout = asHandshakeTimeout(given.handshakeTimeout);
    this.#admitWhenUnavailable = asFlag(given.admitWhenUnavailable, false, "admitWhenUnavailable");
  }

  /**
   * As `TokenHistory.admit`. What is pending stays known beyond its end for the longest handshake.
   *
   * @throws ConnectTokensError (the promise rejects) where an argument is wrong, the verdict is a refusal, or the server
   *   drops keys; or with the reason of `signal`
   */
  async admit(
    token: TokenEnd,
    from?: OriginInput | string | undefined,
    options?: RedisHistoryCallOptions | undefined,
  ): Promise<RedisHistoryAnswer> {
    const { tokenId, end } = readToken(token);
    const origin = originText(from);
    const call = this.#readCall(options);
    const [answer] = await this.#ask("admit", [tokenId], [end], call, origin, this.#skew + this.#handshakeTimeout);
    return answer as RedisHistoryAnswer;
  }

  /**
   * As `TokenHistory.consume`, but an unknown id is false: the servers that share a Redis know nothing of each other's open
   * handshakes.
   *
   * @throws ConnectTokensError (the promise rejects) where an argument is wrong, or the server drops keys; or with the
   *   reason of `signal`
   */
  async consume(
    tokenId: string,
    options?: Pick<RedisHistoryCallOptions, "signal"> | undefined,
  ): Promise<boolean | "unavailable"> {
    const id = asTokenId(tokenId, "tokenId");
    const { signal } = readOptions<Pick<RedisHistoryCallOptions, "signal">>(options, { signal: true }, "options");
    const answers = await this.#question("consume", [id], [], { now: this.#clock, signal: readSignal(signal) });
    if (!answers) return this.#admitWhenUnavailable ? true : "unavailable";
    return answers[0] === "true";
  }

  /**
   * As `TokenHistory.claim`.
   *
   * @throws ConnectTokensError as of {@link admit}
   */
  async claim(token: TokenEnd, options?: RedisHistoryCallOptions | undefined): Promise<RedisHistoryAnswer> {
    const { tokenId, end } = readToken(token);
    const [answer] = await this.#ask("claim", [tokenId], [end], this.#readCall(options));
    return answer as RedisHistoryAnswer;
  }

  /**
   * As `TokenHistory.claimMany`: some hundred tokens a question, all questions sent at once.
   *
   * @param verdicts what `verifyMany` returned
   * @throws ConnectTokensError as of {@link admit}
   */
  async claimMany(
    verdicts: VerifiedTokens,
    options?: RedisHistoryCallOptions | undefined,
  ): Promise<readonly (RedisHistoryAnswer | undefined)[]> {
    const { tokenIds, ends } = readBatch(verdicts);
    const call = this.#readCall(options);
    const accepted = [...tokenIds.keys()].filter((i) => tokenIds[i] !== undefined);
    const questions: Promise<RedisHistoryAnswer[]>[] = [];
    for (let from = 0; from < accepted.length; from += TOKENS_PER_QUESTION) {
      const asked = accepted.slice(from, from + TOKENS_PER_QUESTION);
      const ids = asked.map((i) => tokenIds[i] as string);
      questions.push(
        this.#ask(
          "claim",
          ids,
          asked.map((i) => ends[i] as number),
          call,
        ),
      );
    }
    const found = (await Promise.all(questions)).flat();
    const answers = new Array<RedisHistoryAnswer | undefined>(tokenIds.length).fill(undefined);
    accepted.forEach((place, i) => {
      answers[place] = found[i];
    });
    return answers;
  }

  #readCall(options: RedisHistoryCallOptions | undefined): Call {
    const { now, signal } = readOptions<RedisHistoryCallOptions>(options, CALL_OPTIONS, "options");
    const call = { signal: readSignal(signal), now: Number(asNow(now)) };
    this.#clock = Math.max(this.#clock, call.now);
    return { ...call, now: this.#clock };
  }

  /** The answers on tokens; what needs no Redis is answered without it. */
  async #ask(
    question: "admit" | "claim",
    tokenIds: readonly string[],
    ends: readonly number[],
    call: Call,
    origin = "",
    outlives: number = this.#skew,
  ): Promise<RedisHistoryAnswer[]> {
    const open = [...ends.keys()].filter((i) => (ends[i] as number) > call.now);
    const openIds = open.map((i) => tokenIds[i] as string);
    const openEnds = open.map((i) => ends[i] as number);
    const found = open.length > 0 ? await this.#question(question, openIds, openEnds, call, origin, outlives) : [];
    const answers = ends.map((): RedisHistoryAnswer => "expired");
    open.forEach((place, i) => {
      answers[place] = found ? (found[i] as RedisHistoryAnswer) : this.#withoutRedis(openEnds[i] as number, call.now);
    });
    return answers;
  }

  #withoutRedis(end: number, now: number): RedisHistoryAnswer {
    if (end > now + this.#horizon) return "lifetime-too-long";
    return this.#admitWhenUnavailable ? "new" : "unavailable";
  }

  /** The server's words, as many as there are tokens; undefined where it did not answer, or not so. */
  async #question(
    question: keyof typeof ANSWERS,
    tokenIds: readonly string[],
    ends: readonly number[],
    { now, signal }: Call,
    origin = "",
    outlives = 0,
  ): Promise<readonly string[] | undefined> {
    const keys = [this.#marker, ...tokenIds.map((tokenId) => `${this.#marker}:${tokenId}`)];
    const numbers = [now, this.#horizon, outlives].map(decimals);
    const check = this.#isChecked ? "0" : "1";
    const args = [question, ...numbers, origin, check, ...ends.map(decimals)];
    const reply = await withinTime(() => this.#run(keys, args), this.#timeout, signal);
    if (typeof reply !== "string") return undefined;
    if (reply.startsWith(EVICTS)) throw evicting(reply.slice(EVICTS.length));
    const words = reply.split(" ");
    if (words.length !== tokenIds.length || !words.every((word) => ANSWERS[question].has(word))) return undefined;
    this.#isChecked = true;
    return words;
  }
}

interface Call {
  readonly now: number;
  readonly signal: AbortSignalLike | undefined;
}

const OPTIONS: OptionNames<RedisTokenHistoryOptions> = {
  maxLifetime: "defined",
  prefix: true,
  tenant: true,
  timeout: true,
  skew: true,
  handshakeTimeout: true,
  admitWhenUnavailable: true,
};
const CALL_OPTIONS: OptionNames<RedisHistoryCallOptions> = { now: true, signal: true };
/** A question holds the server up for a few microseconds a token. */
const TOKENS_PER_QUESTION = 200;
const EVICTS = "evicts ";
const CLAIM_ANSWERS = ["new", "used", "full", "before-start", "lifetime-too-long"];
const ANSWERS = {
  admit: new Set([...CLAIM_ANSWERS, "again", "elsewhere"]),
  claim: new Set(CLAIM_ANSWERS),
  consume: new Set(["true", "false"]),
};

/** One that is not aborted yet. */
function readSignal(value: unknown): AbortSignalLike | undefined {
  const signal = asSignal(value);
  if (signal?.aborted) throw signal.reason;
  return signal;
}

const decimals = (seconds: number): string => BigInt(seconds).toString();

function evicting(policy: string): ConnectTokensError {
  const problem = `client must lead to a Redis that drops no keys (maxmemory-policy noeviction), got ${policy}`;
  return new ConnectTokensError("ERR_RANGE", "client", problem);
}

function asKeyPart(value: unknown, argument: string, fallback: string): string {
  if (value === undefined) return fallback;
  const part = asString(value, argument);
  if (part.length < 1 || part.length > 64) throw rangeError(argument, "a string of 1 to 64 characters", value);
  if (/[{}]/.test(part)) throw formatError(argument, "holds a brace, which Redis Cluster reads as the mark of a slot");
  return part;
}

function asTimeout(value: unknown): number {
  if (value === undefined) return 1000;
  if (typeof value !== "number") throw typeError("timeout", "a number of milliseconds", value);
  if (!Number.isInteger(value) || value < 1 || value > 60_000) {
    throw rangeError("timeout", "a whole number of milliseconds from 1 to 60,000", value);
  }
  return value;
}

function asHandshakeTimeout(value: unknown): number {
  if (value === undefined) return 60;
  if (value === 0) throw rangeError("handshakeTimeout", "a whole number of seconds from 1 to 3600", value);
  return asDuration(value, "handshakeTimeout", 3600);
}
