import type { Address } from "../session/address.ts";
import type { HistoryReason, Incoming } from "../session/history.ts";
import type { MessageProblem } from "./messages.ts";
import type { CuteClaims, CuteReason } from "./verdicts.ts";

/** Why a connection ended. */
export type CuteDisconnectReason =
  /** The client said goodbye. */
  | "disconnected"
  /** Nothing came for the connection timeout. */
  | "timed-out"
  /** `disconnect` was called. */
  | "kicked"
  /** `stop` was called. */
  | "stopped";

/** What a server tells its game. */
export type CuteServerEvent =
  | {
      readonly type: "connected";
      /** The client slot, from 0. */
      readonly clientIndex: number;
      readonly claims: CuteClaims;
      readonly from: Address;
    }
  | {
      readonly type: "message";
      readonly clientIndex: number;
      readonly data: Uint8Array<ArrayBuffer>;
      readonly reliable: boolean;
    }
  | { readonly type: "disconnected"; readonly clientIndex: number; readonly reason: CuteDisconnectReason }
  /** With `history: "external"` only: may this token begin a handshake? */
  | { readonly type: "request"; readonly incoming: Incoming<CuteClaims> }
  /** With `history: "external"` only: may this token have a client slot? It must not have had one before. */
  | { readonly type: "joining"; readonly incoming: Incoming<CuteClaims> };

/** Why a datagram was refused: each is counted in `statistics`. */
export type CuteServerReason =
  | CuteReason
  | HistoryReason
  | MessageProblem
  /** No packet of this type is taken from there. */
  | "wrong-type"
  /** Neither a client's address nor one of a handshake. */
  | "unknown-address"
  | "address-connected"
  | "client-connected"
  | "handshakes-full"
  /** Answered with denied: no client slot is free, or the caller refused. */
  | "denied"
  | "wrong-challenge"
  /** A decision is being waited for, or was to stay silent. */
  | "unanswered"
  | "not-opened"
  | "replayed"
  /** No room for a datagram to be sent: nobody takes them. */
  | "outbox-full";

/** A table, so that none is forgotten. */
const REASONS: Readonly<Record<CuteServerReason, true>> = {
  "wrong-size": true,
  "not-a-connect-token": true,
  "wrong-application": true,
  expired: true,
  "lifetime-too-long": true,
  "bad-endpoints": true,
  "not-this-server": true,
  "not-genuine": true,
  "token-elsewhere": true,
  "token-used": true,
  "history-full": true,
  "before-start": true,
  "malformed-message": true,
  "stale-message": true,
  "message-too-large": true,
  "no-room": true,
  "wrong-type": true,
  "unknown-address": true,
  "address-connected": true,
  "client-connected": true,
  "handshakes-full": true,
  denied: true,
  "wrong-challenge": true,
  unanswered: true,
  "not-opened": true,
  replayed: true,
  "outbox-full": true,
};

export const SERVER_REASONS: readonly CuteServerReason[] = Object.keys(REASONS) as CuteServerReason[];
