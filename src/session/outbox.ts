import type { Address } from "./address.ts";

/** What is to be sent. */
export interface Datagram {
  readonly data: Uint8Array<ArrayBuffer>;
  readonly to: Address;
}

interface Item<Job> {
  readonly to: Address;
  readonly job: Job | undefined;
  data: Uint8Array<ArrayBuffer> | undefined;
}

/** Nobody takes them out: what else would be sent is dropped, as a network may do. */
const MAX_DATAGRAMS = 0x10000;

/**
 * Packets on their way out, in order. They are sealed when they are taken, all in one crossing of the border to
 * WebAssembly, or before their key is wiped.
 */
export class Outbox<Job> {
  readonly #sealMany: (jobs: readonly Job[]) => readonly Uint8Array<ArrayBuffer>[];
  #items: Item<Job>[] = [];
  /** Items before this one are sealed. */
  #sealed = 0;

  constructor(sealMany: (jobs: readonly Job[]) => readonly Uint8Array<ArrayBuffer>[]) {
    this.#sealMany = sealMany;
  }

  get length(): number {
    return this.#items.length;
  }

  /** @returns false where there is no room: the packet is lost */
  push(job: Job, to: Address): boolean {
    return this.#add({ job, data: undefined, to });
  }

  /** For what needs no sealing. */
  pushData(data: Uint8Array<ArrayBuffer>, to: Address): boolean {
    return this.#add({ job: undefined, data, to });
  }

  /** Seals what waits: before a key of theirs is wiped. */
  seal(): void {
    const waiting = this.#items.slice(this.#sealed).filter(({ job }) => job !== undefined);
    this.#sealed = this.#items.length;
    if (waiting.length === 0) return;
    const sealed = this.#sealMany(waiting.map(({ job }) => job as Job));
    for (let i = 0; i < waiting.length; i++) (waiting[i] as Item<Job>).data = sealed[i] as Uint8Array<ArrayBuffer>;
  }

  /** Takes all. */
  drain(): Datagram[] {
    this.seal();
    const taken = this.#items.map(({ data, to }) => ({ data: data as Uint8Array<ArrayBuffer>, to }));
    this.#items = [];
    this.#sealed = 0;
    return taken;
  }

  #add(item: Item<Job>): boolean {
    if (this.#items.length >= MAX_DATAGRAMS) return false;
    this.#items.push(item);
    return true;
  }
}
