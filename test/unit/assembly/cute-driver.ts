// Drives cute.wasm by its own interface, for the tests of both suites.
import { PACKET_BYTES, SECRET_BYTES } from "../../../assembly/cute/layout.ts";
import * as map from "../../../assembly/memory/cute.ts";
import { writeChecks } from "../../support/cute-checks.ts";
import { loadKernel } from "./load.ts";

interface CuteKernel {
  keySet(slot: number, suite: number, key: number): number;
  keyWipe(slot: number): void;
  issue(slot: number, suite: number): void;
  verifyPackets(count: number, suite: number, strict: number, slotCount: number): void;
}

/** A native vector, as far as both suites share it. */
export interface NativeToken {
  applicationId: string;
  creationTimestamp: string;
  expirationTimestamp: string;
  handshakeTimeout: number;
  clientId: string;
  endpoints: string[];
  clientToServerKey: string;
  serverToClientKey: string;
  userData: string | null;
}

export interface Checks {
  suite: number;
  applicationId: bigint;
  now: bigint;
  slots: readonly number[];
  strict?: boolean;
  serverEndpoint?: Uint8Array;
  leeway?: bigint;
  latest?: bigint;
}

export interface Outcome {
  status: number;
  secret: Buffer;
}

export const kernel = loadKernel<CuteKernel>("cute");
export const memory = Buffer.from(kernel.memory.buffer);
export const hex = (text: string): Buffer => Buffer.from(text, "hex");

export function isZero(from: number, to: number): boolean {
  return memory.subarray(from, to).equals(Buffer.alloc(to - from));
}

/** Prepares a slot; its input must not outlive the call. */
export function keySet(slot: number, suite: number, secret: Uint8Array): number {
  memory.set(secret, map.CUTE_KEY_INPUT);
  const prepared = kernel.keySet(slot, suite, map.CUTE_KEY_INPUT);
  if (!isZero(map.CUTE_KEY_INPUT, map.CUTE_KEY_INPUT + 128)) throw new Error("keySet left its input behind");
  return prepared;
}

/** The eight groups of an IPv6 address without zone and without a dotted tail. */
function groups(address: string): number[] {
  const [head = "", tail] = address.split("::");
  const parse = (text: string): number[] =>
    text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16));
  if (tail === undefined) return parse(head);
  const [first, last] = [parse(head), parse(tail)];
  return [...first, ...new Array<number>(8 - first.length - last.length).fill(0), ...last];
}

/** An endpoint as it stands in a packet. */
export function encodeEndpoint(text: string): Buffer {
  const colon = text.lastIndexOf(":");
  const port = Number(text.slice(colon + 1));
  const u16 = (value: number): number[] => [value & 0xff, value >> 8];
  if (text.startsWith("[")) return Buffer.from([2, ...groups(text.slice(1, colon - 1)).flatMap(u16), ...u16(port)]);
  return Buffer.from([1, ...text.slice(0, colon).split(".").map(Number), ...u16(port)]);
}

/** The 328 bytes of a vector's secret section. */
export function secretSection(token: NativeToken): Buffer {
  const secret = Buffer.alloc(SECRET_BYTES);
  secret.writeBigUInt64LE(BigInt(token.clientId), 0);
  secret.set(hex(token.clientToServerKey), 8);
  secret.set(hex(token.serverToClientKey), 40);
  secret.set(hex(token.userData ?? ""), 72);
  return secret;
}

/** Issues a vector's token: 1114 bytes. */
export function issue(slot: number, suite: number, token: NativeToken, entropy: Uint8Array): Buffer {
  const request = memory.subarray(map.CUTE_REQUEST, map.CUTE_REQUEST + map.CUTE_REQUEST_BYTES);
  const endpoints = Buffer.concat(token.endpoints.map(encodeEndpoint));
  request.writeBigUInt64LE(BigInt(token.applicationId), map.OFFSET_REQUEST_APPLICATION_ID);
  request.writeBigUInt64LE(BigInt(token.creationTimestamp), map.OFFSET_REQUEST_CREATION_TIMESTAMP);
  request.writeBigUInt64LE(BigInt(token.expirationTimestamp), map.OFFSET_REQUEST_EXPIRATION_TIMESTAMP);
  request.writeUInt32LE(token.handshakeTimeout, map.OFFSET_REQUEST_HANDSHAKE_TIMEOUT);
  request.writeUInt32LE(token.endpoints.length, map.OFFSET_REQUEST_ENDPOINT_COUNT);
  request.set(secretSection(token), map.OFFSET_REQUEST_SECRET);
  request.set(entropy, map.OFFSET_REQUEST_ENTROPY);
  request.writeUInt32LE(endpoints.length, map.OFFSET_REQUEST_ENDPOINTS_LENGTH);
  request.set(endpoints, map.OFFSET_REQUEST_ENDPOINTS);
  kernel.issue(slot, suite);
  return Buffer.from(memory.subarray(map.CUTE_TOKEN, map.CUTE_TOKEN + 1114));
}

