import { describe, expect, it } from "vitest";
import { type MessageLimits, Messages } from "../../../src/cute/messages.ts";
import { hex, unhex } from "../../support/bytes.ts";
import { native, type TransportEvent } from "../../support/cute-session.ts";
import { Random } from "../../support/random.ts";

const ROOMY: MessageLimits = { maxMessageBytes: 20 * 1024 * 1024, maxBufferedBytes: 64 * 1024 * 1024 };

/** One side, with what it sent and was given. */
class Peer {
  readonly sent: Uint8Array[] = [];
  readonly got: { reliable: boolean; data: string }[] = [];
  readonly messages: Messages;
  clock = 0;

  constructor(limits: MessageLimits = ROOMY) {
    this.messages = new Messages(limits, {
      emit: (data) => this.sent.push(data),
      deliver: (message, reliable) => this.got.push({ reliable, data: hex(message) }),
    });
  }

  update(dt: number): void {
    this.clock += dt;
    this.messages.update(this.clock);
  }

  /** What was sent since the last call. */
  take(): Uint8Array[] {
    return this.sent.splice(0);
  }
}

/** An ack without a message, which native peers never send. */
const isAckAlone = (data: Uint8Array): boolean => data.length === 17 && data[11] === 0 && data[12] === 0;

const fragment = (
  ackSequence: number,
  fields: { reliable?: number; sequence?: number; count?: number; index?: number; size?: number; part?: Uint8Array },
): Uint8Array => {
  const part = fields.part ?? new Uint8Array(0);
  const data = new Uint8Array(17 + part.length);
  const view = new DataView(data.buffer);
  view.setUint16(0, ackSequence, true);
  view.setUint16(2, 0xffff, true);
  view.setUint8(8, fields.reliable ?? 1);
  view.setUint16(9, fields.sequence ?? 0, true);
  view.setUint16(11, fields.count ?? 1, true);
  view.setUint16(13, fields.index ?? 0, true);
  view.setUint16(15, fields.size ?? part.length, true);
  data.set(part, 17);
  return data;
};
/** The acks in the header of what a peer sends next. */
function acksOf(peer: Peer): { ack: number; bits: number } {
  peer.take();
  peer.messages.send(new Uint8Array(1), false);
  const data = peer.take()[0] as Uint8Array;
  const view = new DataView(data.buffer, data.byteOffset);
  return { ack: view.getUint16(2, true), bits: view.getUint32(4, true) };
}

describe("the native runs of the message layer", () => {
  it("hold 100 packets and 61 messages", () => {
    const all = native.transportRuns.flatMap(({ events }) => events);
    expect(all.filter(({ op }) => op === "emit").length).toBe(100);
    expect(all.filter(({ op }) => op === "message").length).toBe(61);
  });

  it.each(native.transportRuns.map((run, i) => ({ i, run })))(
    "run $i: every packet and message alike, in order",
    ({ run }) => {
      const peers = { A: new Peer(), B: new Peer() };
      const packets: Uint8Array[] = [];
      const expected = run.events.filter(({ op }) => op === "emit" || op === "message");
      const found: TransportEvent[] = [];
      const note = (at: "A" | "B"): void => {
        for (const data of peers[at].take()) {
          found.push({ op: "emit", from: at, index: packets.push(data) - 1, data: hex(data) });
        }
        for (const { reliable, data } of peers[at].got.splice(0)) found.push({ op: "message", at, reliable, data });
      };
      for (const event of run.events) {
        const at = (event.at ?? event.to) as "A" | "B";
        if (event.op === "send") peers[at].messages.send(unhex(event.data as string), event.reliable as boolean);
        if (event.op === "update") peers[at].update(event.dt as number);
        if (event.op === "deliver") peers[at].messages.receive(packets[event.index as number] as Uint8Array);
        if (event.op === "send" || event.op === "update" || event.op === "deliver") note(at);
      }
      expect(found).toEqual(expected.map(({ op, ...rest }) => ({ op, ...rest })));
      expect({ A: peers.A.messages.inFlight, B: peers.B.messages.inFlight }).toEqual(run.reliableFragmentsInFlight);
    },
  );
});

