// What binds to a socket: servers and clients without one of their own.
import type { Address } from "./address.ts";
import type { Moment } from "./clock.ts";
import type { Datagram } from "./outbox.ts";

/** A datagram that came, with its sender. */
export interface Arrival {
  readonly datagram: Uint8Array;
  readonly from: Address;
}

/** A server or client as whoever owns the socket drives it. */
export interface SessionPeer<Event> {
  /** Takes what arrived in a tick. */
  receiveMany(arrivals: readonly Arrival[], moment: Moment): void;
  /** Does what is due: call it 20 to 60 times a second. */
  update(moment: Moment): void;
  /** Takes the events since the last call. */
  events(): readonly Event[];
  /** Takes the datagrams to be sent since the last call. */
  datagrams(): readonly Datagram[];
  /** Ends all connections; what is to be sent then is among the datagrams. */
  stop(): void;
}
