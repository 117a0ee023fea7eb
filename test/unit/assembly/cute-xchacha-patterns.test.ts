import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { REST_BYTES, SECRET_BYTES, XCHACHA_PUBLIC_BYTES } from "../../../assembly/cute/layout.ts";
import * as map from "../../../assembly/memory/cute.ts";
import { aeadSeal } from "../../reference/chacha20poly1305.ts";
import vectors from "../../vectors/cute-sodium.json" with { type: "json" };
import { hex, isZero, keySet, memory, verify } from "./cute-driver.ts";

// Packets of a batch are opened with work for the next two under way: what each comes to may not depend on the others.

const SUITE = map.SUITE_XCHACHA20POLY1305;
const [VALID, NOT_GENUINE] = [map.STATUS_VALID, map.STATUS_NOT_GENUINE];
const ZEROS = Buffer.alloc(SECRET_BYTES);

/** A packet sealed by the readable twin. */
function sealed(key: Uint8Array, secret: Uint8Array, publicSection: Uint8Array): Buffer {
  const nonce = randomBytes(24);
  return Buffer.concat([publicSection, nonce, aeadSeal(key, nonce, secret, publicSection)]);
}

describe("batches of the suite xchacha20poly1305", () => {
  it("of one to six packets are judged in every pattern of genuine, forged, expired and sealed with another key", () => {
    const keys = [randomBytes(32), randomBytes(32)];
    keys.forEach((key, i) => {
      keySet(20 + i, SUITE, key);
    });
    const vector = vectors[8] as (typeof vectors)[number];
    const publicSection = hex(vector.token).subarray(REST_BYTES, REST_BYTES + XCHACHA_PUBLIC_BYTES);
    const secrets = Array.from({ length: 6 }, () => randomBytes(SECRET_BYTES));
    const kinds = secrets.map((secret) => {
      const genuine = keys.map((key) => sealed(key, secret, publicSection));
      const late = Buffer.from(publicSection);
      late.writeBigUInt64LE(1n, 19);
      const forged = Buffer.from(genuine[0] as Buffer);
      forged[1023] = (forged[1023] as number) ^ 1;
      return [genuine[0] as Buffer, forged, sealed(keys[0] as Buffer, secret, late), genuine[1] as Buffer];
    });
    const rotations = [
      { slots: [20], expected: [VALID, NOT_GENUINE, map.STATUS_EXPIRED, NOT_GENUINE] },
      { slots: [21, 20], expected: [VALID, NOT_GENUINE, map.STATUS_EXPIRED, VALID] },
    ];
    for (const { slots, expected } of rotations) {
      const checks = { suite: SUITE, applicationId: BigInt(vector.applicationId), now: 2n, slots };
      memory.fill(0, map.CUTE_SECRETS, map.CUTE_SECRETS + 6 * map.CUTE_SECRET_STRIDE);
      for (let count = 1; count <= 6; count++) {
        for (let pattern = 0; pattern < 4 ** count; pattern++) {
          const chosen = Array.from({ length: count }, (_, i) => (pattern >> (2 * i)) & 3);
          const packets = chosen.map((kind, i) => (kinds[i] as Buffer[])[kind] as Buffer);
          const wrong = verify(packets, checks).filter(({ status, secret }, i) => {
            const due = expected[chosen[i] as number];
            return status !== due || !secret.equals(due === VALID ? (secrets[i] as Buffer) : ZEROS);
          });
          expect(wrong).toEqual([]);
        }
        expect(isZero(0, map.CUTE_SLOTS)).toBe(true);
      }
    }
  });
});
