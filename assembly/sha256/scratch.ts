// Who uses which part of HMAC_SCRATCH. Every export leaves all of it zero.

import { wipe } from "../bytes.ts";
import { HMAC_SCRATCH } from "../memory/hmac.ts";

// One lane: the first 0x200 bytes.
/** Sixteen words, each message word with its round's constant added. */
export const SCHEDULE: usize = HMAC_SCRATCH;
/** Eight state words. */
export const STATE: usize = HMAC_SCRATCH + 0x40;
/** The padded end of a message, one or two blocks. */
export const PADDED: usize = HMAC_SCRATCH + 0x80;
/** What the decoders and encoders of encoding.ts take a short last piece through: 64 bytes. */
export const PIECE: usize = HMAC_SCRATCH + 0x100;
/** The 32 bytes of a tag that was read. */
export const READ_TAG: usize = HMAC_SCRATCH + 0x140;
/** The right tags, 32 bytes for each job of a group. */
export const TAGS: usize = HMAC_SCRATCH + 0x180;
const ONE_LANE_BYTES: usize = 0x200;

// Four lanes. A row is one v128: the same word of four messages.
/** Sixteen rows: the last sixteen words of the message schedule. */
export const WORD_ROWS: usize = HMAC_SCRATCH + 0x200;
/** Eight rows: the state. */
export const STATE_ROWS: usize = HMAC_SCRATCH + 0x300;
/** The padded end of each lane's message, 128 bytes apart. */
export const PADDED_LANES: usize = HMAC_SCRATCH + 0x380;
/** One row: all ones in the lanes whose message goes on, zeros in those whose message has ended. */
export const ACTIVE_LANES: usize = HMAC_SCRATCH + 0x580;
const ALL_BYTES: usize = 0x590;

/** Wipes what the one-lane functions and the encodings used. */
export function wipeOneLane(): void {
  wipe(SCHEDULE, ONE_LANE_BYTES);
}

/** Wipes everything. */
export function wipeAllLanes(): void {
  wipe(SCHEDULE, ALL_BYTES);
}
