import { isAt } from "../common/bytes.ts";
import { decimal, decimalBytes } from "../common/digits.ts";
import { jsonString, readJsonObject } from "../common/json.ts";
import { asciiBytes, textCodec, utf8Encoder } from "../common/text.ts";
import { SCOPE_PREFIX, type TirtcClaims } from "./format.ts";

const MAX_DEPTH = 4;
const NOTHING = new Uint8Array(0);

const decoder = textCodec("TextDecoder", () => new TextDecoder());
// Each claim as it stands in a plain payload, in the order of the vendor's issuer.
const NAMES = ["sub", "scope", "iss", "iat", "exp", "nonce"].map((name) => asciiBytes(`"${name}":`));
const SUB = 0;
const SCOPE = 1;
const ISS = 2;
const IAT = 3;
const EXP = 4;
const NONCE = 5;
const ALL = 0b111111;

/**
 * The claims of one payload after another, without an object or a string for those that are only judged. A plain payload
 * (ASCII, no escapes, no spaces, the six claims and no others, in any order) is read in place, any other by the strict
 * JSON reader: {@link readClaims} accepts every plain payload, with the same claims.
 */
export class ClaimsReader {
  /** Unix seconds, at most 2^53 - 1; so is `exp`. */
  iat = 0;
  exp = 0;
  #bytes: Uint8Array = NOTHING;
  /** Where the values of a plain payload begin and end: two entries per claim. */
  readonly #spans: Int32Array = new Int32Array(2 * NAMES.length);
  /** The claims of a payload that was not plain. */
  #claims: TirtcClaims | undefined;

