// What a server keeps of those that showed a genuine token and are not connected: bounded, and dropped by time.
import type { Address } from "./address.ts";

/** Who decides, and what was decided, where the history answers later. */
export type Standing =
  /** Whether the token may begin a handshake is being asked. */
  | "asking"
  | "admitted"
  /** Whether it may have a client slot is being asked. */
  | "joining"
  /** Answered with denied. */
  | "refused"
  /** Not answered. */
  | "ignored";

export interface Handshake {
  /** See `addressKey`. */
  readonly key: string;
  readonly from: Address;
  readonly tokenId: string;
  /** Unix seconds from which the token is refused. */
  readonly expiresAt: bigint;
  /** Seconds without a word after which it ends; below 0 never. */
  readonly timeout: number;
  standing: Standing;
  lastHeard: number;
}

export interface HandshakeLimits {
  readonly capacity: number;
  readonly perAddress: number;
}

/** Handshakes by address and token. A full table refuses the new, never the old. */
export class Handshakes<Entry extends Handshake> {
  readonly #limits: HandshakeLimits;
  readonly #byKey = new Map<string, Entry[]>();
  readonly #byToken = new Map<string, Entry[]>();
  readonly #onEnd: (entry: Entry) => void;
  #size = 0;

  /** @param onEnd called once for each entry that is dropped, by whichever way */
  constructor(limits: HandshakeLimits, onEnd: (entry: Entry) => void) {
    this.#limits = limits;
    this.#onEnd = onEnd;
  }

  get size(): number {
    return this.#size;
  }

  /** Those of an address, the oldest first. */
  at(key: string): readonly Entry[] {
    return this.#byKey.get(key) ?? NONE;
  }

  /** Those of a token, whatever their address. */
  ofToken(tokenId: string): readonly Entry[] {
    return this.#byToken.get(tokenId) ?? NONE;
  }

  find(key: string, tokenId: string): Entry | undefined {
    return this.at(key).find((entry) => entry.tokenId === tokenId);
  }

  /** Whether one more may come from an address. */
  hasRoom(key: string): boolean {
    return this.#size < this.#limits.capacity && this.at(key).length < this.#limits.perAddress;
  }

  /** Whether it is still kept: what a late answer is about may be gone. */
  has(entry: Entry): boolean {
    return this.at(entry.key).includes(entry);
  }

  /** Ask {@link hasRoom} before. */
  add(entry: Entry): void {
    this.#byKey.set(entry.key, [...this.at(entry.key), entry]);
    this.#byToken.set(entry.tokenId, [...this.ofToken(entry.tokenId), entry]);
    this.#size++;
  }

  drop(entry: Entry): void {
    if (!this.has(entry)) return;
    remove(this.#byKey, entry.key, entry);
    remove(this.#byToken, entry.tokenId, entry);
    this.#size--;
    this.#onEnd(entry);
  }

  dropToken(tokenId: string): void {
    for (const entry of this.ofToken(tokenId)) this.drop(entry);
  }

  dropAddress(key: string): void {
    for (const entry of this.at(key)) this.drop(entry);
  }

  /** Drops those whose token has expired, or that were silent for their timeout. */
  expire(now: bigint, time: number): void {
    for (const entries of [...this.#byKey.values()]) {
      for (const entry of entries) if (isOver(entry, now, time)) this.drop(entry);
    }
  }

  dropAll(): void {
    for (const entries of [...this.#byKey.values()]) for (const entry of entries) this.drop(entry);
  }
}

function isOver({ expiresAt, timeout, lastHeard }: Handshake, now: bigint, time: number): boolean {
  return expiresAt <= now || (timeout >= 0 && time - lastHeard >= timeout);
}

const NONE: readonly never[] = [];

function remove<Entry>(map: Map<string, Entry[]>, key: string, entry: Entry): void {
  const left = (map.get(key) ?? []).filter((one) => one !== entry);
  if (left.length === 0) map.delete(key);
  else map.set(key, left);
}
