// HMAC-SHA256 of many messages, four at a time: messages, lengths and keys may differ from lane to lane.

import { wipe } from "../bytes.ts";
import { ENCODING_BASE64URL, HMAC_JOB_BYTES, HMAC_JOBS, HMAC_SCRATCH, HMAC_STATUS } from "../memory/hmac.ts";
import { KEY_BLOCK_BYTES, slotAt, tagOf } from "./hmac.ts";
import { compressLanes } from "./lanes.ts";
import { pad } from "./padding.ts";
import { ACTIVE_LANES, PADDED_LANES, STATE_ROWS, TAGS, WORD_ROWS, wipeAllLanes, wipeOneLane } from "./scratch.ts";
import { checkTag, copyBase64urlTag, writeTag } from "./tags.ts";
import { Words } from "./words.ts";

const PADDED_STRIDE: usize = 128;

const JOBS: usize = HMAC_JOBS;
const JOB_BYTES: usize = HMAC_JOB_BYTES;
const STATUS: usize = HMAC_STATUS;

/** The given tags of nested jobs, while the inner ones stand in their place: 48 bytes for each of a group. */
const GIVEN_TAGS: usize = HMAC_SCRATCH + 0x600;
const GIVEN_STRIDE: usize = 48;
/** What the outer message has over the inner one: a dot and the inner tag. */
const NESTED_BYTES: u32 = 44;

/** One job record, as src/wasm wrote it. */
class Job {
  @inline static message(job: usize): usize {
    return load<u32>(job);
  }

  @inline static length(job: usize): usize {
    return load<u32>(job, 4);
  }

  @inline static tag(job: usize): usize {
    return load<u32>(job, 8);
  }

  @inline static slot(job: usize): u32 {
    return load<u32>(job, 12) & 0xffff;
  }

  @inline static encoding(job: usize): u32 {
    return load<u32>(job, 12) >>> 16;
  }

  /**
   * Swaps a nested job's two keys and makes its message longer by so many bytes: from the inner message to the outer one
   * and, with -NESTED_BYTES, back. The key that waits stands where other jobs have the encoding.
   */
  @inline static swapKeys(job: usize, bytes: u32): void {
    store<u32>(job, load<u32>(job, 4) + bytes, 4);
    store<u32>(job, rotl(load<u32>(job, 12), 16), 12);
  }
}

/** Inlined by force: as a function, its ten calls take a twentieth of a group's time. */
class Rows {
  /**
   * Transposes four by four words: 16 bytes from each of four places become four rows, or four rows 16 bytes each.
   * @param stride distance between the four results
   * @param bigEndian 1 where the words stand as big-endian bytes on one side
   */
  @inline static transpose(
    p0: usize,
    p1: usize,
    p2: usize,
    p3: usize,
    target: usize,
    stride: usize,
    bigEndian: i32,
  ): void {
    let a = v128.load(p0);
    let b = v128.load(p1);
    let c = v128.load(p2);
    let d = v128.load(p3);
    if (bigEndian) {
      a = Words.swap(a);
      b = Words.swap(b);
      c = Words.swap(c);
      d = Words.swap(d);
    }
    const abLow = v128.shuffle<u32>(a, b, 0, 4, 1, 5);
    const abHigh = v128.shuffle<u32>(a, b, 2, 6, 3, 7);
    const cdLow = v128.shuffle<u32>(c, d, 0, 4, 1, 5);
    const cdHigh = v128.shuffle<u32>(c, d, 2, 6, 3, 7);
    v128.store(target, v128.shuffle<u64>(abLow, cdLow, 0, 2));
    v128.store(target + stride, v128.shuffle<u64>(abLow, cdLow, 1, 3));
    v128.store(target + 2 * stride, v128.shuffle<u64>(abHigh, cdHigh, 0, 2));
    v128.store(target + 3 * stride, v128.shuffle<u64>(abHigh, cdHigh, 1, 3));
  }
}

