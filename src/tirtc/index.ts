import { ENCODING_BASE64URL, STATUS_GENUINE, STATUS_MALFORMED, STATUS_MISMATCH } from "../../assembly/memory/hmac.ts";
import { asString, lengthOfList, roomFor } from "../common/arguments.ts";
import { KeyHolder } from "../common/disposable.ts";
import { type OptionNames, onlyOption, readOptions } from "../common/options.ts";
import { drawEntropy } from "../common/random.ts";
import { prepareKeys, readSecrets, readTextSecret, type SecretList } from "../common/secrets.ts";
import { utf8Encoder } from "../common/text.ts";
import { asIssuedSeconds, asIssuingNow, asNow, type Seconds } from "../common/time.ts";
import { rangeError, typeError } from "../errors.ts";
import { type Accepted, accepted, batchVerdicts, refused, VALID } from "../verdict.ts";
import { base64urlOf, base64urlToBytes, sha256Hex } from "../wasm/hmac/encoding.ts";
import { HmacKey } from "../wasm/hmac/kernel.ts";
import {
  BASE64URL_CHARACTERS,
  type CheckedText,
  signText,
  type TagForm,
  type TextBatch,
  type TextVerdict,
  verifyText,
  verifyTexts,
} from "../wasm/hmac/texts.ts";
import { requireLive } from "../wasm/key-slots.ts";
import { Batch, claimsOf, type Peer } from "./batch.ts";
import { ClaimsReader } from "./claims.ts";
import { AskedDevices, type DeviceKeyLookup, DeviceKeys, wipeSecret } from "./devices.ts";
import {
  MAX_TOKEN_CHARACTERS,
  NONCE_BYTES,
  outlined,
  payloadJson,
  payloadOf,
  SCOPE_PREFIX,
  type TirtcClaims,
  VERSION_PREFIX,
} from "./format.ts";
import { asClaim, asLifetime, KEY_FAILED, MALFORMED, REASONS, Rules, TAG_MISMATCH } from "./rules.ts";
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

