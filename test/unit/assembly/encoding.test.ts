import { afterEach, describe, expect, it } from "vitest";
import { HMAC_ARENA } from "../../../assembly/memory/hmac.ts";
import { bytesOf, changingOnly, expectWiped, hmac, MEMORY_END, memory, read } from "./hmacModule.ts";

const SOURCE = HMAC_ARENA + 0x101;
const TARGET = HMAC_ARENA + 0x10203;
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const LENGTHS = Array.from({ length: 201 }, (_, length) => length);

/** The bytes that the kernel reads from hex text at `at`, or undefined; what it refuses must leave zeros. */
function hexDecode(text: Uint8Array, anyCase: boolean, at = SOURCE): Buffer | undefined {
  memory.set(text, at);
  const ok = hmac.hexDecode(at, text.length, TARGET, anyCase ? 1 : 0);
  const bytes = read(TARGET, text.length >>> 1);
  if (ok === 1) return bytes;
  expect(ok).toBe(0);
  if (text.length % 2 === 0 && bytes.some((byte) => byte !== 0)) expect.fail("bytes of a refused text");
  return undefined;
}

function base64urlDecode(text: Uint8Array, at = SOURCE): Buffer | undefined {
  memory.set(text, at);
  const length = hmac.base64urlDecode(at, text.length, TARGET);
  const bytes = read(TARGET, (text.length * 3) >>> 2);
  if (length === bytes.length) return bytes;
  expect(length).toBe(-1);
  if (text.length % 4 !== 1 && bytes.some((byte) => byte !== 0)) expect.fail("bytes of a refused text");
  return undefined;
}

function hexEncode(bytes: Uint8Array, at = SOURCE): string {
  memory.set(bytes, at);
  hmac.hexEncode(at, bytes.length, TARGET);
  return read(TARGET, bytes.length * 2).toString("latin1");
}

function base64urlEncode(bytes: Uint8Array, at = SOURCE): string {
  memory.set(bytes, at);
  const written = hmac.base64urlEncode(at, bytes.length, TARGET);
  expect(written).toBe(Math.ceil((bytes.length * 4) / 3));
  return read(TARGET, written).toString("latin1");
}

const ascii = (text: string): Buffer => Buffer.from(text, "latin1");

/** Every text that differs from `text` in one place, by any of the 256 byte values. */
function* variants(text: string): Generator<Buffer> {
  for (let place = 0; place < text.length; place++) {
    for (let value = 0; value < 256; value++) {
      const variant = ascii(text);
      variant[place] = value;
      yield variant;
    }
  }
}

afterEach(expectWiped);

describe("hex", () => {
  it("writes what Buffer writes, for every length", () => {
    for (const length of LENGTHS) {
      const bytes = bytesOf(`hex ${length}`, length);
      expect(hexEncode(bytes)).toBe(bytes.toString("hex"));
    }
  });

  it("reads back every length, upper case where asked", () => {
    for (const length of LENGTHS) {
      const bytes = bytesOf(`hex ${length}`, length);
      const text = bytes.toString("hex");
      expect(hexDecode(ascii(text), false)).toEqual(bytes);
      expect(hexDecode(ascii(text), true)).toEqual(bytes);
      expect(hexDecode(ascii(text.toUpperCase()), true)).toEqual(bytes);
      if (/[a-f]/.test(text)) expect(hexDecode(ascii(text.toUpperCase()), false)).toBeUndefined();
    }
  });

  it("takes and gives every byte value", () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, value) => value));
    expect(hexEncode(bytes)).toBe(bytes.toString("hex"));
    expect(hexDecode(ascii(bytes.toString("hex")), false)).toEqual(bytes);
  });

  it("refuses an odd number of digits", () => {
    for (const length of [1, 3, 31, 33, 65]) expect(hexDecode(ascii("a".repeat(length)), true)).toBeUndefined();
  });

  for (const anyCase of [false, true]) {
    it(`accepts nothing but digits at any place, ${anyCase ? "either case" : "lower case"}`, () => {
      const wellFormed = anyCase ? /^[0-9a-fA-F]*$/ : /^[0-9a-f]*$/;
      // Through the short last piece, and through whole vectors with one behind them.
      for (const text of ["09af3c", bytesOf("places", 19).toString("hex")]) {
        for (const variant of variants(text)) {
          const spelling = variant.toString("latin1");
          const right = wellFormed.test(spelling) ? Buffer.from(spelling, "hex") : undefined;
          const got = hexDecode(variant, anyCase);
          if (right ? !got?.equals(right) : got) expect.fail(JSON.stringify(spelling));
        }
      }
    });
  }
});

