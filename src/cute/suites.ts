import {
  HYDROGEN_ENTROPY_BYTES,
  HYDROGEN_MAC_BYTES,
  HYDROGEN_PUBLIC_BYTES,
  HYDROGEN_SECRET_BYTES,
  HYDROGEN_SIV_BYTES,
  KEY_BYTES,
  MAX_ENDPOINTS,
  OFFSET_ENDPOINTS,
  XCHACHA_NONCE_BYTES,
  XCHACHA_PUBLIC_BYTES,
  XCHACHA_SECRET_BYTES,
  XCHACHA_TAG_BYTES,
} from "../../assembly/cute/layout.ts";
import { type EndpointListRules, NATIVE_FORM } from "../common/endpoints.ts";
import { rangeError, typeError } from "../errors.ts";
import type { Suite } from "./public.ts";

/** What differs between the two suites, on this side of the kernel: sizes in bytes. */
export interface SuiteFacts {
  readonly publicBytes: number;
  readonly endpoints: EndpointListRules;
  readonly secretBytes: number;
  /** The bytes of a secret that are secret: a signing secret's second half is its public key. */
  readonly secretHalfBytes: number;
  readonly entropyBytes: number;
  /** How many of a record's 40 bytes name the packet: bytes that a holder of it cannot vary. */
  readonly tokenIdBytes: number;
}

export const suiteFacts: Readonly<Record<Suite, SuiteFacts>> = {
  hydrogen: {
    publicBytes: HYDROGEN_PUBLIC_BYTES,
    endpoints: endpointRules(HYDROGEN_PUBLIC_BYTES),
    secretBytes: HYDROGEN_SECRET_BYTES,
    secretHalfBytes: KEY_BYTES,
    entropyBytes: HYDROGEN_ENTROPY_BYTES,
    // SIV and MAC: the signature has more than one spelling under native rules.
    tokenIdBytes: HYDROGEN_SIV_BYTES + HYDROGEN_MAC_BYTES,
  },
  xchacha20poly1305: {
    publicBytes: XCHACHA_PUBLIC_BYTES,
    endpoints: endpointRules(XCHACHA_PUBLIC_BYTES),
    secretBytes: XCHACHA_SECRET_BYTES,
    secretHalfBytes: XCHACHA_SECRET_BYTES,
    entropyBytes: XCHACHA_NONCE_BYTES,
    tokenIdBytes: XCHACHA_NONCE_BYTES + XCHACHA_TAG_BYTES,
  },
};

/** @throws ConnectTokensError `ERR_TYPE` or `ERR_RANGE` where it is not a suite's name */
export function asSuite(value: unknown, fallback: Suite): Suite {
  if (value === undefined) return fallback;
  const expected = '"hydrogen" or "xchacha20poly1305"';
  if (typeof value !== "string") throw typeError("suite", expected, value);
  if (value !== "hydrogen" && value !== "xchacha20poly1305") throw rangeError("suite", expected, value);
  return value;
}

/** @param publicBytes where the endpoints must end */
export function endpointRules(publicBytes: number): EndpointListRules {
  return {
    form: NATIVE_FORM,
    maxCount: MAX_ENDPOINTS,
    room: publicBytes - OFFSET_ENDPOINTS,
    place: "the suite's public section",
    noun: "endpoints",
  };
}
