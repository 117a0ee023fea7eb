import {
  NETCODE_KEY_INPUT,
  NETCODE_KEY_INPUT_BYTES,
  NETCODE_TEXT,
  NETCODE_TEXT_BYTES,
} from "../../../assembly/memory/netcode.ts";
import { startModule } from "../instantiate.ts";
import { base64 } from "./netcode.wasm.generated.ts";

/** The exports of netcode.wasm; each is documented in assembly/netcode.ts. */
interface NetcodeExports {
  readonly memory: { readonly buffer: ArrayBuffer };
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
  const calls = startModule<NetcodeExports>("netcode", base64);
  const memory = calls.memory.buffer;
  kernel = {
    calls,
    keyInput: new Uint8Array(memory, NETCODE_KEY_INPUT, NETCODE_KEY_INPUT_BYTES),
    text: new Uint8Array(memory, NETCODE_TEXT, NETCODE_TEXT_BYTES),
  };
  return kernel;
}
