import { beforeEach, describe, expect, test } from "vitest";
import { invert, mod, P } from "../../reference/curve25519.ts";
import { BYTES, edges, get, kernel, memory, OUT, put, QUAD, random } from "./curve25519.ts";

const limbs = new Int16Array(kernel.memory.buffer);
const lanes = [0, 1, 2, 3];
const QUAD_1 = 0x101000;
const QUAD_2 = 0x102000;
const QUAD_3 = 0x103000;
const QUAD_4 = 0x104000;

function putQuad(quad: number, values: bigint[]): void {
  values.forEach((value, lane) => {
    put(BYTES, value);
    kernel.readLane(quad, lane, BYTES);
  });
}

function getQuad(quad: number): bigint[] {
  return lanes.map((lane) => {
    kernel.writeLane(OUT, quad, lane);
    return get(OUT);
  });
}

const limbAt = (quad: number, lane: number, k: number): number => quad / 2 + 8 * (k >> 1) + 2 * lane + (k & 1);

/** What the limbs of a lane say, reduced by nobody. */
function limbValue(quad: number, lane: number): bigint {
  return Array.from({ length: 20 }, (_, k) => BigInt(limbs[limbAt(quad, lane, k)] as number) << BigInt(13 * k)).reduce(
    (sum, part) => sum + part,
  );
}

/** Fills a lane with limbs of the given kind. */
function putLimbs(quad: number, lane: number, limb: (k: number) => number): void {
  for (let k = 0; k < 20; k++) limbs[limbAt(quad, lane, k)] = limb(k);
}

function expectCarried(quad: number): void {
  for (const lane of lanes) {
    for (let k = 0; k < 20; k++) {
      const size = limbs[limbAt(quad, lane, k)] as number;
      const slack = k === 11 ? 40 : 0;
      expect(size).toBeGreaterThanOrEqual(-4864 - slack);
      expect(size).toBeLessThanOrEqual(4095 + slack);
    }
  }
}

beforeEach(() => {
  memory.fill(0, BYTES, QUAD_4 + QUAD);
});

