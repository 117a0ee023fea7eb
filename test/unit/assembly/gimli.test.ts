import { randomBytes, randomInt } from "node:crypto";
import { describe, expect, it } from "vitest";
import * as reference from "../../reference/gimli.ts";
import native from "../../vectors/hydrogen-primitives.json" with { type: "json" };
import permutations from "../../vectors/libhydrogen/gimli_permutation.json" with { type: "json" };
import hashes from "../../vectors/libhydrogen/hash_kdf_drbg.json" with { type: "json" };
import boxes from "../../vectors/libhydrogen/secretbox.json" with { type: "json" };
import constants from "../../vectors/libhydrogen/tests_c_constants.json" with { type: "json" };
import { loadKernel } from "./load.ts";

interface Kernel {
  core(state: number, tag: number): void;
  hashStart(context: bigint, key: number): void;
  hashUpdate(message: number, length: number): void;
  hashFinish(out: number, length: number): void;
  deterministicBytes(seed: number, length: number, out: number): void;
  secretboxPrepare(context: bigint, key: number, prepared: number): void;
  secretboxSeal(prepared: number, iv: number, message: number, length: number, messageId: bigint, box: number): void;
  secretboxOpen(prepared: number, box: number, length: number, messageId: bigint, out: number): number;
}

const kernel = loadKernel<Kernel>("gimli.kernel");
const memory = Buffer.from(kernel.memory.buffer);

// Test buffers, each far from the next.
const KEY = 0x100000;
const IV = 0x101000;
const PREPARED = 0x102000;
const MESSAGE = 0x110000;
const BOX = 0x120000;
const OUT = 0x130000;
const CANARY = 32;

const hex = (text: string): Buffer => Buffer.from(text, "hex");
const contextNumber = (context: Uint8Array): bigint => Buffer.from(context).readBigUInt64LE();
const U64_MAX = 0xffff_ffff_ffff_ffffn;
const randomU64 = (): bigint => randomBytes(8).readBigUInt64LE();

/** Everything below the test buffers: scratch and all that production keeps there. */
function expectKernelMemoryZero(): void {
  expect(memory.subarray(0, 0x100000).equals(Buffer.alloc(0x100000))).toBe(true);
}

/** Fills the place of an output, and what lies around it, with 0xa5. */
function plantCanary(pointer: number, length: number): void {
  memory.fill(0xa5, pointer - CANARY, pointer + length + CANARY);
}

/** Reads an output and makes sure that nothing around it was written. */
function take(pointer: number, length: number): Buffer {
  const end = pointer + length;
  const around = [...memory.subarray(pointer - CANARY, pointer), ...memory.subarray(end, end + CANARY)];
  expect(around.every((byte) => byte === 0xa5)).toBe(true);
  return Buffer.from(memory.subarray(pointer, pointer + length));
}

function core(state: Uint8Array, tag = 0): Buffer {
  plantCanary(OUT, 48);
  memory.set(state, OUT);
  kernel.core(OUT, tag);
  return take(OUT, 48);
}

/** Hashes `message` cut at `cuts`, ascending offsets. */
function hash(length: number, message: Uint8Array, context: Uint8Array, key?: Uint8Array, cuts: number[] = []): Buffer {
  memory.set(message, MESSAGE);
  if (key) memory.set(key, KEY);
  plantCanary(OUT, length);
  kernel.hashStart(contextNumber(context), key ? KEY : 0);
  const ends = [...cuts, message.length];
  ends.forEach((end, i) => {
    const begin = ends[i - 1] ?? 0;
    kernel.hashUpdate(MESSAGE + begin, end - begin);
  });
  kernel.hashFinish(OUT, length);
  return take(OUT, length);
}

function deterministicBytes(length: number, seed: Uint8Array): Buffer {
  memory.set(seed, KEY);
  plantCanary(OUT, length);
  kernel.deterministicBytes(KEY, length, OUT);
  return take(OUT, length);
}

