import * as twin from "../reference/chacha20poly1305.ts";
import { fromBytes, invert, P, toBytes } from "../reference/curve25519.ts";
import { loadKernel } from "../unit/assembly/load.ts";
import { poly1305 } from "../unit/assembly/poly1305.ts";
import boringPoly from "../vectors/boringssl/poly1305_tests.json" with { type: "json" };
import native from "../vectors/hydrogen-primitives.json" with { type: "json" };
import gimlis from "../vectors/libhydrogen/gimli_permutation.json" with { type: "json" };
import hashes from "../vectors/libhydrogen/hash_kdf_drbg.json" with { type: "json" };
import boxes from "../vectors/libhydrogen/secretbox.json" with { type: "json" };
import sign from "../vectors/libhydrogen/sign.json" with { type: "json" };
import constants from "../vectors/libhydrogen/tests_c_constants.json" with { type: "json" };
import rfc from "../vectors/rfc/rfc8439.json" with { type: "json" };
import draft from "../vectors/rfc/xchacha-draft-03.json" with { type: "json" };
import x25519s from "../vectors/wycheproof/x25519_test.json" with { type: "json" };

// The vectors of what the package does not export, run in the kernels: each as a question whether it comes out right.

type Check = () => boolean;

interface ChaCha20 {
  chacha20InitState(state: number, counter: number, nonce0: number, nonce1: number, nonce2: number): void;
  chacha20FillLanes(states: number): void;
  chacha20Blocks(states: number, stream: number): void;
  chacha20Xor(states: number, stream: number, text: number, length: number): void;
  hchacha20(key: number, nonce: number, out: number): void;
}
interface Gimli {
  core(state: number, tag: number): void;
  hashStart(context: bigint, key: number): void;
  hashUpdate(message: number, length: number): void;
  hashFinish(out: number, length: number): void;
  deterministicBytes(seed: number, length: number, out: number): void;
  secretboxPrepare(context: bigint, key: number, prepared: number): void;
  secretboxSeal(prepared: number, iv: number, message: number, length: number, messageId: bigint, box: number): void;
  secretboxOpen(prepared: number, box: number, length: number, messageId: bigint, out: number): number;
}
interface Curve25519 {
  ladderProjective(out: number, scalar: number, bits: number, u: number): void;
  publicKey(a: number, out: number): void;
  curveStart(): void;
  deterministicBytes(seed: number, length: number, out: number): void;
  signatureMake(secret: number, message: number, length: number, context: bigint, random: number, out: number): void;
  signatureVerifyStrict(secret: number, message: number, length: number, context: bigint, signature: number): number;
  signatureVerifyNative(key: number, message: number, length: number, context: bigint, signature: number): number;
}

const chacha = loadKernel<ChaCha20>("chacha20poly1305.kernel");
const gimli = loadKernel<Gimli>("gimli.kernel");
const curve = loadKernel<Curve25519>("curve25519.kernel");

// Test buffers, above what the kernels use.
const [A, B, C, D] = [0x100000, 0x110000, 0x120000, 0x130000] as const;

const bytesOf = ({ memory }: { memory: WebAssembly.Memory }): Buffer => Buffer.from(memory.buffer);
const hex = (text: string): Buffer => Buffer.from(text, "hex");
const put = (kernel: { memory: WebAssembly.Memory }, at: number, bytes: Uint8Array): number => {
  bytesOf(kernel).set(bytes, at);
  return bytes.length;
};
const take = (kernel: { memory: WebAssembly.Memory }, at: number, length: number): string =>
  bytesOf(kernel).toString("hex", at, at + length);
const number = (context: Uint8Array): bigint => Buffer.from(context).readBigUInt64LE();

export const x25519 = (): Check[] =>
  x25519s.testGroups.flatMap(({ tests }) =>
    tests.map(({ public: u, private: scalar, shared }) => () => {
      const clamped = hex(scalar);
      clamped[0] = (clamped[0] as number) & 248;
      clamped[31] = ((clamped[31] as number) & 127) | 64;
      const point = hex(u);
      point[31] = (point[31] as number) & 127;
      put(curve, A, clamped);
      put(curve, A + 32, point);
      curve.ladderProjective(B, A, 256, A + 32);
      const [x, z] = [0, 32].map((at) => fromBytes(bytesOf(curve).subarray(B + at, B + at + 32))) as [bigint, bigint];
      return Buffer.from(toBytes((x * invert(z)) % P)).toString("hex") === shared;
    }),
  );

