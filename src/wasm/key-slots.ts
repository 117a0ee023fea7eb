import { ConnectTokensError, disposed } from "../errors.ts";

/** The key slots of one module: who has which. A slot is wiped before it goes back. */
export class KeySlots {
  readonly #free: number[];
  readonly #count: number;
  readonly #module: string;
  readonly #wipe: (slot: number) => void;
  /** For owners that were dropped without `dispose`. */
  readonly #forgotten: FinalizationRegistry<number>;

  constructor(module: string, count: number, wipe: (slot: number) => void) {
    this.#count = count;
    this.#free = Array.from({ length: count }, (_, i) => count - 1 - i);
    this.#module = module;
    this.#wipe = wipe;
    this.#forgotten = new FinalizationRegistry((slot) => this.#giveBack(slot));
  }

  /**
   * Gives `owner` a slot, until {@link release} or until the owner is collected.
   *
   * @throws ConnectTokensError `ERR_KEY_SLOTS` when all are taken
   */
  take(owner: object): number {
    const slot = this.#free.pop();
    if (slot === undefined) {
      throw new ConnectTokensError(
        "ERR_KEY_SLOTS",
        this.#module,
        `all ${this.#count} key slots of ${this.#module}.wasm are taken: dispose objects that are no longer used`,
      );
    }
    this.#forgotten.register(owner, slot, owner);
    return slot;
  }

  release(owner: object, slot: number): void {
    this.#forgotten.unregister(owner);
    this.#giveBack(slot);
  }

  #giveBack(slot: number): void {
    this.#wipe(slot);
    this.#free.push(slot);
  }
}

/** @throws ConnectTokensError `ERR_DISPOSED` where one of the keys is gone */
export function requireLive(keys: readonly { readonly isDisposed: boolean }[]): void {
  for (const key of keys) if (key.isDisposed) throw disposed();
}
