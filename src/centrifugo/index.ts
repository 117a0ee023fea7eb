import { ENCODING_HEX, STATUS_GENUINE, STATUS_MISMATCH } from "../../assembly/memory/hmac.ts";
import { asString, isList, lengthOfList, roomFor } from "../common/arguments.ts";
import { KeyHolder } from "../common/disposable.ts";
import { type OptionNames, onlyOption, readOptions } from "../common/options.ts";
import { prepareKeys, readSecrets, readTextSecret, type SecretList } from "../common/secrets.ts";
import { utf8Encoder } from "../common/text.ts";
import { asIssuingNow, type Seconds } from "../common/time.ts";
import { typeError } from "../errors.ts";
import { type Accepted, acceptedAs, batchVerdicts, refused, VALID } from "../verdict.ts";
import { hexOf } from "../wasm/hmac/encoding.ts";
import { HmacKey } from "../wasm/hmac/kernel.ts";
import {
  HEX_CHARACTERS,
  NO_NUMBER,
  signText,
  type TagForm,
  type TextBatch,
  verifyText,
  verifyTexts,
} from "../wasm/hmac/texts.ts";
import { requireLive } from "../wasm/key-slots.ts";
import { Batch, claimsOf, type Received, tokenIdOf } from "./batch.ts";
import { type CentrifugoClaims, type Profile, secondsOf, textProblem } from "./format.ts";
import { apiMessage, asProfile, bounded, readProjectKey, signedSubscription } from "./messages.ts";
import { REASONS } from "./reasons.ts";
import { MALFORMED, Rules, refuse, TAG_MISMATCH } from "./rules.ts";
import type {
  CentrifugoCallOptions,
  CentrifugoChannel,
  CentrifugoChannelSign,
  CentrifugoConnect,
  CentrifugoConnection,
  CentrifugoIssue,
  CentrifugoOptions,
  CentrifugoReason,
  CentrifugoSubscription,
  CentrifugoVerdict,
  CentrifugoVerdicts,
} from "./types.ts";

export type { Verdict, Verdicts, VerdictWithClaims } from "../verdict.ts";
export type * from "./types.ts";
export type { CentrifugoClaims, Profile, Seconds, SecretList };

const TAG: TagForm = { head: 0, gap: 0, characters: HEX_CHARACTERS, encoding: ENCODING_HEX };

const OPTIONS: OptionNames<CentrifugoOptions> = {
  secret: true,
  profile: true,
  projectKey: true,
  lifetime: "defined",
  leeway: true,
  strict: true,
  skew: true,
  allowAnonymous: true,
  defaultInfo: true,
};
const ISSUE: OptionNames<CentrifugoIssue> = { user: true, timestamp: true, info: true };
const CONNECT: OptionNames<CentrifugoConnect> = { user: true, info: true };
const SUBSCRIPTION: OptionNames<CentrifugoSubscription> = { client: true, channel: true, info: true };
const CHANNEL: OptionNames<CentrifugoChannel> = { channel: true, info: true };

