import { describe, expect, it } from "vitest";
import { decimal, hasControl, roomFor, tenDigits, utf8Length } from "../../../src/common/text.ts";
import { Random } from "../../support/random.ts";

describe("utf8Length", () => {
  it("is the length of the encoded text, at every edge of the encoding", () => {
    for (const code of [0, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x10ffff]) {
      const text = `a${String.fromCodePoint(code)}b`;
      expect(utf8Length(text)).toBe(Buffer.byteLength(text));
    }
  });

  it("is -1 wherever a surrogate stands alone", () => {
    const random = new Random(3);
    const units = [0x61, 0xd7ff, 0xd800, 0xdbff, 0xdc00, 0xdfff, 0xe000];
    for (let i = 0; i < 20_000; i++) {
      const text = String.fromCharCode(...Array.from({ length: random.below(6) }, () => random.pick(units)));
      const wellFormed = Buffer.from(text).toString() === text;
      expect(utf8Length(text)).toBe(wellFormed ? Buffer.byteLength(text) : -1);
    }
  });
});

describe("hasControl", () => {
  it("knows just the C0 and C1 controls and DEL", () => {
    for (let unit = 0; unit < 0x200; unit++) {
      expect(hasControl(`a${String.fromCharCode(unit)}`)).toBe(/\p{Cc}/u.test(String.fromCharCode(unit)));
    }
    expect(hasControl("")).toBe(false);
  });
});

describe("decimal", () => {
  it.each([0, 9, 10, 1_700_000_000, 2 ** 53 - 1])("reads %d", (value) => {
    expect(decimal(`${value}`)).toBe(value);
  });

  it.each([
    "",
    "00",
    "01",
    "-0",
    "-1",
    "+1",
    " 1",
    "1 ",
    "1.0",
    "1e3",
    "0x1",
    "１",
    "9007199254740992",
    "1".repeat(17),
  ])("refuses %j", (text) => {
    expect(decimal(text)).toBe(-1);
  });
});

describe("tenDigits", () => {
  it("reads ten digits as decimal does, and nothing else", () => {
    const random = new Random(9);
    const edges = ["1000000000", "9999999999", "0999999999", "0000000000", "4294967295", "4294967296"];
    for (const text of edges) expect(tenDigits(Buffer.from(text), 0)).toBe(decimal(text));
    for (let i = 0; i < 20_000; i++) {
      const digits = Array.from({ length: 10 }, () => random.pick([..."0123456789"]));
      if (i % 2) digits[random.below(10)] = random.pick([..."/:;-+ eE.x\0\x7f\xff\xb0\xb5\xc0"]);
      const text = digits.join("");
      expect(tenDigits(Buffer.from(`9${text}9`, "latin1"), 1), text).toBe(decimal(text));
    }
  });
});

describe("roomFor", () => {
  it("holds any number of texts", () => {
    const texts = roomFor(0x100003);
    for (let i = 0; i < 0x100003; i++) texts[i] = "x";
    expect([texts.length, texts.indexOf("x"), texts.lastIndexOf("x")]).toEqual([0x100003, 0, 0x100002]);
    expect(roomFor(3)).toHaveLength(3);
    expect(roomFor(2 ** 32 - 1)).toHaveLength(0x100000);
  });
});
