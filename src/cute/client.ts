/**
 * `connect-tokens/cute/client`: a Cute game client without sockets, timers or a clock of its own, for tests, bots and load.
 *
 * @module
 */
import {
  MAX_DATAGRAM_BYTES,
  SESSION_OFFSET_SEQUENCE,
  TYPE_CHALLENGE_REQUEST,
  TYPE_CHALLENGE_RESPONSE,
  TYPE_CONNECTION_ACCEPTED,
  TYPE_CONNECTION_DENIED,
  TYPE_DISCONNECT,
  TYPE_KEEP_ALIVE,
  TYPE_PAYLOAD,
} from "../../assembly/cute/session-layout.ts";
import { asFlag } from "../common/arguments.ts";
import { asBytes, byteLength, isBytes } from "../common/bytes.ts";
import { readU64, u32 } from "../common/integers.ts";
import { onlyOption } from "../common/options.ts";
import { rangeError } from "../errors.ts";
import { type Address, addressKey, asAddress } from "../session/address.ts";
import { Clock, hasPassed, type Moment, RESEND_SECONDS } from "../session/clock.ts";
import { type Datagram, Outbox } from "../session/outbox.ts";
import type { Arrival, SessionPeer } from "../session/peer.ts";
import { Statistics } from "../session/statistics.ts";
import { openSessionPackets, type SealJob, sealSessionPackets } from "../wasm/cute/session.ts";
import { type CuteClientOptions, readClientOptions, readUsableToken } from "./client-options.ts";
import {
  type Attempt,
  CLIENT_REASONS,
  type CuteClientEvent,
  type CuteClientReason,
  type CuteClientState,
} from "./client-types.ts";
import { Connection, type Counter, DISCONNECT_PACKETS, type Sender } from "./connection.ts";
import type { MessageLimits } from "./messages.ts";
import { isDatagramLength, sends } from "./packet-types.ts";
import { SessionKeys } from "./session-keys.ts";

export { ConnectTokensError, type ErrorCode } from "../errors.ts";
export type { Address } from "../session/address.ts";
export type { Moment } from "../session/clock.ts";
export type { Datagram } from "../session/outbox.ts";
export type { Arrival, SessionPeer } from "../session/peer.ts";
export type { CuteClientEvent, CuteClientOptions, CuteClientReason, CuteClientState };

/**
 * A Cute game client without sockets. Call {@link update} 20 to 60 times a second, send what {@link datagrams} gives, and
 * give it every datagram that comes. It tries a token's servers in their order. Source: `cn_client_*` of cute_net.h, whose
 * faults (F8, F9, F10) are not copied: everything is fresh at `connect`, the replay window for every server.
 *
 * @example
 * ```ts
 * import { CuteTokens, generateKey, generateSigningKeyPair } from "connect-tokens/cute";
 * import { CuteClient } from "connect-tokens/cute/client";
 *
 * const now = 1_800_000_000;
 * const token = new CuteTokens({ applicationId: 42, secret: generateSigningKeyPair().secretKey }).issue(
 *   {
 *     expirationTimestamp: now + 30,
 *     handshakeTimeout: 5,
 *     endpoints: ["203.0.113.7:5000"],
 *     clientId: 7,
 *     clientToServerKey: generateKey(),
 *     serverToClientKey: generateKey(),
 *   },
 *   { now },
 * );
 * const client = new CuteClient({ applicationId: 42 });
 * client.connect(token, { now, time: 0 });
 * client.update({ now, time: 0 });
 * for (const { data, to } of client.datagrams()) console.log(data.length, to.address, to.port); // 1024 203.0.113.7 5000
 * console.log(client.state); // sending-connection-request
 * ```
 */
export class CuteClient implements SessionPeer<CuteClientEvent> {
  readonly #applicationId: bigint;
  readonly #limits: MessageLimits;
  readonly #clock = new Clock();
  readonly #statistics = new Statistics<CuteClientReason>(CLIENT_REASONS);
  readonly #outbox = new Outbox<SealJob>(sealSessionPackets);
  readonly #sender: Sender;
  /** Counts every packet of this object's life, token packets too: never the same number twice under a key. */
  readonly #counter: Counter = { next: 0n };
  #events: CuteClientEvent[] = [];
  #attempt: Attempt | undefined;
  #state: CuteClientState = "disconnected";

  /** @throws ConnectTokensError where an option is missing or wrong */
  constructor(options: CuteClientOptions) {
    const { applicationId, limits, entropy } = readClientOptions(options);
    this.#applicationId = applicationId;
    this.#limits = limits;
    this.#sender = { outbox: this.#outbox, entropy, onLost: () => this.#statistics.count("outbox-full") };
  }

