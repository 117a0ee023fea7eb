// What of reliable messages is on its way: cut up, at most 32 fragments at a time, each sent again until acknowledged.
import { FRAGMENT_BYTES } from "./message-header.ts";

const MAX_IN_FLIGHT = 32;
/** 0.1 as native code keeps it, a 32-bit float. */
const RESEND_SECONDS: number = Math.fround(0.1);
/** What a message costs beside its bytes. */
const MESSAGE_COST = 64;

const NONE: readonly Fragment[] = [];

export interface Fragment {
  readonly sequence: number;
  readonly count: number;
  readonly index: number;
  readonly part: Uint8Array;
  lastSent: number;
  /** Where it is in the list of those in flight; -1 once it is done. */
  place: number;
}

export class FragmentsInFlight {
  readonly #inFlight: Fragment[] = [];
  /** Messages of which a part or all waits, the oldest first from `#first` on. */
  #waiting: Uint8Array[] = [];
  #first = 0;
  /** Bytes of the first waiting message that were cut off already, as fragments. */
  #cut = 0;
  #sequence = 0;
  #bytes = 0;

  get length(): number {
    return this.#inFlight.length;
  }

  /** Takes a copy of a message; false where it does not fit into `maxBytes` with those that wait. */
  queue(message: Uint8Array, maxBytes: number): boolean {
    const cost = message.length + MESSAGE_COST;
    // An empty queue takes any message, however long it is allowed to be.
    if (this.#bytes > 0 && this.#bytes + cost > maxBytes) return false;
    this.#bytes += cost;
    this.#waiting.push(message.slice());
    return true;
  }

  /** Those to be sent again, in the order of the list. */
  due(time: number): readonly Fragment[] {
    if (this.#inFlight.length === 0) return NONE;
    return this.#inFlight.filter(({ lastSent }) => lastSent + RESEND_SECONDS < time);
  }

  /** The next fragment to be sent for the first time, from now on in flight; `undefined` while none waits or may go. */
  next(): Fragment | undefined {
    const message = this.#waiting[this.#first];
    if (message === undefined || this.#inFlight.length >= MAX_IN_FLIGHT) return undefined;
    const count = Math.max(1, Math.ceil(message.length / FRAGMENT_BYTES));
    const index = this.#cut;
    const part = message.subarray(index * FRAGMENT_BYTES, (index + 1) * FRAGMENT_BYTES);
    const fragment: Fragment = {
      sequence: this.#sequence,
      count,
      index,
      part,
      lastSent: 0,
      place: this.#inFlight.length,
    };
    this.#inFlight.push(fragment);
    this.#cut++;
    if (this.#cut === count) this.#endMessage(message);
    return fragment;
  }

  /** Takes a fragment out; the last of the list moves into its place, as in native code. */
  acknowledge(fragment: Fragment): void {
    const last = this.#inFlight.at(-1);
    if (fragment.place < 0 || last === undefined) return;
    this.#inFlight[fragment.place] = last;
    last.place = fragment.place;
    this.#inFlight.pop();
    fragment.place = -1;
  }

  #endMessage(message: Uint8Array): void {
    this.#bytes -= message.length + MESSAGE_COST;
    this.#cut = 0;
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.#first++;
    if (this.#first < 64) return;
    this.#waiting = this.#waiting.slice(this.#first);
    this.#first = 0;
  }
}
