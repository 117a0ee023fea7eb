// Where the secrets lie: 32 bytes a slot, as HChaCha20 reads them.

import { wipe } from "../bytes.ts";
import { Hex } from "../encoding.ts";
import { NETCODE_SLOT_BYTES, NETCODE_SLOT_LIST, NETCODE_SLOTS } from "../memory/netcode.ts";

/** Address of a slot, by its number. */
export function slotAddress(slot: usize): usize {
  return <usize>NETCODE_SLOTS + slot * NETCODE_SLOT_BYTES;
}

/** Address of the slot that stands at `index` in the list of those to try. */
export function listedSlot(index: usize): usize {
  return slotAddress(load<u32>(<usize>NETCODE_SLOT_LIST + index * 4));
}

/** Puts the 32 bytes at `key` into a slot and wipes them. */
export function keySet(slot: usize, key: usize): void {
  memory.copy(slotAddress(slot), key, NETCODE_SLOT_BYTES);
  wipe(key, NETCODE_SLOT_BYTES);
}

/** Wipes a slot. */
export function keyWipe(slot: usize): void {
  wipe(slotAddress(slot), NETCODE_SLOT_BYTES);
}

/**
 * Reads the 64 hex digits at `digits`, of either case, and puts the 32 bytes they stand for in their place, in constant
 * time; wipes the rest.
 * @returns 1; 0 where one is no digit, and all is wiped
 */
export function secretFromHex(digits: usize): i32 {
  const fold = i8x16.splat(0x20);
  const first = v128.load(digits);
  const second = v128.load(digits, 16);
  const third = v128.load(digits, 32);
  const fourth = v128.load(digits, 48);
  v128.store(digits, i8x16.narrow_i16x8_u(Hex.bytes(first, fold), Hex.bytes(second, fold)));
  v128.store(digits, i8x16.narrow_i16x8_u(Hex.bytes(third, fold), Hex.bytes(fourth, fold)), 16);
  wipe(digits + NETCODE_SLOT_BYTES, NETCODE_SLOT_BYTES);
  const firstHalf = v128.and(Hex.known(first, fold), Hex.known(second, fold));
  const secondHalf = v128.and(Hex.known(third, fold), Hex.known(fourth, fold));
  if (i8x16.all_true(v128.and(firstHalf, secondHalf))) return 1;
  wipe(digits, NETCODE_SLOT_BYTES);
  return 0;
}
