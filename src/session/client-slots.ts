/** What a client slot holds. */
export interface SlotHolder {
  readonly index: number;
  /** See `addressKey`. */
  readonly key: string;
  readonly clientId: bigint;
}

/** The client slots of a server: the lowest free one is given first. One address and one client id have one slot. */
export class ClientSlots<Client extends SlotHolder> {
  readonly count: number;
  readonly #clients: (Client | undefined)[];
  readonly #byKey = new Map<string, Client>();
  readonly #ids = new Set<bigint>();
  /** No slot below this one is free. */
  #lowest = 0;

  constructor(count: number) {
    this.count = count;
    this.#clients = new Array<Client | undefined>(count).fill(undefined);
  }

  get isFull(): boolean {
    return this.#byKey.size >= this.count;
  }

  /** The number of clients that have one. */
  get taken(): number {
    return this.#byKey.size;
  }

  at(index: number): Client | undefined {
    return this.#clients[index];
  }

  byKey(key: string): Client | undefined {
    return this.#byKey.get(key);
  }

  hasId(clientId: bigint): boolean {
    return this.#ids.has(clientId);
  }

  /** Gives the lowest free slot to what `make` makes. Ask {@link isFull}, {@link byKey} and {@link hasId} before. */
  take(make: (index: number) => Client): Client {
    while (this.#clients[this.#lowest] !== undefined) this.#lowest++;
    const client = make(this.#lowest);
    this.#clients[this.#lowest] = client;
    this.#byKey.set(client.key, client);
    this.#ids.add(client.clientId);
    return client;
  }

  /** Frees the client's slot; false where it has none any more. */
  free(client: Client): boolean {
    if (this.#clients[client.index] !== client) return false;
    this.#clients[client.index] = undefined;
    this.#byKey.delete(client.key);
    this.#ids.delete(client.clientId);
    this.#lowest = Math.min(this.#lowest, client.index);
    return true;
  }

  /** The clients of now, in the order in which they got their slots: freeing one of them meanwhile does no harm. */
  clients(): Client[] {
    return [...this.#byKey.values()];
  }
}
