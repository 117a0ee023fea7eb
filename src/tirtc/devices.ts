import { readTextSecret } from "../common/secrets.ts";
import { disposed } from "../errors.ts";
import { HmacKey, sha256Digest } from "../wasm/hmac/kernel.ts";
import { WINDOW_TEXTS } from "../wasm/hmac/texts.ts";

/** The key of a peer's device, text (its UTF-8 bytes) or bytes; `undefined` for a peer that is not known. */
export type DeviceKeyLookup = (peerId: string) => string | Uint8Array | undefined;

/** How many devices' keys stay prepared per object: as many as the tokens that are checked together may have. */
export const MAX_PREPARED_KEYS: number = WINDOW_TEXTS;

/** No text that is a key begins with a lone surrogate. */
const HASH_MARK = "\ud800";

/** A device's key during one call, as the caller gave it: text, or bytes, which are copied. */
export class DeviceSecret {
  readonly #secret: string | Uint8Array;
  /**
   * What the key is prepared under: itself where it is text, which JavaScript can neither copy nor wipe, so that the
   * caller's own string is all there is; else its SHA-256.
   */
  readonly name: string;

  /** @param secret text that can be a key, or bytes, which are wiped with this object */
  constructor(secret: string | Uint8Array) {
    this.#secret = secret;
    this.name = typeof secret === "string" ? secret : HASH_MARK + String.fromCharCode(...sha256Digest(secret));
  }

  toKey(): HmacKey {
    const secret = typeof this.#secret === "string" ? readTextSecret(this.#secret, "deviceSecretKey") : this.#secret;
    try {
      return new HmacKey(secret);
    } finally {
      if (secret !== this.#secret) secret.fill(0);
    }
  }

  wipe(): void {
    if (typeof this.#secret !== "string") this.#secret.fill(0);
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
    const key: unknown = lookup(peerId);
    if (key === undefined) return undefined;
    // Text under which a key is prepared was looked at when it was.
    if (typeof key === "string" && this.#prepared.has(key)) return new DeviceSecret(key);
    const secret = readTextSecret(key, "deviceSecretKey");
    if (typeof key !== "string") return new DeviceSecret(secret);
    secret.fill(0);
    return new DeviceSecret(key);
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

/** The devices of one call's tokens: each peer is asked for once, and its key prepared once for each window of tokens. */
export class AskedDevices {
  readonly #keys: DeviceKeys;
  readonly #byPeer: Map<string, AskedDevice> = new Map();
  /** Of each token. */
  readonly #devices: (AskedDevice | undefined)[] = [];

  /**
   * @param peerIds each token's peer, where it has one
   * @throws what {@link DeviceKeys.ask} throws, with nothing left behind
   */
  constructor(keys: DeviceKeys, peerIds: readonly (string | undefined)[]) {
    this.#keys = keys;
    try {
      for (const peerId of peerIds) this.#devices.push(peerId === undefined ? undefined : this.#ask(peerId));
    } catch (error) {
      this.wipe();
      throw error;
    }
  }

  /**
   * The prepared key of a token's device, where that is known. It lasts as long as one window's worth of tokens is asked
   * for under the same `window`.
   */
  key(token: number, window: number): HmacKey | undefined {
    const device = this.#devices[token];
    if (!device?.secret) return undefined;
    if (device.window !== window) {
      device.key = this.#keys.prepare(device.secret);
      device.window = window;
    }
    return device.key;
  }

  isKnown(token: number): boolean {
    return this.#devices[token]?.secret !== undefined;
  }

  wipe(): void {
    for (const { secret } of this.#byPeer.values()) secret?.wipe();
  }

  #ask(peerId: string): AskedDevice {
    let device = this.#byPeer.get(peerId);
    if (!device) {
      device = { secret: this.#keys.ask(peerId), key: undefined, window: -1 };
      this.#byPeer.set(peerId, device);
    }
    return device;
  }
}

interface AskedDevice {
  readonly secret: DeviceSecret | undefined;
  key: HmacKey | undefined;
  /** The window for which the key was prepared last. */
  window: number;
}
