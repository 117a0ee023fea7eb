import { randomBytes, randomInt } from "node:crypto";
import { describe, expect, it } from "vitest";
import * as reference from "../../reference/chacha20poly1305.ts";
import boringssl from "../../vectors/boringssl/poly1305_tests.json" with { type: "json" };
import rfc from "../../vectors/rfc/rfc8439.json" with { type: "json" };
import {
  ACCUMULATOR,
  hex,
  KEY,
  kernel,
  MESSAGE,
  memory,
  OUT,
  P,
  POLY_BYTES,
  plantCanary,
  poly1305,
  STATE,
  take,
} from "./poly1305.ts";

describe("the readable twin", () => {
  it.each([
    ...rfc.poly1305,
    ...boringssl.cases.map(({ key, input, mac }, id) => ({ id, key, message: input, tag: mac })),
  ])("makes the Poly1305 tag of $id", ({ key, message, tag }) => {
    expect(reference.poly1305(hex(key), hex(message)).toString("hex")).toBe(tag);
  });
});

describe("Poly1305", () => {
  it.each(rfc.poly1305)("makes the tag of RFC 8439 $id", ({ key, message, tag }) => {
    expect(poly1305(hex(key), hex(message)).toString("hex")).toBe(tag);
  });

  it.each(boringssl.cases)("makes BoringSSL's tag $mac", ({ key, input, mac }) => {
    expect(poly1305(hex(key), hex(input)).toString("hex")).toBe(mac);
    expect(poly1305(hex(key), hex(input), 16).toString("hex")).toBe(mac);
  });

  it("equals the twin on every length, in pieces too", () => {
    for (let length = 0; length <= 300; length++) {
      const [key, message] = [randomBytes(32), randomBytes(length)];
      const expected = reference.poly1305(key, message);
      expect(poly1305(key, message).equals(expected)).toBe(true);
      expect(poly1305(key, message, 16 * randomInt(1, 6)).equals(expected)).toBe(true);
    }
  });

  it("equals the twin where words are as large, or as small, as they get", () => {
    const words = ["ffffffff", "00000000", "fbffffff", "fcffffff", "faffffff", "01000000", "00000080", "ffffff0f"];
    const extreme = (count: number): Buffer => {
      return hex(Array.from({ length: count }, () => words[randomInt(words.length)]).join(""));
    };
    for (let i = 0; i < 5000; i++) {
      const [key, message] = [extreme(8), extreme(4 * randomInt(1, 12))];
      expect(poly1305(key, message).equals(reference.poly1305(key, message))).toBe(true);
    }
  });

  it("takes an accumulator as large as it may get between blocks", () => {
    // h0 < 2.06 * 2^32, h1 and h2 < 2^32, h3 < 5 * 2^32: more than messages bring about.
    const largest = [0x20f5c28f5n, 0xffffffffn, 0xffffffffn, 0x4ffffffffn];
    const start = largest.reduce((sum, word, i) => sum + (word << BigInt(32 * i)), 0n);
    const key = Buffer.concat([Buffer.alloc(16, 0xff), Buffer.alloc(16)]);
    memory.set(key, KEY);
    memory.fill(0xff, MESSAGE, MESSAGE + 64);
    kernel.poly1305Start(STATE, KEY);
    largest.forEach((word, i) => {
      memory.writeBigUInt64LE(word, ACCUMULATOR + 8 * i);
    });
    kernel.poly1305Blocks(STATE, MESSAGE, 64);
    kernel.poly1305Finish(STATE, OUT);
    let expected = start;
    for (let i = 0; i < 4; i++) expected = ((expected + 2n ** 129n - 1n) * 0x0ffffffc0ffffffc0ffffffc0fffffffn) % P;
    const tag = memory.readBigUInt64LE(OUT) | (memory.readBigUInt64LE(OUT + 8) << 64n);
    expect(tag).toBe(expected % 2n ** 128n);
  });

  it("never overflows under the largest key and the largest message", () => {
    const [key, message] = [Buffer.alloc(32, 0xff), Buffer.alloc(4096, 0xff)];
    for (let length = 16; length <= message.length; length += 16) {
      const part = message.subarray(0, length);
      expect(poly1305(key, part).equals(reference.poly1305(key, part))).toBe(true);
    }
  });

  it("reduces whatever the last block may leave", () => {
    const edges = [0n, 1n, 0xfffffff9n, 0xfffffffan, 0xfffffffbn, 0xfffffffcn, 0xfffffffen, 0xffffffffn];
    const firsts = [...edges, 0x100000000n, 0x1ffffffffn, 0x20f5c28f5n];
    const lasts = [...edges, 0x3fffffffen, 0x3ffffffffn, 0x400000000n, 0x4fffffffen, 0x4ffffffffn];
    for (const h0 of firsts) {
      for (const h1 of [0n, 0xfffffffen, 0xffffffffn]) {
        for (const h2 of [0n, 0xfffffffen, 0xffffffffn]) {
          for (const h3 of lasts) {
            memory.fill(0, KEY, KEY + 32);
            kernel.poly1305Start(STATE, KEY);
            const words = [h0, h1, h2, h3];
            words.forEach((word, i) => {
              memory.writeBigUInt64LE(word, ACCUMULATOR + 8 * i);
            });
            kernel.poly1305Finish(STATE, OUT);
            const sum = words.reduce((total, word, i) => total + (word << BigInt(32 * i)), 0n);
            const tag = memory.readBigUInt64LE(OUT) | (memory.readBigUInt64LE(OUT + 8) << 64n);
            expect(tag).toBe((sum % P) % 2n ** 128n);
          }
        }
      }
    }
  });

  it("reduces sums around p and 2^130 to the last unit", () => {
    // With r = 1 the accumulator is the plain sum of the blocks, each with its 2^128.
    const key = Buffer.concat([Buffer.from([1]), Buffer.alloc(31)]);
    for (let delta = 0; delta < 256; delta++) {
      // 2^130 - 2 - delta: p is 2^130 - 5.
      const below = Buffer.alloc(32, 0xff);
      below[16] = 0xff - delta;
      expect(poly1305(key, below).equals(reference.poly1305(key, below))).toBe(true);
      // 2^130 - 1 + delta.
      const above = Buffer.alloc(48);
      above.fill(0xff, 0, 16);
      above[16] = delta;
      expect(poly1305(key, above).equals(reference.poly1305(key, above))).toBe(true);
    }
  });
});

