// Session packets: a secretbox under a session key, whose message id is the packet's sequence number. Keys are not slots:
// a prepared one comes along with each packet, so that a server may have any number of sessions.
// Source: `cn_packet_write` and `cn_packet_open` of cute_net.h.

import { wipe } from "../bytes.ts";
import { secretboxOpen, secretboxPrepare, secretboxSeal } from "../gimli/secretbox.ts";
import { CUTE_KEY_INPUT, CUTE_SESSION, CUTE_TOKEN } from "../memory/cute.ts";
import { context } from "./hydrogen.ts";
import { KEY_BYTES } from "./layout.ts";
import {
  OFFSET_JOB_DATAGRAM,
  OFFSET_JOB_IV,
  OFFSET_JOB_KEY,
  OFFSET_JOB_LENGTH,
  OFFSET_JOB_TEXT,
  SESSION_IV_BYTES,
  SESSION_JOB_BYTES,
  SESSION_KEY_BYTES,
  SESSION_OFFSET_CIPHERTEXT,
  SESSION_OFFSET_SEQUENCE,
  SESSION_OFFSET_SIV,
} from "./session-layout.ts";

/** Prepares a session key; see cute.ts. */
export function sessionPrepare(): void {
  secretboxPrepare(context(), CUTE_KEY_INPUT, CUTE_TOKEN);
  wipe(CUTE_KEY_INPUT, KEY_BYTES);
}

/** Seals jobs; see cute.ts. */
export function sessionSeal(count: usize): void {
  for (let i: usize = 0; i < count; i++) {
    const job = <usize>CUTE_SESSION + i * SESSION_JOB_BYTES;
    const datagram = job + OFFSET_JOB_DATAGRAM;
    const length = <usize>load<u32>(job + OFFSET_JOB_LENGTH) - SESSION_OFFSET_CIPHERTEXT;
    secretboxSeal(
      job + OFFSET_JOB_KEY,
      job + OFFSET_JOB_IV,
      job + OFFSET_JOB_TEXT,
      length,
      load<u64>(datagram + SESSION_OFFSET_SEQUENCE),
      datagram + SESSION_OFFSET_SIV,
    );
    wipe(job + OFFSET_JOB_KEY, SESSION_KEY_BYTES);
    wipe(job + OFFSET_JOB_IV, SESSION_IV_BYTES);
    wipe(job + OFFSET_JOB_TEXT, length);
  }
}

/** Opens jobs; see cute.ts. */
export function sessionOpen(count: usize): void {
  for (let i: usize = 0; i < count; i++) {
    const job = <usize>CUTE_SESSION + i * SESSION_JOB_BYTES;
    const datagram = job + OFFSET_JOB_DATAGRAM;
    const genuine = secretboxOpen(
      job + OFFSET_JOB_KEY,
      datagram + SESSION_OFFSET_SIV,
      <usize>load<u32>(job + OFFSET_JOB_LENGTH) - SESSION_OFFSET_CIPHERTEXT,
      load<u64>(datagram + SESSION_OFFSET_SEQUENCE),
      job + OFFSET_JOB_TEXT,
    );
    wipe(job + OFFSET_JOB_KEY, SESSION_KEY_BYTES);
    store<u32>(job + OFFSET_JOB_LENGTH, <u32>genuine);
  }
}