export const boringPoly1305 = (): Check[] =>
  boringPoly.cases.map(
    ({ key, input, mac }) =>
      () =>
        poly1305(hex(key), hex(input)).toString("hex") === mac,
  );

function frame(key: string, counter: number, nonce: string): void {
  const words = [0, 4, 8].map((at) => hex(nonce).readUInt32LE(at)) as [number, number, number];
  chacha.chacha20InitState(A, counter, ...words);
  put(chacha, A + 16, hex(key));
  chacha.chacha20FillLanes(A);
}

function block(key: string, counter: number, nonce: string, length: number): string {
  frame(key, counter, nonce);
  chacha.chacha20Blocks(A, B);
  return take(chacha, B, length);
}

function encrypted(key: string, counter: number, nonce: string, text: string): string {
  frame(key, counter, nonce);
  const length = put(chacha, C, hex(text));
  chacha.chacha20Xor(A, B, C, length);
  return take(chacha, C, length);
}

const word = (text: string): number => Number.parseInt(text, 16);

/** All but the AEAD's. Single quarter rounds are the readable twin's: the kernel has no function of them. */
export const rfc8439 = (): Check[] => [
  ...[...rfc.quarterRound, ...rfc.quarterRoundOnState].map((each) => () => {
    const words = Uint32Array.from(each.in, word);
    const indices = "indices" in each ? each.indices : [0, 1, 2, 3];
    twin.quarterRound(words, ...(indices as [number, number, number, number]));
    return [...words].join() === each.out.map(word).join();
  }),
  ...rfc.block.map((each) => () => block(each.key, each.counter, each.nonce, 64) === each.keystream),
  ...rfc.encrypt.map((each) => () => encrypted(each.key, each.counter, each.nonce, each.plaintext) === each.ciphertext),
  ...rfc.poly1305.map(
    ({ key, message, tag }) =>
      () =>
        poly1305(hex(key), hex(message)).toString("hex") === tag,
  ),
  ...rfc.poly1305KeyGen.map(
    ({ key, nonce, polyKey }) =>
      () =>
        block(key, 0, nonce, 32) === polyKey,
  ),
];

function subkey(key: string, nonce: string): string {
  put(chacha, C, hex(key));
  put(chacha, C + 32, hex(nonce).subarray(0, 16));
  chacha.hchacha20(C, C + 32, D);
  return take(chacha, D, 32);
}

export const xchachaDraft = (): Check[] => [
  ...draft.hchacha20.map((each) => () => subkey(each.key, each.nonce) === each.subkey),
  ...draft.xchacha20.map((each) => () => {
    const short = `00000000${each.nonce.slice(32)}`;
    return encrypted(subkey(each.key, each.nonce), each.counter, short, each.plaintext) === each.ciphertext;
  }),
];

const permuted = (vector: { in: string; out: string }) => () => {
  put(gimli, A, hex(vector.in));
  gimli.core(A, 0);
  return take(gimli, A, 48) === vector.out;
};

const hashed = (context: Uint8Array, key: string | null, message: string, out: string) => () => {
  put(gimli, B, hex(key ?? ""));
  gimli.hashStart(number(context), key === null ? 0 : B);
  gimli.hashUpdate(A, put(gimli, A, hex(message)));
  gimli.hashFinish(C, out.length / 2);
  return take(gimli, C, out.length / 2) === out;
};

function randomBytes(seed: Uint8Array, length: number): Buffer {
  put(gimli, A, seed);
  gimli.deterministicBytes(A, length, B);
  return hex(take(gimli, B, length));
}

