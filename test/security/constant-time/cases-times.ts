// hmac.wasm: where tokens tell a time. Users and times are the run's own; the texts' lengths and their session are public.

import * as map from "../../../assembly/memory/hmac.ts";
import { type Case, called } from "./cases.ts";
import type { Secrets } from "./random.ts";
import type { Instance } from "./tracer.ts";

const OUT = map.HMAC_ARENA + 0x4000;
const BEHIND = 65;
const SESSION = "|arena-7 of eu-west|";
const USERS = [1, 15, 16, 40];

function writeTexts(secrets: Secrets, instance: Instance, offset: (user: number) => number): number {
  const words = new Uint32Array(instance.memory.buffer);
  let at = 0;
  for (const [i, length] of USERS.entries()) {
    const user = secrets.bytes(`user ${i}`, length).map((byte) => 0x30 + (byte & 15));
    const time = 1_700_000_000 + (secrets.random(`time ${i}`, 4).readInt32LE(0) >>> 4);
    const text = Buffer.concat([user, Buffer.from(`${SESSION}${time}`), Buffer.alloc(BEHIND, "|")]);
    instance.memory.set(text, map.HMAC_ARENA + at);
    words[map.HMAC_NUMBERS / 4 + i] = at + offset(length);
    words[map.HMAC_STARTS / 4 + i] = at;
    at += text.length;
  }
  words[map.HMAC_STARTS / 4 + USERS.length] = at;
  instance.memory.set(Buffer.from(SESSION), OUT);
  return USERS.length;
}

export const TIMES: readonly Case[] = [
  {
    name: "times are read",
    exports: ["numbersAt"],
    prepare: (secrets) => (instance) => {
      const count = writeTexts(secrets, instance, (user) => user + SESSION.length);
      return () => called(instance.exports, "numbersAt")(count);
    },
  },
  {
    name: "times are read behind a session",
    exports: ["numbersBehind"],
    prepare: (secrets) => (instance) => {
      const count = writeTexts(secrets, instance, () => 0);
      return () => called(instance.exports, "numbersBehind")(count, BEHIND, OUT, SESSION.length);
    },
  },
];
