import { describe, expect, it } from "vitest";
import { type MessageLimits, Messages } from "../../../src/cute/messages.ts";
import { concat, hex, unhex } from "../../support/bytes.ts";
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

const ACK_ALONE_TAIL = "00" + "0000" + "0000" + "0100" + "0000";
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
