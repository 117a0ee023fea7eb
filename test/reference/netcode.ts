// netcode 1.02 tokens in three dialects, written down as plainly as the standard and the dialects' table have them: no
// speed, no constant time. The kernel and src/netcode are held equal to this.

import { aeadSeal, chacha20, chacha20Block, hchacha20, macInput, poly1305 } from "./chacha20poly1305.ts";
import { formatIPv6, type ReferenceEndpoint } from "./endpoints.ts";

export type Dialect = "netcode" | "renet" | "lightyear";

/** Everything that stands in a token. Address and keys as bytes; addresses as objects. */
export interface TokenFields {
  readonly protocolId: bigint;
  readonly createTimestamp: bigint;
  readonly expireTimestamp: bigint;
  readonly clientId: bigint;
  readonly timeoutSeconds: number;
  readonly serverAddresses: readonly ReferenceEndpoint[];
  readonly internalServerAddresses: readonly ReferenceEndpoint[];
  readonly clientToServerKey: Uint8Array;
  readonly serverToClientKey: Uint8Array;
  readonly userData: Uint8Array;
}

export interface PublicFields {
  readonly protocolId: bigint;
  readonly createTimestamp: bigint;
  readonly expireTimestamp: bigint;
  readonly timeoutSeconds: number;
  readonly serverAddresses: readonly ReferenceEndpoint[];
  readonly clientToServerKey: Uint8Array;
  readonly serverToClientKey: Uint8Array;
  readonly clientId?: bigint;
}

export interface PrivateFields {
  readonly clientId: bigint;
  readonly timeoutSeconds: number;
  readonly serverAddresses: readonly ReferenceEndpoint[];
  readonly clientToServerKey: Uint8Array;
  readonly serverToClientKey: Uint8Array;
  readonly userData: Uint8Array;
}

/** What a verifier is told. */
export interface Verifier {
  readonly dialect: Dialect;
  readonly protocolId: bigint;
  readonly secrets: readonly Uint8Array[];
  /** A token must list one of these; `undefined`: any will do. */
  readonly serverAddresses?: readonly ReferenceEndpoint[] | undefined;
  readonly maxLifetime?: bigint | undefined;
  readonly leeway?: bigint | undefined;
}

export type RequestReason =
  | "wrong-size"
  | "not-a-connection-request"
  | "wrong-protocol"
  | "expired"
  | "lifetime-too-long"
  | "not-genuine"
  | "bad-addresses"
  | "not-this-server";

export const VERSION: Buffer = Buffer.from("NETCODE 1.02\0", "latin1");
const MAX_ADDRESSES = 32;

/** The order of an integer's bytes. */
const isBig = (dialect: Dialect): boolean => dialect === "lightyear";

function integer(dialect: Dialect, value: bigint, bytes: number): Buffer {
  const little = Buffer.from(Array.from({ length: bytes }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn)));
  return isBig(dialect) ? little.reverse() : little;
}

function readInteger(dialect: Dialect, bytes: Uint8Array): bigint {
  const big = isBig(dialect) ? [...bytes] : [...bytes].reverse();
  return big.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

/** The eight groups of an address in any spelling that has at most one `::`. */
function groupsOf(address: string): number[] {
  const mixed = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) => {
    const group = (high: string, low: string): string => (Number(high) * 256 + Number(low)).toString(16);
    return `${group(a, b)}:${group(c, d)}`;
  });
  const [head = "", tail] = mixed.split("::");
  const groups = (part: string): number[] =>
    part === "" ? [] : part.split(":").map((text) => Number.parseInt(text, 16));
  const [first, last] = [groups(head), groups(tail ?? "")];
  return tail === undefined ? first : [...first, ...Array(8 - first.length - last.length).fill(0), ...last];
}

/** `a.b.c.d:port` or `[IPv6]:port`. */
export function addressOf(text: string): ReferenceEndpoint {
  const [, six, four, port] = /^(?:\[(.*)\]|([^:]*)):?(\d*)$/.exec(text) ?? [];
  if (six !== undefined) return { address: formatIPv6(groupsOf(six)), port: Number(port), family: 6 };
  return { address: String(four), port: Number(port), family: 4 };
}

