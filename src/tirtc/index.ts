import { ENCODING_BASE64URL, STATUS_GENUINE, STATUS_MISMATCH } from "../../assembly/memory.ts";
import { KeyHolder } from "../common/disposable.ts";
import { asFlag, asString, ownOptions } from "../common/options.ts";
import { drawEntropy } from "../common/random.ts";
import { prepareKeys, readSecrets, readTextSecret, type SecretList } from "../common/secrets.ts";
import { asDuration, asNow, asSeconds, type Seconds } from "../common/time.ts";
import { formatError, rangeError, typeError } from "../errors.ts";
import { accepted, batchVerdicts, VALID, type Verdict, type Verdicts } from "../verdict.ts";
import { base64urlOf, base64urlTextsToBytes, base64urlToBytes } from "../wasm/encoding.ts";
import type { HmacKey } from "../wasm/hmac.ts";
import { BASE64URL_CHARACTERS, signText, type TagForm, verifyTexts } from "../wasm/macs.ts";
import { ClaimsReader } from "./claims.ts";
import { type DeviceKeyLookup, DeviceKeys, type DeviceSecret, MAX_PREPARED_KEYS } from "./devices.ts";
import {
  MAX_TOKEN_CHARACTERS,
  NONCE_BYTES,
  payloadEnd,
  payloadJson,
  SCOPE_PREFIX,
  type TirtcClaims,
  textProblem,
  VERSION_PREFIX,
} from "./format.ts";
import type { TirtcIssue, TirtcOptions, TirtcReason, TirtcToken } from "./types.ts";

export type { Verdict, Verdicts } from "../verdict.ts";
export { type DeviceLicense, parseDeviceLicense } from "./format.ts";
export type * from "./types.ts";
export type { DeviceKeyLookup, Seconds, SecretList, TirtcClaims };

const DEFAULT_SKEW = 60;
const DEFAULT_LIFETIME = 300;
const MAX_LIFETIME = 86_400;
const MAX_SECONDS = 0xffff_ffff;

// How a text that is checked ends: in a dot and the tag, or (two signatures) in a dot, the place of the device's tag, a
// dot and the tag.
const SINGLE: TagForm = { gap: 1, characters: BASE64URL_CHARACTERS, encoding: ENCODING_BASE64URL };
const DOUBLE: TagForm = { gap: 0, characters: BASE64URL_CHARACTERS, encoding: ENCODING_BASE64URL };
const DEVICE_TAG_PLACE = "A".repeat(BASE64URL_CHARACTERS);

// Tokens checked together: with each another device's key, all of them stay prepared.
const RUN = MAX_PREPARED_KEYS;

// Statuses beside VALID. The form of a token whose MAC failed is looked at only when its reason is asked for.
const FAILED = 1;
const MALFORMED = 2;
const WRONG_ISSUER = 3;
const WRONG_PEER = 4;
const EXPIRED = 5;
const NOT_YET_VALID = 6;
const LIFETIME_TOO_LONG = 7;
const REASONS: ReadonlyMap<number, TirtcReason> = new Map([
  [WRONG_ISSUER, "wrong-issuer"],
  [WRONG_PEER, "wrong-peer"],
  [EXPIRED, "expired"],
  [NOT_YET_VALID, "not-yet-valid"],
  [LIFETIME_TOO_LONG, "lifetime-too-long"],
]);

const encoder = new TextEncoder();

