import { isJsonObject, readJsonObject } from "../../../../src/common/json.ts";
import { hold, holdSame, inputOf, isWellFormed, type Target, textOf } from "../target.ts";

// What the scanners must say, by way of JSON.parse, which neither tells double names nor lone surrogates.

/** How deep brackets are nested, and how many colons stand, outside of strings. Of text that JSON.parse takes. */
function outline(text: string): { depth: number; colons: number } {
  let depth = 0;
  let deepest = 0;
  let colons = 0;
  for (const mark of text.replace(/"(?:[^"\\]|\\.)*"/g, "")) {
    if ("{[".includes(mark)) deepest = Math.max(deepest, ++depth);
    if ("}]".includes(mark)) depth--;
    if (mark === ":") colons++;
  }
  return { depth: deepest, colons };
}

/** How many members all objects of a value have; more than any where something in it must not be read at all. */
function members(value: unknown): number {
  if (typeof value === "string") return isWellFormed(value) ? 0 : Number.POSITIVE_INFINITY;
  if (typeof value !== "object" || value === null) return 0;
  let count = 0;
  for (const [name, inner] of Object.entries(value)) {
    if (!Array.isArray(value)) count += name === "__proto__" ? Number.POSITIVE_INFINITY : 1 + members(name);
    count += members(inner);
  }
  return count;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The object that the strict reader must read from bytes; nothing where it must refuse them. */
export function strictObject(bytes: Uint8Array, maxDepth: number): Record<string, unknown> | undefined {
  const text = Buffer.from(bytes).toString();
  if (Buffer.compare(Buffer.from(text), bytes) !== 0) return undefined; // not UTF-8
  const value = parsed(text);
  if (!isObject(value)) return undefined;
  const { depth, colons } = outline(text);
  // A name that came twice is one colon more than there are members.
  return depth <= maxDepth && members(value) === colons ? value : undefined;
}

/** What `isJsonObject` must say. */
export function isLooseObject(text: string, maxDepth: number): boolean {
  return text.startsWith("{") && isWellFormed(text) && isObject(parsed(text)) && outline(text).depth <= maxDepth;
}

export const json: Target = {
  name: "json",
  maxLength: 400,
  seeds: [
    '{"sub":"a\\u00e9\\"b","n":[1,-2.5e3,{"x":null}],"t":true}',
    ' {"iat" : 1700000000, "e":{"f":[]},"":"\\ud83d\\ude00"}',
    '{"a":1,"a":1}',
    '{"sub":"a","s\\u0075b":{"b":[],"b":[]}}',
    "{}",
  ].map((text) => inputOf([4], text)),
  dictionary: [
    '"a":1',
    '"__proto__":',
    "\\u0061",
    "\\ud800",
    "\\udc00",
    "[[[[",
    "}}",
    "null",
    "false",
    '","',
    "1e9",
    "\ufeff",
  ],
  run(input) {
    const depth = (input[0] ?? 0) % 8;
    const bytes = input.subarray(1);
    const read = readJsonObject(bytes, depth);
    const expected = strictObject(bytes, depth);
    holdSame(read !== undefined, expected !== undefined, "the strict reader reads just what has one meaning");
    for (const [name, source] of read ?? []) {
      hold(expected !== undefined && Object.hasOwn(expected, name), "every member is one of JSON.parse's");
      holdSame(JSON.parse(source), expected[name], "every member has the value that JSON.parse gives it");
    }
    if (read && expected) holdSame(read.size, Object.keys(expected).length, "no member is missing");
    const text = textOf(bytes, (input[0] ?? 0) > 127);
    const loose = isJsonObject(text, depth);
    holdSame(loose, isLooseObject(text, depth), "isJsonObject takes what JSON.parse takes, from the brace on");
    const sound = parsed(Buffer.from(bytes).toString()) === undefined ? "no JSON" : "JSON";
    return `${read ? "read" : "refused"} ${sound} ${loose} ${(read?.size ?? 0) > 3 ? "many" : read?.size}`;
  },
};