const random = new Random(66);
/** What the receiver makes of one packet, refused or not. */
const verdictOf = (data: Uint8Array, limits?: MessageLimits) => new Peer(limits).messages.receive(data);
const indexOf = (data: Uint8Array): number => (data[13] as number) | ((data[14] as number) << 8);
const sequenceOf = (data: Uint8Array): number => (data[9] as number) | ((data[10] as number) << 8);

describe("sending", () => {
  it.each([0, 1, 1099, 1100, 1101, 2200, 2201, 5000, 35_000])(
    "a message of %i bytes arrives whole, reliable or not",
    (size) => {
      for (const reliable of [true, false]) {
        const [from, to] = [new Peer(), new Peer()];
        const message = random.bytes(size);
        from.messages.send(message, reliable);
        if (reliable) from.update(0.01);
        const packets = from.take();
        expect(packets.length).toBe(Math.max(1, Math.ceil(size / 1100)));
        expect(packets.every((data) => data.length <= 1117)).toBe(true);
        for (const data of packets) expect(to.messages.receive(data)).toBeUndefined();
        expect(to.got).toEqual([{ reliable, data: hex(message) }]);
      }
    },
  );

  it("holds at most 32 fragments in flight, and cuts a message mid-way", () => {
    const peer = new Peer();
    peer.messages.send(random.bytes(20 * 1100), true);
    peer.messages.send(random.bytes(20 * 1100), true);
    peer.update(0.01);
    const first = peer.take();
    expect(first.map((data) => [sequenceOf(data), indexOf(data)]).at(-1)).toEqual([1, 11]);
    expect([first.length, peer.messages.inFlight]).toEqual([32, 32]);
    const other = new Peer();
    for (const data of first.slice(0, 3)) other.messages.receive(data);
    other.messages.acknowledge();
    peer.messages.receive(other.take()[0] as Uint8Array);
    expect(peer.messages.inFlight).toBe(32); // acks are applied with the next update
    peer.update(0.01);
    expect(peer.take().map(indexOf)).toEqual([12, 13, 14]);
    expect(peer.messages.inFlight).toBe(32);
  });

  it("sends again what is overdue by more than 0.1 s, in the order of the list after the last moved into a gap", () => {
    const peer = new Peer();
    peer.messages.send(random.bytes(5 * 1100), true);
    peer.update(0.5);
    const sent = peer.take();
    const other = new Peer();
    other.messages.receive(sent[1] as Uint8Array);
    other.messages.acknowledge();
    peer.messages.receive(other.take()[0] as Uint8Array);
    peer.update(0.1); // 0.6 is not later than 0.5 + 0.1f
    expect(peer.take()).toEqual([]);
    peer.update(0.001);
    expect(peer.take().map(indexOf)).toEqual([0, 4, 2, 3]);
    peer.update(0.1);
    expect(peer.take()).toEqual([]);
  });

  it("gives the same fragment a new ack sequence, and is content with an ack of either", () => {
    for (const acked of [0, 1]) {
      const [peer, other] = [new Peer(), new Peer()];
      peer.messages.send(random.bytes(10), true);
      peer.update(0.01);
      peer.update(0.2);
      const sent = peer.take();
      expect(sent.map((data) => data[0])).toEqual([0, 1]);
      other.messages.receive(sent[acked] as Uint8Array);
      other.messages.acknowledge();
      peer.messages.receive(other.take()[0] as Uint8Array);
      peer.update(0.2);
      expect([peer.take().length, peer.messages.inFlight]).toEqual([0, 0]);
    }
  });

  it("a queue that is full takes nothing, and takes again once it has emptied", () => {
    const peer = new Peer({ maxMessageBytes: 10_000, maxBufferedBytes: 3000 });
    expect(peer.messages.send(random.bytes(10_000), true)).toBe(true);
    expect(peer.messages.send(random.bytes(1), true)).toBe(false);
    peer.update(0.01);
    expect(peer.take().length).toBe(10);
    expect(peer.messages.send(random.bytes(1), true)).toBe(true);
    peer.update(0.01);
    expect(peer.take().map(sequenceOf)).toEqual([1]);
  });

  it("the message's bytes are the caller's own again once send returns", () => {
    const [peer, other] = [new Peer(), new Peer()];
    const message = random.bytes(50).slice();
    const wanted = hex(message);
    peer.messages.send(message, true);
    message.fill(0);
    peer.update(0.01);
    for (const data of peer.take()) other.messages.receive(data);
    expect(other.got).toEqual([{ reliable: true, data: wanted }]);
  });
});