/**
 * Centrifugo's HMAC-SHA256 tokens and signs of the versions before 2.0.
 *
 * The fields are hashed without separators: to an old server, user `42` at `1430669930` and user `4` at `21430669930` are
 * the same token. Strict rules (the default) leave one reading here; an old server takes the others, whatever its lifetime
 * is, where user ids end in a digit or in `+`. So give it a lifetime, and let user ids end in `:` or `-`.
 *
 * Tokens, channel signs and API signs share one secret and one form. A page that may choose the client and the channel to
 * be signed could have an API command signed; the strict rules sign for client ids as the servers give them out only. A
 * channel sign can still be a token (channel `$a1430669930` of client `x` is one for user `x$a`): check that the page may
 * subscribe to the channel.
 *
 * @example
 * ```ts
 * import { CentrifugoTokens } from "connect-tokens/centrifugo";
 *
 * const tokens = new CentrifugoTokens({ secret: "the server's secret", profile: "v1", lifetime: 3600 });
 * const parameters = tokens.connectionParameters({ user: "42:" }); // what the page passes to its Centrifuge client
 *
 * const verdict = tokens.verify(parameters);
 * console.log(verdict.valid ? verdict.claims.user : verdict.reason); // 42:
 * console.log(tokens.verify({ ...parameters, user: "43:" })); // { valid: false, reason: 'not-genuine' }
 *
 * // The page's client asks for private channels.
 * const client = "3a0c4501-afcf-40ac-8dd4-660e3b5b51fb";
 * console.log(Object.keys(tokens.channelResponse(client, [{ channel: "$news" }]))); // [ '$news' ]
 *
 * const body = '{"method":"publish","params":{"channel":"news","data":{}}}';
 * console.log(tokens.verifyApi(body, tokens.signApi(body))); // true
 * ```
 */
export class CentrifugoTokens extends KeyHolder {
  readonly #keys: readonly HmacKey[];
  readonly #project: string;
  readonly #rules: Rules;

  /** @throws ConnectTokensError where an option is missing or wrong */
  constructor(options: CentrifugoOptions) {
    super();
    const own = readOptions(options, OPTIONS, "options");
    const profile = asProfile(own.profile);
    this.#project = readProjectKey(own.projectKey, profile);
    this.#rules = new Rules(own, profile);
    this.#keys = prepareKeys(readSecrets(own.secret, "secret", readTextSecret), (secret) => new HmacKey(secret));
  }

  /**
   * Issues a connection token: 64 lower-case hex digits.
   *
   * @param options.now Unix seconds, which a strict timestamp may be later than only by the skew; default the clock
   * @throws ConnectTokensError where a field is wrong or all are longer than 65,536 characters, or after `dispose`
   */
  issue(token: CentrifugoIssue, options?: CentrifugoCallOptions): string {
    return this.#issueOne(token, "token", "", asIssuingNow(onlyOption(options, "now", "options")));
  }

