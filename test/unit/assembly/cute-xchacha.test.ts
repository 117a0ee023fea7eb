import { randomBytes, randomInt } from "node:crypto";
import { describe, expect, it } from "vitest";
import { PACKET_BYTES, REST_BYTES, SECRET_BYTES, XCHACHA_PUBLIC_BYTES } from "../../../assembly/cute/layout.ts";
import * as map from "../../../assembly/memory/cute.ts";
import { aeadSeal } from "../../reference/chacha20poly1305.ts";
import vectors from "../../vectors/cute-sodium.json" with { type: "json" };
import {
  type Checks,
  encodeEndpoint,
  hex,
  issue,
  isZero,
  kernel,
  keySet,
  memory,
  publicStatus,
  secretSection,
  verify,
  verifyOne,
} from "./cute-driver.ts";

type Vector = (typeof vectors)[number];

const SUITE = map.SUITE_XCHACHA20POLY1305;
const [VALID, NOT_GENUINE] = [map.STATUS_VALID, map.STATUS_NOT_GENUINE];
const ZEROS = Buffer.alloc(SECRET_BYTES);
const SLOT = 3;

const packetOf = (vector: Vector): Buffer => hex(vector.token).subarray(REST_BYTES);
const vectorAt = (id: number): Vector => vectors[id] as Vector;

function checksOf(vector: Vector, changes: Partial<Checks> = {}): Checks {
  const applicationId = BigInt(vector.applicationId);
  return { suite: SUITE, applicationId, now: BigInt(vector.creationTimestamp), slots: [SLOT], ...changes };
}

function flipped(packet: Buffer, bit: number): Buffer {
  const copy = Buffer.from(packet);
  copy[bit >> 3] = (copy[bit >> 3] as number) ^ (1 << (bit & 7));
  return copy;
}

/** Writes over a packet's public section and seals it anew, with the readable twin. */
function resealed(
  packet: Buffer,
  key: Uint8Array,
  secret: Uint8Array,
  change: (publicSection: Buffer) => void,
): Buffer {
  const publicSection = Buffer.from(packet.subarray(0, XCHACHA_PUBLIC_BYTES));
  change(publicSection);
  const nonce = randomBytes(24);
  return Buffer.concat([publicSection, nonce, aeadSeal(key, nonce, secret, publicSection)]);
}

/** Scratch, request, key input and AEAD state: all that may not outlive a call. */
function expectNothingLeft(): void {
  expect(isZero(0, map.CUTE_SLOTS)).toBe(true);
  expect(isZero(map.CUTE_REQUEST, map.CUTE_OWN_ENDPOINTS)).toBe(true);
  expect(isZero(map.CUTE_KEY_INPUT, map.CUTE_STATUS)).toBe(true);
}

describe("native tokens of the suite xchacha20poly1305", () => {
  it.each(vectors)("token $id is issued byte for byte", (vector) => {
    expect(keySet(SLOT, SUITE, hex(vector.sharedKey))).toBe(1);
    memory.fill(0xa5, map.CUTE_TOKEN, map.CUTE_TOKEN + 1114);
    expect(issue(SLOT, SUITE, vector, hex(vector.nonce)).toString("hex")).toBe(vector.token);
    expectNothingLeft();
  });

  it.each(vectors)("token $id is opened", (vector) => {
    keySet(SLOT, SUITE, hex(vector.sharedKey));
    const { status, secret } = verifyOne(packetOf(vector), checksOf(vector));
    expect(status).toBe(VALID);
    expect(secret.equals(secretSection(vector))).toBe(true);
    expectNothingLeft();
  });

  it("all are opened in one batch, with all keys to try", () => {
    vectors.forEach((vector, i) => {
      keySet(10 + i, SUITE, hex(vector.sharedKey));
    });
    const slots = vectors.map((_, i) => 10 + i);
    const packets = vectors.map(packetOf);
    for (const vector of vectors) {
      const outcomes = verify(packets, checksOf(vector, { slots }));
      outcomes.forEach(({ status, secret }, i) => {
        const expected = publicStatus(packets[i] as Buffer, XCHACHA_PUBLIC_BYTES, checksOf(vector));
        expect(status).toBe(expected);
        expect(secret.equals(expected === VALID ? secretSection(vectorAt(i)) : ZEROS)).toBe(true);
      });
    }
    expectNothingLeft();
  });
});

