import { describe, expect, it } from "vitest";
import { CUTE_REPLAY_RULE, NETCODE_REPLAY_RULE, ReplayWindow } from "../../../src/session/replay-window.ts";
import { NativeReplayBuffer } from "../../reference/cute-session.ts";
import { native } from "../../support/cute-session.ts";
import { Random } from "../../support/random.ts";

const LIMIT = 2n ** 63n;

/** What a window says to numbers that all prove genuine. */
function taken(window: ReplayWindow, sequences: readonly bigint[]): boolean[] {
  return sequences.map((sequence) => {
    const fresh = window.isFresh(sequence);
    window.accept(sequence);
    return fresh;
  });
}

describe("the native replay traces", () => {
  it.each(native.replayTraces.map((trace, i) => ({ i, trace })))(
    "trace $i: the twin takes what native code took",
    ({ trace }) => {
      const twin = new NativeReplayBuffer();
      expect(trace.sequences.map((sequence) => (twin.accepts(BigInt(sequence)) ? 1 : 0))).toEqual(trace.accepted);
    },
  );

  it.each(native.replayTraces.map((trace, i) => ({ i, trace })))(
    "trace $i: so do we below 2^63, and nothing from there on",
    ({ trace }) => {
      const all = trace.sequences.map(BigInt);
      const twin = new NativeReplayBuffer();
      const expected = all.map((sequence) => sequence < LIMIT && twin.accepts(sequence));
      expect(taken(new ReplayWindow(), all)).toEqual(expected);
    },
  );

  it("most of them are decided alike without exception", () => {
    const plain = native.replayTraces.filter(({ sequences }) =>
      sequences.every((sequence) => BigInt(sequence) < LIMIT),
    );
    expect(plain.length).toBeGreaterThanOrEqual(1);
    for (const { sequences, accepted } of plain) {
      expect(taken(new ReplayWindow(), sequences.map(BigInt)).map(Number)).toEqual(accepted);
    }
  });
});

describe("a replay window", () => {
  it("agrees with the twin on 200,000 numbers that jump forward and back", () => {
    const random = new Random(12);
    for (let run = 0; run < 20; run++) {
      const [window, twin] = [new ReplayWindow(), new NativeReplayBuffer()];
      let at = run % 2 === 0 ? 0 : random.below(2 ** 31) * 2 ** 20;
      for (let i = 0; i < 10_000; i++) {
        at += random.below(8) === 0 ? random.below(700) : 1;
        const sequence = BigInt(Math.max(0, at - random.below(400)));
        const fresh = window.isFresh(sequence);
        window.accept(sequence);
        expect(fresh).toBe(twin.accepts(sequence));
      }
    }
  });

  it("after 500 refuses 244 and below, and takes 245 and above once each", () => {
    const window = new ReplayWindow();
    window.accept(500n);
    for (const sequence of [0n, 243n, 244n, 500n]) expect(window.isFresh(sequence)).toBe(false);
    for (const sequence of [245n, 499n, 501n]) expect(taken(window, [sequence, sequence])).toEqual([true, false]);
  });

  it("stays as it was where a packet was fresh and not genuine", () => {
    const window = new ReplayWindow();
    expect(window.isFresh(9n)).toBe(true);
    expect(window.isFresh(9n)).toBe(true);
  });

  it("by Cute's rule refuses every number from 2^63 on, however fresh", () => {
    const window = new ReplayWindow(CUTE_REPLAY_RULE);
    expect(taken(window, [LIMIT - 1n, LIMIT, LIMIT + 1n, 2n ** 64n - 1n])).toEqual([true, false, false, false]);
    window.accept(2n ** 64n - 1n);
    expect(window.isFresh(LIMIT - 2n)).toBe(true);
  });

  it("by netcode's rule takes what a server counts from 2^63, and never 2^64 - 1", () => {
    const window = new ReplayWindow(NETCODE_REPLAY_RULE);
    expect(taken(window, [LIMIT, LIMIT + 1n, LIMIT, LIMIT - 254n, LIMIT - 255n])).toEqual([
      true,
      true,
      false,
      true,
      false,
    ]);
    const last = 2n ** 64n - 2n;
    expect(taken(window, [last + 1n, last, last, last - 255n, last - 256n])).toEqual([false, true, false, true, false]);
  });

  it("by netcode's rule refuses 44 and 43 after 300, and takes 45 once", () => {
    const window = new ReplayWindow(NETCODE_REPLAY_RULE);
    expect(taken(window, [300n, 44n, 43n, 45n, 45n])).toEqual([true, false, false, true, false]);
  });
});
