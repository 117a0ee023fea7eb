import { createHash } from "node:crypto";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { chacha20Poly1305, createSha256, hmacSha256, sha256, xchacha20Poly1305 } from "../../../src/crypto.ts";
import { detach, flipBit, hex, unhex } from "../../support/bytes.ts";
import { expectError } from "../../support/errors.ts";
import { Random } from "../../support/random.ts";

const random = new Random(4);

/** Every function that takes bytes: its arguments by name, and its result in hex. */
const calls: { name: string; args: Record<string, Uint8Array>; run(args: Record<string, Uint8Array>): string }[] = [
  { name: "sha256", args: { data: random.bytes(99) }, run: ({ data }) => hex(sha256(data as Uint8Array)) },
  {
    name: "createSha256",
    args: { data: random.bytes(99) },
    run: ({ data }) =>
      hex(
        createSha256()
          .update(data as Uint8Array)
          .digest(),
      ),
  },
  {
    name: "hmacSha256",
    args: { key: random.bytes(70), data: random.bytes(99) },
    run: ({ key, data }) => hex(hmacSha256(key as Uint8Array, data as Uint8Array)),
  },
];
for (const [name, aead] of Object.entries({ chacha20Poly1305, xchacha20Poly1305 })) {
  const key = random.bytes(32);
  const nonce = random.bytes(aead.nonceBytes);
  const associatedData = random.bytes(21);
  const plaintext = random.bytes(99);
  const sealed = aead.seal(key, nonce, plaintext, associatedData);
  type Given = Record<"key" | "nonce" | "plaintext" | "sealed" | "associatedData", Uint8Array>;
  calls.push({
    name: `${name}.seal`,
    args: { key, nonce, plaintext, associatedData },
    run: (args) => {
      const given = args as Given;
      return hex(aead.seal(given.key, given.nonce, given.plaintext, given.associatedData));
    },
  });
  calls.push({
    name: `${name}.open`,
    args: { key, nonce, sealed, associatedData },
    run: (args) => {
      const given = args as Given;
      const opened = aead.open(given.key, given.nonce, given.sealed, given.associatedData);
      return opened === undefined ? "refused" : hex(opened);
    },
  });
}

/** A subclass that answers for the bytes with code of its own, which calls back into the package. */
class Liar extends Uint8Array {
  static get [Symbol.species](): Uint8ArrayConstructor {
    sha256(new Uint8Array(100));
    return Uint8Array;
  }
  override subarray(): Uint8Array<ArrayBuffer> {
    hmacSha256(new Uint8Array(1), new Uint8Array(200));
    return new Uint8Array(1);
  }
  override get length(): number {
    return 3;
  }
  override get byteLength(): number {
    return 3;
  }
  override get byteOffset(): number {
    return 1;
  }
  override *[Symbol.iterator](): ArrayIterator<number> {
    yield 1;
  }
}

/** The same bytes in every disguise that is taken for bytes. */
const disguises: Record<string, (bytes: Uint8Array) => Uint8Array> = {
  "a view at an odd offset": (bytes) => {
    const wide = new Uint8Array(bytes.length + 20).fill(0xee);
    wide.set(bytes, 7);
    return wide.subarray(7, 7 + bytes.length);
  },
  "a Buffer": (bytes) => Buffer.from(bytes),
  "shared memory": (bytes) => {
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length + 4), 2, bytes.length);
    shared.set(bytes);
    return shared;
  },
  "another realm's": (bytes) => runInNewContext("Uint8Array.from(list)", { list: [...bytes] }) as Uint8Array,
  "another realm's shared memory": (bytes) => {
    const shared = runInNewContext("new Uint8Array(new SharedArrayBuffer(length))", { length: bytes.length });
    (shared as Uint8Array).set(bytes);
    return shared as Uint8Array;
  },
  "an ArrayBuffer": (bytes) => bytes.slice().buffer as unknown as Uint8Array,
  "a SharedArrayBuffer": (bytes) => {
    const shared = new SharedArrayBuffer(bytes.length);
    new Uint8Array(shared).set(bytes);
    return shared as unknown as Uint8Array;
  },
  "a subclass that lies": (bytes) => {
    const liar = new Liar(bytes.length);
    Uint8Array.prototype.set.call(liar, bytes);
    return liar;
  },
  "own properties that lie": (bytes) => {
    const copy = bytes.slice();
    for (const name of ["length", "byteLength", "byteOffset", "buffer", "subarray", "constructor", Symbol.iterator]) {
      Object.defineProperty(copy, name, {
        get(): never {
          throw new Error("asked");
        },
      });
    }
    return copy;
  },
};