describe("forged packets", () => {
  it.each([2, 3, 5])("every single bit flip of token %i is refused with its reason, and shows nothing", (id) => {
    const vector = vectorAt(id);
    keySet(SLOT, SUITE, hex(vector.sharedKey));
    const packet = packetOf(vector);
    const checks = checksOf(vector, { serverEndpoint: encodeEndpoint(vector.endpoints[1] as string) });
    for (let from = 0; from < 8 * PACKET_BYTES; from += 256) {
      const batch = Array.from({ length: 256 }, (_, i) => flipped(packet, from + i));
      verify(batch, checks).forEach(({ status, secret }, i) => {
        const expected = publicStatus(batch[i] as Buffer, XCHACHA_PUBLIC_BYTES, checks);
        expect(status).toBe(expected === VALID ? NOT_GENUINE : expected);
        expect(secret.equals(ZEROS)).toBe(true);
      });
      expectNothingLeft();
    }
    expect(verifyOne(packet, checks).status).toBe(VALID);
  });

  it("another key opens nothing, and one bit of the key is enough", () => {
    const vector = vectorAt(4);
    for (let bit = 0; bit < 256; bit++) {
      keySet(SLOT, SUITE, flipped(hex(vector.sharedKey), bit));
      expect(verifyOne(packetOf(vector), checksOf(vector))).toEqual({ status: NOT_GENUINE, secret: ZEROS });
    }
  });

  it("leaves neither key nor text in memory but where they belong", () => {
    const vector = vectorAt(6);
    const key = randomBytes(32);
    const secret = randomBytes(SECRET_BYTES);
    const packet = resealed(packetOf(vector), key, secret, () => {});
    keySet(SLOT, SUITE, key);
    const found = (needle: Buffer, from: number): number[] => {
      const at = memory.indexOf(needle, from);
      return at < 0 ? [] : [at, ...found(needle, at + 1)];
    };
    const everywhere = (bytes: Buffer): number[] =>
      Array.from({ length: bytes.length - 3 }, (_, i) => found(bytes.subarray(i, i + 4), 0)).flat();
    const slot = map.CUTE_SLOTS + SLOT * map.CUTE_SLOT_BYTES;
    expect(verifyOne(packet, checksOf(vector)).status).toBe(VALID);
    expect(everywhere(key).filter((at) => at < slot || at >= slot + 32)).toEqual([]);
    const inSecrets = (at: number): boolean => at >= map.CUTE_SECRETS && at < map.CUTE_SECRETS + SECRET_BYTES;
    expect(everywhere(secret).filter((at) => !inSecrets(at))).toEqual([]);
    expect(everywhere(secret).length).toBeGreaterThanOrEqual(SECRET_BYTES - 3);
    expect(verifyOne(flipped(packet, 8 * 1023), checksOf(vector)).status).toBe(NOT_GENUINE);
    expect(everywhere(secret)).toEqual([]);
    kernel.keyWipe(SLOT);
    expect(everywhere(key)).toEqual([]);
  });
});

