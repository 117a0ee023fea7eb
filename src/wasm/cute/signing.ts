import { HYDROGEN_SECRET_BYTES } from "../../../assembly/cute/layout.ts";
import { CUTE_KEY_INPUT } from "../../../assembly/memory/cute.ts";
import { isAllZero } from "../../common/bytes.ts";
import { utf8Encoder } from "../../common/text.ts";
import { cuteKernel } from "./kernel.ts";

/** What {@link signatureStatus} answers for a public key of small order. */
export const SMALL_ORDER = 2;

/**
 * A signing secret, 64 bytes: scalar, public key.
 *
 * @param input 32 bytes, wiped: the scalar, or the seed it is drawn from
 */
export function signingSecret(input: Uint8Array, seeded: boolean): Uint8Array<ArrayBuffer> {
  const { arenas, calls, keyInput, scratch, token } = cuteKernel();
  try {
    keyInput.set(input);
    calls.signingKeyPair(seeded ? 1 : 0);
    const secret = token.slice(0, HYDROGEN_SECRET_BYTES);
    token.fill(0, 0, HYDROGEN_SECRET_BYTES);
    return secret;
  } catch (error) {
    scratch.fill(0);
    arenas.fill(0);
    throw error;
  } finally {
    input.fill(0);
  }
}

/**
 * Whether the public half of a signing secret is zero: its scalar is a multiple of the base point's order L (0, L, 2L … 15L),
 * its public key the neutral element, and whoever knows no secret signs for it.
 *
 * @param secret 64 bytes
 */
export function isAnyonesKey(secret: Uint8Array): boolean {
  return isAllZero(secret.subarray(HYDROGEN_SECRET_BYTES / 2));
}

/**
 * What native verification says of a packet's signature: 1 where it is the key's, 0 where not, or {@link SMALL_ORDER}.
 *
 * @param packet 1024 bytes
 * @param publicKey 32 bytes
 */
export function signatureStatus(packet: Uint8Array, publicKey: Uint8Array): number {
  const { arenas, calls, keyInput, packets, scratch } = cuteKernel();
  try {
    packets.set(packet);
    keyInput.set(publicKey);
    return calls.verifySignature(CUTE_KEY_INPUT);
  } catch (error) {
    scratch.fill(0);
    arenas.fill(0);
    throw error;
  }
}

/**
 * The bytes of a secret written as 128 (hydrogen) or 64 hex digits of either case, in constant time; `undefined` where
 * one is no digit.
 *
 * @param text as long as that
 */
export function secretFromHex(text: string): Uint8Array<ArrayBuffer> | undefined {
  const { arenas, calls, keyInput, scratch } = cuteKernel();
  const { length } = text;
  try {
    // A character beyond ASCII takes more than a byte, so that not all of them fit.
    const { read } = utf8Encoder().encodeInto(text, keyInput.subarray(0, length));
    return read === length && calls.secretFromHex(length) !== 0 ? keyInput.slice(0, length / 2) : undefined;
  } catch (error) {
    scratch.fill(0);
    arenas.fill(0);
    throw error;
  } finally {
    keyInput.fill(0);
  }
}
