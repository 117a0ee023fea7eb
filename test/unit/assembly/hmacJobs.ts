// Jobs for hmac.wasm as the tests write them, and the verdicts they must get, worked out with Buffer and node:crypto.

import { createHmac } from "node:crypto";
import {
  ENCODING_BASE64URL,
  ENCODING_HEX,
  ENCODING_HEX_ANY_CASE,
  ENCODING_RAW,
  HMAC_ARENA,
  HMAC_JOBS,
  HMAC_MAX_TEXTS,
  HMAC_STATUS,
  STATUS_GENUINE,
  STATUS_MALFORMED,
  STATUS_MISMATCH,
} from "../../../assembly/memory/hmac.ts";
import { sha256 } from "../../reference/sha256.ts";
import { changingOnly, hmac, memory, read } from "./hmacModule.ts";

export const ENCODINGS = [ENCODING_HEX, ENCODING_HEX_ANY_CASE, ENCODING_BASE64URL, ENCODING_RAW];
const words = new Uint32Array(hmac.memory.buffer);

export interface Job {
  readonly message: Uint8Array;
  readonly slot: number;
  readonly encoding: number;
  /** What stands where the tag belongs. */
  readonly tag?: Uint8Array;
}

export const opensslTag = (key: Uint8Array, message: Uint8Array): Buffer =>
  createHmac("sha256", key).update(message).digest();

export function encode(tag: Buffer, encoding: number): Buffer {
  if (encoding === ENCODING_RAW) return Buffer.from(tag);
  return Buffer.from(tag.toString(encoding === ENCODING_BASE64URL ? "base64url" : "hex"));
}

/** What the kernel must say of `tag`, worked out with Buffer. */
export function statusOf(tag: Buffer, encoding: number, right: Buffer): number {
  const text = tag.toString("latin1");
  let bytes = tag;
  if (encoding === ENCODING_BASE64URL) {
    bytes = Buffer.from(text, "base64url");
    if (bytes.toString("base64url") !== text) return STATUS_MALFORMED;
  } else if (encoding !== ENCODING_RAW) {
    if (!(encoding === ENCODING_HEX ? /^[0-9a-f]{64}$/ : /^[0-9a-fA-F]{64}$/).test(text)) return STATUS_MALFORMED;
    bytes = Buffer.from(text, "hex");
  }
  return bytes.equals(right) ? STATUS_GENUINE : STATUS_MISMATCH;
}

export const tagLength = (encoding: number): number => encode(Buffer.alloc(32), encoding).length;

/** Puts a key into a slot the way src/wasm does: a long one is hashed first. */
export function setKey(slot: number, key: Uint8Array): void {
  const short = key.length > 64 ? sha256(key) : key;
  memory.set(short, HMAC_ARENA);
  hmac.keySet(slot, HMAC_ARENA, short.length);
}

/** Writes jobs, messages and tags end to end from `start`; returns where each tag stands. */
export function writeJobs(jobs: readonly Job[], start = HMAC_ARENA): number[] {
  let at = start;
  return jobs.map((job, i) => {
    const tag = at + job.message.length;
    memory.set(job.message, at);
    words.set([at, job.message.length, tag, job.slot | (job.encoding << 16)], (HMAC_JOBS + i * 16) / 4);
    if (job.tag) memory.set(job.tag, tag);
    at = tag + tagLength(job.encoding);
    return tag;
  });
}

/** The tags that the kernel writes. */
export function sign(jobs: readonly Job[], start = HMAC_ARENA): Buffer[] {
  const places = writeJobs(jobs, start);
  const outputs = jobs.map((job, i) => [places[i] as number, tagLength(job.encoding)] as const);
  changingOnly(outputs, () => hmac.signJobs(jobs.length));
  return outputs.map(([place, length]) => read(place, length));
}

/** The statuses that the kernel gives. */
export function verify(jobs: readonly Job[], start = HMAC_ARENA): number[] {
  writeJobs(jobs, start);
  memory.fill(0xa5, HMAC_STATUS, HMAC_STATUS + HMAC_MAX_TEXTS);
  changingOnly([[HMAC_STATUS, jobs.length]], () => hmac.verifyJobs(jobs.length));
  return [...read(HMAC_STATUS, jobs.length)];
}
