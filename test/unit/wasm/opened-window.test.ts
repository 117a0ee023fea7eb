import { expect, it } from "vitest";
import { openInTurns } from "../../../src/wasm/opened-window.ts";

it("records of two turns are joined, and what they were joined from is wiped", () => {
  const [VALID, NOT_GENUINE] = [0, 1];
  const turns = [
    { records: Uint8Array.of(1, 2, 3), starts: Uint32Array.of(0, 0), statuses: [VALID, NOT_GENUINE] },
    { records: Uint8Array.of(4, 5), starts: Uint32Array.of(0, 0), statuses: [NOT_GENUINE, VALID] },
  ];
  const statuses = new Uint8Array(2);
  let turn = 0;
  const opened = openInTurns(2, 1, statuses, NOT_GENUINE, (_from, _to, found) => {
    const next = turns[turn++] as (typeof turns)[number];
    found.set(next.statuses);
    return next;
  });
  expect([...statuses]).toEqual([VALID, VALID]);
  expect([...(opened?.records ?? [])]).toEqual([1, 2, 3, 4, 5]);
  expect([...(opened?.starts ?? [])]).toEqual([0, 3]);
  expect(turns.map(({ records }) => records.some((byte) => byte !== 0))).toEqual([false, false]);
});
