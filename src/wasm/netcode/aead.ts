import { NETCODE_TEXT } from "../../../assembly/memory/netcode.ts";
import { type NetcodeKernel, netcodeKernel } from "./kernel.ts";

export const KEY_BYTES = 32;
export const TAG_BYTES = 16;

/** What an AEAD needs beside its text: RFC 8439 with a nonce of 12 bytes, XChaCha20-Poly1305 with one of 24. */
export interface AeadInputs {
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
  readonly associatedData: Uint8Array;
}

/** @returns ciphertext ‖ tag, 16 bytes longer than the plaintext */
export function sealText(inputs: AeadInputs, plaintext: Uint8Array): Uint8Array<ArrayBuffer> {
  const running = netcodeKernel();
  const { arenas, calls, scratch, text } = running;
  const sealed = new Uint8Array(plaintext.length + TAG_BYTES);
  try {
    start(running, inputs);
    throughWindow(running, plaintext, (length, at) => {
      calls.aeadSealUpdate(NETCODE_TEXT, length);
      sealed.set(text.subarray(0, length), at);
    });
    calls.aeadTag(NETCODE_TEXT);
    sealed.set(text.subarray(0, TAG_BYTES), plaintext.length);
    text.fill(0, 0, TAG_BYTES);
    return sealed;
  } catch (error) {
    sealed.fill(0);
    scratch.fill(0);
    arenas.fill(0);
    throw error;
  }
}

/**
 * Opens in two passes, so that nothing is decrypted before the tag has been checked over all of it.
 *
 * @param sealed ciphertext ‖ tag, at least 16 bytes
 * @returns the plaintext, or `undefined` where the tag is not that of these bytes under this key
 */
export function openText(inputs: AeadInputs, sealed: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  const running = netcodeKernel();
  const { arenas, calls, scratch, text } = running;
  const ciphertext = sealed.subarray(0, sealed.length - TAG_BYTES);
  let plaintext: Uint8Array<ArrayBuffer> | undefined;
  try {
    start(running, inputs);
    throughWindow(running, ciphertext, (length) => calls.aeadCheckUpdate(NETCODE_TEXT, length));
    text.set(sealed.subarray(ciphertext.length));
    const genuine = calls.aeadCheckTag(NETCODE_TEXT) === 1;
    text.fill(0, 0, TAG_BYTES);
    if (!genuine) return undefined;
    const opened = new Uint8Array(ciphertext.length);
    plaintext = opened;
    throughWindow(running, ciphertext, (length, at) => {
      calls.aeadOpenUpdate(NETCODE_TEXT, length);
      opened.set(text.subarray(0, length), at);
    });
    calls.aeadWipe();
    return plaintext;
  } catch (error) {
    plaintext?.fill(0);
    scratch.fill(0);
    arenas.fill(0);
    throw error;
  }
}

function start(running: NetcodeKernel, { key, nonce, associatedData }: AeadInputs): void {
  const { calls, keyInput } = running;
  keyInput.set(key);
  keyInput.set(nonce, KEY_BYTES);
  calls.aeadStart(nonce.length === 24 ? 1 : 0);
  throughWindow(running, associatedData, (length) => calls.aeadAssociatedData(NETCODE_TEXT, length));
}

/** Puts bytes of any length through the window: its size is a multiple of 64, as every piece but the last must be. */
function throughWindow({ text }: NetcodeKernel, bytes: Uint8Array, use: (length: number, at: number) => void): void {
  for (let at = 0; at < bytes.length; at += text.length) {
    const piece = bytes.subarray(at, at + text.length);
    text.set(piece);
    use(piece.length, at);
    text.fill(0, 0, piece.length);
  }
}
