import { createHash, createHmac } from "node:crypto";
import { expect } from "vitest";
import { CUTE_KEY_SLOTS, CUTE_SLOT_BYTES, CUTE_SLOTS } from "../../assembly/memory/cute.ts";
import { HMAC_KEY_SLOTS, HMAC_SLOT_BYTES, HMAC_SLOTS } from "../../assembly/memory/hmac.ts";
import { NETCODE_KEY_SLOTS, NETCODE_SLOT_BYTES, NETCODE_SLOTS } from "../../assembly/memory/netcode.ts";
import { cuteKernel } from "../../src/wasm/cute/kernel.ts";
import { hmacKernel } from "../../src/wasm/hmac/kernel.ts";
import { netcodeKernel } from "../../src/wasm/netcode/kernel.ts";
import { concat } from "./bytes.ts";
import { Windows } from "./windows.ts";

// Holds linear memory, after each call, to what may stand there: see test/unit/wasm/secrets.test.ts.

export const kernels = {
  hmac: {
    memory: new Uint8Array(hmacKernel().calls.memory.buffer),
    slots: HMAC_SLOTS,
    bytes: HMAC_SLOT_BYTES,
    count: HMAC_KEY_SLOTS,
  },
  cute: {
    memory: new Uint8Array(cuteKernel().calls.memory.buffer),
    slots: CUTE_SLOTS,
    bytes: CUTE_SLOT_BYTES,
    count: CUTE_KEY_SLOTS,
  },
  netcode: {
    memory: new Uint8Array(netcodeKernel().calls.memory.buffer),
    slots: NETCODE_SLOTS,
    bytes: NETCODE_SLOT_BYTES,
    count: NETCODE_KEY_SLOTS,
  },
};
type Name = keyof typeof kernels;
const NAMES = ["hmac", "cute", "netcode"] as const;
export type Way = "success" | "failure" | "throw";
export type Secrets = Record<string, Uint8Array>;

export const xor = (a: Uint8Array, b: Uint8Array): Uint8Array => a.map((byte, i) => byte ^ (b[i] as number));
export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
export const sha = (bytes: Uint8Array): Uint8Array => createHash("sha256").update(bytes).digest();

/** A slot's place in memory. */
export function slotRange(name: Name, slot: number): readonly [number, number] {
  const { slots, bytes } = kernels[name];
  return [slots + slot * bytes, slots + (slot + 1) * bytes];
}

/** Which slots hold anything. */
export function slotsInUse(name: Name): number[] {
  const { memory } = kernels[name];
  return Array.from({ length: kernels[name].count }, (_, slot) => slot).filter((slot) => {
    const [from, to] = slotRange(name, slot);
    return memory.subarray(from, to).some((byte) => byte !== 0);
  });
}

/** Per module, the slots of living holders; and what those slots hold, which is as secret as the keys. */
export const owned: Record<Name, Map<number, Uint8Array>> = { hmac: new Map(), cute: new Map(), netcode: new Map() };
export const held: { dispose(): void }[] = [];

/** Notes which slots a holder takes. */
export function hold<Holder extends { dispose(): void }>(make: () => Holder): Holder {
  const holder = make();
  held.push(holder);
  for (const name of NAMES) {
    for (const slot of slotsInUse(name)) {
      owned[name].set(slot, kernels[name].memory.slice(...slotRange(name, slot)));
    }
  }
  return holder;
}

/** Where secrets stand, in every module; and slots that hold something without a holder. */
function leaks(secrets: Secrets): string[] {
  const slots: Secrets = {};
  for (const name of NAMES) {
    for (const [slot, bytes] of owned[name]) slots[`${name} slot ${slot}`] = bytes;
  }
  const windows = new Windows({ ...secrets, ...slots });
  return NAMES.flatMap((name) => {
    const allowed = [...owned[name].keys()].map((slot) => slotRange(name, slot));
    const strays = slotsInUse(name).filter((slot) => !owned[name].has(slot));
    return [
      ...windows.find(kernels[name].memory, allowed).map((place) => `${name}: ${place}`),
      ...strays.map((slot) => `${name}: slot ${slot} of no holder`),
    ];
  });
}

export const covered = new Map<string, Set<Way>>();

/** Makes a call and holds memory to what it may hold then. */
export function leavesNothing<Result>(call: string, way: Way, secrets: Secrets, run: () => Result): Result {
  covered.set(call, (covered.get(call) ?? new Set()).add(way));
  let result: Result | undefined;
  let thrown = false;
  try {
    result = run();
  } catch {
    thrown = true;
  }
  expect(thrown, call).toBe(way === "throw");
  expect(leaks(secrets), `${call}, ${way}`).toEqual([]);
  return result as Result;
}

export function disposeAll(call: string, secrets: Secrets): void {
  const all = held.splice(0);
  const last = { ...secrets };
  for (const name of NAMES) {
    for (const [slot, bytes] of owned[name]) last[`${name} slot ${slot}, once`] = bytes;
    owned[name].clear();
  }
  leavesNothing(call, "success", last, () => {
    for (const holder of all) holder.dispose();
  });
  expect(NAMES.map(slotsInUse)).toEqual([[], [], []]);
}

/** Between tests nothing may be left. */
export function release(): void {
  for (const holder of held.splice(0)) holder.dispose();
  for (const name of NAMES) owned[name].clear();
  expect(NAMES.map(slotsInUse)).toEqual([[], [], []]);
}

/** What HMAC makes of a key on its way: the padded blocks; and of short messages all that {@link tagSecrets} tells. */
export function hmacSecrets(key: Uint8Array, ...messages: (string | Uint8Array)[]): Secrets {
  const { block, inner } = padded(key);
  const outer = block.map((byte) => byte ^ 0x5c);
  const secrets: Secrets = { key, "short key": block.slice(0, 32), "inner block": inner, "outer block": outer };
  messages.forEach((message, i) => {
    const bytes = typeof message === "string" ? utf8(message) : message;
    for (const [name, secret] of Object.entries(tagSecrets(key, bytes))) secrets[`${name} ${i}`] = secret;
  });
  return secrets;
}

/** The same secrets under longer names, to stand beside those of another key. */
export function named(prefix: string, secrets: Secrets): Secrets {
  return Object.fromEntries(Object.entries(secrets).map(([name, bytes]) => [`${prefix} ${name}`, bytes]));
}

/** A message's beginning and end, its inner digest, and its tag in every encoding. */
export function tagSecrets(key: Uint8Array, message: Uint8Array): Secrets {
  const tag = createHmac("sha256", key).update(message).digest();
  return {
    "message's beginning": message.subarray(0, 300),
    "message's end": message.subarray(-100),
    "inner digest": sha(concat(padded(key).inner, message)),
    tag,
    "tag in hex": utf8(tag.toString("hex")),
    "tag in base64url": utf8(tag.toString("base64url")),
  };
}

function padded(key: Uint8Array): { block: Uint8Array; inner: Uint8Array } {
  const block = new Uint8Array(64);
  block.set(key.length > 64 ? sha(key) : key);
  return { block, inner: block.map((byte) => byte ^ 0x36) };
}
