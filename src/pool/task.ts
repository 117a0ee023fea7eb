import type { Batch } from "./batch.ts";
import type { SharedBuffers } from "./shared-buffers.ts";

/** Packets of a call that go to a worker together. */
export class Task {
  readonly batch: Batch;
  /** The first packet's index in the batch. */
  readonly from: number;
  readonly count: number;
  /** Workers that ended over it. */
  crashes = 0;
  /** The packets, wherever they lie by now; `undefined` while they are the caller's alone. */
  #packets: Uint8Array | undefined;
  /** Which of the shared buffers that is. */
  #buffer: number | undefined;

  constructor(batch: Batch, from: number, count: number) {
    this.batch = batch;
    this.from = from;
    this.count = count;
  }

  /** The shared buffer that holds the packets, where one does. */
  get buffer(): number | undefined {
    return this.#buffer;
  }

  /** Makes sure that the packets are not the caller's: copies them into a shared buffer where one is free. */
  keep(buffers: SharedBuffers | undefined): void {
    if (this.#buffer !== undefined) return;
    const buffer = buffers?.take();
    if (buffers === undefined || buffer === undefined) {
      this.#packets ??= this.copy();
      return;
    }
    const bytes = buffers.view(buffer, this.count);
    this.#write(bytes);
    this.#packets = bytes;
    this.#buffer = buffer;
  }

  copy(): Uint8Array<ArrayBuffer> {
    const copy = new Uint8Array(this.count * this.batch.packetBytes);
    this.#write(copy);
    return copy;
  }

  /** Nobody needs the packets any more. */
  release(buffers: SharedBuffers | undefined): void {
    if (this.#buffer !== undefined) buffers?.release(this.#buffer);
    this.#buffer = undefined;
    this.#packets = undefined;
  }

  #write(target: Uint8Array): void {
    if (this.#packets) target.set(this.#packets);
    else this.batch.source.write(target, this.from, this.from + this.count);
  }
}
