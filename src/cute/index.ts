/**
 * `connect-tokens/cute`: the connect tokens of Cute Framework and cute_net.h, for web services and game servers.
 *
 * @module
 */
import { KEY_BYTES, PACKET_BYTES } from "../../assembly/cute/layout.ts";
import type { BytesInput } from "../common/bytes.ts";
import { KeyHolder } from "../common/disposable.ts";
import { issueEach } from "../common/issue-many.ts";
import { onlyOption, readOptions } from "../common/options.ts";
import { openPackets, packetSource } from "../common/packet-batch.ts";
import { asIssuingNow, asNow, type Seconds } from "../common/time.ts";
import type { Verdict, Verdicts } from "../verdict.ts";
import { WINDOW_PACKETS } from "../wasm/cute/kernel.ts";
import { type CuteIssue, type CuteIssueOptions, issueToken } from "./issue.ts";
import { CUTE_OPTION_NAMES, type CuteOptions, readCuteOptions } from "./options.ts";
import { type CuteClaims, type CuteReason, cuteVerdicts } from "./verdicts.ts";
import { CuteVerifier } from "./verifier.ts";

export { CONNECT_TOKEN_BYTES, MAX_ENDPOINTS, PACKET_BYTES, USER_DATA_BYTES } from "../../assembly/cute/layout.ts";
export type { BytesInput } from "../common/bytes.ts";
export type { Endpoint, EndpointInput } from "../common/endpoints.ts";
export type { SecretList } from "../common/secrets.ts";
export type { Verdict, Verdicts } from "../verdict.ts";
export type { Suite } from "./public.ts";
export { generateSigningKeyPair, nativeUserDataView, type SigningKeyPair, verifySignature } from "./signing.ts";
export type { CuteClaims, CuteIssue, CuteIssueOptions, CuteOptions, CuteReason, Seconds };

/** Options of a verification, and of issuing many tokens. */
export interface NowOption {
  /** Unix seconds; default the clock, read once per call. */
  readonly now?: Seconds | undefined;
}

/**
 * Cute connect tokens: issued as the 1114 bytes a web service hands to a client, verified as the 1024-byte packet that
 * the client sends on (`connectTokenPacket` of connect-tokens/cute/public cuts it out; the 1114 bytes themselves are
 * `wrong-size` to a server).
 *
 * @example
 * ```ts
 * import { CuteTokens, generateKey, generateSigningKeyPair } from "connect-tokens/cute";
 * import { connectTokenPacket } from "connect-tokens/cute/public";
 *
 * const { secretKey } = generateSigningKeyPair(); // once; web service and game servers share it
 * const tokens = new CuteTokens({ applicationId: 7n, secret: secretKey, serverEndpoint: "203.0.113.7:40000" });
 * const token = tokens.issue({
 *   ttl: 45,
 *   handshakeTimeout: 10,
 *   endpoints: ["203.0.113.7:40000"],
 *   clientId: 42n,
 *   clientToServerKey: generateKey(),
 *   serverToClientKey: generateKey(),
 * });
 *
 * const verdict = tokens.verify(connectTokenPacket(token)); // on the game server
 * console.log(verdict.valid ? verdict.claims.clientId : verdict.reason); // 42n
 * ```
 */
export class CuteTokens extends KeyHolder {
  readonly #verifier: CuteVerifier;

  /** @throws ConnectTokensError where an option is missing or wrong */
  constructor(options: CuteOptions) {
    super();
    const { settings, secrets } = readCuteOptions(readOptions(options, CUTE_OPTION_NAMES, "options"));
    this.#verifier = new CuteVerifier(settings, secrets);
  }

  /**
   * Issues a connect token, 1114 bytes: the REST SECTION for the client's eyes, then the packet. It holds both session keys
   * in clear, so it goes to the client over TLS.
   *
   * @throws ConnectTokensError where a field is wrong or the endpoints do not fit, before randomness is drawn; or after
   *   `dispose`
   */
  issue(token: CuteIssue, options?: CuteIssueOptions): Uint8Array<ArrayBuffer> {
    return issueToken(this.#verifier, token, options);
  }

  /**
   * Issues many tokens, as {@link issue} does each; where one is refused, none is returned.
   *
   * @param options.now Unix seconds, the same for all; default the clock
   * @throws ConnectTokensError as {@link issue}, with the place of the token at fault: `tokens[3].clientId`
   */
  issueMany(tokens: readonly CuteIssue[], options?: NowOption): Uint8Array<ArrayBuffer>[] {
    const now = asIssuingNow(onlyOption(options, "now", "options"));
    this.#verifier.requireLive();
    return issueEach(tokens, (token) => issueToken(this.#verifier, token, { now }));
  }

  /**
   * Verifies one packet, 1024 bytes. Whatever came instead is `wrong-size`.
   *
   * @param options.now Unix seconds; default the clock
   * @throws ConnectTokensError where `now` is wrong, or after `dispose`
   */
  verify(packet: BytesInput, options?: NowOption): Verdict<CuteClaims, CuteReason> {
    return this.verifyMany([packet], options).at(0);
  }

  /**
   * Verifies many packets in one go, with the verdicts of {@link verify} in the packets' order.
   *
   * @param packets n × 1024 bytes end to end, or a list of packets
   * @throws ConnectTokensError where `packets` is neither, `now` is wrong, or after `dispose`
   */
  verifyMany(packets: BytesInput | readonly BytesInput[], options?: NowOption): Verdicts<CuteClaims, CuteReason> {
    const now = asNow(onlyOption(options, "now", "options"));
    const source = packetSource(packets, PACKET_BYTES);
    const verifier = this.#verifier;
    verifier.requireLive(); // a disposed object refuses even an empty batch
    const opened = openPackets(source, WINDOW_PACKETS, (write, statuses) => verifier.open(now, write, statuses));
    return cuteVerdicts(verifier, opened);
  }

  override dispose(): void {
    this.#verifier.dispose();
  }
}

/**
 * 32 random bytes: a session key, or a secret for the suite xchacha20poly1305.
 *
 * @example
 * ```ts
 * import { generateKey } from "connect-tokens/cute";
 *
 * console.log(generateKey().length); // 32
 * ```
 */
export function generateKey(): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(KEY_BYTES));
}
