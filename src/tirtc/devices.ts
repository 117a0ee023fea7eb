import { bytesOf, wipeCopy } from "../common/bytes.ts";
import { readTextSecret } from "../common/secrets.ts";
import { utf8Length } from "../common/text.ts";
import { type ConnectTokensError, disposed, formatError, typeError } from "../errors.ts";
import { HmacKey } from "../wasm/hmac/kernel.ts";
import { keyName } from "../wasm/hmac/key-name.ts";
import { WINDOW_TEXTS } from "../wasm/hmac/texts.ts";

/**
 * The key of a peer's device, text (its UTF-8 bytes) or bytes; `undefined` or `null` for a peer that is not known. The peer
 * is what a stranger wrote: look it up in a `Map`, not in a plain object, which knows a `__proto__`.
 */
export type DeviceKeyLookup = (peerId: string) => string | Uint8Array | ArrayBuffer | undefined | null;

/** How many devices' keys stay prepared per object: as many as the tokens that are checked together may have. */
export const MAX_PREPARED_KEYS: number = WINDOW_TEXTS;

/** A device's key during one call: text as the caller gave it, or bytes, which are copied. */
export interface DeviceSecret {
  readonly secret: string | Uint8Array;
  /** What the key is kept under; see {@link keyName}. */
  readonly name: string;
}

/**
 * Keys that a caller's function gives. Those of genuine tokens stay prepared, by what they are: never by the peer, whose key
 * may change. What a forged token names is prepared for one check and wiped.
 */
export class DeviceKeys {
  readonly #lookup: DeviceKeyLookup;
  /** In the order of their last use. */
  readonly #kept: Map<string, HmacKey> = new Map();
  #disposed = false;

  constructor(lookup: DeviceKeyLookup) {
    this.#lookup = lookup;
  }

