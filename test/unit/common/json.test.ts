import { describe, expect, it } from "vitest";
import { isJsonObject, jsonString, readJsonObject } from "../../../src/common/json.ts";
import { Random } from "../../support/random.ts";

const encoder = new TextEncoder();
const read = (text: string | Uint8Array, depth = 4) =>
  readJsonObject(typeof text === "string" ? encoder.encode(text) : text, depth);

describe("readJsonObject", () => {
  it("gives each member's source text", () => {
    const members = read(' {"a" : "x\\n" ,\t"b":-1.50e+3,\r\n"c":[1, {"d":null}],"":true, "\\u0061b":false} ');
    expect([...(members ?? [])]).toEqual([
      ["a", '"x\\n"'],
      ["b", "-1.50e+3"],
      ["c", '[1, {"d":null}]'],
      ["", "true"],
      ["ab", "false"],
    ]);
    expect(read("{}")?.size).toBe(0);
  });

  it("takes names of Object.prototype for what they are, and has no member that is not there", () => {
    expect([...(read('{"constructor":1,"toString":2,"hasOwnProperty":3}') ?? [])]).toHaveLength(3);
    expect(read("{}")?.get("toString")).toBeUndefined();
  });

  it.each([
    ["two members of a name", '{"sub":"a","sub":"b"}'],
    ["after unescaping", '{"sub":"a","s\\u0075b":"b"}'],
    ["both escaped", '{"\\u0061":1,"\\u0061":1}'],
    ["of an inner object", '{"x":{"a":1,"a":1}}'],
    ["of an object in an array", '{"x":[{"a":1,"b":2,"a":1}]}'],
    ["__proto__", '{"__proto__":{"admin":true}}'],
    ["__proto__ escaped", '{"__pr\\u006fto__":1}'],
    ["__proto__ within", '{"x":{"__proto__":1}}'],
    ["trailing data", "{}{}"],
    ["trailing comma", '{"a":1,}'],
    ["a trailing NUL", "{}\0"],
    ["a byte order mark", "\ufeff{}"],
    ["depth 5", '{"a":{"b":{"c":{"d":{}}}}}'],
    ["depth 5 of arrays", '{"a":[[[[]]]]}'],
    ["an escaped lone high surrogate", '{"a":"\\ud800"}'],
    ["an escaped lone low surrogate", '{"a":"\\udc00x"}'],
    ["an escaped high surrogate before another", '{"a":"\\ud800\\ud800"}'],
    ["an escaped high surrogate before text", '{"a":"\\ud800udc00"}'],
    ["an escaped lone surrogate in a name", '{"\\udfff":1}'],
    ["an array", "[]"],
    ["a string", '"a"'],
    ["null", "null"],
    ["nothing", ""],
    ["white space only", "  "],
    ["another white space", "\u00a0{}"],
    ["a vertical tab", "\v{}"],
    ["single quotes", "{'a':1}"],
    ["a bare name", "{a:1}"],
    ["a comment", "{/**/}"],
    ["a missing colon", '{"a" 1}'],
    ["a missing value", '{"a":}'],
    ["a missing comma", '{"a":1 "b":2}'],
    ["a leading comma", '{,"a":1}'],
    ["an array's trailing comma", '{"a":[1,]}'],
    ["a control character in a string", '{"a":"\n"}'],
    ["an unknown escape", '{"a":"\\x41"}'],
    ["a short escape", '{"a":"\\u12"}'],
    ["an escape at the end", '{"a":"\\'],
    ["an open string", '{"a":"b}'],
    ["an open object", '{"a":1'],
    ["an open array", '{"a":[1'],
    ["a leading zero", '{"a":01}'],
    ["a plus", '{"a":+1}'],
    ["a lone minus", '{"a":-}'],
    ["no digits before the point", '{"a":.5}'],
    ["no digits behind the point", '{"a":1.}'],
    ["no exponent", '{"a":1e}'],
    ["hex", '{"a":0x10}'],
    ["NaN", '{"a":NaN}'],
    ["Infinity", '{"a":Infinity}'],
    ["half a word", '{"a":tru}'],
    ["a word in upper case", '{"a":True}'],
  ])("refuses %s", (_, text) => {
    expect(read(text)).toBeUndefined();
  });

  it.each([
    ["a stray continuation byte", [0x80]],
    ["an overlong slash", [0xc0, 0xaf]],
    ["a surrogate", [0xed, 0xa0, 0x80]],
    ["a code point beyond Unicode", [0xf4, 0x90, 0x80, 0x80]],
    ["a cut sequence", [0xe6, 0xbc]],
  ])("refuses bytes that are not UTF-8: %s", (_, bytes) => {
    const around = (inner: readonly number[]) => Uint8Array.from([...encoder.encode('{"a":"'), ...inner, 0x22, 0x7d]);
    expect(read(around(bytes))).toBeUndefined();
    expect(read(around([0xe6, 0xbc, 0xa2]))?.get("a")).toBe('"漢"'); // and nothing is left over from the refusal
  });

  it("accepts up to the depth asked for", () => {
    expect(read('{"a":{"b":{"c":{"d":1}}}}')?.size).toBe(1);
    expect(read('{"a":[[[1]]]}')?.size).toBe(1);
    expect(read('{"a":1}', 1)?.size).toBe(1);
    expect(read('{"a":[]}', 1)).toBeUndefined();
  });

  it("agrees with JSON.parse on mutated objects, save for what is refused on purpose", () => {
    const random = new Random(11);
    const seeds = ['{"sub":"a\\u00e9\\"b","n":[1,-2.5e3,{"x":null}],"t":true}', '{"iat":1700000000, "e":{"f":[]}}'];
    let accepted = 0;
    for (let i = 0; i < 30_000; i++) {
      const characters = [...random.pick(seeds)];
      for (let changes = random.below(3); changes >= 0; changes--) {
        const at = random.below(characters.length);
        characters.splice(at, random.below(3), random.pick([...'{}[]",:\\0123456789eE+-.tfnu \n\x01é"']));
      }
      const text = characters.join("");
      let parsed: unknown;
      try {
        parsed = JSON.parse(text);
      } catch {
        expect(read(text), text).toBeUndefined();
        continue;
      }
      const members = read(text);
      if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) expect(members, text).toBeUndefined();
      else if (members) {
        accepted++;
        const values = Object.fromEntries([...members].map(([name, source]) => [name, JSON.parse(source)]));
        expect(values).toEqual(parsed);
      } else expect(text).toMatch(/(".*").*\1|\\u[dD]/); // a name twice, or a surrogate
    }
    expect(accepted).toBeGreaterThan(1000);
  });

  it("reads an object of 64,000 members", () => {
    const bytes = encoder.encode(`{${Array.from({ length: 64_000 }, (_, i) => `"name${i}":"${i}"`)}}`);
    expect(readJsonObject(bytes, 4)?.size).toBe(64_000);
  });
});

