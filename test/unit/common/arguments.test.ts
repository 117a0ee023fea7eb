import { runInNewContext } from "node:vm";
import { describe, expect, it, vi } from "vitest";
import { asFlag, asString, roomFor } from "../../../src/common/arguments.ts";
import { asBytes, asBytesOf, isAllZero } from "../../../src/common/bytes.ts";
import { KeyHolder } from "../../../src/common/disposable.ts";
import { publicHex } from "../../../src/common/hex.ts";
import { asU32, asU64 } from "../../../src/common/integers.ts";
import { drawEntropy } from "../../../src/common/random.ts";
import { prepareKeys, readSecrets, readTextSecret } from "../../../src/common/secrets.ts";
import { asDuration, asIssuedSeconds, asIssuingNow, asNow, asSeconds, nowOf } from "../../../src/common/time.ts";
import { ConnectTokensError, disposed, formatError, rangeError, typeError } from "../../../src/errors.ts";
import { detach, hex } from "../../support/bytes.ts";
import { expectError, thrownBy } from "../../support/errors.ts";

const message = (run: () => unknown): string => (thrownBy(run) as Error).message;
const MAX_U64 = 2n ** 64n - 1n;

describe("messages say what came, and nothing that may be secret", () => {
  it.each([
    [null, "null"],
    [undefined, "undefined"],
    ["", "a string of 0 characters"],
    ["secret", "a string of 6 characters"],
    [5, "number 5"],
    [-0, "number -0"],
    [0, "number 0"],
    [Number.NaN, "number NaN"],
    [true, "boolean true"],
    [2n ** 128n, `bigint ${2n ** 128n}`],
    [-(2n ** 128n), `bigint -${2n ** 128n}`],
    [2n ** 128n + 1n, "a huge bigint"],
    [-(2n ** 128n) - 1n, "a huge bigint"],
    [[1, 2, 3], "an array of 3"],
    [new Uint16Array(4), "a view of 8 bytes"],
    [new DataView(new ArrayBuffer(3)), "a view of 3 bytes"],
    [{ length: 2, byteLength: 3 }, "an object"],
    [new ArrayBuffer(3), "an ArrayBuffer"],
    [new SharedArrayBuffer(3), "a SharedArrayBuffer"],
    [Promise.resolve("secret"), "a Promise"],
    [new Date(0), "a Date"],
    [new Map([["secret", 1]]), "a Map"],
    [new Set(["secret"]), "a Set"],
    [runInNewContext("Promise.resolve()"), "a Promise"],
    [{ [Symbol.toStringTag]: "secret" }, "an object"],
    [() => 0, "a function"],
    [Symbol("secret"), "a symbol"],
  ])("%s", (value, said) => {
    expect(typeError("it", "other", value).message).toBe(`it must be other, got ${said}`);
    expect(rangeError("it", "other", value).message).toBe(`it must be other, got ${said}`);
  });

  it("also of a Proxy that was revoked", () => {
    const { proxy, revoke } = Proxy.revocable([], {});
    revoke();
    expect(typeError("it", "other", proxy).message).toBe("it must be other, got an object");
  });

  it("and errors are of one class, with their code and argument", () => {
    const all = [typeError("a", "b", 1), rangeError("a", "b", 1), formatError("a", "is b"), disposed()];
    expect(all.map(({ code, argument }) => [code, argument])).toEqual([
      ["ERR_TYPE", "a"],
      ["ERR_RANGE", "a"],
      ["ERR_FORMAT", "a"],
      ["ERR_DISPOSED", "this"],
    ]);
    for (const error of all) expect(error.name).toBe("ConnectTokensError");
    expect(all.map((error) => error.message).slice(2)).toEqual([
      "a is b",
      "this object was disposed of: its key is gone",
    ]);
    const cause = new Error("cause");
    expect(new ConnectTokensError("ERR_START", "a", "b", { cause }).cause).toBe(cause);
  });
});

