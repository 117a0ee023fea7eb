import { rangeError, typeError } from "../errors.ts";
import { isList } from "./arguments.ts";
import { byteLength, bytesOf, isBytes } from "./bytes.ts";

/** The status of what has not a packet's length, in every scheme; all others are the kernel's. */
export const WRONG_SIZE = 255;

/** Packets as a caller gave them, in either form. */
export interface PacketSource {
  readonly length: number;
  /** Copies packets `from` to `to`, exclusive, end to end into `target`. Runs no code of a caller. */
  write(target: Uint8Array, from: number, to: number): void;
  /** False for what is no packet; {@link write} puts something that is refused in its place. */
  isPacket(index: number): boolean;
  /** A byte per packet: what `check` says of it where it lies, {@link WRONG_SIZE} of what is no packet. */
  statuses(check: PacketCheck): Uint8Array<ArrayBuffer>;
}

/** The status of the packet that begins at `offset`, which has a packet's length; 0 where nothing stands against it. */
export type PacketCheck = (bytes: Uint8Array, offset: number) => number;

/** The statuses of a batch, and per window what was read of it. */
export interface OpenedPackets<Window> {
  readonly statuses: Uint8Array;
  /** Packets of a window; the last may have fewer. */
  readonly windowPackets: number;
  readonly windows: readonly (Window | undefined)[];
  /** Each packet's place among those that were opened, where not all of them were. */
  readonly places: Uint32Array | undefined;
}

/**
 * Verifies a window of packets.
 *
 * @param write puts the packets end to end into the bytes it is given; it runs no code of a caller
 * @param statuses receives a byte per packet
 * @returns what was read, `undefined` where no packet is valid
 */
export type OpenWindow<Window> = (
  write: (packets: Uint8Array) => void,
  statuses: Uint8Array<ArrayBuffer>,
) => Window | undefined;

/**
 * Takes packets from a caller.
 *
 * @param given packets end to end, or a list whose items may be anything
 * @param packetBytes the length of each
 * @throws ConnectTokensError `ERR_TYPE` where it is neither, `ERR_RANGE` where the bytes are no multiple of a packet's
 */
export function packetSource(given: unknown, packetBytes: number): PacketSource {
  // Asked first: whether it is a buffer of some realm costs two exceptions where it is none.
  if (!isList(given)) {
    const bytes = bytesOf(given);
    if (bytes) return contiguous(bytes, packetBytes);
    throw typeError("packets", "a Uint8Array, an ArrayBuffer or an array of them", given);
  }
  // All code of the caller runs in the first step, so that no getter can take away a buffer found to be a packet.
  return listed(
    Array.from(given).map((value) => asPacket(value, packetBytes)),
    packetBytes,
  );
}

/** A packet as a caller gave it, whatever came instead being `undefined`. */
export function asPacket(value: unknown, packetBytes: number): Uint8Array | undefined {
  // Not copied out of shared memory where it is none; that may have grown in between.
  if (isBytes(value) && byteLength(value) !== packetBytes) return undefined;
  const bytes = bytesOf(value);
  return bytes?.length === packetBytes ? bytes : undefined;
}

/**
 * Verifies all packets of a source, window after window.
 *
 * @param windowPackets how many `open` takes at a time
 */
export function openPackets<Window>(
  source: PacketSource,
  windowPackets: number,
  open: OpenWindow<Window>,
): OpenedPackets<Window> {
  const statuses = new Uint8Array(source.length);
  const windows: (Window | undefined)[] = [];
  for (let from = 0; from < source.length; from += windowPackets) {
    const window = statuses.subarray(from, from + windowPackets);
    windows.push(open((target) => source.write(target, from, from + window.length), window));
    markWrongSizes(source, from, window);
  }
  return { statuses, windows, windowPackets, places: undefined };
}

/** The window of an opened packet, and its place there. */
export function windowAt<Window>(
  { windows, windowPackets, places }: OpenedPackets<Window>,
  index: number,
): { readonly window: Window; readonly at: number } {
  const place = places ? (places[index] as number) : index;
  return { window: windows[Math.floor(place / windowPackets)] as Window, at: place % windowPackets };
}

function contiguous(bytes: Uint8Array, packetBytes: number): PacketSource {
  if (bytes.length % packetBytes !== 0) throw rangeError("packets", `a multiple of ${packetBytes} bytes`, bytes);
  return {
    length: bytes.length / packetBytes,
    write: (target, from, to) => target.set(bytes.subarray(from * packetBytes, to * packetBytes)),
    isPacket: () => true,
    statuses: (check) =>
      new Uint8Array(bytes.length / packetBytes).map((_, index) => check(bytes, index * packetBytes)),
  };
}

function listed(packets: readonly (Uint8Array | undefined)[], packetBytes: number): PacketSource {
  return {
    length: packets.length,
    write: (target, from, to) => {
      for (let i = from; i < to; i++) {
        const packet = packets[i];
        const at = (i - from) * packetBytes;
        if (packet) target.set(packet, at);
        else target.fill(NO_PACKET, at, at + packetBytes);
      }
    },
    isPacket: (index) => packets[index] !== undefined,
    statuses: (check) => Uint8Array.from(packets, (packet) => (packet ? check(packet, 0) : WRONG_SIZE)),
  };
}

/** Sets the statuses of what was no packet, `statuses` being those from `from` on. */
export function markWrongSizes(source: PacketSource, from: number, statuses: Uint8Array): void {
  for (let i = 0; i < statuses.length; i++) if (!source.isPacket(from + i)) statuses[i] = WRONG_SIZE;
}

/** Fills the place of what is no packet, so that the others keep theirs: as a type byte it is refused at once. */
const NO_PACKET = 0xff;
