// Who uses which part of HMAC_SCRATCH. Every export leaves all of it zero.

import { wipe } from "../bytes.ts";

// One lane: 0x1000 .. 0x11ff.
/** Sixteen words, each message word with its round's constant added. */
export const SCHEDULE: usize = 0x1000;
/** Eight state words. */
export const STATE: usize = 0x1040;
/** The padded end of a message, one or two blocks. */
export const PADDED: usize = 0x1080;
/** What the decoders and encoders of encoding.ts take a short last piece through: 64 bytes. */
export const PIECE: usize = 0x1100;
/** The 32 bytes of a tag that was read. */
export const READ_TAG: usize = 0x1140;
/** The right tags, 32 bytes for each job of a group. */
export const TAGS: usize = 0x1180;
const ONE_LANE_BYTES: usize = 0x200;

// Four lanes: 0x1200 .. 0x158f. A row is one v128: the same word of four messages.
/** Sixteen rows: the last sixteen words of the message schedule. */
export const WORD_ROWS: usize = 0x1200;
/** Eight rows: the state. */
export const STATE_ROWS: usize = 0x1300;
/** The padded end of each lane's message, 128 bytes apart. */
export const PADDED_LANES: usize = 0x1380;
/** One row: all ones in the lanes whose message goes on, zeros in those whose message has ended. */
export const ACTIVE_LANES: usize = 0x1580;
const ALL_BYTES: usize = 0x590;

/** Wipes what the one-lane functions and the encodings used. */
export function wipeOneLane(): void {
  wipe(SCHEDULE, ONE_LANE_BYTES);
}

/** Wipes everything. */
export function wipeAllLanes(): void {
  wipe(SCHEDULE, ALL_BYTES);
}
