import { TASK_PACKETS } from "./messages.ts";

/**
 * Memory that all workers see, in buffers of one task each: what lies here is read by a worker, or by another after a
 * crash, without being copied again. The system lends no pages for what was never used.
 */
export class SharedBuffers {
  readonly memory: SharedArrayBuffer;
  readonly #packetBytes: number;
  /** The free ones; the last one released is taken first, while it is still in the cache. */
  readonly #free: number[];

  constructor(count: number, packetBytes: number) {
    this.memory = new SharedArrayBuffer(count * TASK_PACKETS * packetBytes);
    this.#packetBytes = packetBytes;
    this.#free = Array.from({ length: count }, (_, i) => count - 1 - i);
  }

  /** `undefined` where memory has run out, and in a page that is not cross-origin isolated, which can share none. */
  static create(count: number, packetBytes: number): SharedBuffers | undefined {
    try {
      return new SharedBuffers(count, packetBytes);
    } catch {
      return undefined;
    }
  }

  /** `undefined` where all are taken. */
  take(): number | undefined {
    return this.#free.pop();
  }

  release(buffer: number): void {
    this.#free.push(buffer);
  }

  /** The first `count` packets of a buffer. */
  view(buffer: number, count: number): Uint8Array {
    return packetsIn(this.memory, buffer, count, this.#packetBytes);
  }
}

/** The first `count` packets of shared buffer `buffer`. */
export function packetsIn(memory: SharedArrayBuffer, buffer: number, count: number, packetBytes: number): Uint8Array {
  return new Uint8Array(memory, buffer * TASK_PACKETS * packetBytes, count * packetBytes);
}
