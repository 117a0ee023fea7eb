import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { MAX_ENDPOINTS, OFFSET_ENDPOINTS } from "../../../assembly/cute/layout.ts";
import { ENDPOINT_IPV6_BYTES } from "../../../assembly/endpoint.ts";
import * as cute from "../../../assembly/memory/cute.ts";
import { modules } from "../../../entries.mjs";
import { ARENAS, type Arena } from "../../support/arenas.ts";

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
    expect(misplaced(ARENAS[name], memoryBytes)).toEqual([]);
    expect(Math.min(...ARENAS[name].map(([, from]) => from))).toBe(0x1000);
  });

  it("would show an arena that grew into the next, or out of the memory", () => {
    for (const [grown] of ARENAS[name]) {
      const arenas = ARENAS[name].map(
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
