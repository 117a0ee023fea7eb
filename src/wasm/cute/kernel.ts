import { CONNECT_TOKEN_BYTES } from "../../../assembly/cute/layout.ts";
import {
  CUTE_CHECKS,
  CUTE_CHECKS_BYTES,
  CUTE_KEPT,
  CUTE_KEPT_BYTES,
  CUTE_KEPT_STARTS,
  CUTE_KEY_INPUT,
  CUTE_KEY_SLOTS,
  CUTE_MAX_PACKETS,
  CUTE_OWN_ENDPOINTS,
  CUTE_OWN_ENDPOINTS_BYTES,
  CUTE_PACKETS,
  CUTE_PACKETS_BYTES,
  CUTE_REQUEST,
  CUTE_REQUEST_BYTES,
  CUTE_SCRATCH,
  CUTE_SCRATCH_BYTES,
  CUTE_SESSION,
  CUTE_SESSION_BYTES,
  CUTE_SLOT_BYTES,
  CUTE_SLOT_HYDROGEN_BYTES,
  CUTE_SLOT_LIST,
  CUTE_SLOT_XCHACHA_BYTES,
  CUTE_SLOTS,
  CUTE_STATUS,
  CUTE_TOKEN,
  OFFSET_CHECKS_APPLICATION_ID,
  OFFSET_CHECKS_LATEST,
  OFFSET_CHECKS_LEEWAY,
  OFFSET_CHECKS_NOW,
  OFFSET_CHECKS_OWN_LENGTH,
  OFFSET_KEPT_SECRET_INDEX,
  STATUS_NOT_GENUINE,
  STATUS_VALID,
  SUITE_HYDROGEN,
  SUITE_XCHACHA20POLY1305,
} from "../../../assembly/memory/cute.ts";
import { ConnectTokensError, disposed } from "../../errors.ts";
import { startModule } from "../instantiate.ts";
import { KeySlots, type PreparedKey } from "../key-slots.ts";
import { countFrom, type OpenedWindow, openInTurns } from "../opened-window.ts";
import { hex } from "./cute.wasm.generated.ts";

export type { OpenedWindow };

/** The exports of cute.wasm; each is documented in assembly/cute.ts. */
interface CuteExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  keySet(slot: number, suite: number, key: number): number;
  keyWipe(slot: number): void;
  issue(slot: number, suite: number): void;
  secretFromHex(length: number): number;
  verifyPackets(count: number, suite: number, strict: number, slotCount: number): void;
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
  readonly checks: DataView;
  readonly ownEndpoints: Uint8Array;
  readonly keyInput: Uint8Array;
  readonly request: DataView;
  readonly requestBytes: Uint8Array;
  readonly token: Uint8Array<ArrayBuffer>;
  /**
   * What the kernel works on, and everything behind the slots and the table. A call that ends by an exception (there may be
   * too little stack left inside the kernel) leaves anything there: who catches it fills both with zeros, and calls no
   * function of our own before.
   */
  readonly scratch: Uint8Array;
  readonly arenas: Uint8Array;
  readonly slotMemory: Uint8Array;
  readonly slots: KeySlots;
}

const KEY_INPUT_BYTES = 128;

/** The two suites by the names that callers know, and under which numbers the kernel knows them. */
export type SuiteName = "hydrogen" | "xchacha20poly1305";
export const SUITES: Readonly<Record<SuiteName, number>> = {
  hydrogen: SUITE_HYDROGEN,
  xchacha20poly1305: SUITE_XCHACHA20POLY1305,
};

let kernel: CuteKernel | undefined;

/**
 * The one instance of cute.wasm in this thread, started on first use.
 *
 * Between the first byte written to its memory and the last one read no code of a caller may run: arguments are copied
 * out of getters and proxies before.
 */
export function cuteKernel(): CuteKernel {
  if (kernel) return kernel;
  const calls = startModule<CuteExports>("cute", hex);
  const memory = calls.memory.buffer;
  const slotMemory = new Uint8Array(memory, CUTE_SLOTS, CUTE_KEY_SLOTS * CUTE_SLOT_BYTES);
  kernel = {
    calls,
    packets: new Uint8Array(memory, CUTE_PACKETS, CUTE_PACKETS_BYTES),
    session: new Uint8Array(memory, CUTE_SESSION, CUTE_SESSION_BYTES),
    sessionView: new DataView(memory, CUTE_SESSION, CUTE_SESSION_BYTES),
    kept: new Uint8Array(memory, CUTE_KEPT, CUTE_KEPT_BYTES),
    keptStarts: new Uint32Array(memory, CUTE_KEPT_STARTS, CUTE_MAX_PACKETS),
    statuses: new Uint8Array(memory, CUTE_STATUS, CUTE_MAX_PACKETS),
    slotList: new Uint32Array(memory, CUTE_SLOT_LIST, CUTE_KEY_SLOTS),
    checks: new DataView(memory, CUTE_CHECKS, CUTE_CHECKS_BYTES),
    ownEndpoints: new Uint8Array(memory, CUTE_OWN_ENDPOINTS, CUTE_OWN_ENDPOINTS_BYTES),
    keyInput: new Uint8Array(memory, CUTE_KEY_INPUT, KEY_INPUT_BYTES),
    request: new DataView(memory, CUTE_REQUEST, CUTE_REQUEST_BYTES),
    requestBytes: new Uint8Array(memory, CUTE_REQUEST, CUTE_REQUEST_BYTES),
    token: new Uint8Array(memory, CUTE_TOKEN, CONNECT_TOKEN_BYTES),
    scratch: new Uint8Array(memory, CUTE_SCRATCH, CUTE_SCRATCH_BYTES),
    arenas: new Uint8Array(memory, CUTE_SLOT_LIST),
    slotMemory,
    slots: new KeySlots(slotMemory, CUTE_SLOT_BYTES),
  };
  return kernel;
}