describe("Poly1305 beside the cipher", () => {
  const [CIPHER, STREAM] = [0x104000, 0x105000];
  const BESIDE = 480;

  /** The tag of `lead` blocks, then of 480 bytes beside the cipher `times` over, then of what is left. */
  function besideCipher(key: Uint8Array, message: Uint8Array, lead: number, times: number): Buffer {
    const [cipherKey, nonce] = [randomBytes(32), randomBytes(12)];
    const word = (at: number): number => nonce.readUInt32LE(at);
    const expected = reference.chacha20(cipherKey, 7, nonce, Buffer.alloc(256));
    plantCanary(CIPHER, 256);
    kernel.chacha20InitState(CIPHER, 7, word(0), word(4), word(8));
    memory.set(cipherKey, CIPHER + 16);
    kernel.chacha20FillLanes(CIPHER);
    memory.set(key, KEY);
    memory.set(message, MESSAGE);
    plantCanary(STATE, POLY_BYTES);
    kernel.poly1305Start(STATE, KEY);
    kernel.poly1305Blocks(STATE, MESSAGE, lead);
    for (let i = 0; i < times; i++) {
      plantCanary(STREAM, 256);
      kernel.chacha20BlocksWithPoly1305(CIPHER, STREAM, STATE, MESSAGE + lead + BESIDE * i);
      expect(take(STREAM, 256).equals(expected)).toBe(true);
    }
    const done = lead + BESIDE * times;
    kernel.poly1305Blocks(STATE, MESSAGE + done, message.length - done);
    plantCanary(OUT, 16);
    kernel.poly1305Finish(STATE, OUT);
    take(CIPHER, 256);
    expect(take(STATE, POLY_BYTES).equals(Buffer.alloc(POLY_BYTES))).toBe(true);
    expect(memory.subarray(MESSAGE, MESSAGE + message.length).equals(message)).toBe(true);
    return take(OUT, 16);
  }

  it("equals the twin, and so does the key stream", () => {
    for (let i = 0; i < 200; i++) {
      const [lead, times, rest] = [16 * randomInt(5), randomInt(1, 4), 16 * randomInt(5)];
      const [key, message] = [randomBytes(32), randomBytes(lead + BESIDE * times + rest)];
      expect(besideCipher(key, message, lead, times).equals(reference.poly1305(key, message))).toBe(true);
    }
  });

  it("equals the twin where words are as large, or as small, as they get", () => {
    const words = ["ffffffff", "00000000", "fbffffff", "fcffffff", "faffffff", "01000000", "00000080", "ffffff0f"];
    for (let i = 0; i < 500; i++) {
      const extreme = (count: number): Buffer =>
        hex(Array.from({ length: count }, () => words[randomInt(words.length)]).join(""));
      const [key, message] = [extreme(8), extreme(120)];
      expect(besideCipher(key, message, 0, 1).equals(reference.poly1305(key, message))).toBe(true);
    }
    const [key, message] = [Buffer.alloc(32, 0xff), Buffer.alloc(4 * BESIDE, 0xff)];
    expect(besideCipher(key, message, 0, 4).equals(reference.poly1305(key, message))).toBe(true);
  });

  it("takes BoringSSL's messages, wherever they stand in what is taken in", () => {
    for (const { key, input } of boringssl.cases) {
      const message = hex(input);
      const whole = message.subarray(0, message.length - (message.length % 16));
      for (const before of [0, 16, 32, 48, 64, 432, 464]) {
        const rest = (BESIDE - ((before + whole.length) % BESIDE)) % BESIDE;
        const all = Buffer.concat([Buffer.alloc(before), whole, Buffer.alloc(rest)]);
        const tag = besideCipher(hex(key), all, 0, all.length / BESIDE);
        expect(tag.equals(reference.poly1305(hex(key), all))).toBe(true);
      }
    }
  });

  it("takes an accumulator as large as it may get between blocks", () => {
    const largest = [0x20f5c28f5n, 0xffffffffn, 0xffffffffn, 0x4ffffffffn];
    const [key, message] = [Buffer.concat([Buffer.alloc(16, 0xff), Buffer.alloc(16)]), Buffer.alloc(BESIDE, 0xff)];
    memory.set(key, KEY);
    memory.set(message, MESSAGE);
    kernel.poly1305Start(STATE, KEY);
    largest.forEach((word, i) => {
      memory.writeBigUInt64LE(word, ACCUMULATOR + 8 * i);
    });
    kernel.chacha20BlocksWithPoly1305(CIPHER, STREAM, STATE, MESSAGE);
    kernel.poly1305Finish(STATE, OUT);
    let expected = largest.reduce((sum, word, i) => sum + (word << BigInt(32 * i)), 0n);
    for (let i = 0; i < 30; i++) expected = ((expected + 2n ** 129n - 1n) * 0x0ffffffc0ffffffc0ffffffc0fffffffn) % P;
    const tag = memory.readBigUInt64LE(OUT) | (memory.readBigUInt64LE(OUT + 8) << 64n);
    expect(tag).toBe(expected % 2n ** 128n);
  });
});

describe("the comparison of tags", () => {
  it("tells equal from unequal, whichever bit differs", () => {
    const tag = randomBytes(16);
    memory.set(tag, STATE);
    memory.set(tag, OUT);
    expect(kernel.equalTags(STATE, OUT)).toBe(1);
    for (let bit = 0; bit < 128; bit++) {
      const other = Buffer.from(tag);
      other[bit >> 3] = (other[bit >> 3] as number) ^ (1 << (bit & 7));
      memory.set(other, OUT);
      expect(kernel.equalTags(STATE, OUT)).toBe(0);
    }
    memory.fill(0, OUT, OUT + 16);
    expect(kernel.equalTags(STATE, OUT)).toBe(0);
    memory.fill(0, STATE, STATE + 16);
    expect(kernel.equalTags(STATE, OUT)).toBe(1);
  });
});
