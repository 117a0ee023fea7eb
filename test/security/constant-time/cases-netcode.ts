// netcode.wasm, the tokens: keys, private parts and nonces are secret, and so is where a forged request differs from a genuine
// one. Public are what a request shows, sizes, slots, the dialect, verdicts and the addresses that a genuine token lists.

import * as map from "../../../assembly/memory/netcode.ts";
import * as layout from "../../../assembly/netcode/layout.ts";
import { xchacha20Poly1305 } from "../../../src/crypto.ts";
import { altered, type Case, called } from "./cases.ts";
import type { Secrets } from "./random.ts";
import type { Instance } from "./tracer.ts";

const PROTOCOL = 0x1122334455667788n;
const NOW = 1_790_000_000n;
const OPEN = "assembly/netcode/private/openRequests";

/** 203.0.113.7:5000 and [2001:db8::1]:5001. */
const IPV4 = Buffer.from("01cb0071078813", "hex");
const IPV6 = Buffer.from("020120b80d0000000000000000000001008913", "hex");
const BOTH = [IPV4, IPV6];

/** What is done to a genuine request. */
type Kind = "genuine" | "forged" | "expired";

interface Window {
  readonly kinds: readonly Kind[];
  readonly addresses?: readonly Buffer[];
  /** How many slots are tried; the last one holds the requests' key. */
  readonly slots?: number;
  /** The server's own addresses. */
  readonly own?: readonly Buffer[];
  readonly bigEndian?: boolean;
  /** The latest end that is taken. */
  readonly latest?: bigint;
  /** Changes what stands in the clear, before it is sealed. */
  readonly clear?: (request: Buffer) => void;
}

const turned = (bytes: Buffer, turn: boolean | undefined): Buffer => (turn ? bytes.reverse() : bytes);

function u64(value: bigint, bigEndian?: boolean): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return turned(bytes, bigEndian);
}

function u32(value: number, bigEndian?: boolean): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return turned(bytes, bigEndian);
}

/** A genuine request: its addresses and what it shows are the same in every run, all else secret. */
function requestOf(window: Window, key: Buffer, secrets: Secrets, label: string): Buffer {
  const { addresses = BOTH, bigEndian, clear } = window;
  const text = Buffer.alloc(layout.PRIVATE_TEXT_BYTES);
  const count = u32(addresses.length, bigEndian);
  const keysAndUserData = secrets.bytes(`${label} keys and user data`, 320);
  Buffer.concat([secrets.bytes(`${label} id and timeout`, 12), count, ...addresses, keysAndUserData]).copy(text);
  const data = Buffer.concat([Buffer.from("NETCODE 1.02\0"), u64(PROTOCOL, bigEndian), u64(NOW + 30n, bigEndian)]);
  const nonce = secrets.bytes(`${label} nonce`, layout.NONCE_BYTES);
  const request = Buffer.concat([Buffer.alloc(1), data, nonce, Buffer.alloc(layout.PRIVATE_BYTES)]);
  clear?.(request);
  const sealed = xchacha20Poly1305.seal(key, nonce, text, request.subarray(1, layout.OFFSET_NONCE));
  request.set(sealed, layout.OFFSET_PRIVATE);
  return request;
}

/** Where a forged request differs, by turns: the tag, the nonce, the ciphertext, or all of them. */
function forged(secrets: Secrets, request: Buffer): Buffer {
  const turn = (secrets.index >> 3) % 5;
  const places = [
    [layout.OFFSET_TAG, layout.TAG_BYTES],
    [layout.OFFSET_TAG, layout.TAG_BYTES],
    [layout.OFFSET_NONCE, layout.NONCE_BYTES],
    [layout.OFFSET_PRIVATE, layout.PRIVATE_TEXT_BYTES],
  ] as const;
  const copy = Buffer.from(request);
  const place = places[turn];
  if (place) copy.set(altered(secrets, request.subarray(place[0], place[0] + place[1])), place[0]);
  else copy.set(secrets.random("forged", request.length - layout.OFFSET_NONCE), layout.OFFSET_NONCE);
  return copy;
}

function write(window: Window, secrets: Secrets, { memory, exports }: Instance): void {
  const { kinds, slots = 1, own = [IPV6], bigEndian, latest = 2n ** 64n - 1n } = window;
  const bytes = Buffer.from(memory.buffer);
  const key = secrets.bytes("key", 32);
  for (let i = 0; i < slots; i++) {
    const slot = 4 + 3 * i;
    bytes.set(i === slots - 1 ? key : secrets.random(`key of slot ${slot}`, 32), map.NETCODE_KEY_INPUT);
    called(exports, "keySet")(slot);
    bytes.writeUInt32LE(slot, map.NETCODE_SLOT_LIST + 4 * i);
  }
  const addresses = Buffer.concat(own);
  bytes.set(addresses, map.NETCODE_OWN_ADDRESSES);
  bytes.set(
    Buffer.concat([u64(PROTOCOL), u64(NOW), u64(0n), u64(latest), u32(addresses.length), u32(bigEndian ? 1 : 0)]),
    map.NETCODE_CHECKS,
  );
  const requests = kinds.map((kind, i) => {
    const request = requestOf(window, key, secrets, `request ${i}`);
    if (kind === "expired") request.set(u64(NOW), layout.OFFSET_EXPIRE_TIMESTAMP);
    return kind === "forged" ? forged(secrets, request) : request;
  });
  bytes.set(Buffer.concat(requests), map.NETCODE_REQUESTS);
}

