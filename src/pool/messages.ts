import type { OpenedWindow } from "../wasm/cute.ts";

/** Packets of one message: whole windows, and long enough that the messages cost little beside the work. */
export const CHUNK_PACKETS = 256;

/** Messages that a worker has at a time: one in work, one that waits for it. */
export const SLOTS = 2;

/** What a worker needs to begin. The secrets' buffers are transferred; the worker wipes them. */
export interface Setup {
  readonly kind: "setup";
  readonly module: object | undefined;
  /** SUITE_ in assembly/memory.ts. */
  readonly suite: number;
  readonly strict: boolean;
  readonly applicationId: bigint;
  readonly serverEndpoint: Uint8Array;
  readonly secrets: readonly Uint8Array[];
  /** {@link SLOTS} places of {@link CHUNK_PACKETS} packets, where the engine shares memory. */
  readonly mailbox: Uint8Array | undefined;
}

export interface Work {
  readonly kind: "work";
  readonly slot: number;
  readonly count: number;
  readonly now: bigint;
  /** The packets, transferred; `undefined` where they lie in the mailbox, in the slot's place. */
  readonly packets: Uint8Array | undefined;
}

export interface Stop {
  readonly kind: "stop";
}

export type ToWorker = Setup | Work | Stop;

/** The key slots are prepared. */
export interface Ready {
  readonly kind: "ready";
}

/** They could not be; why, in words. */
export interface Refusal {
  readonly kind: "refusal";
  readonly message: string;
}

export interface Done {
  readonly kind: "done";
  readonly slot: number;
  /** A byte per packet. */
  readonly statuses: Uint8Array;
  /** By windows, or one that is shorter. Their buffers are transferred. */
  readonly windows: readonly (OpenedWindow | undefined)[];
}

/** The key slots are wiped. */
export interface Stopped {
  readonly kind: "stopped";
}

export type FromWorker = Ready | Refusal | Done | Stopped;
