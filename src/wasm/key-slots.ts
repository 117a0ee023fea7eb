import { KEY_SLOTS } from "../../assembly/memory.ts";
import { ConnectTokensError } from "../errors.ts";

/** The key slots of one module: who has which. A slot is wiped before it goes back. */
export class KeySlots {
  readonly #free: number[] = Array.from({ length: KEY_SLOTS }, (_, i) => KEY_SLOTS - 1 - i);
  readonly #module: string;
  readonly #wipe: (slot: number) => void;
  /** For owners that were dropped without `dispose`. */
  readonly #forgotten: FinalizationRegistry<number>;

  constructor(module: string, wipe: (slot: number) => void) {
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
        `all ${KEY_SLOTS} key slots of ${this.#module}.wasm are taken: dispose objects that are no longer used`,
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
