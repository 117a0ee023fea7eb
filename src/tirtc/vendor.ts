import { isAt } from "../common/bytes.ts";
import { tenDigits } from "../common/digits.ts";
import { asciiBytes, utf8Encoder } from "../common/text.ts";
import { isBase64url } from "./claims.ts";
import { SCOPE_PREFIX } from "./format.ts";

/** How many peers' runs are kept: public names, dropped all at once when there are more. */
const MAX_RUNS = 1024;
const MAX_PEER_CHARACTERS = 256;
const DIGITS = 10;

const START = asciiBytes('{"sub":"');
const EXP = asciiBytes(',"exp":');
const NONCE = asciiBytes(',"nonce":"');
const END = asciiBytes('"}');

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * The times of payloads that stand just as the vendor's issuer writes them, for the access id and the peer that are asked
 * for. What separates their values is compared in one run of bytes; ClaimsReader reads the same, and all others.
 */
export class VendorPayloads {
  iat = 0;
  exp = 0;
  readonly #issuer: string;
  /** By peer, what stands between the values of `sub` and `iat`. */
  readonly #runs: Map<string, Uint8Array | undefined> = new Map();

  constructor(accessId: string) {
    this.#issuer = accessId;
  }

  /**
   * Whether the bytes from `from` to `to` are such a payload with the scope of `peer`, which is not empty. Then `iat` and
   * `exp` are its times.
   */
  read(bytes: Uint8Array, from: number, to: number, peer: string): boolean {
    const run = this.#run(peer);
    if (run === undefined || !isAt(bytes, from, START)) return false;
    let at = from + START.length;
    for (let byte = bytes[at] as number; byte !== QUOTE; byte = bytes[++at] as number) {
      if (at >= to || byte < 0x20 || byte > 0x7e || byte === BACKSLASH) return false;
    }
    const iat = at + run.length;
    const exp = iat + DIGITS + EXP.length;
    const nonce = exp + DIGITS + NONCE.length;
    const end = to - END.length;
    if (!isAt(bytes, at, run) || !isAt(bytes, iat + DIGITS, EXP)) return false;
    if (!isAt(bytes, exp + DIGITS, NONCE) || !isAt(bytes, end, END) || !isBase64url(bytes, nonce, end)) return false;
    this.iat = tenDigits(bytes, iat);
    this.exp = tenDigits(bytes, exp);
    return this.iat >= 0 && this.exp >= 0;
  }

  /** Nothing for a peer or an access id that does not stand in JSON as it is. */
  #run(peer: string): Uint8Array | undefined {
    const known = this.#runs.get(peer);
    if (known || peer.length > MAX_PEER_CHARACTERS) return known;
    if (this.#runs.size >= MAX_RUNS) this.#runs.clear();
    const plain = /^[ !#-[\]-~]+$/;
    const run =
      plain.test(peer) && plain.test(this.#issuer)
        ? utf8Encoder().encode(`","scope":"${SCOPE_PREFIX}${peer}","iss":"${this.#issuer}","iat":`)
        : undefined;
    this.#runs.set(peer, run);
    return run;
  }
}
