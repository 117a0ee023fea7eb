// hmac.wasm: keys, messages and tags are secret; lengths, slots, encodings, addresses and verdicts are public.

import { createHmac } from "node:crypto";
import * as map from "../../../assembly/memory/hmac.ts";
import { altered, type Case, called, placeOf } from "./cases.ts";
import { TIMES } from "./cases-times.ts";
import type { Secrets } from "./random.ts";
import type { Instance } from "./tracer.ts";

const ARENA = map.HMAC_ARENA;
/** Where results go. */
const OUT = ARENA + 0x4000;
const SLOT = 5;
const ENCODINGS = { hex: 0, "hex of any case": 1, base64url: 2, raw: 3 } as const;
type Encoding = keyof typeof ENCODINGS;
const VERDICTS = { genuine: map.STATUS_GENUINE, mismatch: map.STATUS_MISMATCH, malformed: map.STATUS_MALFORMED };
type Verdict = keyof typeof VERDICTS;
const CHECK_TAG = "assembly/sha256/tags/checkTag";
const LENGTHS = [0, 1, 15, 16, 31, 32, 47, 55, 56, 63, 64, 100, 128, 300];

const tagOf = (key: Buffer, message: Buffer): Buffer => createHmac("sha256", key).update(message).digest();

function encode(tag: Buffer, encoding: Encoding, secrets: Secrets): Buffer {
  if (encoding === "raw") return tag;
  const text = tag.toString(encoding === "base64url" ? "base64url" : "hex");
  return Buffer.from(encoding === "hex of any case" && secrets.turn(2) ? text.toUpperCase() : text);
}

/** A tag that gets this verdict: where a wrong one differs, and how, is the run's own. */
function tagWith(verdict: Verdict, right: Buffer, encoding: Encoding, secrets: Secrets): Buffer {
  const tag = encode(verdict === "mismatch" ? altered(secrets, right) : right, encoding, secrets);
  if (verdict === "malformed") tag[placeOf(secrets, tag.length)] = [0x2e, 0x00, 0xff, 0x3d][secrets.turn(4)] ?? 0;
  return tag;
}

function setKey({ exports, memory }: Instance, slot: number, key: Buffer): void {
  memory.set(key, ARENA);
  called(exports, "keySet")(slot, ARENA, key.length);
}

const keys = [0, 1, 20, 32, 63, 64].map((length): Case => {
  const prepare: Case["prepare"] = (secrets) => (instance) => {
    instance.memory.set(secrets.bytes("key", length), ARENA);
    return () => called(instance.exports, "keySet")(SLOT, ARENA, length);
  };
  return { name: `a key of ${length} bytes is prepared`, exports: ["keySet"], prepare, empty: length === 0 };
});

const wiped: Case = {
  name: "a key is wiped",
  exports: ["keyWipe"],
  prepare: (secrets) => (instance) => {
    setKey(instance, SLOT, secrets.bytes("key", 32));
    return () => called(instance.exports, "keyWipe")(SLOT);
  },
};

const hashes = LENGTHS.map((length): Case => {
  const prepare: Case["prepare"] = (secrets) => (instance) => {
    instance.memory.set(secrets.bytes("message", length), ARENA);
    return () => called(instance.exports, "sha256")(ARENA, length, OUT);
  };
  return { name: `SHA-256 of ${length} bytes`, exports: ["sha256"], prepare, empty: length === 0 };
});

const atTheEnd: Case = {
  name: "SHA-256 of the last bytes of memory",
  exports: ["sha256"],
  prepare: (secrets) => (instance) => {
    const message = ARENA + map.HMAC_ARENA_BYTES - 37;
    instance.memory.set(secrets.bytes("message", 37), message);
    return () => called(instance.exports, "sha256")(message, 37, OUT);
  },
};

const PIECES = [1, 63, 0, 64, 130, 40];
const streams: readonly Case[] = [
  {
    name: "SHA-256, piece by piece",
    exports: ["sha256Start", "sha256Update", "sha256Finish"],
    prepare: (secrets) => (instance) => {
      instance.memory.set(secrets.bytes("message", 300), ARENA);
      return () => {
        called(instance.exports, "sha256Start")();
        for (const piece of PIECES) called(instance.exports, "sha256Update")(ARENA, piece);
        called(instance.exports, "sha256Finish")(OUT);
      };
    },
  },
  {
    name: "HMAC, piece by piece",
    exports: ["hmacStart", "sha256Update", "hmacFinish"],
    prepare: (secrets) => (instance) => {
      setKey(instance, SLOT, secrets.bytes("key", 32));
      instance.memory.set(secrets.bytes("message", 300), ARENA);
      return () => {
        called(instance.exports, "hmacStart")(SLOT);
        for (const piece of PIECES) called(instance.exports, "sha256Update")(ARENA, piece);
        called(instance.exports, "hmacFinish")(SLOT, OUT);
      };
    },
  },
];

