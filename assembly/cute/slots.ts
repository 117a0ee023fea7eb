// Where prepared keys lie. What a slot holds is the suite's business.

import { CUTE_SLOT_BYTES, CUTE_SLOT_LIST, CUTE_SLOTS } from "../memory/cute.ts";

/** Address of a slot, by its number. */
export function slotAddress(slot: usize): usize {
  return <usize>CUTE_SLOTS + slot * CUTE_SLOT_BYTES;
}

/** Address of the slot that stands at `index` in the list of those to try. */
export function listedSlot(index: usize): usize {
  return slotAddress(load<u32>(<usize>CUTE_SLOT_LIST + index * 4));
}
