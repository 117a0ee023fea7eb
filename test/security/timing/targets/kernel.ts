import { randomBytes } from "node:crypto";
import type { Suite } from "connect-tokens/cute";
import {
  CUTE_KEY_INPUT,
  CUTE_PACKETS,
  CUTE_REQUEST,
  CUTE_REQUEST_BYTES,
  CUTE_STATUS,
  OFFSET_REQUEST_ENDPOINTS_LENGTH,
  STATUS_NOT_GENUINE,
  STATUS_VALID,
  SUITE_HYDROGEN,
  SUITE_XCHACHA20POLY1305,
} from "../../../../assembly/memory/cute.ts";
import { HMAC_ARENA } from "../../../../assembly/memory/hmac.ts";
import { writeChecks } from "../../../support/cute-checks.ts";
import { loadKernel } from "../../../unit/assembly/load.ts";
import { type Class, Pool, secretOf, spoiltAt, type Target, type Trial } from "../target.ts";
import { APPLICATION_ID, cuteSecret, holderOf, NOW, packetOf, SECRET_BYTES, TAG_AT, TAG_BYTES } from "./cute.ts";

// The modules' exports by themselves: without the objects that the package makes around them, and the garbage collection
// that follows, differences show that are ten times smaller.

interface CuteKernel {
  keySet(slot: number, suite: number, key: number): number;
  issue(slot: number, suite: number): void;
  verifyPackets(count: number, suite: number, strict: number, slotCount: number): void;
}

interface HmacKernel {
  keySet(slot: number, key: number, length: number): void;
}

const SUITES = { hydrogen: SUITE_HYDROGEN, xchacha20poly1305: SUITE_XCHACHA20POLY1305 } as const;

/** Verifies packets, each after its secret: by the one slot, into which the secret is put before each batch. */
function verifyTrial(suite: Suite, record: (which: Class) => Uint8Array): Trial {
  const kernel = loadKernel<CuteKernel>("cute");
  const memory = new Uint8Array(kernel.memory.buffer);
  const pool = new Pool(record);
  const number = SUITES[suite];
  writeChecks(Buffer.from(kernel.memory.buffer), { applicationId: BigInt(APPLICATION_ID), now: NOW });
  const [secret, packet] = [pool.drawn.subarray(0, SECRET_BYTES[suite]), pool.drawn.subarray(SECRET_BYTES[suite])];
  return {
    prepare(which) {
      pool.draw(which);
      memory.set(secret, CUTE_KEY_INPUT);
      kernel.keySet(0, number, CUTE_KEY_INPUT);
      memory.set(packet, CUTE_PACKETS);
    },
    call() {
      kernel.verifyPackets(1, number, 1, 1);
      return memory[CUTE_STATUS] as number;
    },
  };
}

function genuine(suite: Suite, calls: number): Target {
  return {
    name: `verifyPackets, ${suite}, genuine`,
    classes: ["secret of a single bit", "random secret"],
    role: "target",
    calls,
    answer: STATUS_VALID,
    make() {
      const secretOf = cuteSecret(suite);
      return verifyTrial(suite, (which) => {
        const secret = secretOf(which);
        const holder = holderOf(suite, secret);
        const record = Buffer.concat([secret, packetOf(holder)]);
        holder.dispose();
        return record;
      });
    },
  };
}

function forged(suite: Suite): Target {
  return {
    name: `verifyPackets, ${suite}, forged`,
    classes: ["tag wrong in its first byte", "in its last byte"],
    role: "target",
    calls: 50,
    answer: STATUS_NOT_GENUINE,
    make() {
      const secret = cuteSecret(suite)(1);
      const holder = holderOf(suite, secret);
      const at = TAG_AT[suite];
      return verifyTrial(suite, (which) =>
        Buffer.concat([secret, spoiltAt(packetOf(holder), which === 0 ? at : at + TAG_BYTES - 1)]),
      );
    },
  };
}

export const kernelTargets: readonly Target[] = [
  forged("xchacha20poly1305"),
  genuine("xchacha20poly1305", 50),
  forged("hydrogen"),
  genuine("hydrogen", 4),
  {
    name: "issue, hydrogen",
    classes: ["secret of a single bit", "random secret"],
    role: "target",
    calls: 4,
    answer: 0,
    make() {
      const kernel = loadKernel<CuteKernel>("cute");
      const memory = new Uint8Array(kernel.memory.buffer);
      const pool = new Pool(cuteSecret("hydrogen"));
      // Taken as it is; the kernel wipes it each time.
      const request = randomBytes(CUTE_REQUEST_BYTES);
      request.writeUInt32LE(7, OFFSET_REQUEST_ENDPOINTS_LENGTH);
      return {
        prepare(which) {
          pool.draw(which);
          memory.set(pool.drawn, CUTE_KEY_INPUT);
          kernel.keySet(0, SUITE_HYDROGEN, CUTE_KEY_INPUT);
        },
        call() {
          memory.set(request, CUTE_REQUEST);
          kernel.issue(0, SUITE_HYDROGEN);
          return 0;
        },
      };
    },
  },
  {
    name: "keySet, HMAC",
    classes: ["key of a single bit", "random key"],
    role: "target",
    calls: 50,
    answer: 0,
    make() {
      const kernel = loadKernel<HmacKernel>("hmac");
      const memory = new Uint8Array(kernel.memory.buffer);
      const pool = new Pool((which) => secretOf(which));
      return {
        prepare: (which) => pool.draw(which),
        call() {
          memory.set(pool.drawn, HMAC_ARENA);
          kernel.keySet(0, HMAC_ARENA, pool.drawn.length);
          return 0;
        },
      };
    },
  },
];
