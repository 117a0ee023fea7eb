import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { CONNECT_TOKEN_BYTES, MAX_ENDPOINTS, OFFSET_ENDPOINTS } from "../../../assembly/cute/layout.ts";
import { ENDPOINT_IPV6_BYTES } from "../../../assembly/endpoint.ts";
import * as cute from "../../../assembly/memory/cute.ts";
import * as hmac from "../../../assembly/memory/hmac.ts";
import * as netcode from "../../../assembly/memory/netcode.ts";
import { modules } from "../../../entries.mjs";

type Arena = readonly [name: string, from: number, bytes: number];

const KEY_INPUT_BYTES = 128;
const ENTRIES: Readonly<Record<(typeof modules)[number], readonly Arena[]>> = {
  hmac: [
    ["scratch", hmac.HMAC_SCRATCH, hmac.HMAC_SCRATCH_BYTES],
    ["slots", hmac.HMAC_SLOTS, hmac.HMAC_KEY_SLOTS * hmac.HMAC_SLOT_BYTES],
    ["stream", hmac.HMAC_STREAM, hmac.HMAC_STREAM_BYTES],
    ["starts", hmac.HMAC_STARTS, (hmac.HMAC_MAX_TEXTS + 1) * 4],
    ["numbers", hmac.HMAC_NUMBERS, hmac.HMAC_MAX_TEXTS * 4],
    ["jobs", hmac.HMAC_JOBS, hmac.HMAC_MAX_TEXTS * hmac.HMAC_JOB_BYTES],
    ["status", hmac.HMAC_STATUS, hmac.HMAC_MAX_TEXTS],
    ["arena", hmac.HMAC_ARENA, hmac.HMAC_ARENA_BYTES],
  ],
  cute: [
    ["scratch", cute.CUTE_SCRATCH, cute.CUTE_SCRATCH_BYTES],
    ["slots", cute.CUTE_SLOTS, cute.CUTE_KEY_SLOTS * cute.CUTE_SLOT_BYTES],
    ["table", cute.CUTE_TABLE, cute.CUTE_TABLE_BYTES],
    ["slot list", cute.CUTE_SLOT_LIST, cute.CUTE_KEY_SLOTS * 4],
    ["checks", cute.CUTE_CHECKS, cute.CUTE_CHECKS_BYTES],
    ["own endpoints", cute.CUTE_OWN_ENDPOINTS, cute.CUTE_OWN_ENDPOINTS_BYTES],
    ["request", cute.CUTE_REQUEST, cute.CUTE_REQUEST_BYTES],
    ["token", cute.CUTE_TOKEN, CONNECT_TOKEN_BYTES],
    ["key input", cute.CUTE_KEY_INPUT, KEY_INPUT_BYTES],
    ["status", cute.CUTE_STATUS, cute.CUTE_MAX_PACKETS],
    ["slots that opened", cute.CUTE_OPENED_BY, cute.CUTE_MAX_PACKETS * 4],
    ["starts of kept records", cute.CUTE_KEPT_STARTS, cute.CUTE_MAX_PACKETS * 4],
    ["packets", cute.CUTE_PACKETS, cute.CUTE_PACKETS_BYTES],
    ["session packets", cute.CUTE_SESSION, cute.CUTE_SESSION_BYTES],
    ["secrets", cute.CUTE_SECRETS, cute.CUTE_MAX_PACKETS * cute.CUTE_SECRET_STRIDE],
    ["kept records", cute.CUTE_KEPT, cute.CUTE_KEPT_BYTES],
  ],
  netcode: [
    ["AEAD state", netcode.NETCODE_AEAD_STATE, netcode.NETCODE_AEAD_STATE_BYTES],
    ["key input", netcode.NETCODE_KEY_INPUT, netcode.NETCODE_KEY_INPUT_BYTES],
    ["text", netcode.NETCODE_TEXT, netcode.NETCODE_TEXT_BYTES],
  ],
};

/** Arenas that begin before the one before them has ended, or end behind the memory. */
function misplaced(arenas: readonly Arena[], memoryBytes: number): string[] {
  const sorted = [...arenas].sort(([, a], [, b]) => a - b);
  return sorted.flatMap(([name, from, bytes], i) => {
    const limit = sorted[i + 1]?.[1] ?? memoryBytes;
    return from + bytes > limit ? [name] : [];
  });
}

const root = fileURLToPath(new URL("../../..", import.meta.url));
const targets = JSON.parse(readFileSync(join(root, "asconfig.json"), "utf8")).targets as Record<
  string,
  { initialMemory: number }
>;

describe.each(modules)("the memory map of %s.wasm", (name) => {
  const memoryBytes = (targets[name]?.initialMemory ?? 0) * 0x10000;

  it("gives each arena a place of its own within the memory, above asc's static data", () => {
    expect(misplaced(ENTRIES[name], memoryBytes)).toEqual([]);
    expect(Math.min(...ENTRIES[name].map(([, from]) => from))).toBe(0x1000);
  });

  it("would show an arena that grew into the next, or out of the memory", () => {
    for (const [grown] of ENTRIES[name]) {
      const arenas = ENTRIES[name].map(
        ([arena, from, bytes]): Arena => [arena, from, arena === grown ? memoryBytes : bytes],
      );
      expect(misplaced(arenas, memoryBytes)).toEqual([grown]);
    }
  });
});

it("the records of a full window have room, whatever endpoints their packets have", () => {
  const longest = cute.OFFSET_KEPT_PUBLIC + OFFSET_ENDPOINTS + MAX_ENDPOINTS * ENDPOINT_IPV6_BYTES;
  expect(cute.CUTE_MAX_PACKETS * longest).toBeLessThanOrEqual(cute.CUTE_KEPT_BYTES);
  expect((cute.CUTE_MAX_PACKETS + 2) * longest).toBeGreaterThan(cute.CUTE_KEPT_BYTES);
});

it("no kernel writes an address of its own: each is derived from a map", () => {
  const address = /const \w+(?<!_BYTES): usize = 0x[0-9a-f]{4,}/;
  expect(address.test("const STATE: usize = 0x1200;")).toBe(true);
  const files = readdirSync(join(root, "assembly"), { recursive: true, encoding: "utf8" });
  const sources = files.filter((file) => file.endsWith(".ts") && !file.startsWith("memory"));
  expect(sources.length).toBeGreaterThan(20);
  expect(sources.filter((file) => address.test(readFileSync(join(root, "assembly", file), "utf8")))).toEqual([]);
});