describe("times", () => {
  it.each([
    [0, 0n],
    [1e11 - 1, 99_999_999_999n],
    [0n, 0n],
    [MAX_U64, MAX_U64],
  ])("%s is Unix seconds", (value, seconds) => {
    expect(asSeconds(value, "t")).toBe(seconds);
    expect(asNow(value)).toBe(seconds);
    expect(nowOf({ now: value })).toBe(Number(seconds));
  });

  it.each([
    [-0, "whole Unix seconds, not negative"],
    [-1, "whole Unix seconds, not negative"],
    [0.5, "whole Unix seconds, not negative"],
    [Number.NaN, "whole Unix seconds, not negative"],
    [Number.POSITIVE_INFINITY, "whole Unix seconds, not negative"],
    [1e11, "Unix seconds below 1e11, not milliseconds"],
    [-1n, "from 0 to 2^64 - 1"],
    [2n ** 64n, "from 0 to 2^64 - 1"],
  ])("%s is none", (value, expected) => {
    for (const run of [() => asSeconds(value, "now"), () => asNow(value), () => nowOf({ now: value })]) {
      expect(expectError(run, "ERR_RANGE", "now").message).toContain(`must be ${expected}, got`);
    }
  });

  it.each(["1", null, {}, true, Symbol("1")])("%s is no number of them", (value) => {
    for (const run of [() => asSeconds(value, "now"), () => asNow(value), () => nowOf({ now: value as never })]) {
      expect(expectError(run, "ERR_TYPE", "now").message).toContain("must be Unix seconds, a number or a bigint, got");
    }
  });

  it("stand in an object of options", () => {
    expectError(() => nowOf(5 as never), "ERR_TYPE", "options");
  });

  it("are the clock's where none is given", () => {
    const clock = Date.now() / 1000;
    for (const now of [Number(asNow(undefined)), nowOf(undefined), nowOf({}), nowOf({ now: undefined })]) {
      expect(Math.abs(now - clock)).toBeLessThan(60);
    }
    expect(Number.isInteger(nowOf({}))).toBe(true);
  });

  it.each([
    Number.NaN,
    1e300,
    Number.POSITIVE_INFINITY,
    -1,
    -1e12,
    -0,
    1e14,
    1_700_000_000_000.5,
    "1700000000000",
    1_700_000_000_000n,
    undefined,
    null,
    new Date(),
  ])("are nobody's where the clock says %s", (broken) => {
    const clock = vi.spyOn(Date, "now").mockImplementation(() => broken as number);
    try {
      for (const run of [
        () => asNow(undefined),
        () => asIssuingNow(undefined),
        () => nowOf(undefined),
        () => nowOf({}),
      ]) {
        expect(expectError(run, "ERR_RANGE", "now").message).toContain("the clock is broken");
      }
      expect([asNow(5), asIssuingNow(5), nowOf({ now: 5 })]).toEqual([5n, 5n, 5]);
    } finally {
      clock.mockRestore();
    }
  });

  it("are no milliseconds where a token is issued", () => {
    for (const value of [0n, 10n ** 12n - 1n, 10n ** 14n + 1n, MAX_U64, 1_700_000_000]) {
      expect([asIssuedSeconds(value, "t"), asIssuingNow(value)]).toEqual([BigInt(value), BigInt(value)]);
    }
    for (const value of [10n ** 12n, 1_700_000_000_000n, 10n ** 14n]) {
      const error = expectError(() => asIssuedSeconds(value, "t"), "ERR_RANGE", "t");
      expect(error.message).toContain("t must be Unix seconds, not milliseconds, got");
      expectError(() => asIssuingNow(value), "ERR_RANGE", "now");
      expect([asSeconds(value, "t"), asNow(value)]).toEqual([value, value]);
    }
  });

  it("last from 0 to a maximum", () => {
    expect([asDuration(0, "ttl", 9), asDuration(9, "ttl", 9)]).toEqual([0, 9]);
    for (const value of [-1, 10, 0.5, Number.NaN]) {
      const error = expectError(() => asDuration(value, "ttl", 9), "ERR_RANGE", "ttl");
      expect(error.message).toContain("must be a whole number of seconds from 0 to 9, got");
    }
    const error = expectError(() => asDuration(1n, "ttl", 9), "ERR_TYPE", "ttl");
    expect(error.message).toBe("ttl must be a number of seconds, got bigint 1");
  });
});

