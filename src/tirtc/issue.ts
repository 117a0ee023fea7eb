import { ENCODING_BASE64URL } from "../../assembly/memory/hmac.ts";
import { type OptionNames, readOptions } from "../common/options.ts";
import { drawEntropy } from "../common/random.ts";
import { utf8Encoder } from "../common/text.ts";
import { asIssuedSeconds, asIssuingNow } from "../common/time.ts";
import { rangeError, typeError } from "../errors.ts";
import { base64urlOf } from "../wasm/hmac/encoding.ts";
import type { HmacKey } from "../wasm/hmac/kernel.ts";
import { signText } from "../wasm/hmac/texts.ts";
import { wipeSecret } from "./devices.ts";
import { MAX_TOKEN_CHARACTERS, NONCE_BYTES, payloadJson, SCOPE_PREFIX, VERSION_PREFIX } from "./format.ts";
import type { TirtcKeys } from "./keys.ts";
import { asClaim, asLifetime, type Rules } from "./rules.ts";
import type { TirtcIssue } from "./types.ts";

const ISSUE: OptionNames<TirtcIssue> = { peerId: true, sub: true, ttl: true, iat: true };
const DEFAULT_LIFETIME = 300;

/** Where a token to be issued comes from. */
export interface Source {
  /** What errors call the token. */
  readonly argument: string;
  /** What stands before a field's name in errors. */
  readonly prefix: string;
}

/**
 * Issues one token, byte for byte as the vendor's Go issuer.
 *
 * @param now as a caller gave it, and so `entropy`
 * @throws ConnectTokensError where a claim is wrong, the device is not known or the token would be too long
 */
export function issueToken(
  rules: Rules,
  keys: TirtcKeys,
  token: unknown,
  { argument, prefix }: Source,
  now: unknown,
  entropy: unknown,
): string {
  if (token === undefined) throw typeError(argument, "an object", token);
  const own = readOptions(token as TirtcIssue, ISSUE, argument, prefix);
  const peerId = asClaim(own.peerId, `${prefix}peerId`);
  if (peerId === "") throw rangeError(`${prefix}peerId`, "not empty", peerId);
  const sub = asClaim(own.sub, `${prefix}sub`);
  const longest = rules.longestIssued;
  const ttl = asLifetime(own.ttl, `${prefix}ttl`, Math.min(DEFAULT_LIFETIME, longest), longest);
  const iat = own.iat === undefined ? asIssuingNow(now) : asIssuedSeconds(own.iat, `${prefix}iat`);
  const exp = iat + BigInt(ttl);
  if (exp > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw rangeError(`${prefix}iat`, "at most 2^53 - 1, with the lifetime", iat);
  }
  const json = payloadJson({
    sub,
    scope: SCOPE_PREFIX + peerId,
    iss: rules.accessId,
    iat: Number(iat),
    exp: Number(exp),
    nonce: base64urlOf(drawEntropy(NONCE_BYTES, entropy)),
  });
  const payload = base64urlOf(utf8Encoder().encode(json));
  const tag = deviceTag(keys, peerId, payload, prefix);
  const signed = tag === undefined ? payload : `${payload}.${tag}`;
  const issued = `${VERSION_PREFIX}${payload}.${signText(keys.outer[0] as HmacKey, signed, ENCODING_BASE64URL)}`;
  if (issued.length > MAX_TOKEN_CHARACTERS) {
    throw rangeError(argument, `at most ${MAX_TOKEN_CHARACTERS} characters long: sub or peerId is too long`, issued);
  }
  return issued;
}

/** The tag of a payload under the key of the device that the token is issued for, which stays prepared. */
function deviceTag(
  { device, devices }: TirtcKeys,
  peerId: string,
  payload: string,
  prefix: string,
): string | undefined {
  if (!devices) return device && signText(device, payload, ENCODING_BASE64URL);
  const asked = devices.ask(peerId);
  if (!asked) throw rangeError(`${prefix}peerId`, "a peer whose key deviceSecretKey knows", peerId);
  try {
    const borrowed = devices.borrow(asked);
    borrowed.genuine = true;
    try {
      return signText(borrowed.key, payload, ENCODING_BASE64URL);
    } finally {
      devices.settle([borrowed]);
    }
  } finally {
    wipeSecret(asked);
  }
}
