import { KEY_BYTES, PACKET_BYTES } from "../../assembly/cute/layout.ts";
import { KeyHolder } from "../common/disposable.ts";
import { ownOptions } from "../common/options.ts";
import { type OpenWindow, openPackets, packetSource } from "../common/packet-batch.ts";
import { asNow, type Seconds } from "../common/time.ts";
import type { Verdict, Verdicts } from "../verdict.ts";
import { type CuteKey, type OpenedWindow, openWindow, type PacketChecks, WINDOW_PACKETS } from "../wasm/cute/kernel.ts";
import { requireLive } from "../wasm/key-slots.ts";
import { type CuteIssue, type CuteIssueOptions, issueToken } from "./issue.ts";
import { type CuteOptions, prepareChecks, readCuteOptions } from "./options.ts";
import type { SuiteFacts } from "./suites.ts";
import { type CuteClaims, type CuteReason, cuteVerdicts } from "./verdicts.ts";

export { CONNECT_TOKEN_BYTES, MAX_ENDPOINTS, PACKET_BYTES, USER_DATA_BYTES } from "../../assembly/cute/layout.ts";
export type { Endpoint, EndpointInput } from "../common/endpoints.ts";
export type { SecretList } from "../common/secrets.ts";
export type { Verdict, Verdicts } from "../verdict.ts";
export type { Suite } from "./public.ts";
export { generateSigningKeyPair, nativeUserDataView, type SigningKeyPair, verifySignature } from "./signing.ts";
export type { CuteClaims, CuteIssue, CuteIssueOptions, CuteOptions, CuteReason, Seconds };

/**
 * Cute connect tokens: issued as the 1114 bytes a web service hands to a client, verified as the 1024-byte packet that
 * the client sends on (`connectTokenPacket` of connect-tokens/cute/public cuts it out; the 1114 bytes themselves are
 * `wrong-size` to a server).
 */
export class CuteTokens extends KeyHolder {
  readonly #suite: SuiteFacts;
  readonly #checks: PacketChecks;

  /** @throws ConnectTokensError where an option is missing or wrong */
  constructor(options: CuteOptions) {
    super();
    const settings = readCuteOptions(options);
    this.#suite = settings.suite;
    this.#checks = prepareChecks(settings);
  }

  /**
   * Issues a connect token, 1114 bytes: the REST SECTION for the client's eyes, then the packet.
   *
   * @throws ConnectTokensError where a field is wrong or the endpoints do not fit, before randomness is drawn; or after
   *   `dispose`
   */
  issue(token: CuteIssue, options?: CuteIssueOptions): Uint8Array {
    const { keys, applicationId } = this.#checks;
    return issueToken(this.#suite, keys[0] as CuteKey, applicationId, token, options);
  }

  /**
   * Verifies one packet, 1024 bytes. Whatever came instead is `wrong-size`.
   *
   * @param options.now Unix seconds; default the clock
   * @throws ConnectTokensError where `now` is wrong, or after `dispose`
   */
  verify(packet: Uint8Array, options?: { now?: Seconds | undefined }): Verdict<CuteClaims, CuteReason> {
    return this.verifyMany([packet], options).at(0);
  }

  /**
   * Verifies many packets in one go, with the verdicts of {@link verify} in the packets' order.
   *
   * @param packets n × 1024 bytes end to end, or a list of packets
   * @throws ConnectTokensError where `packets` is neither, `now` is wrong, or after `dispose`
   */
  verifyMany(
    packets: Uint8Array | readonly Uint8Array[],
    options?: { now?: Seconds | undefined },
  ): Verdicts<CuteClaims, CuteReason> {
    const now = asNow(ownOptions(options, "options").now);
    const source = packetSource(packets, PACKET_BYTES);
    // A disposed object refuses even an empty batch.
    requireLive(this.#checks.keys);
    const open: OpenWindow<OpenedWindow> = (write, statuses) => openWindow(this.#checks, now, write, statuses);
    return cuteVerdicts(this.#suite, openPackets(source, WINDOW_PACKETS, open));
  }

  override dispose(): void {
    for (const key of this.#checks.keys) key.dispose();
  }
}

/** 32 random bytes: a session key, or a secret for the suite xchacha20poly1305. */
export function generateKey(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(KEY_BYTES));
}
