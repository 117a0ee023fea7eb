import { createCipheriv, randomBytes } from "node:crypto";
import {
  OFFSET_NONCE,
  OFFSET_PRIVATE,
  OFFSET_PROTOCOL_ID,
  OFFSET_TAG,
  OFFSET_VERSION,
} from "../../../assembly/netcode/layout.ts";
import { CONNECTION_REQUEST_BYTES, connectionRequestPacket, NetcodeTokens } from "../../library.ts";
import type { Sealed } from "../aead-peers.ts";
import { type Expected, NOW, type Spoiler, spoilInTurn } from "./common.ts";

const PROTOCOL_ID = 0x1122334455667788n;
const SERVER = "203.0.113.7:40000";

/** One issuer and verifier, with what is issued by it. */
export interface NetcodeBench {
  readonly secret: Buffer;
  readonly tokens: NetcodeTokens;
  token(index: number, expire?: number, addresses?: readonly string[], entropy?: Uint8Array): Uint8Array;
  requests(count: number): Uint8Array[];
  /** Each request spoilt where only its tag can tell. */
  forged(requests: readonly Uint8Array[]): Uint8Array[];
  mixed(count: number): Expected<Uint8Array>[];
}

/** The session keys and the user data of every token here. */
const KEYS = { clientToServerKey: randomBytes(32), serverToClientKey: randomBytes(32) };
const USER_DATA = new Uint8Array(256).map((_, i) => i);

export function netcodeBench(): NetcodeBench {
  const secret = randomBytes(32);
  const tokens = new NetcodeTokens({ protocolId: PROTOCOL_ID, secret, serverAddress: SERVER });
  const token: NetcodeBench["token"] = (index, expire = NOW + 30, serverAddresses = [SERVER], entropy) =>
    tokens.issue(
      {
        ...{ createTimestamp: NOW - 10, expireTimestamp: expire, timeoutSeconds: 5, serverAddresses },
        ...{ clientId: BigInt(index), ...KEYS, userData: USER_DATA },
      },
      { now: NOW, ...(entropy ? { entropy } : {}) },
    );
  const request = (...parameters: Parameters<NetcodeBench["token"]>) => connectionRequestPacket(token(...parameters));
  const requests = (count: number): Uint8Array[] => Array.from({ length: count }, (_, i) => request(i));
  const spoilers: Spoiler<Uint8Array>[] = [
    (packet) => ({ token: packet, verdict: "valid" }),
    (packet, i) => ({ token: flipped(packet, OFFSET_PRIVATE + (i % 1008)), verdict: "not-genuine" }),
    (packet, i) => ({ token: flipped(packet, OFFSET_TAG + (i % 16)), verdict: "not-genuine" }),
    (packet, i) => ({ token: flipped(packet, OFFSET_NONCE + (i % 24)), verdict: "not-genuine" }),
    (packet) => ({ token: packet.subarray(1), verdict: "wrong-size" }),
    (packet) => ({ token: flipped(packet, OFFSET_VERSION), verdict: "not-a-connection-request" }),
    (packet) => ({ token: flipped(packet, OFFSET_PROTOCOL_ID), verdict: "wrong-protocol" }),
    (_, i) => ({ token: request(i, NOW), verdict: "expired" }),
    (_, i) => ({ token: request(i, NOW + 9, ["[2001:db8::7]:4"]), verdict: "not-this-server" }),
    (_, i) => ({ token: request(i, NOW + 9, Array(31).fill("[2001:db8::7]:4").concat(SERVER)), verdict: "valid" }),
    (packet) => ({ token: packet, verdict: "valid" }),
  ];
  return {
    secret,
    tokens,
    token,
    requests,
    forged: (genuine) => genuine.map((packet, i) => flipped(packet, OFFSET_PRIVATE + (i % 1000))),
    mixed: (count) => spoilInTurn(requests(count), spoilers),
  };
}

function flipped(packet: Uint8Array, at: number): Uint8Array {
  const copy = packet.slice();
  copy[at] = (copy[at] as number) ^ 1;
  return copy;
}