describe("acks", () => {
  it("name the newest packet and the 31 before it", () => {
    const peer = new Peer();
    expect(acksOf(peer)).toEqual({ ack: 65535, bits: 0 });
    for (const sequence of [0, 1, 3]) peer.messages.receive(fragment(sequence, { reliable: 0 }));
    expect(acksOf(peer)).toEqual({ ack: 3, bits: 0b1101 });
    peer.messages.receive(fragment(2, { reliable: 0 }));
    expect(acksOf(peer)).toEqual({ ack: 3, bits: 0b1111 });
    peer.messages.receive(fragment(34, { reliable: 0 }));
    expect(acksOf(peer)).toEqual({ ack: 34, bits: (2 ** 31 + 1) >>> 0 });
    peer.messages.receive(fragment(34 + 32, { reliable: 0 }));
    expect(acksOf(peer)).toEqual({ ack: 66, bits: 1 });
  });

  it("wrap at 65,536", () => {
    const peer = new Peer();
    for (const sequence of [65_534, 65_535, 0, 1]) peer.messages.receive(fragment(sequence, { reliable: 0 }));
    expect(acksOf(peer)).toEqual({ ack: 1, bits: 0b1111 });
  });

  it("of a packet 1024 behind the newest are noted, of one 1025 behind it is nothing", () => {
    const peer = new Peer();
    peer.messages.receive(fragment(2000, { reliable: 0 }));
    expect(peer.messages.receive(fragment(976, { reliable: 0 }))).toBeUndefined();
    expect(peer.messages.receive(fragment(975, { reliable: 0 }))).toBe("stale-message");
    expect(peer.got.length).toBe(2);
  });

  it("without a message are sent once after fragments, repeats too, and never for an ack without a message", () => {
    const [peer, other] = [new Peer(), new Peer()];
    peer.messages.acknowledge();
    expect(peer.take()).toEqual([]);
    const one = fragment(0, { sequence: 0, part: random.bytes(3) });
    for (let i = 0; i < 2; i++) {
      peer.messages.receive(one);
      peer.messages.acknowledge();
      peer.messages.acknowledge();
      const sent = peer.take();
      expect([sent.length, isAckAlone(sent[0] as Uint8Array)]).toEqual([1, true]);
      expect(other.messages.receive(sent[0] as Uint8Array)).toBeUndefined();
    }
    other.messages.acknowledge();
    expect([other.take(), other.got]).toEqual([[], []]);
    peer.messages.receive(one);
    peer.messages.send(random.bytes(1), false);
    peer.take();
    peer.messages.acknowledge();
    expect(peer.take()).toEqual([]);
  });

  it("of packets that were never sent, or long ago, change nothing", () => {
    const peer = new Peer();
    peer.messages.send(random.bytes(10), true);
    peer.update(0.01);
    for (let i = 0; i < 1024; i++) peer.messages.send(new Uint8Array(1), false);
    const liar = fragment(0, { reliable: 0 });
    new DataView(liar.buffer).setUint16(2, 0, true);
    new DataView(liar.buffer).setUint32(4, 0xffffffff, true);
    peer.messages.receive(liar);
    peer.update(0.01);
    expect(peer.messages.inFlight).toBe(1); // number 0 is 1024 back
  });
});

