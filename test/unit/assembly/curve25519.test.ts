import { readFileSync } from "node:fs";
import { beforeEach, describe, expect, test } from "vitest";
import {
  add,
  BASE,
  fromBytes,
  invert,
  L,
  ladder,
  lift,
  mod,
  multiply,
  multiplyX,
  P,
  type Point,
  squareRoot,
  toBytes,
} from "../../reference/curve25519.ts";
import { all, BYTES, get, kernel, memory, OUT, put, QUAD, random } from "./curve25519.ts";

const TABLE = 0x48000;

beforeEach(() => {
  memory.fill(0, BYTES, OUT + 64);
});

describe("scalars", () => {
  const orders = Array.from({ length: 16 }, (_, k) => BigInt(k) * L);
  const scalarEdges = [
    ...orders.flatMap((order) => [order, order + 1n, order - 1n]),
    2n ** 252n,
    2n ** 255n,
    all,
  ].filter((value) => value >= 0n && value <= all);

  test("reduces, and tells what is reduced and what is zero", () => {
    const bits = Array.from({ length: 256 }, (_, i) => 1n << BigInt(i));
    for (const value of [...scalarEdges, ...bits, ...Array.from({ length: 1000 }, random)]) {
      put(BYTES, value);
      kernel.reduce(OUT, BYTES);
      expect(get(OUT)).toBe(value % L);
      expect(kernel.isReduced(BYTES)).toBe(value < L ? 1 : 0);
      expect(kernel.isZero(BYTES)).toBe(value === 0n ? 1 : 0);
    }
  });

  test("adds r and c · a, and takes c · a from r", () => {
    const few = scalarEdges.filter((_, i) => i % 5 < 2);
    const cases = few.flatMap((r) => few.flatMap((c) => few.map((a) => [r, c, a] as const)));
    const randoms = Array.from({ length: 1000 }, () => [random(), random(), random()] as const);
    for (const [r, c, a] of [...cases, ...randoms]) {
      put(BYTES, r, c, a);
      kernel.multiplyAdd(OUT, BYTES, 1n, BYTES + 32, BYTES + 64);
      expect(get(OUT)).toBe((r + c * a) % L);
      kernel.multiplyAdd(OUT, BYTES, -1n, BYTES + 32, BYTES + 64);
      expect(get(OUT)).toBe(mod(r - c * a, L));
    }
  });

  test("turns a scalar into 260 signs that add up to it", () => {
    for (const value of [...scalarEdges, ...Array.from({ length: 1000 }, random)]) {
      put(BYTES, value);
      kernel.toSigns(OUT, BYTES);
      const signs = get(OUT);
      expect(signs < 2n ** 254n).toBe(true);
      expect(mod(2n * signs - (2n ** 260n - 1n), L)).toBe(value % L);
    }
  });
});

describe("ladder", () => {
  test("agrees with the twin for any scalar and any u, on the curve and its twist", () => {
    const values = [0n, 1n, 2n, 9n, L, P - 1n, P, P + 1n, all];
    const pairs = values.flatMap((scalar) => values.map((u) => [scalar, u] as const));
    for (const [scalar, u] of [...pairs, ...Array.from({ length: 60 }, () => [random(), random()] as const)]) {
      put(BYTES, scalar, u);
      kernel.ladderProjective(OUT, BYTES, 256, BYTES + 32);
      const expected = ladder(scalar, u);
      // The same point, projectively; both may be 0 : 0 where u is 0.
      const [x, z] = [get(OUT), get(OUT + 32)];
      expect(mod(x * expected.z - z * expected.x, P)).toBe(0n);
      expect([x === 0n, z === 0n]).toEqual([expected.x === 0n, expected.z === 0n]);
    }
  });

  test("counts only the bits asked for", () => {
    put(BYTES, all, 9n);
    kernel.ladderProjective(OUT, BYTES, 4, BYTES + 32);
    expect(mod(get(OUT) * invert(get(OUT + 32)), P)).toBe(multiplyX(15n, 9n));
  });

  test("the twin's ladder agrees with chord and tangent", () => {
    const base = lift(BASE) as Point;
    for (const scalar of [1n, 2n, 3n, 8n, L - 1n, L + 5n, random(), random()]) {
      expect(multiplyX(scalar, BASE)).toBe(multiply(scalar, base)?.u);
    }
    expect(multiply(L, base)).toBe(null);
  });

  interface Case {
    tcId: number;
    public: string;
    private: string;
    shared: string;
  }
  const path = new URL("../../vectors/wycheproof/x25519_test.json", import.meta.url);
  const groups = JSON.parse(readFileSync(path, "utf8")).testGroups as { tests: Case[] }[];
  const cases = groups.flatMap((group) => group.tests);

  test("Wycheproof X25519, all 518 cases", () => {
    expect(cases.length).toBe(518);
    for (const { tcId, public: u, private: scalar, shared } of cases) {
      const clamped = Buffer.from(scalar, "hex");
      clamped[0] = (clamped[0] as number) & 248;
      clamped[31] = ((clamped[31] as number) & 127) | 64;
      memory.set(clamped, BYTES);
      memory.set(Buffer.from(u, "hex"), BYTES + 32);
      memory[BYTES + 63] = (memory[BYTES + 63] as number) & 127;
      kernel.ladderProjective(OUT, BYTES, 256, BYTES + 32);
      kernel.invert(OUT + 32, OUT + 32);
      const product = mod(get(OUT) * get(OUT + 32), P);
      expect(Buffer.from(toBytes(product)).toString("hex"), `case ${tcId}`).toBe(shared);
    }
  });
});