describe("the order of checks", () => {
  const vector = vectorAt(5);
  const key = hex(vector.sharedKey);
  const packet = packetOf(vector);
  const now = BigInt(vector.expirationTimestamp) - 1n;
  const serverEndpoint = encodeEndpoint("192.0.2.1:1");
  const strictest = checksOf(vector, { now, serverEndpoint });
  // Each fault with what it should be found as; in the order in which they are to be found.
  const faults: [string, number, (packet: Buffer) => void][] = [
    ["packet type", map.STATUS_NOT_A_CONNECT_TOKEN, (bytes) => bytes.writeUInt8(1, 0)],
    ["version", map.STATUS_NOT_A_CONNECT_TOKEN, (bytes) => bytes.write("CUTE 1.01", 1, "latin1")],
    ["application id", map.STATUS_WRONG_APPLICATION, (bytes) => bytes.writeUInt8(bytes.readUInt8(18) ^ 0x80, 18)],
    ["expiration", map.STATUS_EXPIRED, (bytes) => bytes.writeBigUInt64LE(now, 19)],
    ["endpoints", map.STATUS_BAD_ENDPOINTS, (bytes) => bytes.writeUInt8(3, 35)],
    ["server endpoint", map.STATUS_NOT_THIS_SERVER, () => {}],
  ];

  it.each(faults.map(([name, status], i) => ({ name, status, i })))(
    "$name is found before all that follows",
    ({ status, i }) => {
      keySet(SLOT, SUITE, key);
      const broken = Buffer.from(packet);
      for (const [, , breakIt] of faults.slice(i)) breakIt(broken);
      broken.writeUInt8(broken.readUInt8(1023) ^ 1, 1023);
      expect(publicStatus(broken, XCHACHA_PUBLIC_BYTES, strictest)).toBe(status);
      expect(verifyOne(broken, strictest)).toEqual({ status, secret: ZEROS });
    },
  );

  it("a wrong tag is found last", () => {
    keySet(SLOT, SUITE, key);
    const listed = { ...strictest, serverEndpoint: encodeEndpoint(vector.endpoints[0] as string) };
    expect(verifyOne(flipped(packet, 8191), listed)).toEqual({ status: NOT_GENUINE, secret: ZEROS });
    expect(verifyOne(packet, listed).status).toBe(VALID);
  });

  it("a packet is expired from its expiration on, times being unsigned", () => {
    keySet(SLOT, SUITE, key);
    for (const expiration of [1n, 2n ** 31n, 2n ** 32n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n]) {
      const sealed = resealed(packet, key, ZEROS, (bytes) => bytes.writeBigUInt64LE(expiration, 19));
      const at = (time: bigint): number => verifyOne(sealed, checksOf(vector, { now: time })).status;
      expect([at(0n), at(expiration - 1n), at(expiration)]).toEqual([VALID, VALID, map.STATUS_EXPIRED]);
      expect(at(2n ** 64n - 1n)).toBe(map.STATUS_EXPIRED);
    }
    const never = resealed(packet, key, ZEROS, (bytes) => bytes.writeBigUInt64LE(0n, 19));
    expect(verifyOne(never, checksOf(vector, { now: 0n })).status).toBe(map.STATUS_EXPIRED);
  });

  it("each listed endpoint lets its server in, and no other", () => {
    for (const token of [vectorAt(2), vectorAt(3), vectorAt(5)]) {
      keySet(SLOT, SUITE, hex(token.sharedKey));
      for (const text of token.endpoints) {
        const own = encodeEndpoint(text);
        expect(verifyOne(packetOf(token), checksOf(token, { serverEndpoint: own })).status).toBe(VALID);
        for (let bit = 0; bit < 8 * own.length; bit++) {
          const other = flipped(own, bit);
          if (other[0] === 0) continue; // nothing asked
          const { status } = verifyOne(packetOf(token), checksOf(token, { serverEndpoint: other }));
          expect(status).toBe(map.STATUS_NOT_THIS_SERVER);
        }
      }
    }
  });

  it("endpoints of any make are judged as the format says, and sealed ones opened", () => {
    keySet(SLOT, SUITE, key);
    const endpoint = (): Buffer => {
      const type = [1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 0, 3, 255][randomInt(18)] as number;
      return Buffer.concat([Buffer.from([type]), randomBytes(type === 1 ? 6 : 18)]);
    };
    const seen = new Set<number>();
    for (let i = 0; i < 400; i++) {
      const kind = randomInt(4);
      const list = Array.from(
        { length: randomInt(1, 36) },
        kind === 0
          ? endpoint
          : () => {
              return Buffer.concat([Buffer.from([kind === 1 ? 1 : 2]), Buffer.alloc(kind === 1 ? 6 : 18)]);
            },
      );
      const sealed = resealed(packet, key, ZEROS, (bytes) => {
        bytes.writeUInt32LE(
          [list.length, list.length, list.length, 0, 33, 0x80000001, 0xffffffff][randomInt(7)] as number,
          31,
        );
        bytes.fill(0, 35);
        bytes.set(Buffer.concat(list).subarray(0, bytes.length - 35), 35);
      });
      const checks = checksOf(vector);
      const expected = publicStatus(sealed, XCHACHA_PUBLIC_BYTES, checks);
      expect(verifyOne(sealed, checks).status).toBe(expected);
      seen.add(expected);
    }
    expect([...seen].sort()).toEqual([VALID, map.STATUS_BAD_ENDPOINTS]);
  });

  it("neither zero padding nor ports are inspected", () => {
    keySet(SLOT, SUITE, key);
    const sealed = resealed(packet, key, ZEROS, (bytes) => {
      bytes.writeUInt32LE(1, 31);
      bytes.fill(0xff, 35);
      bytes.set([1, 127, 0, 0, 1, 0, 0], 35);
    });
    expect(verifyOne(sealed, checksOf(vector)).status).toBe(VALID);
  });
});

