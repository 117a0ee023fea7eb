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
