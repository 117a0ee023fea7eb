import { readJsonObject } from "../../../../src/common/json.ts";
import { readPeerId, type TirtcClaims, TirtcTokens } from "../../../../src/tirtc/index.ts";
import { tirtcPayload, tirtcSign, tirtcSignSegment } from "../../../reference/string-schemes.ts";
import { CLAIMS, KEYS, NOW, PEER } from "../../../support/tirtc.ts";
import { holdSame, inputOf, outcomeOf, type Target, textOf } from "../target.ts";
import { strictObject } from "./json.ts";
import { canonicalBase64url } from "./text.ts";

// The first byte of an input.
const PAYLOAD = 1; // the text is a payload, to be encoded and signed
const SEGMENT = 2; // the text is an encoded payload, to be signed
const UTF16 = 4;
const SINGLE = 8;
const LOOKUP = 16;
const NAMED = 32; // the peer is given

const SKEW = 60;
const MAX_LIFETIME = 1000;
const common = { accessId: "ak-test", secretKey: KEYS.secretKey, skew: SKEW, maxLifetime: MAX_LIFETIME } as const;
const deviceOf = (peer: string): string | undefined => (peer === PEER ? KEYS.deviceSecretKey : undefined);
const single = new TirtcTokens({ ...common, singleSignature: true });
const double = new TirtcTokens({ ...common, deviceSecretKey: KEYS.deviceSecretKey });
const lookup = new TirtcTokens({ ...common, deviceSecretKey: deviceOf });

function tokenOf(flags: number, input: Uint8Array): string {
  const keys = flags & SINGLE ? { secretKey: KEYS.secretKey } : KEYS;
  if (flags & PAYLOAD) return tirtcSign(keys, input.subarray(1));
  const text = textOf(input.subarray(1), (flags & UTF16) !== 0);
  return flags & SEGMENT ? tirtcSignSegment(keys, text) : text;
}

/** The claims of a payload as JSON.parse reads them, where all six are there in their types. */
function claimsIn(payload: Uint8Array): Omit<TirtcClaims, "peerId"> | undefined {
  const object = strictObject(payload, 4);
  const sources = readJsonObject(payload, 4);
  if (!object || !sources) return undefined;
  const { sub, scope, iss, iat, exp, nonce } = object as unknown as TirtcClaims;
  if ([sub, scope, iss, nonce].some((text) => typeof text !== "string")) return undefined;
  for (const name of ["iat", "exp"]) {
    const digits = sources.get(name) ?? "";
    if (!/^(0|[1-9][0-9]{0,15})$/.test(digits) || !Number.isSafeInteger(Number(digits))) return undefined;
  }
  return nonce !== "" && canonicalBase64url(nonce) ? { sub, scope, iss, iat, exp, nonce } : undefined;
}

const peerOf = (scope = ""): string => (scope.startsWith("connect:") ? scope.slice(8) : "");

/** The segments of a token, where it has the form of one. */
function segments(token: string): { segment: string; payload: Uint8Array } | undefined {
  const [, segment = "", tag = ""] = /^v1\.([\w-]+)\.([\w-]{43})$/.exec(token) ?? [];
  const payload = canonicalBase64url(segment);
  const formed = segment !== "" && canonicalBase64url(tag) && token.length <= 8192 && !token.endsWith("\n");
  return formed && payload ? { segment, payload } : undefined;
}

/** The verdict by the documents' words. */
function expected(token: string, flags: number): string {
  const parts = segments(token);
  const claims = parts && claimsIn(parts.payload);
  const peer = flags & NAMED ? PEER : undefined;
  const asks = !(flags & SINGLE) && (flags & LOOKUP) !== 0;
  if (!parts || (asks && peer === undefined && peerOf(claims?.scope) === "")) return "malformed";
  const deviceSecretKey = asks ? deviceOf(peer ?? peerOf(claims?.scope)) : KEYS.deviceSecretKey;
  if (asks && deviceSecretKey === undefined) return "not-genuine";
  const keys = { secretKey: KEYS.secretKey, ...(flags & SINGLE ? {} : { deviceSecretKey: deviceSecretKey as string }) };
  if (tirtcSignSegment(keys, parts.segment) !== token) return "not-genuine";
  if (!claims || (peer === undefined && peerOf(claims.scope) === "")) return "malformed";
  const { iss, scope, iat, exp } = claims;
  if (iss !== common.accessId) return "wrong-issuer";
  if (peer !== undefined && scope !== `connect:${peer}`) return "wrong-peer";
  if (exp <= NOW) return "expired";
  if (iat > NOW + SKEW) return "not-yet-valid";
  return exp > iat && exp - iat <= MAX_LIFETIME ? "valid" : "lifetime-too-long";
}

