import { RENET_PREFIX_BYTES } from "../../assembly/netcode/layout.ts";
import { type EndpointForm, NATIVE_FORM } from "../common/endpoints.ts";
import { rangeError, typeError } from "../errors.ts";

/**
 * Whose bytes a token has. All three are called netcode 1.02, and a token of one is none to the others.
 *
 * - `netcode`: the C library, yojimbo, and the official Go, Rust and C# ports
 * - `renet`: renet 2.0
 * - `lightyear`: lightyear 0.20 and later
 */
export type Dialect = "netcode" | "renet" | "lightyear";

/** What differs between the dialects. */
export interface DialectFacts {
  /** The order of all integers' bytes. */
  readonly littleEndian: boolean;
  readonly form: EndpointForm;
  /** Bytes before a token's version: renet puts the client id there. */
  readonly prefixBytes: number;
  /** Whether a token is padded to 2048 bytes. */
  readonly padded: boolean;
}

const dialects: Readonly<Record<Dialect, DialectFacts>> = {
  netcode: { littleEndian: true, form: NATIVE_FORM, prefixBytes: 0, padded: true },
  renet: {
    littleEndian: true,
    form: { littleEndianGroups: false, littleEndianPort: true },
    prefixBytes: RENET_PREFIX_BYTES,
    padded: false,
  },
  lightyear: {
    littleEndian: false,
    form: { littleEndianGroups: false, littleEndianPort: false },
    prefixBytes: 0,
    padded: true,
  },
};

/** @throws ConnectTokensError `ERR_TYPE` or `ERR_RANGE` where it is not a dialect's name */
export function dialectFacts(value: unknown): DialectFacts {
  if (value === undefined) return dialects.netcode;
  const expected = '"netcode", "renet" or "lightyear"';
  if (typeof value !== "string") throw typeError("dialect", expected, value);
  if (!Object.hasOwn(dialects, value)) throw rangeError("dialect", expected, value);
  return dialects[value as Dialect];
}
