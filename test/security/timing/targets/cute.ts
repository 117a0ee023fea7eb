import { randomBytes, randomInt } from "node:crypto";
import { CuteTokens, generateSigningKeyPair, type Suite } from "connect-tokens/cute";
import { CUTE_KEY_INPUT, CUTE_TOKEN } from "../../../../assembly/memory/cute.ts";
import { loadKernel } from "../../../unit/assembly/load.ts";
import { type Class, Pool, secretOf, spoiltAt, type Target, type Trial } from "../target.ts";

export const NOW = 1_700_000_000n;
export const APPLICATION_ID = 42;
const REST_BYTES = 90;
export const SECRET_BYTES = { hydrogen: 64, xchacha20poly1305: 32 } as const;
const FIXED_OR_RANDOM = ["secret of a single bit", "random secret"] as const;
const FIRST_OR_LAST = ["tag wrong in its first byte", "in its last byte"] as const;
/** Where the tag of the encryption stands in a packet. */
export const TAG_AT = { hydrogen: 568 + 20, xchacha20poly1305: 1008 } as const;
export const TAG_BYTES = 16;

interface SigningKernel {
  signingKeyPair(seeded: number): void;
}

/** A secret of either class; a signing secret's scalar is that of {@link secretOf} itself, not drawn from it. */
export function cuteSecret(suite: Suite): (which: Class) => Uint8Array {
  if (suite === "xchacha20poly1305") return (which) => secretOf(which);
  const kernel = loadKernel<SigningKernel>("cute");
  const memory = new Uint8Array(kernel.memory.buffer);
  return (which) => {
    memory.set(secretOf(which), CUTE_KEY_INPUT);
    kernel.signingKeyPair(0);
    return memory.slice(CUTE_TOKEN, CUTE_TOKEN + SECRET_BYTES.hydrogen);
  };
}

export const holderOf = (suite: Suite, secret: Uint8Array): CuteTokens =>
  new CuteTokens({ suite, secret, applicationId: APPLICATION_ID });

const fields = () => ({
  creationTimestamp: NOW,
  expirationTimestamp: NOW + 100n,
  handshakeTimeout: 5,
  endpoints: ["203.0.113.7:40000"],
  clientId: BigInt(randomInt(2 ** 40)),
  clientToServerKey: randomBytes(32),
  serverToClientKey: randomBytes(32),
});

export const packetOf = (holder: CuteTokens): Uint8Array => holder.issue(fields()).subarray(REST_BYTES);

const isValid = (holder: CuteTokens, packet: Uint8Array): number => Number(holder.verify(packet, { now: NOW }).valid);

/**
 * Genuine packets, each under its own secret: a holder is made of it before each batch, and the one before disposed of, so
 * that the key is always in the same slot.
 *
 * @param choose the class of the secret, where it is not the one that is asked for
 */
export function genuineTrial(suite: Suite, choose: (which: Class) => Class = (which) => which): Trial {
  const secretOf = cuteSecret(suite);
  const secretBytes = SECRET_BYTES[suite];
  const pool = new Pool((which) => {
    const secret = secretOf(choose(which));
    const holder = holderOf(suite, secret);
    const record = Buffer.concat([secret, packetOf(holder)]);
    holder.dispose();
    return record;
  });
  const [secret, packet] = [pool.drawn.subarray(0, secretBytes), pool.drawn.subarray(secretBytes)];
  let holder: CuteTokens | undefined;
  return {
    prepare(which) {
      holder?.dispose();
      pool.draw(which);
      holder = holderOf(suite, secret);
    },
    call: () => isValid(holder as CuteTokens, packet),
  };
}

function forged(suite: Suite, calls: number): Target {
  return {
    name: `Cute ${suite} verify, forged`,
    classes: FIRST_OR_LAST,
    role: "target",
    calls,
    answer: 0,
    make() {
      const holder = holderOf(suite, cuteSecret(suite)(1));
      const at = TAG_AT[suite];
      const pool = new Pool((which) => spoiltAt(packetOf(holder), which === 0 ? at : at + TAG_BYTES - 1));
      return { prepare: (which) => pool.draw(which), call: () => isValid(holder, pool.drawn) };
    },
  };
}

function genuine(suite: Suite, calls: number): Target {
  return {
    name: `Cute ${suite} verify, genuine`,
    classes: FIXED_OR_RANDOM,
    role: "target",
    calls,
    answer: 1,
    make: () => genuineTrial(suite),
  };
}

function issue(suite: Suite, calls: number): Target {
  return {
    name: `Cute ${suite} issue`,
    classes: FIXED_OR_RANDOM,
    role: "target",
    calls,
    answer: 1114,
    make() {
      const pool = new Pool(cuteSecret(suite));
      const token = fields();
      let holder: CuteTokens | undefined;
      return {
        prepare(which) {
          holder?.dispose();
          pool.draw(which);
          holder = holderOf(suite, pool.drawn);
        },
        call: () => (holder as CuteTokens).issue(token).length,
      };
    },
  };
}

export const cuteTargets: readonly Target[] = [
  forged("xchacha20poly1305", 50),
  genuine("xchacha20poly1305", 50),
  issue("xchacha20poly1305", 50),
  forged("hydrogen", 50),
  genuine("hydrogen", 4),
  issue("hydrogen", 4),
  {
    name: "Cute hydrogen, key set-up and wipe",
    classes: FIXED_OR_RANDOM,
    role: "target",
    calls: 4,
    answer: 1,
    make() {
      const pool = new Pool(cuteSecret("hydrogen"));
      return {
        prepare: (which) => pool.draw(which),
        call() {
          holderOf("hydrogen", pool.drawn).dispose();
          return 1;
        },
      };
    },
  },
  {
    name: "generateSigningKeyPair",
    classes: ["seed of a single bit", "random seed"],
    role: "target",
    calls: 4,
    answer: 64,
    make() {
      const pool = new Pool((which) => secretOf(which));
      return {
        prepare: (which) => pool.draw(which),
        call: () => generateSigningKeyPair(pool.drawn).secretKey.length,
      };
    },
  },
];