function writeAddress(dialect: Dialect, { address, port, family }: ReferenceEndpoint): Buffer {
  const portBytes = integer(dialect, BigInt(port), 2);
  if (family === 4) return Buffer.concat([Buffer.from([1, ...address.split(".").map(Number)]), portBytes]);
  const network = Buffer.concat(groupsOf(address).map((group) => Buffer.from([group >> 8, group & 0xff])));
  return Buffer.concat([Buffer.from([2]), dialect === "netcode" ? network.swap16() : network, portBytes]);
}

function writeAddresses(dialect: Dialect, addresses: readonly ReferenceEndpoint[]): Buffer {
  return Buffer.concat([
    integer(dialect, BigInt(addresses.length), 4),
    ...addresses.map((address) => writeAddress(dialect, address)),
  ]);
}

/** Count and addresses, and what follows them; `undefined` for a count or a type that must not be. */
function readAddresses(
  dialect: Dialect,
  bytes: Uint8Array,
): { addresses: ReferenceEndpoint[]; rest: Uint8Array } | undefined {
  const count = readInteger(dialect, bytes.subarray(0, 4));
  if (count < 1n || count > BigInt(MAX_ADDRESSES)) return undefined;
  const addresses: ReferenceEndpoint[] = [];
  let rest = bytes.subarray(4);
  while (addresses.length < Number(count)) {
    const size = { 1: 7, 2: 19 }[rest[0] ?? 0];
    if (size === undefined || rest.length < size) return undefined;
    const raw = Buffer.from(rest.subarray(1, size - 2));
    const port = Number(readInteger(dialect, rest.subarray(size - 2, size)));
    if (raw.length === 4) addresses.push({ address: raw.join("."), port, family: 4 });
    else {
      const network = dialect === "netcode" ? raw.swap16() : raw;
      const groups = Array.from({ length: 8 }, (_, i) => network.readUInt16BE(2 * i));
      addresses.push({ address: formatIPv6(groups), port, family: 6 });
    }
    rest = rest.subarray(size);
  }
  return { addresses, rest };
}

function associatedData(dialect: Dialect, protocolId: bigint, expire: bigint): Buffer {
  return Buffer.concat([VERSION, integer(dialect, protocolId, 8), integer(dialect, expire, 8)]);
}

/** End to end, with memory of their own: a Buffer's `slice` would share it. */
const bytesOf = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));

const padTo = (length: number, ...parts: readonly Uint8Array[]): Buffer => {
  const bytes = Buffer.concat(parts);
  return Buffer.concat([bytes, Buffer.alloc(length - bytes.length)]);
};

const timeoutBytes = (dialect: Dialect, timeout: number): Buffer =>
  integer(dialect, BigInt.asUintN(32, BigInt(timeout)), 4);
const readTimeout = (dialect: Dialect, bytes: Uint8Array): number =>
  Number(BigInt.asIntN(32, readInteger(dialect, bytes)));

/** The private part's 1008 bytes. */
export function privateText(dialect: Dialect, fields: TokenFields): Buffer {
  return padTo(
    1008,
    integer(dialect, fields.clientId, 8),
    timeoutBytes(dialect, fields.timeoutSeconds),
    writeAddresses(dialect, fields.internalServerAddresses),
    fields.clientToServerKey,
    fields.serverToClientKey,
    padTo(256, fields.userData),
  );
}

/** A connection request around any private text, and any version: for tokens that an issuer refuses to make. */
export function sealRequest(
  dialect: Dialect,
  secret: Uint8Array,
  { protocolId, expireTimestamp }: { protocolId: bigint; expireTimestamp: bigint },
  nonce: Uint8Array,
  text: Uint8Array,
): Uint8Array {
  const data = associatedData(dialect, protocolId, expireTimestamp);
  return bytesOf(Buffer.from([0]), data, nonce, aeadSeal(secret, nonce, text, data));
}

/** The token as the dialect's issuer writes it. */
export function writeToken(dialect: Dialect, secret: Uint8Array, fields: TokenFields, nonce: Uint8Array): Uint8Array {
  const request = sealRequest(dialect, secret, fields, nonce, privateText(dialect, fields));
  const parts = [
    VERSION,
    integer(dialect, fields.protocolId, 8),
    integer(dialect, fields.createTimestamp, 8),
    integer(dialect, fields.expireTimestamp, 8),
    request.subarray(30),
    timeoutBytes(dialect, fields.timeoutSeconds),
    writeAddresses(dialect, fields.serverAddresses),
    fields.clientToServerKey,
    fields.serverToClientKey,
  ];
  if (dialect === "renet") return bytesOf(integer(dialect, fields.clientId, 8), ...parts);
  return bytesOf(padTo(2048, ...parts));
}

