import { createCipheriv, createDecipheriv, randomBytes, randomInt } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  NETCODE_AEAD_STATE,
  NETCODE_AEAD_STATE_BYTES,
  NETCODE_KEY_INPUT,
  NETCODE_TEXT,
  NETCODE_TEXT_BYTES,
} from "../../../assembly/memory/netcode.ts";
import { aeadSeal } from "../../reference/chacha20poly1305.ts";
import boringssl from "../../vectors/boringssl/chacha20_poly1305_tests.json" with { type: "json" };
import boringsslExtended from "../../vectors/boringssl/xchacha20_poly1305_tests.json" with { type: "json" };
import rfc from "../../vectors/rfc/rfc8439.json" with { type: "json" };
import draft from "../../vectors/rfc/xchacha-draft-03.json" with { type: "json" };
import wycheproof from "../../vectors/wycheproof/chacha20_poly1305_test.json" with { type: "json" };
import wycheproofExtended from "../../vectors/wycheproof/xchacha20_poly1305_test.json" with { type: "json" };
import { loadKernel } from "./load.ts";

interface Kernel {
  aeadStart(extended: number): void;
  aeadAssociatedData(pointer: number, length: number): void;
  aeadSealUpdate(pointer: number, length: number): void;
  aeadCheckUpdate(pointer: number, length: number): void;
  aeadTag(out: number): void;
  aeadCheckTag(tag: number): number;
  aeadOpenUpdate(pointer: number, length: number): void;
  aeadWipe(): void;
}

interface Inputs {
  key: Uint8Array;
  nonce: Uint8Array;
  associatedData: Uint8Array;
}

const kernel = loadKernel<Kernel>("netcode");
const memory = Buffer.from(kernel.memory.buffer);
const TAG = NETCODE_TEXT + NETCODE_TEXT_BYTES - 16;
/** What the authenticator computes with, until it has said its tag. */
const POLY1305 = NETCODE_AEAD_STATE + 0x100;
/** Where four blocks of key stream stand while a piece is sealed or opened. */
const STREAM = NETCODE_AEAD_STATE + 0x200;
const hex = (text: string): Buffer => Buffer.from(text, "hex");

function isZero(from: number, to: number): boolean {
  return memory.subarray(from, to).equals(Buffer.alloc(to - from));
}

/** Everything but the window: no key, key stream, expected tag or text may be left. */
function expectNothingLeft(): void {
  expect(isZero(0, NETCODE_TEXT)).toBe(true);
  expect(isZero(NETCODE_TEXT + NETCODE_TEXT_BYTES, memory.length)).toBe(true);
}

function pieces(bytes: Uint8Array, size: number, use: (pointer: number, length: number, at: number) => void): void {
  for (let at = 0; at < bytes.length; at += size) {
    const piece = bytes.subarray(at, at + size);
    memory.set(piece, NETCODE_TEXT);
    use(NETCODE_TEXT, piece.length, at);
  }
}

function start({ key, nonce, associatedData }: Inputs, size: number): void {
  memory.set(key, NETCODE_KEY_INPUT);
  memory.set(nonce, NETCODE_KEY_INPUT + 32);
  kernel.aeadStart(nonce.length === 24 ? 1 : 0);
  expect(isZero(NETCODE_KEY_INPUT, NETCODE_KEY_INPUT + 56)).toBe(true);
  pieces(associatedData, size, kernel.aeadAssociatedData);
}

/** @returns ciphertext ‖ tag */
function seal(inputs: Inputs, text: Uint8Array, size = 0x10000): Buffer {
  const sealed = Buffer.alloc(text.length + 16);
  start(inputs, size);
  pieces(text, size, (pointer, length, at) => {
    kernel.aeadSealUpdate(pointer, length);
    sealed.set(memory.subarray(pointer, pointer + length), at);
  });
  kernel.aeadTag(TAG);
  sealed.set(memory.subarray(TAG, TAG + 16), text.length);
  expectNothingLeft();
  return sealed;
}

