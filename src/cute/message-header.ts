// The 17 bytes in front of a fragment, in every packet of type 7.
import { u8, u16, u32 } from "../common/integers.ts";

export const HEADER_BYTES = 17;
/** Bytes of every fragment but a message's last. */
export const FRAGMENT_BYTES = 1100;

const OFFSET_ACK = 2;
const OFFSET_ACK_BITS = 4;
const OFFSET_RELIABLE = 8;
const OFFSET_SEQUENCE = 9;
const OFFSET_COUNT = 11;
const OFFSET_INDEX = 13;
const OFFSET_SIZE = 15;

export interface MessageHeader {
  /** u16: counts the sender's packets of type 7. */
  readonly ackSequence: number;
  /** u16: the newest ack sequence the sender has received; 65535 where none. */
  readonly ack: number;
  /** u32: bit i says that `ack` - i was received. */
  readonly ackBits: number;
  readonly reliable: boolean;
  /** u16: counts messages of that kind. */
  readonly sequence: number;
  /** Fragments of the message; 0 where the packet is an ack and nothing else. */
  readonly count: number;
  readonly index: number;
  readonly part: Uint8Array;
}

export function writeHeader(header: MessageHeader): Uint8Array<ArrayBuffer> {
  const { part } = header;
  const data = new Uint8Array(HEADER_BYTES + part.length);
  const view = new DataView(data.buffer);
  view.setUint16(0, header.ackSequence, true);
  view.setUint16(OFFSET_ACK, header.ack, true);
  view.setUint32(OFFSET_ACK_BITS, header.ackBits, true);
  view.setUint8(OFFSET_RELIABLE, header.reliable ? 1 : 0);
  view.setUint16(OFFSET_SEQUENCE, header.sequence, true);
  view.setUint16(OFFSET_COUNT, header.count, true);
  view.setUint16(OFFSET_INDEX, header.index, true);
  view.setUint16(OFFSET_SIZE, part.length, true);
  data.set(part, HEADER_BYTES);
  return data;
}

/** The header of a packet's data with a view of its fragment, or `undefined` where the fields do not fit each other. */
export function readHeader(data: Uint8Array): MessageHeader | undefined {
  if (data.length < HEADER_BYTES) return undefined;
  const size = data.length - HEADER_BYTES;
  const kind = u8(data, OFFSET_RELIABLE);
  const [sequence, count, index] = [u16(data, OFFSET_SEQUENCE), u16(data, OFFSET_COUNT), u16(data, OFFSET_INDEX)];
  if (u16(data, OFFSET_SIZE) !== size || size > FRAGMENT_BYTES || kind > 1) return undefined;
  const isAckAlone = count === 0 && index === 1 && size === 0 && kind === 0 && sequence === 0;
  if (!isAckAlone && (index >= count || (index < count - 1 && size !== FRAGMENT_BYTES))) return undefined;
  return {
    ackSequence: u16(data, 0),
    ack: u16(data, OFFSET_ACK),
    ackBits: u32(data, OFFSET_ACK_BITS),
    reliable: kind === 1,
    sequence,
    count,
    index,
    part: data.subarray(HEADER_BYTES),
  };
}
