// The layer above packets of type 7: acks and fragments. Sans-IO: data of a packet in and out, time as an argument.
// Source: `cn_transport_*` and `cn_ack_system_*` of cute_net.h.
import { type Fragment, FragmentsInFlight } from "./fragments.ts";
import { FRAGMENT_BYTES, type MessageHeader, readHeader, writeHeader } from "./message-header.ts";
import { type ArrivalProblem, type MessageLimits, Reassembly } from "./reassembly.ts";

export type { MessageLimits } from "./reassembly.ts";

/** Where packets and messages go. */
export interface MessageSink {
  /** Data of a packet of type 7, 17 to 1117 bytes. */
  emit(data: Uint8Array<ArrayBuffer>): void;
  deliver(message: Uint8Array<ArrayBuffer>, reliable: boolean): void;
}

/** Why the data of a genuine packet was refused. */
export type MessageProblem = ArrivalProblem | "malformed-message" | "stale-message";

/** The header's word for "nothing received yet". */
const NONE = 0xffff;
/** Ack sequences that are remembered, each way. */
const REMEMBERED = 1024;

type Carried = Fragment | "no-fragment";

/** Both directions of one connection's messages, fresh with the connection. */
export class Messages {
  readonly #sink: MessageSink;
  readonly #limits: MessageLimits;
  readonly #inFlight: FragmentsInFlight = new FragmentsInFlight();
  readonly #reassembly: Reassembly;
  /** Ack sequence of the next packet. */
  #nextAck = 0;
  #nextUnreliable = 0;
  /** Of the last 1024 packets, by ack sequence: the reliable fragment it carried. Absent once it is acknowledged. */
  readonly #sent: (Carried | undefined)[] = new Array(REMEMBERED).fill(undefined);
  /** Fragments acknowledged since the last update, in the order of arrival. */
  readonly #acknowledged: Fragment[] = [];
  #newestReceived = -1;
  #receivedBits = 0;
  #owesAck = false;

  constructor(limits: MessageLimits, sink: MessageSink) {
    this.#limits = limits;
    this.#sink = sink;
    this.#reassembly = new Reassembly(limits, (message, reliable) => sink.deliver(message, reliable));
  }

  /** Reliable fragments that were sent and not yet acknowledged, as of the last update. */
  get inFlight(): number {
    return this.#inFlight.length;
  }

  /**
   * Sends a message: one that may be lost goes out at once, a reliable one with the next update.
   *
   * @param message at most `maxMessageBytes`; copied
   * @returns false where the queue of reliable messages is full: nothing was queued
   */
  send(message: Uint8Array, reliable: boolean): boolean {
    if (reliable) return this.#inFlight.queue(message, this.#limits.maxBufferedBytes);
    const count = Math.max(1, Math.ceil(message.length / FRAGMENT_BYTES));
    const sequence = this.#nextUnreliable;
    this.#nextUnreliable = (sequence + 1) & NONE;
    for (let index = 0; index < count; index++) {
      const part = message.subarray(index * FRAGMENT_BYTES, (index + 1) * FRAGMENT_BYTES);
      this.#emit({ reliable: false, sequence, count, index, part }, "no-fragment");
    }
    return true;
  }

  /**
   * Takes the data of a genuine packet of type 7.
   *
   * @returns what is wrong with it; what is refused is not acknowledged
   */
  receive(data: Uint8Array): MessageProblem | undefined {
    const header = readHeader(data);
    if (header === undefined) return "malformed-message";
    if (this.#isStale(header.ackSequence)) return "stale-message";
    this.#takeAcks(header.ack, header.ackBits);
    if (header.count === 0) {
      this.#noteReceived(header.ackSequence);
      return undefined;
    }
    // Validity and room come first: a fragment that was refused and acknowledged would be lost for ever.
    const problem = this.#reassembly.problemOf(header);
    if (problem !== undefined) return problem;
    this.#noteReceived(header.ackSequence);
    this.#owesAck = true;
    this.#reassembly.take(header);
    return undefined;
  }

  /**
   * Applies what was acknowledged, sends again what is overdue, then what waits, as native code does in every update.
   *
   * @param time seconds of a clock that does not go back
   */
  update(time: number): void {
    for (const fragment of this.#acknowledged) this.#inFlight.acknowledge(fragment);
    this.#acknowledged.length = 0;
    for (const fragment of this.#inFlight.due(time)) this.#emitReliable(fragment, time);
    for (let next = this.#inFlight.next(); next !== undefined; next = this.#inFlight.next()) {
      this.#emitReliable(next, time);
    }
  }

  /**
   * Sends an ack without a message where fragments came in and nothing was sent since: acks travel in packets of type 7
   * only, and a peer that is not answered within 0.1 s sends again. Native peers read the ack and drop the rest. Such an
   * ack is never answered by another.
   */
  acknowledge(): void {
    if (this.#owesAck) this.#emit({ reliable: false, sequence: 0, count: 0, index: 1, part: NO_BYTES }, "no-fragment");
  }

  #emitReliable(fragment: Fragment, time: number): void {
    const { sequence, count, index, part } = fragment;
    fragment.lastSent = time;
    this.#emit({ reliable: true, sequence, count, index, part }, fragment);
  }

  #emit(message: Pick<MessageHeader, "reliable" | "sequence" | "count" | "index" | "part">, carried: Carried): void {
    const ackSequence = this.#nextAck;
    this.#nextAck = (ackSequence + 1) & NONE;
    this.#sent[ackSequence % REMEMBERED] = carried;
    const ack = this.#newestReceived < 0 ? NONE : this.#newestReceived;
    this.#owesAck = false;
    this.#sink.emit(writeHeader({ ackSequence, ack, ackBits: this.#receivedBits, ...message }));
  }

  /** More than 1024 behind the newest, by half of the range. */
  #isStale(ackSequence: number): boolean {
    if (this.#newestReceived < 0) return false;
    const behind = (this.#newestReceived - ackSequence) & NONE;
    return behind > REMEMBERED && behind < 0x8000;
  }

  #noteReceived(ackSequence: number): void {
    const ahead = this.#newestReceived < 0 ? 32 : (ackSequence - this.#newestReceived) & NONE;
    if (ahead >= 0x8000) {
      const behind = 0x10000 - ahead;
      if (behind < 32) this.#receivedBits = (this.#receivedBits | (1 << behind)) >>> 0;
    } else if (ahead > 0) {
      this.#receivedBits = ahead < 32 ? ((this.#receivedBits << ahead) | 1) >>> 0 : 1;
      this.#newestReceived = ackSequence;
    }
  }

  #takeAcks(ack: number, bits: number): void {
    for (let i = 0; i < 32; i++) {
      if (((bits >>> i) & 1) === 0) continue;
      const acknowledged = (ack - i) & NONE;
      // Among the last 1024 that were sent: a number never sent acknowledges nothing.
      const age = (this.#nextAck - 1 - acknowledged) & NONE;
      if (age >= REMEMBERED) continue;
      const place = acknowledged % REMEMBERED;
      const carried = this.#sent[place];
      this.#sent[place] = undefined;
      if (typeof carried === "object") this.#acknowledged.push(carried);
    }
  }
}

const NO_BYTES: Uint8Array<ArrayBuffer> = new Uint8Array(0);
