// cute.wasm: keys, secret sections, entropy and text are secret, and so is where a forged packet differs from a genuine
// one. Public are the public section, sizes, slots, the suite and verdicts. Of a hydrogen packet the signature and what is
// signed are in the open as well; with the secret at hand (strict or not) they are checked by two multiples of the base
// point, whose scalars are secret. The signature's bytes vary here all the same, and nothing of them shows.

import * as layout from "../../../assembly/cute/layout.ts";
import * as map from "../../../assembly/memory/cute.ts";
import { altered, type Case, called } from "./cases.ts";
import { SESSION_CASES } from "./cases-session.ts";
import {
  NOW,
  packetOf,
  randomSecretOf,
  SUITES,
  type Suite,
  secretOf,
  setKey,
  writeRequest,
  writeWindow,
} from "./packets.ts";
import { bytesOf, type Secrets } from "./random.ts";
import type { Instance } from "./tracer.ts";

/** In the export or in what it calls, as the compiler has it. */
const VERIFY_PACKETS = "/verifyPackets";
const SECRETBOX_OPEN = "assembly/gimli/secretbox/secretboxOpen";
const SIGNATURE = "assembly/cute/packet/open";
const XCHACHA_OPEN = "assembly/cute/xchacha/xchachaOpen";

/** What is done to a genuine packet. */
type Kind = "genuine" | "forged" | "wrong signature" | "expired";

function alterRange(secrets: Secrets, packet: Buffer, start: number, length: number): Buffer {
  const copy = Buffer.from(packet);
  copy.set(altered(secrets, packet.subarray(start, start + length)), start);
  return copy;
}

/** Where a forged packet differs, by turns: the tag, the nonce or SIV, the ciphertext, or all of them. */
function forged(suite: Suite, secrets: Secrets, packet: Buffer): Buffer {
  const [nonce, nonceBytes, tag, text, textBytes] =
    suite === "hydrogen"
      ? [
          layout.OFFSET_HYDROGEN_SIV,
          20,
          layout.OFFSET_HYDROGEN_MAC,
          layout.OFFSET_HYDROGEN_CIPHERTEXT,
          layout.HYDROGEN_CIPHERTEXT_BYTES,
        ]
      : [
          layout.OFFSET_XCHACHA_NONCE,
          24,
          layout.OFFSET_XCHACHA_TAG,
          layout.OFFSET_XCHACHA_CIPHERTEXT,
          layout.SECRET_BYTES,
        ];
  const turn = (secrets.index >> 3) % 5;
  if (turn < 2) return alterRange(secrets, packet, tag, 16);
  if (turn === 2) return alterRange(secrets, packet, nonce, nonceBytes);
  if (turn === 3) return alterRange(secrets, packet, text, textBytes);
  const copy = Buffer.from(packet);
  copy.set(secrets.random("forged", packet.length - nonce), nonce);
  return copy;
}

function packetWith(kind: Kind, suite: Suite, secret: Buffer, secrets: Secrets, label: string): Buffer {
  const packet = packetOf(suite, secret, secrets, label);
  if (kind === "forged") return forged(suite, secrets, packet);
  if (kind === "expired") packet.writeBigUInt64LE(NOW, layout.OFFSET_EXPIRATION_TIMESTAMP);
  if (kind !== "wrong signature") return packet;
  return alterRange(secrets, packet, layout.OFFSET_HYDROGEN_SIGNATURE, layout.HYDROGEN_SIGNATURE_BYTES);
}

const statusOf = (kind: Kind): number =>
  ({ genuine: map.STATUS_VALID, expired: map.STATUS_EXPIRED })[kind as string] ?? map.STATUS_NOT_GENUINE;

const keySets: readonly Case[] = [
  ...(["hydrogen", "xchacha20poly1305"] as const).map(
    (suite): Case => ({
      name: `a key is prepared, ${suite}`,
      exports: ["keySet"],
      verdict: 1,
      prepare: (secrets) => (instance) => {
        instance.memory.set(secretOf(suite, secrets, "key"), map.CUTE_KEY_INPUT);
        return () => called(instance.exports, "keySet")(1, SUITES[suite], map.CUTE_KEY_INPUT);
      },
    }),
  ),
  {
    name: "a key whose halves do not belong together is refused, hydrogen",
    exports: ["keySet"],
    verdict: 0,
    parts: { from: "a key is prepared, hydrogen", at: "assembly/cute/keySet" },
    prepare: (secrets) => (instance) => {
      const secret = secretOf("hydrogen", secrets, "key");
      secret.set(altered(secrets, secret.subarray(32)), 32);
      instance.memory.set(secret, map.CUTE_KEY_INPUT);
      return () => called(instance.exports, "keySet")(1, SUITES.hydrogen, map.CUTE_KEY_INPUT);
    },
  },
  {
    name: "a key is wiped",
    exports: ["keyWipe"],
    prepare: (secrets) => (instance) => {
      setKey(instance, "xchacha20poly1305", 1, secrets.bytes("key", 32));
      return () => called(instance.exports, "keyWipe")(1);
    },
  },
  ...[0, 1].map(
    (seeded): Case => ({
      name: seeded ? "a signing key pair is made from a seed" : "a signing key pair is made",
      exports: ["signingKeyPair"],
      prepare: (secrets) => (instance) => {
        instance.memory.set(secrets.bytes("input", 32), map.CUTE_KEY_INPUT);
        return () => called(instance.exports, "signingKeyPair")(seeded);
      },
    }),
  ),
];