/** The pairs of encoding and verdict that there are: 32 raw bytes are never malformed. */
const PAIRS = (Object.keys(ENCODINGS) as Encoding[]).flatMap((encoding) =>
  (Object.keys(VERDICTS) as Verdict[])
    .filter((verdict) => encoding !== "raw" || verdict !== "malformed")
    .map((verdict) => ({ encoding, verdict })),
);

const parted = (what: string, { encoding, verdict }: (typeof PAIRS)[number]) =>
  verdict === "genuine" ? {} : { parts: { from: `${what}: ${encoding}, genuine`, at: CHECK_TAG } };

const checks = PAIRS.flatMap((pair): Case[] => {
  const { encoding, verdict } = pair;
  const ready = (secrets: Secrets, instance: Instance): void => {
    const [key, message] = [secrets.bytes("key", 32), secrets.bytes("message", 100)];
    setKey(instance, SLOT, key);
    instance.memory.set(message, ARENA);
    instance.memory.set(tagWith(verdict, tagOf(key, message), encoding, secrets), OUT);
  };
  const streamed: Case = {
    name: `a stream's tag is checked: ${encoding}, ${verdict}`,
    exports: ["hmacCheck"],
    verdict: VERDICTS[verdict],
    prepare: (secrets) => (instance) => {
      ready(secrets, instance);
      called(instance.exports, "hmacStart")(SLOT);
      called(instance.exports, "sha256Update")(ARENA, 100);
      return () => called(instance.exports, "hmacCheck")(SLOT, OUT, ENCODINGS[encoding]);
    },
    ...parted("a stream's tag is checked", pair),
  };
  const alone: Case = {
    name: `one message is verified: ${encoding}, ${verdict}`,
    exports: ["verifyOne"],
    verdict: VERDICTS[verdict],
    prepare: (secrets) => (instance) => {
      ready(secrets, instance);
      return () => called(instance.exports, "verifyOne")(SLOT, ARENA, 100, OUT, ENCODINGS[encoding]);
    },
    ...parted("one message is verified", pair),
  };
  return [streamed, alone];
});

/** Writes a batch of jobs: messages of public lengths under three secret keys; `tag` gives what stands behind each. */
function writeJobs(
  secrets: Secrets,
  instance: Instance,
  count: number,
  encoding: (job: number) => number,
  tag: (job: number, message: Buffer, keys: readonly Buffer[]) => Buffer,
): void {
  const slotKeys = [32, 20, 64].map((length, i) => secrets.bytes(`key ${i}`, length));
  for (const [slot, key] of slotKeys.entries()) setKey(instance, slot, key);
  const words = new Uint32Array(instance.memory.buffer);
  let at = ARENA;
  for (let job = 0; job < count; job++) {
    const message = secrets.bytes(`message ${job}`, 20 + ((job * 29) % 130));
    instance.memory.set(message, at);
    const place = at + message.length;
    words.set([at, message.length, place, (job % 3) | (encoding(job) << 16)], (map.HMAC_JOBS + 16 * job) / 4);
    instance.memory.set(tag(job, message, slotKeys), place);
    at = place + 80;
  }
}

const statuses = (instance: Instance, count: number): number[] => [
  ...instance.memory.slice(map.HMAC_STATUS, map.HMAC_STATUS + count),
];

