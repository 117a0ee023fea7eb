import { beforeAll, describe, expect, it } from "vitest";
import * as map from "../../../assembly/memory/cute.ts";
import { challenge, fromBytes, invert, L, mod, P, toBytes } from "../../reference/curve25519.ts";
import hydrogen from "../../vectors/cute-hydrogen.json" with { type: "json" };
import { kernel as curve, memory as curveMemory, get, OUT, put } from "./curve25519.ts";
import { hex, keySet, verifyOne } from "./cute-driver.ts";
import { loadKernel } from "./load.ts";

// A signature is genuine where a difference is 0 mod p. Whoever holds the secret can make one in which that difference is
// any number wanted: R · denominator - numerator, these two being x(r · B) as the kernel has it. So no bit of it goes unread.

const SIGNATURE = 960;
const [vector] = hydrogen;
if (!vector) throw new Error("no vector");
const secret = hex(vector.secretKey);
const packet = hex(vector.token).subarray(90);
const signed = { message: packet.subarray(0, SIGNATURE), context: Buffer.from("CUTE_CTX") };

/** Numerator and denominator of x(r · B), as the kernel leaves them. */
function projective(r: bigint): [bigint, bigint] {
  put(OUT + 0x100, r);
  curve.baseProjective(OUT, OUT + 0x100);
  return [get(OUT), get(OUT + 32)];
}

/** A packet whose signature is off by `difference`. @param sign 1, or -1 for the other that native code accepts */
function packetOffBy(difference: bigint, r: bigint, sign = 1n): Buffer {
  const [numerator, denominator] = projective(r);
  const pointR = toBytes(mod((numerator + difference) * invert(denominator), P));
  const s = mod(r + sign * challenge(pointR, secret.subarray(32), signed) * fromBytes(secret.subarray(0, 32)), L);
  return Buffer.concat([signed.message, pointR, toBytes(s)]);
}

function statuses(forged: Buffer): number[] {
  const applicationId = BigInt(vector?.applicationId ?? 0);
  const checks = { suite: map.SUITE_HYDROGEN, applicationId, now: BigInt(vector?.creationTimestamp ?? 0), slots: [9] };
  return [true, false].map((strict) => verifyOne(forged, { ...checks, strict }).status);
}

describe("a signature whose difference is", () => {
  beforeAll(() => {
    expect(keySet(9, map.SUITE_HYDROGEN, secret)).toBe(1);
    curveMemory.fill(0, OUT, OUT + 0x200);
  });

  it("0 is genuine, also with the nonces that nobody draws, at the ends of what is reduced", () => {
    for (let i = 1n; i < 20n; i++) {
      for (const r of [
        i,
        2n ** 125n - i,
        2n ** 140n - i,
        2n ** 252n - i,
        2n ** 252n + i - 1n,
        2n ** 252n + 2n ** i,
        L - i,
      ]) {
        expect(statuses(packetOffBy(0n, r)), `${r}`).toEqual([map.STATUS_VALID, map.STATUS_VALID]);
        expect(statuses(packetOffBy(0n, r, -1n)), `${r}`).toEqual([map.STATUS_NOT_GENUINE, map.STATUS_VALID]);
      }
    }
  });

  it("one bit, whichever, is not", () => {
    for (let bit = 0n; bit < 255n; bit++) {
      expect(statuses(packetOffBy(1n << bit, 77n)), `2^${bit}`).toEqual([
        map.STATUS_NOT_GENUINE,
        map.STATUS_NOT_GENUINE,
      ]);
    }
  });

  it("the same in two words or more, is not", () => {
    for (const words of [0b0011, 0b0101, 0b1001, 0b0110, 0b1010, 0b1100, 0b0111, 0b1011, 0b1101, 0b1110, 0b1111]) {
      const difference = [0n, 1n, 2n, 3n].reduce((sum, i) => sum + ((BigInt(words) >> i) & 1n) * (5n << (64n * i)), 0n);
      expect(statuses(packetOffBy(difference, 78n))).toEqual([map.STATUS_NOT_GENUINE, map.STATUS_NOT_GENUINE]);
    }
  });
});

describe("with the public key alone", () => {
  const native = loadKernel<{ verifySignature(publicKey: number): number }>("cute");
  const own = new Uint8Array(native.memory.buffer);

  it("R = 0 is refused, also where both sides of the equation are 0", () => {
    const a = fromBytes(secret.subarray(0, 32));
    // a · B plus the point (0, 0), of order 2. With an odd c, c · A is s · B plus that point: their difference has u = 0.
    const key = toBytes(invert(fromBytes(secret.subarray(32))));
    let odd = 0;
    for (let i = 0; i < 20; i++) {
      const message = Buffer.alloc(SIGNATURE, i);
      const c = challenge(new Uint8Array(32), key, { ...signed, message });
      odd += Number(c & 1n);
      const signature = Buffer.concat([Buffer.alloc(32), toBytes(mod(c * a, L))]);
      own.set(Buffer.concat([message, signature]), map.CUTE_PACKETS);
      own.set(key, map.CUTE_KEY_INPUT);
      expect(native.verifySignature(map.CUTE_KEY_INPUT)).toBe(0);
    }
    expect(odd).toBeGreaterThan(3);
  });
});
