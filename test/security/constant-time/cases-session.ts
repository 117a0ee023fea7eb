// Session packets of cute.wasm: keys, plaintexts, random bytes and what a forged packet differs in are secret; how many
// there are, their types, lengths and sequence numbers are in the open.

import * as session from "../../../assembly/cute/session-layout.ts";
import * as map from "../../../assembly/memory/cute.ts";
import { altered, type Case, called } from "./cases.ts";
import type { Secrets } from "./random.ts";
import type { Instance } from "./tracer.ts";

const SIZES = [0, 1, 15, 16, 119, 264];

const jobOf = (instance: Instance, i: number): Buffer =>
  Buffer.from(instance.memory.buffer, map.CUTE_SESSION + i * session.SESSION_JOB_BYTES, session.SESSION_JOB_BYTES);

function prepare(instance: Instance, key: Uint8Array): Uint8Array {
  instance.memory.set(key, map.CUTE_KEY_INPUT);
  called(instance.exports, "sessionPrepare")();
  return instance.memory.slice(map.CUTE_TOKEN, map.CUTE_TOKEN + session.SESSION_KEY_BYTES);
}

function writeSealJobs(secrets: Secrets, instance: Instance): void {
  SIZES.forEach((size, i) => {
    const key = prepare(instance, secrets.bytes(`key ${i}`, 32));
    const job = jobOf(instance, i);
    job.set(key, session.OFFSET_JOB_KEY);
    job.writeUInt32LE(session.SESSION_OFFSET_CIPHERTEXT + size, session.OFFSET_JOB_LENGTH);
    job.set(secrets.bytes(`iv ${i}`, 20), session.OFFSET_JOB_IV);
    job.fill(0, session.OFFSET_JOB_DATAGRAM, session.OFFSET_JOB_DATAGRAM + session.SESSION_OFFSET_SIV);
    job[session.OFFSET_JOB_DATAGRAM] = session.TYPE_PAYLOAD;
    job.writeBigUInt64LE(BigInt(i) + 7n, session.OFFSET_JOB_DATAGRAM + session.SESSION_OFFSET_SEQUENCE);
    job.set(secrets.bytes(`text ${i}`, size), session.OFFSET_JOB_TEXT);
  });
}

/** Genuine packets, or forgeries of them, that differ in SIV, MAC or ciphertext. */
function writeOpenJobs(secrets: Secrets, instance: Instance, forged: boolean): void {
  writeSealJobs(secrets, instance);
  called(instance.exports, "sessionSeal")(SIZES.length);
  SIZES.forEach((size, i) => {
    const key = prepare(instance, secrets.bytes(`key ${i}`, 32));
    const job = jobOf(instance, i);
    job.set(key, session.OFFSET_JOB_KEY);
    if (!forged) return;
    const box = job.subarray(
      session.OFFSET_JOB_DATAGRAM + session.SESSION_OFFSET_SIV,
      session.OFFSET_JOB_DATAGRAM + session.SESSION_OFFSET_CIPHERTEXT + size,
    );
    const [start, length] = (
      [
        [20, 16],
        [0, 20],
        [20, box.length - 20],
      ] as const
    )[secrets.turn(3)] ?? [0, 16];
    box.set(altered(secrets, box.subarray(start, start + length)), start);
  });
}

const opened = (forged: boolean): Case => ({
  name: `session packets are opened, ${forged ? "forged" : "genuine"}`,
  exports: ["sessionOpen"],
  verdict: SIZES.map(() => (forged ? 0 : 1)),
  ...(forged
    ? { parts: { from: "session packets are opened, genuine", at: "assembly/gimli/secretbox/secretboxOpen" } }
    : {}),
  prepare: (secrets) => (instance) => {
    writeOpenJobs(secrets, instance, forged);
    return () => {
      called(instance.exports, "sessionOpen")(SIZES.length);
      return SIZES.map((_, i) => jobOf(instance, i).readUInt32LE(session.OFFSET_JOB_LENGTH));
    };
  },
});

export const SESSION_CASES: readonly Case[] = [
  {
    name: "a session key is prepared",
    exports: ["sessionPrepare"],
    prepare: (secrets) => (instance) => {
      instance.memory.set(secrets.bytes("key", 32), map.CUTE_KEY_INPUT);
      return () => called(instance.exports, "sessionPrepare")();
    },
  },
  {
    name: "session packets are sealed",
    exports: ["sessionSeal"],
    prepare: (secrets) => (instance) => {
      writeSealJobs(secrets, instance);
      return () => called(instance.exports, "sessionSeal")(SIZES.length);
    },
  },
  opened(false),
  opened(true),
];
