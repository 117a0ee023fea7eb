import { afterEach, describe, expect, it } from "vitest";
import {
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
import { hmacSha256 } from "../../reference/sha256.ts";
import {
  ENCODINGS,
  encode,
  type Job,
  opensslTag,
  setKey,
  sign,
  statusOf,
  tagLength,
  verify,
  writeJobs,
} from "./hmacJobs.ts";
import { bytesOf, changingOnly, expectWiped, hmac, MEMORY_END, memory, read } from "./hmacModule.ts";

const words = new Uint32Array(hmac.memory.buffer);

afterEach(expectWiped);

describe("jobs", () => {
  const keys = Array.from({ length: 5 }, (_, i) => bytesOf(`job key ${i}`, 16 + 12 * i));
  const slots = [0, 9, 500, 1000, 1023];
  const setKeys = (): void => {
    for (const [i, key] of keys.entries()) setKey(slots[i] as number, key);
  };
  const rightTag = ({ message, slot }: Job): Buffer => opensslTag(keys[slots.indexOf(slot)] as Buffer, message);

  it("of every length from 0 to 1100, in lanes of different length", () => {
    setKeys();
    const lengths = Array.from({ length: 1101 }, (_, length) => length);
    // Neighbours first, then lanes that end at very different times.
    for (const order of [lengths, lengths.map((length) => (length * 512) % 1101)]) {
      for (let at = 0; at < order.length; at += 100) {
        const jobs = order.slice(at, at + 100).map((length): Job => {
          const slot = slots[length % 5] as number;
          return { message: bytesOf(`length ${length}`, length), slot, encoding: ENCODING_RAW };
        });
        const tags = jobs.map(rightTag);
        expect(sign(jobs)).toEqual(tags);
        expect(verify(jobs.map((job, i) => ({ ...job, tag: tags[i] as Buffer })))).toEqual(
          jobs.map(() => STATUS_GENUINE),
        );
      }
    }
  });

  it("the twin says the same of four random messages", () => {
    setKeys();
    for (let round = 0; round < 30; round++) {
      const jobs = [...bytesOf(`lengths ${round}`, 4)].map((length, i): Job => {
        return { message: bytesOf(`twin ${round} ${i}`, length), slot: slots[i] as number, encoding: ENCODING_RAW };
      });
      expect(sign(jobs)).toEqual(jobs.map(({ message }, i) => Buffer.from(hmacSha256(keys[i] as Buffer, message))));
    }
  });

  it("any number of them, with lengths, keys, encodings and verdicts mixed", () => {
    setKeys();
    for (let count = 0; count <= 70; count++) {
      const dice = bytesOf(`dice ${count}`, count * 5);
      const bare = Array.from({ length: count }, (_, i): Job => {
        const [length = 0, slot = 0, encoding = 0] = dice.subarray(i * 5);
        const message = bytesOf(`mixed ${count} ${i}`, length);
        return { message, slot: slots[slot % 5] as number, encoding: encoding % 4 };
      });
      expect(sign(bare)).toEqual(bare.map((job) => encode(rightTag(job), job.encoding)));
      const jobs = bare.map((job, i) => {
        const [verdict = 0, place = 0] = dice.subarray(i * 5 + 3);
        const right = rightTag(job);
        const forged = Buffer.from(right);
        forged[place % 32] = (forged[place % 32] as number) ^ (1 << (place >> 5));
        const tag = encode(verdict % 3 === STATUS_MISMATCH ? forged : right, job.encoding);
        if (verdict % 3 === STATUS_MALFORMED) tag[place % tag.length] = 0x2e;
        return { ...job, tag };
      });
      expect(verify(jobs)).toEqual(jobs.map((job) => statusOf(job.tag, job.encoding, rightTag(job))));
    }
  });

  it("refuses every flip of one bit of a tag, alone and in every lane", () => {
    setKeys();
    for (const encoding of ENCODINGS) {
      const bare: Job = { message: bytesOf("flip", 30), slot: 9, encoding };
      const right = rightTag(bare);
      const tag = encode(right, encoding);
      const jobs = Array.from({ length: tag.length * 8 }, (_, bit) => {
        const flipped = Buffer.from(tag);
        flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
        return { ...bare, tag: flipped };
      });
      const statuses = jobs.map((job) => statusOf(job.tag, encoding, right));
      // Only a letter in the other case may pass, and only where case is free.
      const letters = encoding === ENCODING_HEX_ANY_CASE ? tag.toString().replace(/\d/g, "").length : 0;
      expect(statuses.filter((status) => status === STATUS_GENUINE).length).toBe(letters);
      const genuine = { ...bare, tag };
      for (let lane = 0; lane < 4; lane++) {
        const shifted = [...Array.from({ length: lane }, () => genuine), ...jobs];
        expect(verify(shifted).slice(lane)).toEqual(statuses);
      }
      expect(jobs.map((job) => verify([job])[0])).toEqual(statuses);
    }
  });

  it("gives every byte value at every place of a tag its verdict", () => {
    setKeys();
    for (const encoding of ENCODINGS) {
      const bare: Job = { message: bytesOf("places", 60), slot: 1000, encoding };
      const right = rightTag(bare);
      for (let place = 0; place < tagLength(encoding); place++) {
        const jobs = Array.from({ length: 256 }, (_, value) => {
          const tag = encode(right, encoding);
          tag[place] = value;
          return { ...bare, tag };
        });
        expect(verify(jobs)).toEqual(jobs.map((job) => statusOf(job.tag, encoding, right)));
      }
    }
  });

  it("at the very end of memory", () => {
    setKeys();
    for (const count of [1, 4]) {
      for (let length = 0; length < 140; length++) {
        const jobs = Array.from({ length: count }, (_, i): Job => {
          return { message: bytesOf(`end ${i}`, length), slot: 9, encoding: ENCODINGS[(length + i) % 4] as number };
        });
        const tags = jobs.map((job) => encode(rightTag(job), job.encoding));
        const size = jobs.reduce((sum, job) => sum + length + tagLength(job.encoding), 0);
        expect(sign(jobs, MEMORY_END - size)).toEqual(tags);
        const signed = jobs.map((job, i) => ({ ...job, tag: tags[i] as Buffer }));
        expect(verify(signed, MEMORY_END - size)).toEqual(jobs.map(() => STATUS_GENUINE));
        // A message whose last byte is the last of memory, its tag elsewhere.
        const last = jobs[0] as Job;
        writeJobs(jobs);
        memory.set(last.message, MEMORY_END - length);
        words[HMAC_JOBS / 4] = MEMORY_END - length;
        words[HMAC_JOBS / 4 + 2] = HMAC_ARENA + 0x8000;
        hmac.signJobs(count);
        expect(read(HMAC_ARENA + 0x8000, tagLength(last.encoding))).toEqual(tags[0]);
      }
    }
  });

  it("as many as there are records for", () => {
    setKeys();
    const jobs = Array.from({ length: HMAC_MAX_TEXTS }, (_, i): Job => {
      return { message: bytesOf(`many ${i}`, 1 + (i % 100)), slot: slots[i % 5] as number, encoding: ENCODING_HEX };
    });
    const tags = sign(jobs);
    expect(tags).toEqual(jobs.map((job) => encode(rightTag(job), ENCODING_HEX)));
    const signed = jobs.map((job, i) => ({ ...job, tag: (i % 7 ? tags[i] : tags[0]) as Buffer }));
    expect(verify(signed)).toEqual(signed.map((_, i) => (i % 7 || i === 0 ? STATUS_GENUINE : STATUS_MISMATCH)));
  });
});

describe("nested jobs", () => {
  const { verifyNestedJobs } = hmac as unknown as { verifyNestedJobs(count: number): void };
  const keys = Array.from({ length: 3 }, (_, i) => bytesOf(`nested key ${i}`, 20 + 30 * i));
  const slots = [3, 700, 1023];

  interface Nested {
    readonly message: Buffer;
    readonly inner: number;
    readonly outer: number;
  }
  const innerTag = ({ message, inner }: Nested): string =>
    opensslTag(keys[inner] as Buffer, message).toString("base64url");
  const rightTag = (job: Nested): Buffer =>
    opensslTag(keys[job.outer] as Buffer, Buffer.concat([job.message, Buffer.from(`.${innerTag(job)}`)]));

  /** The statuses of jobs with the tags given; of memory nothing else may change. */
  function verifyNested(jobs: readonly Nested[], tags: readonly Buffer[], start = HMAC_ARENA): number[] {
    for (const [i, key] of keys.entries()) setKey(slots[i] as number, key);
    let at = start;
    for (const [i, { message, inner, outer }] of jobs.entries()) {
      const text = Buffer.concat([message, Buffer.from("."), tags[i] as Buffer]);
      const slot = (slots[inner] as number) | ((slots[outer] as number) << 16);
      memory.set(text, at);
      words.set([at, message.length, at + message.length + 1, slot], (HMAC_JOBS + i * 16) / 4);
      at += text.length;
    }
    changingOnly([[HMAC_STATUS, jobs.length]], () => verifyNestedJobs(jobs.length));
    return [...read(HMAC_STATUS, jobs.length)];
  }

  const jobsOf = (count: number, seed: string, longest: number): Nested[] => {
    const dice = bytesOf(seed, count * 4);
    return Array.from({ length: count }, (_, i) => {
      const length = dice.readUInt16LE(i * 4) % (longest + 1);
      const [inner = 0, outer = 0] = dice.subarray(i * 4 + 2);
      return { message: bytesOf(`${seed} ${i}`, length), inner: inner % 3, outer: outer % 3 };
    });
  };

  it("any number of them, genuine, forged, malformed and with an inner tag of another key", () => {
    for (let count = 0; count <= 30; count++) {
      const jobs = jobsOf(count, `nested ${count}`, 300);
      const tags = jobs.map((job, i) => {
        const right = rightTag(i % 5 === 3 ? { ...job, inner: (job.inner + 1) % 3 } : job);
        if (i % 5 === 1) right[i] = (right[i] as number) ^ 1;
        const tag = Buffer.from(right.toString("base64url"));
        if (i % 5 === 2) tag[i] = 0x2e;
        return tag;
      });
      const expected = [STATUS_GENUINE, STATUS_MISMATCH, STATUS_MALFORMED, STATUS_MISMATCH, STATUS_GENUINE];
      expect(verifyNested(jobs, tags)).toEqual(jobs.map((_, i) => expected[i % 5]));
    }
  });

  it("of every length around the blocks' edges, and at the very end of memory", () => {
    for (let length = 0; length < 200; length++) {
      const jobs = jobsOf(4, `edge ${length}`, 0).map((job) => ({ ...job, message: bytesOf("edge", length) }));
      const tags = jobs.map((job) => Buffer.from(rightTag(job).toString("base64url")));
      for (const count of [1, 2, 3, 4]) {
        const some = jobs.slice(0, count);
        const genuine = some.map(() => STATUS_GENUINE);
        expect(verifyNested(some, tags)).toEqual(genuine);
        expect(verifyNested(some, tags, MEMORY_END - count * (length + 44))).toEqual(genuine);
      }
    }
  });
});
