import fc from "fast-check";
import { expect, it } from "vitest";
import { asU64 } from "../../../src/common/integers.ts";
import { isJsonObject, readJsonObject } from "../../../src/common/json.ts";
import { asNow, asSeconds } from "../../../src/common/time.ts";
import {
  base64urlOf,
  base64urlTextsToBytes,
  base64urlToBytes,
  hexOf,
  hexToBytes,
} from "../../../src/wasm/hmac/encoding.ts";
import { anything, bytes, holds, resultOrCode, text, u64, wellFormed } from "../../support/properties.ts";

it("the JSON of any object is read to the values that JSON.parse reads", () => {
  const object = fc.dictionary(wellFormed, fc.jsonValue({ maxDepth: 3 }), { noNullPrototype: true });
  let read = 0;
  holds(2000, object, fc.constantFrom("", " ", "\n\t"), (value, space) => {
    const source = JSON.stringify(value, null, space);
    expect(isJsonObject(source, 64)).toBe(true);
    const members = readJsonObject(Buffer.from(source), 64);
    // JSON.stringify writes lone surrogates as escapes, which have no UTF-8 form: refused, as is __proto__.
    if (!members) {
      expect(source).toMatch(/\\ud[89a-f]|__proto__/);
      return;
    }
    read++;
    const values = [...members].map(([name, text]) => [name, JSON.parse(text)]);
    expect(Object.fromEntries(values)).toEqual(JSON.parse(source));
  });
  expect(read).toBeGreaterThan(1500);
});

it("no object is read in which a name comes twice, however it is spelt, and wherever the object stands", () => {
  const name = fc.string({ minLength: 1, unit: "grapheme-ascii" }).filter((text) => text !== "__proto__");
  const members = fc.uniqueArray(name, { minLength: 1, maxLength: 5 });
  holds(500, members, fc.nat(), fc.boolean(), (names, place, inner) => {
    const literals = names.map((text) => `${JSON.stringify(text)}:0`);
    const text = names[place % names.length] as string;
    const escaped = [...text].map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");
    const wrap = (parts: readonly string[]) => Buffer.from(inner ? `{"":[{${parts}}]}` : `{${parts}}`);
    expect(readJsonObject(wrap(literals), 4)).toBeDefined();
    expect(readJsonObject(wrap([...literals, `"${escaped}":0`]), 4)).toBeUndefined();
    expect(readJsonObject(wrap([...literals, literals[place % names.length] as string]), 4)).toBeUndefined();
  });
});

it("what the JSON reader takes, JSON.parse takes, with the same values", () => {
  const piece = fc.constantFrom(
    ...'{}[]",:\\ \n0123.eE+-',
    '"a":',
    '"b":1',
    "true",
    "null",
    "\\u0061",
    "é",
    "\ud83d\ude00",
  );
  const source = fc.oneof(
    fc.array(piece).map((parts) => parts.join("")),
    fc.array(piece, { maxLength: 6 }).map((parts) => `{"a":${parts.join("")}}`),
    text,
  );
  holds(5000, source, (value) => {
    const members = readJsonObject(Buffer.from(value), 4);
    if (members) {
      const parsed = JSON.parse(Buffer.from(value).toString()) as object;
      expect(Object.keys(parsed).sort()).toEqual([...members.keys()].sort());
      for (const [name, part] of members) expect(JSON.parse(part)).toEqual(Reflect.get(parsed, name));
    }
    if (isJsonObject(value, 64)) expect(JSON.parse(value)).toBeTypeOf("object");
  });
});

it("base64url and hex: bytes come back, and a text that is read is the only one of its bytes", () => {
  holds(1000, bytes(0, 300), (value) => {
    expect(base64urlToBytes(base64urlOf(value))).toEqual(value);
    expect(hexToBytes(hexOf(value))).toEqual(value);
    expect(hexToBytes(hexOf(value).toUpperCase())).toEqual(value);
    expect([base64urlOf(value), hexOf(value)]).toEqual([
      Buffer.from(value).toString("base64url"),
      Buffer.from(value).toString("hex"),
    ]);
  });
  const characters = fc.oneof(
    text,
    fc.string({ unit: fc.constantFrom(..."ABYZabyz0189-_+/= \n\0", "é", "ı") }),
    fc.stringMatching(/^[A-Za-z0-9_-]{0,9}$/),
    fc.stringMatching(/^[0-9a-fA-F]{0,9}$/),
  );
  holds(3000, characters, (value) => {
    const again = Buffer.from(value, "base64url");
    const canonical = /^[\w-]*$/.test(value) && again.toString("base64url") === value;
    expect(base64urlToBytes(value)).toEqual(canonical ? new Uint8Array(again) : undefined);
    const isHex = value.length % 2 === 0 && /^[0-9a-fA-F]*$/.test(value) && !value.endsWith("\n");
    expect(hexToBytes(value)).toEqual(isHex ? new Uint8Array(Buffer.from(value, "hex")) : undefined);
  });
  holds(300, fc.array(characters), (values) => {
    const { bytes, starts } = base64urlTextsToBytes(values);
    values.forEach((value, i) => {
      expect(bytes.slice(starts[i], starts[i + 1])).toEqual(base64urlToBytes(value) ?? new Uint8Array(0));
    });
  });
});

it("u64 and seconds: a bigint in range is itself, all else is an error of its kind", () => {
  holds(1000, u64, (value) => {
    expect([asU64(value, "id"), asSeconds(value, "now"), asNow(value)]).toEqual([value, value, value]);
    expect(resultOrCode(() => asU64(value + 2n ** 64n, "id"))).toBe("ERR_RANGE");
    expect(resultOrCode(() => asSeconds(-value - 1n, "now"))).toBe("ERR_RANGE");
    const number = Number(value);
    const exact = Number.isSafeInteger(number);
    expect(resultOrCode(() => asU64(number, "id"))).toEqual(exact ? BigInt(number) : "ERR_RANGE");
    expect(resultOrCode(() => asSeconds(number, "now"))).toEqual(number < 1e11 ? BigInt(number) : "ERR_RANGE");
  });
  holds(1000, fc.oneof(anything, fc.double()), (value) => {
    const found = resultOrCode(() => asU64(value, "id"));
    if (typeof value !== "bigint" && typeof value !== "number") expect(found).toBe("ERR_TYPE");
    if (typeof found === "bigint") expect(found).toBe(BigInt(value as number));
  });
});
