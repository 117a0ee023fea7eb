// What there is of session packets: names, sizes, and who sends what.
import {
  ACCEPTED_BYTES,
  CHALLENGE_BYTES,
  MAX_PAYLOAD_BYTES,
  SESSION_OFFSET_CIPHERTEXT,
  TYPE_CHALLENGE_REQUEST,
  TYPE_CHALLENGE_RESPONSE,
  TYPE_CONNECTION_ACCEPTED,
  TYPE_CONNECTION_DENIED,
  TYPE_DISCONNECT,
  TYPE_KEEP_ALIVE,
  TYPE_PAYLOAD,
} from "../../assembly/cute/session-layout.ts";

/** Every packet but the connect token packet, which is the token's own 1024 bytes. */
export type CutePacketType =
  | "connection-accepted"
  | "connection-denied"
  | "keep-alive"
  | "disconnect"
  | "challenge-request"
  | "challenge-response"
  | "payload";

export type Side = "server" | "client";

/** A payload's size field. */
export const SIZE_BYTES = 2;

interface TypeFacts {
  readonly name: CutePacketType;
  readonly senders: readonly Side[];
  /** Bytes of the plaintext, at least and at most. */
  readonly least: number;
  readonly most: number;
}

const fixed = (name: CutePacketType, senders: readonly Side[], bytes: number): TypeFacts => ({
  name,
  senders,
  least: bytes,
  most: bytes,
});

const FACTS: readonly (TypeFacts | undefined)[] = (() => {
  const facts: (TypeFacts | undefined)[] = [];
  facts[TYPE_CONNECTION_ACCEPTED] = fixed("connection-accepted", ["server"], ACCEPTED_BYTES);
  facts[TYPE_CONNECTION_DENIED] = fixed("connection-denied", ["server"], 0);
  facts[TYPE_KEEP_ALIVE] = fixed("keep-alive", ["server", "client"], 0);
  facts[TYPE_DISCONNECT] = fixed("disconnect", ["server", "client"], 0);
  facts[TYPE_CHALLENGE_REQUEST] = fixed("challenge-request", ["server"], CHALLENGE_BYTES);
  facts[TYPE_CHALLENGE_RESPONSE] = fixed("challenge-response", ["client"], CHALLENGE_BYTES);
  facts[TYPE_PAYLOAD] = {
    name: "payload",
    senders: ["server", "client"],
    least: SIZE_BYTES,
    most: SIZE_BYTES + MAX_PAYLOAD_BYTES,
  };
  return facts;
})();

/** Whether a side may send packets of this type. Type 0 is nobody's here. */
export function sends(side: Side, type: number): boolean {
  return FACTS[type]?.senders.includes(side) ?? false;
}

/** Whether a datagram of this type may be so long; false where there is no such type. */
export function isDatagramLength(type: number, length: number): boolean {
  const facts = FACTS[type];
  const text = length - SESSION_OFFSET_CIPHERTEXT;
  return facts !== undefined && text >= facts.least && text <= facts.most;
}

export function typeName(type: number): CutePacketType {
  return (FACTS[type] as TypeFacts).name;
}

/** The number of a type by its name; -1 for anything else. */
export function typeNumber(name: unknown): number {
  return FACTS.findIndex((facts) => facts?.name === name);
}

/** Plaintext of connection accepted. */
export function acceptedText(clientId: bigint, maxClients: number, connectionTimeout: number): Uint8Array {
  const text = new Uint8Array(ACCEPTED_BYTES);
  const view = new DataView(text.buffer);
  view.setBigUint64(0, clientId, true);
  view.setUint32(8, maxClients, true);
  view.setUint32(12, connectionTimeout, true);
  return text;
}

/** Plaintext of a payload: its size, then the data. */
export function payloadText(data: Uint8Array): Uint8Array {
  const text = new Uint8Array(SIZE_BYTES + data.length);
  text[0] = data.length & 0xff;
  text[1] = data.length >> 8;
  text.set(data, SIZE_BYTES);
  return text;
}

/** The data of a payload's plaintext, a view of it; `undefined` where its size field is not that of what follows. */
export function payloadData(text: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> | undefined {
  const size = (text[0] as number) | ((text[1] as number) << 8);
  return size === text.length - SIZE_BYTES ? text.subarray(SIZE_BYTES) : undefined;
}
