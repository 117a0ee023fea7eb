import {
  OFFSET_JOB_DATAGRAM,
  OFFSET_JOB_IV,
  OFFSET_JOB_KEY,
  OFFSET_JOB_LENGTH,
  OFFSET_JOB_TEXT,
  SESSION_JOB_BYTES,
  SESSION_KEY_BYTES,
  SESSION_MAX_JOBS,
  SESSION_OFFSET_CIPHERTEXT,
  SESSION_OFFSET_SEQUENCE,
  SESSION_OFFSET_SIV,
  SESSION_OFFSET_ZEROS,
} from "../../../assembly/cute/session-layout.ts";
import { cuteKernel } from "./kernel.ts";

/** A datagram to open under a prepared key; 73 to 1280 bytes. */
export interface OpenJob {
  readonly key: Uint8Array;
  readonly datagram: Uint8Array;
}

/** A packet to seal under a prepared key. */
export interface SealJob {
  readonly key: Uint8Array;
  readonly type: number;
  readonly sequence: bigint;
  /** 0 to 1207 bytes. */
  readonly text: Uint8Array;
  /** 20 random bytes. */
  readonly iv: Uint8Array;
}

/**
 * Does once what every packet under a session key begins with.
 *
 * @param key 32 bytes
 * @returns 128 bytes, as secret as the key
 */
export function prepareSessionKey(key: Uint8Array): Uint8Array<ArrayBuffer> {
  const { arenas, calls, keyInput, scratch, token } = cuteKernel();
  try {
    keyInput.set(key);
    calls.sessionPrepare();
    return token.slice(0, SESSION_KEY_BYTES);
  } catch (error) {
    scratch.fill(0);
    arenas.fill(0);
    throw error;
  } finally {
    token.fill(0, 0, SESSION_KEY_BYTES);
    keyInput.fill(0, 0, key.length);
  }
}

/** Opens packets, as many as there are in one crossing of the border; `undefined` for each that is not genuine. */
export function openSessionPackets(jobs: readonly OpenJob[]): (Uint8Array<ArrayBuffer> | undefined)[] {
  return inWindows(jobs, writeDatagram, (count) => cuteKernel().calls.sessionOpen(count), readText);
}

/** Seals packets likewise. */
export function sealSessionPackets(jobs: readonly SealJob[]): Uint8Array<ArrayBuffer>[] {
  return inWindows(jobs, writeText, (count) => cuteKernel().calls.sessionSeal(count), readDatagram);
}

function inWindows<Job, Result>(
  jobs: readonly Job[],
  write: (arena: Uint8Array, view: DataView, at: number, job: Job) => void,
  call: (count: number) => void,
  read: (arena: Uint8Array<ArrayBuffer>, view: DataView, at: number, job: Job) => Result,
): Result[] {
  const { arenas, scratch, session: arena, sessionView: view } = cuteKernel();
  const results: Result[] = [];
  for (let from = 0; from < jobs.length; from += SESSION_MAX_JOBS) {
    const count = Math.min(jobs.length - from, SESSION_MAX_JOBS);
    try {
      for (let i = 0; i < count; i++) write(arena, view, i * SESSION_JOB_BYTES, jobs[from + i] as Job);
      call(count);
      for (let i = 0; i < count; i++) results.push(read(arena, view, i * SESSION_JOB_BYTES, jobs[from + i] as Job));
    } catch (error) {
      scratch.fill(0);
      arenas.fill(0);
      throw error;
    } finally {
      arena.fill(0, 0, count * SESSION_JOB_BYTES);
    }
  }
  return results;
}

function writeDatagram(arena: Uint8Array, view: DataView, at: number, { key, datagram }: OpenJob): void {
  arena.set(key, at + OFFSET_JOB_KEY);
  view.setUint32(at + OFFSET_JOB_LENGTH, datagram.length, true);
  arena.set(datagram, at + OFFSET_JOB_DATAGRAM);
}

function readText(arena: Uint8Array<ArrayBuffer>, view: DataView, at: number, { datagram }: OpenJob) {
  if (view.getUint32(at + OFFSET_JOB_LENGTH, true) === 0) return undefined;
  const text = at + OFFSET_JOB_TEXT;
  return arena.slice(text, text + datagram.length - SESSION_OFFSET_CIPHERTEXT);
}

function writeText(arena: Uint8Array, view: DataView, at: number, { key, type, sequence, text, iv }: SealJob): void {
  arena.set(key, at + OFFSET_JOB_KEY);
  view.setUint32(at + OFFSET_JOB_LENGTH, SESSION_OFFSET_CIPHERTEXT + text.length, true);
  arena.set(iv, at + OFFSET_JOB_IV);
  arena[at + OFFSET_JOB_DATAGRAM] = type;
  view.setBigUint64(at + OFFSET_JOB_DATAGRAM + SESSION_OFFSET_SEQUENCE, sequence, true);
  // Verified tokens may stand in the arena: what is not written here is not zero.
  arena.fill(0, at + OFFSET_JOB_DATAGRAM + SESSION_OFFSET_ZEROS, at + OFFSET_JOB_DATAGRAM + SESSION_OFFSET_SIV);
  arena.set(text, at + OFFSET_JOB_TEXT);
}

function readDatagram(arena: Uint8Array<ArrayBuffer>, _view: DataView, at: number, { text }: SealJob) {
  const datagram = at + OFFSET_JOB_DATAGRAM;
  return arena.slice(datagram, datagram + SESSION_OFFSET_CIPHERTEXT + text.length);
}
