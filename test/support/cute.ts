import { CuteTokens, type EndpointInput, type Suite } from "../../src/cute/index.ts";
import { u64Bytes, unhex } from "./bytes.ts";
import type { Random } from "./random.ts";
import { type NativeHydrogenToken, type NativeXchachaToken, readVectors } from "./vectors.ts";

/** A token that native code made, with everything needed to make it again. */
export interface Native {
  readonly id: number;
  readonly secret: Uint8Array;
  readonly entropy: Uint8Array;
  readonly applicationId: bigint;
  readonly issue: {
    readonly creationTimestamp: bigint;
    readonly expirationTimestamp: bigint;
    readonly handshakeTimeout: number;
    readonly endpoints: readonly string[];
    readonly clientId: bigint;
    readonly clientToServerKey: Uint8Array;
    readonly serverToClientKey: Uint8Array;
    readonly userData: Uint8Array | undefined;
  };
  /** 256 bytes: the user data as it stands in the token. */
  readonly userData: Uint8Array;
  /** 1114 bytes. */
  readonly token: Uint8Array;
  /** 1024 bytes. */
  readonly packet: Uint8Array;
}

/** One of the two suites, and what the tests need to know of it. */
export interface SuiteUnderTest {
  readonly suite: Suite;
  readonly natives: readonly Native[];
  readonly publicBytes: number;
  /** IPv6 endpoints that fit. */
  readonly maxIpv6: number;
  readonly secretBytes: number;
  readonly entropyBytes: number;
  /** Where the bytes that make the replay identity stand in a packet. */
  readonly tokenIdBytes: readonly (readonly [from: number, to: number])[];
  /** A byte of the ciphertext. */
  readonly ciphertextByte: number;
}

function native(vector: NativeHydrogenToken | NativeXchachaToken, secret: string, entropy: string): Native {
  const token = unhex(vector.token);
  const userData = vector.userData === null ? undefined : unhex(vector.userData);
  const padded = new Uint8Array(256);
  padded.set(userData ?? []);
  return {
    id: vector.id,
    secret: unhex(secret),
    entropy: unhex(entropy),
    applicationId: BigInt(vector.applicationId),
    issue: {
      creationTimestamp: BigInt(vector.creationTimestamp),
      expirationTimestamp: BigInt(vector.expirationTimestamp),
      handshakeTimeout: vector.handshakeTimeout,
      endpoints: vector.endpoints,
      clientId: BigInt(vector.clientId),
      clientToServerKey: unhex(vector.clientToServerKey),
      serverToClientKey: unhex(vector.serverToClientKey),
      userData,
    },
    userData: padded,
    token,
    packet: token.slice(90),
  };
}

export const nativeHydrogenTokens = readVectors<NativeHydrogenToken[]>("cute-hydrogen.json");

export const hydrogen: SuiteUnderTest = {
  suite: "hydrogen",
  natives: nativeHydrogenTokens.map((vector) =>
    native(vector, vector.secretKey, vector.secretboxIv + vector.signatureRandom),
  ),
  publicBytes: 568,
  maxIpv6: 28,
  secretBytes: 64,
  entropyBytes: 52,
  tokenIdBytes: [[568, 604]],
  ciphertextByte: 700,
};

export const xchacha: SuiteUnderTest = {
  suite: "xchacha20poly1305",
  natives: readVectors<NativeXchachaToken[]>("cute-sodium.json").map((vector) =>
    native(vector, vector.sharedKey, vector.nonce),
  ),
  publicBytes: 656,
  maxIpv6: 32,
  secretBytes: 32,
  entropyBytes: 24,
  tokenIdBytes: [
    [656, 680],
    [1008, 1024],
  ],
  ciphertextByte: 700,
};

/** Native token `index`; there are 24, each of its own secret. */
export function nativeOf(suite: SuiteUnderTest, index: number): Native {
  const found = suite.natives[index];
  if (!found) throw new Error(`no native token ${index}`);
  return found;
}

