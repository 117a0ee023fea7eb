// XChaCha20 (draft-irtf-cfrg-xchacha-03 §2.3), four blocks at a time: ChaCha20 under the subkey that HChaCha20 makes of a
// nonce's first 16 bytes, with four zero bytes and its last 8 as the nonce.

import { chacha20FillLanes, chacha20InitState } from "./chacha20.ts";

/**
 * Puts the states of blocks 0 to 3 at `states`.
 * @param subkey 32 bytes, of HChaCha20
 * @param nonce 24 bytes
 */
export function xchacha20InitState(states: usize, subkey: usize, nonce: usize): void {
  v128.store(states, v128.load(subkey), 16);
  v128.store(states, v128.load(subkey, 16), 32);
  chacha20InitState(states, 0, 0, load<u32>(nonce, 16), load<u32>(nonce, 20));
  chacha20FillLanes(states);
}