/** Sets STATE_ROWS to the midstates of four slots: the inner ones for `offset` 0, the outer ones for 32. */
function startLanes(job0: usize, job1: usize, job2: usize, job3: usize, offset: usize): void {
  const s0 = slotAt(Job.slot(job0)) + offset;
  const s1 = slotAt(Job.slot(job1)) + offset;
  const s2 = slotAt(Job.slot(job2)) + offset;
  const s3 = slotAt(Job.slot(job3)) + offset;
  Rows.transpose(s0, s1, s2, s3, STATE_ROWS, 16, 0);
  Rows.transpose(s0 + 16, s1 + 16, s2 + 16, s3 + 16, STATE_ROWS + 64, 16, 0);
}

/** Pads the end of a lane's message; returns how many blocks the message has with it. */
function padLane(job: usize, lane: usize): i32 {
  const length = Job.length(job);
  const whole = length >>> 6;
  const end = Job.message(job) + (whole << 6);
  return <i32>(whole + pad(end, length & 63, KEY_BLOCK_BYTES + length, PADDED_LANES + lane * PADDED_STRIDE));
}

/** Where a lane's block stands: in its message, or padded. Behind the last block: anywhere that can be read. */
function blockAt(job: usize, lane: usize, index: usize): usize {
  const whole = Job.length(job) >>> 6;
  if (index < whole) return Job.message(job) + (index << 6);
  return PADDED_LANES + lane * PADDED_STRIDE + (((index - whole) & 1) << 6);
}

/** Leaves the tags of four jobs in TAGS, 32 bytes each. The caller wipes. */
function tagLanes(job0: usize, job1: usize, job2: usize, job3: usize): void {
  let blocks = i32x4.splat(padLane(job0, 0));
  blocks = i32x4.replace_lane(blocks, 1, padLane(job1, 1));
  blocks = i32x4.replace_lane(blocks, 2, padLane(job2, 2));
  blocks = i32x4.replace_lane(blocks, 3, padLane(job3, 3));

  startLanes(job0, job1, job2, job3, 0);
  for (let index = 0; ; index++) {
    const active = i32x4.gt_s(blocks, i32x4.splat(index));
    if (!v128.any_true(active)) break;
    v128.store(ACTIVE_LANES, active);
    const p0 = blockAt(job0, 0, index);
    const p1 = blockAt(job1, 1, index);
    const p2 = blockAt(job2, 2, index);
    const p3 = blockAt(job3, 3, index);
    for (let at: usize = 0; at < 64; at += 16) {
      Rows.transpose(p0 + at, p1 + at, p2 + at, p3 + at, WORD_ROWS + (at << 2), 16, 1);
    }
    compressLanes();
  }

  // The outer block: the inner hash, which stands in rows already, and the padding of 64 + 32 bytes.
  for (let at: usize = 0; at < 128; at += 16) v128.store(WORD_ROWS + at, v128.load(STATE_ROWS + at));
  v128.store(WORD_ROWS, i32x4.splat(0x80000000), 128);
  for (let at: usize = 144; at < 240; at += 16) v128.store(WORD_ROWS + at, i32x4.splat(0));
  v128.store(WORD_ROWS, i32x4.splat((<i32>KEY_BLOCK_BYTES + 32) << 3), 240);
  startLanes(job0, job1, job2, job3, 32);
  v128.store(ACTIVE_LANES, i32x4.splat(-1));
  compressLanes();
  Rows.transpose(STATE_ROWS, STATE_ROWS + 16, STATE_ROWS + 32, STATE_ROWS + 48, TAGS, 32, 1);
  Rows.transpose(STATE_ROWS + 64, STATE_ROWS + 80, STATE_ROWS + 96, STATE_ROWS + 112, TAGS + 16, 32, 1);
}

/**
 * Leaves the tags of up to four jobs in TAGS. One or two go through the one-lane path, which is faster for so few; three
 * are joined by a repetition of the first.
 */