describe("numbers", () => {
  it.each([0, 1, Number.MAX_SAFE_INTEGER, 0n, MAX_U64])("%s is a u64", (value) => {
    expect(asU64(value, "id")).toBe(BigInt(value));
  });

  it.each([
    [-1, "ERR_RANGE", "a safe integer from 0, or a bigint"],
    [2 ** 53, "ERR_RANGE", "a safe integer from 0, or a bigint"],
    [1.5, "ERR_RANGE", "a safe integer from 0, or a bigint"],
    [-1n, "ERR_RANGE", "from 0 to 2^64 - 1"],
    [MAX_U64 + 1n, "ERR_RANGE", "from 0 to 2^64 - 1"],
    ["1", "ERR_TYPE", "a bigint or a safe integer"],
    [undefined, "ERR_TYPE", "a bigint or a safe integer"],
  ] as const)("%s is no u64", (value, code, expected) => {
    expect(expectError(() => asU64(value, "id"), code, "id").message).toContain(`must be ${expected}, got`);
  });

  it("from 0 to 2^32 - 1 are u32", () => {
    expect([asU32(0, "n"), asU32(0xffff_ffff, "n")]).toEqual([0, 0xffff_ffff]);
    for (const value of [-1, 2 ** 32, 0.5, Number.NaN]) {
      const error = expectError(() => asU32(value, "n"), "ERR_RANGE", "n");
      expect(error.message).toContain("must be a whole number from 0 to 2^32 - 1, got");
    }
    expect(message(() => asU32(1n, "n"))).toBe("n must be a number, got bigint 1");
  });
});

describe("options", () => {
  it("are flags and strings", () => {
    expect([asFlag(undefined, true, "f"), asFlag(undefined, false, "f"), asFlag(false, true, "f")]).toEqual([
      true,
      false,
      false,
    ]);
    expect(message(() => asFlag(0, true, "f"))).toBe("f must be a boolean, got number 0");
    expect(asString("", "s")).toBe("");
    expect(message(() => asString(0, "s"))).toBe("s must be a string, got number 0");
  });
});

describe("bytes", () => {
  it("have the length asked for", () => {
    expect(asBytesOf(new Uint8Array(3), 3, "b")).toHaveLength(3);
    expect(message(() => asBytesOf(new Uint8Array(2), 3, "b"))).toBe("b must be 3 bytes long, got a view of 2 bytes");
    expect(message(() => asBytesOf(detach(new Uint8Array(3)), 3, "b"))).toContain("got a view of 0 bytes");
    expect(message(() => asBytesOf([1, 2, 3], 3, "b"))).toBe(
      "b must be a Uint8Array or an ArrayBuffer, got an array of 3",
    );
  });

  it("are all zero only where each is", () => {
    expect([isAllZero(new Uint8Array(0)), isAllZero(new Uint8Array(9))]).toEqual([true, true]);
    for (let at = 0; at < 9; at++) expect(isAllZero(new Uint8Array(9).fill(0x80, at, at + 1))).toBe(false);
  });

  it("are two hex digits each", () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    expect(publicHex(bytes)).toBe(Buffer.from(bytes).toString("hex"));
    expect(publicHex(new Uint8Array(0))).toBe("");
  });
});

describe("buffers", () => {
  it("are bytes, of any realm, also where they are detached or shared", () => {
    const buffer = Uint8Array.of(1, 2, 3).buffer;
    expect(asBytes(buffer, "b")).toEqual(Uint8Array.of(1, 2, 3));
    expect(asBytes(buffer, "b").buffer).toBe(buffer);
    expect(asBytesOf(runInNewContext("Uint8Array.of(4, 5).buffer"), 2, "b")).toEqual(Uint8Array.of(4, 5));
    expect(asBytes(new ArrayBuffer(0), "b")).toHaveLength(0);
    const gone = new ArrayBuffer(3);
    structuredClone(gone, { transfer: [gone] });
    expect(message(() => asBytesOf(gone, 3, "b"))).toContain("b must be 3 bytes long");
    for (const shared of [new SharedArrayBuffer(2), runInNewContext("new SharedArrayBuffer(2)")]) {
      const copy = asBytes(shared, "b");
      new Uint8Array(shared).fill(9);
      expect([[...copy], copy.buffer instanceof ArrayBuffer]).toEqual([[0, 0], true]);
    }
  });

  it("are what has a buffer's memory, not what looks like one", () => {
    for (const value of [
      { byteLength: 3 },
      Object.create(ArrayBuffer.prototype),
      new Proxy(new ArrayBuffer(3), {}),
      null,
    ]) {
      expectError(() => asBytes(value, "b"), "ERR_TYPE", "b");
    }
  });
});

describe("shared memory", () => {
  it("is copied, and no other is", () => {
    const shared = new Uint8Array(new SharedArrayBuffer(8), 2, 3).fill(7);
    const copy = asBytes(shared, "b");
    shared.fill(9);
    expect([[...copy], copy.buffer instanceof ArrayBuffer]).toEqual([[7, 7, 7], true]);
    const own = new Uint8Array(8).subarray(2, 5);
    expect([asBytes(own, "b").buffer === own.buffer, asBytes(own, "b").byteOffset]).toEqual([true, 2]);
  });
});

