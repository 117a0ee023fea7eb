/** Sends packets, which are not the caller's any more when it returns; gives the verdict on each by its index. */
export type SendPackets<Verdict> = (packets: Uint8Array, now: bigint) => Promise<(index: number) => Verdict>;

/** Packets that are sent without waiting for the turn to end: with more, a message would gain nothing. */
const MAX_COLLECTED = 4096;

/** Packets that there is room for from the beginning. */
const INITIAL_ROOM = 64;

/** Collects the calls of one turn of the event loop, so that they go to the workers together. */
export class SingleCalls<Verdict> {
  readonly #packetBytes: number;
  readonly #sendPackets: SendPackets<Verdict>;
  /** By the `now` of the calls; most turns have one. */
  readonly #groups = new Map<bigint, Group<Verdict>>();
  #scheduled = false;

  constructor(packetBytes: number, sendPackets: SendPackets<Verdict>) {
    this.#packetBytes = packetBytes;
    this.#sendPackets = sendPackets;
  }

  /** Takes a copy of a packet. */
  add(packet: Uint8Array, now: bigint): Promise<Verdict> {
    let group = this.#groups.get(now);
    if (group === undefined) {
      group = { now, packets: new Uint8Array(INITIAL_ROOM * this.#packetBytes), calls: [] };
      this.#groups.set(now, group);
    }
    const at = group.calls.length * this.#packetBytes;
    if (at === group.packets.length) group.packets = enlarged(group.packets);
    group.packets.set(packet, at);
    const { calls } = group;
    const verdict = new Promise<Verdict>((resolve, reject) => calls.push({ resolve, reject }));
    if (calls.length === MAX_COLLECTED) this.#sendGroup(group);
    else this.#schedule();
    return verdict;
  }

  /** Sends what was collected. */
  send(): void {
    for (const group of [...this.#groups.values()]) this.#sendGroup(group);
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    atEndOfTurn(() => {
      this.#scheduled = false;
      this.send();
    });
  }

  #sendGroup({ now, packets, calls }: Group<Verdict>): void {
    this.#groups.delete(now);
    this.#sendPackets(packets.subarray(0, calls.length * this.#packetBytes), now).then(
      (verdictAt) => {
        for (const [i, { resolve }] of calls.entries()) resolve(verdictAt(i));
      },
      (reason) => {
        for (const { reject } of calls) reject(reason);
      },
    );
  }
}

interface Group<Verdict> {
  readonly now: bigint;
  packets: Uint8Array;
  readonly calls: { resolve(verdict: Verdict): void; reject(reason: unknown): void }[];
}

function enlarged(bytes: Uint8Array): Uint8Array {
  const larger = new Uint8Array(2 * bytes.length);
  larger.set(bytes);
  return larger;
}

/** Behind all datagrams that lie ready, each of which has its own callback and its own microtasks. */
function atEndOfTurn(run: () => void): void {
  const { setImmediate: immediate } = globalThis as { setImmediate?: (run: () => void) => void };
  if (typeof immediate === "function") immediate(run);
  else setTimeout(run);
}