/** Tries to decrypt whatever the verdict, and makes sure that a refused text stays as it is. */
function open(inputs: Inputs, sealed: Uint8Array, size = 0x10000): Buffer | undefined {
  const ciphertext = Buffer.from(sealed.subarray(0, sealed.length - 16));
  const text = Buffer.alloc(ciphertext.length);
  start(inputs, size);
  pieces(ciphertext, size, (pointer, length, at) => {
    kernel.aeadOpenUpdate(pointer, length); // too early: must do nothing
    kernel.aeadCheckUpdate(pointer, length);
    expect(memory.subarray(pointer, pointer + length).equals(ciphertext.subarray(at, at + length))).toBe(true);
  });
  memory.set(sealed.subarray(ciphertext.length), TAG);
  const genuine = kernel.aeadCheckTag(TAG) === 1;
  if (!genuine) expectNothingLeft();
  expect(isZero(POLY1305, POLY1305 + 0x80)).toBe(true);
  // The expected tag; where it consists of zeros, as some of Wycheproof's do, there is nothing to be seen.
  const tag = Buffer.from(sealed.subarray(ciphertext.length));
  if (genuine && tag.some((byte) => byte !== 0)) expect(memory.subarray(0, NETCODE_TEXT).includes(tag)).toBe(false);
  pieces(ciphertext, size, (pointer, length, at) => {
    kernel.aeadOpenUpdate(pointer, length);
    text.set(memory.subarray(pointer, pointer + length), at);
    expect(isZero(STREAM, STREAM + 256)).toBe(true);
  });
  kernel.aeadWipe();
  expectNothingLeft();
  if (!genuine) expect(text.equals(ciphertext)).toBe(true);
  return genuine ? text : undefined;
}

function sealWithNode({ key, nonce, associatedData }: Inputs, text: Uint8Array): Buffer {
  const cipher = createCipheriv("chacha20-poly1305", key, nonce, { authTagLength: 16 });
  cipher.setAAD(associatedData, { plaintextLength: text.length });
  return Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()]);
}

function expectBothWays(inputs: Inputs, text: Uint8Array, sealed: Uint8Array, size?: number): void {
  expect(seal(inputs, text, size).equals(sealed)).toBe(true);
  expect(open(inputs, sealed, size)?.equals(text)).toBe(true);
}

const random = (nonceBytes: number, associatedDataBytes: number): Inputs => ({
  key: randomBytes(32),
  nonce: randomBytes(nonceBytes),
  associatedData: randomBytes(associatedDataBytes),
});

function flipped(bytes: Uint8Array, bit: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[bit >> 3] = (copy[bit >> 3] as number) ^ (1 << (bit & 7));
  return copy;
}

describe("published vectors", () => {
  const published = [
    ...[...rfc.aead, ...draft.aead].map(({ id, plaintext, ciphertext, ...rest }) => ({
      id,
      ...rest,
      text: plaintext,
      ct: ciphertext,
    })),
    ...[...boringssl.cases, ...boringsslExtended.cases].map(({ in: text, ad, ...rest }, id) => ({
      id,
      text,
      aad: ad,
      ...rest,
    })),
  ];
  it.each(published)("seals and opens $id", ({ key, nonce, aad, text, ct, tag }) => {
    const inputs = { key: hex(key), nonce: hex(nonce), associatedData: hex(aad) };
    const sealed = seal(inputs, hex(text));
    // BoringSSL also truncates tags: what it gives is then the beginning of ours.
    expect(sealed.toString("hex").startsWith(ct + tag)).toBe(true);
    expect(open(inputs, sealed)?.toString("hex")).toBe(text);
    if (tag.length === 32) expect(sealed.toString("hex")).toBe(ct + tag);
  });

  it.each([
    { name: "ChaCha20-Poly1305", file: wycheproof, nonceBytes: 12, counts: { valid: 256, invalid: 60, otherSizes: 9 } },
    {
      name: "XChaCha20-Poly1305",
      file: wycheproofExtended,
      nonceBytes: 24,
      counts: { valid: 246, invalid: 60, otherSizes: 9 },
    },
  ])("Wycheproof, $name", ({ file, nonceBytes, counts }) => {
    const seen = { valid: 0, invalid: 0, otherSizes: 0 };
    for (const test of file.testGroups.flatMap((group) => group.tests)) {
      const inputs = { key: hex(test.key), nonce: hex(test.iv), associatedData: hex(test.aad) };
      const sealed = hex(test.ct + test.tag);
      if (inputs.nonce.length !== nonceBytes) {
        // The kernel takes the nonce's length for granted; src/crypto.ts refuses any other.
        expect(test.result).toBe("invalid");
        seen.otherSizes++;
      } else if (test.result === "valid") {
        expectBothWays(inputs, hex(test.msg), sealed);
        seen.valid++;
      } else {
        expect(open(inputs, sealed)).toBe(undefined);
        seen.invalid++;
      }
    }
    expect(seen).toEqual(counts);
  });
});

