import {
  NETCODE_AEAD_STATE,
  NETCODE_CHECKS,
  NETCODE_CHECKS_BYTES,
  NETCODE_KEPT,
  NETCODE_KEPT_BYTES,
  NETCODE_KEPT_STARTS,
  NETCODE_KEY_INPUT,
  NETCODE_KEY_INPUT_BYTES,
  NETCODE_KEY_SLOTS,
  NETCODE_MAX_REQUESTS,
  NETCODE_OWN_ADDRESSES,
  NETCODE_OWN_ADDRESSES_BYTES,
  NETCODE_REQUESTS,
  NETCODE_REQUESTS_BYTES,
  NETCODE_SLOT_BYTES,
  NETCODE_SLOT_LIST,
  NETCODE_SLOTS,
  NETCODE_STATUS,
  NETCODE_TEXT,
  NETCODE_TEXT_BYTES,
  NETCODE_TOKEN,
  NETCODE_TOKEN_BYTES,
} from "../../../assembly/memory/netcode.ts";
import { startModule } from "../instantiate.ts";
import { KeySlots } from "../key-slots.ts";
import { hex } from "./netcode.wasm.generated.ts";

/** The exports of netcode.wasm; each is documented in assembly/netcode.ts. */
interface NetcodeExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  keySet(slot: number): void;
  keyWipe(slot: number): void;
  secretFromHex(): number;
  verifyRequests(count: number, slotCount: number): number;
  issue(slot: number, prefixBytes: number): void;
  aeadStart(extended: number): void;
  aeadAssociatedData(pointer: number, length: number): void;
  aeadSealUpdate(pointer: number, length: number): void;
  aeadCheckUpdate(pointer: number, length: number): void;
  aeadTag(out: number): void;
  aeadCheckTag(tag: number): number;
  aeadOpenUpdate(pointer: number, length: number): void;
  aeadWipe(): void;
}

/** The running module, with views on the parts of its memory that this side may touch. */
export interface NetcodeKernel {
  readonly calls: NetcodeExports;
  readonly keyInput: Uint8Array;
  readonly text: Uint8Array<ArrayBuffer>;
  readonly requests: Uint8Array<ArrayBuffer>;
  readonly kept: Uint8Array<ArrayBuffer>;
  readonly keptStarts: Uint32Array<ArrayBuffer>;
  readonly statuses: Uint8Array<ArrayBuffer>;
  readonly slotList: Uint32Array;
  readonly checks: DataView;
  readonly ownAddresses: Uint8Array;
  readonly token: Uint8Array<ArrayBuffer>;
  readonly tokenView: DataView;
  /**
   * All before the slots, and all behind them. A call that ends by an exception (there may be too little stack left inside
   * the kernel) leaves anything there: who catches it fills both with zeros, and calls no function of our own before.
   */
  readonly scratch: Uint8Array;
  readonly arenas: Uint8Array;
  readonly slotMemory: Uint8Array;
  readonly slots: KeySlots;
}

let kernel: NetcodeKernel | undefined;

/**
 * The one instance of netcode.wasm in this thread, started on first use.
 *
 * Between the first byte written to its memory and the last one read no code of a caller may run: arguments are copied
 * out of getters and proxies before.
 */
export function netcodeKernel(): NetcodeKernel {
  if (kernel) return kernel;
  const calls = startModule<NetcodeExports>("netcode", hex);
  const memory = calls.memory.buffer;
  const slotMemory = new Uint8Array(memory, NETCODE_SLOTS, NETCODE_KEY_SLOTS * NETCODE_SLOT_BYTES);
  kernel = {
    calls,
    keyInput: new Uint8Array(memory, NETCODE_KEY_INPUT, NETCODE_KEY_INPUT_BYTES),
    text: new Uint8Array(memory, NETCODE_TEXT, NETCODE_TEXT_BYTES),
    requests: new Uint8Array(memory, NETCODE_REQUESTS, NETCODE_REQUESTS_BYTES),
    kept: new Uint8Array(memory, NETCODE_KEPT, NETCODE_KEPT_BYTES),
    keptStarts: new Uint32Array(memory, NETCODE_KEPT_STARTS, NETCODE_MAX_REQUESTS),
    statuses: new Uint8Array(memory, NETCODE_STATUS, NETCODE_MAX_REQUESTS),
    slotList: new Uint32Array(memory, NETCODE_SLOT_LIST, NETCODE_KEY_SLOTS),
    checks: new DataView(memory, NETCODE_CHECKS, NETCODE_CHECKS_BYTES),
    ownAddresses: new Uint8Array(memory, NETCODE_OWN_ADDRESSES, NETCODE_OWN_ADDRESSES_BYTES),
    token: new Uint8Array(memory, NETCODE_TOKEN, NETCODE_TOKEN_BYTES),
    tokenView: new DataView(memory, NETCODE_TOKEN, NETCODE_TOKEN_BYTES),
    scratch: new Uint8Array(memory, NETCODE_AEAD_STATE, NETCODE_SLOTS - NETCODE_AEAD_STATE),
    arenas: new Uint8Array(memory, NETCODE_REQUESTS),
    slotMemory,
    slots: new KeySlots(slotMemory, NETCODE_SLOT_BYTES),
  };
  return kernel;
}
