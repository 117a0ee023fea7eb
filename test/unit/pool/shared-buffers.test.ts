import { afterEach, describe, expect, it } from "vitest";
import { concat } from "../../support/bytes.ts";
import { NOW, tokensOf, xchacha } from "../../support/cute.ts";
import { expectedTexts, genuinePackets, poolOf, restoreWorkers, texts, watchWorkers } from "../../support/pool.ts";
import { Random } from "../../support/random.ts";

const random = new Random(44);
const packets = genuinePackets(xchacha, 2, 500, random);
const expected = expectedTexts(tokensOf(xchacha, 2), packets);
/** More than all buffers hold. */
const many = concat(...Array.from({ length: 48 }, () => packets).flat());

afterEach(restoreWorkers);

describe("the shared buffers of two workers", () => {
  it("are 68, and all of them come back: from calls that end well, that are aborted, and from workers that end", async () => {
    let buffers = new Set<unknown>();
    let sizes: number[] = [];
    let ending = 0;
    const made = watchWorkers((worker, message, deliver) => {
      if (message.kind === "work") {
        buffers.add(message.packets);
        sizes.push(message.count as number);
        if (ending > 0 && --ending % 9 === 0) setTimeout(() => worker.terminate(), 1);
      }
      deliver();
    });
    const pool = poolOf(xchacha, 2);
    expect(texts(await pool.verifyMany(packets, { now: NOW }))).toEqual(expected);
    const large = async (): Promise<void> => {
      buffers = new Set();
      sizes = [];
      const verdicts = await pool.verifyMany(many, { now: NOW });
      expect(texts(verdicts).slice(-500)).toEqual(expected);
      expect(verdicts.length).toBe(24_000);
      expect(buffers).toEqual(new Set(Array.from({ length: 68 }, (_, i) => i)));
      // The last tasks are half as long.
      expect([Math.max(...sizes), ...sizes.slice(-3)]).toEqual([256, 128, 128, 64]);
    };
    await large();
    for (let round = 0; round < 12; round++) {
      const controller = new AbortController();
      ending = 40;
      const call = pool.verifyMany(many, { now: NOW, signal: controller.signal });
      setTimeout(() => controller.abort(new Error("enough")), random.below(8));
      await call.catch(() => {});
      ending = 0;
      expect(texts(await pool.verifyMany(packets, { now: NOW }))).toEqual(expected);
    }
    expect(made.length).toBeGreaterThan(4);
    // A worker may still be at work on what was aborted; calls that all workers share come after it.
    for (let i = 0; i < 4; i++) await pool.verifyMany(many, { now: NOW });
    await large();
    await pool.close();
  });
});