describe("lengths", () => {
  it("equals node:crypto on every length from 0 to 1100, whole and in pieces", () => {
    for (let length = 0; length <= 1100; length++) {
      const inputs = random(12, randomInt(0, 200));
      const text = randomBytes(length);
      const sealed = sealWithNode(inputs, text);
      expectBothWays(inputs, text, sealed);
      expectBothWays(inputs, text, sealed, 64 * randomInt(1, 8));
    }
  });

  it("equals node:crypto on every length of associated data from 0 to 1100", () => {
    for (let length = 0; length <= 1100; length++) {
      const inputs = random(12, length);
      const text = randomBytes(randomInt(0, 100));
      expectBothWays(inputs, text, sealWithNode(inputs, text), 64 * randomInt(1, 20));
    }
  });

  it.each([4096, 65536, 0x40000])("equals node:crypto around %i bytes, in windows of several sizes", (edge) => {
    for (const length of [edge - 1, edge, edge + 1]) {
      const inputs = random(12, length);
      const text = randomBytes(length);
      const sealed = sealWithNode(inputs, text);
      for (const size of [0x40000, 0x10000, 4096, 1024, 320]) expectBothWays(inputs, text, sealed, size);
    }
  });

  it("equals the twin under nonces of 24 bytes, on every length from 0 to 300", () => {
    for (let length = 0; length <= 300; length++) {
      const inputs = random(24, randomInt(0, 100));
      const text = randomBytes(length);
      const sealed = aeadSeal(inputs.key, inputs.nonce, text, inputs.associatedData);
      expectBothWays(inputs, text, sealed, 64 * randomInt(1, 6));
    }
  });

  it("is opened by node:crypto", () => {
    const inputs = random(12, 33);
    const text = randomBytes(777);
    const sealed = seal(inputs, text);
    const decipher = createDecipheriv("chacha20-poly1305", inputs.key, inputs.nonce, { authTagLength: 16 });
    decipher.setAAD(inputs.associatedData, { plaintextLength: text.length });
    decipher.setAuthTag(sealed.subarray(text.length));
    expect(Buffer.concat([decipher.update(sealed.subarray(0, text.length)), decipher.final()]).equals(text)).toBe(true);
  });
});

describe("what is not genuine", () => {
  it.each([12, 24])("is refused whichever bit is flipped (nonce of %i bytes)", (nonceBytes) => {
    const inputs = random(nonceBytes, 21);
    const sealed = seal(inputs, randomBytes(75));
    for (let bit = 0; bit < 8 * sealed.length; bit++) expect(open(inputs, flipped(sealed, bit))).toBe(undefined);
    for (const name of ["key", "nonce", "associatedData"] as const) {
      for (let bit = 0; bit < 8 * inputs[name].length; bit++) {
        expect(open({ ...inputs, [name]: flipped(inputs[name], bit) }, sealed)).toBe(undefined);
      }
    }
    expect(open(inputs, sealed)).not.toBe(undefined);
  });

  it("is refused when truncated, extended, or split elsewhere between text and associated data", () => {
    const inputs = random(12, 32);
    const text = randomBytes(64);
    const sealed = seal(inputs, text);
    for (let length = 16; length < sealed.length; length++)
      expect(open(inputs, sealed.subarray(0, length))).toBe(undefined);
    const withByte = Buffer.concat([sealed.subarray(0, 64), Buffer.alloc(1), sealed.subarray(64)]);
    expect(open(inputs, withByte)).toBe(undefined);
    const moved = {
      ...inputs,
      associatedData: Buffer.concat([inputs.associatedData, sealed.subarray(0, 16)]),
    };
    expect(open(moved, sealed.subarray(16))).toBe(undefined);
  });

  it("is not found genuine by an operation that never started, and the verdict of one does not reach the next", () => {
    kernel.aeadWipe();
    memory.fill(0, TAG, TAG + 16);
    expect(kernel.aeadCheckTag(TAG)).toBe(0);
    const inputs = random(12, 5);
    const text = randomBytes(40);
    const sealed = seal(inputs, text);
    start(inputs, 0x10000);
    memory.set(sealed, NETCODE_TEXT);
    kernel.aeadCheckUpdate(NETCODE_TEXT, 40);
    expect(kernel.aeadCheckTag(NETCODE_TEXT + 40)).toBe(1);
    expect(kernel.aeadCheckTag(TAG)).toBe(0);
    // A new operation begins before the old one has decrypted anything.
    start(inputs, 0x10000);
    memory.set(sealed, NETCODE_TEXT);
    kernel.aeadOpenUpdate(NETCODE_TEXT, 40);
    expect(memory.subarray(NETCODE_TEXT, NETCODE_TEXT + 40).equals(sealed.subarray(0, 40))).toBe(true);
    kernel.aeadWipe();
    kernel.aeadOpenUpdate(NETCODE_TEXT, 40);
    expect(memory.subarray(NETCODE_TEXT, NETCODE_TEXT + 40).equals(sealed.subarray(0, 40))).toBe(true);
    expect(isZero(NETCODE_AEAD_STATE, NETCODE_AEAD_STATE + NETCODE_AEAD_STATE_BYTES)).toBe(true);
  });
});
