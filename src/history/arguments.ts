import { isRevoked, roomFor } from "../common/arguments.ts";
import { asDuration, asSeconds, type Seconds } from "../common/time.ts";
import { ConnectTokensError, rangeError, typeError } from "../errors.ts";

/** What a history needs to know of a token: a verdict that accepted it, or these two of its members. */
export interface TokenEnd {
  /** 1 to 512 characters. */
  readonly tokenId: string;
  /** Unix seconds from which the token is refused as expired. */
  readonly expiresAt: Seconds;
}

/** What a history reads of the verdicts that `verifyMany` returned, of any scheme. */
export interface VerifiedTokens {
  readonly length: number;
  isValid(index: number): boolean;
  tokenIdAt(index: number): string | undefined;
  expiresAt(index: number): bigint | undefined;
}

export const MAX_TOKEN_ID_CHARACTERS = 512;
/** Whatever a list of JavaScript holds. */
const MAX_BATCH = 0xffff_ffff;
/** 31 days, in seconds. */
export const MAX_LIFETIME = 2_678_400;
export const DEFAULT_SKEW = 5;
const MAX_SKEW = 300;

export interface HistoryTimes {
  readonly maxLifetime: number;
  readonly skew: number;
}

/** @throws ConnectTokensError */
export function readTimes(maxLifetime: unknown, skew: unknown): HistoryTimes {
  if (maxLifetime === 0) throw rangeError("maxLifetime", `a whole number of seconds from 1 to ${MAX_LIFETIME}`, 0);
  return {
    maxLifetime: asDuration(maxLifetime, "maxLifetime", MAX_LIFETIME),
    skew: skew === undefined ? DEFAULT_SKEW : asDuration(skew, "skew", MAX_SKEW),
  };
}

/** @throws ConnectTokensError */
export function asTokenId(value: unknown, argument: string): string {
  if (typeof value !== "string") throw typeError(argument, "a string", value);
  if (!isTokenId(value)) throw rangeError(argument, `a string of 1 to ${MAX_TOKEN_ID_CHARACTERS} characters`, value);
  return value;
}

function isTokenId(value: unknown): boolean {
  return typeof value === "string" && value.length > 0 && value.length <= MAX_TOKEN_ID_CHARACTERS;
}

/**
 * Seconds as a number. From 2^53 on it is rounded, which keeps the order: what has expired by the exact times has expired
 * by the rounded ones.
 */
export function secondsOf(value: unknown, argument: string): number {
  return Number(asSeconds(value, argument));
}

/** @throws ConnectTokensError where it is a refused verdict, or nothing with a token's id and end */
export function readToken(token: unknown): { tokenId: string; end: number } {
  if (typeof token !== "object" || token === null || isRevoked(token)) {
    throw typeError("token", "an accepted verdict, or its tokenId and expiresAt", token);
  }
  const valid = own(token, "valid");
  if (valid !== undefined && valid !== true) {
    throw new ConnectTokensError("ERR_TYPE", "token", "token must be an accepted verdict, got a refusal");
  }
  const tokenId = asTokenId(own(token, "tokenId"), "token.tokenId");
  return { tokenId, end: secondsOf(own(token, "expiresAt"), "token.expiresAt") };
}

function own(object: object, name: string): unknown {
  return Object.hasOwn(object, name) ? (object as Readonly<Record<string, unknown>>)[name] : undefined;
}

/** Ids and ends of a batch; an id is undefined where the verdict is a refusal. */
export interface Batch {
  readonly tokenIds: readonly (string | undefined)[];
  readonly ends: Float64Array;
}

/** @throws ConnectTokensError where it is not what `verifyMany` returned */
export function readBatch(verdicts: unknown): Batch {
  const count: unknown = isVerdicts(verdicts) ? verdicts.length : undefined;
  if (!isVerdicts(verdicts) || !isLength(count)) throw typeError("verdicts", "what verifyMany returned", verdicts);
  const tokenIds = roomFor<string | undefined>(count);
  const ends = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    if (!verdicts.isValid(i)) continue;
    const tokenId: unknown = verdicts.tokenIdAt(i);
    const end: unknown = verdicts.expiresAt(i);
    if (!isTokenId(tokenId)) asTokenId(tokenId, `verdicts.tokenIdAt(${i})`);
    if (typeof end !== "bigint") throw typeError(`verdicts.expiresAt(${i})`, "a bigint", end);
    tokenIds[i] = tokenId as string;
    ends[i] = Number(end);
  }
  return { tokenIds, ends };
}

function isLength(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MAX_BATCH;
}

function isVerdicts(value: unknown): value is VerifiedTokens {
  if (typeof value !== "object" || value === null || isRevoked(value)) return false;
  const { isValid, tokenIdAt, expiresAt } = value as Partial<VerifiedTokens>;
  return [isValid, tokenIdAt, expiresAt].every((method) => typeof method === "function");
}
