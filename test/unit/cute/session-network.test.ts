import { expect, it } from "vitest";
import { hex } from "../../support/bytes.ts";
import { lossy, World } from "../../support/cute-world.ts";
import { Random } from "../../support/random.ts";

// Handshake, keep alives, acks and fragments together, on a network that drops 30 %, doubles 10 % and reorders by 80 ms.

/** Sends `count` reliable messages each way between a server and its clients, and says what arrived where. */
function exchange(seed: number, clientCount: number, count: number) {
  const random = new Random(seed);
  const world = new World({ maxClients: clientCount, connectionTimeout: 20 }, lossy(seed));
  const clients = Array.from({ length: clientCount }, () => world.add());
  expect(world.until(() => clients.every(({ state }) => state === "connected"), 20)).toBe(true);
  const message = () => random.bytes(1 + random.below(5000));
  const sent = clients.map(() => ({ up: [] as string[], down: [] as string[] }));
  const got = clients.map(() => ({ up: [] as string[], down: [] as string[] }));
  const slotOf = new Map<number, number>();
  const done = () => got.every(({ up, down }) => up.length >= count && down.length >= count);
  const collect = () => {
    for (const event of world.events.splice(0)) {
      if (event.type === "connected") slotOf.set(event.clientIndex, Number(event.claims.clientId) - 1);
      if (event.type === "message")
        got[slotOf.get(event.clientIndex) as number]?.up.push(hex(event.data.subarray(0, 16)) + event.data.length);
    }
    clients.forEach((client, i) => {
      for (const event of client.events())
        if (event.type === "message") got[i]?.down.push(hex(event.data.subarray(0, 16)) + event.data.length);
    });
  };
  collect();
  for (let ticks = 0; !done() && ticks < 60 * 600; ticks++) {
    const indexOf = new Map([...slotOf].map(([slot, i]) => [i, slot]));
    clients.forEach((client, i) => {
      const { up, down } = sent[i] as (typeof sent)[number];
      for (let n = 0; n < 2; n++) {
        const [a, b] = [message(), message()];
        if (up.length < count && client.send(a, { reliable: true })) up.push(hex(a.subarray(0, 16)) + a.length);
        if (down.length < count && world.server.send(indexOf.get(i) as number, b, { reliable: true })) {
          down.push(hex(b.subarray(0, 16)) + b.length);
        }
      }
    });
    world.tick();
    collect();
  }
  return { sent, got };
}

it("every reliable message of 1 to 5000 bytes arrives once and in order, both ways", () => {
  for (const seed of [1, 2, 3]) {
    const { sent, got } = exchange(seed, 4, 60);
    expect(got).toEqual(sent);
  }
}, 60_000);

it("10^5 of them do", () => {
  const { sent, got } = exchange(2026, 50, 1000);
  expect(got).toEqual(sent);
}, 900_000);
