import type { Connection } from "./connection.ts";
import type { ConnectToken } from "./public.ts";
import type { SessionKeys } from "./session-keys.ts";

/** The states of a native client, by their names. */
export type CuteClientState =
  | "connected"
  | "sending-challenge-response"
  | "sending-connection-request"
  | "disconnected"
  | "connection-denied"
  | "connection-request-timed-out"
  | "challenge-response-timed-out"
  | "connection-timed-out"
  | "invalid-connect-token"
  | "connect-token-expired";

/** What a client tells its game. */
export type CuteClientEvent =
  | {
      readonly type: "connected";
      /** Client slots of the server. */
      readonly maxClients: number;
      /** Seconds without a packet after which the server is gone. */
      readonly connectionTimeout: number;
    }
  | { readonly type: "message"; readonly data: Uint8Array<ArrayBuffer>; readonly reliable: boolean }
  /** The end of an attempt or a connection; `reason` is the state from now on. */
  | { readonly type: "disconnected"; readonly reason: CuteClientState };

/** Why a datagram was refused. */
export type CuteClientReason =
  | "wrong-size"
  | "wrong-type"
  | "unknown-address"
  | "not-connecting"
  | "replayed"
  | "not-opened"
  | "unexpected"
  | "malformed-message"
  | "stale-message"
  | "message-too-large"
  | "no-room"
  | "outbox-full";

export const CLIENT_REASONS: readonly CuteClientReason[] = [
  "wrong-size",
  "wrong-type",
  "unknown-address",
  "not-connecting",
  "replayed",
  "not-opened",
  "unexpected",
  "malformed-message",
  "stale-message",
  "message-too-large",
  "no-room",
  "outbox-full",
];

/** One `connect`: a token and how far it got. */
export interface Attempt {
  readonly token: Omit<ConnectToken, "clientToServerKey" | "serverToClientKey">;
  readonly keys: SessionKeys;
  endpointIndex: number;
  /** With the endpoint of now; its replay window is new for each. */
  connection: Connection;
  /** What it comes to where no server is left: what the latest of them did. */
  outcome: CuteClientState;
  /** The server said denied: it is given up at the end of the update. */
  denied: boolean;
  /** The 264 bytes to be echoed: the first challenge that came. */
  challenge: Uint8Array | undefined;
  connectionTimeout: number;
}
