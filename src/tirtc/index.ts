import { ENCODING_BASE64URL, STATUS_GENUINE, STATUS_MALFORMED, STATUS_MISMATCH } from "../../assembly/memory/hmac.ts";
import { asString, isRevoked, lengthOfList, roomFor } from "../common/arguments.ts";
import { KeyHolder } from "../common/disposable.ts";
import { type Given, type OptionNames, onlyOption, readOptions } from "../common/options.ts";
import type { SecretList } from "../common/secrets.ts";
import { asIssuingNow, asNow, type Seconds } from "../common/time.ts";
import { type Accepted, acceptedAs, batchVerdicts, refused, VALID } from "../verdict.ts";
import { base64urlToBytes, sha256HexOf } from "../wasm/hmac/encoding.ts";
import type { HmacKey } from "../wasm/hmac/kernel.ts";
import {
  BASE64URL_CHARACTERS,
  type CheckedText,
  type TagForm,
  type TextBatch,
  type TextVerdict,
  verifyText,
  verifyTexts,
} from "../wasm/hmac/texts.ts";
import { requireLive } from "../wasm/key-slots.ts";
import { Batch, claimsOf, type Peer } from "./batch.ts";
import { ClaimsReader } from "./claims.ts";
import { AskedDevices, type DeviceKeyLookup, wipeSecret } from "./devices.ts";
import { outlined, payloadOf, type TirtcClaims, VERSION_PREFIX } from "./format.ts";
import { issueToken } from "./issue.ts";
import { disposeTirtcKeys, prepareTirtcKeys, type TirtcKeys } from "./keys.ts";
import { REASONS } from "./reasons.ts";
import { KEY_FAILED, MALFORMED, Rules, TAG_MISMATCH } from "./rules.ts";
import type {
  TirtcIssue,
  TirtcIssueOptions,
  TirtcOptions,
  TirtcReason,
  TirtcVerdict,
  TirtcVerdicts,
  TirtcVerifyOptions,
} from "./types.ts";

export type { Verdict, Verdicts, VerdictWithClaims } from "../verdict.ts";
export { type DeviceLicense, parseDeviceLicense } from "./format.ts";
export type * from "./types.ts";
export type { DeviceKeyLookup, Seconds, SecretList, TirtcClaims };

// The payload is signed; before it stands the version, behind it a dot and the tag.
const FORM: TagForm = {
  head: VERSION_PREFIX.length,
  gap: 1,
  characters: BASE64URL_CHARACTERS,
  encoding: ENCODING_BASE64URL,
};

const OPTIONS: OptionNames<TirtcOptions> = {
  accessId: true,
  secretKey: true,
  deviceSecretKey: true,
  singleSignature: true,
  skew: true,
  leeway: true,
  maxLifetime: "defined",
};
const ISSUE_OPTIONS: OptionNames<TirtcIssueOptions> = { now: true, entropy: true };
const VERIFY_OPTIONS: OptionNames<TirtcVerifyOptions> = { peerId: "defined", now: true };

/**
 * TiRTC connection tokens: `v1.<payload>.<signature>`, signed with HMAC-SHA256, first with the device's key and over that
 * with the access id's secret key. Byte for byte those of the vendor's Go issuer.
 *
 * @example
 * ```ts
 * import { parseDeviceLicense, TirtcTokens } from "connect-tokens/tirtc";
 *
 * const { deviceId, deviceSecretKey } = parseDeviceLicense("cam-1,device-secret");
 * const keys = new Map([[`device://${deviceId}`, deviceSecretKey]]);
 * const tokens = new TirtcTokens({
 *   accessId: "ak-1",
 *   secretKey: "access secret",
 *   deviceSecretKey: (peerId) => keys.get(peerId), // one server fronts many devices; peerId is what a stranger wrote
 * });
 * const token = tokens.issue({ peerId: "device://cam-1", sub: "viewer-7" });
 *
 * const verdict = tokens.verify(token, { peerId: "device://cam-1" });
 * console.log(verdict.valid ? verdict.claims.sub : verdict.reason); // viewer-7
 * console.log(tokens.verifyMany([{ token, peerId: "device://cam-2" }]).reasonAt(0)); // not-genuine
 * ```
 */
export class TirtcTokens extends KeyHolder {
  readonly #rules: Rules;
  readonly #keys: TirtcKeys;

  /** @throws ConnectTokensError where an option is missing or wrong */
  constructor(options: TirtcOptions) {
    super();
    const given = readOptions(options, OPTIONS, "options");
    this.#rules = new Rules(given);
    this.#keys = prepareTirtcKeys(given, this.#rules.single);
  }