  /** Whether the bytes from `from` to `to` hold the six claims, which the rest of this object then tells about. */
  read(bytes: Uint8Array, from: number, to: number): boolean {
    this.#bytes = bytes;
    this.#claims = undefined;
    if (this.#readPlain(from, to)) return true;
    this.#claims = readClaims(bytes.subarray(from, to));
    if (!this.#claims) return false;
    this.iat = this.#claims.iat;
    this.exp = this.#claims.exp;
    return true;
  }

  issuerIs(iss: string): boolean {
    return this.#claims ? this.#claims.iss === iss : this.#length(ISS) === iss.length && this.#startsWith(ISS, iss);
  }

  /** @param scope `connect:` and the peer */
  scopeIs(scope: string): boolean {
    return this.#claims
      ? this.#claims.scope === scope
      : this.#length(SCOPE) === scope.length && this.#startsWith(SCOPE, scope);
  }

  /** Whether the scope is `connect:` and a peer that is not empty. */
  namesPeer(): boolean {
    if (this.#claims) return this.#claims.peerId !== "";
    return this.#length(SCOPE) > SCOPE_PREFIX.length && this.#startsWith(SCOPE, SCOPE_PREFIX);
  }

  /** The peer of the scope, where it names one. */
  peerId(): string {
    return this.#claims ? this.#claims.peerId : peerOf(this.#text(SCOPE));
  }

  claims(): TirtcClaims {
    if (this.#claims) return this.#claims;
    const { iat, exp } = this;
    const [sub, scope, iss, nonce] = [this.#text(SUB), this.#text(SCOPE), this.#text(ISS), this.#text(NONCE)];
    return { sub, scope, iss, iat, exp, nonce, peerId: peerOf(scope) };
  }

  #text(claim: number): string {
    return decoder().decode(this.#bytes.subarray(this.#spans[2 * claim], this.#spans[2 * claim + 1]));
  }

  #length(claim: number): number {
    return (this.#spans[2 * claim + 1] as number) - (this.#spans[2 * claim] as number);
  }

  #startsWith(claim: number, text: string): boolean {
    const start = this.#spans[2 * claim] as number;
    for (let i = 0; i < text.length; i++) if (this.#bytes[start + i] !== text.charCodeAt(i)) return false;
    return true;
  }

  #readPlain(from: number, to: number): boolean {
    const bytes = this.#bytes;
    const spans = this.#spans;
    if (bytes[from] !== 0x7b) return false;
    let at = from + 1;
    let seen = 0;
    let claim = NONCE;
    for (;;) {
      claim = nameAt(bytes, at, claim === NONCE ? SUB : claim + 1);
      if (claim < 0 || seen & (1 << claim)) return false;
      seen |= 1 << claim;
      const start = at + (NAMES[claim] as Uint8Array).length;
      const quote = claim === IAT || claim === EXP ? 0 : 1;
      const end = quote ? endOfText(bytes, start, to) : endOfDigits(bytes, start, to);
      if (end < 0) return false;
      spans[2 * claim] = start + quote;
      spans[2 * claim + 1] = end - quote;
      at = end + 1;
      if (bytes[end] !== 0x2c) break;
    }
    if (bytes[at - 1] !== 0x7d || at !== to || seen !== ALL) return false;
    this.iat = decimalBytes(bytes, spans[2 * IAT] as number, spans[2 * IAT + 1] as number);
    this.exp = decimalBytes(bytes, spans[2 * EXP] as number, spans[2 * EXP + 1] as number);
    const nonce = isBase64url(bytes, spans[2 * NONCE] as number, spans[2 * NONCE + 1] as number);
    return nonce && this.iat >= 0 && this.exp >= 0;
  }
}

/** The claims of a payload in any spelling, or `undefined` where it does not have all six in the right types. */
export function readClaims(payload: Uint8Array): TirtcClaims | undefined {
  const members = readJsonObject(payload, MAX_DEPTH);
  if (!members) return undefined;
  const text = (name: string): string | undefined => jsonString(members.get(name) ?? "");
  const [sub, scope, iss, nonce] = [text("sub"), text("scope"), text("iss"), text("nonce")];
  const iat = decimal(members.get("iat") ?? "");
  const exp = decimal(members.get("exp") ?? "");
  if (sub === undefined || scope === undefined || iss === undefined || nonce === undefined) return undefined;
  const random = utf8Encoder().encode(nonce);
  if (iat < 0 || exp < 0 || !isBase64url(random, 0, random.length)) return undefined;
  return { sub, scope, iss, iat, exp, nonce, peerId: peerOf(scope) };
}

function peerOf(scope: string): string {
  return scope.startsWith(SCOPE_PREFIX) ? scope.slice(SCOPE_PREFIX.length) : "";
}

/** Which claim's name stands at `at`, tried from `expected` on; -1 where none does. */
function nameAt(bytes: Uint8Array, at: number, expected: number): number {
  for (let i = 0, claim = expected; i < NAMES.length; i++) {
    if (isAt(bytes, at, NAMES[claim] as Uint8Array)) return claim;
    claim = claim === NONCE ? SUB : claim + 1;
  }
  return -1;
}

/** Where the text that begins at `start` ends, behind its closing quote; -1 where it is not plain. */
function endOfText(bytes: Uint8Array, start: number, to: number): number {
  if (bytes[start] !== 0x22) return -1;
  for (let at = start + 1; at < to; at++) {
    const byte = bytes[at] as number;
    if (byte === 0x22) return at + 1;
    if (byte < 0x20 || byte > 0x7e || byte === 0x5c) return -1;
  }
  return -1;
}

function endOfDigits(bytes: Uint8Array, start: number, to: number): number {
  let at = start;
  while (at < to && (bytes[at] as number) >= 0x30 && (bytes[at] as number) <= 0x39) at++;
  return at > start ? at : -1;
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const SEXTETS = new Int8Array(256).fill(-1);
for (let i = 0; i < ALPHABET.length; i++) SEXTETS[ALPHABET.charCodeAt(i)] = i;

/** Whether bytes of a nonce, which is no secret, are at least one character of canonical base64url. */
export function isBase64url(bytes: Uint8Array, start: number, end: number): boolean {
  const tail = (end - start) % 4;
  if (end <= start || tail === 1) return false;
  for (let at = start; at < end; at++) if ((SEXTETS[bytes[at] as number] as number) < 0) return false;
  const spare = tail === 2 ? 0b1111 : tail === 3 ? 0b11 : 0;
  return ((SEXTETS[bytes[end - 1] as number] as number) & spare) === 0;
}

/** The bytes of the canonical base64url of a text that is no secret, from `start` to `end`; `undefined` for anything else. */
export function base64urlBytes(text: string, start: number, end: number): Uint8Array | undefined {
  const characters = utf8Encoder().encode(text.slice(start, end));
  if (characters.length !== end - start || !isBase64url(characters, 0, characters.length)) return undefined;
  const bytes = new Uint8Array((characters.length * 3) >> 2);
  let bits = 0;
  for (let i = 0, at = 0; i < characters.length; i++) {
    bits = (bits << 6) | (SEXTETS[characters[i] as number] as number);
    // Six bits a character: after the second, third and fourth of each group a byte is whole.
    if (i % 4 > 0) bytes[at++] = bits >> (6 - 2 * (i % 4));
  }
  return bytes;
}