/** What a client reads of a token; `undefined` where it is none of the dialect. */
export function readToken(dialect: Dialect, token: Uint8Array): PublicFields | undefined {
  const body = dialect === "renet" ? token.subarray(8) : token;
  if (dialect === "renet" ? body.length > 2048 : body.length !== 2048) return undefined;
  if (body.length < 1093 || Buffer.compare(body.subarray(0, 13), VERSION) !== 0) return undefined;
  const create = readInteger(dialect, body.subarray(21, 29));
  const expire = readInteger(dialect, body.subarray(29, 37));
  const read = readAddresses(dialect, body.subarray(1089));
  if (create > expire || !read || read.rest.length < 64) return undefined;
  return {
    protocolId: readInteger(dialect, body.subarray(13, 21)),
    createTimestamp: create,
    expireTimestamp: expire,
    timeoutSeconds: readTimeout(dialect, body.subarray(1085, 1089)),
    serverAddresses: read.addresses,
    clientToServerKey: Uint8Array.from(read.rest.subarray(0, 32)),
    serverToClientKey: Uint8Array.from(read.rest.subarray(32, 64)),
    ...(dialect === "renet" ? { clientId: readInteger(dialect, token.subarray(0, 8)) } : {}),
  };
}

/** The 1078 bytes that a client sends. */
export function requestOf(dialect: Dialect, token: Uint8Array): Uint8Array {
  const body = dialect === "renet" ? token.subarray(8) : token;
  return bytesOf(Buffer.from([0]), body.subarray(0, 21), body.subarray(29, 1085));
}

/** The private part opened: its 1008 bytes, where the tag is right. */
function openPrivate(
  secret: Uint8Array,
  nonce: Uint8Array,
  sealed: Uint8Array,
  data: Uint8Array,
): Uint8Array | undefined {
  const key = hchacha20(secret, nonce.subarray(0, 16));
  const inner = Buffer.concat([Buffer.alloc(4), nonce.subarray(16)]);
  const ciphertext = sealed.subarray(0, 1008);
  const tag = poly1305(chacha20Block(key, 0, inner).subarray(0, 32), macInput(data, ciphertext));
  return Buffer.compare(tag, sealed.subarray(1008)) === 0 ? chacha20(key, 1, inner, ciphertext) : undefined;
}

const sameAddress = (a: ReferenceEndpoint, b: ReferenceEndpoint): boolean =>
  a.family === b.family && a.port === b.port && a.address === b.address;

/**
 * What a server says of a packet, up to where it needs to know who is connected.
 *
 * @param open another AEAD, for those who ask often
 */
export function verifyRequest(
  verifier: Verifier,
  packet: Uint8Array,
  now: bigint,
  open: typeof openPrivate = openPrivate,
): PrivateFields | RequestReason {
  const { dialect } = verifier;
  if (packet.length !== 1078) return "wrong-size";
  if (packet[0] !== 0 || Buffer.compare(packet.subarray(1, 14), VERSION) !== 0) return "not-a-connection-request";
  if (readInteger(dialect, packet.subarray(14, 22)) !== verifier.protocolId) return "wrong-protocol";
  const expire = readInteger(dialect, packet.subarray(22, 30));
  if (expire + (verifier.leeway ?? 0n) <= now) return "expired";
  if (verifier.maxLifetime !== undefined && expire > now + verifier.maxLifetime + 5n) return "lifetime-too-long";
  const [nonce, sealed, data] = [packet.subarray(30, 54), packet.subarray(54), packet.subarray(1, 30)];
  const text = verifier.secrets.map((secret) => open(secret, nonce, sealed, data)).find(Boolean);
  if (!text) return "not-genuine";
  const read = readAddresses(dialect, text.subarray(12));
  if (!read) return "bad-addresses";
  const { addresses, rest } = read;
  const own = verifier.serverAddresses;
  if (own && !addresses.some((listed) => own.some((ours) => sameAddress(listed, ours)))) return "not-this-server";
  return {
    clientId: readInteger(dialect, text.subarray(0, 8)),
    timeoutSeconds: readTimeout(dialect, text.subarray(8, 12)),
    serverAddresses: addresses,
    clientToServerKey: Uint8Array.from(rest.subarray(0, 32)),
    serverToClientKey: Uint8Array.from(rest.subarray(32, 64)),
    userData: Uint8Array.from(rest.subarray(64, 320)),
  };
}
