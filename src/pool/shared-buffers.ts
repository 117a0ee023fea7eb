import { PACKET_BYTES } from "../../assembly/cute/layout.ts";
import { CHUNK_PACKETS } from "./messages.ts";

const PLACE_BYTES = CHUNK_PACKETS * PACKET_BYTES;

/**
 * Memory that all workers see, in places of one chunk each: what lies here is read by a worker, or by another after its
 * death, without being copied again. The system lends no pages for what was never used.
 */
export class Places {
  readonly bytes: Uint8Array;
  /** The free ones; the last one released is taken first, while it is still in the cache. */
  readonly #free: number[];

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    const count = bytes.length / PLACE_BYTES;
    this.#free = Array.from({ length: count }, (_, i) => count - 1 - i);
  }

  /** `undefined` in a browser's page that is not cross-origin isolated, which has no memory to share. */
  static create(count: number): Places | undefined {
    if (typeof SharedArrayBuffer !== "function") return undefined;
    return new Places(new Uint8Array(new SharedArrayBuffer(count * PLACE_BYTES)));
  }

  /** `undefined` where all are taken. */
  take(): number | undefined {
    return this.#free.pop();
  }

  release(place: number): void {
    this.#free.push(place);
  }

  at(place: number, byteLength: number): Uint8Array {
    return placeIn(this.bytes, place, byteLength);
  }
}

/** Where a place's first `byteLength` bytes lie. */
export function placeIn(bytes: Uint8Array, place: number, byteLength: number): Uint8Array {
  return bytes.subarray(place * PLACE_BYTES, place * PLACE_BYTES + byteLength);
}
