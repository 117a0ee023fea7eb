import { KEY_BYTES } from "../../assembly/cute/layout.ts";
import { prepareSessionKey } from "../wasm/cute/session.ts";
import type { Side } from "./packet-types.ts";

/** Wipes what was dropped without `dispose`, where the engine can tell. */
const forgotten =
  typeof FinalizationRegistry === "function"
    ? new FinalizationRegistry<readonly Uint8Array[]>((keys) => wipe(keys))
    : undefined;

/** Both keys of a session, prepared for one side: 128 bytes each. They belong to the session and take no key slot. */
export class SessionKeys {
  readonly seal: Uint8Array<ArrayBuffer>;
  readonly open: Uint8Array<ArrayBuffer>;
  #disposed = false;

  /** The two keys have 32 bytes each; they are the caller's. */
  constructor(side: Side, clientToServerKey: Uint8Array, serverToClientKey: Uint8Array) {
    const toServer = prepareSessionKey(clientToServerKey.subarray(0, KEY_BYTES));
    const toClient = prepareSessionKey(serverToClientKey.subarray(0, KEY_BYTES));
    this.seal = side === "server" ? toClient : toServer;
    this.open = side === "server" ? toServer : toClient;
    forgotten?.register(this, [toServer, toClient], this);
  }

  /** Of keys that are no one else's: they are wiped. */
  static taking(side: Side, clientToServerKey: Uint8Array, serverToClientKey: Uint8Array): SessionKeys {
    try {
      return new SessionKeys(side, clientToServerKey, serverToClientKey);
    } finally {
      wipe([clientToServerKey, serverToClientKey]);
    }
  }

  get disposed(): boolean {
    return this.#disposed;
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    forgotten?.unregister(this);
    wipe([this.seal, this.open]);
  }
}

function wipe(keys: readonly Uint8Array[]): void {
  for (const key of keys) key.fill(0);
}
