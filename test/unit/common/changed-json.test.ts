import { describe, expect, it } from "vitest";
import { isFlatObject, isJsonObject, jsonString, readJsonObject } from "../../../src/common/json.ts";

// Texts with one change at each place, against what the platform's own reader says of them.

const TEXTS = [
  ' {"sub":"a\\u00e9\\"b" , "n":[1,-2.5e3,0,{"x":null}],"t":true,"f":false}\t',
  '{"ab":"c","n":170,"":""}',
  '{"e":[ [] , {} , 1E+9, 2e-1, 0.5 ] }\r\n',
  '{"p":"\\ud83d\\ude00","q":"😀"}',
];
const CHARACTERS = [
  ...'{}[]",:\\/0189eE+-.bfnrtuxaGg@` \t\n\r\v\x1f\x7f\u00a0',
  ...["\\u0041", "\\ud800", "\\udc00", "\\", '""', "tru", "00"],
];

function* changesOf(text: string): Generator<string> {
  for (let at = 0; at <= text.length; at++) {
    const [head, tail] = [text.slice(0, at), text.slice(at)];
    yield head;
    yield tail;
    yield head + tail.slice(1);
    for (const one of CHARACTERS) {
      yield head + one + tail.slice(1);
      yield head + one + tail;
    }
  }
}

