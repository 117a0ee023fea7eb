import { ENCODING_BASE64URL, STATUS_GENUINE, STATUS_MALFORMED, STATUS_MISMATCH } from "../../assembly/memory/hmac.ts";
import { asFlag, asString, lengthOfList } from "../common/arguments.ts";
import { KeyHolder } from "../common/disposable.ts";
import { ownOptions } from "../common/options.ts";
import { drawEntropy } from "../common/random.ts";
import { prepareKeys, readSecrets, readTextSecret, type SecretList } from "../common/secrets.ts";
import { asDuration, asNow, asSeconds, type Seconds } from "../common/time.ts";
import { formatError, rangeError } from "../errors.ts";
import { type Accepted, accepted, batchVerdicts, refused, statusesOf, VALID } from "../verdict.ts";
import { base64urlOf, base64urlToBytes, sha256Hex } from "../wasm/hmac/encoding.ts";
import { HmacKey } from "../wasm/hmac/kernel.ts";
import {
  BASE64URL_CHARACTERS,
  type CheckedText,
  signText,
  type TagForm,
  type TextBatch,
  verifyText,
  verifyTexts,
} from "../wasm/hmac/texts.ts";
import { Batch, claimsOf, type Peer } from "./batch.ts";
import { ClaimsReader } from "./claims.ts";
import { AskedDevices, type DeviceKeyLookup, DeviceKeys } from "./devices.ts";
import {
  MAX_TOKEN_CHARACTERS,
  NONCE_BYTES,
  outlined,
  payloadJson,
  payloadOf,
  SCOPE_PREFIX,
  type TirtcClaims,
  textProblem,
  VERSION_PREFIX,
} from "./format.ts";
import {
  REASONS,
  type TirtcIssue,
  type TirtcOptions,
  type TirtcReason,
  type TirtcToken,
  type TirtcVerdict,
  type TirtcVerdicts,
} from "./types.ts";
import { VendorPayloads } from "./vendor.ts";

export type { Verdict, Verdicts, VerdictWithClaims } from "../verdict.ts";
export { type DeviceLicense, parseDeviceLicense } from "./format.ts";
export type * from "./types.ts";
export type { DeviceKeyLookup, Seconds, SecretList, TirtcClaims };

const DEFAULT_SKEW = 60;
const DEFAULT_LIFETIME = 300;
const MAX_LIFETIME = 86_400;
const MAX_SECONDS = 0xffff_ffff;

// The payload is signed; before it stands the version, behind it a dot and the tag.
const FORM: TagForm = {
  head: VERSION_PREFIX.length,
  gap: 1,
  characters: BASE64URL_CHARACTERS,
  encoding: ENCODING_BASE64URL,
};

const STATUS = statusesOf(REASONS);
const MALFORMED = STATUS.malformed;
/** Whether such a token has the form of one is looked at only when its reason is asked for. */
const TAG_MISMATCH = STATUS["not-genuine"];
const WRONG_ISSUER = STATUS["wrong-issuer"];
const WRONG_PEER = STATUS["wrong-peer"];
const EXPIRED = STATUS.expired;
const NOT_YET_VALID = STATUS["not-yet-valid"];
const LIFETIME_TOO_LONG = STATUS["lifetime-too-long"];

const encoder = new TextEncoder();

/**
 * TiRTC connection tokens: `v1.<payload>.<signature>`, signed with HMAC-SHA256, first with the device's key and over that
 * with the access id's secret key.
 */
export class TirtcTokens extends KeyHolder {
  readonly #accessId: string;
  readonly #keys: readonly HmacKey[];
  /** The one device's key, the devices' keys by peer, or (single signature) neither. */
  readonly #device: HmacKey | undefined;
  readonly #devices: DeviceKeys | undefined;
  readonly #vendor: VendorPayloads;
  readonly #skew: number;
  readonly #maxLifetime: number;