/** A holder of native token `index`'s secret, for its application id unless told otherwise. */
export function tokensOf(
  suite: SuiteUnderTest,
  index: number,
  options: { applicationId?: bigint; strict?: boolean; serverEndpoint?: string | EndpointInput } = {},
): CuteTokens {
  const { secret, applicationId } = nativeOf(suite, index);
  return new CuteTokens({ suite: suite.suite, secret, applicationId, ...options });
}

/** 1024 bytes of the 1114. */
export function packetOf(token: Uint8Array): Uint8Array {
  return token.slice(90);
}

export const NOW = 1_700_000_000n;

/** An endpoint as text, with what verification must say of it. */
export function randomEndpoint(random: Random, family: 4 | 6): { text: string; address: string; port: number } {
  const port = 1 + random.below(65535);
  if (family === 4) {
    const address = [...random.bytes(4)].join(".");
    return { text: `${address}:${port}`, address, port };
  }
  // Groups without zeros have one spelling.
  const address = Array.from({ length: 8 }, () => (1 + random.below(65535)).toString(16)).join(":");
  return { text: `[${address}]:${port}`, address, port };
}

/** Fields of a token that is valid at {@link NOW}, random throughout. */
export function randomFields(random: Random, suite: SuiteUnderTest) {
  let room = suite.publicBytes - 35;
  const endpoints = [];
  for (let left = 1 + random.below(32); left > 0; left--) {
    const family = random.below(2) === 0 ? 4 : 6;
    room -= family === 4 ? 7 : 19;
    if (room < 0) break;
    endpoints.push(randomEndpoint(random, family));
  }
  return {
    creationTimestamp: NOW - BigInt(random.below(1000)),
    expirationTimestamp: random.below(3) === 0 ? random.u64() | (1n << 40n) : NOW + 1n + BigInt(random.below(1000)),
    handshakeTimeout: random.u32(),
    endpoints,
    clientId: random.u64(),
    clientToServerKey: random.bytes(32),
    serverToClientKey: random.bytes(32),
    userData: random.bytes(random.below(257)),
  };
}

/** A plain token's fields, valid at {@link NOW}. */
export function plainFields(random: Random) {
  return {
    creationTimestamp: NOW - 10n,
    expirationTimestamp: NOW + 100n,
    handshakeTimeout: 30,
    endpoints: ["10.0.0.1:7777", "[2001:db8::1]:7777"],
    clientId: random.u64(),
    clientToServerKey: random.bytes(32),
    serverToClientKey: random.bytes(32),
    userData: random.bytes(256),
  };
}

/** The faults of packets in the order in which they are found, each as a change to a genuine packet of `plainFields`. */
export const faults: readonly {
  readonly reason: string;
  apply(packet: Uint8Array, suite: SuiteUnderTest): Uint8Array;
}[] = [
  { reason: "wrong-size", apply: (packet) => packet.slice(0, 1023) },
  { reason: "not-a-connect-token", apply: (packet) => withBytes(packet, 5, [0x2b]) },
  { reason: "wrong-application", apply: (packet) => withBytes(packet, 18, [(packet[18] as number) ^ 1]) },
  { reason: "expired", apply: (packet) => withBytes(packet, 19, u64Bytes(NOW)) },
  // The last type byte of the two, so that the first endpoint still stands.
  { reason: "bad-endpoints", apply: (packet) => withBytes(packet, 42, [3]) },
  { reason: "not-this-server", apply: (packet) => withBytes(packet, 40, [0x62]) },
  {
    reason: "not-genuine",
    apply: (packet, { ciphertextByte: at }) => withBytes(packet, at, [(packet[at] as number) ^ 0x80]),
  },
];

/** A copy with bytes put at `at`, as far as it reaches. */
export function withBytes(packet: Uint8Array, at: number, bytes: ArrayLike<number>): Uint8Array {
  const copy = packet.slice();
  for (let i = 0; i < bytes.length && at + i < copy.length; i++) copy[at + i] = bytes[i] as number;
  return copy;
}
