import { afterEach, describe, expect, it } from "vitest";
import {
  ENCODING_HEX,
  ENCODING_RAW,
  HMAC_ARENA,
  HMAC_KEY_SLOTS,
  HMAC_SLOT_BYTES,
  HMAC_SLOTS,
  STATUS_GENUINE,
  STATUS_MISMATCH,
} from "../../../assembly/memory/hmac.ts";
import { hmacSha256 } from "../../reference/sha256.ts";
import boringssl from "../../vectors/boringssl/hmac_sha256_tests.json" with { type: "json" };
import rfc from "../../vectors/rfc/rfc4231-hmac-sha256.json" with { type: "json" };
import wycheproof from "../../vectors/wycheproof/hmac_sha256_test.json" with { type: "json" };
import { ENCODINGS, encode, type Job, opensslTag, setKey, sign, statusOf, verify } from "./hmacJobs.ts";
import { bytesOf, cavp, changingOnly, expectWiped, field, hmac, memory, read } from "./hmacModule.ts";

const hex = (text: string): Buffer => Buffer.from(text, "hex");

/** A tag through the stream, the one-lane path and each of the four lanes: all must agree. */
function tagEveryWay(key: Uint8Array, message: Uint8Array): Buffer {
  setKey(3, key);
  memory.set(message, HMAC_ARENA);
  hmac.hmacStart(3);
  hmac.sha256Update(HMAC_ARENA, message.length);
  hmac.hmacFinish(3, HMAC_ARENA);
  const tag = read(HMAC_ARENA, 32);
  const job: Job = { message, slot: 3, encoding: ENCODING_RAW };
  expect(sign([job])).toEqual([tag]);
  expect(sign([job, job, job, job])).toEqual([tag, tag, tag, tag]);
  return tag;
}

afterEach(expectWiped);

describe("published vectors, through the stream, one lane and four", () => {
  it("RFC 4231", () => {
    expect(rfc.cases.length).toBe(7);
    for (const { key, data, mac } of rfc.cases) expect(tagEveryWay(hex(key), hex(data)).toString("hex")).toBe(mac);
  });

  it("BoringSSL", () => {
    expect(boringssl.cases.length).toBe(5);
    for (const { key, input, output } of boringssl.cases) {
      // What is not hex is text in quotation marks.
      const bytes = (text: string): Buffer => (text.startsWith('"') ? Buffer.from(JSON.parse(text)) : hex(text));
      expect(tagEveryWay(bytes(key), bytes(input)).toString("hex")).toBe(output);
    }
  });

  it("CAVP", () => {
    const cases = cavp("cavp/HMAC_L32.rsp").filter((group) => group.has("Mac"));
    expect(cases.length).toBe(225);
    for (const group of cases) {
      const tag = tagEveryWay(hex(field(group, "Key")), hex(field(group, "Msg")));
      expect(tag.subarray(0, Number(field(group, "Tlen"))).toString("hex")).toBe(field(group, "Mac"));
    }
  });

  it("Wycheproof", () => {
    let cases = 0;
    for (const { tagSize, tests } of wycheproof.testGroups) {
      for (const { key, msg, tag, result } of tests) {
        const right = tagEveryWay(hex(key), hex(msg));
        expect(right.subarray(0, tagSize / 8).toString("hex") === tag).toBe(result === "valid");
        if (tagSize === 256) {
          const job: Job = { message: hex(msg), slot: 3, encoding: ENCODING_HEX, tag: Buffer.from(tag) };
          const status = result === "valid" ? STATUS_GENUINE : STATUS_MISMATCH;
          expect(verify([job])).toEqual([status]);
          expect(verify([job, job, job])).toEqual([status, status, status]);
        }
        cases++;
      }
    }
    expect(cases).toBe(174);
  });
});

describe("keys", () => {
  it("of every length from 0 to 64 are wiped where they were, and the twin says the same", () => {
    const message = bytesOf("message", 30);
    for (let length = 0; length <= 64; length++) {
      const key = bytesOf(`key ${length}`, length);
      expect(tagEveryWay(key, message)).toEqual(Buffer.from(hmacSha256(key, message)));
      memory.set(key, HMAC_ARENA);
      const ranges = [
        [HMAC_ARENA, length],
        [HMAC_SLOTS + 7 * HMAC_SLOT_BYTES, HMAC_SLOT_BYTES],
      ] as const;
      changingOnly(ranges, () => hmac.keySet(7, HMAC_ARENA, length));
      expect(read(HMAC_ARENA, length)).toEqual(Buffer.alloc(length));
    }
  });

  it("live in 1024 slots, each alone, until wiped", () => {
    for (let slot = 0; slot < HMAC_KEY_SLOTS; slot++) setKey(slot, bytesOf(`slot ${slot}`, 32));
    const jobs = Array.from(
      { length: HMAC_KEY_SLOTS },
      (_, slot): Job => ({
        message: bytesOf(`to ${slot}`, 30),
        slot,
        encoding: ENCODING_RAW,
      }),
    );
    expect(sign(jobs)).toEqual(jobs.map(({ message, slot }) => opensslTag(bytesOf(`slot ${slot}`, 32), message)));
    for (const slot of [0, 1, 511, HMAC_KEY_SLOTS - 1]) {
      const place = HMAC_SLOTS + slot * HMAC_SLOT_BYTES;
      changingOnly([[place, HMAC_SLOT_BYTES]], () => hmac.keyWipe(slot));
      expect(read(place, HMAC_SLOT_BYTES)).toEqual(Buffer.alloc(HMAC_SLOT_BYTES));
    }
  });
});

describe("stream", () => {
  it("every length from 0 to 200, cut in two", () => {
    setKey(4, bytesOf("stream key", 20));
    for (let length = 0; length <= 200; length++) {
      const message = bytesOf("stream", length);
      const right = opensslTag(bytesOf("stream key", 20), message);
      memory.set(message, HMAC_ARENA);
      const cut = (length * 7) % (length + 1);
      hmac.hmacStart(4);
      hmac.sha256Update(HMAC_ARENA, cut);
      hmac.sha256Update(HMAC_ARENA + cut, length - cut);
      hmac.hmacFinish(4, HMAC_ARENA);
      expect(read(HMAC_ARENA, 32)).toEqual(right);
    }
  });

  it("checks tags in every encoding", () => {
    const key = bytesOf("check key", 40);
    const message = bytesOf("check", 300);
    const right = opensslTag(key, message);
    setKey(4, key);
    const check = (tag: Buffer, encoding: number): number => {
      memory.set(message, HMAC_ARENA);
      memory.set(tag, HMAC_ARENA + 0x1000);
      hmac.hmacStart(4);
      hmac.sha256Update(HMAC_ARENA, message.length);
      const status = hmac.hmacCheck(4, HMAC_ARENA + 0x1000, encoding);
      expectWiped();
      return status;
    };
    for (const encoding of ENCODINGS) {
      const tag = encode(right, encoding);
      expect(check(tag, encoding)).toBe(STATUS_GENUINE);
      for (let place = 0; place < tag.length; place++) {
        for (const value of [0x2b, 0x2d, 0x30, 0x41, 0x61, 0xff]) {
          const changed = Buffer.from(tag);
          changed[place] = value;
          expect(check(changed, encoding)).toBe(statusOf(changed, encoding, right));
        }
      }
    }
  });
});