describe("receiving", () => {
  it("delivers reliable messages once and in order, whatever order they come in", () => {
    const [from, to] = [new Peer(), new Peer()];
    const messages = Array.from({ length: 20 }, () => random.bytes(random.below(3000)));
    for (const message of messages) from.messages.send(message, true);
    from.update(0.01);
    const packets = from.take();
    for (const data of [...packets].reverse()) to.messages.receive(data);
    for (const data of packets) to.messages.receive(data);
    const whole = packets.filter((data) => indexOf(data) === ((data[11] as number) | ((data[12] as number) << 8)) - 1);
    expect(to.got.map(({ data }) => data)).toEqual(messages.slice(0, whole.length).map(hex));
  });

  it("a delivered reliable message is ignored and acknowledged; one 2048 ahead is kept, one 2049 ahead is refused", () => {
    const peer = new Peer();
    peer.messages.receive(fragment(0, { sequence: 0 }));
    expect(peer.messages.receive(fragment(1, { sequence: 0 }))).toBeUndefined();
    expect(acksOf(peer)).toEqual({ ack: 1, bits: 3 });
    expect(peer.messages.receive(fragment(2, { sequence: 2049 }))).toBeUndefined();
    expect(peer.messages.receive(fragment(3, { sequence: 2050 }))).toBe("no-room");
    expect(acksOf(peer)).toEqual({ ack: 2, bits: 7 }); // what is refused is not acknowledged
    expect(peer.got.length).toBe(1);
  });

  it.each<[string, Uint8Array]>([
    ["16 bytes", fragment(0, {}).subarray(0, 16)],
    ["no bytes", new Uint8Array(0)],
    ["a size above what came", fragment(0, { size: 4, part: random.bytes(3) })],
    ["a size below what came", fragment(0, { size: 2, part: random.bytes(3) })],
    ["an index that is its count", fragment(0, { count: 2, index: 2, part: random.bytes(3) })],
    ["count 0 with data", fragment(0, { count: 0, index: 1, part: random.bytes(3) })],
    ["count 0, index 0", fragment(0, { reliable: 0, count: 0, index: 0 })],
    ["count 0, index 2", fragment(0, { reliable: 0, count: 0, index: 2 })],
    ["count 0, reliable", fragment(0, { count: 0, index: 1 })],
    ["a short fragment before the last", fragment(0, { count: 2, index: 0, part: random.bytes(1099) })],
    ["a long fragment", fragment(0, { count: 1, part: random.bytes(1101) })],
    ["a kind of 2", fragment(0, { reliable: 2, part: random.bytes(3) })],
  ])("%s is malformed, and not acknowledged", (_, data) => {
    expect(verdictOf(data)).toBe("malformed-message");
    const peer = new Peer();
    peer.messages.receive(data);
    expect(acksOf(peer)).toEqual({ ack: 65535, bits: 0 });
  });

  it("fragments of one message that name different counts are refused, reliable or not", () => {
    for (const reliable of [1, 0]) {
      const peer = new Peer();
      const part = random.bytes(1100);
      expect(peer.messages.receive(fragment(0, { reliable, count: 3, index: 0, part }))).toBeUndefined();
      expect(peer.messages.receive(fragment(1, { reliable, count: 2, index: 1, part: random.bytes(4) }))).toBe(
        "malformed-message",
      );
      expect(peer.messages.receive(fragment(2, { reliable, count: 3, index: 1, part }))).toBeUndefined();
      expect(peer.messages.receive(fragment(3, { reliable, count: 3, index: 2, part }))).toBeUndefined();
      expect(peer.got.length).toBe(1);
    }
  });

  it("a message longer than allowed is refused by what its count says, before anything is kept", () => {
    const limits = { maxMessageBytes: 3000, maxBufferedBytes: 100_000 };
    const part = random.bytes(1100);
    expect(verdictOf(fragment(0, { count: 3, part }), limits)).toBeUndefined();
    expect(verdictOf(fragment(0, { count: 4, part }), limits)).toBe("message-too-large");
    expect(verdictOf(fragment(0, { count: 65_535, part }), limits)).toBe("message-too-large");
    expect(verdictOf(fragment(0, { count: 3, index: 2, part: random.bytes(800) }), limits)).toBeUndefined();
    expect(verdictOf(fragment(0, { count: 3, index: 2, part: random.bytes(801) }), limits)).toBe("message-too-large");
  });

  it("with no room left still takes the next message in order, all others wait for it", () => {
    const peer = new Peer({ maxMessageBytes: 3000, maxBufferedBytes: 5000 });
    const part = random.bytes(1000);
    const verdicts = [5, 4, 3, 2, 1, 0].map((sequence, i) => peer.messages.receive(fragment(i, { sequence, part })));
    expect(verdicts).toEqual([undefined, undefined, undefined, "no-room", "no-room", undefined]);
    expect(peer.messages.receive(fragment(6, { sequence: 1, part }))).toBeUndefined();
    expect(peer.messages.receive(fragment(7, { sequence: 2, part }))).toBeUndefined();
    expect(peer.got.length).toBe(6);
  });

  it("of more than 64 incomplete messages that may be lost, the one begun first is thrown out", () => {
    const peer = new Peer();
    const part = random.bytes(1100);
    for (let i = 0; i < 65; i++) peer.messages.receive(fragment(i, { reliable: 0, sequence: i, count: 2, part }));
    for (let i = 64; i >= 0; i--) {
      peer.messages.receive(fragment(129 - i, { reliable: 0, sequence: i, count: 2, index: 1 }));
    }
    expect(peer.got.length).toBe(64); // all but number 0
  });

  it("a message that may be lost is never put together of two that had the same number", () => {
    const peer = new Peer();
    peer.messages.receive(fragment(0, { reliable: 0, sequence: 7, count: 2, part: new Uint8Array(1100).fill(1) }));
    for (let i = 1; i <= 0x4000; i++) peer.messages.receive(fragment(i & 0xffff, { reliable: 0, sequence: 9 }));
    peer.got.length = 0;
    const late = fragment(0x4001, { reliable: 0, sequence: 7, count: 2, index: 1, part: new Uint8Array(5).fill(2) });
    peer.messages.receive(late);
    expect(peer.got).toEqual([]);
  });

  it("from a peer that lies about everything keeps no more than it was given, and never throws", () => {
    const limits = { maxMessageBytes: 8000, maxBufferedBytes: 20_000 };
    const peer = new Peer(limits);
    let delivered = 0;
    for (let i = 0; i < 100_000; i++) {
      const part = random.bytes(random.pick([0, 1, 1100, 1100, random.below(1100)]));
      const count = random.pick([1, 2, 8, 65_535, random.below(12)]);
      const sequence = random.pick([0, random.below(4), random.below(65_536)]);
      const fields = { reliable: random.below(2), sequence, count, index: random.below(count + 1), part };
      const data = fragment(random.pick([i & 0xffff, random.below(65_536)]), fields);
      new DataView(data.buffer).setUint32(4, random.u32(), true);
      peer.messages.receive(data);
      if (i % 100 === 0) peer.update(0.02);
      delivered += peer.got.splice(0).length;
      peer.take();
    }
    expect(delivered).toBeGreaterThan(1000);
  });
});