  /**
   * Issues a token, byte for byte as the vendor's Go issuer.
   *
   * @throws ConnectTokensError where a claim is wrong, the peer's device is not known or the token would be longer than
   *   8192 characters, or after `dispose`
   */
  issue(token: TirtcIssue, options?: TirtcIssueOptions): string {
    const { now, entropy } = readOptions(options, ISSUE_OPTIONS, "options");
    return issueToken(this.#rules, this.#keys, token, { argument: "token", prefix: "" }, now, entropy);
  }

  /**
   * Issues many tokens, in the order of the list, all of the same moment.
   *
   * @param options.now Unix seconds, for the default `iat`
   * @throws ConnectTokensError where `tokens` is not an array, and as {@link issue} for the first that is wrong
   */
  issueMany(tokens: readonly TirtcIssue[], options?: { now?: Seconds | undefined }): string[] {
    const length = lengthOfList(tokens, "tokens", "an array of tokens to issue");
    const now = asIssuingNow(onlyOption(options, "now", "options"));
    requireLive(this.#keys.outer);
    const issued = roomFor<string>(length);
    for (let i = 0; i < length; i++) {
      const source = { argument: `tokens[${i}]`, prefix: `tokens[${i}].` };
      issued[i] = issueToken(this.#rules, this.#keys, tokens[i], source, now, undefined);
    }
    return issued;
  }

  /**
   * Verifies one token. Whatever came instead of a token is `malformed`.
   *
   * @throws ConnectTokensError where `peerId` or `now` is wrong, or after `dispose`; whatever `deviceSecretKey` throws
   */
  verify(token: unknown, options?: TirtcVerifyOptions): TirtcVerdict {
    const { peerId, now } = plainOptions(options) ?? readOptions(options, VERIFY_OPTIONS, "options");
    const peer = peerId === undefined ? undefined : asString(peerId, "peerId");
    return this.#verifyOne(outlined(token), peer, Number(asNow(now)));
  }

  /**
   * Verifies many tokens in one go, with the verdicts of {@link verify} in the tokens' order. A token stands alone or with
   * the peer that it is presented for; one whose `peerId` is not a string is `malformed`.
   *
   * @throws ConnectTokensError where `tokens` is not an array, a `peerId` is `undefined` or `now` is wrong, or after
   *   `dispose`
   */
  verifyMany(tokens: readonly unknown[], options?: { now?: Seconds | undefined }): TirtcVerdicts {
    const length = lengthOfList(tokens, "tokens", "an array of strings or of { token, peerId }");
    const now = asNow(onlyOption(options, "now", "options"));
    const batch = new Batch(tokens, length);
    const { texts } = batch;
    const { outer, devices } = this.#keys;
    const named = devices ? batch.namePeers() : batch.peers;
    const asked = devices && new AskedDevices(devices, named);
    const secretIndexes = new Uint32Array(outer.length > 1 ? length : 0);
    const statuses = this.#verifyAll(batch, named, asked, Number(now), secretIndexes);
    // For tokens that are genuine and have their claims.
    const claimsAt = (index: number) => claimsOf(texts[index] as string) as TirtcClaims;
    const hasClaims = (status: number) => status > TAG_MISMATCH && status !== KEY_FAILED;
    const { leeway } = this.#rules;
    return batchVerdicts<TirtcClaims, TirtcReason, TirtcVerdict>(statuses, {
      reasons: REASONS,
      reason: (index, status) =>
        status === KEY_FAILED ? (asked as AskedDevices).rethrow(index) : reasonOf(texts[index] as string, status),
      refusedClaims: (index) => (hasClaims(statuses[index] as number) ? claimsAt(index) : undefined),
      tokenId: (index) => tokenIdOf(texts[index] as string),
      expiresAt: (index) => BigInt(claimsAt(index).exp + leeway),
      accepted: (index) => this.#accepted(texts[index] as string, claimsAt(index), secretIndexes[index] ?? 0),
    });
  }

  override dispose(): void {
    disposeTirtcKeys(this.#keys);
  }

  #verifyOne(token: string, peer: Peer, now: number): TirtcVerdict {
    const { outer, device: inner, devices } = this.#keys;
    if (!devices) return this.#verdict(token, peer, now, this.#check(token, inner));
    requireLive(outer);
    const named = token ? (peer ?? readPeerId(token)) : undefined;
    if (named === undefined) return refused("malformed");
    const device = devices.ask(named);
    if (!device) {
      // It has no key, and the token another tag than any.
      const isFormed = this.#check(token, outer[0]).status !== STATUS_MALFORMED;
      return refused(reasonOf(token, isFormed ? TAG_MISMATCH : MALFORMED));
    }
    try {
      const borrowed = devices.borrow(device);
      try {
        const mac = this.#check(token, borrowed.key);
        borrowed.genuine = mac.status === STATUS_GENUINE;
        return this.#verdict(token, peer, now, mac);
      } finally {
        devices.settle([borrowed]);
      }
    } finally {
      wipeSecret(device);
    }
  }

  #check(token: string, inner: HmacKey | undefined): TextVerdict {
    return verifyText(this.#keys.outer, token, FORM, inner);
  }

  #verdict(token: string, peer: Peer, now: number, { status: mac, keyIndex }: TextVerdict): TirtcVerdict {
    if (mac !== STATUS_GENUINE) {
      return refused(reasonOf(token, mac === STATUS_MISMATCH ? TAG_MISMATCH : MALFORMED));
    }
    const payload = base64urlToBytes(payloadOf(token));
    const reader = new ClaimsReader();
    if (!payload || !reader.read(payload, 0, payload.length)) return refused("malformed");
    const status = this.#rules.judge(reader, peer, now);
    if (status === VALID) return this.#accepted(token, reader.claims(), keyIndex);
    return refused(reasonOf(token, status), status > TAG_MISMATCH ? reader.claims() : undefined);
  }

  /**
   * The status of each token of a batch.
   *
   * @param named each token's peer: the one it is presented for, else the one it names
   * @param secretIndexes receives which secret made each token, unless it is empty
   */
  #verifyAll(
    { texts, peers }: Batch,
    named: readonly Peer[],
    asked: AskedDevices | undefined,
    now: number,
    secretIndexes: Uint32Array,
  ): Uint8Array {
    const { length } = texts;
    const statuses = new Uint8Array(length);
    const rules = this.#rules;
    const { outer, device } = this.#keys;
    const judge = (index: number, text: CheckedText): void => {
      if (secretIndexes.length > 0) secretIndexes[index] = text.keyIndex;
      if (asked?.hasFailed(index)) statuses[index] = KEY_FAILED;
      else if (text.status === STATUS_GENUINE && (!asked || asked.isKnown(index))) {
        asked?.confirm(index);
        statuses[index] = rules.judgeText(text, named[index], peers[index], now);
      } else statuses[index] = text.status === STATUS_MALFORMED ? MALFORMED : TAG_MISMATCH;
    };
    const batch: TextBatch = { length, text: (index) => texts[index] as string, judge };
    if (!asked) {
      verifyTexts(outer, device ? { ...batch, innerKey: () => device } : batch, FORM);
      return statuses;
    }
    // A device that is not known has no key: any will do for a tag that counts as wrong.
    const any = outer[0] as HmacKey;
    try {
      const window = { read: () => asked.startWindow(), innerKey: (index: number) => asked.key(index) ?? any };
      verifyTexts(outer, { ...batch, ...window }, FORM);
    } finally {
      asked.end();
    }
    return statuses;
  }

  #accepted(token: string, claims: TirtcClaims, secretIndex: number): Accepted<TirtcClaims> {
    return acceptedAs(claims, BigInt(claims.exp + this.#rules.leeway), token, tokenIdOf, secretIndex);
  }
}

/**
 * What `readOptions` reads of options for `verify`, at a fraction of its cost: for those that are a plain object with nothing
 * hidden or wrong in it, and `undefined` for any others. Each property is read once.
 */
function plainOptions(options: TirtcVerifyOptions | undefined): Given<TirtcVerifyOptions> | undefined {
  if (typeof options !== "object" || options === null || isRevoked(options)) return undefined;
  if (Object.getPrototypeOf(options) !== Object.prototype) return undefined;
  let peerId: unknown;
  let now: unknown;
  for (const name in options) {
    if (!Object.hasOwn(options, name)) return undefined;
    if (name === "peerId") peerId = options.peerId;
    else if (name === "now") now = options.now;
    else return undefined;
  }
  const complete = peerId !== undefined || !Object.hasOwn(options, "peerId");
  return complete ? { peerId, now } : undefined;
}

/**
 * The peer that a token names, unverified: to choose a server or a key, never to decide about access. Nothing for whatever
 * is no token.
 *
 * @example
 * ```ts
 * import { readPeerId, TirtcTokens } from "connect-tokens/tirtc";
 *
 * const tokens = new TirtcTokens({ accessId: "ak-1", secretKey: "access secret", deviceSecretKey: "device secret" });
 * console.log(readPeerId(tokens.issue({ peerId: "device://cam-1", sub: "viewer-7" }))); // device://cam-1
 * console.log(readPeerId("no token")); // undefined
 * ```
 */
export function readPeerId(token: unknown): string | undefined {
  return (typeof token === "string" && claimsOf(token)?.peerId) || undefined;
}

/** The SHA-256 of the signature's bytes, which are a credential that opens again with the claims beside it. */
function tokenIdOf(token: string): string {
  return `tirtc:${sha256HexOf(token.slice(-BASE64URL_CHARACTERS), true)}`;
}

function reasonOf(token: string, status: number): TirtcReason {
  if (status !== TAG_MISMATCH) return REASONS[status - 1] as TirtcReason;
  return base64urlToBytes(payloadOf(token)) ? "not-genuine" : "malformed";
}
