/**
 * `connect-tokens/netcode`: the connect tokens of netcode 1.02, which yojimbo, renet, lightyear and the ports of netcode to
 * Go, Rust and C# speak.
 *
 * @module
 */
import { CONNECTION_REQUEST_BYTES } from "../../assembly/netcode/layout.ts";
import { isList } from "../common/arguments.ts";
import { KeyHolder } from "../common/disposable.ts";
import { onlyOption } from "../common/options.ts";
import { type OpenWindow, openPackets, packetSource } from "../common/packet-batch.ts";
import { asNow, type Seconds } from "../common/time.ts";
import { typeError } from "../errors.ts";
import { requireLive } from "../wasm/key-slots.ts";
import {
  type NetcodeKey,
  type OpenedWindow,
  openWindow,
  type RequestChecks,
  WINDOW_REQUESTS,
} from "../wasm/netcode/tokens.ts";
import { issueToken, type NetcodeIssue, type NetcodeIssueOptions } from "./issue.ts";
import { type NetcodeOptions, type NetcodeSettings, prepareChecks, readNetcodeOptions } from "./options.ts";
import { type NetcodeVerdict, type NetcodeVerdicts, netcodeVerdicts } from "./verdicts.ts";

export {
  CONNECT_TOKEN_BYTES,
  CONNECTION_REQUEST_BYTES,
  MAX_SERVER_ADDRESSES,
  USER_DATA_BYTES,
} from "../../assembly/netcode/layout.ts";
export type { Endpoint, EndpointInput } from "../common/endpoints.ts";
export type { SecretList } from "../common/secrets.ts";
export type { Verdict, Verdicts, VerdictWithClaims } from "../verdict.ts";
export type { Dialect } from "./dialects.ts";
export type { NetcodeClaims, NetcodeReason, NetcodeReasonWithClaims } from "./verdicts.ts";
export type { NetcodeIssue, NetcodeIssueOptions, NetcodeOptions, NetcodeVerdict, NetcodeVerdicts, Seconds };

/**
 * netcode connect tokens: issued as the 2048 bytes that a web service hands to a client (renet: fewer), verified as the
 * 1078-byte connection request that the client sends on (`connectionRequestPacket` of connect-tokens/netcode/public makes
 * it; a token itself is `wrong-size` to a server).
 *
 * @example
 * ```ts
 * import { NetcodeTokens } from "connect-tokens/netcode";
 * import { connectionRequestPacket } from "connect-tokens/netcode/public";
 *
 * // The private key that web service and game servers share. In earnest: 64 random hex digits from a file.
 * const secret = "2ffd6a9d12b1a7c35f8c0b8e1d4e67a04d8b39c9f01e5276a3c4b5d6e7f80912";
 * const tokens = new NetcodeTokens({ protocolId: 0x1122334455667788n, secret, serverAddress: "203.0.113.7:40000" });
 *
 * // The web service, for a player who has logged in:
 * const token = tokens.issue({ clientId: 42n, serverAddresses: ["203.0.113.7:40000"], timeoutSeconds: 5 });
 * console.log(token.length); // 2048
 *
 * // The game server, for what the player's client sends:
 * const verdict = tokens.verify(connectionRequestPacket(token));
 * console.log(verdict.valid && verdict.claims.clientId); // 42n
 * console.log(tokens.verify(token)); // { valid: false, reason: 'wrong-size' }
 * ```
 */
export class NetcodeTokens extends KeyHolder {
  readonly #settings: NetcodeSettings;
  readonly #checks: RequestChecks;

  /** @throws ConnectTokensError where an option is missing or wrong */
  constructor(options: NetcodeOptions) {
    super();
    this.#settings = readNetcodeOptions(options);
    this.#checks = prepareChecks(this.#settings);
  }

  /**
   * Issues a connect token: 2048 bytes, of renet 1172 to 1773. It holds both session keys in clear, so it goes to the client
   * over TLS.
   *
   * @throws ConnectTokensError where a field is wrong, before randomness is drawn; or after `dispose`
   */
  issue(token: NetcodeIssue, options?: NetcodeIssueOptions): Uint8Array<ArrayBuffer> {
    return issueToken(this.#settings, this.#checks.keys[0] as NetcodeKey, token, options);
  }

  /**
   * Issues many tokens, as {@link issue} does each; where one is refused, none is returned.
   *
   * @param options.now Unix seconds, the same for all; default the clock
   * @throws ConnectTokensError where `tokens` is no array, and as {@link issue}
   */
  issueMany(tokens: readonly NetcodeIssue[], options?: { now?: Seconds | undefined }): Uint8Array<ArrayBuffer>[] {
    const now = asNow(onlyOption(options, "now", "options"));
    if (!isList(tokens)) throw typeError("tokens", "an array", tokens);
    return Array.from(tokens, (token) => this.issue(token as NetcodeIssue, { now }));
  }

  /**
   * Verifies one connection request, 1078 bytes. Whatever came instead is `wrong-size`.
   *
   * @param options.now Unix seconds; default the clock
   * @throws ConnectTokensError where `now` is wrong, or after `dispose`
   */
  verify(packet: Uint8Array, options?: { now?: Seconds | undefined }): NetcodeVerdict {
    return this.verifyMany([packet], options).at(0);
  }

  /**
   * Verifies many connection requests in one go, with the verdicts of {@link verify} in their order.
   *
   * @param packets n × 1078 bytes end to end, or a list of requests
   * @throws ConnectTokensError where `packets` is neither, `now` is wrong, or after `dispose`
   */
  verifyMany(packets: Uint8Array | readonly Uint8Array[], options?: { now?: Seconds | undefined }): NetcodeVerdicts {
    const now = asNow(onlyOption(options, "now", "options"));
    const source = packetSource(packets, CONNECTION_REQUEST_BYTES);
    // A disposed object refuses even an empty batch.
    requireLive(this.#checks.keys);
    const open: OpenWindow<OpenedWindow> = (write, statuses) => openWindow(this.#checks, now, write, statuses);
    return netcodeVerdicts(this.#settings, openPackets(source, WINDOW_REQUESTS, open));
  }

  override dispose(): void {
    for (const key of this.#checks.keys) key.dispose();
  }
}
