import { CUTE_PACKETS } from "../../../assembly/memory.ts";
import { type CuteKernel, cuteKernel } from "./kernel.ts";

export const KEY_BYTES = 32;
export const TAG_BYTES = 16;

/** One piece of text or associated data; a multiple of 64 bytes, as every piece but the last must be. */
const WINDOW_BYTES = 0x40000;

/** What an AEAD needs beside its text: RFC 8439 with a nonce of 12 bytes, XChaCha20-Poly1305 with one of 24. */
export interface AeadInputs {
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
  readonly associatedData: Uint8Array;
}

/** @returns ciphertext ‖ tag, 16 bytes longer than the plaintext */
export function sealText(inputs: AeadInputs, plaintext: Uint8Array): Uint8Array {
  const running = cuteKernel();
  const { calls, packets } = running;
  const sealed = new Uint8Array(plaintext.length + TAG_BYTES);
  try {
    start(running, inputs);
    throughWindow(running, plaintext, (length, at) => {
      calls.aeadSealUpdate(CUTE_PACKETS, length);
      sealed.set(packets.subarray(0, length), at);
    });
    calls.aeadTag(CUTE_PACKETS);
    sealed.set(packets.subarray(0, TAG_BYTES), plaintext.length);
    return sealed;
  } finally {
    finish(running);
  }
}

/**
 * Opens in two passes, so that nothing is decrypted before the tag has been checked over all of it.
 *
 * @param sealed ciphertext ‖ tag, at least 16 bytes
 * @returns the plaintext, or `undefined` where the tag is not that of these bytes under this key
 */
export function openText(inputs: AeadInputs, sealed: Uint8Array): Uint8Array | undefined {
  const running = cuteKernel();
  const { calls, packets } = running;
  const ciphertext = sealed.subarray(0, sealed.length - TAG_BYTES);
  try {
    start(running, inputs);
    throughWindow(running, ciphertext, (length) => calls.aeadCheckUpdate(CUTE_PACKETS, length));
    packets.set(sealed.subarray(ciphertext.length));
    if (calls.aeadCheckTag(CUTE_PACKETS) === 0) return undefined;
    const plaintext = new Uint8Array(ciphertext.length);
    throughWindow(running, ciphertext, (length, at) => {
      calls.aeadOpenUpdate(CUTE_PACKETS, length);
      plaintext.set(packets.subarray(0, length), at);
    });
    return plaintext;
  } finally {
    finish(running);
  }
}

function start(running: CuteKernel, { key, nonce, associatedData }: AeadInputs): void {
  const { calls, keyInput } = running;
  keyInput.set(key);
  keyInput.set(nonce, KEY_BYTES);
  calls.aeadStart(nonce.length === 24 ? 1 : 0);
  throughWindow(running, associatedData, (length) => calls.aeadAssociatedData(CUTE_PACKETS, length));
}

/** Puts bytes of any length through the window, piece after piece. */
function throughWindow({ packets }: CuteKernel, bytes: Uint8Array, use: (length: number, at: number) => void): void {
  for (let at = 0; at < bytes.length; at += WINDOW_BYTES) {
    const piece = bytes.subarray(at, at + WINDOW_BYTES);
    packets.set(piece);
    use(piece.length, at);
    packets.fill(0, 0, piece.length);
  }
}

function finish({ calls, packets, keyInput }: CuteKernel): void {
  calls.aeadWipe();
  keyInput.fill(0);
  packets.fill(0, 0, TAG_BYTES);
}