function prepare({ key, context }: reference.BoxKey): void {
  memory.set(key, KEY);
  plantCanary(PREPARED, 128);
  kernel.secretboxPrepare(contextNumber(context), KEY, PREPARED);
  take(PREPARED, 128);
}

function seal(box: reference.BoxKey, iv: Uint8Array, message: Uint8Array): Buffer {
  prepare(box);
  memory.set(iv, IV);
  memory.set(message, MESSAGE);
  plantCanary(BOX, message.length + 36);
  kernel.secretboxSeal(PREPARED, IV, MESSAGE, message.length, box.messageId, BOX);
  return take(BOX, message.length + 36);
}

/** Opens under the key last prepared. A refused box must leave zeros, any box must be left as it was. */
function openPrepared(messageId: bigint, sealed: Uint8Array): Buffer | null {
  const length = sealed.length - 36;
  memory.set(sealed, BOX);
  plantCanary(OUT, length);
  const genuine = kernel.secretboxOpen(PREPARED, BOX, length, messageId, OUT);
  const out = take(OUT, length);
  expect(memory.subarray(BOX, BOX + sealed.length).equals(sealed)).toBe(true);
  expect(genuine === 0 || genuine === 1).toBe(true);
  if (genuine === 0) expect(out.equals(Buffer.alloc(length))).toBe(true);
  return genuine === 1 ? out : null;
}

function open(box: reference.BoxKey, sealed: Uint8Array): Buffer | null {
  prepare(box);
  return openPrepared(box.messageId, sealed);
}

function flipped(bytes: Uint8Array, bit: number): Buffer {
  const changed = Buffer.from(bytes);
  changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
  return changed;
}

const randomBox = (): reference.BoxKey => ({ key: randomBytes(32), context: randomBytes(8), messageId: randomU64() });

describe("permutation", () => {
  it.each([...permutations.cases, ...native.gimli].map((vector, i) => ({ ...vector, i })))("vector $i", (vector) => {
    expect(core(hex(vector.in)).toString("hex")).toBe(vector.out);
    const words = new Uint32Array(Uint8Array.from(hex(vector.in)).buffer);
    reference.gimli(words);
    expect(Buffer.from(words.buffer).toString("hex")).toBe(vector.out);
  });

  it("equals the twin on random states, under every tag", () => {
    for (let i = 0; i < 2048; i++) {
      const state = new Uint8Array(randomBytes(48));
      const tag = i & 0xff;
      const got = core(state, tag);
      state[47] = (state[47] as number) ^ tag;
      reference.gimli(new Uint32Array(state.buffer));
      expect(got.toString("hex")).toBe(Buffer.from(state).toString("hex"));
    }
  });
});

