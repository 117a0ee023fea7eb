import { type TirtcCommonOptions, type TirtcOptions, TirtcTokens } from "../../src/tirtc/index.ts";
import { type TirtcTwinClaims, tirtcPayload, tirtcSign } from "../reference/string-schemes.ts";

export const NOW = 1_700_000_000;
export const PEER = "device://device-001";
export const KEYS = { secretKey: "sid-test", deviceSecretKey: "device-secret" } as const;
export const CLAIMS: TirtcTwinClaims = {
  sub: "subject",
  scope: `connect:${PEER}`,
  iss: "ak-test",
  iat: NOW,
  exp: NOW + 300,
  nonce: "AAECAwQFBgcICQoLDA0ODw",
};

export function makeTirtc(
  options: Partial<TirtcCommonOptions> & {
    deviceSecretKey?: string | Uint8Array | ArrayBuffer | ((peerId: string) => unknown) | undefined;
    singleSignature?: boolean | undefined;
  } = {},
): TirtcTokens {
  return new TirtcTokens({ accessId: "ak-test", ...KEYS, ...options } as TirtcOptions);
}

/** A token that is genuine, whatever it claims. */
export function signedClaims(claims: Partial<TirtcTwinClaims> = {}, keys: { deviceSecretKey: string } = KEYS): string {
  return tirtcSign({ ...KEYS, ...keys }, tirtcPayload({ ...CLAIMS, ...claims }));
}

/** `valid`, or why the token is refused. */
export function tirtcReason(
  tokens: TirtcTokens,
  token: unknown,
  options: { peerId?: string; now?: number | bigint } = {},
) {
  const verdict = tokens.verify(token as string, { now: NOW, ...options });
  return verdict.valid ? "valid" : verdict.reason;
}