/** A suite's secret, prepared. */
export class CuteKey {
  #prepared: PreparedKey | undefined;

  /**
   * @param secret of the suite's length; the caller wipes it
   * @throws ConnectTokensError `ERR_RANGE` where the public half of a signing secret does not belong to it
   */
  constructor(suite: SuiteName, secret: Uint8Array, argument: string) {
    const { arenas, calls, keyInput, scratch, slots, slotMemory } = cuteKernel();
    const slot = slots.claim();
    try {
      keyInput.set(secret);
      if (calls.keySet(slot, SUITES[suite], CUTE_KEY_INPUT) === 0) {
        throw new ConnectTokensError(
          "ERR_RANGE",
          argument,
          `${argument} has a public half that is not its secret half's`,
        );
      }
      const length = suite === "hydrogen" ? CUTE_SLOT_HYDROGEN_BYTES : CUTE_SLOT_XCHACHA_BYTES;
      this.#prepared = slots.keep(this, slot, length);
    } catch (error) {
      scratch.fill(0);
      arenas.fill(0);
      slotMemory.fill(0, slot * CUTE_SLOT_BYTES, (slot + 1) * CUTE_SLOT_BYTES);
      throw error;
    }
  }

  get isDisposed(): boolean {
    return this.#prepared === undefined;
  }

  /**
   * The number of its slot, which it has until others have taken all of them: ask again before each call.
   *
   * @throws ConnectTokensError `ERR_DISPOSED`
   */
  get slot(): number {
    if (this.#prepared === undefined) throw disposed();
    return cuteKernel().slots.use(this.#prepared);
  }

  /** Wipes the key. Further calls do nothing. */
  dispose(): void {
    if (this.#prepared === undefined) return;
    cuteKernel().slots.release(this.#prepared);
    this.#prepared = undefined;
  }
}

/** What every packet of a batch is held to. */
export interface PacketChecks {
  readonly suite: SuiteName;
  readonly strict: boolean;
  readonly keys: readonly CuteKey[];
  readonly applicationId: bigint;
  /** As they stand in a packet, end to end; empty where they are not asked for. */
  readonly ownEndpoints: Uint8Array;
  /** Seconds after its end for which a packet is still taken. */
  readonly leeway: bigint;
}

/** When packets are looked at, Unix seconds. */
export interface Times {
  readonly now: bigint;
  /** The latest end that is taken. */
  readonly latest: bigint;
}

/** Packets of one call: few enough to stay in the cache. */
export const WINDOW_PACKETS: number = CUTE_MAX_PACKETS;

/**
 * Verifies at most {@link WINDOW_PACKETS} packets.
 *
 * @param write puts packet after packet, 1024 bytes each, into the bytes it is given; it runs no code of a caller
 * @param statuses receives a byte per packet: STATUS_ in assembly/memory/cute.ts
 * @returns what was read, `undefined` where no packet is valid
 */
export function openWindow(
  checks: PacketChecks,
  times: Times,
  write: (packets: Uint8Array) => void,
  statuses: Uint8Array,
): OpenedWindow | undefined {
  const { keys } = checks;
  if (keys.length <= CUTE_KEY_SLOTS) return openWith(checks, keys, times, write, statuses);
  return openInTurns(keys.length, CUTE_KEY_SLOTS, statuses, STATUS_NOT_GENUINE, (from, to, found) => {
    const opened = openWith(checks, keys.slice(from, to), times, write, found);
    if (opened) countFrom(from, opened, found, isValid, OFFSET_KEPT_SECRET_INDEX);
    return opened;
  });
}

const isValid = (status: number): boolean => status === STATUS_VALID;

function openWith(
  checks: PacketChecks,
  keys: readonly CuteKey[],
  times: Times,
  write: (packets: Uint8Array) => void,
  statuses: Uint8Array,
): OpenedWindow | undefined {
  const running = cuteKernel();
  const { arenas, calls, kept, keptStarts, scratch, slotList } = running;
  const count = statuses.length;
  try {
    for (let i = 0; i < keys.length; i++) slotList[i] = (keys[i] as CuteKey).slot;
    writeChecks(running, checks, times);
    write(running.packets);
    const suite = SUITES[checks.suite];
    calls.verifyPackets(count, suite, checks.strict ? 1 : 0, keys.length);
    statuses.set(running.statuses.subarray(0, count));
    if (!statuses.includes(STATUS_VALID)) return undefined;
    const length = calls.gatherValid(count, suite);
    const opened = { records: kept.slice(0, length), starts: keptStarts.slice(0, count) };
    kept.fill(0, 0, length);
    return opened;
  } catch (error) {
    scratch.fill(0);
    arenas.fill(0);
    throw error;
  }
}

function writeChecks(running: CuteKernel, checks: PacketChecks, { now, latest }: Times): void {
  const { applicationId, leeway, ownEndpoints } = checks;
  running.checks.setBigUint64(OFFSET_CHECKS_APPLICATION_ID, applicationId, true);
  running.checks.setBigUint64(OFFSET_CHECKS_NOW, now, true);
  running.checks.setBigUint64(OFFSET_CHECKS_LEEWAY, leeway, true);
  running.checks.setBigUint64(OFFSET_CHECKS_LATEST, latest, true);
  running.checks.setUint32(OFFSET_CHECKS_OWN_LENGTH, ownEndpoints.length, true);
  if (ownEndpoints.length > 0) running.ownEndpoints.set(ownEndpoints);
}