  /** @throws ConnectTokensError `ERR_DISPOSED` */
  requireLive(): void {
    if (this.#disposed) throw disposed();
  }

  /**
   * Asks the caller. Any code may run in here, so this comes before anything is prepared.
   *
   * @throws whatever the caller's function throws; ConnectTokensError where it gave what cannot be a key
   */
  ask(peerId: string): DeviceSecret | undefined {
    this.requireLive();
    const lookup = this.#lookup;
    const given: unknown = lookup(peerId);
    if (given === undefined || given === null) return undefined;
    if (typeof given === "string") {
      if (utf8Length(given) < 0) throw formatError(KEY, "holds a lone surrogate, which has no UTF-8 form");
      const name = keyName(given);
      // One that is kept was looked at when it was prepared.
      if (!this.#kept.has(name)) readTextSecret(given, KEY).fill(0);
      return { secret: given, name };
    }
    const bytes = bytesOf(given);
    if (!bytes) throw noKey(given);
    const secret = readTextSecret(bytes, KEY);
    wipeCopy(bytes, given);
    return { secret, name: keyName(secret) };
  }

  /** The prepared key, to be given back by {@link settle} before any code of the caller runs. */
  borrow(device: DeviceSecret): Borrowed {
    this.requireLive();
    return { device, key: this.#kept.get(device.name) ?? prepare(device), genuine: false };
  }

  /**
   * Takes back what was borrowed. A key stays prepared where a token was, or is to be, made with it, and is wiped where not.
   */
  settle(all: readonly Borrowed[]): void {
    // Those that are kept first, so that none of them gives way to one that is new.
    for (const { device, key, genuine } of all) {
      if (!genuine || !this.#kept.delete(device.name)) continue;
      this.#kept.set(device.name, key);
    }
    for (const { device, key, genuine } of all) {
      if (key.isDisposed || this.#kept.get(device.name) === key) continue;
      if (!genuine) key.dispose();
      else {
        if (this.#kept.size >= MAX_PREPARED_KEYS) this.#dropOldest();
        this.#kept.set(device.name, key);
      }
    }
  }

  dispose(): void {
    this.#disposed = true;
    while (this.#kept.size > 0) this.#dropOldest();
  }

  #dropOldest(): void {
    for (const [name, key] of this.#kept) {
      this.#kept.delete(name);
      key.dispose();
      return;
    }
  }
}

/** A key that is in use. */
export interface Borrowed {
  readonly device: DeviceSecret;
  readonly key: HmacKey;
  /** Whether a token was, or is to be, made with it. */
  genuine: boolean;
}

/** Wipes the copy of a device's key. */
export function wipeSecret(device: DeviceSecret | undefined): void {
  if (typeof device?.secret === "object") device.secret.fill(0);
}

/** The devices of one call's tokens: each peer is asked for once, and each key prepared once where there are up to 256. */
export class AskedDevices {
  readonly #keys: DeviceKeys;
  readonly #byPeer: Map<string, AskedDevice> = new Map();
  /** Devices may share a key. */
  readonly #byName: Map<string, AskedKey> = new Map();
  /** Of each token. */
  readonly #devices: (AskedDevice | undefined)[] = [];
  readonly #borrowed: Borrowed[] = [];
  /** How often they were all given back. */
  #round = 0;

  /**
   * What the caller's function throws about a peer is kept for the tokens that name it; see {@link rethrow}.
   *
   * @param peerIds each token's peer, where it has one
   * @throws ConnectTokensError `ERR_DISPOSED`
   */
  constructor(keys: DeviceKeys, peerIds: readonly (string | undefined)[]) {
    this.#keys = keys;
    keys.requireLive();
    for (const peerId of peerIds) this.#devices.push(peerId === undefined ? undefined : this.#ask(peerId));
  }

  /** To be called before a window's keys are asked for: gives keys back, where there are many. */
  startWindow(): void {
    if (this.#borrowed.length >= MAX_PREPARED_KEYS) this.#settle();
  }

  /** The prepared key of a token's device, where that is known, for the window under way. */
  key(token: number): HmacKey | undefined {
    const asked = this.#devices[token]?.asked;
    if (!asked) return undefined;
    if (asked.round !== this.#round || !asked.borrowed) {
      asked.borrowed = this.#keys.borrow(asked.device);
      asked.round = this.#round;
      this.#borrowed.push(asked.borrowed);
    }
    return asked.borrowed.key;
  }

  isKnown(token: number): boolean {
    return this.#devices[token]?.asked !== undefined;
  }

  /** Whether the caller's function threw, or gave what is no key. */
  hasFailed(token: number): boolean {
    return this.#devices[token]?.failure !== undefined;
  }

  /** Throws what was thrown about a token's peer. */
  rethrow(token: number): never {
    throw this.#devices[token]?.failure?.thrown;
  }

  /** A token was genuine. */
  confirm(token: number): void {
    const borrowed = this.#devices[token]?.asked?.borrowed;
    if (borrowed) borrowed.genuine = true;
  }

  /** Ends the call. */
  end(): void {
    this.#settle();
    for (const { device } of this.#byName.values()) wipeSecret(device);
    this.#byName.clear();
  }

  #settle(): void {
    this.#keys.settle(this.#borrowed);
    this.#borrowed.length = 0;
    this.#round++;
  }

  #ask(peerId: string): AskedDevice {
    let device = this.#byPeer.get(peerId);
    if (!device) {
      device = this.#askFirst(peerId);
      this.#byPeer.set(peerId, device);
    }
    return device;
  }

  #askFirst(peerId: string): AskedDevice {
    try {
      const device = this.#keys.ask(peerId);
      if (!device) return UNKNOWN;
      let asked = this.#byName.get(device.name);
      if (asked) wipeSecret(device);
      else {
        asked = { device, borrowed: undefined, round: -1 };
        this.#byName.set(device.name, asked);
      }
      return { asked, failure: undefined };
    } catch (thrown) {
      return { asked: undefined, failure: { thrown } };
    }
  }
}

interface AskedDevice {
  readonly asked: AskedKey | undefined;
  readonly failure: Failure | undefined;
}

interface AskedKey {
  readonly device: DeviceSecret;
  borrowed: Borrowed | undefined;
  /** In which it was borrowed last. */
  round: number;
}

interface Failure {
  readonly thrown: unknown;
}

const UNKNOWN: AskedDevice = { asked: undefined, failure: undefined };

const KEY = "deviceSecretKey";

function prepare({ secret }: DeviceSecret): HmacKey {
  const bytes = typeof secret === "string" ? readTextSecret(secret, KEY) : secret;
  try {
    return new HmacKey(bytes);
  } finally {
    if (bytes !== secret) bytes.fill(0);
  }
}

/** A promise may be rejected, which is then no one else's to handle. */
function noKey(given: unknown): ConnectTokensError {
  if (typeof (given as { then?: unknown }).then === "function") {
    Promise.resolve(given).catch(() => {});
    return typeError(KEY, "synchronous, and give a string, a Uint8Array or an ArrayBuffer", given);
  }
  return typeError(KEY, "a string, a Uint8Array or an ArrayBuffer", given);
}
