import { ENCODING_HEX, ENCODING_HEX_ANY_CASE, STATUS_GENUINE } from "../../assembly/memory/hmac.ts";
import { asFlag, asString, lengthOfList, roomFor } from "../common/arguments.ts";
import { bytesOf, isAllZero } from "../common/bytes.ts";
import { KeyHolder } from "../common/disposable.ts";
import { onlyOption, ownOptions } from "../common/options.ts";
import { prepareKeys, readSecrets, type SecretList } from "../common/secrets.ts";
import { asNow, asSeconds, nowOf, type Seconds } from "../common/time.ts";
import { formatError, rangeError, typeError } from "../errors.ts";
import {
  type Accepted,
  accepted,
  batchVerdicts,
  refused,
  statusesOf,
  VALID,
  type Verdicts,
  type VerdictWithClaims,
} from "../verdict.ts";
import { hexToBytes } from "../wasm/hmac/encoding.ts";
import { HmacKey } from "../wasm/hmac/kernel.ts";
import {
  type CheckedText,
  HEX_CHARACTERS,
  signText,
  type TagForm,
  verifyText,
  verifyTexts,
} from "../wasm/hmac/texts.ts";
import {
  BAR,
  idProblem,
  joinFields,
  MAX_TOKEN_CHARACTERS,
  parseSigned,
  parseToken,
  plainExpiration,
  SIGNATURE_FIELD_BYTES,
  type SnapNetClaims,
} from "./format.ts";

export type { Verdict, Verdicts, VerdictWithClaims } from "../verdict.ts";
export type { Seconds, SecretList, SnapNetClaims };

/** In the order of the checks. */
const REASONS = ["malformed", "not-genuine", "wrong-session", "expired"] as const;

/** Why a SnapNet token was refused. Checked in this order. */
export type SnapNetReason = (typeof REASONS)[number];
/** The reasons that come with `refusedClaims`. */
export type SnapNetReasonWithClaims = "wrong-session" | "expired";
export type SnapNetVerdict = VerdictWithClaims<SnapNetClaims, SnapNetReason, SnapNetReasonWithClaims>;
export type SnapNetVerdicts = Verdicts<SnapNetClaims, SnapNetReason, SnapNetVerdict>;

/** What tokens are made with and held to. */
export interface SnapNetOptions {
  /** 32 bytes, or their 64 hex characters (as in SnapNet's files; a trailing line break is tolerated). */
  secret: SecretList<Uint8Array | string>;
  /** The session this server hosts; a token for another is `wrong-session`. `null` accepts any. */
  sessionId: string | null;
  /** Also accept signatures with upper-case hex digits. Default false. */
  upperCaseSignature?: boolean;
}

/** What a SnapNet token is made of. */
export interface SnapNetIssue {
  userId: string;
  /** Default: the constructor's. */
  sessionId?: string;
  /** Unix seconds, at most 2^53 - 1. Default: now + 45, the lifetime SnapNet recommends. */
  expiration?: Seconds;
}

const SECRET_BYTES = 32;
const DEFAULT_LIFETIME = 45;

const STATUS = statusesOf(REASONS);
const MALFORMED = STATUS.malformed;
/** Whether such a token has the form of one is looked at only when its reason is asked for. */
const TAG_MISMATCH = STATUS["not-genuine"];
const WRONG_SESSION = STATUS["wrong-session"];
const EXPIRED = STATUS.expired;

/**
 * SnapNet authentication tokens: `<user id>|<session id>|<expiration>|<signature>`, signed with HMAC-SHA256.
 *
 * Ids have 1 to 63 bytes of UTF-8, without bars or control characters.
 */
export class SnapNetTokens extends KeyHolder {
  readonly #keys: readonly HmacKey[];
  readonly #sessionId: string | null;
  /** The session id as it stands in a token, between its bars; nothing where any is accepted. */
  readonly #sessionField: Uint8Array | undefined;
  readonly #upperCase: boolean;
  readonly #form: TagForm;

  /** @throws ConnectTokensError where an option is missing or wrong */
  constructor(options: SnapNetOptions) {
    super();
    const { secret, sessionId, upperCaseSignature } = ownOptions(options, "options");
    this.#sessionId = sessionId === null ? null : asId(sessionId, "sessionId");
    this.#sessionField =
      this.#sessionId === null ? undefined : new TextEncoder().encode(`${BAR}${this.#sessionId}${BAR}`);
    this.#upperCase = asFlag(upperCaseSignature, false, "upperCaseSignature");
    const encoding = this.#upperCase ? ENCODING_HEX_ANY_CASE : ENCODING_HEX;
    this.#form = { head: 0, gap: BAR.length, characters: HEX_CHARACTERS, encoding };
    this.#keys = prepareKeys(readSecrets(secret, "secret", readSecret), (secret) => new HmacKey(secret));
  }