/** Verifies packets, a window at a time. */
export function verify(packets: readonly Uint8Array[], checks: Checks): Outcome[] {
  const found: Outcome[] = [];
  for (let from = 0; from < packets.length; from += map.CUTE_MAX_PACKETS) {
    found.push(...verifyWindow(packets.slice(from, from + map.CUTE_MAX_PACKETS), checks));
  }
  return found;
}

/** Verifies packets laid end to end. What stood in the outputs before must not matter, nor may the packets change. */
function verifyWindow(packets: readonly Uint8Array[], checks: Checks): Outcome[] {
  const window = Buffer.concat(packets);
  memory.set(window, map.CUTE_PACKETS);
  const secretsEnd = map.CUTE_SECRETS + packets.length * map.CUTE_SECRET_STRIDE;
  memory.fill(0, map.CUTE_SECRETS, secretsEnd);
  packets.forEach((_, i) => {
    const at = map.CUTE_SECRETS + i * map.CUTE_SECRET_STRIDE;
    memory.fill(0xa5, at, at + SECRET_BYTES);
  });
  memory.fill(0xa5, map.CUTE_STATUS, map.CUTE_STATUS + packets.length + 1);
  checks.slots.forEach((slot, i) => {
    memory.writeUInt32LE(slot, map.CUTE_SLOT_LIST + 4 * i);
  });
  const { serverEndpoint: ownEndpoints, ...others } = checks;
  writeChecks(memory, ownEndpoints ? { ...others, ownEndpoints } : others);
  const { suite, strict = true, slots } = checks;
  kernel.verifyPackets(packets.length, suite, strict ? 1 : 0, slots.length);
  if (memory[map.CUTE_STATUS + packets.length] !== 0xa5) throw new Error("a status too many was written");
  if (!memory.subarray(map.CUTE_PACKETS, map.CUTE_PACKETS + window.length).equals(window)) {
    throw new Error("a packet was changed");
  }
  if (!isZero(secretsEnd, map.CUTE_SECRETS + map.CUTE_MAX_PACKETS * map.CUTE_SECRET_STRIDE)) {
    throw new Error("a secret too many was written");
  }
  return packets.map((_, i) => {
    const at = map.CUTE_SECRETS + i * map.CUTE_SECRET_STRIDE;
    if (!isZero(at + SECRET_BYTES, at + map.CUTE_SECRET_STRIDE)) throw new Error("a secret ran over");
    return {
      status: memory[map.CUTE_STATUS + i] as number,
      secret: Buffer.from(memory.subarray(at, at + SECRET_BYTES)),
    };
  });
}

/** Verifies one packet. */
export function verifyOne(packet: Uint8Array, checks: Checks): Outcome {
  if (packet.length !== PACKET_BYTES) throw new Error("not the size of a packet");
  return verify([packet], checks)[0] as Outcome;
}

/** What the order of checks says of the public section, read with no regard to speed; 0 where the cipher has to decide. */
export function publicStatus(packet: Buffer, publicBytes: number, checks: Checks): number {
  if (packet[0] !== 0 || packet.toString("latin1", 1, 11) !== "CUTE 1.00\0") return map.STATUS_NOT_A_CONNECT_TOKEN;
  if (packet.readBigUInt64LE(11) !== checks.applicationId) return map.STATUS_WRONG_APPLICATION;
  if (packet.readBigUInt64LE(19) + (checks.leeway ?? 0n) <= checks.now) return map.STATUS_EXPIRED;
  if (packet.readBigUInt64LE(19) > (checks.latest ?? 2n ** 64n)) return map.STATUS_LIFETIME_TOO_LONG;
  const count = packet.readUInt32LE(31);
  if (count < 1 || count > 32) return map.STATUS_BAD_ENDPOINTS;
  let rest = packet.subarray(35, publicBytes);
  const listed: string[] = [];
  for (let i = 0; i < count; i++) {
    const length = { 1: 7, 2: 19 }[rest[0] ?? 0] ?? Number.POSITIVE_INFINITY;
    if (length > rest.length) return map.STATUS_BAD_ENDPOINTS;
    listed.push(rest.toString("hex", 0, length));
    rest = rest.subarray(length);
  }
  const { serverEndpoint } = checks;
  const asked = serverEndpoint && Buffer.from(serverEndpoint).toString("hex");
  return asked === undefined || listed.includes(asked) ? map.STATUS_VALID : map.STATUS_NOT_THIS_SERVER;
}
