// A leak put into a shipped module, before one of its functions, must show in the case that comes by.

import binaryen from "binaryen";
import { describe, expect, it } from "vitest";
import { NETCODE_AEAD_STATE } from "../../../assembly/memory/netcode.ts";
import { AEAD_CASES } from "./cases-aead.ts";
import { CUTE_CASES } from "./cases-cute.ts";
import { HMAC_CASES } from "./cases-hmac.ts";
import { NETCODE_CASES } from "./cases-netcode.ts";
import { instrument } from "./instrument.ts";
import { type ModuleName, parsed } from "./modules.ts";
import { warmUp } from "./packets.ts";
import { leakOf } from "./same-traces.ts";
import { Traced } from "./tracer.ts";

interface Plant {
  readonly module: ModuleName;
  readonly function: string;
  /** Parameters and results as the text format has them. */
  readonly signature: string;
  /** How many parameters are passed on. */
  readonly parameters: number;
  readonly leak: string;
  /** The case that must notice. */
  readonly caught: string;
}

/** A loop over `count` bytes that ends where they differ. */
const earlyExit = (one: string, other: string, count: number): string => `(local $i i32)
  (block $out (loop $next
    (br_if $out (i32.ne (i32.load8_u (i32.add ${one} (local.get $i))) (i32.load8_u (i32.add ${other} (local.get $i)))))
    (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const ${count})))))`;
const bitOf = (address: string): string => `(i32.and (i32.load ${address}) (i32.const 1))`;

/** Poly1305's accumulator in the AEAD's state. */
const ACCUMULATOR = NETCODE_AEAD_STATE + 0x100 + 88;

const CASES = { hmac: HMAC_CASES, cute: CUTE_CASES, netcode: [...AEAD_CASES, ...NETCODE_CASES] };

const PLANTS: Readonly<Record<string, Plant>> = {
  "a table lookup by what was decrypted of a netcode request": {
    module: "netcode",
    function: "assembly/netcode/records/keepRecord",
    signature: "(param i32 i32 i32 i32 i32) (result i32)",
    parameters: 5,
    leak: `(drop (i32.load8_u offset=1024 ${bitOf("offset=56 (local.get 3)")}))`,
    caught: "a genuine request",
  },
  "an early exit before the comparison of tags": {
    module: "hmac",
    function: "assembly/sha256/tags/checkTag",
    signature: "(param i32 i32 i32) (result i32)",
    parameters: 3,
    leak: earlyExit("(local.get 0)", "(local.get 1)", 32),
    caught: "one message is verified: raw, mismatch",
  },
  "an if on the state of SHA-256": {
    module: "hmac",
    function: "assembly/sha256/compression/compress",
    signature: "(param i32 i32 i32)",
    parameters: 3,
    leak: `(local $x i32) (if ${bitOf("(local.get 0)")} (then (local.set $x (i32.const 1))))`,
    caught: "one message is verified: base64url, genuine",
  },
  "a table lookup for hex digits": {
    module: "hmac",
    function: "assembly/encoding/hexDecodeVector",
    signature: "(param i32 i32 v128) (result v128)",
    parameters: 3,
    leak: "(drop (i32.load8_u offset=1024 (i32.load8_u (local.get 0))))",
    caught: "16 bytes are read from hex",
  },
  "a direct access to the table of curve25519": {
    module: "cute",
    function: "assembly/curve25519/comb/pick",
    signature: "(param i32 i32 v128)",
    parameters: 3,
    leak: `(drop (v128.load (i32.add (local.get 1)
      (i32.mul (i32x4.extract_lane 0 (local.get 2)) (i32.const 160)))))`,
    caught: "a signing key pair is made",
  },
  "a select between vectors in Poly1305": {
    module: "netcode",
    function: "assembly/netcode/aeadTag",
    signature: "(param i32)",
    parameters: 1,
    leak: `(drop (select (v128.const i32x4 1 2 3 4) (v128.const i32x4 5 6 7 8) ${bitOf(`(i32.const ${ACCUMULATOR})`)}))`,
    caught: "100 bytes are sealed",
  },
  "a table lookup by key stream": {
    module: "cute",
    function: "assembly/cute/xchacha/accept",
    signature: "(param i32 i32)",
    parameters: 2,
    leak: `(drop (i32.load8_u offset=1024 ${bitOf("offset=0x100 (local.get 0)")}))`,
    caught: "1 packets, genuine: xchacha20poly1305, strict 1, slots 1",
  },
  "memory.fill of a length that the key gives": {
    module: "cute",
    function: "assembly/gimli/secretbox/secretboxOpen",
    signature: "(param i32 i32 i32 i64 i32) (result i32)",
    parameters: 5,
    leak: `(memory.fill (i32.const 0x7000) (i32.const 0) ${bitOf("(local.get 0)")})`,
    caught: "1 packets, genuine: hydrogen, strict 1, slots 1",
  },
};

/** The module with a leak before one of its functions. */
function planted({ module, function: name, signature, parameters, leak }: Plant): binaryen.Module {
  const original = parsed(module);
  const text = original.emitText();
  original.dispose();
  const head = `(func $${name} `;
  if (text.split(head).length !== 2) throw new Error(`${module}.wasm has no function ${name} of its own`);
  const passed = Array.from({ length: parameters }, (_, i) => `(local.get ${i})`).join(" ");
  const wrapper = `(func $${name} ${signature} ${leak} (call $shipped ${passed}))`;
  return binaryen.parseText(text.replace(head, `${wrapper} (func $shipped `));
}

describe("a leak planted in a shipped module is caught", () => {
  for (const [name, plant] of Object.entries(PLANTS)) {
    it(name, () => {
      const traced = new Traced(instrument(planted(plant)), plant.module === "cute" ? warmUp : undefined);
      const one = CASES[plant.module].find((each) => each.name === plant.caught);
      if (!one) throw new Error(`no case ${plant.caught}`);
      expect(leakOf(traced, one)).toContain(`${plant.function}: `);
    });
  }
});