  get state(): CuteClientState {
    return this.#state;
  }

  /** How often each thing was refused since the start. A copy. */
  get statistics(): Readonly<Record<CuteClientReason, number>> {
    return this.#statistics.snapshot();
  }

  /** The server of now, where there is an attempt or a connection. */
  get serverAddress(): Address | undefined {
    return this.#attempt?.connection.to;
  }

  /**
   * Begins to connect; an earlier connection is ended first. A token that is not one, of another application or expired
   * makes the state `invalid-connect-token`.
   *
   * @param token 1114 bytes, as the web service gave them
   * @throws ConnectTokensError where `token` is no `Uint8Array` or the moment is wrong
   */
  connect(token: Uint8Array, moment: Moment): void {
    const bytes = asBytes(token, "token");
    this.#clock.take(moment);
    this.disconnect();
    const read = readUsableToken(bytes, this.#applicationId, this.#clock.now);
    if (read === undefined) {
      this.#end("invalid-connect-token");
      return;
    }
    const { clientToServerKey, serverToClientKey, ...rest } = read;
    const keys = SessionKeys.taking("client", clientToServerKey, serverToClientKey);
    this.#attempt = {
      token: rest,
      keys,
      endpointIndex: 0,
      connection: this.#connectionTo(rest.endpoints[0] as Address, keys),
      outcome: "connection-request-timed-out",
      denied: false,
      challenge: undefined,
      connectionTimeout: 0,
    };
    this.#state = "sending-connection-request";
  }

  /**
   * Takes one datagram.
   *
   * @param datagram any bytes from anyone; the caller's own again afterwards
   * @param from as Node's `rinfo`; of packets from elsewhere than the server of now, none is looked at
   * @throws ConnectTokensError where `from` or the moment is wrong, and never for the datagram
   */
  receive(datagram: Uint8Array, from: Address, moment: Moment): void {
    const sender = addressKey(asAddress(from, "from"));
    this.#clock.take(moment);
    const reason = this.#receive(datagram, sender);
    if (reason !== undefined) this.#statistics.count(reason);
  }

  /** Takes what arrived in a tick: the same as {@link receive} one by one. */
  receiveMany(arrivals: readonly Arrival[], moment: Moment): void {
    for (const { datagram, from } of arrivals) this.receive(datagram, from, moment);
  }

  /**
   * Does what is due: requests, responses, keep alives, acks, timeouts, the next server.
   *
   * @throws ConnectTokensError where the moment is wrong
   */
  update(moment: Moment): void {
    this.#clock.take(moment);
    const attempt = this.#attempt;
    if (attempt === undefined) return;
    const { connection } = attempt;
    const { time } = this.#clock;
    connection.at(time);
    if (hasPassed(connection.lastSent, RESEND_SECONDS, time)) this.#sendDue(attempt);
    if (this.#state === "connected") {
      connection.messages.update(time);
      connection.messages.acknowledge();
      if (hasPassed(connection.lastReceived, attempt.connectionTimeout, time)) this.#leave("connection-timed-out");
    } else if (attempt.token.expirationTimestamp <= this.#clock.now) {
      this.#leave("connect-token-expired");
    } else if (attempt.denied || hasPassed(connection.lastReceived, attempt.token.handshakeTimeout, time)) {
      this.#giveUpServer(attempt);
    }
  }

  /** Takes the events since the last call, in order. */
  events(): readonly CuteClientEvent[] {
    const taken = this.#events;
    this.#events = [];
    return taken;
  }

  /** Takes the datagrams to be sent, in order. */
  datagrams(): readonly Datagram[] {
    return this.#outbox.drain();
  }

  /**
   * Sends a message to the server: at once where it may be lost, with the next {@link update} where it is reliable.
   *
   * @param data 0 to `maxMessageBytes` bytes; copied
   * @param options.reliable default false; true: it arrives once and in order, or the connection ends
   * @returns false where the client is not connected, or its queue is full: nothing was queued
   * @throws ConnectTokensError where an argument is wrong
   */
  send(data: Uint8Array, options?: { reliable?: boolean | undefined }): boolean {
    const reliable = asFlag(onlyOption(options, "reliable", "options"), false, "reliable");
    const bytes = asBytes(data, "data");
    const { maxMessageBytes } = this.#limits;
    if (bytes.length > maxMessageBytes) throw rangeError("data", `at most ${maxMessageBytes} bytes`, bytes);
    return this.#state === "connected" && (this.#attempt?.connection.messages.send(bytes, reliable) ?? false);
  }

