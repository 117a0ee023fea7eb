// HChaCha20 (draft-irtf-cfrg-xchacha-03 §2.2): the key of XChaCha20 from a key and the first 16 bytes of a nonce.
// Readable twin: test/reference/chacha20poly1305.ts.

import { chacha20InitState } from "./chacha20.ts";
import { Rotate } from "./rotate.ts";

/**
 * Writes a 32-byte subkey. One v128 is one row of the state, so that its four columns go through a round side by side.
 * @param key 32 bytes
 * @param nonce 16 bytes
 */
export function hchacha20(key: usize, nonce: usize, out: usize): void {
  // "expand 32-byte k"
  let a = i32x4(0x61707865, 0x3320646e, 0x79622d32, 0x6b206574);
  let b = v128.load(key);
  let c = v128.load(key, 16);
  let d = v128.load(nonce);
  for (let round = 0; round < 20; round += 2) {
    // Columns.
    a = i32x4.add(a, b);
    d = Rotate.by16(v128.xor(d, a));
    c = i32x4.add(c, d);
    b = Rotate.by12(v128.xor(b, c));
    a = i32x4.add(a, b);
    d = Rotate.by8(v128.xor(d, a));
    c = i32x4.add(c, d);
    b = Rotate.by7(v128.xor(b, c));
    // Each row turned until the diagonals stand in columns.
    b = i32x4.shuffle(b, b, 1, 2, 3, 0);
    c = i32x4.shuffle(c, c, 2, 3, 0, 1);
    d = i32x4.shuffle(d, d, 3, 0, 1, 2);
    a = i32x4.add(a, b);
    d = Rotate.by16(v128.xor(d, a));
    c = i32x4.add(c, d);
    b = Rotate.by12(v128.xor(b, c));
    a = i32x4.add(a, b);
    d = Rotate.by8(v128.xor(d, a));
    c = i32x4.add(c, d);
    b = Rotate.by7(v128.xor(b, c));
    b = i32x4.shuffle(b, b, 3, 0, 1, 2);
    c = i32x4.shuffle(c, c, 2, 3, 0, 1);
    d = i32x4.shuffle(d, d, 1, 2, 3, 0);
  }
  v128.store(out, a);
  v128.store(out, d, 16);
}

/**
 * Makes a lane of chacha20Blocks ready to do the same beside other lanes: HChaCha20 is a block with the whole nonce in
 * place of counter and nonce, less the addition at its end.
 */
export function hchacha20InitState(state: usize, key: usize, nonce: usize): void {
  chacha20InitState(state, 0, 0, 0, 0);
  v128.store(state, v128.load(key), 16);
  v128.store(state, v128.load(key, 16), 32);
  v128.store(state, v128.load(nonce), 48);
}

/** Takes the 32-byte subkey out of such a lane's block. */
export function hchacha20FromBlock(state: usize, block: usize, out: usize): void {
  v128.store(out, i32x4.sub(v128.load(block), v128.load(state)));
  v128.store(out, i32x4.sub(v128.load(block, 48), v128.load(state, 48)), 16);
}