describe.each(calls)("$name", ({ args, run }) => {
  const expected = run(args);

  it("is a function of its bytes alone, whatever holds them, and leaves them as they are", () => {
    expect(expected).not.toBe("refused");
    for (const name of Object.keys(args)) {
      for (const [disguise, wrap] of Object.entries(disguises)) {
        const original = args[name] as Uint8Array;
        const disguised = wrap(original);
        expect(run({ ...args, [name]: disguised }), `${name} as ${disguise}`).toBe(expected);
        expect(hex(Uint8Array.prototype.slice.call(new Uint8Array(disguised))), disguise).toBe(hex(original));
      }
    }
  });

  it("leaves its arguments as they are", () => {
    const before = Object.values(args).map(hex);
    run(args);
    expect(Object.values(args).map(hex)).toEqual(before);
  });

  it("refuses everything else by name", () => {
    const { proxy, revoke } = Proxy.revocable(new Uint8Array(32), {});
    revoke();
    const refused: unknown[] = [
      null,
      5,
      1n,
      true,
      "",
      "00".repeat(32),
      [],
      new Array(32).fill(0),
      {},
      { length: 32 },
      () => 0,
      Symbol("bytes"),
      new Proxy(new ArrayBuffer(32), {}),
      Object.create(ArrayBuffer.prototype),
      new DataView(new ArrayBuffer(32)),
      new Uint8ClampedArray(32),
      new Int8Array(32),
      new Uint16Array(16),
      new Proxy(new Uint8Array(32), {}),
      Object.create(Uint8Array.prototype),
      Object.create(Uint8Array.prototype, { length: { value: 32 } }),
      { [Symbol.toStringTag]: "Uint8Array", length: 32 },
      proxy,
    ];
    for (const name of Object.keys(args)) {
      for (const value of name === "associatedData" ? refused : [...refused, undefined]) {
        expectError(() => run({ ...args, [name]: value as Uint8Array }), "ERR_TYPE", name);
      }
    }
    expect(run(args)).toBe(expected);
  });

  it("takes a view whose buffer was taken away for one of no bytes", () => {
    for (const name of Object.keys(args)) {
      const detached = detach((args[name] as Uint8Array).slice());
      const attempt = () => run({ ...args, [name]: detached });
      if (name === "nonce" || (name === "key" && "nonce" in args)) expectError(attempt, "ERR_RANGE", name);
      else expect(attempt()).toBe(run({ ...args, [name]: new Uint8Array(0) }));
    }
  });
});

describe("results", () => {
  it("have a buffer of their own, just as long as they are", () => {
    const key = random.bytes(32);
    const nonce = random.bytes(24);
    const sealed = xchacha20Poly1305.seal(key, nonce, random.bytes(40));
    const opened = xchacha20Poly1305.open(key, nonce, sealed) as Uint8Array;
    const results = [sha256(key), createSha256().digest(), hmacSha256(key, key), sealed, opened];
    expect(results.map((bytes) => bytes.buffer.byteLength)).toEqual([32, 32, 32, 56, 40]);
    const before = results.map(hex);
    sha256(random.bytes(5000));
    hmacSha256(nonce, random.bytes(5000));
    xchacha20Poly1305.seal(random.bytes(32), nonce, random.bytes(5000));
    expect(results.map(hex)).toEqual(before);
  });

  it("of an open that failed are undefined, and no argument has changed", () => {
    const key = random.bytes(32);
    const nonce = random.bytes(12);
    const aad = random.bytes(7);
    const sealed = chacha20Poly1305.seal(key, nonce, random.bytes(300_000), aad);
    for (const bit of [0, 8 * 299_999, 8 * 300_000, 8 * 300_016 - 1]) {
      const forged = flipBit(sealed, bit);
      const before = [key, nonce, aad, forged].map((bytes) => createHash("sha256").update(bytes).digest("hex"));
      expect(chacha20Poly1305.open(key, nonce, forged, aad)).toBeUndefined();
      const after = [key, nonce, aad, forged].map((bytes) => createHash("sha256").update(bytes).digest("hex"));
      expect(after).toEqual(before);
    }
    for (let length = 0; length < 16; length++) {
      expect(chacha20Poly1305.open(key, nonce, new Uint8Array(length), aad)).toBeUndefined();
    }
  });

  it("of an empty text are a tag, which opens to an empty text", () => {
    const key = unhex("00".repeat(32));
    const sealed = chacha20Poly1305.seal(key, new Uint8Array(12), new Uint8Array(0));
    expect(sealed.length).toBe(16);
    expect(chacha20Poly1305.open(key, new Uint8Array(12), sealed)?.length).toBe(0);
  });
});