describe("slots", () => {
  const vector = vectorAt(7);

  it("any listed slot opens, in whatever place, and only listed ones do", () => {
    const others = Array.from({ length: 6 }, (_, i) => 100 + i);
    for (const slot of others) keySet(slot, SUITE, randomBytes(32));
    keySet(SLOT, SUITE, hex(vector.sharedKey));
    for (let place = 0; place <= others.length; place++) {
      const slots = [...others.slice(0, place), SLOT, ...others.slice(place)];
      const { status, secret } = verifyOne(packetOf(vector), checksOf(vector, { slots }));
      expect(status).toBe(VALID);
      expect(secret.equals(secretSection(vector))).toBe(true);
    }
    const without = verifyOne(packetOf(vector), checksOf(vector, { slots: others }));
    expect(without).toEqual({ status: NOT_GENUINE, secret: ZEROS });
    expect(verifyOne(packetOf(vector), checksOf(vector, { slots: [] })).status).toBe(NOT_GENUINE);
    expectNothingLeft();
  });

  it("the first and the last slot work, and a wiped one is empty", () => {
    for (const slot of [0, map.CUTE_KEY_SLOTS - 1]) {
      keySet(slot, SUITE, hex(vector.sharedKey));
      expect(verifyOne(packetOf(vector), checksOf(vector, { slots: [slot] })).status).toBe(VALID);
      kernel.keyWipe(slot);
      const at = map.CUTE_SLOTS + slot * map.CUTE_SLOT_BYTES;
      expect(isZero(at, at + map.CUTE_SLOT_BYTES)).toBe(true);
      expect(verifyOne(packetOf(vector), checksOf(vector, { slots: [slot] })).status).toBe(NOT_GENUINE);
    }
    expect(isZero(map.CUTE_SLOTS + map.CUTE_KEY_SLOTS * map.CUTE_SLOT_BYTES, map.CUTE_TABLE)).toBe(true);
  });

  it("an unknown suite prepares nothing", () => {
    expect(keySet(5, 7, randomBytes(64))).toBe(0);
    const at = map.CUTE_SLOTS + 5 * map.CUTE_SLOT_BYTES;
    expect(isZero(at, at + map.CUTE_SLOT_BYTES)).toBe(true);
  });
});

describe("batches", () => {
  it("of every size from 0 to 70, faults mixed in, are judged packet by packet", () => {
    const keys = [randomBytes(32), randomBytes(32), randomBytes(32)];
    keys.forEach((key, i) => {
      keySet(20 + i, SUITE, key);
    });
    const vector = vectorAt(8);
    const checks = checksOf(vector, { slots: [20, 21] });
    const secrets = Array.from({ length: 12 }, () => randomBytes(SECRET_BYTES));
    const good = secrets.map((secret, i) => resealed(packetOf(vector), keys[i % 2] as Buffer, secret, () => {}));
    const unlisted = resealed(packetOf(vector), keys[2] as Buffer, ZEROS, () => {});
    for (let count = 0; count <= 70; count++) {
      const kinds = Array.from({ length: count }, () => ({ from: randomInt(good.length), fault: randomInt(4) }));
      const packets = kinds.map(({ from, fault }) => {
        if (fault === 2) return unlisted;
        return fault === 3 ? flipped(good[from] as Buffer, randomInt(8192)) : (good[from] as Buffer);
      });
      verify(packets, checks).forEach(({ status, secret }, i) => {
        const { from, fault } = kinds[i] as (typeof kinds)[number];
        const expected =
          publicStatus(packets[i] as Buffer, XCHACHA_PUBLIC_BYTES, checks) || (fault < 2 ? VALID : NOT_GENUINE);
        expect(status).toBe(expected);
        expect(secret.equals(expected === VALID ? (secrets[from] as Buffer) : ZEROS)).toBe(true);
      });
      expectNothingLeft();
    }
  });

  it("fill the window to its last packet", () => {
    const vector = vectorAt(9);
    keySet(SLOT, SUITE, hex(vector.sharedKey));
    const packets = new Array<Buffer>(map.CUTE_MAX_PACKETS).fill(packetOf(vector));
    expect(verify(packets, checksOf(vector)).every(({ status }) => status === VALID)).toBe(true);
  });
});
