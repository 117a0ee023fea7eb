import { describe, expect, it } from "vitest";
import { HMAC_ARENA, HMAC_MAX_TEXTS, HMAC_NUMBERS, HMAC_STARTS, HMAC_STATUS } from "../../../assembly/memory/hmac.ts";
import { Random } from "../../support/random.ts";
import { changingOnly, expectWiped, hmac, memory } from "./hmacModule.ts";

const NO_NUMBER = 0xffff_ffff;
const words = new Uint32Array(memory.buffer);
const random = new Random(31);

/** The definition: ten digits whose value is less than 2^32 - 1. */
function twin(text: string): number {
  return /^[0-9]{10}$/.test(text) ? Math.min(Number(text), NO_NUMBER) : NO_NUMBER;
}

function digits(count: number): string {
  return Array.from({ length: count }, () => random.pick([..."0123456789"])).join("");
}

/** What `call` leaves for each text, having changed nothing else in memory. */
function numbers(texts: readonly string[], offsets: readonly number[], call: () => void): number[] {
  const joined = Buffer.from(`${texts.join("")}${"9".repeat(16)}`, "latin1");
  memory.set(joined, HMAC_ARENA);
  let at = 0;
  for (const [i, text] of texts.entries()) {
    words[HMAC_NUMBERS / 4 + i] = at + (offsets[i] as number);
    words[HMAC_STARTS / 4 + i] = at;
    at += text.length;
  }
  words[HMAC_STARTS / 4 + texts.length] = at;
  changingOnly([[HMAC_NUMBERS, 4 * texts.length]], call);
  expectWiped();
  return [...words.slice(HMAC_NUMBERS / 4, HMAC_NUMBERS / 4 + texts.length)];
}

describe("numbersAt", () => {
  const read = (texts: readonly string[]): number[] =>
    numbers(
      texts.map((text) => `0${text}5`),
      texts.map(() => 1),
      () => hmac.numbersAt(texts.length),
    );

  it("reads the edges of its range, and no further", () => {
    const edges = ["0000000000", "0999999999", "1000000000", "2147483648", "4294967294", "4294967295", "4294967296"];
    edges.push("9999999999");
    expect(read(edges)).toEqual(edges.map(twin));
    expect(read(edges).slice(4)).toEqual([4294967294, NO_NUMBER, NO_NUMBER, NO_NUMBER]);
  });

  it("refuses every other byte in every place", () => {
    for (let place = 0; place < 10; place++) {
      const texts = Array.from({ length: 256 }, (_, byte) => {
        const text = [...digits(10)];
        text[place] = String.fromCharCode(byte);
        return text.join("");
      });
      expect(read(texts)).toEqual(texts.map(twin));
    }
  });

  it("reads any number of texts, each by itself", () => {
    for (const count of [0, 1, 2, 3, 255, HMAC_MAX_TEXTS]) {
      const texts = Array.from({ length: count }, () => random.pick(["0", "1", "3"]) + digits(9));
      expect(read(texts)).toEqual(texts.map(twin));
    }
  });
});

describe("numbersBehind", () => {
  const BEHIND = 7;
  const FIELDS = ["|", "|s|", "|arena-7|", `|${"x".repeat(13)}|`, `|${"y".repeat(14)}|`, `|${"z".repeat(63)}|`];

  function twinBehind(text: string, field: string): number {
    const end = text.length - BEHIND;
    const before = end - 10 - field.length;
    if (before < 0 || text.slice(before, end - 10) !== field || text.slice(0, before).includes("|")) return NO_NUMBER;
    return twin(text.slice(end - 10, end));
  }

  it.each(FIELDS)("reads behind %j what its definition reads", (field) => {
    const counts = { read: 0, none: 0 };
    for (let round = 0; round < 60; round++) {
      const texts = Array.from({ length: HMAC_MAX_TEXTS }, (_, i) => {
        const before = Array.from({ length: random.below(70) }, () => random.pick([..."abé"])).join("");
        const text = [...`${before}${field}${random.pick(["0", "1", "4"])}${digits(9)}${"|".repeat(BEHIND)}`];
        // Half of them with a few bytes changed, taken out or put in.
        if (i % 2) text.splice(random.below(text.length), random.below(3), random.pick(["|", "7", "", "x", "||"]));
        return text.join("");
      });
      const call = () => hmac.numbersBehind(texts.length, BEHIND, place, field.length);
      const place = HMAC_ARENA + 0x10000;
      memory.set(Buffer.from(field, "latin1"), place);
      const statuses = texts.map(() => random.pick([0, 0, 0, 1, 2]));
      memory.set(statuses, HMAC_STATUS);
      const expected = texts.map((text, i) => (statuses[i] === 0 ? twinBehind(text, field) : NO_NUMBER));
      expect(
        numbers(
          texts,
          texts.map(() => 0),
          call,
        ),
      ).toEqual(expected);
      for (const number of expected) counts[number === NO_NUMBER ? "none" : "read"]++;
    }
    expect(counts.read).toBeGreaterThan(3000);
    expect(counts.none).toBeGreaterThan(3000);
  });

  it("does not look before the first text, nor at what is too short", () => {
    memory.set(Buffer.from("|s|"), HMAC_ARENA + 0x10000);
    memory.fill(0, HMAC_STATUS, HMAC_STATUS + HMAC_MAX_TEXTS);
    const texts = ["", "1", "s|1750000045|||||||", "|s|1750000045|||||||", "s|1750000045|||||||"];
    const call = () => hmac.numbersBehind(texts.length, BEHIND, HMAC_ARENA + 0x10000, 3);
    const none = [NO_NUMBER, NO_NUMBER, NO_NUMBER];
    expect(numbers(texts, [0, 0, 0, 0, 0], call)).toEqual([...none, 1750000045, NO_NUMBER]);
  });
});