  /** @throws ConnectTokensError where an option is missing or wrong */
  constructor(options: TirtcOptions) {
    super();
    const { accessId, secretKey, deviceSecretKey, skew, maxLifetime, singleSignature } = ownOptions(options, "options");
    this.#accessId = asText(accessId, "accessId");
    if (accessId === "") throw rangeError("accessId", "not empty", accessId);
    this.#vendor = new VendorPayloads(this.#accessId);
    this.#skew = skew === undefined ? DEFAULT_SKEW : asDuration(skew, "skew", MAX_SECONDS);
    this.#maxLifetime = asLifetime(maxLifetime, "maxLifetime", MAX_LIFETIME, MAX_SECONDS);
    const single = asFlag(singleSignature, false, "singleSignature");
    if (single && deviceSecretKey !== undefined) {
      throw rangeError("deviceSecretKey", "absent with singleSignature", deviceSecretKey);
    }
    const lookup = typeof deviceSecretKey === "function" ? deviceSecretKey : undefined;
    const device = single || lookup ? [] : [readTextSecret(deviceSecretKey, "deviceSecretKey")];
    const [first, ...rest] = prepareKeys(
      [...device, ...readSecrets(secretKey, "secretKey", readTextSecret)],
      (secret) => new HmacKey(secret),
    );
    this.#device = device.length > 0 ? first : undefined;
    this.#devices = lookup && new DeviceKeys(lookup);
    this.#keys = this.#device ? rest : [first as HmacKey, ...rest];
  }