const DEFAULT_LIFETIME = 300;

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
const ISSUE: OptionNames<TirtcIssue> = { peerId: true, sub: true, ttl: true, iat: true };
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
  readonly #keys: readonly HmacKey[];
  /** The one device's key, the devices' keys by peer, or (single signature) neither. */
  readonly #device: HmacKey | undefined;
  readonly #devices: DeviceKeys | undefined;

  /** @throws ConnectTokensError where an option is missing or wrong */
  constructor(options: TirtcOptions) {
    super();
    const given = readOptions(options, OPTIONS, "options");
    const { secretKey, deviceSecretKey } = given;
    this.#rules = new Rules(given);
    if (this.#rules.single && deviceSecretKey !== undefined) {
      throw rangeError("deviceSecretKey", "absent with singleSignature", deviceSecretKey);
    }
    const lookup = typeof deviceSecretKey === "function" ? (deviceSecretKey as DeviceKeyLookup) : undefined;
    this.#devices = lookup && new DeviceKeys(lookup);
    const device = this.#rules.single || lookup ? [] : [readTextSecret(deviceSecretKey, "deviceSecretKey")];
    [this.#device] = prepareKeys(device, (secret) => new HmacKey(secret));
    try {
      this.#keys = prepareKeys(readSecrets(secretKey, "secretKey", readTextSecret), (secret) => new HmacKey(secret));
    } catch (error) {
      this.#device?.dispose();
      throw error;
    }
  }

  /**
   * Issues a token, byte for byte as the vendor's Go issuer.
   *
   * @throws ConnectTokensError where a claim is wrong, the peer's device is not known or the token would be longer than
   *   8192 characters, or after `dispose`
   */
  issue(token: TirtcIssue, options?: TirtcIssueOptions): string {
    const { now, entropy } = readOptions(options, ISSUE_OPTIONS, "options");
    return this.#issue(token, "token", "", now, entropy);
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
    requireLive(this.#keys);
    const issued = roomFor<string>(length);
    for (let i = 0; i < length; i++)
      issued[i] = this.#issue(tokens[i], `tokens[${i}]`, `tokens[${i}].`, now, undefined);
    return issued;
  }

  /** @param prefix what stands before a field's name in errors */
  #issue(token: unknown, argument: string, prefix: string, now: unknown, entropy: unknown): string {
    if (token === undefined) throw typeError(argument, "an object", token);
    const own = readOptions(token as TirtcIssue, ISSUE, argument, prefix);
    const peerId = asClaim(own.peerId, `${prefix}peerId`);
    if (peerId === "") throw rangeError(`${prefix}peerId`, "not empty", peerId);
    const sub = asClaim(own.sub, `${prefix}sub`);
    const longest = this.#rules.longestIssued;
    const ttl = asLifetime(own.ttl, `${prefix}ttl`, Math.min(DEFAULT_LIFETIME, longest), longest);
    const iat = own.iat === undefined ? asIssuingNow(now) : asIssuedSeconds(own.iat, `${prefix}iat`);
    const exp = iat + BigInt(ttl);
    if (exp > BigInt(Number.MAX_SAFE_INTEGER))
      throw rangeError(`${prefix}iat`, "at most 2^53 - 1, with the lifetime", iat);
    const json = payloadJson({
      sub,
      scope: SCOPE_PREFIX + peerId,
      iss: this.#rules.accessId,
      iat: Number(iat),
      exp: Number(exp),
      nonce: base64urlOf(drawEntropy(NONCE_BYTES, entropy)),
    });
    const payload = base64urlOf(utf8Encoder().encode(json));
    const tag = this.#deviceTag(peerId, payload, prefix);
    const signed = tag === undefined ? payload : `${payload}.${tag}`;
    const issued = `${VERSION_PREFIX}${payload}.${signText(this.#keys[0] as HmacKey, signed, ENCODING_BASE64URL)}`;
    if (issued.length > MAX_TOKEN_CHARACTERS) {
      throw rangeError(argument, `at most ${MAX_TOKEN_CHARACTERS} characters long: sub or peerId is too long`, issued);
    }
    return issued;
  }

  /**
   * Verifies one token. Whatever came instead of a token is `malformed`.
   *
   * @throws ConnectTokensError where `peerId` or `now` is wrong, or after `dispose`; whatever `deviceSecretKey` throws
   */
  verify(token: unknown, options?: TirtcVerifyOptions): TirtcVerdict {
    const { peerId, now } = readOptions(options, VERIFY_OPTIONS, "options");
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
    const named = this.#devices ? batch.namePeers() : batch.peers;
    const asked = this.#devices && new AskedDevices(this.#devices, named);
    const secretIndexes = new Uint32Array(this.#keys.length > 1 ? length : 0);
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
    for (const key of this.#keys) key.dispose();
    this.#device?.dispose();
    this.#devices?.dispose();
  }

  #verifyOne(token: string, peer: Peer, now: number): TirtcVerdict {
    const devices = this.#devices;
    if (!devices) return this.#verdict(token, peer, now, this.#check(token, this.#device));
    requireLive(this.#keys);
    const named = token ? (peer ?? readPeerId(token)) : undefined;
    if (named === undefined) return refused("malformed");
    const device = devices.ask(named);
    // A device that is not known has no key, and the token another tag than any.
    if (!device)
      return refused(
        reasonOf(token, this.#check(token, this.#keys[0]).status === STATUS_MALFORMED ? MALFORMED : TAG_MISMATCH),
      );
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
    return verifyText(this.#keys, token, FORM, inner);
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
    const device = this.#device;
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
      verifyTexts(this.#keys, device ? { ...batch, innerKey: () => device } : batch, FORM);
      return statuses;
    }
    // A device that is not known has no key: any will do for a tag that counts as wrong.
    const outer = this.#keys[0] as HmacKey;
    try {
      const window = { read: () => asked.startWindow(), innerKey: (index: number) => asked.key(index) ?? outer };
      verifyTexts(this.#keys, { ...batch, ...window }, FORM);
    } finally {
      asked.end();
    }
    return statuses;
  }

  #accepted(token: string, claims: TirtcClaims, secretIndex: number): Accepted<TirtcClaims> {
    return accepted(claims, BigInt(claims.exp + this.#rules.leeway), tokenIdOf(token), secretIndex);
  }

  /** The tag of a payload under the key of the device that the token is issued for, which stays prepared. */
  #deviceTag(peerId: string, payload: string, prefix: string): string | undefined {
    if (!this.#devices) return this.#device && signText(this.#device, payload, ENCODING_BASE64URL);
    const device = this.#devices.ask(peerId);
    if (!device) throw rangeError(`${prefix}peerId`, "a peer whose key deviceSecretKey knows", peerId);
    try {
      const borrowed = this.#devices.borrow(device);
      borrowed.genuine = true;
      try {
        return signText(borrowed.key, payload, ENCODING_BASE64URL);
      } finally {
        this.#devices.settle([borrowed]);
      }
    } finally {
      wipeSecret(device);
    }
  }
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
  return `tirtc:${sha256Hex(base64urlToBytes(token.slice(-BASE64URL_CHARACTERS)) as Uint8Array)}`;
}

function reasonOf(token: string, status: number): TirtcReason {
  if (status !== TAG_MISMATCH) return REASONS[status - 1] as TirtcReason;
  return base64urlToBytes(payloadOf(token)) ? "not-genuine" : "malformed";
}
