import { CONNECT_TOKEN_BYTES } from "../../../assembly/cute/layout.ts";
import {
  CUTE_KEPT,
  CUTE_KEPT_BYTES,
  CUTE_KEPT_STARTS,
  CUTE_KEY_INPUT,
  CUTE_KEY_SLOTS,
  CUTE_MAX_PACKETS,
  CUTE_PACKETS,
  CUTE_PACKETS_BYTES,
  CUTE_REQUEST,
  CUTE_REQUEST_BYTES,
  CUTE_SERVER_ENDPOINT,
  CUTE_SESSION,
  CUTE_SESSION_BYTES,
  CUTE_SLOT_LIST,
  CUTE_STATUS,
  CUTE_TOKEN,
} from "../../../assembly/memory/cute.ts";
import { ConnectTokensError, disposed } from "../../errors.ts";
import { startModule } from "../instantiate.ts";
import { KeySlots } from "../key-slots.ts";
import { base64 } from "./cute.wasm.generated.ts";

/** The exports of cute.wasm; each is documented in assembly/cute.ts. */
interface CuteExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  keySet(slot: number, suite: number, key: number): number;
  keyWipe(slot: number): void;
  issue(slot: number, suite: number): void;
  verifyPackets(
    count: number,
    suite: number,
    strict: number,
    slotCount: number,
    applicationId: bigint,
    now: bigint,
  ): void;
  gatherValid(count: number, suite: number): number;
  signingKeyPair(seeded: number): void;
  verifySignature(publicKey: number): number;
  sessionPrepare(): void;
  sessionSeal(count: number): void;
  sessionOpen(count: number): void;
}

/** The running module, with views on the parts of its memory that this side may touch. */
export interface CuteKernel {
  readonly calls: CuteExports;
  readonly packets: Uint8Array<ArrayBuffer>;
  readonly session: Uint8Array<ArrayBuffer>;
  readonly sessionView: DataView;
  readonly kept: Uint8Array<ArrayBuffer>;
  readonly keptStarts: Uint32Array<ArrayBuffer>;
  readonly statuses: Uint8Array<ArrayBuffer>;
  readonly slotList: Uint32Array;
  readonly serverEndpoint: Uint8Array;
  readonly keyInput: Uint8Array;
  readonly request: DataView;
  readonly requestBytes: Uint8Array;
  readonly token: Uint8Array<ArrayBuffer>;
  readonly slots: KeySlots;
}

const KEY_INPUT_BYTES = 128;
const SERVER_ENDPOINT_BYTES = 32;

let kernel: CuteKernel | undefined;

/**
 * The one instance of cute.wasm in this thread, started on first use.
 *
 * Between the first byte written to its memory and the last one read no code of a caller may run: arguments are copied
 * out of getters and proxies before.
 */
export function cuteKernel(): CuteKernel {
  if (kernel) return kernel;
  const calls = startModule<CuteExports>("cute", base64);
  const memory = calls.memory.buffer;
  kernel = {
    calls,
    packets: new Uint8Array(memory, CUTE_PACKETS, CUTE_PACKETS_BYTES),
    session: new Uint8Array(memory, CUTE_SESSION, CUTE_SESSION_BYTES),
    sessionView: new DataView(memory, CUTE_SESSION, CUTE_SESSION_BYTES),
    kept: new Uint8Array(memory, CUTE_KEPT, CUTE_KEPT_BYTES),
    keptStarts: new Uint32Array(memory, CUTE_KEPT_STARTS, CUTE_MAX_PACKETS),
    statuses: new Uint8Array(memory, CUTE_STATUS, CUTE_MAX_PACKETS),
    slotList: new Uint32Array(memory, CUTE_SLOT_LIST, CUTE_KEY_SLOTS),
    serverEndpoint: new Uint8Array(memory, CUTE_SERVER_ENDPOINT, SERVER_ENDPOINT_BYTES),
    keyInput: new Uint8Array(memory, CUTE_KEY_INPUT, KEY_INPUT_BYTES),
    request: new DataView(memory, CUTE_REQUEST, CUTE_REQUEST_BYTES),
    requestBytes: new Uint8Array(memory, CUTE_REQUEST, CUTE_REQUEST_BYTES),
    token: new Uint8Array(memory, CUTE_TOKEN, CONNECT_TOKEN_BYTES),
    slots: new KeySlots("cute", CUTE_KEY_SLOTS, (slot) => calls.keyWipe(slot)),
  };
  return kernel;
}

