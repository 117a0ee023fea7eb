import { HYDROGEN_SECRET_BYTES, KEY_BYTES, PACKET_BYTES, USER_DATA_BYTES } from "../../assembly/cute/layout.ts";
import { asBytes, asBytesOf, type BytesInput, wipeCopy } from "../common/bytes.ts";
import { ConnectTokensError, rangeError } from "../errors.ts";
import { isAnyonesKey, SMALL_ORDER, signatureStatus, signingSecret } from "../wasm/cute/signing.ts";

// What the suite hydrogen has beside issuing and verifying.

/** A signing secret and its public half, as native code keeps them (`CF_CryptoSignSecret`, `CF_CryptoSignPublic`). */
export interface SigningKeyPair {
  /** 32 bytes: what `verifySignature` takes. */
  readonly publicKey: Uint8Array<ArrayBuffer>;
  /** 64 bytes, the public key being the second half: what `CuteTokens` takes as its secret. */
  readonly secretKey: Uint8Array<ArrayBuffer>;
}

/**
 * Makes a signing secret for the suite hydrogen.
 *
 * @param seed 32 bytes, from which native code makes the same pair; default random
 * @throws ConnectTokensError `ERR_TYPE`, or `ERR_RANGE` for another length
 *
 * @example
 * ```ts
 * import { generateSigningKeyPair } from "connect-tokens/cute";
 *
 * const { publicKey, secretKey } = generateSigningKeyPair();
 * console.log(publicKey.length, secretKey.length); // 32 64
 * ```
 */
export function generateSigningKeyPair(seed?: BytesInput): SigningKeyPair {
  const secretKey = seed === undefined ? randomSecret() : signingSecret(copyOf(seed), true);
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
 *
 * @example
 * ```ts
 * import { CuteTokens, generateKey, generateSigningKeyPair, verifySignature } from "connect-tokens/cute";
 * import { connectTokenPacket } from "connect-tokens/cute/public";
 *
 * const { publicKey, secretKey } = generateSigningKeyPair();
 * const tokens = new CuteTokens({ applicationId: 42, secret: secretKey });
 * const token = tokens.issue({
 *   expirationTimestamp: Math.floor(Date.now() / 1000) + 60,
 *   handshakeTimeout: 5,
 *   endpoints: ["203.0.113.7:40000"],
 *   clientId: 1001,
 *   clientToServerKey: generateKey(),
 *   serverToClientKey: generateKey(),
 * });
 *
 * console.log(verifySignature(connectTokenPacket(token), publicKey)); // true
 * ```
 */
export function verifySignature(packet: BytesInput, publicKey: BytesInput): boolean {
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
 *
 * @example
 * ```ts
 * import { nativeUserDataView } from "connect-tokens/cute";
 *
 * const userData = new Uint8Array(256);
 * userData.set([1, 2, 3], 36); // what a native server is to read
 * console.log(nativeUserDataView(userData).subarray(0, 3)); // Uint8Array(3) [ 1, 2, 3 ]
 * ```
 */
export function nativeUserDataView(userData: BytesInput): Uint8Array<ArrayBuffer> {
  const bytes = asBytes(userData, "userData");
  if (bytes.length > USER_DATA_BYTES) throw rangeError("userData", `at most ${USER_DATA_BYTES} bytes`, bytes);
  const padded = new Uint8Array(USER_DATA_BYTES);
  padded.set(bytes);
  return padded.slice(NATIVE_SHIFT);
}

/** A secret of random bytes, drawn again where they are a key that is anyone's: once in 2^248 times. */
function randomSecret(): Uint8Array<ArrayBuffer> {
  for (;;) {
    const secret = signingSecret(crypto.getRandomValues(new Uint8Array(KEY_BYTES)), false);
    if (!isAnyonesKey(secret)) return secret;
  }
}

/** A copy of a seed, which the kernel's side wipes. */
function copyOf(seed: BytesInput): Uint8Array {
  const bytes = asBytesOf(seed, KEY_BYTES, "seed");
  const copy = Uint8Array.from(bytes);
  wipeCopy(bytes, seed);
  return copy;
}
