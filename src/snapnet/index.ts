import { ENCODING_HEX, ENCODING_HEX_ANY_CASE, STATUS_GENUINE } from "../../assembly/memory/hmac.ts";
import { lengthOfList, roomFor } from "../common/arguments.ts";
import { copyOfBytes, isAllZero } from "../common/bytes.ts";
import { KeyHolder } from "../common/disposable.ts";
import { type OptionNames, onlyOption, readOptions } from "../common/options.ts";
import { prepareKeys, readSecrets, type SecretList } from "../common/secrets.ts";
import { asIssuingNow, nowOf, type Seconds } from "../common/time.ts";
import { formatError, rangeError, typeError } from "../errors.ts";
import { type Accepted, accepted, batchVerdicts, refused, VALID } from "../verdict.ts";
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
import { requireLive } from "../wasm/key-slots.ts";
import {
  BAR,
  joinFields,
  MAX_TOKEN_CHARACTERS,
  parseSigned,
  parseToken,
  SIGNATURE_FIELD_BYTES,
  type SnapNetClaims,
} from "./format.ts";
import { plainExpiration } from "./plain.ts";
import { REASONS } from "./reasons.ts";
import { hasClaims, Rules, TAG_MISMATCH } from "./rules.ts";
import type {
  SnapNetCallOptions,
  SnapNetIssue,
  SnapNetOptions,
  SnapNetReason,
  SnapNetVerdict,
  SnapNetVerdicts,
} from "./types.ts";

export type { Verdict, Verdicts, VerdictWithClaims } from "../verdict.ts";
export type * from "./types.ts";
export type { Seconds, SecretList, SnapNetClaims };

const SECRET_BYTES = 32;

const OPTIONS: OptionNames<SnapNetOptions> = {
  secret: true,
  sessionId: true,
  upperCaseSignature: true,
  maxLifetime: "defined",
  leeway: true,
};
const ISSUE: OptionNames<SnapNetIssue> = { userId: true, sessionId: true, expiration: true, ttl: true };

/**
 * SnapNet authentication tokens: `<user id>|<session id>|<expiration>|<signature>`, signed with HMAC-SHA256.
 *
 * Ids have 1 to 63 bytes of UTF-8, without bars or control characters. SnapNet, "Using authentication tokens".
 *
 * @example
 * ```ts
 * import { SnapNetTokens } from "connect-tokens/snapnet";
 *
 * const tokens = new SnapNetTokens({ secret: "5a".repeat(32), sessionId: "match-1", maxLifetime: 60 });
 * const token = tokens.issue({ userId: "user-7" }); // for 45 seconds
 *
 * const verdict = tokens.verify(token);
 * console.log(verdict.valid ? verdict.claims.userId : verdict.reason); // user-7
 * console.log(tokens.verifyMany([token, "x"]).map(({ valid }) => valid)); // [ true, false ]
 * tokens.dispose(); // wipes the key
 * ```
 */
export class SnapNetTokens extends KeyHolder {
  readonly #keys: readonly HmacKey[];
  readonly #rules: Rules;
  readonly #form: TagForm;

  /** @throws ConnectTokensError where an option is missing or wrong */
  constructor(options: SnapNetOptions) {
    super();
    const given = readOptions(options, OPTIONS, "options");
    this.#rules = new Rules(given);
    const encoding = this.#rules.upperCase ? ENCODING_HEX_ANY_CASE : ENCODING_HEX;
    this.#form = { head: 0, gap: BAR.length, characters: HEX_CHARACTERS, encoding };
    this.#keys = prepareKeys(readSecrets(given.secret, "secret", readSecret), (secret) => new HmacKey(secret));
  }

  /**
   * Issues a token.
   *
   * @throws ConnectTokensError where an id or the end is wrong, or after `dispose`
   */
  issue(token: SnapNetIssue, options?: SnapNetCallOptions): string {
    return this.#issue(token, "token", "", onlyOption(options, "now", "options"));
  }