describe("hash", () => {
  const vectors = [
    ...hashes.hash.map(({ ctx, key, msg, out }) => ({ context: Buffer.from(ctx), key, message: msg, out })),
    ...native.hash.map(({ context, key, message, out }) => ({ context: hex(context), key, message, out })),
    ...constants.hash.flatMap(({ msg, out }) =>
      msg === undefined ? [] : [{ context: Buffer.from(constants.ctx), key: constants.key, message: msg, out }],
    ),
  ];
  it.each(vectors.map((vector, i) => ({ ...vector, i })))("vector $i", ({ context, key, message, out }) => {
    const keyBytes = key === null ? undefined : hex(key);
    expect(hash(out.length / 2, hex(message), context, keyBytes).toString("hex")).toBe(out);
    const twin = reference.hash(out.length / 2, hex(message), context, keyBytes);
    expect(Buffer.from(twin).toString("hex")).toBe(out);
    expectKernelMemoryZero();
  });

  it("1001 updates of 0 to 1000 deterministic bytes", () => {
    const seed = Buffer.alloc(32);
    memory.set(deterministicBytes(32, seed), KEY);
    expect(memory.subarray(KEY, KEY + 32).toString("hex")).toBe(constants.key);
    kernel.hashStart(contextNumber(Buffer.from(constants.ctx)), KEY);
    expect(expectKernelMemoryZero).toThrow();
    for (let i = 0; i <= 1000; i++) {
      seed.writeUInt16LE(i + 1);
      memory.set(deterministicBytes(i, seed), MESSAGE);
      kernel.hashUpdate(MESSAGE, i);
    }
    kernel.hashFinish(OUT, 100);
    expect(memory.subarray(OUT, OUT + 100).toString("hex")).toBe(constants.hash[0]?.out);
  });

  it("equals the twin for every message length to 400, with and without a key", () => {
    for (let length = 0; length <= 400; length++) {
      const message = randomBytes(length);
      const context = randomBytes(8);
      const key = randomBytes(32);
      const outLength = randomInt(300);
      for (const k of [undefined, key]) {
        const twin = reference.hash(outLength, message, context, k);
        expect(hash(outLength, message, context, k).equals(twin)).toBe(true);
      }
    }
    expectKernelMemoryZero();
  });

  it("equals the twin for output lengths around a block and around a two-byte length", () => {
    const context = randomBytes(8);
    for (const length of [0, 1, 15, 16, 17, 32, 64, 255, 256, 257, 511, 512, 1000, 65535]) {
      expect(hash(length, context, context).equals(reference.hash(length, context, context))).toBe(true);
    }
  });

  it("does not depend on how the message is split", () => {
    const context = randomBytes(8);
    const key = randomBytes(32);
    for (const length of [0, 1, 15, 16, 17, 40, 100]) {
      const message = randomBytes(length);
      const whole = reference.hash(32, message, context, key);
      for (let a = 0; a <= length; a++) {
        for (let b = a; b <= length; b++) expect(hash(32, message, context, key, [a, b]).equals(whole)).toBe(true);
      }
      const everyByte = Array.from({ length }, (_, i) => i);
      expect(hash(32, message, context, key, everyByte).equals(whole)).toBe(true);
    }
  });
});

describe("deterministic bytes", () => {
  it.each(hashes.randomDeterministic)("vector $id", ({ seed, out }) => {
    expect(deterministicBytes(out.length / 2, hex(seed)).toString("hex")).toBe(out);
    expect(Buffer.from(reference.deterministicBytes(out.length / 2, hex(seed))).toString("hex")).toBe(out);
    expectKernelMemoryZero();
  });

  it("equals the twin for every length to 400", () => {
    for (let length = 0; length <= 400; length++) {
      const seed = randomBytes(32);
      expect(deterministicBytes(length, seed).equals(reference.deterministicBytes(length, seed))).toBe(true);
    }
    expectKernelMemoryZero();
  });
});