const issues = (["hydrogen", "xchacha20poly1305"] as const).map(
  (suite): Case => ({
    name: `a token is issued, ${suite}`,
    exports: ["issue"],
    prepare: (secrets) => (instance) => {
      setKey(instance, suite, 1, secretOf(suite, secrets, "key"));
      writeRequest(instance, suite, secrets, "request");
      return () => called(instance.exports, "issue")(1, SUITES[suite]);
    },
  }),
);

interface Window {
  readonly suite: Suite;
  readonly kinds: readonly Kind[];
  readonly strict?: number;
  /** How many slots are tried; the last one holds the packets' key. */
  readonly slots?: number;
}

/** Writes a window of packets under one secret. */
function writePackets({ suite, kinds, strict, slots = 1 }: Window, secrets: Secrets, instance: Instance): void {
  // Native code refuses what is signed with the scalar 0.
  const secret = (strict === 0 ? randomSecretOf : secretOf)(suite, secrets, "key");
  const packets = kinds.map((kind, i) => packetWith(kind, suite, secret, secrets, `packet ${i}`));
  const listed = Array.from({ length: slots }, (_, i) => 4 + 3 * i);
  for (const slot of listed) setKey(instance, suite, slot, randomSecretOf(suite, secrets, `key of slot ${slot}`));
  setKey(instance, suite, listed.at(-1) ?? 0, secret);
  writeWindow(instance, packets, listed);
}

function verify({ suite, kinds, strict = 1, slots = 1 }: Window, { exports, memory }: Instance): number[] {
  called(exports, "verifyPackets")(kinds.length, SUITES[suite], strict, slots);
  return [...memory.slice(map.CUTE_STATUS, map.CUTE_STATUS + kinds.length)];
}

const nameOf = ({ suite, kinds, strict = 1, slots = 1 }: Window): string =>
  `${kinds.length} packets, ${[...new Set(kinds)].join(", ")}: ${suite}, strict ${strict}, slots ${slots}`;

function verified(window: Window, parts?: { at: string; kinds?: readonly Kind[] }): Case {
  const from = nameOf({ ...window, kinds: parts?.kinds ?? ["genuine"] });
  return {
    name: nameOf(window),
    exports: ["verifyPackets"],
    verdict: window.kinds.map(statusOf),
    ...(parts ? { parts: { from, at: parts.at } } : {}),
    prepare: (secrets) => (instance) => {
      writePackets(window, secrets, instance);
      return () => verify(window, instance);
    },
  };
}

const [genuine, forgery, unsigned, expired] = ["genuine", "forged", "wrong signature", "expired"] as const;
const MIXED: readonly Kind[] = [forgery, genuine, expired, genuine, forgery, forgery, genuine];
const hydrogen = [0, 1].flatMap((strict): Case[] => {
  const suite = "hydrogen";
  return [
    verified({ suite, strict, kinds: [genuine] }),
    verified({ suite, strict, kinds: [forgery] }, { at: SECRETBOX_OPEN }),
    verified({ suite, strict, kinds: [unsigned] }, { at: SIGNATURE }),
    verified({ suite, strict, kinds: [unsigned, ...MIXED], slots: 2 }),
  ];
});
const xchacha = [1, 2].flatMap((slots): Case[] => {
  const suite = "xchacha20poly1305";
  return [
    verified({ suite, slots, kinds: [genuine] }),
    verified({ suite, slots, kinds: [forgery] }, { at: XCHACHA_OPEN }),
    verified({ suite, slots, kinds: [genuine, genuine] }),
    verified({ suite, slots, kinds: [forgery, genuine] }, { at: XCHACHA_OPEN, kinds: [genuine, genuine] }),
    verified({ suite, slots, kinds: MIXED }),
  ];
});

