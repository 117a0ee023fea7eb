// Connect tokens for the traced calls, made by an instance of cute.wasm that nothing watches.

import { PACKET_BYTES, REST_BYTES, SECRET_BYTES } from "../../../assembly/cute/layout.ts";
import * as map from "../../../assembly/memory/cute.ts";
import { writeChecks } from "../../support/cute-checks.ts";
import { called } from "./cases.ts";
import { shipped } from "./modules.ts";
import { bytesOf, type Secrets } from "./random.ts";
import type { Exports, Instance } from "./tracer.ts";

export const SUITES = { hydrogen: map.SUITE_HYDROGEN, xchacha20poly1305: map.SUITE_XCHACHA20POLY1305 } as const;
export type Suite = keyof typeof SUITES;

export const APPLICATION = 0x1122334455667788n;
export const NOW = 1_700_000_000n;
const EXPIRATION = NOW + 1000n;
/** 203.0.113.7:5000, then [2001:db8::1]:5001: what the packets list. */
export const IPV4 = Buffer.from("01cb0071078813", "hex");
export const IPV6 = Buffer.from("020120b80d0000000000000000000001008913", "hex");

function instantiate(): Instance {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(shipped("cute")));
  const memory = new Uint8Array((exports["memory"] as WebAssembly.Memory).buffer);
  return { exports: exports as unknown as Exports, memory };
}

const maker = instantiate();

/** What is made once for each run: all cases have the same secrets. */
function once<Value>(make: (key: string) => Value): (key: string) => Value {
  const made = new Map<string, Value>();
  return (key) => {
    const found = made.get(key) ?? make(key);
    made.set(key, found);
    return found;
  };
}

const keyPair = once((scalar) => {
  maker.memory.set(Buffer.from(scalar, "hex"), map.CUTE_KEY_INPUT);
  called(maker.exports, "signingKeyPair")(0);
  return Buffer.from(maker.memory.slice(map.CUTE_TOKEN, map.CUTE_TOKEN + 64));
});

/** A suite's secret: for hydrogen a scalar and its public key. In the last runs zero, all ones, a single bit. */
export function secretOf(suite: Suite, secrets: Secrets, label: string): Buffer {
  const bytes = secrets.bytes(label, 32);
  return suite === "hydrogen" ? Buffer.from(keyPair(bytes.toString("hex"))) : bytes;
}

/** The same, random in every run. */
export function randomSecretOf(suite: Suite, secrets: Secrets, label: string): Buffer {
  const bytes = secrets.random(label, 32);
  return suite === "hydrogen" ? Buffer.from(keyPair(bytes.toString("hex"))) : bytes;
}

const slotOf = once((name) => {
  const [suite = "hydrogen", secret = ""] = name.split(" ");
  maker.memory.set(Buffer.from(secret, "hex"), map.CUTE_KEY_INPUT);
  if (!called(maker.exports, "keySet")(0, SUITES[suite as Suite], map.CUTE_KEY_INPUT)) throw new Error("not a secret");
  return Buffer.from(maker.memory.slice(map.CUTE_SLOTS, map.CUTE_SLOTS + map.CUTE_SLOT_BYTES));
});

/** Puts a prepared key into a slot. */
export function setKey({ memory }: Instance, suite: Suite, slot: number, secret: Buffer): void {
  memory.set(slotOf(`${suite} ${secret.toString("hex")}`), map.CUTE_SLOTS + slot * map.CUTE_SLOT_BYTES);
}

/** Writes a request: the public section is the same in every run, all else secret. */
export function writeRequest({ memory }: Instance, suite: Suite, secrets: Secrets, label: string): void {
  const request = Buffer.from(memory.buffer, map.CUTE_REQUEST, map.CUTE_REQUEST_BYTES);
  const endpoints = Buffer.concat([IPV4, IPV6]);
  request.fill(0);
  request.writeBigUInt64LE(APPLICATION, map.OFFSET_REQUEST_APPLICATION_ID);
  request.writeBigUInt64LE(NOW, map.OFFSET_REQUEST_CREATION_TIMESTAMP);
  request.writeBigUInt64LE(EXPIRATION, map.OFFSET_REQUEST_EXPIRATION_TIMESTAMP);
  request.writeUInt32LE(10, map.OFFSET_REQUEST_HANDSHAKE_TIMEOUT);
  request.writeUInt32LE(2, map.OFFSET_REQUEST_ENDPOINT_COUNT);
  request.set(secrets.bytes(`${label} secret section`, SECRET_BYTES), map.OFFSET_REQUEST_SECRET);
  request.set(secrets.bytes(`${label} entropy`, suite === "hydrogen" ? 52 : 24), map.OFFSET_REQUEST_ENTROPY);
  request.writeUInt32LE(endpoints.length, map.OFFSET_REQUEST_ENDPOINTS_LENGTH);
  request.set(endpoints, map.OFFSET_REQUEST_ENDPOINTS);
}

const packets = new Map<string, Buffer>();

/** A genuine packet under a secret. */
export function packetOf(suite: Suite, secret: Buffer, secrets: Secrets, label: string): Buffer {
  const name = `${suite} ${secret.toString("hex")} ${secrets.index} ${label}`;
  let packet = packets.get(name);
  if (!packet) {
    setKey(maker, suite, 0, secret);
    writeRequest(maker, suite, secrets, label);
    called(maker.exports, "issue")(0, SUITES[suite]);
    const start = map.CUTE_TOKEN + REST_BYTES;
    packet = Buffer.from(maker.memory.slice(start, start + PACKET_BYTES));
    packets.set(name, packet);
  }
  return Buffer.from(packet);
}

/** Lists slots and writes packets as src/wasm does. */
export function writeWindow({ memory }: Instance, packets: readonly Buffer[], slots: readonly number[]): void {
  const bytes = Buffer.from(memory.buffer);
  writeChecks(bytes, { applicationId: APPLICATION, now: NOW, ownEndpoints: IPV6 });
  for (const [i, slot] of slots.entries()) bytes.writeUInt32LE(slot, map.CUTE_SLOT_LIST + 4 * i);
  bytes.set(Buffer.concat(packets), map.CUTE_PACKETS);
}

/** Makes curve25519's table, which the first call that needs it makes. */
export function warmUp({ memory, exports }: Instance): void {
  memory.set(bytesOf("warm-up", 32), map.CUTE_KEY_INPUT);
  called(exports, "signingKeyPair")(0);
}
