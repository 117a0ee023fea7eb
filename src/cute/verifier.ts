import { type Lifetime, latestEnd } from "../common/lifetime.ts";
import { prepareKeys } from "../common/secrets.ts";
import { CuteKey, type OpenedWindow, openWindow, type PacketChecks } from "../wasm/cute/kernel.ts";
import { requireLive } from "../wasm/key-slots.ts";
import type { CuteSettings } from "./options.ts";
import type { Suite } from "./public.ts";

/** What packets are held to, in this thread: settings, and the secrets' keys in the kernel. */
export class CuteVerifier implements PacketChecks {
  readonly suite: Suite;
  readonly strict: boolean;
  readonly applicationId: bigint;
  readonly ownEndpoints: Uint8Array;
  readonly leeway: bigint;
  readonly lifetime: Lifetime;
  readonly keys: readonly CuteKey[];

  /**
   * @param secrets are wiped
   * @throws ConnectTokensError `ERR_RANGE` where the public half of a signing secret does not belong to it
   */
  constructor(settings: CuteSettings, secrets: readonly Uint8Array[]) {
    this.suite = settings.suite;
    this.strict = settings.strict;
    this.applicationId = settings.applicationId;
    this.ownEndpoints = settings.ownEndpoints;
    this.leeway = settings.lifetime.leeway;
    this.lifetime = settings.lifetime;
    this.keys = prepareKeys(
      secrets,
      (secret, i) => new CuteKey(settings.suite, secret, secrets.length === 1 ? "secret" : `secret[${i}]`),
    );
  }

  /** The key that tokens are issued with: the newest. */
  get issuingKey(): CuteKey {
    return this.keys[0] as CuteKey;
  }

  /** @throws ConnectTokensError `ERR_DISPOSED` after {@link dispose} */
  requireLive(): void {
    requireLive(this.keys);
  }

  /** Verifies a window of packets, as `openWindow` of the kernel does. */
  open(now: bigint, write: (packets: Uint8Array) => void, statuses: Uint8Array): OpenedWindow | undefined {
    return openWindow(this, { now, latest: latestEnd(now, this.lifetime) }, write, statuses);
  }

  dispose(): void {
    for (const key of this.keys) key.dispose();
  }
}