function parsed(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && !Array.isArray(value) && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

const isWellFormed = (text: string): boolean => Buffer.from(text).toString() === text;

describe("a text with any one change", () => {
  it.each(TEXTS)("%j: readJsonObject reads it as JSON.parse does, or has a reason", (base) => {
    let read = 0;
    for (const text of changesOf(base)) {
      if (!isWellFormed(text)) continue;
      const value = parsed(text);
      const members = readJsonObject(Buffer.from(text), 4);
      if (members) {
        read++;
        expect(Object.fromEntries([...members].map(([name, source]) => [name, JSON.parse(source)])), text).toEqual(
          value,
        );
        for (const source of members.values()) {
          const inner: unknown = JSON.parse(source);
          expect(jsonString(source)).toBe(typeof inner === "string" ? inner : undefined);
        }
      } else if (value) expect(text).toMatch(/"(n|t|f|ab|sub|)".*"\1":|\\ud|\[\[\[\[/);
    }
    expect(read).toBeGreaterThan(100);
  });

  it.each(TEXTS)("%j: isJsonObject takes it as JSON.parse does, from the brace on", (base) => {
    for (const text of changesOf(base.trimStart())) {
      const valid = text.startsWith("{") && isWellFormed(text) && parsed(text) !== undefined;
      expect(isJsonObject(text, 4), text).toBe(valid);
    }
  });
});

describe("isFlatObject", () => {
  const string = '"[^\\x00-\\x1f"\\\\\\ud800-\\uffff]*"';
  const member = `${string}:(?:${string}|0|[1-9][0-9]*)`;
  const flat = new RegExp(`^\\{${member}(?:,${member})*\\}$`);
  const bases = [
    '{"a":1}',
    '{"":""}',
    '{"name":"Ann é\ud7ff","n":1750000000,"z":0}',
    '{"x":"\x7f ~!/","9":90,"k":"0"}',
  ];

  it.each(bases)("%s is one: the quick way decides", (text) => {
    expect([isFlatObject(text), flat.test(text)]).toEqual([true, true]);
  });

  it.each(bases)("%s with any one change is one where it has the form, and is JSON then", (base) => {
    for (const text of [...changesOf(base), ...[..."\ud7ff\ud800\udfff\ue000\uffff"].map((odd) => `{"a":"${odd}"}`)]) {
      if (!text.startsWith("{")) continue;
      const found = isFlatObject(text);
      expect(found, text).toBe(flat.test(text));
      if (found) expect(parsed(text), text).toBeDefined();
    }
  });
});

describe("escapes", () => {
  const read = (value: string) => jsonString(readJsonObject(Buffer.from(`{"a":"${value}"}`), 1)?.get("a") ?? "");

  it.each(["\\u0000", "\\u0039", "\\u00af", "\\u00AF", "\\u9999", "\\uaAfF", "\\ud7ff", "\\ue000", "\\uffff"])(
    "%s is one character",
    (text) => {
      expect(read(text)).toBe(JSON.parse(`"${text}"`));
    },
  );

  it.each([
    ...[..."/:@G`g"].flatMap((wrong) =>
      [0, 1, 2, 3].map((at) => `\\u${"0000".slice(0, at)}${wrong}${"000".slice(at)}`),
    ),
    ...["\\u", "\\u0", "\\u00", "\\u000", "\\a", "\\v", "\\0", "\\'", "\\U0041", "\\ "],
  ])("%s is none", (text) => {
    expect(read(text)).toBeUndefined();
    expect(isJsonObject(`{"a":"${text}"}`, 1)).toBe(false);
  });

  it.each(["\\ud800\\udc00", "\\udbff\\udfff", "\\uD83D\\uDE00", "x\\ud800\\udc00x"])("%s is a pair", (text) => {
    expect(read(text)).toBe(JSON.parse(`"${text}"`));
  });

  it.each([
    "\\ud800",
    "\\udbff",
    "\\udc00",
    "\\udfff",
    "\\ud800\\udbff",
    "\\udc00\\udc00",
    "\\udc00\\ud800",
    "\\ud800\\ud7ff",
    "\\ud800\\ue000",
    "\\ud7ff\\udc00",
    "\\ud800 \\udc00",
    "\\ud800\\n\\udc00",
    "\\ud800\\u00dc",
    "\\ud800\\udcg0",
    "\\ud800/udc00",
  ])("%s is no pair: refused where the text is relied on", (text) => {
    expect(read(text)).toBeUndefined();
  });
});

describe("surrogates as they are", () => {
  it.each(["\ud800\udc00", "\udbff\udfff", "\ud7ff", "\ue000"])("%j is well-formed", (text) => {
    for (const json of [`{"${text}":"${text}"}`, `{"a": "${text}"}`]) expect(isJsonObject(json, 1)).toBe(true);
  });

  it.each(["\ud800", "\udfff", "\ud800\ud800", "\udc00\ud800", "\ud800\udbff", "\ud800\ue000", "\udbff"])(
    "%j is not",
    (text) => {
      for (const json of [`{"${text}":1}`, `{"a": "${text}"}`, `{"a":"${text}`]) {
        expect(isJsonObject(json, 1)).toBe(false);
      }
    },
  );
});

describe("depth", () => {
  it.each([
    ['{"a":1}', 1],
    ['{"a":[]}', 2],
    ['{"a":{}}', 2],
    ['{"a":[{}]}', 3],
    ['{"a":{"b":[]},"c":[]}', 3],
    ['{"a":[[],[[]]]}', 4],
  ])("of %s is %d", (text, depth) => {
    for (const allowed of [0, 1, 2, 3, 4]) {
      expect(readJsonObject(Buffer.from(text), allowed) !== undefined).toBe(allowed >= depth);
      expect(isJsonObject(text, allowed)).toBe(allowed >= depth);
    }
  });
});

describe("names", () => {
  it.each([
    '{"a":1,"a":2}',
    '{"":1,"":2}',
    '{"a":{"b":1,"b":2}}',
    '{"a":[{"b":1,"b":2}]}',
    '{"a\\n":1,"a\\u000a":2}',
    '{"__proto__":1}',
    '{"a":{"__proto__":1}}',
  ])("%s is refused where the text is relied on", (text) => {
    expect(readJsonObject(Buffer.from(text), 4)).toBeUndefined();
    expect(isJsonObject(text, 4)).toBe(true);
  });

  it("may be the same in different objects", () => {
    expect(readJsonObject(Buffer.from('{"a":{"a":1},"b":{"a":[{"a":1},{"a":2}]}}'), 4)?.size).toBe(2);
  });
});
