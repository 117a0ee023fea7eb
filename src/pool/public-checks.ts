// What a pool asks of a packet before it is posted: all that costs less than its way to a worker. The answers are the
// kernel's, which asks the same first and in this order.
import { u8, u32 } from "../common/integers.ts";
import type { OpenedPackets, PacketCheck, PacketSource } from "../common/packet-batch.ts";

/** What the packets of both schemes begin with: a type and a version, then a number and an expiry, u64 each. */
export interface PublicHeader {
  /** Whether the packet that begins at `offset` has the right type and version. */
  isPacket(bytes: Uint8Array, offset: number): boolean;
  /** Where the number of the application or protocol stands, and which it must be. */
  readonly idOffset: number;
  readonly id: bigint;
  /** Whether both numbers have their highest byte first. */
  readonly bigEndian: boolean;
  /** Where the second stands from which the packet is refused. */
  readonly expiryOffset: number;
  /** Seconds after that for which it is still taken. */
  readonly leeway: bigint;
  /** The kernel's, in the order in which they are given. */
  readonly statuses: { readonly notAPacket: number; readonly wrongId: number; readonly expired: number };
}

/** The checks of a header at a time. */
export function publicChecks({
  isPacket,
  idOffset,
  id,
  bigEndian,
  expiryOffset,
  leeway,
  statuses,
}: PublicHeader): (now: bigint) => PacketCheck {
  const [idLow, idHigh] = halves(id);
  const half = bigEndian ? u32BigEndian : u32;
  const [low, high] = bigEndian ? [4, 0] : [0, 4];
  return (now: bigint): PacketCheck => {
    // Below zero nothing has expired yet: both halves are -1, which no packet's is.
    const [nowLow, nowHigh] = now < leeway ? [-1, -1] : halves(now - leeway);
    return (bytes, offset) => {
      if (!isPacket(bytes, offset)) return statuses.notAPacket;
      const idAt = offset + idOffset;
      if (half(bytes, idAt + low) !== idLow || half(bytes, idAt + high) !== idHigh) return statuses.wrongId;
      const expiryLow = half(bytes, offset + expiryOffset + low);
      const expiryHigh = half(bytes, offset + expiryOffset + high);
      const expired = expiryHigh === nowHigh ? expiryLow <= nowLow : expiryHigh < nowHigh;
      return expired ? statuses.expired : 0;
    };
  };
}

/** Those packets of a source whose status is 0, as a source of their own. */
export function unrefused(source: PacketSource, statuses: Uint8Array, packetBytes: number): PacketSource {
  const indices = Uint32Array.from(statuses.keys()).filter((index) => statuses[index] === 0);
  return {
    length: indices.length,
    write: (target, from, to) => {
      for (let at = from, end = from; at < to; at = end) {
        const first = indices[at] as number;
        do end++;
        while (end < to && indices[end] === first + end - at);
        source.write(target.subarray((at - from) * packetBytes), first, first + end - at);
      }
    },
    isPacket: () => true,
    statuses: () => new Uint8Array(indices.length),
  };
}

/** What was found of {@link unrefused} packets, put into the places of those whose status is 0. */
export function withRefused<Window>(opened: OpenedPackets<Window>, statuses: Uint8Array): OpenedPackets<Window> {
  const places = new Uint32Array(statuses.length);
  let place = 0;
  const all = statuses.map((status, index) => {
    if (status !== 0) return status;
    places[index] = place;
    return opened.statuses[place++] as number;
  });
  return { statuses: all, windows: opened.windows, windowPackets: opened.windowPackets, places };
}

function u32BigEndian(bytes: Uint8Array, at: number): number {
  const low = u8(bytes, at + 3) | (u8(bytes, at + 2) << 8);
  return (low | (u8(bytes, at + 1) << 16) | (u8(bytes, at) << 24)) >>> 0;
}

function halves(value: bigint): [low: number, high: number] {
  return [Number(value & 0xffff_ffffn), Number(value >> 32n)];
}