/** The peer of a token, or nothing where it names none: for a caller's own array. */
type Peer = string | undefined;

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
  readonly #skew: number;
  readonly #maxLifetime: number;

  /** @throws ConnectTokensError where an option is missing or wrong */
  constructor(options: TirtcOptions) {
    super();
    const { accessId, secretKey, deviceSecretKey, skew, maxLifetime, singleSignature } = ownOptions(options, "options");
    this.#accessId = asText(accessId, "accessId");
    if (accessId === "") throw rangeError("accessId", "not empty", accessId);
    this.#skew = skew === undefined ? DEFAULT_SKEW : asDuration(skew, "skew", MAX_SECONDS);
    this.#maxLifetime = asLifetime(maxLifetime, "maxLifetime", MAX_LIFETIME, MAX_SECONDS);
    const single = asFlag(singleSignature, false, "singleSignature");
    if (single && deviceSecretKey !== undefined) {
      throw rangeError("deviceSecretKey", "absent with singleSignature", deviceSecretKey);
    }
    const lookup = typeof deviceSecretKey === "function" ? deviceSecretKey : undefined;
    const device = single || lookup ? [] : [readTextSecret(deviceSecretKey, "deviceSecretKey")];
    const [first, ...rest] = prepareKeys([...device, ...readSecrets(secretKey, "secretKey", readTextSecret)]);
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
  verify(token: string, options?: { peerId?: string; now?: Seconds }): Verdict<TirtcClaims, TirtcReason> {
    const { peerId, now } = ownOptions(options, "options");
    const peer = peerId === undefined ? undefined : asString(peerId, "peerId");
    return this.#verify([typeof token === "string" ? token : ""], [peer], asNow(now)).at(0);
  }

  /**
   * Verifies many tokens in one go, with the verdicts of {@link verify} in the tokens' order. A token stands alone or with
   * the peer that it is presented for; one whose `peerId` is not a string is `malformed`.
   *
   * @throws ConnectTokensError where `tokens` is not an array or `now` is wrong, or after `dispose`
   */
  verifyMany(
    tokens: readonly (string | TirtcToken)[],
    options?: { now?: Seconds },
  ): Verdicts<TirtcClaims, TirtcReason> {
    if (!Array.isArray(tokens)) throw typeError("tokens", "an array of strings or of { token, peerId }", tokens);
    const now = asNow(ownOptions(options, "options").now);
    const { length } = tokens;
    const texts: string[] = new Array(length).fill("");
    const peers: Peer[] = new Array(length).fill(undefined);
    for (let i = 0; i < length; i++) readItem(tokens, i, texts, peers);
    return this.#verify(texts, peers, now);
  }

  override dispose(): void {
    for (const key of this.#keys) key.dispose();
    this.#device?.dispose();
    this.#devices?.dispose();
  }

  /** @param tokens the caller's texts, copied; one that names no peer where it must becomes empty, which is malformed */
  #verify(tokens: string[], peers: readonly Peer[], now: bigint): Verdicts<TirtcClaims, TirtcReason> {
    const statuses = new Uint8Array(tokens.length);
    const named = this.#devices ? namePeers(tokens, peers) : peers;
    const secrets = this.#devices?.askAll(named);
    try {
      let from = 0;
      do {
        const to = Math.min(from + RUN, tokens.length);
        const inner = secrets ? this.#prepare(secrets, named.slice(from, to)) : this.#deviceKeys(to - from);
        this.#verifyRun(tokens.slice(from, to), peers.slice(from, to), inner, Number(now), statuses.subarray(from, to));
        from = to;
      } while (from < tokens.length); // once for no tokens too: after dispose, that throws
    } finally {
      for (const secret of secrets?.values() ?? []) secret?.wipe();
    }
    return batchVerdicts<TirtcClaims, TirtcReason>(statuses, {
      reason: (index, status) => {
        if (status !== FAILED) return REASONS.get(status) ?? "malformed";
        return base64urlToBytes(payloadOf(tokens[index] as string)) ? "not-genuine" : "malformed";
      },
      accepted: (index) => {
        const token = tokens[index] as string;
        const claims = claimsOf(token) as TirtcClaims;
        return accepted(claims, BigInt(claims.exp), `tirtc:${token.slice(-BASE64URL_CHARACTERS)}`);
      },
    });
  }

  /** @param inner the device's key for each token; nothing where tokens are signed once */
  #verifyRun(
    tokens: readonly string[],
    peers: readonly Peer[],
    inner: readonly (HmacKey | undefined)[] | undefined,
    now: number,
    statuses: Uint8Array,
  ): void {
    const texts = tokens.map((token) => (inner ? withPlace(token) : payloadAndTag(token)));
    const { statuses: macs } = verifyTexts(this.#keys, texts, inner ? DOUBLE : SINGLE, inner);
    const genuine: number[] = [];
    for (let i = 0; i < macs.length; i++) {
      if (macs[i] === STATUS_GENUINE) genuine.push(i);
      statuses[i] = macs[i] === STATUS_MISMATCH ? FAILED : MALFORMED;
    }
    const { bytes, starts } = base64urlTextsToBytes(genuine.map((i) => payloadOf(tokens[i] as string)));
    const reader = new ClaimsReader();
    for (let n = 0; n < genuine.length; n++) {
      const i = genuine[n] as number;
      if (reader.read(bytes, starts[n] as number, starts[n + 1] as number)) {
        statuses[i] = this.#judge(reader, peers[i], now);
      }
    }
  }

  /** What is asked of a token whose MAC is genuine and whose claims are there. */
  #judge(claims: ClaimsReader, peer: Peer, now: number): number {
    if (peer === undefined && !claims.namesPeer()) return MALFORMED;
    if (!claims.issuerIs(this.#accessId)) return WRONG_ISSUER;
    if (peer !== undefined && (peer === "" || !claims.scopeIs(SCOPE_PREFIX + peer))) return WRONG_PEER;
    const { iat, exp } = claims;
    if (exp <= now) return EXPIRED;
    if (iat > now + this.#skew) return NOT_YET_VALID;
    return exp > iat && exp - iat <= this.#maxLifetime ? VALID : LIFETIME_TOO_LONG;
  }

  /** The prepared key of each peer's device. No more than {@link RUN} peers, so that none of them gives way to another. */
  #prepare(secrets: ReadonlyMap<string, DeviceSecret | undefined>, peers: readonly Peer[]): (HmacKey | undefined)[] {
    return peers.map((peer) => {
      const secret = peer === undefined ? undefined : secrets.get(peer);
      return secret && this.#devices?.prepare(secret);
    });
  }

  #deviceKeys(count: number): HmacKey[] | undefined {
    return this.#device && new Array<HmacKey>(count).fill(this.#device);
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

function claimsOf(token: string): TirtcClaims | undefined {
  const payload = base64urlToBytes(payloadOf(token));
  const reader = new ClaimsReader();
  return payload && reader.read(payload, 0, payload.length) ? reader.claims() : undefined;
}

/** Copies a token, and the peer beside it, out of what the caller gave; leaves both empty where it is neither. */
function readItem(items: readonly unknown[], index: number, tokens: string[], peers: Peer[]): void {
  try {
    const item = items[index];
    if (typeof item === "string") tokens[index] = item;
    if (typeof item !== "object" || item === null) return;
    const { token, peerId } = ownOptions(item as TirtcToken, "token");
    if (typeof token !== "string" || (peerId !== undefined && typeof peerId !== "string")) return;
    tokens[index] = token;
    peers[index] = peerId;
  } catch {
    // A getter or a proxy that throws: no token.
  }
}

/** Each token's peer: the one it is presented for, else the one it names. Blanks those tokens that name none. */
function namePeers(tokens: string[], peers: readonly Peer[]): Peer[] {
  const named = tokens.map((token, i) => (payloadEnd(token) < 0 ? undefined : peers[i]));
  const nameless: number[] = [];
  for (let i = 0; i < tokens.length; i++) if (peers[i] === undefined) nameless.push(i);
  const reader = new ClaimsReader();
  for (let from = 0; from < nameless.length; from += RUN) {
    const run = nameless.slice(from, from + RUN);
    const { bytes, starts } = base64urlTextsToBytes(run.map((i) => payloadOf(tokens[i] as string)));
    for (let n = 0; n < run.length; n++) {
      const names = reader.read(bytes, starts[n] as number, starts[n + 1] as number) && reader.namesPeer();
      if (names) named[run[n] as number] = reader.peerId();
      else tokens[run[n] as number] = "";
    }
  }
  return named;
}

function payloadOf(token: string): string {
  const end = payloadEnd(token);
  return end < 0 ? "" : token.slice(VERSION_PREFIX.length, end);
}

/** What is checked of a token that is signed once; empty where it has not the outline of one. */
function payloadAndTag(token: string): string {
  return payloadEnd(token) < 0 ? "" : token.slice(VERSION_PREFIX.length);
}

/** What is checked of a token that is signed twice: the device's tag is computed into its place. */
function withPlace(token: string): string {
  const end = payloadEnd(token);
  return end < 0 ? "" : `${token.slice(VERSION_PREFIX.length, end)}.${DEVICE_TAG_PLACE}${token.slice(end + 1)}`;
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
