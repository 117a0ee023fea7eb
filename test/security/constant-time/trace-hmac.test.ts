import { describe } from "vitest";
import { HMAC_CASES } from "./cases-hmac.ts";
import { expectSameTraces } from "./same-traces.ts";

describe("hmac.wasm: traces do not depend on secrets", () => {
  expectSameTraces("hmac", HMAC_CASES, []);
});