  /**
   * Issues many connection tokens, in the order of the list.
   *
   * @param options.now as of {@link issue}
   * @throws ConnectTokensError where `tokens` is not an array, and as {@link issue} for the first that is wrong
   */
  issueMany(tokens: readonly CentrifugoIssue[], options?: CentrifugoCallOptions): string[] {
    const length = lengthOfList(tokens, "tokens", "an array of tokens to issue");
    const now = asIssuingNow(onlyOption(options, "now", "options"));
    requireLive(this.#keys);
    const issued = roomFor<string>(length);
    for (let i = 0; i < length; i++) issued[i] = this.#issueOne(tokens[i], `tokens[${i}]`, `tokens[${i}].`, now);
    return issued;
  }

  /**
   * Everything that a client connects with, issued for this moment.
   *
   * @param options.now Unix seconds, which become the timestamp; default the clock
   * @throws ConnectTokensError as {@link issue}, and where a strict `now` does not have ten digits
   */
  connectionParameters(token: CentrifugoConnect, options?: CentrifugoCallOptions): CentrifugoConnection {
    const own = readOptions(token, CONNECT, "token");
    const now = asIssuingNow(onlyOption(options, "now", "options"));
    const user = asString(own.user, "user");
    const info = this.#rules.info(own.info);
    const timestamp = `${now}`;
    const parameters = { user, timestamp, info, token: this.#issue(user, timestamp, info, now, "token", "") };
    return Object.freeze(this.#project ? { ...parameters, project: this.#project } : parameters);
  }

  /**
   * Verifies one token with its parameters. Whatever came instead of them is `malformed`.
   *
   * The `tokenId` is the SHA-256 of the token's digits. Parameters that string together to the same bytes have the same token;
   * under `strict: false`, where re-split ones are accepted, those share a `tokenId` too.
   *
   * @throws ConnectTokensError where `now` is wrong, or after `dispose`
   */
  verify(token: unknown, options?: CentrifugoCallOptions): CentrifugoVerdict {
    const { now, exact } = this.#rules.now(options);
    const batch = new Batch([token], 1, this.#project, this.#rules.defaultInfo);
    batch.readTo(1);
    const mac = verifyText(this.#keys, batch.text(0), TAG);
    const one = batch.received[0];
    const seconds = one ? secondsOf(one.timestamp, NO_NUMBER) : -1;
    const status = this.#judge(mac.status, one, seconds, mac.plain, now, exact);
    if (one && status === VALID) return this.#accepted(one, mac.keyIndex);
    return refused(this.#reason(status, one), one && status > TAG_MISMATCH ? claimsOf(one) : undefined);
  }

  /**
   * Verifies many tokens in one go, with the verdicts of {@link verify} in the tokens' order.
   *
   * @throws ConnectTokensError where `tokens` is not an array or `now` is wrong, or after `dispose`
   */
  verifyMany(tokens: readonly unknown[], options?: CentrifugoCallOptions): CentrifugoVerdicts {
    const length = lengthOfList(tokens, "tokens", "an array of tokens with their parameters");
    const { now, exact } = this.#rules.now(options);
    const batch = new Batch(tokens, length, this.#project, this.#rules.defaultInfo);
    const statuses = new Uint8Array(batch.length);
    const secretIndexes = new Uint32Array(this.#keys.length > 1 ? length : 0);
    const texts: TextBatch = {
      length,
      read: (_, to) => batch.readTo(to),
      text: (index) => batch.text(index),
      digitsAt: (index) => batch.timestampAt(index),
      judge: (index, text) => {
        const one = batch.received[index];
        const stamp = one ? secondsOf(one.timestamp, text.number) : -1;
        statuses[index] = this.#judge(text.status, one, stamp, text.plain, now, exact);
        if (secretIndexes.length > 0) secretIndexes[index] = text.keyIndex;
      },
    };
    verifyTexts(this.#keys, texts, TAG);
    const receivedAt = (index: number) => batch.received[index] as Received;
    return batchVerdicts<CentrifugoClaims, CentrifugoReason, CentrifugoVerdict>(statuses, {
      reasons: REASONS,
      reason: (index, status) => this.#reason(status, batch.received[index]),
      refusedClaims: (index) => ((statuses[index] as number) > TAG_MISMATCH ? claimsOf(receivedAt(index)) : undefined),
      tokenId: (index) => tokenIdOf(receivedAt(index).token),
      expiresAt: (index) => this.#rules.expiresAt(receivedAt(index).timestamp),
      accepted: (index) => this.#accepted(receivedAt(index), secretIndexes[index] ?? 0),
    });
  }

  /**
   * Signs a client's subscription to a private channel: 64 lower-case hex digits.
   *
   * @throws ConnectTokensError where a field is wrong or all are longer than 65,536 characters, or after `dispose`
   */
  signChannel(subscription: CentrifugoSubscription): string {
    const { client, channel, info } = readOptions(subscription, SUBSCRIPTION, "subscription");
    return this.#signChannel(asString(client, "client"), asString(channel, "channel"), this.#rules.info(info));
  }

  /** Whether `sign` is that of the subscription. Whatever came instead of one is not. Throws only after `dispose`. */
  verifyChannel(subscription: unknown): boolean {
    return verifyText(this.#keys, signedSubscription(this.#rules, subscription), TAG).status === STATUS_GENUINE;
  }

  /**
   * The answer to a client that asks for private channels: `info` and `sign` by channel, on an object without prototype.
   *
   * @throws ConnectTokensError as {@link signChannel}
   */
  channelResponse(client: string, channels: readonly CentrifugoChannel[]): Record<string, CentrifugoChannelSign> {
    if (!isList(channels)) throw typeError("channels", "an array of objects", channels);
    asString(client, "client");
    const response: Record<string, CentrifugoChannelSign> = Object.create(null);
    for (const [i, one] of Array.from(channels as readonly CentrifugoChannel[]).entries()) {
      const own = readOptions(one, CHANNEL, `channels[${i}]`, `channels[${i}].`);
      const channel = asString(own.channel, "channel");
      const info = this.#rules.info(own.info);
      response[channel] = Object.freeze({ info, sign: this.#signChannel(client, channel, info) });
    }
    return response;
  }

  /**
   * Signs the encoded data of an API request, for its `X-API-Sign` header: 64 lower-case hex digits.
   *
   * @param encodedData the request's body, text (its UTF-8 bytes) or bytes, of any length
   * @throws ConnectTokensError where it is neither, or holds lone surrogates, or after `dispose`
   */
  signApi(encodedData: string | Uint8Array | ArrayBuffer): string {
    if (typeof encodedData === "string") refuse("encodedData", textProblem(encodedData));
    const message = apiMessage(this.#project, encodedData);
    if (!message) throw typeError("encodedData", "a string or a Uint8Array", encodedData);
    return hexOf((this.#keys[0] as HmacKey).sign(message));
  }

  /** Whether `sign` is that of the encoded data. Whatever came instead of either is not. Throws only after `dispose`. */
  verifyApi(encodedData: unknown, sign: unknown): boolean {
    const tag = utf8Encoder().encode(typeof sign === "string" && sign.length === HEX_CHARACTERS ? sign : "");
    const message = tag.length === HEX_CHARACTERS ? apiMessage(this.#project, encodedData) : undefined;
    requireLive(this.#keys); // whatever came
    return message !== undefined && this.#keys.some((key) => key.check(message, tag, ENCODING_HEX));
  }

  /** The status of a token, from that of its MAC and the seconds of its timestamp. */
  #judge(
    mac: number,
    one: Received | undefined,
    seconds: number,
    plain: boolean,
    now: number,
    exactNow: bigint,
  ): number {
    if (mac !== STATUS_GENUINE || !one) return mac === STATUS_MISMATCH ? TAG_MISMATCH : MALFORMED;
    return this.#rules.judge(one, seconds, plain, now, exactNow);
  }

  #reason(status: number, one: Received | undefined): CentrifugoReason {
    if (status !== TAG_MISMATCH) return REASONS[status - 1] as CentrifugoReason;
    return one && this.#rules.hasForm(one.user, one.timestamp, one.info) ? "not-genuine" : "malformed";
  }

  #accepted(one: Received, secretIndex: number): Accepted<CentrifugoClaims> {
    return acceptedAs(claimsOf(one), this.#rules.expiresAt(one.timestamp), one.token, tokenIdOf, secretIndex);
  }

  override dispose(): void {
    for (const key of this.#keys) key.dispose();
  }

  /** @param prefix what stands before a field's name in errors */
  #issueOne(token: unknown, argument: string, prefix: string, now: bigint): string {
    const own = readOptions(token as CentrifugoIssue, ISSUE, argument, prefix);
    const user = asString(own.user, `${prefix}user`);
    const timestamp = asString(own.timestamp, `${prefix}timestamp`);
    return this.#issue(user, timestamp, this.#rules.info(own.info, prefix), now, argument, prefix);
  }

  #issue(user: string, timestamp: string, info: string, now: bigint, argument: string, prefix: string): string {
    this.#rules.allowToken({ user, timestamp, info }, now, prefix);
    return signText(this.#keys[0] as HmacKey, bounded(this.#project + user + timestamp + info, argument), ENCODING_HEX);
  }

  #signChannel(client: string, channel: string, info: string): string {
    this.#rules.allowSubscription(client, channel, info);
    return signText(this.#keys[0] as HmacKey, bounded(client + channel + info, "subscription"), ENCODING_HEX);
  }
}