describe("random bytes", () => {
  it("are drawn 4096 at a time, each handed out once", () => {
    const draw = vi.spyOn(crypto, "getRandomValues");
    const sizes = [4096, 2048, 2048, 4096, 1, 4095, 24];
    const bytes = sizes.map((size) => drawEntropy(size, undefined));
    expect(bytes.map(({ length }) => length)).toEqual(sizes);
    expect(draw).toHaveBeenCalledTimes(5);
    draw.mockRestore();
    const words = bytes.flatMap((part) => hex(part).match(/.{16}/g) ?? []);
    expect(new Set(words).size).toBe(words.length);
    expect(words.length).toBeGreaterThan(2000);
  });

  it("are the caller's where he gives them, copied", () => {
    const entropy = Uint8Array.of(1, 2, 3);
    const bytes = drawEntropy(3, entropy);
    entropy.fill(0);
    expect([...bytes]).toEqual([1, 2, 3]);
    expect(message(() => drawEntropy(4, entropy))).toBe("entropy must be 4 bytes long, got a view of 3 bytes");
  });
});

describe("secrets", () => {
  const read = (one: unknown, argument: string): Uint8Array => readTextSecret(one, argument);

  it("are one or a list, each named for errors", () => {
    expect(readSecrets("a", "secret", read).map((secret) => [...secret])).toEqual([[97]]);
    const list = ["a", Uint8Array.of(2, 3), "é"];
    expect(readSecrets(list, "secret", read).map((secret) => [...secret])).toEqual([[97], [2, 3], [0xc3, 0xa9]]);
    for (const [value, argument] of [
      [5, "secret"],
      [[5], "secret[0]"],
      [["a", 5], "secret[1]"],
      [["a", "b", 5], "secret[2]"],
    ] as const) {
      const error = expectError(() => readSecrets(value, "secret", read), "ERR_TYPE", argument);
      expect(error.message).toBe(`${argument} must be a string, a Uint8Array or an ArrayBuffer, got number 5`);
    }
    const none = expectError(() => readSecrets([], "secret", read), "ERR_RANGE", "secret");
    expect(none.message).toBe("secret must be one secret or a list of at least one, got an array of 0");
  });

  it.each([
    ["", "ERR_RANGE", "must be not empty, got a string of 0 characters"],
    [new Uint8Array(0), "ERR_RANGE", "must be not empty, got a view of 0 bytes"],
    ["\0\0", "ERR_RANGE", "must be other than all zeros, got a string of 2 characters"],
    [new Uint8Array(2), "ERR_RANGE", "must be other than all zeros, got a view of 2 bytes"],
    ["\ud800", "ERR_FORMAT", "holds a lone surrogate, which has no UTF-8 form"],
  ] as const)("are not %s", (value, code, said) => {
    expect(expectError(() => readTextSecret(value, "s"), code, "s").message).toBe(`s ${said}`);
  });

  it("are copied", () => {
    const bytes = Uint8Array.of(1, 2);
    const secret = readTextSecret(bytes, "s");
    bytes.fill(9);
    expect([...secret]).toEqual([1, 2]);
  });

  it("are wiped once prepared, and no key stays behind where one fails", () => {
    const make = (fails: number) => {
      const secrets = [Uint8Array.of(1), Uint8Array.of(2), Uint8Array.of(3)];
      const gone: number[] = [];
      const prepare = ([byte]: Uint8Array, index: number) => {
        if (index === fails) throw new Error("no slot");
        return { byte, dispose: () => gone.push(index) };
      };
      return { secrets, gone, prepare };
    };
    const good = make(-1);
    expect(prepareKeys(good.secrets, good.prepare).map(({ byte }) => byte)).toEqual([1, 2, 3]);
    expect([good.secrets.map(([byte]) => byte), good.gone]).toEqual([[0, 0, 0], []]);
    const bad = make(2);
    expect(message(() => prepareKeys(bad.secrets, bad.prepare))).toBe("no slot");
    expect([bad.secrets.map(([byte]) => byte), bad.gone]).toEqual([
      [0, 0, 0],
      [0, 1],
    ]);
  });
});

it("a holder of keys is disposed of by `using`", () => {
  let disposals = 0;
  class Holder extends KeyHolder {
    override dispose(): void {
      disposals++;
    }
  }
  new Holder()[Symbol.dispose]();
  expect(disposals).toBe(1);
  expect(Object.keys(new Holder())).toEqual([]);
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
