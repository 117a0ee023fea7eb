// Messages that arrive in pieces. Each piece is paid for by bytes that came: what a header says allocates nothing.
import { FRAGMENT_BYTES, type MessageHeader } from "./message-header.ts";

/** What a peer may make us keep. */
export interface MessageLimits {
  /** Bytes of the longest message that is sent or put together. */
  readonly maxMessageBytes: number;
  /** Bytes of reliable messages that wait to be acknowledged, and of messages that arrive in pieces. */
  readonly maxBufferedBytes: number;
}

export type ArrivalProblem = "message-too-large" | "no-room" | "malformed-message";

/** Reliable messages ahead of the next expected one of which pieces are kept. */
const MAX_AHEAD = 2048;
const MAX_UNRELIABLE = 64;
/** A message that may be lost and lacks a piece after so many packets never gets it: its number is about to come again. */
const MAX_AGE_PACKETS = 0x4000;
/** What an incomplete message and a piece cost beside their bytes. */
const MESSAGE_COST = 256;
const PIECE_COST = 96;

interface Incomplete {
  readonly reliable: boolean;
  readonly count: number;
  readonly pieces: Map<number, Uint8Array>;
  bytes: number;
  cost: number;
  /** Packets that had come when it was begun. */
  readonly begun: number;
}

export class Reassembly {
  readonly #limits: MessageLimits;
  readonly #deliver: (message: Uint8Array<ArrayBuffer>, reliable: boolean) => void;
  /** By message sequence; a Map keeps the order in which they were begun. */
  readonly #reliable = new Map<number, Incomplete>();
  readonly #unreliable = new Map<number, Incomplete>();
  #expected = 0;
  /** Bytes held, and what of them is of reliable messages. */
  #cost = 0;
  #reliableCost = 0;
  #packets = 0;

  constructor(limits: MessageLimits, deliver: (message: Uint8Array<ArrayBuffer>, reliable: boolean) => void) {
    this.#limits = limits;
    this.#deliver = deliver;
  }

  /** Why a fragment is not taken, before anything is changed. */
  problemOf({ reliable, sequence, count, index, part }: MessageHeader): ArrivalProblem | undefined {
    const least = (count - 1) * FRAGMENT_BYTES + (index === count - 1 ? part.length : 0);
    if (least > this.#limits.maxMessageBytes) return "message-too-large";
    const ahead = reliable ? this.#ahead(sequence) : 0;
    if (ahead < 0) return undefined; // delivered before: only its ack is wanted
    if (ahead > MAX_AHEAD) return "no-room";
    const known = this.#known(reliable, sequence);
    if (known !== undefined && known.count !== count) return "malformed-message";
    if (reliable && ahead === 0) return undefined; // always room for the next in order: all others wait for it
    if (!reliable && count === 1) return undefined; // delivered at once
    const cost = part.length + PIECE_COST + (known === undefined ? MESSAGE_COST : 0);
    // Messages that may be lost give way, the one begun first.
    return this.#reliableCost + cost > this.#limits.maxBufferedBytes ? "no-room" : undefined;
  }

  /** Takes a fragment that has no problem, and delivers what is complete. */
  take(header: MessageHeader): void {
    this.#packets++;
    const { reliable, sequence, count, index, part } = header;
    if (reliable && this.#ahead(sequence) < 0) return;
    if (!reliable && count === 1) {
      this.#deliver(part.slice(), false);
      return;
    }
    const message = this.#known(reliable, sequence) ?? this.#begin(reliable, sequence, count);
    if (message.pieces.has(index)) return;
    message.pieces.set(index, part.slice());
    message.bytes += part.length;
    this.#charge(message, part.length + PIECE_COST);
    if (reliable) this.#deliverInOrder();
    else if (message.pieces.size === count) {
      this.#forget(sequence, message);
      this.#deliver(joined(message), false);
    }
    this.#makeRoom();
  }

  /** How far a reliable message is ahead of the next expected one; below 0 where it was delivered. */
  #ahead(sequence: number): number {
    return (((sequence - this.#expected) & 0xffff) << 16) >> 16;
  }

  #known(reliable: boolean, sequence: number): Incomplete | undefined {
    if (reliable) return this.#reliable.get(sequence);
    const found = this.#unreliable.get(sequence);
    if (found === undefined || this.#packets - found.begun < MAX_AGE_PACKETS) return found;
    this.#forget(sequence, found);
    return undefined;
  }

  #begin(reliable: boolean, sequence: number, count: number): Incomplete {
    const begun: Incomplete = { reliable, count, pieces: new Map(), bytes: 0, cost: 0, begun: this.#packets };
    this.#charge(begun, MESSAGE_COST);
    if (!reliable && this.#unreliable.size >= MAX_UNRELIABLE) this.#forgetFirst();
    (reliable ? this.#reliable : this.#unreliable).set(sequence, begun);
    return begun;
  }

  #deliverInOrder(): void {
    for (;;) {
      const next = this.#reliable.get(this.#expected);
      if (next === undefined || next.pieces.size < next.count) return;
      this.#forget(this.#expected, next);
      this.#expected = (this.#expected + 1) & 0xffff;
      this.#deliver(joined(next), true);
    }
  }

  #makeRoom(): void {
    while (this.#cost > this.#limits.maxBufferedBytes && this.#unreliable.size > 0) this.#forgetFirst();
  }

  #forgetFirst(): void {
    const [first] = this.#unreliable;
    if (first !== undefined) this.#forget(...first);
  }

  #forget(sequence: number, message: Incomplete): void {
    (message.reliable ? this.#reliable : this.#unreliable).delete(sequence);
    this.#charge(message, -message.cost);
  }

  #charge(message: Incomplete, cost: number): void {
    message.cost += cost;
    this.#cost += cost;
    if (message.reliable) this.#reliableCost += cost;
  }
}

/** A message of which every piece is there. */
function joined({ bytes, pieces }: Incomplete): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(bytes);
  for (const [index, piece] of pieces) whole.set(piece, index * FRAGMENT_BYTES);
  return whole;
}
