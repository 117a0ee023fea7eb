import { describe, expect, it } from "vitest";
import type { Target } from "./target.ts";
import { judge, REPEATS, wantsRepeat } from "./verdict.ts";

/** How a target would be judged whose runs came out so, one after the other, for as long as one more is wanted. */
function judged(role: Target["role"], ...ts: readonly number[]) {
  const runs: { t: number }[] = [];
  while (runs.length < ts.length && (runs.length === 0 || wantsRepeat(role, runs))) {
    runs.push({ t: ts[runs.length] as number });
  }
  return { ...judge(role, runs), runs: runs.length };
}

describe("the verdict of the timing test", () => {
  it("is a leak where every run is above 10, whichever class is slower", () => {
    expect(judged("target", 12, -11, 40)).toEqual({ text: "LEAK", fails: true, runs: REPEATS });
  });

  it("is not one where a run stays below 10; above 5 every time is said", () => {
    expect(judged("target", 12, 9, 40)).toMatchObject({ fails: false, text: expect.stringContaining("likely") });
  });

  it("needs no repeat at 5 or below, and is cleared by the first that is", () => {
    expect(judged("target", 4.9, 40, 40)).toMatchObject({ fails: false, text: "not above 5", runs: 1 });
    expect(judged("target", 40, -3, 40)).toMatchObject({ fails: false, text: "not above 5 again", runs: 2 });
  });

  it("asks a leaky control to trip at once", () => {
    expect(judged("leaks", -50, 1, 1)).toMatchObject({ fails: false, runs: 1 });
    expect(judged("leaks", 9.9, 50, 50)).toMatchObject({ fails: true, runs: 1 });
  });

  it("fails by a control of equal classes that is above 5 every time", () => {
    expect(judged("same", 6, 7, -5.1)).toMatchObject({ fails: true, runs: REPEATS });
    expect(judged("same", 6, 4, 7)).toMatchObject({ fails: false, runs: 2 });
  });
});