  /**
   * Issues a token, byte for byte as the vendor's Go issuer.
   *
   * @param options.now Unix seconds, for the default `iat`
   * @param options.entropy the nonce's 16 bytes, for test vectors only
   * @throws ConnectTokensError where a claim is wrong, the peer's device is not known or the token would be longer than
   *   8192 characters, or after `dispose`
   */
  issue(token: TirtcIssue, options?: { now?: Seconds; entropy?: Uint8Array }): string {
    const own = ownOptions(token, "token");
    const { now, entropy } = ownOptions(options, "options");
    const peerId = asText(own.peerId, "peerId");
    if (peerId === "") throw rangeError("peerId", "not empty", peerId);
    const sub = asText(own.sub, "sub");
    const longest = Math.min(MAX_LIFETIME, this.#maxLifetime);
    const ttl = asLifetime(own.ttl, "ttl", Math.min(DEFAULT_LIFETIME, longest), longest);
    const iat = own.iat === undefined ? asNow(now) : asSeconds(own.iat, "iat");
    const exp = iat + BigInt(ttl);
    if (exp > BigInt(Number.MAX_SAFE_INTEGER)) throw rangeError("iat", "at most 2^53 - 1, with the lifetime", iat);
    const device = this.#issuingKey(peerId);
    const json = payloadJson({
      sub,
      scope: SCOPE_PREFIX + peerId,
      iss: this.#accessId,
      iat: Number(iat),
      exp: Number(exp),
      nonce: base64urlOf(drawEntropy(NONCE_BYTES, entropy)),
    });
    const payload = base64urlOf(encoder.encode(json));
    const signed = device ? `${payload}.${signText(device, payload, ENCODING_BASE64URL)}` : payload;
    const issued = `${VERSION_PREFIX}${payload}.${signText(this.#keys[0] as HmacKey, signed, ENCODING_BASE64URL)}`;
    if (issued.length > MAX_TOKEN_CHARACTERS) {
      throw rangeError("token", `at most ${MAX_TOKEN_CHARACTERS} characters long: sub or peerId is too long`, issued);
    }
    return issued;
  }

  /**
   * Verifies one token. Whatever came instead of a token is `malformed`.
   *
   * @param options.peerId the peer that the token is presented for; default the one it names
   * @param options.now Unix seconds; default the clock
   * @throws ConnectTokensError where `peerId` or `now` is wrong, or after `dispose`
   */
  verify(token: string, options?: { peerId?: string; now?: Seconds }): TirtcVerdict {
    const { peerId, now } = ownOptions(options, "options");
    const peer = peerId === undefined ? undefined : asString(peerId, "peerId");
    return this.#verifyOne(outlined(token), peer, Number(asNow(now)));
  }

  /**
   * Verifies many tokens in one go, with the verdicts of {@link verify} in the tokens' order. A token stands alone or with
   * the peer that it is presented for; one whose `peerId` is not a string is `malformed`.
   *
   * @throws ConnectTokensError where `tokens` is not an array or `now` is wrong, or after `dispose`
   */
  verifyMany(tokens: readonly (string | TirtcToken)[], options?: { now?: Seconds }): TirtcVerdicts {
    const length = lengthOfList(tokens, "tokens", "an array of strings or of { token, peerId }");
    const now = asNow(ownOptions(options, "options").now);
    const batch = new Batch(tokens, length);
    const { texts } = batch;
    const secretIndexes = new Uint32Array(this.#keys.length > 1 ? length : 0);
    const statuses = this.#verifyAll(batch, Number(now), secretIndexes);
    // For tokens that are genuine and have their claims.
    const claimsAt = (index: number) => claimsOf(texts[index] as string) as TirtcClaims;
    return batchVerdicts<TirtcClaims, TirtcReason, TirtcVerdict>(statuses, {
      reasons: REASONS,
      reason: (index, status) => reasonOf(texts[index] as string, status),
      refusedClaims: (index) => ((statuses[index] as number) > TAG_MISMATCH ? claimsAt(index) : undefined),
      tokenId: (index) => tokenIdOf(texts[index] as string),
      expiresAt: (index) => BigInt(claimsAt(index).exp),
      accepted: (index) => acceptedClaims(texts[index] as string, claimsAt(index), secretIndexes[index] ?? 0),
    });
  }

  override dispose(): void {
    for (const key of this.#keys) key.dispose();
    this.#device?.dispose();
    this.#devices?.dispose();
  }

  #verifyOne(token: string, peer: Peer, now: number): TirtcVerdict {
    const named = this.#devices && token ? (peer ?? readPeerId(token)) : undefined;
    const nameless = this.#devices !== undefined && named === undefined;
    const secret = named === undefined ? undefined : this.#devices?.ask(named);
    let mac: number | undefined;
    let secretIndex = 0;
    try {
      const inner = secret ? this.#devices?.prepare(secret) : this.#device;
      // A device that is not known has no key, and the token another tag than any.
      const unknown = this.#devices !== undefined && !inner;
      const checked = verifyText(this.#keys, nameless ? "" : token, FORM, unknown ? this.#keys[0] : inner);
      mac = checked.status;
      secretIndex = checked.keyIndex;
      if (unknown && mac === STATUS_GENUINE) mac = STATUS_MISMATCH;
    } finally {
      secret?.wipe();
    }
    if (mac !== STATUS_GENUINE) {
      return refused(reasonOf(token, mac === STATUS_MISMATCH ? TAG_MISMATCH : MALFORMED));
    }
    const payload = base64urlToBytes(payloadOf(token));
    const reader = new ClaimsReader();
    if (!payload || !reader.read(payload, 0, payload.length)) return refused("malformed");
    const status = this.#judge(reader, peer, now);
    if (status === VALID) return acceptedClaims(token, reader.claims(), secretIndex);
    return refused(reasonOf(token, status), status > TAG_MISMATCH ? reader.claims() : undefined);
  }

  /**
   * The status of each token of a batch.
   *
   * @param secretIndexes receives which secret made each token, unless it is empty
   */
  #verifyAll(batch: Batch, now: number, secretIndexes: Uint32Array): Uint8Array {
    const { peers } = batch;
    const { length } = batch.texts;
    const statuses = new Uint8Array(length);
    const named = this.#devices ? batch.namePeers() : peers;
    const asked = this.#devices && new AskedDevices(this.#devices, named);
    const device = this.#device;
    let window = 0;
    const texts: TextBatch = {
      length,
      read: (from) => {
        window = from;
      },
      text: (index) => batch.texts[index] as string,
      judge: (index, text) => {
        const known = !asked || asked.isKnown(index);
        if (text.status === STATUS_GENUINE && known) {
          statuses[index] = this.#judgeText(text, named[index], peers[index], now);
        } else statuses[index] = text.status === STATUS_MALFORMED ? MALFORMED : TAG_MISMATCH;
        if (secretIndexes.length > 0) secretIndexes[index] = text.keyIndex;
      },
    };
    // A device that is not known has no key: any will do for a tag that counts as wrong.
    const outer = this.#keys[0] as HmacKey;
    const innerKey = asked ? (index: number) => asked.key(index, window) ?? outer : device && (() => device);
    try {
      verifyTexts(this.#keys, innerKey ? { ...texts, innerKey } : texts, FORM);
    } finally {
      asked?.wipe();
    }
    return statuses;
  }

  /** @param named the peer that the token is presented for, or else names, where that is known */
  #judgeText(text: CheckedText, named: Peer, peer: Peer, now: number): number {
    const { bytes } = text;
    const start = text.start + VERSION_PREFIX.length;
    const end = text.decode(start, text.end - BASE64URL_CHARACTERS - 1);
    if (end < 0) return MALFORMED;
    const vendor = this.#vendor;
    if (named && vendor.read(bytes, start, end, named)) return this.#judgeTimes(vendor.iat, vendor.exp, now);
    const reader = new ClaimsReader();
    return reader.read(bytes, start, end) ? this.#judge(reader, peer, now) : MALFORMED;
  }

  /** What is asked of a token whose MAC is genuine and whose claims are there. */
  #judge(claims: ClaimsReader, peer: Peer, now: number): number {
    if (peer === undefined && !claims.namesPeer()) return MALFORMED;
    if (!claims.issuerIs(this.#accessId)) return WRONG_ISSUER;
    if (peer !== undefined && (peer === "" || !claims.scopeIs(SCOPE_PREFIX + peer))) return WRONG_PEER;
    return this.#judgeTimes(claims.iat, claims.exp, now);
  }

  #judgeTimes(iat: number, exp: number, now: number): number {
    if (exp <= now) return EXPIRED;
    if (iat > now + this.#skew) return NOT_YET_VALID;
    return exp > iat && exp - iat <= this.#maxLifetime ? VALID : LIFETIME_TOO_LONG;
  }

  /** The key of the device that a token is issued for; nothing where tokens are signed once. */
  #issuingKey(peerId: string): HmacKey | undefined {
    if (!this.#devices) return this.#device;
    const secret = this.#devices.ask(peerId);
    if (!secret) throw rangeError("peerId", "a peer whose key deviceSecretKey knows", peerId);
    try {
      return this.#devices.prepare(secret);
    } finally {
      secret.wipe();
    }
  }
}

/**
 * The peer that a token names, unverified: to choose a server or a key, never to decide about access. Nothing for whatever
 * is no token.
 */
export function readPeerId(token: string): string | undefined {
  return (typeof token === "string" && claimsOf(token)?.peerId) || undefined;
}

function acceptedClaims(token: string, claims: TirtcClaims, secretIndex: number): Accepted<TirtcClaims> {
  return accepted(claims, BigInt(claims.exp), tokenIdOf(token), secretIndex);
}

/** The SHA-256 of the signature's bytes, which are a credential that opens again with the claims beside it. */
function tokenIdOf(token: string): string {
  return `tirtc:${sha256Hex(base64urlToBytes(token.slice(-BASE64URL_CHARACTERS)) as Uint8Array)}`;
}

function reasonOf(token: string, status: number): TirtcReason {
  if (status !== TAG_MISMATCH) return REASONS[status - 1] as TirtcReason;
  return base64urlToBytes(payloadOf(token)) ? "not-genuine" : "malformed";
}

function asLifetime(value: unknown, argument: string, fallback: number, longest: number): number {
  const seconds = value === undefined ? fallback : asDuration(value, argument, longest);
  if (seconds === 0) throw rangeError(argument, `from 1 to ${longest} seconds`, value);
  return seconds;
}

function asText(value: unknown, argument: string): string {
  const text = asString(value, argument);
  const problem = textProblem(text);
  if (problem) throw formatError(argument, problem);
  return text;
}
