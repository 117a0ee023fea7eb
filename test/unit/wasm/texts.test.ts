import { describe, expect, it } from "vitest";
import {
  ENCODING_BASE64URL,
  ENCODING_HEX,
  STATUS_GENUINE,
  STATUS_MALFORMED,
  STATUS_MISMATCH,
} from "../../../assembly/memory/hmac.ts";
import { HmacKey, hmacKernel } from "../../../src/wasm/hmac/kernel.ts";
import { hasRoom } from "../../../src/wasm/hmac/text-batch.ts";
import {
  type CheckedText,
  NO_NUMBER,
  signText,
  type TextBatch,
  verifyText,
  verifyTexts,
} from "../../../src/wasm/hmac/texts.ts";
import { hmac } from "../../reference/string-schemes.ts";
import { Random } from "../../support/random.ts";

const SECRETS = ["one", "two", "three"];
const keys = SECRETS.map((secret) => new HmacKey(Buffer.from(secret)));
const tagOf = (message: string, secret = "one"): string => hmac(secret, message).toString("hex");
const BARE = { head: 0, gap: 0, characters: 64, encoding: ENCODING_HEX };
const FRAMED = { head: 2, gap: 1, characters: 64, encoding: ENCODING_HEX };

interface Seen {
  readonly statuses: number[];
  readonly windows: number[];
  readonly plain: boolean[];
  readonly texts: string[];
}

/** What the judge of a batch sees of it. */
function judged(texts: readonly string[], form = BARE, holders: readonly HmacKey[] = keys): Seen {
  const seen: Seen = { statuses: [], windows: [], plain: [], texts: [] };
  verifyTexts(
    holders,
    {
      length: texts.length,
      read: (from) => {
        expect(from).toBe(seen.statuses.length);
        seen.windows.push(0);
      },
      text: (index) => texts[index] as string,
      judge: (index, { status, plain, bytes, start, end }: CheckedText) => {
        expect(index).toBe(seen.statuses.length);
        seen.windows[seen.windows.length - 1] = (seen.windows.at(-1) as number) + 1;
        seen.plain[seen.windows.length - 1] = plain;
        seen.statuses.push(status);
        seen.texts.push(Buffer.from(bytes.subarray(start, end)).toString());
      },
    },
    form,
  );
  const { arena } = hmacKernel();
  expect(arena.every((byte) => byte === 0)).toBe(true);
  return seen;
}

describe("hasRoom", () => {
  it("is for 256 texts and for 32768 characters, then until four are full", () => {
    expect([hasRoom(0, 0), hasRoom(255, 0), hasRoom(256, 0), hasRoom(257, 0)]).toEqual([true, true, false, false]);
    expect([4, 5, 6, 7, 8].map((count) => hasRoom(count, 0x7fff))).toEqual([true, true, true, true, true]);
    expect([4, 5, 6, 7, 8].map((count) => hasRoom(count, 0x8000))).toEqual([false, true, true, true, false]);
  });
});