describe("base64url", () => {
  it("writes what Buffer writes, for every length", () => {
    for (const length of LENGTHS) {
      const bytes = bytesOf(`base64url ${length}`, length);
      expect(base64urlEncode(bytes)).toBe(bytes.toString("base64url"));
    }
  });

  it("reads every length where it stands, over its own characters", () => {
    for (const length of LENGTHS) {
      const bytes = bytesOf(`base64url in place ${length}`, length);
      const text = ascii(bytes.toString("base64url"));
      memory.set(text, SOURCE);
      expect(changingOnly([[SOURCE, length]], () => hmac.base64urlDecode(SOURCE, text.length, SOURCE))).toBe(length);
      expect(read(SOURCE, length)).toEqual(bytes);
      if (length === 0) continue;
      memory.set(text, SOURCE);
      memory[SOURCE + (length >>> 1)] = 0x2e;
      expect(hmac.base64urlDecode(SOURCE, text.length, SOURCE)).toBe(-1);
      expect(read(SOURCE, length)).toEqual(Buffer.alloc(length));
    }
  });

  it("reads back every length", () => {
    for (const length of LENGTHS) {
      const bytes = bytesOf(`base64url ${length}`, length);
      expect(base64urlDecode(ascii(bytes.toString("base64url")))).toEqual(bytes);
    }
  });

  it("takes and gives every pair of characters", () => {
    for (const first of ALPHABET) {
      const text = [...ALPHABET].map((second) => first + second).join("");
      const bytes = Buffer.from(text, "base64url");
      expect(base64urlDecode(ascii(text))).toEqual(bytes);
      expect(base64urlEncode(bytes)).toBe(text);
    }
  });

  it("refuses lengths that no bytes have", () => {
    for (const length of [1, 5, 13, 17, 33, 45]) expect(base64urlDecode(ascii("A".repeat(length)))).toBeUndefined();
  });

  it("refuses spare bits: of the 64 last characters only those that bytes give", () => {
    for (const length of LENGTHS) {
      const text = bytesOf(`spare ${length}`, length).toString("base64url");
      if (length === 0) continue;
      let accepted = 0;
      for (const last of ALPHABET) {
        const spelling = text.slice(0, -1) + last;
        const canonical = Buffer.from(spelling, "base64url").toString("base64url") === spelling;
        expect(base64urlDecode(ascii(spelling)) !== undefined).toBe(canonical);
        if (canonical) accepted++;
      }
      expect(accepted).toBe([64, 4, 16][length % 3]);
    }
  });

  it("accepts nothing but its alphabet at any place: no padding, no space, not + and /", () => {
    // Through the short last piece, through whole vectors, and through both.
    for (const text of [
      "Ab-_",
      "Zz09Az",
      bytesOf("places", 12).toString("base64url"),
      bytesOf("more", 32).toString("base64url"),
    ]) {
      for (const variant of variants(text)) {
        const spelling = variant.toString("latin1");
        const bytes = Buffer.from(spelling, "base64url");
        const right = bytes.toString("base64url") === spelling ? bytes : undefined;
        const got = base64urlDecode(variant);
        if (right ? !got?.equals(right) : got) expect.fail(JSON.stringify(spelling));
      }
    }
  });

  it("refuses padding behind a text of any length", () => {
    for (const length of LENGTHS) {
      const text = bytesOf("padding", length).toString("base64url");
      for (const padding of ["=", "==", "\n", "."]) expect(base64urlDecode(ascii(text + padding))).toBeUndefined();
    }
  });
});

it("nothing is read behind the end of memory", () => {
  for (let length = 0; length <= 70; length++) {
    const bytes = bytesOf(`end ${length}`, length);
    const hex = ascii(bytes.toString("hex"));
    const base64url = ascii(bytes.toString("base64url"));
    expect(hexEncode(bytes, MEMORY_END - length)).toBe(hex.toString());
    expect(base64urlEncode(bytes, MEMORY_END - length)).toBe(base64url.toString());
    expect(hexDecode(hex, false, MEMORY_END - hex.length)).toEqual(bytes);
    expect(base64urlDecode(base64url, MEMORY_END - base64url.length)).toEqual(bytes);
  }
});

it("nothing but the output is written, whatever the verdict", () => {
  for (const length of LENGTHS) {
    memory.fill(0xa5, TARGET - 64, TARGET + 512);
    const bytes = bytesOf(`only ${length}`, length);
    const characters = Math.ceil((length * 4) / 3);
    memory.set(bytes, SOURCE);
    changingOnly([[TARGET, length * 2]], () => hmac.hexEncode(SOURCE, length, TARGET));
    changingOnly([[TARGET, characters]], () => hmac.base64urlEncode(SOURCE, length, TARGET));
    for (const spoilt of [false, true]) {
      memory.set(ascii(bytes.toString("hex")), SOURCE);
      if (spoilt) memory[SOURCE] = 0x2f;
      changingOnly([[TARGET, length]], () => hmac.hexDecode(SOURCE, length * 2, TARGET, 0));
      memory.set(ascii(bytes.toString("base64url")), SOURCE);
      if (spoilt) memory[SOURCE] = 0x2f;
      changingOnly([[TARGET, length]], () => hmac.base64urlDecode(SOURCE, characters, TARGET));
    }
    changingOnly([], () => hmac.hexDecode(SOURCE, length * 2 + 1, TARGET, 0));
    if (length % 3 === 0) changingOnly([], () => hmac.base64urlDecode(SOURCE, characters + 1, TARGET));
  }
});

it("plain text is printable ASCII at every place, whatever the length", () => {
  const isPlain = (text: Uint8Array, at: number): boolean => {
    memory.set(text, at);
    return hmac.isPlainText(at, text.length) === 1;
  };
  for (let length = 0; length <= 50; length++) {
    const text = Buffer.from(bytesOf(`plain ${length}`, length).map((byte) => 0x20 + (byte % 95)));
    expect(isPlain(text, SOURCE)).toBe(true);
    for (let at = 0; at < length; at++) {
      const bytes =
        length === 37 ? Array.from({ length: 256 }, (_, byte) => byte) : [0, 0x1f, 0x20, 0x7e, 0x7f, 0x80, 0xff];
      for (const byte of bytes) {
        const other = Buffer.from(text);
        other[at] = byte;
        if (isPlain(other, SOURCE + 3) !== (byte >= 0x20 && byte <= 0x7e))
          expect.fail(`byte ${byte} at ${at} of ${length}`);
      }
    }
  }
  // What stands before and after the text has no say.
  memory.fill(0, SOURCE - 16, SOURCE + 64);
  expect(isPlain(Buffer.alloc(21, "a"), SOURCE)).toBe(true);
});