/** Upstream's own first test: 1001 updates of deterministic bytes, of 0 to 1000 of them. */
function manyUpdates(): boolean {
  const seed = Buffer.alloc(32);
  put(gimli, D, hex(constants.key));
  gimli.hashStart(number(Buffer.from(constants.ctx)), D);
  for (let i = 0; i <= 1000; i++) {
    seed.writeUInt16LE(i + 1);
    gimli.hashUpdate(C, put(gimli, C, randomBytes(seed, i)));
  }
  gimli.hashFinish(C, 100);
  return take(gimli, C, 100) === constants.hash[0]?.out;
}

export const libhydrogenHashes = (): Check[] => [
  ...gimlis.cases.map(permuted),
  ...hashes.hash.map(({ ctx, key, msg, out }) => hashed(Buffer.from(ctx), key, msg, out)),
  ...constants.hash.map(({ msg, out }) =>
    msg === undefined ? manyUpdates : hashed(Buffer.from(constants.ctx), constants.key, msg, out),
  ),
  ...hashes.randomDeterministic.map(
    ({ seed, out }) =>
      () =>
        randomBytes(hex(seed), out.length / 2).toString("hex") === out,
  ),
];

function opened(context: Uint8Array, messageId: string, key: string, box: string): string | undefined {
  put(gimli, A, hex(key));
  gimli.secretboxPrepare(number(context), A, A + 64);
  const length = Math.max(0, put(gimli, B, hex(box)) - 36);
  if (box.length < 72) return undefined;
  const genuine = gimli.secretboxOpen(A + 64, B, length, BigInt(messageId), C);
  return genuine === 1 ? take(gimli, C, length) : undefined;
}

const boxed = (context: Uint8Array, messageId: string, key: string, iv: string, message: string, box: string) => () => {
  put(gimli, A, hex(key));
  gimli.secretboxPrepare(number(context), A, A + 64);
  put(gimli, A + 32, hex(iv));
  gimli.secretboxSeal(A + 64, A + 32, B, put(gimli, B, hex(message)), BigInt(messageId), D);
  return take(gimli, D, box.length / 2) === box && opened(context, messageId, key, box) === message;
};

export const secretboxes = (): Check[] =>
  boxes.valid.map(({ ctx, msgId, key, iv, msg, ct }) => boxed(Buffer.from(ctx), msgId, key, iv, msg, ct));

export const badSecretboxes = (): Check[] =>
  boxes.invalid.map(
    ({ ctx, msgId, key, ct }) =>
      () =>
        opened(Buffer.from(ctx), msgId, key, ct) === undefined,
  );

const signed = (secret: string, context: Uint8Array, random: string, message: string, signature: string) => () => {
  put(curve, A, hex(secret));
  put(curve, A + 64, hex(random));
  const length = put(curve, B, hex(message));
  curve.signatureMake(A, B, length, number(context), A + 64, C);
  const made = take(curve, C, 64) === signature;
  return made && curve.signatureVerifyStrict(A, B, length, number(context), C) === 1;
};

export const signatures = (): Check[] =>
  sign.valid.map(({ sk, ctx, ephRandom, msg, sig }) => signed(sk, Buffer.from(ctx), ephRandom, msg, sig));

export const edgeSignatures = (): { accepts: boolean; agrees: Check }[] =>
  sign.edge.map(({ pk, ctx, msg, sig, referenceAccepts }) => ({
    accepts: referenceAccepts,
    agrees: () => {
      put(curve, A, hex(pk));
      put(curve, C, hex(sig));
      const verdict = curve.signatureVerifyNative(A, B, put(curve, B, hex(msg)), number(Buffer.from(ctx)), C);
      return (verdict === 1) === referenceAccepts;
    },
  }));

export const cutePrimitives = (): Check[] => [
  ...native.gimli.map(permuted),
  ...native.hash.map(({ context, key, message, out }) => hashed(hex(context), key, message, out)),
  ...native.secretbox.map(({ context, messageId, key, iv, message, out }) =>
    boxed(hex(context), messageId, key, iv, message, out),
  ),
  ...native.keypair.map(({ seed, secretKey }) => () => {
    put(curve, B, hex(seed));
    curve.deterministicBytes(B, 32, A);
    curve.publicKey(A, A + 32);
    return take(curve, A, 64) === secretKey;
  }),
  ...native.sign.map((each) => signed(each.secretKey, hex(each.context), each.random, each.message, each.signature)),
];
