import {
  KEY_BYTES,
  PACKET_BYTES,
  SECRET_BYTES,
  SECRET_CLIENT_ID,
  SECRET_CLIENT_TO_SERVER_KEY,
  SECRET_SERVER_TO_CLIENT_KEY,
  SECRET_USER_DATA,
  USER_DATA_BYTES,
} from "../../assembly/cute/layout.ts";
import { CUTE_SECRET_STRIDE } from "../../assembly/memory.ts";
import { asBytes, asBytesOf, byteLength, isAllZero, isBytes } from "../common/bytes.ts";
import { KeyHolder } from "../common/disposable.ts";
import { asFlag, ownOptions } from "../common/options.ts";
import { readSecrets, type SecretList } from "../common/secrets.ts";
import { asNow, asU64, type Seconds } from "../common/time.ts";
import { rangeError, typeError } from "../errors.ts";
import { type Accepted, accepted, batchVerdicts, type Verdict, type Verdicts } from "../verdict.ts";
import { CuteKey, type OpenedWindow, openWindow, type PacketChecks, WINDOW_PACKETS } from "../wasm/cute.ts";
import { type Endpoint, type EndpointInput, encodeEndpoint } from "./endpoints.ts";
import { readU64 } from "./integers.ts";
import { type CuteIssue, type CuteIssueOptions, issueToken } from "./issue.ts";
import type { Suite } from "./public.ts";
import { type PublicSection, parsePublicSection } from "./section.ts";
import { type SuiteFacts, suiteFacts } from "./suites.ts";

export { CONNECT_TOKEN_BYTES, MAX_ENDPOINTS, PACKET_BYTES, USER_DATA_BYTES } from "../../assembly/cute/layout.ts";
export type { Verdict, Verdicts } from "../verdict.ts";
export type { CuteIssue, CuteIssueOptions, Endpoint, EndpointInput, Seconds, SecretList, Suite };

/** Why a packet was refused. Checked in this order. */
export type CuteReason =
  | "wrong-size"
  | "not-a-connect-token"
  | "wrong-application"
  | "expired"
  | "bad-endpoints"
  | "not-this-server"
  | "not-genuine";

export interface CuteClaims {
  readonly applicationId: bigint;
  /** Unix seconds. */
  readonly expirationTimestamp: bigint;
  /** Seconds. */
  readonly handshakeTimeout: number;
  readonly endpoints: readonly Endpoint[];
  readonly clientId: bigint;
  /** 32 bytes. */
  readonly clientToServerKey: Uint8Array;
  /** 32 bytes. */
  readonly serverToClientKey: Uint8Array;
  /** 256 bytes, as they were issued. */
  readonly userData: Uint8Array;
}

export interface CuteOptions {
  /** u64: the game's own number; a packet for another is `wrong-application`. */
  applicationId: bigint | number;
  /** 64 bytes (secret ‖ public half) for hydrogen, 32 for xchacha20poly1305. */
  secret: SecretList<Uint8Array>;
  /** Default `hydrogen`, what native code has spoken since 2021-07. */
  suite?: Suite | undefined;
  /** Default true. False also accepts the other spellings of a signature that native code accepts (hydrogen only). */
  strict?: boolean | undefined;
  /** This server's public endpoint, where given: a packet that does not list it is `not-this-server`. */
  serverEndpoint?: string | EndpointInput | undefined;
}