  /** Ends an attempt or a connection, with ten packets that say so. */
  disconnect(): void {
    if (this.#attempt !== undefined) this.#leave("disconnected");
  }

  /** The same as {@link disconnect}. */
  stop(): void {
    this.disconnect();
  }

  #connectionTo({ address, port }: Address, keys: SessionKeys): Connection {
    const { time } = this.#clock;
    const connection = new Connection(
      this.#sender,
      { keys, counter: this.#counter, to: Object.freeze({ address, port }), time },
      this.#limits,
      () => {},
      (data, reliable) => this.#events.push({ type: "message", data, reliable }),
    );
    connection.lastSent = time - RESEND_SECONDS; // due at once
    return connection;
  }

  #sendDue({ token, connection, challenge }: Attempt): void {
    if (this.#state === "connected") connection.keepAlive();
    else if (challenge !== undefined) connection.send(TYPE_CHALLENGE_RESPONSE, challenge);
    else {
      this.#counter.next++;
      connection.lastSent = this.#clock.time;
      if (!this.#outbox.pushData(token.packet.slice(), connection.to)) this.#sender.onLost();
    }
  }

  #receive(datagram: unknown, sender: string): CuteClientReason | undefined {
    const attempt = this.#attempt;
    if (attempt === undefined || attempt.denied) return "not-connecting";
    const { connection, keys } = attempt;
    if (sender !== addressKey(connection.to)) return "unknown-address";
    if (!isBytes(datagram) || byteLength(datagram) > MAX_DATAGRAM_BYTES) return "wrong-size";
    const bytes = asBytes(datagram, "datagram");
    const type = bytes[0] ?? 0;
    if (bytes.length > 0 && !sends("server", type)) return "wrong-type";
    if (!isDatagramLength(type, bytes.length)) return "wrong-size";
    const sequence = readU64(bytes, SESSION_OFFSET_SEQUENCE);
    if (!connection.window.isFresh(sequence)) return "replayed";
    const [text] = openSessionPackets([{ key: keys.open, datagram: bytes }]);
    if (text === undefined) return "not-opened";
    connection.window.accept(sequence);
    connection.at(this.#clock.time);
    if (this.#state === "connected") return this.#receiveConnected(attempt, type, text);
    if (type === TYPE_CONNECTION_DENIED) {
      attempt.denied = true;
      attempt.outcome = "connection-denied";
    } else if (type === TYPE_CHALLENGE_REQUEST && attempt.challenge === undefined) this.#takeChallenge(attempt, text);
    else if (type === TYPE_CONNECTION_ACCEPTED && attempt.challenge !== undefined) this.#becomeConnected(attempt, text);
    else return "unexpected";
    return undefined;
  }

  #takeChallenge(attempt: Attempt, text: Uint8Array): void {
    attempt.challenge = text;
    attempt.outcome = "challenge-response-timed-out";
    attempt.connection.lastReceived = this.#clock.time;
    attempt.connection.lastSent = this.#clock.time - RESEND_SECONDS;
    this.#state = "sending-challenge-response";
  }

  /** The client id in it is not looked at: native servers may name another player's. */
  #becomeConnected(attempt: Attempt, text: Uint8Array): void {
    attempt.connectionTimeout = u32(text, 12);
    attempt.connection.lastReceived = this.#clock.time;
    this.#state = "connected";
    const [maxClients, connectionTimeout] = [u32(text, 8), attempt.connectionTimeout];
    this.#events.push({ type: "connected", maxClients, connectionTimeout });
  }

  #receiveConnected(
    { connection }: Attempt,
    type: number,
    text: Uint8Array<ArrayBuffer>,
  ): CuteClientReason | undefined {
    if (type === TYPE_DISCONNECT) {
      this.#end("disconnected");
      return undefined;
    }
    if (type !== TYPE_KEEP_ALIVE && type !== TYPE_PAYLOAD) return "unexpected";
    connection.lastReceived = this.#clock.time;
    return type === TYPE_PAYLOAD ? connection.receivePayload(text) : undefined;
  }

  #giveUpServer(attempt: Attempt): void {
    const next = attempt.token.endpoints[attempt.endpointIndex + 1];
    if (next === undefined) {
      this.#end(attempt.outcome);
      return;
    }
    attempt.endpointIndex++;
    attempt.connection = this.#connectionTo(next, attempt.keys);
    attempt.denied = false;
    attempt.challenge = undefined;
    this.#state = "sending-connection-request";
  }

  #leave(state: CuteClientState): void {
    for (let i = 0; i < DISCONNECT_PACKETS; i++) this.#attempt?.connection.send(TYPE_DISCONNECT);
    this.#end(state);
  }

  #end(state: CuteClientState): void {
    this.#attempt?.connection.end();
    this.#attempt = undefined;
    this.#state = state;
    this.#events.push({ type: "disconnected", reason: state });
  }
}
