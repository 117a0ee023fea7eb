import { randomBytes, randomInt } from "node:crypto";
import { SnapNetTokens } from "connect-tokens/snapnet";
import { loadKernel } from "../../../unit/assembly/load.ts";
import { Pool, spoiltAt, type Target } from "../target.ts";
import { genuineTrial } from "./cute.ts";
import { sameEncoding } from "./encoding.ts";
import { forgedSnapNet } from "./hmac.ts";

// Without these the figures say nothing: a harness that sees no leak, and one that sees leaks everywhere, must be told
// from one that works.

interface EarlyExitKernel {
  earlyExitEqual(a: number, b: number, length: number): number;
}

const NOW = 1_700_000_000;
const TAG_BYTES = 32;
const FIRST_OR_LAST = ["tag wrong in its first byte", "in its last byte"] as const;
const [EXPECTED, GIVEN] = [0x10000, 0x20000];

/** Tags of which one byte differs from the expected one: the first, or the last. */
const wrongTags = (expected: Uint8Array): Pool =>
  new Pool((which) => spoiltAt(expected, which === 0 ? 0 : TAG_BYTES - 1));

function earlyExitEqual(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return 0;
  return 1;
}

/** The leaky compare in WebAssembly, of a drawn tag and the expected one. */
function leakyCompare() {
  const kernel = loadKernel<EarlyExitKernel>("early-exit.kernel");
  const memory = new Uint8Array(kernel.memory.buffer);
  const expected = randomBytes(TAG_BYTES);
  memory.set(expected, EXPECTED);
  const pool = wrongTags(expected);
  return {
    prepare(which: 0 | 1): void {
      pool.draw(which);
      memory.set(pool.drawn, GIVEN);
    },
    call: (): number => kernel.earlyExitEqual(EXPECTED, GIVEN, TAG_BYTES),
  };
}

export const controls: readonly Target[] = [
  {
    name: "control: early exit, JavaScript",
    classes: FIRST_OR_LAST,
    role: "leaks",
    calls: 50,
    answer: 0,
    make() {
      const expected = new Uint8Array(randomBytes(TAG_BYTES));
      const pool = wrongTags(expected);
      return { prepare: (which) => pool.draw(which), call: () => earlyExitEqual(expected, pool.drawn) };
    },
  },
  {
    name: "control: early exit, WebAssembly",
    classes: FIRST_OR_LAST,
    role: "leaks",
    calls: 50,
    answer: 0,
    make: leakyCompare,
  },
  {
    name: "control: early exit behind a SnapNet verify",
    classes: FIRST_OR_LAST,
    role: "leaks",
    calls: 50,
    answer: 0,
    make() {
      // The same work as the target of that name for both classes, and only then the leak: a hundredth of the time.
      const holder = new SnapNetTokens({ secret: randomBytes(32), sessionId: "session" });
      const pool = forgedSnapNet(holder, () => randomInt(64));
      const leak = leakyCompare();
      let token = "";
      return {
        prepare(which) {
          pool.draw(which);
          token = pool.text();
          leak.prepare(which);
        },
        call: () => Number(holder.verify(token, { now: NOW }).valid) + leak.call(),
      };
    },
  },
  {
    name: "control: A/A, SnapNet verify, forged",
    classes: ["tag wrong anywhere", "tag wrong anywhere"],
    role: "same",
    calls: 50,
    answer: 0,
    make() {
      const holder = new SnapNetTokens({ secret: randomBytes(32), sessionId: "session" });
      const pool = forgedSnapNet(holder, () => randomInt(64));
      let token = "";
      return {
        prepare(which) {
          pool.draw(which);
          token = pool.text();
        },
        call: () => Number(holder.verify(token, { now: NOW }).valid),
      };
    },
  },
  {
    name: "control: A/A, Cute hydrogen verify, genuine",
    classes: ["random secret", "random secret"],
    role: "same",
    calls: 4,
    answer: 1,
    make: () => genuineTrial("hydrogen", () => 1),
  },
  sameEncoding,
];