describe("texts with their tags", () => {
  it("are genuine under any of the keys, also of an empty message", () => {
    for (const message of ["", "a", "é", "message ".repeat(40)]) {
      for (const secret of SECRETS) {
        const bare = message + tagOf(message, secret);
        expect(verifyText(keys, bare, BARE).status).toBe(STATUS_GENUINE);
        expect(verifyText(keys, `h:${message}|${tagOf(message, secret)}`, FRAMED).status).toBe(STATUS_GENUINE);
        expect(judged([bare, bare]).statuses).toEqual([STATUS_GENUINE, STATUS_GENUINE]);
      }
      expect(verifyText(keys, message + tagOf(message, "four"), BARE).status).toBe(STATUS_MISMATCH);
      expect(judged([message + tagOf(message, "four")]).statuses).toEqual([STATUS_MISMATCH]);
    }
  });

  it("are malformed where they are shorter than what stands around the message", () => {
    const shortest = `h:|${tagOf("")}`;
    for (const [text, status] of [
      [shortest, STATUS_GENUINE],
      [shortest.slice(1), STATUS_MALFORMED],
      ["", STATUS_MALFORMED],
      ["x".repeat(67), STATUS_MALFORMED],
    ] as const) {
      expect(verifyText(keys, text, FRAMED).status).toBe(status);
      expect(judged([text, shortest, text], FRAMED).statuses).toEqual([status, STATUS_GENUINE, status]);
    }
  });

  it("tell whether all of a window are printable ASCII, and each one's bytes", () => {
    const plain = ["a ~", "", "b"].map((message) => message + tagOf(message));
    expect(judged(plain)).toMatchObject({ plain: [true], texts: plain });
    expect(verifyText(keys, plain[0] as string, BARE).plain).toBe(true);
    for (const odd of ["\x1f", "\x7f", "é", "漢", "😀"]) {
      const texts = [...plain, odd + tagOf(odd), ...plain];
      expect(judged(texts)).toMatchObject({ plain: [false], texts, statuses: texts.map(() => STATUS_GENUINE) });
      expect(verifyText(keys, odd + tagOf(odd), BARE)).toMatchObject({ plain: false });
    }
    expect(judged(plain).plain).toEqual([true]);
  });

  it("go through windows of 256 texts or 32768 characters", () => {
    const small = Array.from({ length: 600 }, (_, i) => `${i}${tagOf(`${i}`, SECRETS[i % 3])}`);
    expect(judged(small)).toMatchObject({ windows: [256, 256, 88], texts: small, statuses: small.map(() => 0) });
    const long = (length: number) => "x".repeat(length - 64) + tagOf("x".repeat(length - 64));
    expect(judged(Array(9).fill(long(0x8000))).windows).toEqual([4, 4, 1]);
    expect(judged([...Array(4).fill(long(0x1fff)), ...Array(3).fill(long(64))]).windows).toEqual([7]);
    expect(judged([...Array(4).fill(long(0x2000)), ...Array(3).fill(long(64))]).windows).toEqual([4, 3]);
    expect(judged([]).windows).toEqual([]);
  });

  it("find their status in any mixture", () => {
    const random = new Random(31);
    const texts = Array.from({ length: 500 }, (_, i) => {
      const message = random.below(4) ? `m${i}` : "é".repeat(random.below(5));
      return random.below(5) ? message + tagOf(message, random.pick([...SECRETS, "four"])) : message;
    });
    const expected = texts.map((text) => {
      if (Buffer.byteLength(text) < 64) return STATUS_MALFORMED;
      const message = text.slice(0, -64);
      return SECRETS.some((secret) => tagOf(message, secret) === text.slice(-64)) ? STATUS_GENUINE : STATUS_MISMATCH;
    });
    expect(judged(texts).statuses).toEqual(expected);
    expect(new Set(expected).size).toBe(3);
    expect(texts.map((text) => verifyText(keys, text, BARE).status)).toEqual(expected);
    const first = judged(texts, BARE, keys.slice(0, 1)).statuses;
    expect(first.filter((status) => status === STATUS_GENUINE).length).toBeLessThan(
      expected.filter((status) => status === STATUS_GENUINE).length,
    );
  });

  it("hold base64url, which is decoded where it stands", () => {
    const decoded: [number, string][] = [];
    const texts = ["aGk", "aGk=", "", "_-8", "A"].map((segment) => segment + tagOf(segment));
    verifyTexts(
      keys,
      {
        length: texts.length,
        text: (index) => texts[index] as string,
        judge: (_, text) => {
          const [start, end] = [text.start, text.end - 64];
          const to = text.decode(start, end);
          decoded.push([to < 0 ? -1 : to - start, Buffer.from(text.bytes.subarray(start, end)).toString("hex")]);
        },
      },
      BARE,
    );
    expect(decoded.map(([length]) => length)).toEqual([2, -1, 0, 2, -1]);
    expect(decoded.map(([length, bytes]) => bytes.slice(0, 2 * Math.max(length, 0)))).toEqual([
      "6869",
      "",
      "",
      "ffef",
      "",
    ]);
  });
});

describe("ten digits", () => {
  const numbersOf = (messages: readonly string[], digits: Partial<TextBatch>): number[] => {
    const found: number[] = [];
    const texts = messages.map((message) => message + tagOf(message));
    const text = (index: number): string => texts[index] as string;
    verifyTexts(keys, { length: texts.length, text, judge: (_, { number }) => found.push(number), ...digits }, BARE);
    return found;
  };
  const messages = ["a0123456789", "b1750000045", "c9999999999", "d17500000x5", "e"];

  it("are read at an offset of each text's own", () => {
    expect(numbersOf(messages, { digitsAt: () => 1 })).toEqual([
      123456789,
      1750000045,
      NO_NUMBER,
      NO_NUMBER,
      NO_NUMBER,
    ]);
    const shifted = messages.map((message, i) => "-".repeat(i) + message);
    expect(numbersOf(shifted, { digitsAt: (index) => index + 1 })).toEqual(numbersOf(messages, { digitsAt: () => 1 }));
    expect(numbersOf([...messages, "é"], { digitsAt: () => 1 })).toEqual(Array(6).fill(NO_NUMBER));
  });

  it("are read right behind bytes that stand nowhere before them", () => {
    const digitsBehind = { field: Buffer.from("|s|"), trailing: 64 };
    const fields = ["u|s|1750000045", "|s|1750000045", "u|t|1750000045", "u|s|175000004", "|u|s|1750000045", ""];
    const right = 1750000045;
    expect(numbersOf(fields, { digitsBehind })).toEqual([right, right, NO_NUMBER, NO_NUMBER, NO_NUMBER, NO_NUMBER]);
  });

  it("are none where nobody asks for them, whatever was asked before", () => {
    expect(numbersOf(messages, {})).toEqual(Array(5).fill(NO_NUMBER));
  });
});

describe("signText", () => {
  it("is node:crypto's tag in either spelling, and leaves nothing behind", () => {
    for (const text of ["", "a", "é".repeat(300)]) {
      expect(signText(keys[0] as HmacKey, text, ENCODING_HEX)).toBe(tagOf(text));
      expect(signText(keys[1] as HmacKey, text, ENCODING_BASE64URL)).toBe(hmac("two", text).toString("base64url"));
      expect(hmacKernel().arena.every((byte) => byte === 0)).toBe(true);
    }
  });
});
