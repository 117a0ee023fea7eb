// ChaCha20, HChaCha20, Poly1305 and the AEADs made of them, written down as plainly as RFC 8439 and
// draft-irtf-cfrg-xchacha-03 have them: no speed, no constant time. The kernels are held equal to this.

const rotateLeft = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits));
const CONSTANTS = Buffer.from("expand 32-byte k", "ascii");

/** RFC 8439 §2.1, on four words of a state. */
export function quarterRound(words: Uint32Array, a: number, b: number, c: number, d: number): void {
  const at = (index: number): number => words[index] as number;
  const addThenTurn = (sum: number, addend: number, mixed: number, bits: number): void => {
    words[sum] = at(sum) + at(addend);
    words[mixed] = rotateLeft(at(mixed) ^ at(sum), bits);
  };
  addThenTurn(a, b, d, 16);
  addThenTurn(c, d, b, 12);
  addThenTurn(a, b, d, 8);
  addThenTurn(c, d, b, 7);
}

/** The 64 bytes of a state as sixteen little-endian words. */
function wordsOf(...parts: Uint8Array[]): Uint32Array {
  const bytes = Buffer.concat(parts);
  return Uint32Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readUInt32LE(4 * i));
}

function bytesOf(words: Uint32Array): Buffer {
  const bytes = Buffer.alloc(4 * words.length);
  words.forEach((word, i) => {
    bytes.writeUInt32LE(word, 4 * i);
  });
  return bytes;
}

/** Ten times a column round and a diagonal round (RFC 8439 §2.3). */
function twentyRounds(words: Uint32Array): void {
  for (let i = 0; i < 10; i++) {
    for (let column = 0; column < 4; column++) quarterRound(words, column, 4 + column, 8 + column, 12 + column);
    quarterRound(words, 0, 5, 10, 15);
    quarterRound(words, 1, 6, 11, 12);
    quarterRound(words, 2, 7, 8, 13);
    quarterRound(words, 3, 4, 9, 14);
  }
}

const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};

const u64 = (value: number): Buffer => Buffer.concat([u32(value % 2 ** 32), u32(Math.floor(value / 2 ** 32))]);

/** One block of key stream, 64 bytes (RFC 8439 §2.3). */
export function chacha20Block(key: Uint8Array, counter: number, nonce: Uint8Array): Buffer {
  const start = wordsOf(CONSTANTS, key, u32(counter), nonce);
  const words = start.slice();
  twentyRounds(words);
  return bytesOf(words.map((word, i) => word + (start[i] as number)));
}

/** Encrypts or decrypts (RFC 8439 §2.4). */
export function chacha20(key: Uint8Array, counter: number, nonce: Uint8Array, text: Uint8Array): Buffer {
  const out = Buffer.from(text);
  for (let at = 0; at < out.length; at += 64) {
    const block = chacha20Block(key, (counter + at / 64) % 2 ** 32, nonce);
    for (let i = at; i < Math.min(at + 64, out.length); i++) out[i] = (out[i] as number) ^ (block[i - at] as number);
  }
  return out;
}

/** The subkey, 32 bytes, from the first 16 bytes of a nonce (draft §2.2). */
export function hchacha20(key: Uint8Array, nonce: Uint8Array): Buffer {
  const words = wordsOf(CONSTANTS, key, nonce);
  twentyRounds(words);
  return Buffer.concat([bytesOf(words.subarray(0, 4)), bytesOf(words.subarray(12))]);
}

function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((number, byte) => (number << 8n) | BigInt(byte), 0n);
}

/** The tag, 16 bytes, under the one-time key r ‖ s (RFC 8439 §2.5). */
export function poly1305(key: Uint8Array, message: Uint8Array): Buffer {
  const p = 2n ** 130n - 5n;
  const r = littleEndian(key.subarray(0, 16)) & 0x0ffffffc0ffffffc0ffffffc0fffffffn;
  const s = littleEndian(key.subarray(16, 32));
  let accumulator = 0n;
  for (let at = 0; at < message.length; at += 16) {
    const block = message.subarray(at, at + 16);
    const closed = littleEndian(block) | (1n << BigInt(8 * block.length));
    accumulator = ((accumulator + closed) * r) % p;
  }
  const sum = accumulator + s;
  return Buffer.from(Array.from({ length: 16 }, (_, i) => Number((sum >> BigInt(8 * i)) & 0xffn)));
}

const padded = (bytes: Uint8Array): Buffer => Buffer.concat([bytes, Buffer.alloc((16 - (bytes.length % 16)) % 16)]);

/** What the one-time key authenticates (RFC 8439 §2.8). */
export function macInput(associatedData: Uint8Array, ciphertext: Uint8Array): Buffer {
  const lengths = [u64(associatedData.length), u64(ciphertext.length)];
  return Buffer.concat([padded(associatedData), padded(ciphertext), ...lengths]);
}

/** The key and the 12-byte nonce that the cipher runs with: a nonce of 24 bytes is XChaCha20's (draft §2.3). */
function innerKey(key: Uint8Array, nonce: Uint8Array): [Uint8Array, Uint8Array] {
  if (nonce.length === 12) return [key, nonce];
  return [hchacha20(key, nonce.subarray(0, 16)), Buffer.concat([Buffer.alloc(4), nonce.subarray(16)])];
}

/** @returns ciphertext ‖ tag (RFC 8439 §2.8; draft §2 where the nonce is 24 bytes long) */
export function aeadSeal(key: Uint8Array, nonce: Uint8Array, text: Uint8Array, associatedData: Uint8Array): Buffer {
  const [cipherKey, cipherNonce] = innerKey(key, nonce);
  const ciphertext = chacha20(cipherKey, 1, cipherNonce, text);
  const oneTimeKey = chacha20Block(cipherKey, 0, cipherNonce).subarray(0, 32);
  return Buffer.concat([ciphertext, poly1305(oneTimeKey, macInput(associatedData, ciphertext))]);
}
