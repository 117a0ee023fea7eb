import type { CutePacketType, Side } from "../../src/cute/packets.ts";
import { concat, u64Bytes, unhex } from "./bytes.ts";
import { readVectors } from "./vectors.ts";

/** A packet that native code made, with the fields of its own type. */
export interface NativePacket {
  readonly type: number;
  readonly key: string;
  readonly sequence: string;
  readonly iv: string;
  readonly packet: string;
  readonly clientId?: string;
  readonly maxClients?: number;
  readonly connectionTimeout?: number;
  readonly challengeNonce?: string;
  readonly challengeData?: string;
  readonly data?: string;
}

export interface TransportEvent {
  readonly op: "send" | "update" | "emit" | "deliver" | "message";
  readonly at?: "A" | "B";
  readonly from?: "A" | "B";
  readonly to?: "A" | "B";
  readonly index?: number;
  readonly reliable?: boolean;
  readonly data?: string;
  readonly dt?: number;
}

export interface RecordedSession {
  readonly name: string;
  readonly application: number;
  readonly clientToServerKey: string;
  readonly serverToClientKey: string;
  readonly token: string;
  readonly signingSecret: string;
  readonly datagramsAsTheClientSawThem: readonly {
    readonly t: number;
    readonly from: "client" | "server";
    readonly serverPort: number;
    readonly packet: string;
  }[];
  readonly clientStates: readonly { readonly t: number; readonly state: number }[];
  readonly clientMessages: readonly string[];
  readonly serverEvents: readonly { readonly event: string; readonly data?: string; readonly clientId?: string }[];
}

interface SessionVectors {
  readonly connectionAccepted: readonly NativePacket[];
  readonly connectionDenied: readonly NativePacket[];
  readonly keepAlive: readonly NativePacket[];
  readonly disconnect: readonly NativePacket[];
  readonly challengeRequest: readonly NativePacket[];
  readonly challengeResponse: readonly NativePacket[];
  readonly payload: readonly NativePacket[];
  readonly openVerdicts: readonly {
    readonly why: string;
    readonly key: string;
    readonly opens: boolean;
    readonly typeAfterOpening?: number;
    readonly sequence?: string;
    readonly packet: string;
  }[];
  readonly replayTraces: readonly { readonly sequences: readonly string[]; readonly accepted: readonly number[] }[];
  readonly transportRuns: readonly {
    readonly events: readonly TransportEvent[];
    readonly reliableFragmentsInFlight: { readonly A: number; readonly B: number };
  }[];
  readonly sessions: readonly RecordedSession[];
}

export const native = readVectors<SessionVectors>("cute-session.json");

/** By their numbers. */
export const TYPE_NAMES: readonly (CutePacketType | undefined)[] = [
  undefined,
  "connection-accepted",
  "connection-denied",
  "keep-alive",
  "disconnect",
  "challenge-request",
  "challenge-response",
  "payload",
];

/** Every native packet of types 1 to 7. */
export const nativePackets: readonly NativePacket[] = [
  ...native.connectionAccepted,
  ...native.connectionDenied,
  ...native.keepAlive,
  ...native.disconnect,
  ...native.challengeRequest,
  ...native.challengeResponse,
  ...native.payload,
];

/** Who may send the type; where both may, the client stands for them. */
export const senderOf = (type: number): Side => ([1, 2, 5].includes(type) ? "server" : "client");

/** What `seal` takes as a body. */
export function bodyOf(packet: NativePacket): Uint8Array {
  if (packet.type === 1) {
    const numbers = new Uint8Array(8);
    new DataView(numbers.buffer).setUint32(0, packet.maxClients ?? 0, true);
    new DataView(numbers.buffer).setUint32(4, packet.connectionTimeout ?? 0, true);
    return concat(u64Bytes(BigInt(packet.clientId ?? 0)), numbers);
  }
  if (packet.challengeNonce !== undefined) {
    return concat(u64Bytes(BigInt(packet.challengeNonce)), unhex(packet.challengeData ?? ""));
  }
  return unhex(packet.data ?? "");
}
