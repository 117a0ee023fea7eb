import { describe, expect, it } from "vitest";
import { CUTE_KEY_INPUT } from "../../../assembly/memory/cute.ts";
import { called } from "./cases.ts";
import { CUTE_CASES } from "./cases-cute.ts";
import { instrument } from "./instrument.ts";
import { parsed } from "./modules.ts";
import { warmUp } from "./packets.ts";
import { Secrets } from "./random.ts";
import { expectSameTraces } from "./same-traces.ts";
import { Traced } from "./tracer.ts";

/** Pieces of any length that no export hands to the hash: what it hashes are whole blocks, and so is what it draws. */
const UNREACHABLE = [
  "assembly/gimli/hash/hashUpdate: Select Condition",
  "assembly/gimli/hash/hashUpdate: If Condition",
  "assembly/gimli/hash/hashUpdate: Store Ptr",
  "assembly/gimli/hash/hashUpdate: Load Ptr",
  "assembly/gimli/sponge/squeeze: MemoryCopy Dest",
  "assembly/gimli/sponge/squeeze: MemoryCopy Source",
  "assembly/gimli/sponge/squeeze: MemoryCopy Size",
];

describe("cute.wasm: traces do not depend on secrets", () => {
  expectSameTraces("cute", CUTE_CASES, UNREACHABLE, warmUp);

  it("of the first call either, which makes the table of curve25519", () => {
    const instrumented = instrument(parsed("cute"));
    const traces = Array.from({ length: 4 }, (_, index) =>
      new Traced(instrumented).trace(({ exports, memory }) => {
        memory.set(new Secrets("first call", index).random("scalar", 32), CUTE_KEY_INPUT);
        return () => called(exports, "signingKeyPair")(0);
      }),
    );
    expect(new Set(traces.map((trace) => trace.hash)).size).toBe(1);
  });
});
