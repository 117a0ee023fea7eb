// The suite hydrogen: a Gimli secretbox over the secret section, then a signature over the 960 bytes before it, both
// under the context "CUTE_CTX". Source: `cn_generate_connect_token` of cute_net.h.
// Slot: the prepared secretbox (128 bytes), then the signing secret a ‖ A (64 bytes).
// Scratch: CUTE_SCRATCH_HYDROGEN + 0x000 .. 0x163, the padded secret section.

import { wipe } from "../bytes.ts";
import { isKeyPair, publicKey, signatureMake } from "../curve25519/sign.ts";
import {
  isSmallOrder,
  signatureVerifyNative,
  signatureVerifyNativeWithSecret,
  signatureVerifyStrict,
} from "../curve25519/verify.ts";
import { deterministicBytes } from "../gimli/deterministic.ts";
import { secretboxOpen, secretboxPrepare, secretboxSeal } from "../gimli/secretbox.ts";
import { CUTE_SCRATCH_HYDROGEN } from "../memory/cute.ts";
import {
  HYDROGEN_CIPHERTEXT_BYTES,
  HYDROGEN_LEADING_ZEROS,
  HYDROGEN_SIV_BYTES,
  KEY_BYTES,
  OFFSET_HYDROGEN_SIGNATURE,
  OFFSET_HYDROGEN_SIV,
  SECRET_BYTES,
} from "./layout.ts";

const PADDED: usize = CUTE_SCRATCH_HYDROGEN;
const SLOT_SECRET: usize = 128;
const MESSAGE_ID: u64 = 0;
const SMALL_ORDER: i32 = 2;

/** "CUTE_CTX" as a little-endian u64, the context of tokens and of session packets. */
export function context(): u64 {
  return ((<u64>0x5854435f) << 32) | 0x45545543;
}

/**
 * Prepares a slot.
 * @param key 64 bytes: secret scalar a, public key A
 * @returns 1, or 0 where A is not x(a·B); the slot is then left for the caller to wipe
 */
export function hydrogenPrepare(slot: usize, key: usize): i32 {
  secretboxPrepare(context(), key, slot);
  memory.copy(slot + SLOT_SECRET, key, 2 * KEY_BYTES);
  return isKeyPair(key);
}

/**
 * Completes a packet whose public section is written.
 * @param secret 328 bytes
 * @param entropy 52 bytes: secretbox IV, then the signature's randomness
 */
export function hydrogenSeal(slot: usize, packet: usize, secret: usize, entropy: usize): void {
  wipe(PADDED, HYDROGEN_LEADING_ZEROS);
  memory.copy(PADDED + HYDROGEN_LEADING_ZEROS, secret, SECRET_BYTES);
  secretboxSeal(slot, entropy, PADDED, HYDROGEN_CIPHERTEXT_BYTES, MESSAGE_ID, packet + OFFSET_HYDROGEN_SIV);
  wipe(PADDED, HYDROGEN_CIPHERTEXT_BYTES);
  const random = entropy + HYDROGEN_SIV_BYTES;
  signatureMake(
    slot + SLOT_SECRET,
    packet,
    OFFSET_HYDROGEN_SIGNATURE,
    context(),
    random,
    packet + OFFSET_HYDROGEN_SIGNATURE,
  );
}

/**
 * Opens a packet: the secretbox first, since a forger without the secret fails there at a hundredth of the signature's
 * cost.
 * @param out receives the 328 bytes of a genuine packet
 * @param strict 1 for the signer's own signature only, 0 for all that native code accepts
 * @returns 1 where the packet is genuine, 0 where not
 */
export function hydrogenOpen(slot: usize, packet: usize, out: usize, strict: i32): i32 {
  if (!secretboxOpen(slot, packet + OFFSET_HYDROGEN_SIV, HYDROGEN_CIPHERTEXT_BYTES, MESSAGE_ID, PADDED)) return 0;
  const signature = packet + OFFSET_HYDROGEN_SIGNATURE;
  const genuine = strict
    ? signatureVerifyStrict(slot + SLOT_SECRET, packet, OFFSET_HYDROGEN_SIGNATURE, context(), signature)
    : signatureVerifyNativeWithSecret(slot + SLOT_SECRET, packet, OFFSET_HYDROGEN_SIGNATURE, context(), signature);
  if (genuine) memory.copy(out, PADDED + HYDROGEN_LEADING_ZEROS, SECRET_BYTES);
  wipe(PADDED, HYDROGEN_CIPHERTEXT_BYTES);
  return genuine;
}

/**
 * Makes a signing secret.
 * @param input 32 bytes: the scalar itself, or the seed it is drawn from
 * @param out receives 64 bytes: a, then A = x(a·B)
 */
export function hydrogenKeyPair(input: usize, seeded: i32, out: usize): void {
  if (seeded) deterministicBytes(input, KEY_BYTES, out);
  else memory.copy(out, input, KEY_BYTES);
  publicKey(out, out + KEY_BYTES);
}

/**
 * What native code says of a packet's signature.
 * @param key public key, 32 bytes
 * @returns 1 where it is the key's, 0 where not, 2 where the key is of small order: anyone can sign to it
 */
export function hydrogenVerifySignature(packet: usize, key: usize): i32 {
  if (isSmallOrder(key)) return SMALL_ORDER;
  return signatureVerifyNative(key, packet, OFFSET_HYDROGEN_SIGNATURE, context(), packet + OFFSET_HYDROGEN_SIGNATURE);
}
