import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { hmacSha256 } from "../../../src/crypto.ts";
import { flipBit, hex, same, unhex } from "../../support/bytes.ts";
import { Random } from "../../support/random.ts";
import { field, readResponses, readVectors, type WycheproofFile, type WycheproofMac } from "../../support/vectors.ts";

const openssl = (key: Uint8Array, data: Uint8Array): Uint8Array => createHmac("sha256", key).update(data).digest();

describe("HMAC-SHA256 of the standard vectors", () => {
  it("CAVP: 225 cases, tags of 16, 24 and 32 bytes", () => {
    const records = readResponses("cavp/HMAC_L32.rsp").filter((record) => record.has("Mac"));
    expect(records.length).toBe(225);
    for (const record of records) {
      const key = unhex(field(record, "Key"));
      expect(key.length).toBe(Number(field(record, "Klen")));
      const tag = hmacSha256(key, unhex(field(record, "Msg")));
      expect(hex(tag.subarray(0, Number(field(record, "Tlen"))))).toBe(field(record, "Mac"));
    }
  });

  it("RFC 4231: 7 cases", () => {
    const { cases } = readVectors<{ cases: { key: string; data: string; mac: string; truncatedMac?: string }[] }>(
      "rfc/rfc4231-hmac-sha256.json",
    );
    expect(cases.length).toBe(7);
    for (const { key, data, mac, truncatedMac } of cases) {
      const tag = hex(hmacSha256(unhex(key), unhex(data)));
      expect(tag).toBe(mac);
      if (truncatedMac !== undefined) expect(tag.startsWith(truncatedMac)).toBe(true);
    }
  });

  it("BoringSSL: keys shorter than a block, a block, longer, none", () => {
    const { cases } = readVectors<{ cases: { key: string; input: string; output: string }[] }>(
      "boringssl/hmac_sha256_tests.json",
    );
    expect(cases.length).toBe(5);
    for (const { key, input, output } of cases) expect(hex(hmacSha256(unhex(key), unhex(input)))).toBe(output);
  });

  it("Wycheproof: 174 cases, 108 of them with a tag that is not the message's", () => {
    const { testGroups } = readVectors<WycheproofFile<WycheproofMac>>("wycheproof/hmac_sha256_test.json");
    const counts = { valid: 0, invalid: 0 };
    for (const { tests, tagSize } of testGroups) {
      for (const { key, msg, tag, result, tcId } of tests) {
        const computed = hex(hmacSha256(unhex(key), unhex(msg)).subarray(0, tagSize / 8));
        expect(computed === tag, `${tcId}`).toBe(result === "valid");
        counts[result]++;
      }
    }
    expect(counts).toEqual({ valid: 66, invalid: 108 });
  });
});

describe("HMAC-SHA256 against OpenSSL", () => {
  const random = new Random(3);

  it("every message length from 0 to 1100", () => {
    const data = random.bytes(1100);
    const key = random.bytes(32);
    const wrong = [];
    for (let length = 0; length <= 1100; length++) {
      const message = data.subarray(0, length);
      if (!same(hmacSha256(key, message), openssl(key, message))) wrong.push(length);
    }
    expect(wrong).toEqual([]);
  });

  it("every key length from 0 to 200, with messages around a block", () => {
    const data = random.bytes(200);
    const wrong = [];
    for (let length = 0; length <= 200; length++) {
      const key = data.subarray(0, length);
      for (const size of [0, 1, 55, 56, 63, 64, 65, 119, 120, 128, 200]) {
        const message = data.subarray(200 - size);
        if (!same(hmacSha256(key, message), openssl(key, message))) wrong.push([length, size]);
      }
    }
    expect(wrong).toEqual([]);
  });

  it("messages and keys around the edges of blocks and of the arena", () => {
    for (const size of [64, 128, 256, 4096, 65536, 262144, 892928]) {
      for (const length of [size - 1, size, size + 1]) {
        const long = random.bytes(length);
        const short = random.bytes(20);
        expect(hex(hmacSha256(short, long)), `message of ${length}`).toBe(hex(openssl(short, long)));
        expect(hex(hmacSha256(long, short)), `key of ${length}`).toBe(hex(openssl(long, short)));
      }
    }
  });

  it("20,000 random keys and messages, each call with a slot of its own that it gives back", () => {
    let wrong = 0;
    for (let i = 0; i < 20_000; i++) {
      const key = random.bytes(random.below(100));
      const message = random.bytes(random.below(300));
      if (!same(hmacSha256(key, message), openssl(key, message))) wrong++;
    }
    expect(wrong).toBe(0);
  });

  it("changes with every bit of the key and of the message", () => {
    const key = random.bytes(32);
    const message = random.bytes(70);
    const seen = new Set([hex(hmacSha256(key, message))]);
    for (let bit = 0; bit < key.length * 8; bit++) seen.add(hex(hmacSha256(flipBit(key, bit), message)));
    for (let bit = 0; bit < message.length * 8; bit++) seen.add(hex(hmacSha256(key, flipBit(message, bit))));
    expect(seen.size).toBe(1 + 32 * 8 + 70 * 8);
  });

  it("leaves nothing of one key for the next", () => {
    const long = random.bytes(64);
    const message = random.bytes(10);
    hmacSha256(long, message);
    for (let length = 0; length < 64; length++) {
      const key = long.subarray(0, length);
      expect(hex(hmacSha256(key, message))).toBe(hex(openssl(key, message)));
    }
  });
});
