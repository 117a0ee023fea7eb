import { randomBytes, randomInt } from "node:crypto";
import { describe, expect, it } from "vitest";
import * as reference from "../../reference/chacha20poly1305.ts";
import rfc from "../../vectors/rfc/rfc8439.json" with { type: "json" };
import draft from "../../vectors/rfc/xchacha-draft-03.json" with { type: "json" };
import { loadKernel } from "./load.ts";

interface Kernel {
  chacha20InitState(state: number, counter: number, nonce0: number, nonce1: number, nonce2: number): void;
  chacha20FillLanes(states: number): void;
  chacha20AdvanceCounter(states: number, blocks: number): void;
  chacha20Blocks(states: number, stream: number): void;
  chacha20Xor(states: number, stream: number, text: number, length: number): void;
  xorStream(stream: number, source: number, target: number, length: number): void;
  hchacha20(key: number, nonce: number, out: number): void;
  hchacha20InitState(state: number, key: number, nonce: number): void;
  hchacha20FromBlock(state: number, block: number, out: number): void;
}

const kernel = loadKernel<Kernel>("chacha20poly1305.kernel");
const memory = Buffer.from(kernel.memory.buffer);

// Test buffers, each far from the next.
const STATE = 0x100000;
const STATE_BYTES = 256;
const STREAM = 0x101000;
const KEY = 0x102000;
const OUT = 0x103000;
const MESSAGE = 0x110000;
const CANARY = 32;

const hex = (text: string): Buffer => Buffer.from(text, "hex");
const word = (text: string): number => Number.parseInt(text, 16);

function plantCanary(pointer: number, length: number): void {
  memory.fill(0xa5, pointer - CANARY, pointer + length + CANARY);
}

/** Reads an output and makes sure that nothing around it was written. */
function take(pointer: number, length: number): Buffer {
  const end = pointer + length;
  const around = [...memory.subarray(pointer - CANARY, pointer), ...memory.subarray(end, end + CANARY)];
  expect(around.every((byte) => byte === 0xa5)).toBe(true);
  return Buffer.from(memory.subarray(pointer, end));
}

function frame(key: Uint8Array, counter: number, nonce: Uint8Array): void {
  const { buffer, byteOffset } = Buffer.from(nonce);
  const view = new DataView(buffer, byteOffset, 12);
  plantCanary(STATE, STATE_BYTES);
  kernel.chacha20InitState(STATE, counter, view.getUint32(0, true), view.getUint32(4, true), view.getUint32(8, true));
  memory.set(key, STATE + 16);
  kernel.chacha20FillLanes(STATE);
}

function blocks(key: Uint8Array, counter: number, nonce: Uint8Array): Buffer {
  frame(key, counter, nonce);
  plantCanary(STREAM, 256);
  kernel.chacha20Blocks(STATE, STREAM);
  return take(STREAM, 256);
}

/** Encrypts in pieces, each a multiple of 64 bytes but the last. */
function encrypt(key: Uint8Array, counter: number, nonce: Uint8Array, text: Uint8Array, piece = 0x10000): Buffer {
  frame(key, counter, nonce);
  plantCanary(MESSAGE, text.length);
  memory.set(text, MESSAGE);
  for (let at = 0; at < text.length; at += piece) {
    kernel.chacha20Xor(STATE, STREAM, MESSAGE + at, Math.min(piece, text.length - at));
  }
  take(STATE, STATE_BYTES);
  return take(MESSAGE, text.length);
}

function hchacha20(key: Uint8Array, nonce: Uint8Array): Buffer {
  memory.set(key, KEY);
  memory.set(nonce, STREAM);
  plantCanary(OUT, 32);
  kernel.hchacha20(KEY, STREAM, OUT);
  return take(OUT, 32);
}

describe("the readable twin", () => {
  it("does the quarter rounds of RFC 8439 §2.1.1 and §2.2.1", () => {
    for (const { in: input, out } of rfc.quarterRound) {
      const words = Uint32Array.from(input, word);
      reference.quarterRound(words, 0, 1, 2, 3);
      expect([...words]).toEqual(out.map(word));
    }
    for (const { in: input, out, indices } of rfc.quarterRoundOnState) {
      const words = Uint32Array.from(input, word);
      reference.quarterRound(words, ...(indices as [number, number, number, number]));
      expect([...words]).toEqual(out.map(word));
    }
  });

  it.each(rfc.block)("makes the block of RFC 8439 $id", ({ key, counter, nonce, keystream }) => {
    expect(reference.chacha20Block(hex(key), counter, hex(nonce)).toString("hex")).toBe(keystream);
  });
});