/** A suite's secret, prepared in its slot. */
export class CuteKey {
  #slot: number | undefined;

  /**
   * @param suite SUITE_ in assembly/memory/cute.ts
   * @param secret of the suite's length; the caller wipes it
   * @throws ConnectTokensError `ERR_RANGE` where the public half of a signing secret does not belong to it
   */
  constructor(suite: number, secret: Uint8Array, argument: string) {
    const { calls, keyInput, slots } = cuteKernel();
    const slot = slots.take(this);
    keyInput.set(secret);
    if (calls.keySet(slot, suite, CUTE_KEY_INPUT) === 0) {
      slots.release(this, slot);
      throw new ConnectTokensError(
        "ERR_RANGE",
        argument,
        `${argument} has a public half that is not its secret half's`,
      );
    }
    this.#slot = slot;
  }

  get isDisposed(): boolean {
    return this.#slot === undefined;
  }

  /** @throws ConnectTokensError `ERR_DISPOSED` */
  get slot(): number {
    if (this.#slot === undefined) throw disposed();
    return this.#slot;
  }

  /** Wipes the slot and gives it back. Further calls do nothing. */
  dispose(): void {
    if (this.#slot === undefined) return;
    cuteKernel().slots.release(this, this.#slot);
    this.#slot = undefined;
  }
}

/** What every packet of a batch is held to. */
export interface PacketChecks {
  readonly suite: number;
  readonly strict: boolean;
  readonly keys: readonly CuteKey[];
  readonly applicationId: bigint;
  /** As it stands in a packet; empty where it is not asked for. */
  readonly serverEndpoint: Uint8Array;
}

/** Copies of what is kept of a window's valid packets. */
export interface OpenedWindow {
  /** End to end, laid out by the KEPT_ offsets in assembly/memory/cute.ts. */
  readonly records: Uint8Array;
  /** Where each packet's record begins; means nothing for one that is refused. */
  readonly starts: Uint32Array;
}

/** Packets of one call: few enough to stay in the cache. */
export const WINDOW_PACKETS: number = CUTE_MAX_PACKETS;

/**
 * Verifies at most {@link WINDOW_PACKETS} packets.
 *
 * @param write puts packet after packet, 1024 bytes each, into the bytes it is given; it runs no code of a caller
 * @param statuses receives a byte per packet: PACKET_ in assembly/memory/cute.ts
 * @returns what was read, `undefined` where no packet is valid
 */
export function openWindow(
  checks: PacketChecks,
  now: bigint,
  write: (packets: Uint8Array) => void,
  statuses: Uint8Array,
): OpenedWindow | undefined {
  const running = cuteKernel();
  const count = statuses.length;
  checks.keys.forEach((key, i) => {
    running.slotList[i] = key.slot;
  });
  running.serverEndpoint.fill(0);
  running.serverEndpoint.set(checks.serverEndpoint);
  write(running.packets);
  const { suite, strict, keys, applicationId } = checks;
  running.calls.verifyPackets(count, suite, strict ? 1 : 0, keys.length, applicationId, now);
  statuses.set(running.statuses.subarray(0, count));
  if (!statuses.includes(0)) return undefined;
  const length = running.calls.gatherValid(count, suite);
  const opened = { records: running.kept.slice(0, length), starts: running.keptStarts.slice(0, count) };
  running.kept.fill(0, 0, length);
  return opened;
}
