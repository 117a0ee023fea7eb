// The Gimli family written down as plainly as can be: no speed, no constant time. The kernels are held
// equal to this. Words are little-endian; a byte view on them is too, as on every machine that Node runs on.

const RATE = 16;
const rotateLeft = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits));
const ascii = (text: string): number[] => [...text].map((character) => character.charCodeAt(0));

/** The 64-bit little-endian bytes of `value`. */
function u64(value: bigint): number[] {
  return Array.from({ length: 8 }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
}

/** Permutes a matrix of three rows and four columns, row after row. */
export function gimli(words: Uint32Array): void {
  const at = (row: number, column: number): number => words[4 * row + column] as number;
  const swapInTop = (a: number, b: number): void => {
    const kept = at(0, a);
    words[a] = at(0, b);
    words[b] = kept;
  };
  for (let round = 24; round >= 1; round--) {
    for (let column = 0; column < 4; column++) {
      const x = rotateLeft(at(0, column), 24);
      const y = rotateLeft(at(1, column), 9);
      const z = at(2, column);
      words[8 + column] = x ^ (z << 1) ^ ((y & z) << 2);
      words[4 + column] = y ^ x ^ ((x | z) << 1);
      words[column] = z ^ y ^ ((x & y) << 3);
    }
    if (round % 4 === 0) {
      swapInTop(0, 1);
      swapInTop(2, 3);
      words[0] = at(0, 0) ^ 0x9e377900 ^ round;
    } else if (round % 4 === 2) {
      swapInTop(0, 2);
      swapInTop(1, 3);
    }
  }
}

class Sponge {
  readonly words = new Uint32Array(12);
  readonly bytes = new Uint8Array(this.words.buffer);

  core(tag: number): void {
    this.xor(47, [tag]);
    gimli(this.words);
  }

  xor(offset: number, bytes: ArrayLike<number>): void {
    for (let i = 0; i < bytes.length; i++) {
      this.bytes[offset + i] = (this.bytes[offset + i] as number) ^ (bytes[i] as number);
    }
  }

  /** Takes `message` in byte by byte, core(tag) whenever the rate is full. Returns how many bytes then stand in it. */
  absorb(message: ArrayLike<number>, tag: number): number {
    for (let i = 0; i < message.length; i++) {
      this.xor(i % RATE, [message[i] as number]);
      if (i % RATE === RATE - 1) this.core(tag);
    }
    return message.length % RATE;
  }

  pad(filled: number, mark: number): void {
    this.xor(filled, [mark]);
    this.xor(RATE - 1, [0x80]);
  }

  squeeze(length: number): Uint8Array {
    const out = new Uint8Array(length);
    for (let i = 0; i < length; i++) {
      if (i % RATE === 0) this.core(0);
      out[i] = this.bytes[i % RATE] as number;
    }
    return out;
  }
}

function zeroPadded(bytes: ArrayLike<number>, length: number): Uint8Array {
  const padded = new Uint8Array(length);
  padded.set(bytes);
  return padded;
}

/** hash: `length` bytes out (0 to 65535), context of 8 bytes, key of 32 or none. */
export function hash(length: number, message: Uint8Array, context: Uint8Array, key?: Uint8Array): Uint8Array {
  const encodedLength = length < 256 ? [1, length, 0] : [2, length & 0xff, length >> 8, 0];
  const input = [
    ...zeroPadded([4, ...ascii("kmac"), 8, ...context], 16),
    ...(key ? zeroPadded([32, ...key], 48) : zeroPadded([0], 16)),
    ...message,
    ...encodedLength,
  ];
  const sponge = new Sponge();
  sponge.pad(sponge.absorb(input, 0), 0x1f);
  return sponge.squeeze(length);
}

/** deterministic bytes: `length` of them from a seed of 32. */
export function deterministicBytes(length: number, seed: Uint8Array): Uint8Array {
  const sponge = new Sponge();
  sponge.absorb([7, ...ascii("drbg256"), ...u64(BigInt(length))], 1);
  sponge.absorb(seed, 2);
  return sponge.squeeze(length);
}

/** What a box is made with, besides the message. */
export interface BoxKey {
  /** 32 bytes. */
  key: Uint8Array;
  /** 8 bytes. */
  context: Uint8Array;
  messageId: bigint;
}

function setup({ key, context, messageId }: BoxKey, iv: Uint8Array, keyTag: number): Sponge {
  const sponge = new Sponge();
  sponge.absorb([6, ...ascii("sbx256"), 8, ...context], 1);
  sponge.absorb(key, keyTag);
  sponge.absorb([20, ...iv.subarray(0, 15)], 1);
  sponge.xor(0, iv.subarray(15));
  sponge.xor(4, u64(messageId));
  sponge.core(1);
  return sponge;
}

/** The capacity after the key went into it twice. */
function final(sponge: Sponge, key: Uint8Array, tag: number): Uint8Array {
  for (let i = 0; i < 2; i++) {
    sponge.xor(RATE, key);
    sponge.core(tag);
  }
  return sponge.bytes.slice(RATE);
}

/** Pass 2 in either direction: the text turned, and its MAC. */
function crypt(
  box: BoxKey,
  siv: Uint8Array,
  input: Uint8Array,
  opening: boolean,
): { output: Uint8Array; mac: Uint8Array } {
  const sponge = setup(box, siv, 0xff);
  const output = new Uint8Array(input.length);
  for (let i = 0; i < input.length; i++) {
    const other = (sponge.bytes[i % RATE] as number) ^ (input[i] as number);
    output[i] = other;
    sponge.bytes[i % RATE] = opening ? (input[i] as number) : other;
    if (i % RATE === RATE - 1) sponge.core(2);
  }
  sponge.pad(input.length % RATE, 0x01);
  sponge.core(2);
  return { output, mac: final(sponge, box.key, 0x08).slice(0, 16) };
}

/** Seals: SIV, MAC, ciphertext. `iv` is 20 random bytes. */
export function secretboxSeal(box: BoxKey, iv: Uint8Array, message: Uint8Array): Uint8Array {
  const sponge = setup(box, iv, 0xfe);
  sponge.pad(sponge.absorb(message, 2), 0x1f);
  sponge.core(2);
  const siv = final(sponge, box.key, 0xf8).slice(0, 20);
  const { output, mac } = crypt(box, siv, message, false);
  return Uint8Array.from([...siv, ...mac, ...output]);
}

/** Opens; null where the MAC is another. */
export function secretboxOpen(box: BoxKey, sealed: Uint8Array): Uint8Array | null {
  const { output, mac } = crypt(box, sealed.subarray(0, 20), sealed.subarray(36), true);
  return mac.every((byte, i) => byte === sealed[20 + i]) ? output : null;
}