  /**
   * Issues many tokens, in the order of the list, all of the same moment.
   *
   * @throws ConnectTokensError where `tokens` is not an array, and as {@link issue} for the first that is wrong
   */
  issueMany(tokens: readonly SnapNetIssue[], options?: SnapNetCallOptions): string[] {
    const length = lengthOfList(tokens, "tokens", "an array of tokens to issue");
    const now = asIssuingNow(onlyOption(options, "now", "options"));
    requireLive(this.#keys);
    const issued = roomFor<string>(length);
    for (let i = 0; i < length; i++) issued[i] = this.#issue(tokens[i], `tokens[${i}]`, `tokens[${i}].`, now);
    return issued;
  }

  /**
   * Verifies one token. Whatever came instead of a token is `malformed`.
   *
   * @throws ConnectTokensError where `now` is wrong, or after `dispose`
   */
  verify(token: unknown, options?: SnapNetCallOptions): SnapNetVerdict {
    const now = nowOf(options);
    const text = asText(token);
    const mac = verifyText(this.#keys, text, this.#form);
    if (mac.status !== STATUS_GENUINE) return refused(this.#reason(text, TAG_MISMATCH));
    const claims = parseSigned(text, mac.plain);
    const status = this.#rules.judge(claims, now);
    if (!claims || status !== VALID) return refused(this.#reason(text, status), claims);
    return this.#accepted(text, claims, mac.keyIndex);
  }

  /**
   * Verifies many tokens in one go, with the verdicts of {@link verify} in the tokens' order.
   *
   * @throws ConnectTokensError where `tokens` is not an array or `now` is wrong, or after `dispose`
   */
  verifyMany(tokens: readonly unknown[], options?: SnapNetCallOptions): SnapNetVerdicts {
    const length = lengthOfList(tokens, "tokens", "an array of strings");
    const now = nowOf(options);
    const { sessionField, leeway } = this.#rules;
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
        digitsBehind: sessionField && { field: sessionField, trailing: SIGNATURE_FIELD_BYTES },
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
      refusedClaims: (index) => (hasClaims(statuses[index] as number) ? claimsAt(index) : undefined),
      tokenId: (index) => tokenIdOf(texts[index] as string),
      expiresAt: (index) => BigInt(claimsAt(index).expiration + leeway),
      accepted: (index) => this.#accepted(texts[index] as string, claimsAt(index), secretIndexes[index] ?? 0),
    });
  }

  override dispose(): void {
    for (const key of this.#keys) key.dispose();
  }

  #issue(token: unknown, argument: string, prefix: string, now: unknown): string {
    if (token === undefined) throw typeError(argument, "an object", token);
    const message = joinFields(
      this.#rules.fields(readOptions(token as SnapNetIssue, ISSUE, argument, prefix), now, prefix),
    );
    return `${message}${BAR}${signText(this.#keys[0] as HmacKey, message, ENCODING_HEX)}`;
  }

  /** The status of a token of a batch. */
  #judgeText(text: CheckedText, token: string, now: number): number {
    if (text.status !== STATUS_GENUINE) return TAG_MISMATCH;
    const rules = this.#rules;
    const expiration = rules.sessionField ? plainExpiration(text, rules.sessionField.length) : -1;
    return expiration < 0 ? rules.judge(parseSigned(token, text.plain), now) : rules.judgeTime(expiration, now);
  }

  #accepted(token: string, claims: SnapNetClaims, secretIndex: number): Accepted<SnapNetClaims> {
    return accepted(claims, BigInt(claims.expiration + this.#rules.leeway), tokenIdOf(token), secretIndex);
  }

  #reason(token: string, status: number): SnapNetReason {
    if (status === TAG_MISMATCH && !parseToken(token, this.#rules.upperCase)) return "malformed";
    return REASONS[status - 1] as SnapNetReason;
  }
}

/** What came as a token: the empty text, which is malformed, for what cannot be one. */
function asText(token: unknown): string {
  return typeof token === "string" && token.length <= MAX_TOKEN_CHARACTERS ? token : "";
}

/** All that is signed, as it stands there: SnapNet has no nonce, so equal fields are one token. */
function tokenIdOf(token: string): string {
  return `snapnet:${token.slice(0, -SIGNATURE_FIELD_BYTES)}`;
}

function readSecret(value: unknown, argument: string): Uint8Array {
  const secret = typeof value === "string" ? hexToBytes(value.replace(/\r?\n$/, "")) : undefined;
  if (typeof value === "string" && !secret) throw formatError(argument, "is not hex");
  const bytes = secret ?? copyOfBytes(value);
  if (!bytes) throw typeError(argument, "32 bytes or 64 hex characters", value);
  try {
    if (bytes.length !== SECRET_BYTES) throw rangeError(argument, "32 bytes or 64 hex characters", value);
    if (isAllZero(bytes)) throw rangeError(argument, "other than all zeros", value);
    return bytes;
  } catch (error) {
    bytes.fill(0);
    throw error;
  }
}