const BATCHES = [1, 2, 3, 4, 5, 7, 8, 33];
const batches = BATCHES.flatMap((count): Case[] => {
  /** Encodings and verdicts of a batch, mixed. */
  const pairs = Array.from({ length: count }, (_, job) => PAIRS[(job * 5) % PAIRS.length] ?? PAIRS[0]);
  const encoding = (job: number): number => ENCODINGS[pairs[job]?.encoding ?? "raw"];
  const signed: Case = {
    name: `${count} messages are signed`,
    exports: ["signJobs"],
    prepare: (secrets) => (instance) => {
      writeJobs(secrets, instance, count, encoding, () => Buffer.alloc(64));
      return () => called(instance.exports, "signJobs")(count);
    },
  };
  const verified: Case = {
    name: `${count} messages are verified`,
    exports: ["verifyJobs"],
    verdict: pairs.map((pair) => VERDICTS[pair?.verdict ?? "genuine"]),
    prepare: (secrets) => (instance) => {
      writeJobs(secrets, instance, count, encoding, (job, message, slotKeys) => {
        const { encoding, verdict } = pairs[job] ?? { encoding: "raw", verdict: "genuine" };
        return tagWith(verdict, tagOf(slotKeys[job % 3] ?? Buffer.alloc(0), message), encoding, secrets);
      });
      return () => {
        called(instance.exports, "verifyJobs")(count);
        return statuses(instance, count);
      };
    },
  };
  const verdicts = Array.from({ length: count }, (_, job) => (["genuine", "mismatch", "malformed"] as const)[job % 3]);
  const nested: Case = {
    name: `${count} messages signed twice are verified`,
    exports: ["verifyNestedJobs"],
    verdict: verdicts.map((verdict) => VERDICTS[verdict ?? "genuine"]),
    prepare: (secrets) => (instance) => {
      // The outer slot stands where others have the encoding; a dot before the tag.
      writeJobs(
        secrets,
        instance,
        count,
        (job) => (job + 1) % 3,
        (job, message, slotKeys) => {
          const inner = tagOf(slotKeys[job % 3] ?? Buffer.alloc(0), message).toString("base64url");
          const outer = tagOf(
            slotKeys[(job + 1) % 3] ?? Buffer.alloc(0),
            Buffer.concat([message, Buffer.from(`.${inner}`)]),
          );
          const tag = tagWith(verdicts[job] ?? "genuine", outer, "base64url", secrets);
          return Buffer.concat([Buffer.from("."), tag]);
        },
      );
      const words = new Uint32Array(instance.memory.buffer);
      for (let job = 0; job < count; job++) {
        const at = (map.HMAC_JOBS + 16 * job + 8) / 4;
        words[at] = (words[at] ?? 0) + 1;
      }
      return () => {
        called(instance.exports, "verifyNestedJobs")(count);
        return statuses(instance, count);
      };
    },
  };
  return [signed, verified, nested];
});

const texts = [0, 1, 2, 3, 12, 15, 16, 17, 31, 32, 33, 43, 64].flatMap((length): Case[] => {
  const bytes = (secrets: Secrets, instance: Instance): void =>
    instance.memory.set(secrets.bytes("bytes", length), ARENA);
  const hex = (secrets: Secrets, instance: Instance): void =>
    instance.memory.set(Buffer.from(secrets.bytes("bytes", length).toString("hex")), ARENA);
  const characters = Math.ceil((length * 4) / 3);
  const base64url = (secrets: Secrets, instance: Instance): void =>
    instance.memory.set(Buffer.from(secrets.bytes("bytes", length).toString("base64url")), ARENA);
  /** With a character that does not belong, somewhere. */
  const spoilt =
    (write: (secrets: Secrets, instance: Instance) => void, count: number) =>
    (secrets: Secrets, instance: Instance): void => {
      write(secrets, instance);
      instance.memory[ARENA + placeOf(secrets, count)] = 0x2e;
    };
  type Row = readonly [string, string, unknown, (secrets: Secrets, instance: Instance) => void, number[]];
  const rows: Row[] = [
    ["written as hex", "hexEncode", undefined, bytes, [ARENA, length, OUT]],
    ["read from hex", "hexDecode", 1, hex, [ARENA, 2 * length, OUT, 0]],
    ["read from hex of any case", "hexDecode", 1, hex, [ARENA, 2 * length, OUT, 1]],
    ["written as base64url", "base64urlEncode", characters, bytes, [ARENA, length, OUT]],
    ["read from base64url", "base64urlDecode", length, base64url, [ARENA, characters, OUT]],
  ];
  if (length > 0) {
    rows.push(["refused as hex", "hexDecode", 0, spoilt(hex, 2 * length), [ARENA, 2 * length, OUT, 0]]);
    rows.push(["refused as base64url", "base64urlDecode", -1, spoilt(base64url, characters), [ARENA, characters, OUT]]);
  }
  return rows.map(([what, name, verdict, write, operands]) => ({
    name: `${length} bytes are ${what}`,
    exports: [name],
    verdict,
    empty: length === 0,
    prepare: (secrets) => (instance) => {
      write(secrets, instance);
      return () => called(instance.exports, name)(...operands);
    },
  }));
});

const plain = [0, 1, 15, 16, 40].map((length): Case => {
  const prepare: Case["prepare"] = (secrets) => (instance) => {
    const text = Buffer.from(secrets.bytes("text", length)).map((byte) => 0x20 + (byte % 0x5f));
    instance.memory.set(text, ARENA);
    return () => called(instance.exports, "isPlainText")(ARENA, length);
  };
  const name = `${length} characters are plain text`;
  return { name, exports: ["isPlainText"], prepare, verdict: 1, empty: length === 0 };
});

export const HMAC_CASES: readonly Case[] = [
  ...keys,
  wiped,
  ...hashes,
  atTheEnd,
  ...streams,
  ...checks,
  ...batches,
  ...texts,
  ...plain,
  ...TIMES,
];