describe("multiples of B", () => {
  test("every table entry is the point it stands for", () => {
    kernel.curveStart();
    const before = memory.slice(TABLE, TABLE + 0x80000);
    kernel.curveStart();
    expect(Buffer.compare(before, memory.subarray(TABLE, TABLE + 0x80000))).toBe(0);
    const half = (P + 1n) / 2n;
    const d = mod(-121665n * invert(121666n), P);
    const scale = squareRoot(mod(-486664n, P)) as bigint;
    let window = lift(BASE) as Point;
    for (let w = 0; w < 52; w++) {
      const twice = add(window, window);
      let point = window;
      for (let j = 0; j < 16; j++) {
        const { u, v } = point as { u: bigint; v: bigint };
        const y = mod((u - 1n) * invert(u + 1n), P);
        // Of the two signs of x either makes a right table; this is the one that the table has.
        const x = mod(scale * u * invert(v), P);
        const entry = TABLE + (w >> 2) * 7680 + j * QUAD;
        const parts = [0, 1, 2].map((part) => {
          kernel.writeLane(OUT, entry + part * 2560, w & 3);
          return get(OUT);
        });
        expect(parts, `window ${w}, entry ${j}`).toEqual(
          [(y - x) * half, (y + x) * half, d * x * y].map((e) => mod(e, P)),
        );
        point = add(point, twice);
      }
      for (let i = 0; i < 5; i++) window = add(window, window);
    }
  });

  const windows = (digit: number): bigint =>
    Array.from({ length: 51 }, (_, i) => BigInt(digit) << BigInt(5 * i)).reduce((sum, part) => sum + part);
  // Scalars whose signs are digits all alike: what toSigns does, undone.
  const fromSigns = (signs: bigint): bigint => mod(2n * signs - (2n ** 260n - 1n), L);
  const scalars: [string, bigint[]][] = [
    ["small and large", [0n, 1n, 2n, 3n, 9n, L - 1n, L, L + 1n, 2n * L, 15n * L, 15n * L + 1n, all, all - 1n]],
    ["single bits", Array.from({ length: 256 }, (_, i) => 1n << BigInt(i))],
    ["digits all alike", Array.from({ length: 32 }, (_, digit) => fromSigns(mod(windows(digit), L)))],
    ["random", Array.from({ length: 100 }, random)],
  ];
  test.each(scalars)("%s", (_, values) => {
    for (const scalar of values) {
      put(BYTES, scalar);
      kernel.baseProjective(OUT, BYTES);
      const [x, z] = [get(OUT), get(OUT + 32)];
      expect(z === 0n).toBe(scalar % L === 0n);
      expect(x === 0n).toBe(false);
      const expected = multiplyX(scalar, BASE);
      if (z !== 0n) expect(mod(x - z * expected, P)).toBe(0n);
      kernel.publicKey(BYTES, OUT);
      expect(get(OUT)).toBe(expected);
    }
  });
});

describe("points of small order", () => {
  // RFC 7748 leaves them out; u = 0, 1, -1 and the two of order 8.
  const small = [
    0n,
    1n,
    P - 1n,
    fromBytes(Buffer.from("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800", "hex")),
    fromBytes(Buffer.from("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157", "hex")),
  ];

  test("are told in every encoding", () => {
    for (const u of small) {
      expect(ladder(8n, u, 4).z).toBe(0n);
      for (let encoding = u; encoding <= all; encoding += P) {
        put(BYTES, encoding);
        expect(kernel.isSmallOrder(BYTES)).toBe(1);
      }
    }
  });

  test("are not confused with others, of mixed order or on the twist", () => {
    const torsion = lift(small[3] as bigint) as Point;
    const mixed = add(multiply(random(), lift(BASE) as Point), torsion)?.u as bigint;
    const others = [2n, 3n, 9n, BASE + P, mixed, ...Array.from({ length: 50 }, random)];
    for (const u of others) {
      put(BYTES, u);
      expect(kernel.isSmallOrder(BYTES)).toBe(ladder(8n, u, 4).z === 0n ? 1 : 0);
      expect(kernel.isSmallOrder(BYTES)).toBe(0);
    }
  });
});
