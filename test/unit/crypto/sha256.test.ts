import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createSha256, hmacSha256, sha256 } from "../../../src/crypto.ts";
import { concat, hex, same, unhex } from "../../support/bytes.ts";
import { expectError } from "../../support/errors.ts";
import { Random } from "../../support/random.ts";
import { field, readResponses } from "../../support/vectors.ts";

const openssl = (data: Uint8Array): Uint8Array => createHash("sha256").update(data).digest();

/** Where blocks, pages and the arena that messages pass through (892928 bytes) begin and end. */
const EDGES = [64, 128, 256, 4096, 65536, 262144, 892928, 2 * 892928].flatMap((size) => [size - 1, size, size + 1]);

describe("SHA-256 of the CAVP", () => {
  for (const file of ["cavp/SHA256ShortMsg.rsp", "cavp/SHA256LongMsg.rsp"]) {
    const records = readResponses(file).filter((record) => record.has("MD"));
    it(`${file}: ${records.length} messages, at once and in pieces`, () => {
      expect(records.length).toBe(file.includes("Short") ? 65 : 64);
      for (const record of records) {
        const message = unhex(field(record, "Msg")).subarray(0, Number(field(record, "Len")) / 8);
        expect(hex(sha256(message))).toBe(field(record, "MD"));
        const stream = createSha256();
        for (const byte of message) stream.update(Uint8Array.of(byte));
        expect(hex(stream.digest())).toBe(field(record, "MD"));
      }
    });
  }

  it("Monte Carlo: 100 checkpoints of 1000 digests", () => {
    const [head, ...checkpoints] = readResponses("cavp/SHA256Monte.rsp").filter((record) => !record.has("L"));
    if (!head) throw new Error("no seed");
    let seed = unhex(field(head, "Seed"));
    expect(checkpoints.length).toBe(100);
    for (const checkpoint of checkpoints) {
      let last = [seed, seed, seed] as [Uint8Array, Uint8Array, Uint8Array];
      const message = new Uint8Array(96);
      for (let i = 0; i < 1000; i++) {
        last.forEach((digest, j) => {
          message.set(digest, j * 32);
        });
        last = [last[1], last[2], sha256(message)];
      }
      seed = last[2];
      expect(hex(seed)).toBe(field(checkpoint, "MD"));
    }
  });
});

describe("SHA-256 against OpenSSL", () => {
  const random = new Random(1);

  it("every length from 0 to 1100", () => {
    const data = random.bytes(1100);
    const wrong = [];
    for (let length = 0; length <= 1100; length++) {
      const message = data.subarray(1100 - length);
      if (!same(sha256(message), openssl(message))) wrong.push(length);
    }
    expect(wrong).toEqual([]);
  });

  it("around the edges of blocks and of the arena, at once and in two updates", () => {
    for (const length of EDGES) {
      const message = random.bytes(length);
      const expected = hex(openssl(message));
      expect(hex(sha256(message)), `${length}`).toBe(expected);
      const stream = createSha256().update(message.subarray(0, 1)).update(message.subarray(1));
      expect(hex(stream.digest()), `1 + ${length - 1}`).toBe(expected);
    }
  });

  it("every split in two of every message up to 200 bytes", () => {
    const data = random.bytes(200);
    const wrong = [];
    for (let length = 0; length <= 200; length++) {
      const message = data.subarray(0, length);
      const expected = openssl(message);
      for (let at = 0; at <= length; at++) {
        const digest = createSha256().update(message.subarray(0, at)).update(message.subarray(at)).digest();
        if (!same(digest, expected)) wrong.push([length, at]);
      }
    }
    expect(wrong).toEqual([]);
  });

  it("random pieces, empty ones among them", () => {
    for (let round = 0; round < 300; round++) {
      const pieces = Array.from({ length: random.below(8) }, () => random.bytes(random.below(200)));
      const stream = createSha256();
      for (const piece of pieces) stream.update(piece);
      expect(hex(stream.digest())).toBe(hex(openssl(concat(...pieces))));
    }
  });

  it("64 MiB, in pieces of odd sizes", () => {
    const piece = random.bytes(3_000_017);
    const stream = createSha256();
    const expected = createHash("sha256");
    for (let left = 64 * 2 ** 20, at = 0; left > 0; at++) {
      const part = piece.subarray(at % 1000, Math.min(piece.length, (at % 1000) + left));
      stream.update(part);
      expected.update(part);
      left -= part.length;
    }
    expect(hex(stream.digest())).toBe(expected.digest("hex"));
  });

  it("513 MiB: the count of bits takes more than 32 of them", () => {
    const piece = random.bytes(2 ** 20);
    const stream = createSha256();
    const expected = createHash("sha256");
    for (let i = 0; i < 513; i++) {
      stream.update(piece);
      expected.update(piece);
    }
    expect(hex(stream.digest())).toBe(expected.digest("hex"));
  });

  it("32 MiB at once", () => {
    const message = new Uint8Array(32 * 2 ** 20 + 5);
    const piece = random.bytes(65_521);
    for (let at = 0; at + piece.length <= message.length; at += piece.length) message.set(piece, at);
    expect(hex(sha256(message))).toBe(hex(openssl(message)));
  });
});

describe("a stream", () => {
  const random = new Random(2);

  it("stands beside any number of others and beside every other function", () => {
    const running = Array.from({ length: 40 }, () => ({ stream: createSha256(), expected: createHash("sha256") }));
    const key = random.bytes(32);
    for (let step = 0; step < 3000; step++) {
      const { stream, expected } = random.pick(running);
      const piece = random.bytes(random.below(150));
      stream.update(piece);
      expected.update(piece);
      if (step % 10 === 0) sha256(piece);
      if (step % 10 === 5) hmacSha256(key, piece);
    }
    for (const { stream, expected } of running) expect(hex(stream.digest())).toBe(expected.digest("hex"));
  });

  it("is its own update's result, and ends with its digest", () => {
    const stream = createSha256();
    expect(stream.update(new Uint8Array(3))).toBe(stream);
    expect(stream.digest().length).toBe(32);
    expectError(() => stream.digest(), "ERR_DISPOSED", "this");
    expectError(() => stream.update(new Uint8Array(1)), "ERR_DISPOSED", "this");
  });

  it("goes on after an update that was refused", () => {
    const stream = createSha256().update(unhex("616263"));
    expectError(() => stream.update("abc" as unknown as Uint8Array), "ERR_TYPE", "data");
    expect(hex(stream.digest())).toBe(hex(openssl(unhex("616263"))));
  });

  it("takes no key slot: 3000 unfinished ones hinder nothing", () => {
    const unfinished = Array.from({ length: 3000 }, (_, i) => createSha256().update(Uint8Array.of(i & 255)));
    expect(hmacSha256(new Uint8Array(1), new Uint8Array(1)).length).toBe(32);
    expect(hex(unfinished[258]?.digest() as Uint8Array)).toBe(hex(openssl(Uint8Array.of(2))));
  });
});