describe("secretbox", () => {
  const valid = [
    ...boxes.valid.map(({ ctx, msgId, key, iv, msg, ct }) => ({
      box: { key: hex(key), context: Buffer.from(ctx), messageId: BigInt(msgId) },
      iv,
      message: msg,
      sealed: ct,
    })),
    ...native.secretbox.map(({ context, messageId, key, iv, message, out }) => ({
      box: { key: hex(key), context: hex(context), messageId: BigInt(messageId) },
      iv,
      message,
      sealed: out,
    })),
  ];
  it.each(valid.map((vector, i) => ({ ...vector, i })))("vector $i", ({ box, iv, message, sealed }) => {
    expect(seal(box, hex(iv), hex(message)).toString("hex")).toBe(sealed);
    expectKernelMemoryZero();
    expect(open(box, hex(sealed))?.toString("hex")).toBe(message);
    expectKernelMemoryZero();
    expect(Buffer.from(reference.secretboxSeal(box, hex(iv), hex(message))).toString("hex")).toBe(sealed);
    expect(Buffer.from(reference.secretboxOpen(box, hex(sealed)) ?? [0]).toString("hex")).toBe(message);
  });

  it.each(boxes.invalid)("invalid vector $id: $reason", ({ ctx, msgId, key, ct }) => {
    const box = { key: hex(key), context: Buffer.from(ctx), messageId: BigInt(msgId) };
    expect(open(box, hex(ct))).toBeNull();
    expectKernelMemoryZero();
    expect(reference.secretboxOpen(box, hex(ct))).toBeNull();
  });

  it("equals the twin for every message length to 400", () => {
    for (let length = 0; length <= 400; length++) {
      const box = randomBox();
      const iv = randomBytes(20);
      const message = randomBytes(length);
      const sealed = seal(box, iv, message);
      expect(sealed.equals(reference.secretboxSeal(box, iv, message))).toBe(true);
      expect(open(box, sealed)?.equals(message)).toBe(true);
    }
    expectKernelMemoryZero();
  });

  it("equals the twin on 10000 random boxes, genuine and forged", () => {
    for (let i = 0; i < 10_000; i++) {
      const box = randomBox();
      const iv = randomBytes(20);
      const message = randomBytes(randomInt(128));
      const sealed = seal(box, iv, message);
      expect(sealed.equals(reference.secretboxSeal(box, iv, message))).toBe(true);
      expect(openPrepared(box.messageId, sealed)?.equals(message)).toBe(true);
      const forged = flipped(sealed, randomInt(8 * sealed.length));
      expect(openPrepared(box.messageId, forged)).toBeNull();
      expect(reference.secretboxOpen(box, forged)).toBeNull();
    }
  });

  it.each([0, 1, 15, 16, 17, 32, 356])("refuses a box of %i bytes with any one bit changed", (length) => {
    const box = randomBox();
    const sealed = seal(box, randomBytes(20), randomBytes(length));
    for (let bit = 0; bit < 8 * sealed.length; bit++) {
      expect(openPrepared(box.messageId, flipped(sealed, bit))).toBeNull();
    }
    expectKernelMemoryZero();
    expect(openPrepared(box.messageId, sealed)).not.toBeNull();
  });

  it("refuses a box under any one changed bit of key, context or message id", () => {
    const box = randomBox();
    const sealed = seal(box, randomBytes(20), randomBytes(33));
    for (let bit = 0; bit < 256; bit++) expect(open({ ...box, key: flipped(box.key, bit) }, sealed)).toBeNull();
    for (let bit = 0; bit < 64; bit++) {
      expect(open({ ...box, context: flipped(box.context, bit) }, sealed)).toBeNull();
      expect(open({ ...box, messageId: box.messageId ^ (1n << BigInt(bit)) }, sealed)).toBeNull();
    }
    expect(open(box, sealed)).not.toBeNull();
  });

  it("takes every message id to 2^64 - 1", () => {
    const ids = [0n, 1n, 255n, 256n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 53n + 1n, 2n ** 63n, U64_MAX - 1n, U64_MAX];
    const seen = new Set<string>();
    const iv = randomBytes(20);
    const message = randomBytes(40);
    const { key, context } = randomBox();
    for (const messageId of ids) {
      const box = { key, context, messageId };
      const sealed = seal(box, iv, message);
      expect(sealed.equals(reference.secretboxSeal(box, iv, message))).toBe(true);
      expect(open(box, sealed)?.equals(message)).toBe(true);
      seen.add(sealed.toString("hex"));
    }
    expect(seen.size).toBe(ids.length);
  });

  it("refuses a box cut short or made longer", () => {
    const box = randomBox();
    const sealed = seal(box, randomBytes(20), randomBytes(48));
    for (let length = 36; length < sealed.length; length++) expect(open(box, sealed.subarray(0, length))).toBeNull();
    for (let more = 1; more <= 33; more++) expect(open(box, Buffer.concat([sealed, Buffer.alloc(more)]))).toBeNull();
  });
});
