import { describe, expect, it } from "vitest";
import { Random } from "../../support/random.ts";
import { smallestSeen, strongest, welch } from "./statistics.ts";

// What `npm run timing` concludes from its measurements, held to measurements made up here: nothing is timed.

/** `count` times that look like a machine's: a floor, jitter, now and then an interruption. */
function made(count: number, seed: number, delay: (which: number, random: Random) => number) {
  const random = new Random(seed);
  const classes = new Uint8Array(count);
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const which = random.below(2);
    const interruption = random.below(50) === 0 ? random.below(100_000) : 0;
    classes[i] = which;
    values[i] = 5000 + random.below(400) + random.below(400) + interruption + delay(which, random);
  }
  return { values, classes };
}

describe("Welch's t", () => {
  it("is what its formula gives for a case worked by hand", () => {
    // 1 2 3 4: mean 2.5, variance 5/3. 2 4 6: mean 4, variance 4. Error: sqrt(5/12 + 4/3) = sqrt(1.75).
    const values = Float64Array.of(1, 2, 2, 4, 3, 4, 6, 1000);
    const classes = Uint8Array.of(0, 0, 1, 1, 0, 0, 1, 0);
    const { t, difference, counts } = welch(values, classes, 6);
    expect(counts).toEqual([4, 3]);
    expect(difference).toBeCloseTo(1.5, 12);
    expect(t).toBeCloseTo(1.5 / Math.sqrt(1.75), 12);
  });

  it("is 0 where nothing varies, and infinite where only the class does", () => {
    const classes = Uint8Array.of(0, 1, 0, 1);
    expect(welch(Float64Array.of(7, 7, 7, 7), classes, 7).t).toBe(0);
    expect(welch(Float64Array.of(7, 8, 7, 8), classes, 8).t).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("the strongest comparison over all crops", () => {
  it("stays small where both classes take the same time", () => {
    const largest = Array.from({ length: 40 }, (_, seed) => {
      const { values, classes } = made(5000, seed, () => 0);
      return Math.abs(strongest(values, classes).t);
    });
    expect(Math.max(...largest)).toBeLessThan(5);
  });

  it("trips where one class takes a hundredth of the jitter's width longer, cropped of its interruptions", () => {
    const { values, classes } = made(200_000, 1, (which) => which * 8);
    const found = strongest(values, classes);
    expect(found.t).toBeGreaterThan(8);
    expect(found.kept).toBeLessThan(1);
    expect(Math.abs(welch(values, classes, Number.POSITIVE_INFINITY).t)).toBeLessThan(5);
  });

  it("trips where one class is slower only now and then", () => {
    const { values, classes } = made(200_000, 2, (which, random) => (which && random.below(100) === 0 ? 3000 : 0));
    const found = strongest(values, classes);
    expect(found.t).toBeGreaterThan(10);
    expect(found.kept).toBeGreaterThan(0.95);
  });

  it("tells by its sign which class is slower", () => {
    const { values, classes } = made(50_000, 3, (which) => (1 - which) * 50);
    expect(strongest(values, classes).t).toBeLessThan(-10);
  });

  it("names a delay that would have been seen, and half of which would not", () => {
    const reached = (seed: number, delay: number) => {
      const { values, classes } = made(20_000, seed, (which) => which * delay);
      return Math.abs(strongest(values, classes).t);
    };
    const { values, classes } = made(20_000, 5, () => 0);
    const delay = smallestSeen(values, classes, 10);
    expect(reached(6, 1.5 * delay)).toBeGreaterThan(10);
    expect(reached(7, delay / 2)).toBeLessThan(10);
  });

  it("refuses to speak of too few", () => {
    const { values, classes } = made(150, 4, () => 0);
    expect(() => strongest(values, classes)).toThrow("too few");
  });
});