/** Where the same packet comes before the cipher decides: the public section alone steers. */
const early = (["hydrogen", "xchacha20poly1305"] as const).map((suite) =>
  verified({ suite, kinds: [expired] }, { at: VERIFY_PACKETS }),
);

const gathered = (["hydrogen", "xchacha20poly1305"] as const).map((suite): Case => {
  const window: Window = { suite, kinds: MIXED };
  return {
    name: `valid packets are gathered, ${suite}`,
    exports: ["gatherValid"],
    verdict: 3 * (map.OFFSET_KEPT_PUBLIC + layout.OFFSET_ENDPOINTS + 7 + 19),
    prepare: (secrets) => (instance) => {
      writePackets(window, secrets, instance);
      verify(window, instance);
      return () => called(instance.exports, "gatherValid")(window.kinds.length, SUITES[suite]);
    },
  };
});

/** All inputs are public, yet nothing but the verdict shows. */
const signatures = ([genuine, unsigned] as const).map(
  (kind): Case => ({
    name: `a signature is verified with the public key, ${kind}`,
    exports: ["verifySignature"],
    verdict: kind === genuine ? 1 : 0,
    prepare: (secrets) => (instance) => {
      const secret = randomSecretOf("hydrogen", secrets, "key");
      instance.memory.set(packetWith(kind, "hydrogen", secret, secrets, "packet"), map.CUTE_PACKETS);
      instance.memory.set(secret.subarray(32), map.CUTE_KEY_INPUT);
      return () => called(instance.exports, "verifySignature")(map.CUTE_KEY_INPUT);
    },
  }),
);

/** What the public section may say, each once: only to reach every branch. */
const publicSections: readonly Case[] = [
  ["no connect token", map.STATUS_NOT_A_CONNECT_TOKEN, (packet: Buffer) => packet.fill(9, 0, 1)],
  ["wrong version", map.STATUS_NOT_A_CONNECT_TOKEN, (packet: Buffer) => packet.fill(9, 8, 9)],
  ["wrong application", map.STATUS_WRONG_APPLICATION, (packet: Buffer) => packet.fill(9, 11, 12)],
  ["no endpoints", map.STATUS_BAD_ENDPOINTS, (packet: Buffer) => packet.fill(0, 31, 35)],
  ["unknown kind of endpoint", map.STATUS_BAD_ENDPOINTS, (packet: Buffer) => packet.fill(9, 35, 36)],
  ["another server", map.STATUS_NOT_THIS_SERVER, (packet: Buffer) => packet.fill(9, 43, 44)],
].map(
  ([name, status, change]): Case => ({
    name: `a packet's public section: ${name}`,
    exports: ["verifyPackets"],
    verdict: [status],
    prepare: (secrets) => (instance) => {
      const packet = Buffer.from(bytesOf("public section", 1024));
      const secret = secretOf("hydrogen", secrets, "key");
      packetOf("hydrogen", secret, secrets, "packet").copy(packet, 0, 0, layout.HYDROGEN_PUBLIC_BYTES);
      (change as (packet: Buffer) => void)(packet);
      setKey(instance, "hydrogen", 4, secret);
      writeWindow(instance, [packet], [4]);
      return () => verify({ suite: "hydrogen", kinds: [expired] }, instance);
    },
  }),
);

/** A secret as hex: every digit is one, or one is not. */
const secretsFromHex = [64, 32].flatMap((bytes): Case[] => {
  const name = `a secret of ${bytes} bytes is read from hex`;
  const prepare =
    (good: boolean): Case["prepare"] =>
    (secrets) =>
    (instance) => {
      const digits = Buffer.from(secrets.bytes("secret", bytes).toString("hex"));
      if (!good) digits[secrets.turn(2 * bytes)] = 0x67;
      instance.memory.set(digits, map.CUTE_KEY_INPUT);
      return () => called(instance.exports, "secretFromHex")(2 * bytes);
    };
  const exports = ["secretFromHex"];
  const parts = { from: name, at: "assembly/cute/secretFromHex" };
  return [
    { name, exports, verdict: 1, prepare: prepare(true) },
    {
      name: `a secret of ${bytes} bytes is not read from what is no hex`,
      exports,
      verdict: 0,
      parts,
      prepare: prepare(false),
    },
  ];
});

export const CUTE_CASES: readonly Case[] = [
  ...keySets,
  ...secretsFromHex,
  ...issues,
  ...hydrogen,
  ...xchacha,
  ...early,
  ...gathered,
  ...signatures,
  ...publicSections,
  ...SESSION_CASES,
];
