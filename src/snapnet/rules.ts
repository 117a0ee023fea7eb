import { asFlag, asString } from "../common/arguments.ts";
import type { Given } from "../common/options.ts";
import { utf8Encoder } from "../common/text.ts";
import { asDuration, asIssuedSeconds, asIssuingNow, asLeeway } from "../common/time.ts";
import { formatError, rangeError } from "../errors.ts";
import { statusesOf, VALID } from "../verdict.ts";
import { BAR, idProblem, type SnapNetClaims } from "./format.ts";
import { REASONS } from "./reasons.ts";
import type { SnapNetIssue, SnapNetOptions } from "./types.ts";

const STATUS = statusesOf(REASONS);
const MALFORMED = STATUS.malformed;
/** Whether such a token has the form of one is looked at only when its reason is asked for. */
export const TAG_MISMATCH: number = STATUS["not-genuine"];
const WRONG_SESSION = STATUS["wrong-session"];
const EXPIRED = STATUS.expired;
const LIFETIME_TOO_LONG = STATUS["lifetime-too-long"];

const DEFAULT_LIFETIME = 45;
const MAX_SECONDS = 0xffff_ffff;
/** How far clocks may be apart before a lifetime counts as too long. */
const CLOCK_SKEW = 5;

/** What is asked of a token whose signature is genuine, and of one that is to be issued. */
export class Rules {
  readonly upperCase: boolean;
  readonly leeway: number;
  /** The session id as it stands in a token, between its bars; nothing where any is accepted. */
  readonly sessionField: Uint8Array | undefined;
  readonly #sessionId: string | null;
  /** Infinity where any lifetime will do. */
  readonly #maxLifetime: number;

  /** @throws ConnectTokensError where an option is missing or wrong */
  constructor({ sessionId, upperCaseSignature, maxLifetime, leeway }: Given<SnapNetOptions>) {
    this.#sessionId = sessionId === null ? null : asId(sessionId, "sessionId");
    this.sessionField = this.#sessionId === null ? undefined : utf8Encoder().encode(`${BAR}${this.#sessionId}${BAR}`);
    this.upperCase = asFlag(upperCaseSignature, false, "upperCaseSignature");
    this.leeway = asLeeway(leeway);
    this.#maxLifetime =
      maxLifetime === undefined ? Number.POSITIVE_INFINITY : asLifetime(maxLifetime, "maxLifetime", MAX_SECONDS);
  }

  judge(claims: SnapNetClaims | undefined, now: number): number {
    if (!claims) return MALFORMED;
    if (this.#sessionId !== null && claims.sessionId !== this.#sessionId) return WRONG_SESSION;
    return this.judgeTime(claims.expiration, now);
  }

  judgeTime(expiration: number, now: number): number {
    if (now >= expiration + this.leeway) return EXPIRED;
    return expiration > now + this.#maxLifetime + CLOCK_SKEW ? LIFETIME_TOO_LONG : VALID;
  }

  /**
   * The fields of a token to be issued.
   *
   * @param now as a caller gave it
   * @param prefix what stands before a field's name in errors
   * @throws ConnectTokensError where one is wrong
   */
  fields({ userId, sessionId, expiration, ttl }: Given<SnapNetIssue>, now: unknown, prefix: string): SnapNetClaims {
    return {
      userId: asId(userId, `${prefix}userId`),
      sessionId: asId(sessionId ?? this.#sessionId, `${prefix}sessionId`),
      expiration: this.#expiration(expiration, ttl, now, prefix),
    };
  }

  #expiration(expiration: unknown, ttl: unknown, now: unknown, prefix: string): number {
    const limit = this.#maxLifetime;
    const clock =
      now === undefined && expiration !== undefined && limit === Number.POSITIVE_INFINITY ? 0n : asIssuingNow(now);
    const argument = `${prefix}expiration`;
    let end: bigint;
    if (expiration === undefined) {
      const lifetime =
        ttl === undefined ? DEFAULT_LIFETIME : asLifetime(ttl, `${prefix}ttl`, Math.min(limit, MAX_SECONDS));
      end = clock + BigInt(Math.min(lifetime, limit));
    } else {
      if (ttl !== undefined) throw rangeError(`${prefix}ttl`, "absent where an expiration is given", ttl);
      end = asIssuedSeconds(expiration, argument);
      if (limit !== Number.POSITIVE_INFINITY && end > clock + BigInt(limit)) {
        throw rangeError(argument, `at most now + ${limit}, the maxLifetime`, expiration);
      }
    }
    if (end > BigInt(Number.MAX_SAFE_INTEGER)) throw rangeError(argument, "at most 2^53 - 1", end);
    return Number(end);
  }
}

/** Whether a status is that of a genuine token with its form, so that its claims may be told. */
export function hasClaims(status: number): boolean {
  return status > TAG_MISMATCH;
}

function asLifetime(value: unknown, argument: string, longest: number): number {
  const seconds = asDuration(value, argument, longest);
  if (seconds === 0) throw rangeError(argument, `from 1 to ${longest} seconds`, value);
  return seconds;
}

function asId(value: unknown, argument: string): string {
  const id = asString(value, argument);
  const problem = idProblem(id);
  if (problem) throw formatError(argument, problem);
  return id;
}
