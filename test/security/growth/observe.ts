import { settledHeap } from "../../../bench/support/garbage.ts";
import { cuteKernel } from "../../../src/wasm/cute/kernel.ts";
import { hmacKernel } from "../../../src/wasm/hmac/kernel.ts";
import { netcodeKernel } from "../../../src/wasm/netcode/kernel.ts";
import type { Verb } from "./verb.ts";

/** What must be as it was, however many calls were made. */
interface State {
  /** Bytes, garbage collected. */
  readonly heap: number;
  /** Bytes of WebAssembly memory. */
  readonly memory: number;
  /** Key slots that hold a key. */
  readonly slots: number;
}

/** Memories that are watched beside those of the package. */
export const watched: WebAssembly.Memory[] = [];

async function observe(): Promise<State> {
  const kernels = [hmacKernel(), cuteKernel(), netcodeKernel()];
  const memories = [...kernels.map(({ calls }) => calls.memory), ...watched];
  const slots = kernels.reduce((sum, kernel) => sum + kernel.slots.held, 0);
  const memory = memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
  return { heap: await settledHeap(), memory, slots };
}

/** Half of what the smallest object, and its place in a list, would take if one stayed behind at each call. */
const BYTES_PER_CALL = 12;
/** Measured again, so often in all: a leak grows every time, the engine's own tables do not. */
const TRIES = 3;

export interface Growth {
  readonly calls: number;
  readonly heapPerCall: number;
  readonly problems: readonly string[];
}

async function repeat(verb: Verb, calls: number): Promise<void> {
  for (let i = 0; i < calls; i++) {
    const answer = verb.run();
    if (!(typeof answer === "boolean" ? answer : await answer)) throw new Error(`${verb.name}: a wrong answer`);
  }
}

/** Makes all calls of a verb, the first tenth of them to warm up, and tells what has grown over the others. */
export async function growthOf(verb: Verb): Promise<Growth> {
  const first = Math.ceil(verb.calls / 10);
  await repeat(verb, first);
  let calls = first;
  let found: Growth | undefined;
  for (let i = 0; i < TRIES && (!found || found.problems.length > 0); i++) {
    const before = await observe();
    await repeat(verb, verb.calls - first);
    const after = await observe();
    calls += verb.calls - first;
    const heapPerCall = (after.heap - before.heap) / (verb.calls - first);
    const problems: string[] = [];
    if (heapPerCall > BYTES_PER_CALL) problems.push(`heap: ${heapPerCall.toFixed(1)} bytes a call`);
    if (after.memory !== before.memory) problems.push(`WebAssembly memory: ${after.memory - before.memory} bytes`);
    if (after.slots !== before.slots) problems.push(`key slots: ${after.slots - before.slots} more`);
    found = { calls, heapPerCall, problems };
  }
  await verb.end?.();
  return found as Growth;
}