/** Requests end to end, as a server that reads into one buffer has them. */
export function joinedRequests(requests: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(requests.length * CONNECTION_REQUEST_BYTES);
  for (const [i, request] of requests.entries()) bytes.set(request, i * CONNECTION_REQUEST_BYTES);
  return bytes;
}

/** What an AEAD peer is given of a request. */
export function sealedRequest(request: Uint8Array): Sealed {
  const bytes = Buffer.from(request); // in an allocation of its own or the pool, as Buffers come
  return {
    associatedData: bytes.subarray(OFFSET_VERSION, OFFSET_NONCE),
    nonce: bytes.subarray(OFFSET_NONCE, OFFSET_PRIVATE),
    sealed: bytes.subarray(OFFSET_PRIVATE),
  };
}

/** A token service as one writes it by hand today: node:crypto's ChaCha20-Poly1305, and HChaCha20 in JavaScript. */
export function handWrittenToken(secret: Buffer, index: number, nonce: Buffer): Buffer {
  const [host = "", port = ""] = SERVER.split(":");
  const address = Buffer.concat([Buffer.of(1, ...host.split(".").map(Number)), u16(Number(port))]);
  const addresses = Buffer.concat([u32(1), address]);
  const timeout = u32(5);
  const keys = Buffer.concat([KEYS.clientToServerKey, KEYS.serverToClientKey]);
  const text = Buffer.alloc(1008);
  Buffer.concat([u64(BigInt(index)), timeout, addresses, keys, USER_DATA]).copy(text);
  const [version, expire] = [Buffer.from("NETCODE 1.02\0", "latin1"), u64(BigInt(NOW + 30))];
  const protocol = u64(PROTOCOL_ID);
  const inner = Buffer.concat([Buffer.alloc(4), nonce.subarray(16)]);
  const cipher = createCipheriv("chacha20-poly1305", hchacha20(secret, nonce), inner, { authTagLength: 16 });
  cipher.setAAD(Buffer.concat([version, protocol, expire]), { plaintextLength: text.length });
  const sealed = [cipher.update(text), cipher.final(), cipher.getAuthTag()];
  const token = Buffer.alloc(2048);
  const head = [version, protocol, u64(BigInt(NOW - 10)), expire, nonce, ...sealed];
  Buffer.concat([...head, timeout, addresses, keys]).copy(token);
  return token;
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
}

/** Written out over a typed array, as fast as JavaScript without unrolling gets. */
function hchacha20(key: Buffer, nonce: Buffer): Buffer {
  const state = new Uint32Array(16);
  state.set([0x61707865, 0x3320646e, 0x79622d32, 0x6b206574]);
  for (let i = 0; i < 8; i++) state[4 + i] = key.readUInt32LE(4 * i);
  for (let i = 0; i < 4; i++) state[12 + i] = nonce.readUInt32LE(4 * i);
  for (let round = 0; round < 10; round++) {
    for (let i = 0; i < 4; i++) quarterRound(state, i, 4 + i, 8 + i, 12 + i);
    for (let i = 0; i < 4; i++) quarterRound(state, i, 4 + ((i + 1) & 3), 8 + ((i + 2) & 3), 12 + ((i + 3) & 3));
  }
  const out = Buffer.alloc(32);
  for (let i = 0; i < 4; i++) {
    out.writeUInt32LE(state[i] as number, 4 * i);
    out.writeUInt32LE(state[12 + i] as number, 16 + 4 * i);
  }
  return out;
}

function quarterRound(state: Uint32Array, a: number, b: number, c: number, d: number): void {
  let [wa, wb, wc, wd] = [state[a] as number, state[b] as number, state[c] as number, state[d] as number];
  wa = (wa + wb) | 0;
  wd ^= wa;
  wd = (wd << 16) | (wd >>> 16);
  wc = (wc + wd) | 0;
  wb ^= wc;
  wb = (wb << 12) | (wb >>> 20);
  wa = (wa + wb) | 0;
  wd ^= wa;
  wd = (wd << 8) | (wd >>> 24);
  wc = (wc + wd) | 0;
  wb ^= wc;
  wb = (wb << 7) | (wb >>> 25);
  state[a] = wa;
  state[b] = wb;
  state[c] = wc;
  state[d] = wd;
}