describe("jsonString", () => {
  it("reads what JSON.parse reads, and nothing but strings", () => {
    for (const source of ['"plain"', '""', '"a\\"b\\\\c\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00"', '"漢"']) {
      expect(jsonString(source)).toBe(JSON.parse(source));
    }
    for (const source of ["1", "null", "{}", "true", ""]) expect(jsonString(source)).toBeUndefined();
  });
});

describe("isJsonObject", () => {
  it("looks at the grammar, from the brace on", () => {
    for (const text of ["{}", '{"a":1,"a":2}', '{"__proto__":1}', '{"a":"\\ud800"} \n', '{"a":"😀"}']) {
      expect(isJsonObject(text, 4), text).toBe(true);
    }
    for (const text of ["", " {}", "[]", "{}x", '{"a":"\ud800"}', '{"a":"\udc00\ud800"}', '{"a":[[[[1]]]]}', "0"]) {
      expect(isJsonObject(text, 4), text).toBe(false);
    }
  });

  it("does not tire of nesting that it refuses", () => {
    expect(isJsonObject('{"a":'.repeat(100_000), 64)).toBe(false);
    expect(isJsonObject(`${'{"a":'.repeat(63)}{}${"}".repeat(63)}`, 64)).toBe(true);
    expect(isJsonObject(`${'{"a":'.repeat(64)}{}${"}".repeat(64)}`, 64)).toBe(false);
  });

  it("takes flat objects, whole and mutated, as JSON.parse does", () => {
    const random = new Random(17);
    const values = [
      '"Ann"',
      '""',
      "0",
      "7",
      "1750000000",
      '"é"',
      "-1",
      "1.5",
      "1e3",
      "true",
      "null",
      "[]",
      "{}",
      '"\\n"',
    ];
    const bits = [...'{}",:\\01-. \n', '"a":1', "\u007f", "\ud7ff", "\ue000", "😀", "00", '"":'];
    const counts = { true: 0, false: 0 };
    for (let i = 0; i < 40_000; i++) {
      const members = Array.from({ length: random.below(4) }, (_, n) => `"${"k".repeat(n)}":${random.pick(values)}`);
      const characters = [...`{${members.join(",")}}`];
      if (i % 3 > 0) characters.splice(random.below(characters.length), random.below(3), random.pick(bits));
      const text = characters.join("");
      let valid = text.startsWith("{");
      try {
        JSON.parse(text);
      } catch {
        valid = false;
      }
      expect(isJsonObject(text, 64), text).toBe(valid);
      counts[`${valid}`]++;
    }
    expect(Math.min(...Object.values(counts))).toBeGreaterThan(8000);
    for (const text of ['{"a":"\ud800"}', '{"\udc00":1}', '{"a":"\ud800x"}'])
      expect(isJsonObject(text, 64)).toBe(false);
    expect(isJsonObject('{"a":1}', 0)).toBe(false);
  });
});
