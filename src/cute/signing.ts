import { HYDROGEN_SECRET_BYTES, KEY_BYTES, PACKET_BYTES, USER_DATA_BYTES } from "../../assembly/cute/layout.ts";
import { asBytes, asBytesOf } from "../common/bytes.ts";
import { ConnectTokensError, rangeError } from "../errors.ts";
import { SMALL_ORDER, signatureStatus, signingSecret } from "../wasm/cute/signing.ts";

// What the suite hydrogen has beside issuing and verifying.

/** A signing secret and its public half, as native code keeps them (`CF_CryptoSignSecret`, `CF_CryptoSignPublic`). */
export interface SigningKeyPair {
  /** 32 bytes: what `verifySignature` takes. */
  readonly publicKey: Uint8Array;
  /** 64 bytes, the public key being the second half: what `CuteTokens` takes as its secret. */
  readonly secretKey: Uint8Array;
}

/**
 * Makes a signing secret for the suite hydrogen.
 *
 * @param seed 32 bytes, from which native code makes the same pair; default random
 * @throws ConnectTokensError `ERR_TYPE`, or `ERR_RANGE` for another length
 */
export function generateSigningKeyPair(seed?: Uint8Array): SigningKeyPair {
  const secretKey =
    seed === undefined
      ? signingSecret(crypto.getRandomValues(new Uint8Array(KEY_BYTES)), false)
      : signingSecret(Uint8Array.from(asBytesOf(seed, KEY_BYTES, "seed")), true);
  return { publicKey: secretKey.slice(HYDROGEN_SECRET_BYTES - KEY_BYTES), secretKey };
}

/**
 * Whether a packet of the suite hydrogen was signed by the holder of a public key's secret, under native rules: every
 * spelling of a signature counts (see `strict` of `CuteTokens`), and nothing else of the packet is looked at.
 *
 * @param packet 1024 bytes
 * @param publicKey 32 bytes
 * @throws ConnectTokensError `ERR_TYPE`, or `ERR_RANGE` for another length, or for a key of small order, to which anyone
 *   could sign
 */
export function verifySignature(packet: Uint8Array, publicKey: Uint8Array): boolean {
  const key = asBytesOf(publicKey, KEY_BYTES, "publicKey");
  const bytes = asBytesOf(packet, PACKET_BYTES, "packet");
  const status = signatureStatus(bytes, key);
  if (status === SMALL_ORDER) {
    throw new ConnectTokensError(
      "ERR_RANGE",
      "publicKey",
      "publicKey is a point of small order, to which anyone can sign",
    );
  }
  return status === 1;
}

/** Native game servers read the user data of the suite hydrogen from so many bytes too far. */
const NATIVE_SHIFT = 36;

/**
 * What a native game server sees of the user data of a hydrogen token: its bytes 0 to 219 are our bytes 36 to 255. The
 * last 36 of its 256 are what stood in its memory before, and are not part of the result.
 *
 * @param userData at most 256 bytes, as given to `issue`
 * @returns 220 bytes
 * @throws ConnectTokensError `ERR_TYPE`, or `ERR_RANGE` where it is longer
 */
export function nativeUserDataView(userData: Uint8Array): Uint8Array {
  const bytes = asBytes(userData, "userData");
  if (bytes.length > USER_DATA_BYTES) throw rangeError("userData", `at most ${USER_DATA_BYTES} bytes`, bytes);
  const padded = new Uint8Array(USER_DATA_BYTES);
  padded.set(bytes);
  return padded.slice(NATIVE_SHIFT);
}
