// Session packets of Cute as plainly as can be: the secretbox of gimli.ts around a header, and native code's replay rule.
import { type BoxKey, secretboxOpen, secretboxSeal } from "./gimli.ts";

const boxKey = (key: Uint8Array, messageId: bigint): BoxKey => ({
  key,
  context: new TextEncoder().encode("CUTE_CTX"),
  messageId,
});

/** A datagram: type, sequence, 28 zeros, box. */
export function sealPacket(
  key: Uint8Array,
  type: number,
  sequence: bigint,
  iv: Uint8Array,
  plaintext: Uint8Array,
): Uint8Array {
  const box = secretboxSeal(boxKey(key, sequence), iv, plaintext);
  const datagram = new Uint8Array(37 + box.length);
  datagram[0] = type;
  new DataView(datagram.buffer).setBigUint64(1, sequence, true);
  datagram.set(box, 37);
  return datagram;
}

/** The plaintext, or null. */
export function openPacket(key: Uint8Array, datagram: Uint8Array): Uint8Array | null {
  if (datagram.length < 73) return null;
  const sequence = new DataView(datagram.buffer, datagram.byteOffset).getBigUint64(1, true);
  return secretboxOpen(boxKey(key, sequence), datagram.subarray(37));
}

/** Native code's replay buffer, with its faults near 2^64. */
export class NativeReplayBuffer {
  #max = 0n;
  readonly #slots = new Array<bigint>(256).fill(2n ** 64n - 1n);

  accepts(sequence: bigint): boolean {
    const held = this.#slots[Number(sequence % 256n)] as bigint;
    if ((sequence + 256n) % 2n ** 64n < this.#max) return false;
    if (held !== 2n ** 64n - 1n && held >= sequence) return false;
    if (sequence > this.#max) this.#max = sequence;
    this.#slots[Number(sequence % 256n)] = sequence;
    return true;
  }
}