const statusOf = (kind: Kind): number =>
  ({ genuine: map.STATUS_VALID, forged: map.STATUS_NOT_GENUINE, expired: map.STATUS_EXPIRED })[kind];

function verified(name: string, window: Window, status?: number, parts?: Case["parts"]): Case {
  return {
    name,
    exports: ["verifyRequests"],
    verdict: window.kinds.map((kind) => status ?? statusOf(kind)),
    ...(parts ? { parts } : {}),
    prepare: (secrets) => (instance) => {
      write(window, secrets, instance);
      return () => {
        called(instance.exports, "verifyRequests")(window.kinds.length, window.slots ?? 1);
        return [...instance.memory.slice(map.NETCODE_STATUS, map.NETCODE_STATUS + window.kinds.length)];
      };
    },
  };
}

const [genuine, forgery, expired] = ["genuine", "forged", "expired"] as const;
const MIXED: readonly Kind[] = [forgery, genuine, expired, genuine, forgery, forgery, genuine];

const verifications: readonly Case[] = [
  verified("a genuine request", { kinds: [genuine] }),
  verified("a forged request", { kinds: [forgery] }, undefined, { from: "a genuine request", at: OPEN }),
  verified("two genuine requests", { kinds: [genuine, genuine] }),
  verified("a forged and a genuine request", { kinds: [forgery, genuine] }, undefined, {
    from: "two genuine requests",
    at: OPEN,
  }),
  ...[1, 2].map((slots) => verified(`seven requests, ${slots} slots`, { kinds: MIXED, slots })),
  verified("seven requests with 32 addresses each", { kinds: MIXED, addresses: Array(32).fill(IPV6) }),
  verified("a request whose addresses are not asked about", { kinds: [genuine], own: [] }),
  verified("a big-endian request", { kinds: [genuine], bigEndian: true, own: [IPV4, IPV6] }),
  verified("a request for another server", { kinds: [genuine], addresses: [IPV4] }, map.STATUS_NOT_THIS_SERVER),
  verified("a request without addresses", { kinds: [genuine], addresses: [] }, map.STATUS_BAD_ADDRESSES),
  verified(
    "a request with an unknown kind of address",
    { kinds: [genuine], addresses: [Buffer.alloc(7)] },
    map.STATUS_BAD_ADDRESSES,
  ),
  verified("a request that ends too late", { kinds: [genuine], latest: NOW }, map.STATUS_LIFETIME_TOO_LONG),
];

/** What a request may show, each once: only to reach every branch. */
const inTheClear = (
  [
    ["another type", map.STATUS_NOT_A_CONNECTION_REQUEST, 0],
    ["another version", map.STATUS_NOT_A_CONNECTION_REQUEST, 12],
    ["another protocol", map.STATUS_WRONG_PROTOCOL, 14],
  ] as const
).map(([name, status, at]) => {
  const clear = (request: Buffer): void => {
    request[at] = 9;
  };
  return verified(`a request of ${name}`, { kinds: [genuine], clear }, status);
});

const keys: readonly Case[] = [
  {
    name: "a key is put into its slot",
    exports: ["keySet"],
    prepare: (secrets) => (instance) => {
      instance.memory.set(secrets.bytes("key", 32), map.NETCODE_KEY_INPUT);
      return () => called(instance.exports, "keySet")(1);
    },
  },
  {
    name: "a key is wiped",
    exports: ["keyWipe"],
    prepare: (secrets) => (instance) => {
      instance.memory.set(secrets.bytes("key", 32), map.NETCODE_KEY_INPUT);
      called(instance.exports, "keySet")(1);
      return () => called(instance.exports, "keyWipe")(1);
    },
  },
  {
    name: "a key is read from hex",
    exports: ["secretFromHex"],
    verdict: 1,
    prepare: (secrets) => (instance) => {
      instance.memory.set(Buffer.from(secrets.bytes("key", 32).toString("hex")), map.NETCODE_KEY_INPUT);
      return () => called(instance.exports, "secretFromHex")();
    },
  },
  {
    name: "a key is not read from what is no hex",
    exports: ["secretFromHex"],
    verdict: 0,
    parts: { from: "a key is read from hex", at: "assembly/netcode/secretFromHex" },
    prepare: (secrets) => (instance) => {
      const digits = Buffer.from(secrets.bytes("key", 32).toString("hex"));
      digits[secrets.turn(64)] = 0x67;
      instance.memory.set(digits, map.NETCODE_KEY_INPUT);
      return () => called(instance.exports, "secretFromHex")();
    },
  },
];

const issues = [0, layout.RENET_PREFIX_BYTES].map(
  (prefix): Case => ({
    name: `a token is issued, ${prefix} bytes before it`,
    exports: ["issue"],
    prepare: (secrets) => (instance) => {
      instance.memory.set(secrets.bytes("key", 32), map.NETCODE_KEY_INPUT);
      called(instance.exports, "keySet")(1);
      instance.memory.set(secrets.bytes("token", layout.OFFSET_TOKEN_TIMEOUT), map.NETCODE_TOKEN + prefix);
      return () => called(instance.exports, "issue")(1, prefix);
    },
  }),
);

export const NETCODE_CASES: readonly Case[] = [...keys, ...issues, ...verifications, ...inTheClear];
