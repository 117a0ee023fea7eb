// One address with one genuine token, before it is a client.
import { CHALLENGE_BYTES } from "../../assembly/cute/session-layout.ts";
import { readU64 } from "../common/integers.ts";
import type { Address } from "../session/address.ts";
import type { Handshake, Standing } from "../session/handshakes.ts";
import type { Accepted } from "../verdict.ts";
import type { Counter, EntropySource } from "./connection.ts";
import { SessionKeys } from "./session-keys.ts";
import type { CuteClaims } from "./verdicts.ts";

const NONCE_BYTES = 8;

export class CuteHandshake implements Handshake {
  readonly key: string;
  readonly from: Address;
  readonly claims: CuteClaims;
  readonly tokenId: string;
  readonly expiresAt: bigint;
  readonly timeout: number;
  readonly keys: SessionKeys;
  readonly counter: Counter;
  standing: Standing = "admitted";
  lastHeard: number;
  /** The keys are a client's from now on, and stay. */
  joined = false;
  /** The 1024 bytes it was made from: a resend need not be verified again. */
  readonly #packet: Uint8Array;
  /** Nonce and data, drawn once: a client echoes the first challenge it received until the end. */
  #challenge: Uint8Array | undefined;
  /** Challenges of a nonce below were denied. */
  #deniedBelow = 0n;

  constructor(
    origin: { readonly key: string; readonly from: Address; readonly time: number },
    token: Accepted<CuteClaims>,
    packet: Uint8Array,
    counter: Counter,
  ) {
    const { claims } = token;
    this.key = origin.key;
    this.from = origin.from;
    this.lastHeard = origin.time;
    this.claims = claims;
    this.tokenId = token.tokenId;
    this.expiresAt = token.expiresAt;
    this.timeout = claims.handshakeTimeout;
    this.keys = new SessionKeys("server", claims.clientToServerKey, claims.serverToClientKey);
    this.counter = counter;
    this.#packet = packet.slice();
  }

  isMadeFrom(packet: Uint8Array): boolean {
    return equalBytes(this.#packet, packet);
  }

  /** What every challenge request of this handshake carries, until a denial. */
  challenge(nonces: Counter, entropy: EntropySource): Uint8Array {
    if (this.#challenge === undefined) {
      this.#challenge = new Uint8Array(CHALLENGE_BYTES);
      new DataView(this.#challenge.buffer).setBigUint64(0, nonces.next++, true);
      this.#challenge.set(entropy(CHALLENGE_BYTES - NONCE_BYTES), NONCE_BYTES);
    }
    return this.#challenge;
  }

  /** A denial is final for every challenge before it. */
  deny(nonces: Counter): void {
    this.#challenge = undefined;
    this.#deniedBelow = nonces.next;
  }

  /** Whether a response answers a challenge that was denied since. */
  isDenied(response: Uint8Array): boolean {
    return readU64(response, 0) < this.#deniedBelow;
  }

  /** Whether a response is the challenge that was sent. Native servers do not ask: what they connect may be anywhere. */
  answers(response: Uint8Array): boolean {
    return this.#challenge !== undefined && equalBytes(this.#challenge, response);
  }
}

/** Over the whole length. */
function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] as number);
  return difference === 0;
}