// Statuses are the kernel's PACKET_ codes, and one of this side.
const WRONG_SIZE = 255;
const REASONS: readonly CuteReason[] = [
  "not-a-connect-token",
  "wrong-application",
  "expired",
  "bad-endpoints",
  "not-this-server",
  "not-genuine",
];

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
    const given = ownOptions(options, "options");
    const suite = suiteFacts(given.suite);
    const { serverEndpoint: endpoint } = given;
    this.#suite = suite;
    this.#checks = {
      suite: suite.number,
      strict: asFlag(given.strict, true, "strict"),
      applicationId: asU64(given.applicationId, "applicationId"),
      serverEndpoint: endpoint === undefined ? new Uint8Array(0) : encodeEndpoint(endpoint, "serverEndpoint"),
      keys: prepareKeys(suite, given.secret),
    };
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
    // A disposed object refuses even an empty batch.
    for (const key of this.#checks.keys) key.slot;
    return isBytes(packets) ? this.#verifyBytes(packets, now) : this.#verifyList(packets, now);
  }

  override dispose(): void {
    for (const key of this.#checks.keys) key.dispose();
  }

  #verifyBytes(given: Uint8Array, now: bigint): Verdicts<CuteClaims, CuteReason> {
    const packets = asBytes(given, "packets");
    const length = byteLength(packets);
    if (length % PACKET_BYTES !== 0) throw rangeError("packets", `a multiple of ${PACKET_BYTES} bytes`, packets);
    const statuses = new Uint8Array(length / PACKET_BYTES);
    const windows: (OpenedWindow | undefined)[] = [];
    for (let from = 0; from < statuses.length; from += WINDOW_PACKETS) {
      const window = statuses.subarray(from, from + WINDOW_PACKETS);
      const start = from * PACKET_BYTES;
      const write = (target: Uint8Array) => target.set(packets.subarray(start, start + window.length * PACKET_BYTES));
      windows.push(openWindow(this.#checks, now, write, window));
    }
    return this.#verdicts(statuses, windows);
  }

  #verifyList(given: readonly Uint8Array[], now: bigint): Verdicts<CuteClaims, CuteReason> {
    if (!Array.isArray(given)) throw typeError("packets", "a Uint8Array or an array of them", given);
    // All code of the caller runs in the first step, so that no getter can take away a buffer found to be a packet.
    const packets = Array.from(given).map(asPacket);
    const statuses = new Uint8Array(packets.length);
    const windows: (OpenedWindow | undefined)[] = [];
    for (let from = 0; from < statuses.length; from += WINDOW_PACKETS) {
      const window = statuses.subarray(from, from + WINDOW_PACKETS);
      const write = (target: Uint8Array) => {
        for (let i = 0; i < window.length; i++) target.set(packets[from + i] ?? NO_PACKET, i * PACKET_BYTES);
      };
      windows.push(openWindow(this.#checks, now, write, window));
      for (let i = 0; i < window.length; i++) if (!packets[from + i]) window[i] = WRONG_SIZE;
    }
    return this.#verdicts(statuses, windows);
  }

  #verdicts(statuses: Uint8Array, windows: readonly (OpenedWindow | undefined)[]): Verdicts<CuteClaims, CuteReason> {
    const suite = this.#suite;
    return batchVerdicts<CuteClaims, CuteReason>(statuses, {
      reason: (_, status) => (status === WRONG_SIZE ? "wrong-size" : (REASONS[status - 1] as CuteReason)),
      accepted: (index) => {
        const { packets, secrets } = windows[Math.floor(index / WINDOW_PACKETS)] as OpenedWindow;
        const at = index % WINDOW_PACKETS;
        const packet = packets.subarray(at * PACKET_BYTES, (at + 1) * PACKET_BYTES);
        const secret = secrets.subarray(at * CUTE_SECRET_STRIDE, at * CUTE_SECRET_STRIDE + SECRET_BYTES);
        return acceptedPacket(suite, packet, secret);
      },
    });
  }
}

/** 32 random bytes: a session key, or a secret for the suite xchacha20poly1305. */
export function generateKey(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(KEY_BYTES));
}

// Stands in for what is no packet, so that the others keep their places; its type byte refuses it at once.
const NO_PACKET = new Uint8Array(PACKET_BYTES).fill(0xff);

function asPacket(value: unknown): Uint8Array | undefined {
  if (!isBytes(value) || byteLength(value) !== PACKET_BYTES) return undefined;
  const bytes = asBytes(value, "packet");
  return bytes.length === PACKET_BYTES ? bytes : undefined; // shared memory may have grown in between
}

function prepareKeys(suite: SuiteFacts, secret: unknown): CuteKey[] {
  const read = (value: unknown, argument: string): Uint8Array => {
    const bytes = Uint8Array.from(asBytesOf(value, suite.secretBytes, argument));
    if (isAllZero(bytes.subarray(0, suite.secretHalfBytes))) throw rangeError(argument, "other than all zeros", value);
    return bytes;
  };
  const secrets = readSecrets(secret, "secret", read);
  const keys: CuteKey[] = [];
  try {
    secrets.forEach((bytes, i) => {
      keys.push(new CuteKey(suite.number, bytes, secrets.length === 1 ? "secret" : `secret[${i}]`));
    });
    return keys;
  } catch (error) {
    for (const key of keys) key.dispose();
    throw error;
  } finally {
    for (const bytes of secrets) bytes.fill(0);
  }
}

function acceptedPacket(suite: SuiteFacts, packet: Uint8Array, secret: Uint8Array): Accepted<CuteClaims> {
  // The kernel has found the section in order: a reason in its place cannot be.
  const section = parsePublicSection(packet, 0, suite.publicBytes) as PublicSection;
  const claims: CuteClaims = {
    applicationId: section.applicationId,
    expirationTimestamp: section.expirationTimestamp,
    handshakeTimeout: section.handshakeTimeout,
    endpoints: section.endpoints,
    clientId: readU64(secret, SECRET_CLIENT_ID),
    clientToServerKey: secret.slice(SECRET_CLIENT_TO_SERVER_KEY, SECRET_CLIENT_TO_SERVER_KEY + KEY_BYTES),
    serverToClientKey: secret.slice(SECRET_SERVER_TO_CLIENT_KEY, SECRET_SERVER_TO_CLIENT_KEY + KEY_BYTES),
    userData: secret.slice(SECRET_USER_DATA, SECRET_USER_DATA + USER_DATA_BYTES),
  };
  return accepted(claims, claims.expirationTimestamp, () => `cute:${suite.replayBytes(packet)}`);
}