function tagGroup(job: usize, lanes: usize): void {
  if (lanes > 2) {
    tagLanes(job, job + JOB_BYTES, job + 2 * JOB_BYTES, lanes > 3 ? job + 3 * JOB_BYTES : job);
    return;
  }
  for (let lane: usize = 0; lane < lanes; lane++) {
    const own = job + lane * JOB_BYTES;
    tagOf(Job.slot(own), Job.message(own), Job.length(own), TAGS + (lane << 5));
  }
}

function wipeAfter(count: usize): void {
  if (count > 2) wipeAllLanes();
  else wipeOneLane();
}

/**
 * Writes the tag of each job at HMAC_JOBS in the job's encoding. Messages must not contain the tags of other jobs of the
 * same call.
 * @param count 0 to HMAC_MAX_TEXTS
 */
export function signJobs(count: usize): void {
  for (let done: usize = 0; done < count; done += 4) {
    const job = JOBS + done * JOB_BYTES;
    const lanes = min(count - done, 4);
    tagGroup(job, lanes);
    for (let lane: usize = 0; lane < lanes; lane++) {
      const own = job + lane * JOB_BYTES;
      writeTag(TAGS + (lane << 5), Job.tag(own), Job.encoding(own));
    }
  }
  wipeAfter(count);
}

/**
 * Compares the tag of each job at HMAC_JOBS in constant time and writes a byte of STATUS_ per job to HMAC_STATUS.
 * @param count 0 to HMAC_MAX_TEXTS
 */
export function verifyJobs(count: usize): void {
  for (let done: usize = 0; done < count; done += 4) {
    const job = JOBS + done * JOB_BYTES;
    const lanes = min(count - done, 4);
    tagGroup(job, lanes);
    for (let lane: usize = 0; lane < lanes; lane++) {
      const own = job + lane * JOB_BYTES;
      store<u8>(STATUS + done + lane, checkTag(TAGS + (lane << 5), Job.tag(own), Job.encoding(own)));
    }
  }
  wipeAfter(count);
}

/**
 * Verifies messages that are signed twice, message ‖ "." ‖ tag: the inner tag, of the message, is computed into the place
 * of the tag given, and the outer one, of message ‖ "." ‖ inner tag, compared with that. Both are 43 base64url characters.
 * A record's last word is the inner slot | the outer slot << 16; the tag stands one byte behind the message. Afterwards
 * texts and records are as they were, and a byte of STATUS_ per job stands at HMAC_STATUS.
 * @param count 0 to HMAC_MAX_TEXTS
 */
export function verifyNestedJobs(count: usize): void {
  for (let done: usize = 0; done < count; done += 4) {
    const job = JOBS + done * JOB_BYTES;
    const lanes = min(count - done, 4);
    tagGroup(job, lanes);
    for (let lane: usize = 0; lane < lanes; lane++) {
      const own = job + lane * JOB_BYTES;
      copyBase64urlTag(Job.tag(own), GIVEN_TAGS + lane * GIVEN_STRIDE);
      writeTag(TAGS + (lane << 5), Job.tag(own), ENCODING_BASE64URL);
      Job.swapKeys(own, NESTED_BYTES);
    }
    tagGroup(job, lanes);
    for (let lane: usize = 0; lane < lanes; lane++) {
      const own = job + lane * JOB_BYTES;
      copyBase64urlTag(GIVEN_TAGS + lane * GIVEN_STRIDE, Job.tag(own));
      store<u8>(STATUS + done + lane, checkTag(TAGS + (lane << 5), Job.tag(own), ENCODING_BASE64URL));
      Job.swapKeys(own, -NESTED_BYTES);
    }
  }
  wipe(GIVEN_TAGS, 4 * GIVEN_STRIDE);
  wipeAfter(count);
}

/**
 * What verifyJobs says of a single job, without a record of it.
 * @returns STATUS_
 */
export function verifyOne(slot: u32, message: usize, length: usize, tag: usize, encoding: u32): u32 {
  tagOf(slot, message, length, TAGS);
  const status = checkTag(TAGS, tag, encoding);
  wipeOneLane();
  return status;
}
