import { readTextSecret } from "../common/secrets.ts";
import { disposed, HmacKey, sha256Digest } from "../wasm/hmac.ts";

/** The key of a peer's device, text (its UTF-8 bytes) or bytes; `undefined` for a peer that is not known. */
export type DeviceKeyLookup = (peerId: string) => string | Uint8Array | undefined;

/** How many devices' keys stay prepared per object, and so how many different ones a run of tokens may have. */
export const MAX_PREPARED_KEYS = 256;

/** A device's key during one call, copied from what the caller gave. */
export class DeviceSecret {
  readonly #secret: Uint8Array;
  /** The key's SHA-256: what it is prepared under. */
  readonly name: string;

  constructor(secret: Uint8Array) {
    this.#secret = secret;
    this.name = String.fromCharCode(...sha256Digest(secret));
  }

  toKey(): HmacKey {
    return new HmacKey(this.#secret);
  }

  wipe(): void {
    this.#secret.fill(0);
  }
}

/** Keys that a caller's function gives, kept prepared by what they are: never by the peer, whose key may change. */
export class DeviceKeys {
  readonly #lookup: DeviceKeyLookup;
  /** In the order of their last use. */
  readonly #prepared: Map<string, HmacKey> = new Map();
  #disposed = false;

  constructor(lookup: DeviceKeyLookup) {
    this.#lookup = lookup;
  }

  /**
   * Asks the caller. Any code may run in here, so this comes before anything is prepared.
   *
   * @throws whatever the caller's function throws; ConnectTokensError where it gave what cannot be a key
   */
  ask(peerId: string): DeviceSecret | undefined {
    if (this.#disposed) throw disposed();
    const lookup = this.#lookup;
    const key = lookup(peerId);
    return key === undefined ? undefined : new DeviceSecret(readTextSecret(key, "deviceSecretKey"));
  }

  /** Asks once for each of the peers, with nothing left behind where that fails. */
  askAll(peerIds: readonly (string | undefined)[]): Map<string, DeviceSecret | undefined> {
    const secrets = new Map<string, DeviceSecret | undefined>();
    try {
      for (const peerId of peerIds) {
        if (peerId !== undefined && !secrets.has(peerId)) secrets.set(peerId, this.ask(peerId));
      }
      return secrets;
    } catch (error) {
      for (const secret of secrets.values()) secret?.wipe();
      throw error;
    }
  }

  /** The prepared key, which lasts until {@link MAX_PREPARED_KEYS} other keys were asked for. */
  prepare(secret: DeviceSecret): HmacKey {
    if (this.#disposed) throw disposed();
    let key = this.#prepared.get(secret.name);
    if (key) this.#prepared.delete(secret.name);
    else {
      if (this.#prepared.size >= MAX_PREPARED_KEYS) this.#dropOldest();
      key = secret.toKey();
    }
    this.#prepared.set(secret.name, key);
    return key;
  }

  dispose(): void {
    this.#disposed = true;
    while (this.#prepared.size > 0) this.#dropOldest();
  }

  #dropOldest(): void {
    for (const [name, key] of this.#prepared) {
      this.#prepared.delete(name);
      key.dispose();
      return;
    }
  }
}
