import { asFlag, asString } from "../common/arguments.ts";
import type { Given } from "../common/options.ts";
import { asDuration, asLeeway } from "../common/time.ts";
import { formatError, rangeError } from "../errors.ts";
import { statusesOf, VALID } from "../verdict.ts";
import type { CheckedText } from "../wasm/hmac/texts.ts";
import type { Peer } from "./batch.ts";
import { ClaimsReader } from "./claims.ts";
import { SCOPE_PREFIX, SIGNATURE_CHARACTERS, textProblem, VERSION_PREFIX } from "./format.ts";
import { REASONS } from "./reasons.ts";
import type { TirtcOptions } from "./types.ts";
import { VendorPayloads } from "./vendor.ts";

const STATUS = statusesOf(REASONS);
export const MALFORMED: number = STATUS.malformed;
/** Whether such a token has the form of one is looked at only when its reason is asked for. */
export const TAG_MISMATCH: number = STATUS["not-genuine"];
const WRONG_ISSUER = STATUS["wrong-issuer"];
const WRONG_PEER = STATUS["wrong-peer"];
const EXPIRED = STATUS.expired;
const NOT_YET_VALID = STATUS["not-yet-valid"];
const LIFETIME_TOO_LONG = STATUS["lifetime-too-long"];
/** What the caller's function threw about the token's peer is thrown when its reason is asked for. */
export const KEY_FAILED: number = REASONS.length + 1;

const DEFAULT_SKEW = 60;
const MAX_LIFETIME = 86_400;
const MAX_SECONDS = 0xffff_ffff;

/** What is asked of a token whose signature is genuine. */
export class Rules {
  readonly accessId: string;
  readonly single: boolean;
  /** The longest lifetime that is issued, in seconds. */
  readonly longestIssued: number;
  readonly leeway: number;
  readonly #vendor: VendorPayloads;
  readonly #skew: number;
  readonly #maxLifetime: number;

  /** @throws ConnectTokensError where an option is missing or wrong */
  constructor({ accessId, skew, leeway, maxLifetime, singleSignature }: Given<TirtcOptions>) {
    this.accessId = asClaim(accessId, "accessId");
    if (this.accessId === "") throw rangeError("accessId", "not empty", accessId);
    this.#vendor = new VendorPayloads(this.accessId);
    this.#skew = skew === undefined ? DEFAULT_SKEW : asDuration(skew, "skew", MAX_SECONDS);
    this.leeway = asLeeway(leeway);
    this.#maxLifetime = asLifetime(maxLifetime, "maxLifetime", MAX_LIFETIME, MAX_SECONDS);
    this.longestIssued = Math.min(MAX_LIFETIME, this.#maxLifetime);
    this.single = asFlag(singleSignature, false, "singleSignature");
  }

  /**
   * The status of a token while its bytes stand in the window.
   *
   * @param named the peer that the token is presented for, or else names, where that is known
   * @param peer the one that it is presented for
   */
  judgeText(text: CheckedText, named: Peer, peer: Peer, now: number): number {
    const { bytes } = text;
    const start = text.start + VERSION_PREFIX.length;
    const end = text.decode(start, text.end - SIGNATURE_CHARACTERS - 1);
    if (end < 0) return MALFORMED;
    const vendor = this.#vendor;
    if (named && vendor.read(bytes, start, end, named)) return this.#judgeTimes(vendor.iat, vendor.exp, now);
    const reader = new ClaimsReader();
    return reader.read(bytes, start, end) ? this.judge(reader, peer, now) : MALFORMED;
  }

  /** The status of a token whose claims are there. */
  judge(claims: ClaimsReader, peer: Peer, now: number): number {
    if (peer === undefined && !claims.namesPeer()) return MALFORMED;
    if (!claims.issuerIs(this.accessId)) return WRONG_ISSUER;
    if (peer !== undefined && (peer === "" || !claims.scopeIs(SCOPE_PREFIX + peer))) return WRONG_PEER;
    return this.#judgeTimes(claims.iat, claims.exp, now);
  }

  #judgeTimes(iat: number, exp: number, now: number): number {
    if (exp + this.leeway <= now) return EXPIRED;
    if (iat > now + this.#skew) return NOT_YET_VALID;
    return exp > iat && exp - iat <= this.#maxLifetime ? VALID : LIFETIME_TOO_LONG;
  }
}

/** A lifetime in seconds, from 1. */
export function asLifetime(value: unknown, argument: string, fallback: number, longest: number): number {
  const seconds = value === undefined ? fallback : asDuration(value, argument, longest);
  if (seconds === 0) throw rangeError(argument, `from 1 to ${longest} seconds`, value);
  return seconds;
}

/** Text that can stand in a payload. */
export function asClaim(value: unknown, argument: string): string {
  const text = asString(value, argument);
  const problem = textProblem(text);
  if (problem) throw formatError(argument, problem);
  return text;
}