describe("ChaCha20", () => {
  it.each(rfc.block)(
    "makes the block of RFC 8439 $id, and the three that follow",
    ({ key, counter, nonce, keystream }) => {
      const made = blocks(hex(key), counter, hex(nonce));
      expect(made.toString("hex", 0, 64)).toBe(keystream);
      for (let i = 1; i < 4; i++) {
        const expected = reference.chacha20Block(hex(key), counter + i, hex(nonce));
        expect(made.subarray(64 * i, 64 * i + 64).equals(expected)).toBe(true);
      }
    },
  );

  it.each(rfc.encrypt)("encrypts RFC 8439 $id", ({ key, counter, nonce, plaintext, ciphertext }) => {
    expect(encrypt(hex(key), counter, hex(nonce), hex(plaintext)).toString("hex")).toBe(ciphertext);
  });

  it.each(rfc.poly1305KeyGen)("makes the one-time key of RFC 8439 $id", ({ key, nonce, polyKey }) => {
    expect(blocks(hex(key), 0, hex(nonce)).toString("hex", 0, 32)).toBe(polyKey);
  });

  it("equals the twin on random keys, also where the counter runs over", () => {
    for (const counter of [0, 1, 2, 0x7fffffff, 0xfffffffc, 0xfffffffd, 0xfffffffe, 0xffffffff]) {
      const [key, nonce] = [randomBytes(32), randomBytes(12)];
      const made = blocks(key, counter, nonce);
      for (let i = 0; i < 4; i++) {
        const expected = reference.chacha20Block(key, (counter + i) % 2 ** 32, nonce);
        expect(made.subarray(64 * i, 64 * i + 64).equals(expected)).toBe(true);
      }
    }
  });

  it("encrypts every length around the edges of 16, 64 and 256 bytes like the twin", () => {
    const [key, nonce] = [randomBytes(32), randomBytes(12)];
    for (let length = 0; length <= 600; length++) {
      const text = randomBytes(length);
      const expected = reference.chacha20(key, 7, nonce, text);
      expect(encrypt(key, 7, nonce, text).equals(expected)).toBe(true);
      expect(encrypt(key, 7, nonce, text, 64 * randomInt(1, 6)).equals(expected)).toBe(true);
    }
  });

  it("works on four states that have nothing in common, and leaves them as they are", () => {
    const inputs = Array.from({ length: 4 }, () => ({ key: randomBytes(32), nonce: randomBytes(12) }));
    const states = inputs.map(({ key, nonce }, lane) => {
      frame(key, 1000 * lane, nonce);
      return take(STATE, STATE_BYTES).subarray(0, 64);
    });
    memory.set(Buffer.concat(states), STATE);
    plantCanary(STREAM, 256);
    kernel.chacha20Blocks(STATE, STREAM);
    expect(take(STATE, STATE_BYTES).equals(Buffer.concat(states))).toBe(true);
    const blocksOfTwin = inputs.map(({ key, nonce }, lane) => reference.chacha20Block(key, 1000 * lane, nonce));
    expect(take(STREAM, 256).equals(Buffer.concat(blocksOfTwin))).toBe(true);
  });

  it("skips blocks, modulo 2^32", () => {
    const [key, nonce] = [randomBytes(32), randomBytes(12)];
    frame(key, 0xfffffffe, nonce);
    kernel.chacha20AdvanceCounter(STATE, 3);
    plantCanary(STREAM, 256);
    kernel.chacha20Blocks(STATE, STREAM);
    expect(take(STREAM, 256).equals(reference.chacha20(key, 1, nonce, Buffer.alloc(256)))).toBe(true);
  });

  it("XORs from one place to another, and only that", () => {
    for (let length = 0; length <= 70; length++) {
      const [stream, source] = [randomBytes(length), randomBytes(length)];
      memory.set(stream, STREAM);
      memory.set(source, MESSAGE);
      plantCanary(OUT, length);
      kernel.xorStream(STREAM, MESSAGE, OUT, length);
      expect([...take(OUT, length)]).toEqual([...source].map((byte, i) => byte ^ (stream[i] as number)));
      expect(memory.subarray(MESSAGE, MESSAGE + length).equals(source)).toBe(true);
    }
  });
});

describe("HChaCha20", () => {
  it.each(draft.hchacha20)("makes the subkey of the draft, $id", ({ key, nonce, subkey }) => {
    expect(reference.hchacha20(hex(key), hex(nonce)).toString("hex")).toBe(subkey);
    expect(hchacha20(hex(key), hex(nonce)).toString("hex")).toBe(subkey);
  });

  it.each(draft.xchacha20)(
    "leads to the draft's XChaCha20, $id",
    ({ key, nonce, counter, plaintext, keystream, ciphertext }) => {
      const subkey = hchacha20(hex(key), hex(nonce));
      const inner = Buffer.concat([Buffer.alloc(4), hex(nonce).subarray(16)]);
      expect(encrypt(subkey, counter, inner, hex(plaintext)).toString("hex")).toBe(ciphertext);
      const zeros = Buffer.alloc(keystream.length / 2);
      expect(encrypt(subkey, counter, inner, zeros).toString("hex")).toBe(keystream);
    },
  );

  it("equals the twin on random input", () => {
    for (let i = 0; i < 500; i++) {
      const [key, nonce] = [randomBytes(32), randomBytes(16)];
      expect(hchacha20(key, nonce).equals(reference.hchacha20(key, nonce))).toBe(true);
    }
  });

  it.each([0, 1, 2, 3])("comes out of lane %i beside other work", (lane) => {
    const [key, nonce] = [randomBytes(32), randomBytes(16)];
    frame(randomBytes(32), 5, randomBytes(12));
    memory.set(key, KEY);
    memory.set(nonce, MESSAGE);
    kernel.hchacha20InitState(STATE + 64 * lane, KEY, MESSAGE);
    kernel.chacha20Blocks(STATE, STREAM);
    plantCanary(OUT, 32);
    kernel.hchacha20FromBlock(STATE + 64 * lane, STREAM + 64 * lane, OUT);
    expect(take(OUT, 32).equals(reference.hchacha20(key, nonce))).toBe(true);
  });
});
