/// <reference lib="esnext.disposable" preserve="true" />

/** What all token classes are: holders of keys that `dispose`, or `using` where the engine has it, wipes. */
export abstract class KeyHolder implements Disposable {
  /** Wipes the key slots. Any later use throws `ERR_DISPOSED`; a second `dispose` does nothing. */
  abstract dispose(): void;

  declare readonly [Symbol.dispose]: () => void;

  static {
    if (typeof Symbol.dispose === "symbol") {
      Object.defineProperty(KeyHolder.prototype, Symbol.dispose, {
        value(this: KeyHolder): void {
          this.dispose();
        },
      });
    }
  }
}
