import { describe, expect, it } from "vitest";
import { openPackets, packetSource, WRONG_SIZE } from "../../../src/common/packet-batch.ts";
import { thrownBy } from "../../support/errors.ts";

const BYTES = 11;
const packet = (value: number): Uint8Array => new Uint8Array(BYTES).fill(value);

/** Opens windows of four: a packet is valid where its first byte is even, and what is kept of it is that byte. */
function open(given: unknown) {
  const calls: number[][] = [];
  const opened = openPackets(packetSource(given, BYTES), 4, (write, statuses) => {
    const target = new Uint8Array(statuses.length * BYTES);
    write(target);
    const first = Array.from(statuses, (_, i) => target[i * BYTES] as number);
    calls.push(first);
    statuses.set(first.map((byte) => byte % 2));
    return { records: Uint8Array.from(first), starts: Uint32Array.from(first.keys()) };
  });
  return { ...opened, calls };
}

describe("packets of any length", () => {
  it("go to the kernel window by window, end to end or from a list", () => {
    const values = Array.from({ length: 10 }, (_, i) => i);
    const contiguous = new Uint8Array(10 * BYTES);
    values.forEach((value) => {
      contiguous.fill(value, value * BYTES, (value + 1) * BYTES);
    });
    for (const given of [contiguous, values.map(packet)]) {
      const { statuses, windows, windowPackets, calls } = open(given);
      expect([...statuses]).toEqual(values.map((value) => value % 2));
      expect(calls).toEqual([
        [0, 1, 2, 3],
        [4, 5, 6, 7],
        [8, 9],
      ]);
      expect([windows.length, windowPackets]).toEqual([3, 4]);
    }
  });

  it("keep their places beside what is none, whose own starts with a byte that every scheme refuses", () => {
    const { statuses, calls } = open([packet(2), packet(2).subarray(1), null, new Uint8Array(BYTES + 1), packet(4)]);
    expect([...statuses]).toEqual([0, WRONG_SIZE, WRONG_SIZE, WRONG_SIZE, 0]);
    expect(calls).toEqual([[2, 0xff, 0xff, 0xff], [4]]);
  });

  it("are a multiple of their length where they come end to end, and nothing but bytes or a list", () => {
    expect(open(new Uint8Array(0)).statuses).toHaveLength(0);
    expect(thrownBy(() => open(new Uint8Array(BYTES + 1)))).toMatchObject({ code: "ERR_RANGE", argument: "packets" });
    for (const given of [undefined, "", {}, { length: 0 }]) {
      expect(thrownBy(() => open(given))).toMatchObject({ code: "ERR_TYPE", argument: "packets" });
    }
  });
});