  /**
   * Issues a token.
   *
   * @param options.now Unix seconds, for the default expiration
   * @throws ConnectTokensError where an id or the expiration is wrong, or after `dispose`
   */
  issue(token: SnapNetIssue, options?: { now?: Seconds }): string {
    const { userId, sessionId, expiration } = ownOptions(token, "token");
    const fields = {
      userId: asId(userId, "userId"),
      sessionId: asId(sessionId ?? this.#sessionId, "sessionId"),
      expiration: readExpiration(expiration, onlyOption(options, "now", "options")),
    };
    const message = joinFields(fields);
    return `${message}${BAR}${signText(this.#keys[0] as HmacKey, message, ENCODING_HEX)}`;
  }

  /**
   * Verifies one token. Whatever came instead of a token is `malformed`.
   *
   * @param options.now Unix seconds; default the clock
   * @throws ConnectTokensError where `now` is wrong, or after `dispose`
   */
  verify(token: string, options?: { now?: Seconds }): SnapNetVerdict {
    const now = nowOf(options);
    const text = asText(token);
    const mac = verifyText(this.#keys, text, this.#form);
    if (mac.status !== STATUS_GENUINE) return refused(this.#reason(text, TAG_MISMATCH));
    const claims = parseSigned(text, mac.plain);
    const status = this.#judge(claims, now);
    if (!claims || status !== VALID) return refused(this.#reason(text, status), claims);
    return acceptedClaims(text, claims, mac.keyIndex);
  }

  /**
   * Verifies many tokens in one go, with the verdicts of {@link verify} in the tokens' order.
   *
   * @throws ConnectTokensError where `tokens` is not an array or `now` is wrong, or after `dispose`
   */
  verifyMany(tokens: readonly string[], options?: { now?: Seconds }): SnapNetVerdicts {
    const length = lengthOfList(tokens, "tokens", "an array of strings");
    const now = nowOf(options);
    const texts = roomFor<string>(length);
    let filled = 0;
    const statuses = new Uint8Array(length);
    const secretIndexes = new Uint32Array(this.#keys.length > 1 ? length : 0);
    verifyTexts(
      this.#keys,
      {
        length,
        // A window's worth at a time: what was just read is still in the cache when it is joined and judged.
        read: (_, to) => {
          for (; filled < to; filled++) texts[filled] = asText(tokens[filled]);
        },
        text: (index) => texts[index] as string,
        digitsBehind: this.#sessionField && { field: this.#sessionField, trailing: SIGNATURE_FIELD_BYTES },
        judge: (index, text) => {
          statuses[index] = this.#judgeText(text, texts[index] as string, now);
          if (secretIndexes.length > 0) secretIndexes[index] = text.keyIndex;
        },
      },
      this.#form,
    );
    // For tokens that are genuine and have their form.
    const claimsAt = (index: number) => parseSigned(texts[index] as string, false) as SnapNetClaims;
    return batchVerdicts<SnapNetClaims, SnapNetReason, SnapNetVerdict>(statuses, {
      reasons: REASONS,
      reason: (index, status) => this.#reason(texts[index] as string, status),
      refusedClaims: (index) => ((statuses[index] as number) < WRONG_SESSION ? undefined : claimsAt(index)),
      tokenId: (index) => tokenIdOf(texts[index] as string),
      expiresAt: (index) => BigInt(claimsAt(index).expiration),
      accepted: (index) => acceptedClaims(texts[index] as string, claimsAt(index), secretIndexes[index] ?? 0),
    });
  }

  override dispose(): void {
    for (const key of this.#keys) key.dispose();
  }

  /** The status of a token of a batch. */
  #judgeText(text: CheckedText, token: string, now: number): number {
    if (text.status !== STATUS_GENUINE) return TAG_MISMATCH;
    const expiration = this.#sessionField ? plainExpiration(text, this.#sessionField.length) : -1;
    if (expiration < 0) return this.#judge(parseSigned(token, text.plain), now);
    return now >= expiration ? EXPIRED : VALID;
  }

  /** What is asked of a token whose signature is genuine. */
  #judge(claims: SnapNetClaims | undefined, now: number): number {
    if (!claims) return MALFORMED;
    if (this.#sessionId !== null && claims.sessionId !== this.#sessionId) return WRONG_SESSION;
    return now >= claims.expiration ? EXPIRED : VALID;
  }

  #reason(token: string, status: number): SnapNetReason {
    if (status === TAG_MISMATCH && !parseToken(token, this.#upperCase)) return "malformed";
    return REASONS[status - 1] as SnapNetReason;
  }
}

/** What came as a token: the empty text, which is malformed, for what cannot be one. */
function asText(token: unknown): string {
  return typeof token === "string" && token.length <= MAX_TOKEN_CHARACTERS ? token : "";
}

function acceptedClaims(token: string, claims: SnapNetClaims, secretIndex: number): Accepted<SnapNetClaims> {
  return accepted(claims, BigInt(claims.expiration), tokenIdOf(token), secretIndex);
}

/** All that is signed, as it stands there: SnapNet has no nonce, so equal fields are one token. */
function tokenIdOf(token: string): string {
  return `snapnet:${token.slice(0, -SIGNATURE_FIELD_BYTES)}`;
}

function readSecret(value: unknown, argument: string): Uint8Array {
  const secret = typeof value === "string" ? hexToBytes(value.replace(/\r?\n$/, "")) : undefined;
  if (typeof value === "string" && !secret) throw formatError(argument, "is not hex");
  const given = secret ?? bytesOf(value);
  if (!given) throw typeError(argument, "32 bytes or 64 hex characters", value);
  const bytes = secret ?? Uint8Array.from(given);
  if (bytes.length !== SECRET_BYTES) throw rangeError(argument, "32 bytes or 64 hex characters", value);
  if (isAllZero(bytes)) throw rangeError(argument, "other than all zeros", value);
  return bytes;
}

function asId(value: unknown, argument: string): string {
  const id = asString(value, argument);
  const problem = idProblem(id);
  if (problem) throw formatError(argument, problem);
  return id;
}

function readExpiration(value: unknown, now: unknown): number {
  const clock = asNow(now); // a wrong one is an error even where nothing hangs on it
  const expiration = value === undefined ? clock + BigInt(DEFAULT_LIFETIME) : asSeconds(value, "expiration");
  if (expiration > BigInt(Number.MAX_SAFE_INTEGER)) throw rangeError("expiration", "at most 2^53 - 1", expiration);
  return Number(expiration);
}