const payload = tirtcPayload(CLAIMS);
const dictionary = [
  ...['"sub":', '"scope":', '"iss":', '"iat":', '"exp":', '"nonce":', '"connect:', "ak-test", PEER, ",", "{", "}"],
  ...[`${NOW}`, `${NOW + 300}`, `${NOW + 61}`, "9007199254740991", "\\u0061", "v1.", ".", "=", "\\ud800", ' "x":[{}],'],
];

export const tirtc: Target = {
  name: "tirtc",
  maxLength: 500,
  seeds: [
    inputOf([PAYLOAD], payload),
    inputOf([PAYLOAD | NAMED | LOOKUP], payload),
    // The last second of each rule, and the first beyond it; in the issuer's own form and in another.
    ...[
      { iat: NOW - 9, exp: NOW },
      { iat: NOW - 9, exp: NOW + 1 },
      { iat: NOW + SKEW, exp: NOW + 99 },
      { iat: NOW + SKEW + 1, exp: NOW + 99 },
      { iat: NOW, exp: NOW + MAX_LIFETIME },
      { iat: NOW, exp: NOW + MAX_LIFETIME + 1 },
      { iat: NOW + 5, exp: NOW + 5 },
    ].flatMap((times) => {
      const at = tirtcPayload({ ...CLAIMS, ...times });
      return [inputOf([PAYLOAD | NAMED], at), inputOf([PAYLOAD], ` ${at}`)];
    }),
    ...["", "A", "AA", "AB", "AAA", "AAB", "AA="].map((nonce) =>
      inputOf([PAYLOAD], tirtcPayload({ ...CLAIMS, nonce })),
    ),
    inputOf([PAYLOAD], payload.replace("{", '{"iss":"ak-test",')),
    inputOf([PAYLOAD | SINGLE], tirtcPayload({ ...CLAIMS, sub: 'é"<&>', scope: "connect:other" })),
    inputOf([SEGMENT], Buffer.from(payload).toString("base64url")),
    inputOf([0], tirtcSign(KEYS, payload)),
  ],
  dictionary,
  run(input) {
    const flags = input[0] ?? 0;
    const token = tokenOf(flags, input);
    const tokens = flags & SINGLE ? single : flags & LOOKUP ? lookup : double;
    const peer = flags & NAMED ? { peerId: PEER } : {};
    const verdict = tokens.verify(token, { now: NOW, ...peer });
    const outcome = outcomeOf(verdict);
    holdSame(outcome, expected(token, flags), "the verdict is that of the documents");
    if (verdict.valid) {
      const { peerId, ...claims } = verdict.claims;
      holdSame({ ...claims }, claimsIn(segments(token)?.payload as Uint8Array), "claims are what is signed");
      holdSame(peerId, peerOf(claims.scope), "the peer is the scope's");
      holdSame(readPeerId(token), peerId, "readPeerId reads the same peer");
    }
    const many = tokens.verifyMany([{ token, ...peer }, "", { token, ...peer }], { now: NOW });
    holdSame([many.at(0), many.at(2)], [verdict, verdict], "verifyMany says what verify says");
    return `${outcome} ${flags & (SINGLE | LOOKUP | NAMED)}`;
  },
};

export const peerId: Target = {
  name: "peer-id",
  maxLength: 500,
  seeds: [inputOf([PAYLOAD], payload), inputOf([SEGMENT], Buffer.from(payload).toString("base64url"))],
  dictionary,
  run(input) {
    const token = tokenOf(input[0] ?? 0, input);
    // The signature is not looked at, only how long it is and the dot before it.
    const end = token.length - 44;
    const formed = end > 3 && token.startsWith("v1.") && token[end] === "." && token.length <= 8192;
    const bytes = formed ? canonicalBase64url(token.slice(3, end)) : undefined;
    const found = readPeerId(token);
    holdSame(
      found,
      (bytes && peerOf(claimsIn(bytes)?.scope)) || undefined,
      "the peer is the scope's, or there is none",
    );
    return found === undefined ? "none" : "named";
  },
};