describe("a network that drops 30 %, doubles 10 % and reorders by 80 ms", () => {
  it("every reliable message arrives once and in order, 1 to 5000 bytes", () => {
    const network = new Random(2026);
    const peers = [new Peer(), new Peer()] as const;
    const sent: string[][] = [[], []];
    const flying: { at: number; to: number; data: Uint8Array }[] = [];
    const total = 1500;
    for (let time = 0; peers.some(({ got }) => got.length < total) && time < 600; time += 1 / 60) {
      peers.forEach((peer, i) => {
        for (let n = 0; n < 3 && (sent[i] as string[]).length < total; n++) {
          const message = network.bytes(1 + network.below(5000));
          if (peer.messages.send(message, true)) (sent[i] as string[]).push(hex(message));
        }
        peer.update(1 / 60);
        peer.messages.acknowledge();
        for (const data of peer.take()) {
          const copies = network.below(10) < 3 ? 0 : network.below(10) < 1 ? 2 : 1;
          for (let c = 0; c < copies; c++) flying.push({ at: time + network.below(80) / 1000, to: 1 - i, data });
        }
      });
      const due = flying.filter(({ at }) => at <= time).sort((a, b) => a.at - b.at);
      for (const { to, data } of due) (peers[to] as Peer).messages.receive(data);
      const left = flying.filter(({ at }) => at > time);
      flying.splice(0, flying.length, ...left);
    }
    expect(peers[1].got.map(({ data }) => data)).toEqual(sent[0]);
    expect(peers[0].got.map(({ data }) => data)).toEqual(sent[1]);
  }, 60_000);
});
