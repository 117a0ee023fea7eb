import { afterEach, describe, expect, it } from "vitest";
import { fromBase64, fromBase64url, fromHex, toBase64, toBase64url, toHex } from "../../src/encoding.ts";
import { hmacKernel } from "../../src/wasm/hmac/kernel.ts";
import { expectError } from "../support/errors.ts";
import { Random } from "../support/random.ts";
import { STRANGE } from "../support/string-schemes.ts";

const random = new Random(31);
const { arena } = hmacKernel();
const zeros = new Uint8Array(arena.length);

/** What is converted may be a key. */
afterEach(() => {
  expect(Buffer.compare(arena, zeros)).toBe(0);
});

const encodings = [
  { name: "hex", to: toHex, from: fromHex },
  { name: "base64", to: toBase64, from: fromBase64 },
  { name: "base64url", to: toBase64url, from: fromBase64url },
] as const;
const lengths = [...Array.from({ length: 100 }, (_, i) => i), 1024, 1114, 2048, 98_303, 98_304, 98_305, 300_001];

describe.each(encodings)("$name", ({ name, to, from }) => {
  it.each(lengths)("of %s bytes is Node's, and read back", (length) => {
    const bytes = random.bytes(length);
    const text = Buffer.from(bytes).toString(name);
    expect(to(bytes)).toBe(text);
    expect(Buffer.compare(from(text), bytes)).toBe(0);
    const apart = new Uint8Array(length + 8);
    apart.set(bytes, 5);
    expect(to(apart.subarray(5, 5 + length))).toBe(text);
  });

  it("of shared memory and of a Buffer is that of their bytes", () => {
    const bytes = random.bytes(33);
    const shared = new Uint8Array(new SharedArrayBuffer(33));
    shared.set(bytes);
    expect([to(shared), to(Buffer.from(bytes))]).toEqual([to(bytes), to(bytes)]);
  });

  it("is given only for bytes, and read only from strings", () => {
    for (const value of STRANGE) {
      if (!(value instanceof Uint8Array)) expectError(() => to(value as never), "ERR_TYPE", "bytes");
      if (typeof value !== "string") expectError(() => from(value as never), "ERR_TYPE", "text");
    }
  });

  it("is read in one spelling only, wherever it is wrong", () => {
    const good = to(random.bytes(12));
    for (const place of [0, 1, good.length >> 1, good.length - 1]) {
      for (const wrong of ["=", " ", "\n", "\0", "é", "\ud800", "Ａ", "!", "~", "@", "`", "[", "{", "."]) {
        expectError(() => from(good.slice(0, place) + wrong + good.slice(place + 1)), "ERR_FORMAT", "text");
        expectError(() => from(good.slice(0, place) + wrong + good.slice(place)), "ERR_FORMAT", "text");
      }
    }
    for (const wrong of [` ${good}`, `${good} `, `${good}\n`, `${good}=`, `${good}====`]) {
      expectError(() => from(wrong), "ERR_FORMAT", "text");
    }
  });

  it("is read in one spelling only, also behind as much as is read at once", () => {
    const good = to(new Uint8Array(196_608));
    expect(from(good)).toEqual(new Uint8Array(196_608));
    for (const place of [0, 131_071, 131_072, good.length - 1]) {
      expectError(() => from(`${good.slice(0, place)}!${good.slice(place + 1)}`), "ERR_FORMAT", "text");
    }
  });
});

it.each(["0", "abc", "AB", "aB", "0x00", "0g"])("%j is not hex as it is written here", (text) => {
  expectError(() => fromHex(text), "ERR_FORMAT", "text");
});

it.each(["AA", "AAA", "A===", "=", "====", "AA=A", "A=AA", "AB==", "AAB=", "__8=", "-AAA", "AAAAA===", "AAAA===="])(
  "%j is not canonical base64",
  (text) => {
    expectError(() => fromBase64(text), "ERR_FORMAT", "text");
  },
);

it.each(["A", "AB", "AAB", "AA==", "AAA=", "//8", "+AAA", "AAAAA"])("%j is not canonical base64url", (text) => {
  expectError(() => fromBase64url(text), "ERR_FORMAT", "text");
});

it("all 64 characters stand for themselves in both alphabets", () => {
  const url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const plain = url.replace("-", "+").replace("_", "/");
  expect(fromBase64(plain)).toEqual(fromBase64url(url));
  expect([toBase64url(fromBase64(plain)), toBase64(fromBase64url(url))]).toEqual([url, plain]);
});