describe("field", () => {
  test("reads any 256-bit integer into balanced limbs and writes it reduced", () => {
    for (const value of [...edges, ...Array.from({ length: 500 }, random)]) {
      putQuad(QUAD_1, [value, 0n, value, 5n]);
      expectCarried(QUAD_1);
      expect(limbValue(QUAD_1, 0)).toBe(value);
      expect(getQuad(QUAD_1)).toEqual([value % P, 0n, value % P, 5n]);
    }
  });

  test("reads and writes nothing beyond an element's 32 bytes and an element's own lane", () => {
    memory.fill(0xaa, BYTES - 32, BYTES + 64);
    memory.fill(0x55, QUAD_1 - 16, QUAD_1 + QUAD + 16);
    put(BYTES, P - 2n);
    kernel.readLane(QUAD_1, 2, BYTES);
    for (let i = -16; i < QUAD + 16; i++) {
      const inLane = i >= 0 && i < QUAD && i % 16 >= 8 && i % 16 < 12;
      if (!inLane) expect(memory[QUAD_1 + i]).toBe(0x55);
    }
    kernel.writeLane(BYTES, QUAD_1, 2);
    expect(get(BYTES)).toBe(P - 2n);
    expect(memory.subarray(BYTES - 32, BYTES).every((byte) => byte === 0xaa)).toBe(true);
    expect(memory.subarray(BYTES + 32, BYTES + 64).every((byte) => byte === 0xaa)).toBe(true);
  });

  test("multiplies every edge with every edge, in every lane", () => {
    for (const a of edges) {
      for (let i = 0; i < edges.length; i++) {
        const b = lanes.map((lane) => edges[(i + lane) % edges.length] as bigint);
        putQuad(QUAD_1, [a, a, a, a]);
        putQuad(QUAD_2, b);
        kernel.multiply(QUAD_3, QUAD_1, QUAD_2);
        expectCarried(QUAD_3);
        expect(getQuad(QUAD_3)).toEqual(b.map((each) => (a * each) % P));
      }
    }
  });

  test("multiplies, squares, adds and subtracts random elements, in place too", () => {
    for (let i = 0; i < 300; i++) {
      const [a, b] = [lanes.map(random), lanes.map(random)];
      const expected = (f: (x: bigint, y: bigint) => bigint): bigint[] =>
        a.map((each, lane) => mod(f(each, b[lane] as bigint), P));
      putQuad(QUAD_1, a);
      putQuad(QUAD_2, b);
      kernel.add(QUAD_3, QUAD_1, QUAD_2);
      expect(getQuad(QUAD_3)).toEqual(expected((x, y) => x + y));
      kernel.subtract(QUAD_3, QUAD_1, QUAD_2);
      expect(getQuad(QUAD_3)).toEqual(expected((x, y) => x - y));
      kernel.sumAndDifference(QUAD_3, QUAD_4, QUAD_1, QUAD_2);
      expect(getQuad(QUAD_3)).toEqual(expected((x, y) => x + y));
      expect(getQuad(QUAD_4)).toEqual(expected((x, y) => x - y));
      kernel.multiply(QUAD_4, QUAD_3, QUAD_4);
      expect(getQuad(QUAD_4)).toEqual(expected((x, y) => (x + y) * (x - y)));
      kernel.multiply(QUAD_3, QUAD_1, QUAD_1);
      expect(getQuad(QUAD_3)).toEqual(expected((x) => x * x));
      kernel.multiply(QUAD_1, QUAD_1, QUAD_2);
      expect(getQuad(QUAD_1)).toEqual(expected((x, y) => x * y));
      kernel.multiply(QUAD_2, QUAD_1, QUAD_2);
      expect(getQuad(QUAD_2)).toEqual(expected((x, y) => x * y * y));
    }
  });

  // The largest and smallest limbs that the bounds in multiply.ts allow, in patterns that make columns as large as they
  // get.
  const limit = 9808;
  const patterns: ((k: number) => number)[] = [
    () => limit,
    () => -limit,
    (k) => (k & 1 ? -limit : limit),
    (k) => (k < 10 ? limit : -limit),
    (k) => (k < 10 ? -limit : limit),
    () => (Math.random() < 0.5 ? limit : -limit),
    () => Math.floor((2 * Math.random() - 1) * limit),
  ];
  test("multiplies limbs as large as sums of two get", () => {
    for (const patternA of patterns) {
      for (const patternB of patterns) {
        for (const lane of lanes) {
          putLimbs(QUAD_1, lane, patternA);
          putLimbs(QUAD_2, lane, patternB);
        }
        kernel.multiply(QUAD_3, QUAD_1, QUAD_2);
        expectCarried(QUAD_3);
        for (const lane of lanes) {
          const product = mod(limbValue(QUAD_1, lane) * limbValue(QUAD_2, lane), P);
          expect(mod(limbValue(QUAD_3, lane), P)).toBe(product);
        }
        expect(getQuad(QUAD_3)).toEqual(lanes.map((lane) => mod(limbValue(QUAD_3, lane), P)));
      }
    }
  });

  test("writes limbs of any size reduced", () => {
    for (const limb of [() => 32767, () => -32768, (k: number) => (k & 1 ? 32767 : -32768)]) {
      putLimbs(QUAD_1, 1, limb);
      kernel.writeLane(OUT, QUAD_1, 1);
      expect(get(OUT)).toBe(mod(limbValue(QUAD_1, 1), P));
    }
    for (let i = 0; i < 500; i++) {
      putLimbs(QUAD_1, 1, () => Math.floor(Math.random() * 65536) - 32768);
      kernel.writeLane(OUT, QUAD_1, 1);
      expect(get(OUT)).toBe(mod(limbValue(QUAD_1, 1), P));
    }
    // One more and one less than multiples of p.
    for (let offset = -3n; offset <= 3n; offset++) {
      for (const multiple of [-3n, -1n, 0n, 1n, 2n, 5n]) {
        const value = multiple * P + offset;
        putLimbs(QUAD_1, 1, (k) => (k < 19 ? Number((value >> BigInt(13 * k)) & 8191n) : Number(value >> 247n)));
        kernel.writeLane(OUT, QUAD_1, 1);
        expect(get(OUT)).toBe(mod(value, P));
      }
    }
  });

  test("inverts", () => {
    const values = [0n, 1n, 2n, 9n, P - 1n, P - 2n, (P + 1n) / 2n, 2n ** 254n, 2n ** 30n, 2n ** 240n - 1n];
    const powers = Array.from({ length: 255 }, (_, i) => 2n ** BigInt(i)).map((power) => power % P);
    for (const value of [...values, ...powers, ...Array.from({ length: 1000 }, () => random() % P)]) {
      put(BYTES, value);
      kernel.invert(OUT, BYTES);
      expect(get(OUT)).toBe(invert(value));
      kernel.invert(BYTES, BYTES);
      expect(get(BYTES)).toBe(invert(value));
    }
  });
});
