// The private part: XChaCha20-Poly1305 over 1008 bytes, with version, protocol id and expire timestamp as associated data.
// Its readable twin: test/reference/netcode.ts.

import { wipe } from "../bytes.ts";
import {
  chacha20AdvanceCounter,
  chacha20Blocks,
  chacha20BlocksWithPoly1305,
  chacha20FillLanes,
  chacha20Xor,
  xorStream,
} from "../chacha20poly1305/chacha20.ts";
import { hchacha20, hchacha20FromBlock, hchacha20InitState } from "../chacha20poly1305/hchacha20.ts";
import { equalTags, poly1305Blocks, poly1305Finish, poly1305Start } from "../chacha20poly1305/poly1305.ts";
import { xchacha20InitState } from "../chacha20poly1305/xchacha20.ts";
import {
  NETCODE_REQUESTS,
  NETCODE_SCRATCH,
  NETCODE_SCRATCH_BYTES,
  NETCODE_STATUS,
  OFFSET_KEPT_PRIVATE,
  STATUS_NOT_GENUINE,
} from "../memory/netcode.ts";
import {
  ASSOCIATED_DATA_BYTES,
  CONNECTION_REQUEST_BYTES,
  OFFSET_NONCE,
  OFFSET_PRIVATE,
  OFFSET_TAG,
  OFFSET_TOKEN_EXPIRE_TIMESTAMP,
  OFFSET_TOKEN_NONCE,
  OFFSET_TOKEN_PRIVATE,
  OFFSET_VERSION,
  PRIVATE_TEXT_BYTES,
} from "./layout.ts";
import { fieldsLength, keepRecord } from "./records.ts";

// NETCODE_SCRATCH, part by part. Two requests are under way at a time, each in a half of its own: four states of ChaCha20,
// then blocks 0 to 7 of its key stream, of which block 0 is the one-time key and block 7 makes room for the subkey of the
// request after the next.
const FIRST_HALF: usize = NETCODE_SCRATCH;
const SECOND_HALF: usize = NETCODE_SCRATCH + 0x300;
const LAST_STATE: usize = 0xc0;
const STREAM: usize = 0x100;
const TEXT_STREAM: usize = 0x140;
const SECOND_STREAM: usize = 0x200;
const LAST_BLOCK: usize = 0x2c0;
const POLY: usize = NETCODE_SCRATCH + 0x600;
const EXPECTED_TAG: usize = NETCODE_SCRATCH + 0x680;
/** The subkey of the request after the next. */
const AHEAD: usize = NETCODE_SCRATCH + 0x690;
/** Associated data, padded to 32. */
const HEAD: usize = NETCODE_SCRATCH + 0x6b0;
const LENGTHS: usize = NETCODE_SCRATCH + 0x6d0;

const HEAD_BYTES: usize = 32;
/** Behind version and protocol id. */
const EXPIRE_IN_HEAD: usize = 21;
/** Bytes of the text that blocks 1 to 6 cover. */
const TEXT_AHEAD_BYTES: usize = 384;
/** What goes beside four blocks of the cipher. */
const BESIDE_BYTES: usize = 480;
/** What is left of the ciphertext after that, twice. */
const LEFT_BYTES: usize = 48;

/** Wipes all scratch: once per export call. */
export function privateWipe(): void {
  wipe(NETCODE_SCRATCH, NETCODE_SCRATCH_BYTES);
}

/**
 * Seals the private part of a token in place: its 1008 bytes of text become ciphertext, the tag follows. Version, protocol
 * id, expire timestamp and nonce stand there already.
 */
export function sealPrivate(slot: usize, token: usize): void {
  const half = FIRST_HALF;
  const text = token + OFFSET_TOKEN_PRIVATE;
  hchacha20(slot, token + OFFSET_TOKEN_NONCE, AHEAD);
  xchacha20InitState(half, AHEAD, token + OFFSET_TOKEN_NONCE);
  chacha20Blocks(half, half + STREAM);
  chacha20AdvanceCounter(half, 1);
  poly1305Start(POLY, half + STREAM);
  chacha20Xor(half, half + SECOND_STREAM, text, PRIVATE_TEXT_BYTES);
  memory.copy(HEAD, token, EXPIRE_IN_HEAD);
  store<u64>(HEAD + EXPIRE_IN_HEAD, load<u64>(token + OFFSET_TOKEN_EXPIRE_TIMESTAMP));
  poly1305Blocks(POLY, HEAD, HEAD_BYTES);
  poly1305Blocks(POLY, text, PRIVATE_TEXT_BYTES);
  authenticateLengths();
  poly1305Finish(POLY, text + PRIVATE_TEXT_BYTES);
}

/**
 * Tries a slot on every request whose status is STATUS_NOT_GENUINE. What a genuine one says goes to `out`, record after
 * record, and its status says what becomes of it; nothing is decrypted unless the tag is genuine.
 *
 * Key stream is made ahead: beside the authenticator of a request run blocks 4 to 6 of its own with, in the fourth lane,
 * the subkey of the request after the next; then blocks 0 to 3 of the next one. A forged request's key stream is not used.
 * @param secretIndex the slot's place in the list of those tried
 * @returns where the next record goes
 */
