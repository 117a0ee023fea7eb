import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { beforeEach, describe, expect, test } from "vitest";
import * as twin from "../../reference/curve25519.ts";
import { L, P, toBytes } from "../../reference/curve25519.ts";
import { kernel, memory } from "./curve25519.ts";

const SECRET = 0x100000;
const RANDOM = 0x100100;
const SIGNATURE = 0x100200;
const MESSAGE = 0x101000;

interface Signed {
  message: Uint8Array;
  context: Uint8Array;
}

const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "hex"));
const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const vectors = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../vectors/${name}.json`, import.meta.url), "utf8"));

function putSigned({ message, context }: Signed): [number, number, bigint] {
  memory.set(message, MESSAGE);
  return [MESSAGE, message.length, twin.fromBytes(context)];
}

function sign(secret: Uint8Array, signed: Signed, random: Uint8Array): Uint8Array {
  memory.set(secret, SECRET);
  memory.set(random, RANDOM);
  kernel.signatureMake(SECRET, ...putSigned(signed), RANDOM, SIGNATURE);
  return memory.slice(SIGNATURE, SIGNATURE + 64);
}

type Verifier = "signatureVerifyStrict" | "signatureVerifyNative" | "signatureVerifyNativeWithSecret";

function verify(verifier: Verifier, key: Uint8Array, signed: Signed, signature: Uint8Array): boolean {
  memory.set(key, SECRET);
  memory.set(signature, SIGNATURE);
  const verdict = kernel[verifier](SECRET, ...putSigned(signed), SIGNATURE);
  expect([0, 1]).toContain(verdict);
  return verdict === 1;
}

/** What the three verifiers say, in the order strict, native, native with the secret. */
function verdicts(secret: Uint8Array, signed: Signed, signature: Uint8Array): [boolean, boolean, boolean] {
  return [
    verify("signatureVerifyStrict", secret, signed, signature),
    verify("signatureVerifyNative", secret.subarray(32), signed, signature),
    verify("signatureVerifyNativeWithSecret", secret, signed, signature),
  ];
}

function makeSecret(a: Uint8Array): Uint8Array {
  memory.set(a, SECRET);
  kernel.publicKey(SECRET, SECRET + 32);
  return memory.slice(SECRET, SECRET + 64);
}

const randomSecret = (): Uint8Array => makeSecret(randomBytes(32));
const randomSigned = (length: number): Signed => ({ message: randomBytes(length), context: randomBytes(8) });
const withS = (signature: Uint8Array, s: bigint): Uint8Array =>
  Uint8Array.from([...signature.subarray(0, 32), ...toBytes(s)]);
const withR = (signature: Uint8Array, R: bigint): Uint8Array =>
  Uint8Array.from([...toBytes(R), ...signature.subarray(32)]);
const sOf = (signature: Uint8Array): bigint => twin.fromBytes(signature.subarray(32));

beforeEach(() => {
  memory.fill(0, SECRET, MESSAGE + 0x1000);
});

interface Valid {
  id: number;
  ctx: string;
  pk: string;
  sk: string;
  ephRandom: string;
  msg: string;
  sig: string;
}
interface Edge {
  from: number;
  reason: string;
  pk: string;
  ctx: string;
  msg: string;
  sig: string;
  referenceAccepts: boolean;
}
const { valid, edge } = vectors("libhydrogen/sign") as { valid: Valid[]; edge: Edge[] };
const signedOf = ({ msg, ctx }: { msg: string; ctx: string }): Signed => ({
  message: hex(msg),
  context: new TextEncoder().encode(ctx),
});

describe("libhydrogen's vectors", () => {
  test("16 signatures, byte for byte", () => {
    expect(valid.length).toBe(16);
    for (const each of valid) {
      expect(toHex(sign(hex(each.sk), signedOf(each), hex(each.ephRandom)))).toBe(each.sig);
      expect(toHex(twin.sign(hex(each.sk), signedOf(each), hex(each.ephRandom)))).toBe(each.sig);
      expect(verdicts(hex(each.sk), signedOf(each), hex(each.sig))).toEqual([true, true, true]);
    }
  });

  test("254 edge verdicts, with the public key and with the secret", () => {
    expect(edge.length).toBe(254);
    for (const each of edge) {
      const label = `${each.from} ${each.reason}`;
      const accepts = verify("signatureVerifyNative", hex(each.pk), signedOf(each), hex(each.sig));
      expect(accepts, label).toBe(each.referenceAccepts);
      expect(twin.verifyNative(hex(each.pk), signedOf(each), hex(each.sig)), label).toBe(each.referenceAccepts);
      const { sk } = valid.find(({ pk }) => pk === each.pk) ?? {};
      if (sk === undefined) continue;
      const withSecret = verify("signatureVerifyNativeWithSecret", hex(sk), signedOf(each), hex(each.sig));
      expect(withSecret, label).toBe(each.referenceAccepts);
      const strict = verify("signatureVerifyStrict", hex(sk), signedOf(each), hex(each.sig));
      expect(strict, label).toBe(twin.verifyStrict(hex(sk), signedOf(each), hex(each.sig)));
      if (strict) expect(accepts, label).toBe(true);
    }
  });

  test("of all edge signatures of one token strict takes exactly one encoding", () => {
    const from = new Set(edge.map((each) => each.from));
    expect(from.size).toBe(4);
    for (const { sk, pk, sig } of valid.filter(({ id }) => from.has(id))) {
      const own = edge.filter((each) => each.pk === pk);
      const accepted = own.filter((each) => verify("signatureVerifyStrict", hex(sk), signedOf(each), hex(each.sig)));
      expect(own.filter(({ referenceAccepts }) => referenceAccepts).length).toBeGreaterThanOrEqual(30);
      expect(accepted.map((each) => each.sig)).toEqual([sig]);
    }
  });

  const primitives = vectors("hydrogen-primitives") as {
    keypair: { seed: string; secretKey: string; publicKey: string }[];
    sign: { secretKey: string; context: string; random: string; message: string; signature: string }[];
  };

  test("key pairs from seeds", () => {
    expect(primitives.keypair.length).toBe(8);
    for (const { seed, secretKey, publicKey } of primitives.keypair) {
      memory.set(hex(seed), RANDOM);
      kernel.deterministicBytes(RANDOM, 32, SECRET);
      kernel.publicKey(SECRET, SECRET + 32);
      expect(toHex(memory.subarray(SECRET, SECRET + 64))).toBe(secretKey);
      expect(toHex(memory.subarray(SECRET + 32, SECRET + 64))).toBe(publicKey);
      expect(kernel.isKeyPair(SECRET)).toBe(1);
      for (const byte of [0, 31, 32, 63]) {
        memory.set(hex(secretKey), SECRET);
        memory[SECRET + byte] = (memory[SECRET + byte] as number) ^ 0x10;
        expect(kernel.isKeyPair(SECRET)).toBe(0);
      }
    }
  });

  test("signatures of cute_net.h", () => {
    expect(primitives.sign.length).toBe(12);
    for (const { secretKey, context, random, message, signature } of primitives.sign) {
      const signed = { message: hex(message), context: hex(context) };
      expect(toHex(sign(hex(secretKey), signed, hex(random)))).toBe(signature);
      expect(verdicts(hex(secretKey), signed, hex(signature))).toEqual([true, true, true]);
    }
  });
});

describe("against the twin", () => {
  const lengths = [0, 1, 15, 16, 17, 31, 32, 33, 63, 64, 65, 568, 959, 960, 961, 1024];

  test("300 random signatures, and the verdicts on them with one bit turned", () => {
    for (let i = 0; i < 300; i++) {
      const secret = randomSecret();
      const signed = randomSigned(lengths[i % lengths.length] as number);
      const random = randomBytes(32);
      const signature = sign(secret, signed, random);
      expect(toHex(signature)).toBe(toHex(twin.sign(secret, signed, random)));
      const turned = Uint8Array.from(signature);
      turned[i % 64] = (turned[i % 64] as number) ^ (1 << (i & 7));
      const strict = twin.verifyStrict(secret, signed, turned);
      const native = twin.verifyNative(secret.subarray(32), signed, turned);
      expect([strict, native]).toEqual([false, false]);
      expect(verdicts(secret, signed, turned)).toEqual([false, false, false]);
    }
  });

  test("10 000 random signatures pass; with message, context, R or s altered none does", () => {
    const secret = randomSecret();
    for (let i = 0; i < 10_000; i++) {
      const signed = randomSigned(i % 100);
      const signature = sign(secret, signed, randomBytes(32));
      expect(sOf(signature) < L).toBe(true);
      // The slow one, by the public key, now and then.
      if (i % 20 === 0) expect(verdicts(secret, signed, signature)).toEqual([true, true, true]);
      else expect(verify("signatureVerifyStrict", secret, signed, signature)).toBe(true);
      const altered = Uint8Array.from(signature);
      const other = { message: Uint8Array.from(signed.message), context: Uint8Array.from(signed.context) };
      const bytes = [altered, other.context, ...(i % 100 ? [other.message] : [])][i % 3] ?? altered;
      const at = randomBytes(1)[0] as number;
      bytes[at % bytes.length] = (bytes[at % bytes.length] as number) ^ (1 << (i & 7));
      expect(verify("signatureVerifyStrict", secret, other, altered)).toBe(false);
    }
  });

  test("every other spelling of R and s", () => {
    const secret = randomSecret();
    const signed = randomSigned(40);
    const signature = sign(secret, signed, randomBytes(32));
    const [R, s] = [twin.fromBytes(signature.subarray(0, 32)), sOf(signature)];
    let accepted = 0;
    for (let k = 0n; k <= 16n; k++) {
      for (const spelling of [s + k * L, k * L - s]) {
        if (spelling < 0n || spelling >= 2n ** 256n) continue;
        accepted++;
        expect(verdicts(secret, signed, withS(signature, spelling))).toEqual([spelling === s, true, true]);
      }
    }
    expect(accepted).toBeGreaterThanOrEqual(31);
    // c is made from the bytes of R: another spelling is another challenge.
    for (let other = R + P; other < 2n ** 256n; other += P) {
      expect(verdicts(secret, signed, withR(signature, other))).toEqual([false, false, false]);
    }
  });

  test("R spelled otherwise and signed so: native takes it, strict does not", () => {
    // Forged by the holder of the secret: s made for the challenge of the bytes R + p, where that fits 256 bits.
    const secret = randomSecret();
    const signed = randomSigned(10);
    const r = twin.fromBytes(randomBytes(32));
    const R = twin.multiplyX(r, twin.BASE);
    const negative = signWith(secret, signed, toBytes(R + P), r);
    expect(verdicts(secret, signed, negative)).toEqual([false, true, true]);
    expect(verdicts(secret, signed, signWith(secret, signed, toBytes(R), r))).toEqual([true, true, true]);
    expect(verdicts(secret, signed, signWith(secret, signed, toBytes(R), L - (r % L)))).toEqual([true, true, true]);
  });

  /** A signature with R as given and s = r + c · a. */
  function signWith(secret: Uint8Array, signed: Signed, R: Uint8Array, r: bigint): Uint8Array {
    const c = twin.challenge(R, secret.subarray(32), signed);
    return Uint8Array.from([...R, ...toBytes(twin.mod(r + c * twin.fromBytes(secret.subarray(0, 32)), L))]);
  }

  test("degenerate keys, scalars and R", () => {
    const secrets = [0n, 1n, 2n, L - 1n, L, L + 1n, 15n * L, 2n ** 256n - 1n].map((a) => makeSecret(toBytes(a)));
    const coordinates = [0n, 1n, 9n, P - 1n, P, P + 1n, P + 9n, 2n * P, 2n * P + 9n, 2n ** 256n - 1n];
    for (const secret of [...secrets, randomSecret()]) {
      const signed = randomSigned(5);
      for (const R of coordinates) {
        // r = 0 leaves R against the neutral point, r = 1 against B.
        for (const r of [0n, 1n, L - 1n]) {
          const signature = signWith(secret, signed, toBytes(R), r);
          for (const each of [signature, withS(signature, 0n), withS(signature, L), withS(signature, 1n)]) {
            const native = twin.verifyNative(secret.subarray(32), signed, each);
            expect(verdicts(secret, signed, each)).toEqual([twin.verifyStrict(secret, signed, each), native, native]);
          }
        }
      }
    }
  });

  test("public keys off the curve, of small order and unreduced", () => {
    for (const u of [0n, 1n, 2n, 3n, P - 1n, P, P + 9n, 2n * P + 1n, 2n ** 256n - 1n]) {
      const signed = randomSigned(3);
      for (const R of [0n, 1n, 9n, P - 1n, twin.fromBytes(randomBytes(32))]) {
        for (const s of [0n, 1n, L, twin.fromBytes(randomBytes(32))]) {
          const signature = Uint8Array.from([...toBytes(R), ...toBytes(s)]);
          const native = twin.verifyNative(toBytes(u), signed, signature);
          expect(verify("signatureVerifyNative", toBytes(u), signed, signature)).toBe(native);
        }
      }
    }
  });
});

describe("memory", () => {
  /** The pages that a call may leave changed: the 64 bytes at `out`, if any. */
  function expectNothingLeft(call: () => void, out?: [number, number]): void {
    const before = memory.slice();
    call();
    const after = memory.slice();
    if (out) after.set(before.subarray(out[0], out[0] + out[1]), out[0]);
    expect(Buffer.compare(before, after)).toBe(0);
  }

  test("every call leaves its output and nothing else, whatever the verdict", () => {
    kernel.curveStart();
    expect(memory.subarray(0x1000, 0x8000).every((byte) => byte === 0)).toBe(true);
    const secret = randomSecret();
    const signed = randomSigned(960);
    const signature = sign(secret, signed, randomBytes(32));
    const args = putSigned(signed);
    for (const flip of [0, 1]) {
      memory.set(signature, SIGNATURE);
      memory[SIGNATURE + 40] = (memory[SIGNATURE + 40] as number) ^ flip;
      memory.set(secret, SECRET);
      for (const verifier of ["signatureVerifyStrict", "signatureVerifyNativeWithSecret"] as const) {
        expectNothingLeft(() => expect(kernel[verifier](SECRET, ...args, SIGNATURE)).toBe(1 - flip));
      }
      expectNothingLeft(() => expect(kernel.signatureVerifyNative(SECRET + 32, ...args, SIGNATURE)).toBe(1 - flip));
    }
    expectNothingLeft(() => kernel.signatureMake(SECRET, ...args, RANDOM, SIGNATURE), [SIGNATURE, 64]);
    expectNothingLeft(() => kernel.publicKey(SECRET, SIGNATURE), [SIGNATURE, 32]);
    expectNothingLeft(() => expect(kernel.isKeyPair(SECRET)).toBe(1));
    expectNothingLeft(() => expect(kernel.isSmallOrder(SECRET)).toBe(0));
  });
});
