import { readFileSync } from "node:fs";
import {
  OFFSET_APPLICATION_ID,
  OFFSET_ENDPOINT_COUNT,
  OFFSET_HYDROGEN_CIPHERTEXT,
  OFFSET_HYDROGEN_SIGNATURE,
  OFFSET_VERSION,
  OFFSET_XCHACHA_CIPHERTEXT,
  OFFSET_XCHACHA_NONCE,
  OFFSET_XCHACHA_TAG,
} from "../../../assembly/cute/layout.ts";
import {
  type CuteOptions,
  CuteTokens,
  connectTokenPacket,
  generateKey,
  PACKET_BYTES,
  type Suite,
} from "../../library.ts";
import type { Sealed } from "../aead-peers.ts";
import { type Expected, NOW, type Spoiler, spoilInTurn } from "./common.ts";

const APPLICATION_ID = 0x1122334455667788n;
const SERVER = "203.0.113.7:40000";

/** A token made by native code, as the files in test/vectors hold it. */
interface NativeToken {
  readonly applicationId: string;
  readonly expirationTimestamp: string;
  readonly clientId: string;
  readonly token: string;
  /** xchacha20poly1305. */
  readonly sharedKey?: string;
  /** hydrogen. */
  readonly secretKey?: string;
}

function nativeTokens(suite: Suite): NativeToken[] {
  const file = suite === "hydrogen" ? "cute-hydrogen.json" : "cute-sodium.json";
  const text = readFileSync(new URL(`../../../test/vectors/${file}`, import.meta.url), "utf8");
  return JSON.parse(text) as NativeToken[];
}

const secretOf = ({ secretKey, sharedKey }: NativeToken): Buffer =>
  Buffer.from((secretKey ?? sharedKey) as string, "hex");

/** The client id of every native-made token where it verifies, beside the one that it was issued for. */
export function verifyNativeTokens(suite: Suite): { expected: bigint; got: bigint | undefined }[] {
  return nativeTokens(suite).map((native) => {
    const tokens = new CuteTokens({ applicationId: BigInt(native.applicationId), secret: secretOf(native), suite });
    const packet = connectTokenPacket(Buffer.from(native.token, "hex"));
    const verdict = tokens.verify(packet, { now: BigInt(native.expirationTimestamp) - 1n });
    tokens.dispose();
    return { expected: BigInt(native.clientId), got: verdict.valid ? verdict.claims.clientId : undefined };
  });
}

/** One issuer and verifier of a suite, with what is issued by it. */
export interface CuteBench {
  readonly options: CuteOptions;
  readonly secret: Buffer;
  readonly tokens: CuteTokens;
  issue(index: number, expiration?: number, endpoints?: readonly string[]): Uint8Array;
  packets(count: number): Uint8Array[];
  /** Each packet spoilt where only its authentication can tell. */
  forged(packets: readonly Uint8Array[]): Uint8Array[];
  mixed(count: number): Expected<Uint8Array>[];
}

const ENDPOINTS = [SERVER, "203.0.113.8:40001", "203.0.113.9:40002", "203.0.113.10:40003"];

export function cuteBench(suite: Suite): CuteBench {
  const secret = secretOf(nativeTokens(suite)[1] as NativeToken);
  const options: CuteOptions = { applicationId: APPLICATION_ID, secret, suite, serverEndpoint: SERVER };
  const tokens = new CuteTokens(options);
  const [clientToServerKey, serverToClientKey] = [generateKey(), generateKey()];
  const userData = new Uint8Array(256).map((_, i) => i);
  const issue = (index: number, expiration = NOW + 60, endpoints: readonly string[] = ENDPOINTS): Uint8Array =>
    tokens.issue({
      creationTimestamp: NOW - 60,
      expirationTimestamp: expiration,
      handshakeTimeout: 5,
      endpoints,
      clientId: BigInt(index),
      clientToServerKey,
      serverToClientKey,
      userData,
    });
  const packets = (count: number): Uint8Array[] =>
    Array.from({ length: count }, (_, i) => connectTokenPacket(issue(i)));
  const ciphertext = suite === "hydrogen" ? OFFSET_HYDROGEN_CIPHERTEXT : OFFSET_XCHACHA_CIPHERTEXT;
  const spoilers: Spoiler<Uint8Array>[] = [
    (token) => ({ token, verdict: "valid" }),
    (packet, i) => ({ token: flipped(packet, ciphertext + (i % 300)), verdict: "not-genuine" }),
    (packet, i) => ({ token: flipped(packet, OFFSET_HYDROGEN_SIGNATURE + (i % 64)), verdict: "not-genuine" }),
    // Zeros behind the endpoints, which are authenticated too.
    (packet) => ({ token: flipped(packet, 400), verdict: "not-genuine" }),
    (packet) => ({ token: packet.subarray(1), verdict: "wrong-size" }),
    (packet) => ({ token: flipped(packet, OFFSET_VERSION), verdict: "not-a-connect-token" }),
    (packet) => ({ token: flipped(packet, OFFSET_APPLICATION_ID), verdict: "wrong-application" }),
    (packet) => ({ token: flipped(packet, OFFSET_ENDPOINT_COUNT + 3), verdict: "bad-endpoints" }),
    (_, i) => ({ token: connectTokenPacket(issue(i, NOW)), verdict: "expired" }),
    (_, i) => ({ token: connectTokenPacket(issue(i, NOW + 9, ["[2001:db8::7]:4"])), verdict: "not-this-server" }),
    (_, i) => ({ token: connectTokenPacket(issue(i, NOW + 9, ["[2001:db8::7]:4", SERVER])), verdict: "valid" }),
  ];
  return {
    options,
    secret,
    tokens,
    issue,
    packets,
    forged: (genuine) => genuine.map((packet, i) => flipped(packet, ciphertext + (i % 300))),
    mixed: (count) => spoilInTurn(packets(count), spoilers),
  };
}

function flipped(packet: Uint8Array, at: number): Uint8Array {
  const copy = packet.slice();
  copy[at] = (copy[at] as number) ^ 1;
  return copy;
}

/** Packets end to end, as a server that reads into one buffer has them. */
export function joined(packets: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(packets.length * PACKET_BYTES);
  for (const [i, packet] of packets.entries()) bytes.set(packet, i * PACKET_BYTES);
  return bytes;
}

/** What an AEAD peer is given of a packet of the suite xchacha20poly1305. */
export function sealedPart(packet: Uint8Array): Sealed {
  const bytes = Buffer.from(packet); // in an allocation of its own or the pool, as Buffers come
  return {
    associatedData: bytes.subarray(0, OFFSET_XCHACHA_NONCE),
    nonce: bytes.subarray(OFFSET_XCHACHA_NONCE, OFFSET_XCHACHA_CIPHERTEXT),
    sealed: bytes.subarray(OFFSET_XCHACHA_CIPHERTEXT, OFFSET_XCHACHA_TAG + 16),
  };
}
