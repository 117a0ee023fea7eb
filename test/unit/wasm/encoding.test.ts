import { afterEach, describe, expect, it } from "vitest";
import {
  base64urlOf,
  base64urlTextsToBytes,
  base64urlToBytes,
  hexOf,
  hexToBytes,
  MAX_ENCODED_BYTES,
} from "../../../src/wasm/hmac/encoding.ts";
import { hmacKernel } from "../../../src/wasm/hmac/kernel.ts";
import { hex } from "../../support/bytes.ts";
import { Random } from "../../support/random.ts";

const random = new Random(23);
const { arena } = hmacKernel();
const zeros = new Uint8Array(arena.length);

/** What was encoded or decoded may be a secret. */
afterEach(() => {
  expect(Buffer.compare(arena, zeros)).toBe(0);
});

const LENGTHS = [0, 1, 2, 3, 4, 31, 32, 33, 1000, MAX_ENCODED_BYTES];

describe("hex", () => {
  it.each(LENGTHS)("of %s bytes and back", (length) => {
    const bytes = random.bytes(length);
    expect(hexOf(bytes)).toBe(hex(bytes));
    if (2 * length > MAX_ENCODED_BYTES) return;
    expect(hexToBytes(hex(bytes))).toEqual(bytes);
    expect(hexToBytes(hex(bytes).toUpperCase())).toEqual(bytes);
  });

  it.each(["0", "abc", "0g", "0 ", "é0", "00\ud800", "０0", "00é", "0x00"])("is not %j", (text) => {
    expect(hexToBytes(text)).toBeUndefined();
  });

  it("is at most so long", () => {
    expect(hexToBytes("ab".repeat(MAX_ENCODED_BYTES / 2))).toHaveLength(MAX_ENCODED_BYTES / 2);
    expect(hexToBytes("ab".repeat(MAX_ENCODED_BYTES / 2 + 1))).toBeUndefined();
  });
});

describe("base64url", () => {
  it.each(LENGTHS)("of %s bytes and back", (length) => {
    const bytes = random.bytes(length);
    const text = Buffer.from(bytes).toString("base64url");
    expect(base64urlOf(bytes)).toBe(text);
    if (text.length <= MAX_ENCODED_BYTES) expect(base64urlToBytes(text)).toEqual(bytes);
  });

  it.each(["A", "AB", "AA=", "A+", "A/AA", "AAAAA", "AAé", "é", "AA\ud800", " AAA", "AAAＡ"])("is not %j", (text) => {
    expect(base64urlToBytes(text)).toBeUndefined();
  });

  it("is at most so long", () => {
    expect(base64urlToBytes("A".repeat(MAX_ENCODED_BYTES))).toHaveLength((MAX_ENCODED_BYTES / 4) * 3);
    expect(base64urlToBytes("A".repeat(MAX_ENCODED_BYTES + 4))).toBeUndefined();
  });
});

describe("many texts of base64url", () => {
  const check = (texts: readonly string[]) => {
    const { bytes, starts } = base64urlTextsToBytes(texts);
    expect(starts).toHaveLength(texts.length + 1);
    expect(starts[0]).toBe(0);
    for (const [i, text] of texts.entries()) {
      const own = bytes.slice(starts[i], starts[i + 1]);
      const canonical = Buffer.from(text, "base64url").toString("base64url") === text && text.length < 0x60000;
      expect(hex(own), `${i}`).toBe(canonical ? Buffer.from(text, "base64url").toString("hex") : "");
    }
  };
  const text = (length: number) => Buffer.from(random.bytes(length)).toString("base64url");

  it("each become their bytes, those that are none become nothing", () => {
    check([]);
    check([""]);
    check([text(9)]);
    check(["", text(1), "", text(2), text(3), "", ""]);
    check([text(5), "A", text(6), "AB", "A=", text(7), " ", text(300)]);
  });

  it("also beside texts that are not ASCII", () => {
    check([text(10), "é", text(20), "漢字漢字", text(30), "😀", "\ud800", text(1)]);
    check(["é".repeat(500), text(40), "é".repeat(5), text(50)]);
  });

  it("also where they need several windows", () => {
    const window = 0x20000;
    const long = (characters: number) => "A".repeat(characters);
    check([long(window), text(3), long(window - 4), text(3), text(3)]);
    check([long(window - 4), text(3), text(6)]);
    check([long(window), long(window), long(window)]);
    check([text(3), long(window + 4), text(6), long(window * 2), text(9)]);
    check([text(3), "é".repeat(window), text(6), long(window), "é", text(9)]);
    check(Array.from({ length: 3000 }, (_, i) => text(i % 120)));
  });
});