export function openRequests(slot: usize, secretIndex: usize, count: usize, out: usize): usize {
  let index = nextUndecided(0, count);
  if (index === count) return out;
  let half = FIRST_HALF;
  hchacha20(slot, requestAt(index) + OFFSET_NONCE, AHEAD);
  xchacha20InitState(half, AHEAD, requestAt(index) + OFFSET_NONCE);
  chacha20Blocks(half, half + STREAM);
  let next = nextUndecided(index + 1, count);
  if (next < count) hchacha20(slot, requestAt(next) + OFFSET_NONCE, AHEAD);
  while (next < count) {
    const request = requestAt(index);
    const otherHalf = half === FIRST_HALF ? SECOND_HALF : FIRST_HALF;
    const afterNext = nextUndecided(next + 1, count);
    poly1305Start(POLY, half + STREAM);
    xchacha20InitState(otherHalf, AHEAD, requestAt(next) + OFFSET_NONCE);
    authenticateHead(request);
    chacha20AdvanceCounter(half, 4);
    if (afterNext < count) hchacha20InitState(half + LAST_STATE, slot, requestAt(afterNext) + OFFSET_NONCE);
    chacha20BlocksWithPoly1305(half, half + SECOND_STREAM, POLY, request + OFFSET_PRIVATE);
    if (afterNext < count) hchacha20FromBlock(half + LAST_STATE, half + LAST_BLOCK, AHEAD);
    chacha20BlocksWithPoly1305(otherHalf, otherHalf + STREAM, POLY, request + OFFSET_PRIVATE + BESIDE_BYTES);
    poly1305Blocks(POLY, request + OFFSET_PRIVATE + 2 * BESIDE_BYTES, LEFT_BYTES);
    // The verdict is no secret.
    if (isGenuine(request)) out = accept(half, index, secretIndex, out);
    half = otherHalf;
    index = next;
    next = afterNext;
  }
  // The last one, and with it a request that comes alone: its text's key stream is worth making once it is found genuine.
  const request = requestAt(index);
  poly1305Start(POLY, half + STREAM);
  authenticateHead(request);
  poly1305Blocks(POLY, request + OFFSET_PRIVATE, PRIVATE_TEXT_BYTES);
  if (!isGenuine(request)) return out;
  chacha20AdvanceCounter(half, 4);
  chacha20Blocks(half, half + SECOND_STREAM);
  return accept(half, index, secretIndex, out);
}

function requestAt(index: usize): usize {
  return <usize>NETCODE_REQUESTS + index * CONNECTION_REQUEST_BYTES;
}

/** The first request from `index` on that may be opened and that no slot has opened yet; `count` where there is none. */
function nextUndecided(index: usize, count: usize): usize {
  while (index < count && load<u8>(<usize>NETCODE_STATUS + index) !== <u8>STATUS_NOT_GENUINE) index++;
  return index;
}

/** Adds a request's associated data, padded. */
function authenticateHead(request: usize): void {
  const head = request + OFFSET_VERSION;
  const kept = i8x16(-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0);
  v128.store(HEAD, v128.load(head));
  v128.store(HEAD, v128.and(v128.load(head, 16), kept), 16);
  poly1305Blocks(POLY, HEAD, HEAD_BYTES);
}

function authenticateLengths(): void {
  store<u64>(LENGTHS, ASSOCIATED_DATA_BYTES);
  store<u64>(LENGTHS, PRIVATE_TEXT_BYTES, 8);
  poly1305Blocks(POLY, LENGTHS, 16);
}

/** All but the lengths has been authenticated: ends it and compares the tag. */
function isGenuine(request: usize): boolean {
  authenticateLengths();
  poly1305Finish(POLY, EXPECTED_TAG);
  return equalTags(EXPECTED_TAG, request + OFFSET_TAG) !== 0;
}

/**
 * Decrypts a request that was found genuine, as far as its fields go, which its count of addresses says: the zeros behind
 * them are nobody's. @returns where the next record goes
 */
function accept(half: usize, index: usize, secretIndex: usize, out: usize): usize {
  const request = requestAt(index);
  const ciphertext = request + OFFSET_PRIVATE;
  const text = out + OFFSET_KEPT_PRIVATE;
  xorStream(half + TEXT_STREAM, ciphertext, text, TEXT_AHEAD_BYTES);
  const length = fieldsLength(text);
  if (length > TEXT_AHEAD_BYTES) {
    memory.copy(text + TEXT_AHEAD_BYTES, ciphertext + TEXT_AHEAD_BYTES, length - TEXT_AHEAD_BYTES);
    // From block 4 in the first lane to blocks 7 to 10.
    chacha20AdvanceCounter(half, 3);
    chacha20FillLanes(half);
    chacha20Xor(half, half + STREAM, text + TEXT_AHEAD_BYTES, length - TEXT_AHEAD_BYTES);
  }
  return keepRecord(index, request, secretIndex, out, max(length, TEXT_AHEAD_BYTES));
}
