import type { OpenedWindow } from "../wasm/cute/kernel.ts";

/** Packets of one message: whole windows, and long enough that the messages cost little beside the work. */
export const CHUNK_PACKETS = 256;

/** Messages that a worker has at a time: one in work, one that waits for it. */
export const MESSAGES = 2;

/** What a worker needs to begin. The secrets' buffers are transferred; the worker wipes them. */
export interface Setup {
  readonly kind: "setup";
  readonly module: object | undefined;
  /** SUITE_ in assembly/memory/cute.ts. */
  readonly suite: number;
  readonly strict: boolean;
  readonly applicationId: bigint;
  readonly serverEndpoint: Uint8Array;
  readonly secrets: readonly Uint8Array[];
  /** All places, where the engine shares memory. */
  readonly shared: Uint8Array | undefined;
}

export interface Work {
  readonly kind: "work";
  readonly count: number;
  readonly now: bigint;
  /** The place of the packets, or the packets themselves, transferred. */
  readonly packets: number | Uint8Array;
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

/** The answer to a {@link Work}; they come in the order in which work was given. */
export interface Done {
  readonly kind: "done";
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
