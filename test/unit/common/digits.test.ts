import { describe, expect, it } from "vitest";
import { decimal, decimalBytes, int64, tenDigits, tenDigitText } from "../../../src/common/digits.ts";
import { Random } from "../../support/random.ts";

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

describe("tenDigitText", () => {
  it("reads texts of just ten digits, zeros in front as well", () => {
    const random = new Random(10);
    for (let i = 0; i < 20_000; i++) {
      const digits = Array.from({ length: 8 + random.below(5) }, () => random.pick([..."0123456789"]));
      if (i % 3 === 0) digits[random.below(digits.length)] = random.pick([..."/:-+ e\0\xb5\u0660"]);
      const text = digits.join("");
      expect(tenDigitText(text), text).toBe(/^[0-9]{10}$/.test(text) ? Number(text) : -1);
    }
  });
});

describe("decimalBytes", () => {
  it("reads digits as decimal does, at every place", () => {
    const random = new Random(11);
    for (let i = 0; i < 5000; i++) {
      const text = Array.from({ length: 1 + random.below(18) }, () => random.pick([..."0123456789"])).join("");
      expect(decimalBytes(Buffer.from(`1${text}1`), 1, 1 + text.length), text).toBe(decimal(text));
    }
    for (const text of ["0", "00", "9007199254740991", "9007199254740992"]) {
      expect(decimalBytes(Buffer.from(text), 0, text.length)).toBe(decimal(text));
    }
  });
});

describe("int64", () => {
  it.each([
    "0",
    "1",
    "-1",
    "+1",
    "0001",
    "-000",
    "9223372036854775807",
    "-9223372036854775808",
    "+0009223372036854775807",
  ])("reads %s", (text) => {
    expect(int64(text)).toBe(BigInt(text.replace("+", "").replace(/^(-?)0+(?=.)/, "$1") || "0") + 0n);
  });

  it.each([
    "",
    "+",
    "-",
    "--1",
    "1-",
    " 1",
    "1e3",
    "0x1",
    "\u0661",
    "9223372036854775808",
    "-9223372036854775809",
    "1".repeat(20),
  ])("refuses %j", (text) => {
    expect(int64(text)).toBeUndefined();
  });
});
