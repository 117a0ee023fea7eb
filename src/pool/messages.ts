// What a pool and its workers say to each other. Copied from one thread to the other: own properties alone arrive.

/** Packets of one task: whole windows, and long enough that the messages cost little beside the work. */
export const TASK_PACKETS = 256;

/** Tasks that a worker has at a time: one in work, one that waits for it. */
export const TASKS_PER_WORKER = 2;

/** What a worker needs to begin. */
export interface Setup<Settings extends object = object> {
  readonly kind: "setup";
  /** The scheme's compiled module; `undefined` where the engine cannot send one, and the worker compiles its own. */
  readonly module: object | undefined;
  /** What else the scheme's worker must know. */
  readonly settings: Settings;
  /** In memory that the pool shares, or else transferred. The worker wipes them. */
  readonly secrets: readonly (SharedArrayBuffer | ArrayBuffer)[];
  /** The memory of all shared buffers, where the engine has any. Deno copies a view over it byte by byte. */
  readonly shared: SharedArrayBuffer | undefined;
}

export interface Work {
  readonly kind: "work";
  readonly count: number;
  readonly now: bigint;
  /** The shared buffer that holds the packets, or the packets themselves, transferred. */
  readonly packets: number | Uint8Array;
}

export interface Stop {
  readonly kind: "stop";
}

export type ToWorker = Setup | Work | Stop;

/** The keys are prepared. */
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
  /** What the scheme read, by windows, or by one that is shorter. Their buffers are transferred. */
  readonly windows: readonly (object | undefined)[];
}

/** The keys are wiped. */
export interface Stopped {
  readonly kind: "stopped";
}

export type FromWorker = Ready | Refusal | Done | Stopped;
