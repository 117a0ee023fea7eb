import { describe, expect, it } from "vitest";
import { hasControl, utf8Length } from "../../../src/common/text.ts";
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
