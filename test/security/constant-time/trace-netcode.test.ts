import { describe } from "vitest";
import { AEAD_CASES } from "./cases-aead.ts";
import { expectSameTraces } from "./same-traces.ts";

describe("netcode.wasm: traces do not depend on secrets", () => {
  expectSameTraces("netcode", AEAD_CASES, []);
});
