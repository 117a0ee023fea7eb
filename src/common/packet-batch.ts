import { PACKET_BYTES } from "../../assembly/cute/layout.ts";
import { rangeError, typeError } from "../errors.ts";
import { type OpenedWindow, openWindow, type PacketChecks, WINDOW_PACKETS } from "../wasm/cute/kernel.ts";
import { isList } from "./arguments.ts";
import { asBytes, byteLength, isBytes } from "./bytes.ts";

/** The status of what is not 1024 bytes long; all others are the kernel's (PACKET_ in assembly/memory.ts). */
export const WRONG_SIZE = 255;

/** Packets as a caller gave them, in either form. */
export interface PacketSource {
  readonly length: number;
  /** Copies packets `from` to `to`, exclusive, end to end into `target`. Runs no code of a caller. */
  write(target: Uint8Array, from: number, to: number): void;
  /** False for what is no packet; something that is refused stands in its place. */
  isPacket(index: number): boolean;
}

/** The statuses of a batch, and per window what was read of it. */
export interface OpenedPackets {
  readonly statuses: Uint8Array;
  /** Packets of a window; the last may have fewer. */
  readonly windowPackets: number;
  readonly windows: readonly (OpenedWindow | undefined)[];
}

// Stands in for what is no packet, so that the others keep their places; its type byte refuses it at once.
const NO_PACKET = new Uint8Array(PACKET_BYTES).fill(0xff);

/**
 * Takes packets from a caller.
 *
 * @param given n × 1024 bytes end to end, or a list whose items may be anything
 * @throws ConnectTokensError `ERR_TYPE` where it is neither, `ERR_RANGE` where the bytes are no multiple of 1024
 */
export function packetSource(given: unknown): PacketSource {
  if (isBytes(given)) return contiguous(asBytes(given, "packets"));
  if (!isList(given)) throw typeError("packets", "a Uint8Array or an array of them", given);
  // All code of the caller runs in the first step, so that no getter can take away a buffer found to be a packet.
  return listed(Array.from(given).map(asPacket));
}

function contiguous(bytes: Uint8Array): PacketSource {
  if (bytes.length % PACKET_BYTES !== 0) throw rangeError("packets", `a multiple of ${PACKET_BYTES} bytes`, bytes);
  return {
    length: bytes.length / PACKET_BYTES,
    write: (target, from, to) => target.set(bytes.subarray(from * PACKET_BYTES, to * PACKET_BYTES)),
    isPacket: () => true,
  };
}

function listed(packets: readonly (Uint8Array | undefined)[]): PacketSource {
  return {
    length: packets.length,
    write: (target, from, to) => {
      for (let i = from; i < to; i++) target.set(packets[i] ?? NO_PACKET, (i - from) * PACKET_BYTES);
    },
    isPacket: (index) => packets[index] !== undefined,
  };
}

function asPacket(value: unknown): Uint8Array | undefined {
  if (!isBytes(value) || byteLength(value) !== PACKET_BYTES) return undefined;
  const bytes = asBytes(value, "packet");
  return bytes.length === PACKET_BYTES ? bytes : undefined; // shared memory may have grown in between
}

/** Verifies all packets of a source, window after window. */
export function openPackets(checks: PacketChecks, now: bigint, source: PacketSource): OpenedPackets {
  const statuses = new Uint8Array(source.length);
  const windows: (OpenedWindow | undefined)[] = [];
  for (let from = 0; from < source.length; from += WINDOW_PACKETS) {
    const window = statuses.subarray(from, from + WINDOW_PACKETS);
    const write = (target: Uint8Array) => source.write(target, from, from + window.length);
    windows.push(openWindow(checks, now, write, window));
    markWrongSizes(source, from, window);
  }
  return { statuses, windows, windowPackets: WINDOW_PACKETS };
}

/** Sets the statuses of what was no packet, `statuses` being those from `from` on. */
export function markWrongSizes(source: PacketSource, from: number, statuses: Uint8Array): void {
  for (let i = 0; i < statuses.length; i++) if (!source.isPacket(from + i)) statuses[i] = WRONG_SIZE;
}
