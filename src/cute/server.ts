/**
 * `connect-tokens/cute/server`: a game server for native Cute clients, without sockets, timers or a clock of its own. Bytes
 * and addresses go in, bytes and events come out, and time is an argument.
 *
 * @module
 */
import {
  TYPE_CONNECTION_ACCEPTED,
  TYPE_DISCONNECT,
  TYPE_KEEP_ALIVE,
  TYPE_PAYLOAD,
} from "../../assembly/cute/session-layout.ts";
import { asFlag } from "../common/arguments.ts";
import { asBytes } from "../common/bytes.ts";
import { onlyOption } from "../common/options.ts";
import { rangeError, typeError } from "../errors.ts";
import type { Address } from "../session/address.ts";
import { ClientSlots } from "../session/client-slots.ts";
import { Clock, hasPassed, type Moment, RESEND_SECONDS } from "../session/clock.ts";
import { type Datagram, Outbox } from "../session/outbox.ts";
import type { Arrival, SessionPeer } from "../session/peer.ts";
import { Statistics } from "../session/statistics.ts";
import { type SealJob, sealSessionPackets } from "../wasm/cute/session.ts";
import { Arrived, openArrived, verifyTokens } from "./arrivals.ts";
import { Connection, type Counter, DISCONNECT_PACKETS, type Sender } from "./connection.ts";
import { HandshakePhase } from "./handshake-phase.ts";
import { acceptedText } from "./packet-types.ts";
import type { CuteHandshake } from "./server-handshake.ts";
import { type CuteServerOptions, type CuteServerSettings, readServerOptions } from "./server-options.ts";
import {
  type CuteDisconnectReason,
  type CuteServerEvent,
  type CuteServerReason,
  SERVER_REASONS,
} from "./server-types.ts";

export { ConnectTokensError, type ErrorCode } from "../errors.ts";
export type { Address } from "../session/address.ts";
export type { Moment } from "../session/clock.ts";
export type { HistoryAnswer, Incoming, SessionHistory } from "../session/history.ts";
export type { Datagram } from "../session/outbox.ts";
export type { Arrival, SessionPeer } from "../session/peer.ts";
export type { CuteDisconnectReason, CuteServerEvent, CuteServerOptions, CuteServerReason };

/** A client with its slot. */
interface Client {
  readonly index: number;
  readonly key: string;
  readonly clientId: bigint;
  readonly connection: Connection;
  readonly counter: Counter;
  /** A packet came that only a client which knows that it is connected sends. */
  confirmed: boolean;
}

/**
 * A Cute game server without sockets. Give it every datagram with its sender and the time, call {@link update} 20 to 60
 * times a second, and send what {@link datagrams} gives.
 *
 * What a stranger sends never throws. Nothing is answered that does not hold a genuine token, no answer is larger than what
 * it answers, and nothing is repeated to an address that has not answered a challenge. Source: `cn_server_*` of cute_net.h,
 * whose faults (docs of the format: F3, F7 to F12) are not copied.
 *
 * @example
 * ```ts
 * import { generateKey, generateSigningKeyPair, CuteTokens } from "connect-tokens/cute";
 * import { CuteClient } from "connect-tokens/cute/client";
 * import { CuteServer } from "connect-tokens/cute/server";
 *
 * const { secretKey } = generateSigningKeyPair();
 * const now = 1_800_000_000;
 * const serverEndpoint = "203.0.113.7:5000";
 * const server = new CuteServer({ applicationId: 42, secret: secretKey, serverEndpoint, maxLifetime: 30, startedAt: 0 });
 * const token = new CuteTokens({ applicationId: 42, secret: secretKey }).issue(
 *   {
 *     expirationTimestamp: now + 30,
 *     handshakeTimeout: 5,
 *     endpoints: [serverEndpoint],
 *     clientId: 7,
 *     clientToServerKey: generateKey(),
 *     serverToClientKey: generateKey(),
 *   },
 *   { now },
 * );
 *
 * const client = new CuteClient({ applicationId: 42 });
 * client.connect(token, { now, time: 0 });
 * const clientAddress = { address: "198.51.100.1", port: 40_000 };
 * for (let tick = 1; client.state !== "connected"; tick++) {
 *   const moment = { now, time: tick / 60 };
 *   client.update(moment);
 *   for (const { data } of client.datagrams()) server.receive(data, clientAddress, moment);
 *   server.update(moment);
 *   for (const { data } of server.datagrams()) client.receive(data, { address: "203.0.113.7", port: 5000 }, moment);
 * }
 * for (const event of server.events()) console.log(event.type); // connected
 * ```
 */
export class CuteServer implements SessionPeer<CuteServerEvent> {
  readonly #settings: CuteServerSettings;
  readonly #clock = new Clock();
  readonly #statistics = new Statistics<CuteServerReason>(SERVER_REASONS);
  readonly #outbox = new Outbox<SealJob>(sealSessionPackets);
  readonly #sender: Sender;
  readonly #slots: ClientSlots<Client>;
  readonly #phase: HandshakePhase;
  #events: CuteServerEvent[] = [];
  #stopped = false;

  /** @throws ConnectTokensError where an option is missing or wrong */
  constructor(options: CuteServerOptions) {
    const settings = readServerOptions(options);
    const count = (reason: CuteServerReason): void => this.#statistics.count(reason);
    this.#settings = settings;
    this.#sender = { outbox: this.#outbox, entropy: settings.entropy, onLost: () => count("outbox-full") };
    this.#slots = new ClientSlots(settings.maxClients);
    this.#phase = new HandshakePhase({
      settings,
      count,
      clock: this.#clock,
      sender: this.#sender,
      slots: this.#slots,
      join: (entry) => this.#join(entry),
      tell: (event) => this.#events.push(event),
    });
  }

  /** How often each thing was refused since the start. A copy. */
  get statistics(): Readonly<Record<CuteServerReason, number>> {
    return this.#statistics.snapshot();
  }

  /** How many clients are connected. */
  get clientCount(): number {
    return this.#slots.taken;
  }

  /**
   * Takes one datagram.
   *
   * @param datagram any bytes from anyone; the caller's own again afterwards
   * @param from as Node's `rinfo`
   * @throws ConnectTokensError where `from` or the moment is wrong, and never for the datagram
   */
  receive(datagram: Uint8Array, from: Address, moment: Moment): void {
    this.receiveMany([{ datagram, from }], moment);
  }

  /** Takes what arrived in a tick: the same as {@link receive} one by one, with far fewer crossings to WebAssembly. */
  receiveMany(arrivals: readonly Arrival[], moment: Moment): void {
    const arrived = Array.from(arrivals, ({ datagram, from }) => new Arrived(datagram, from));
    this.#clock.take(moment);
    if (this.#stopped) return;
    this.#phase.begin();
    const known = { slots: this.#slots, handshakes: this.#phase.handshakes };
    verifyTokens(arrived, known, this.#settings.tokens, this.#clock.now);
    openArrived(arrived, known);
    for (const one of arrived) {
      const reason = this.#receive(one);
      if (reason !== undefined) this.#statistics.count(reason);
    }
  }

  /**
   * Does what is due: resends, keep alives, acks, timeouts.
   *
   * @throws ConnectTokensError where the moment is wrong
   */
  update(moment: Moment): void {
    this.#clock.take(moment);
    if (this.#stopped) return;
    this.#phase.begin();
    const { now, time } = this.#clock;
    this.#phase.handshakes.expire(now, time);
    for (const client of this.#slots.clients()) {
      const { connection } = client;
      connection.at(time);
      if (hasPassed(connection.lastSent, RESEND_SECONDS, time)) {
        if (!client.confirmed) this.#sendAccepted(client);
        connection.keepAlive();
      }
      connection.messages.update(time);
      connection.messages.acknowledge();
      if (hasPassed(connection.lastReceived, this.#settings.connectionTimeout, time)) this.#end(client, "timed-out");
    }
  }

  /** Takes the events since the last call, in order. */
  events(): readonly CuteServerEvent[] {
    const taken = this.#events;
    this.#events = [];
    return taken;
  }

  /** Takes the datagrams to be sent, in order: sealed now, all in one go. */
  datagrams(): readonly Datagram[] {
    return this.#outbox.drain();
  }

  /**
   * Sends a message to a client: at once where it may be lost, with the next {@link update} where it is reliable.
   *
   * @param clientIndex of its `connected` event
   * @param data 0 to `maxMessageBytes` bytes; copied
   * @param options.reliable default false; true: it arrives once and in order, or the connection ends
   * @returns false where the client is not connected, or its queue is full: nothing was queued
   * @throws ConnectTokensError where an argument is wrong
   */
  send(clientIndex: number, data: Uint8Array, options?: { reliable?: boolean | undefined }): boolean {
    const reliable = asFlag(onlyOption(options, "reliable", "options"), false, "reliable");
    const client = this.#clientAt(clientIndex);
    const bytes = asBytes(data, "data");
    const { maxMessageBytes } = this.#settings.limits;
    if (bytes.length > maxMessageBytes) throw rangeError("data", `at most ${maxMessageBytes} bytes`, bytes);
    return client?.connection.messages.send(bytes, reliable) ?? false;
  }

  /**
   * Ends a connection with ten packets that say so.
   *
   * @returns false where no such client is connected
   */
  disconnect(clientIndex: number): boolean {
    const client = this.#clientAt(clientIndex);
    return client !== undefined && this.#end(client, "kicked");
  }

  /** Ends everything and wipes the keys. What is to be sent is among the datagrams; nothing is received any more. */
  stop(): void {
    if (this.#stopped) return;
    for (const client of this.#slots.clients()) this.#end(client, "stopped");
    this.#outbox.seal();
    this.#phase.handshakes.dropAll();
    this.#settings.tokens.dispose();
    this.#stopped = true;
  }

  #receive(arrived: Arrived): CuteServerReason | undefined {
    if (!arrived.isSized) return arrived.type > TYPE_PAYLOAD ? "wrong-type" : "wrong-size";
    const client = this.#slots.byKey(arrived.key);
    if (client === undefined) {
      return arrived.isToken ? this.#phase.receiveToken(arrived) : this.#phase.receivePacket(arrived);
    }
    return arrived.isToken ? "address-connected" : this.#receiveFromClient(arrived, client);
  }

  #join({ key, from, claims, keys, counter }: CuteHandshake): void {
    const { time } = this.#clock;
    const client = this.#slots.take((index): Client => {
      const connection: Connection = new Connection(
        this.#sender,
        { keys, counter, to: from, time },
        this.#settings.limits,
        () => this.#beforePayload(index),
        (data, reliable) => this.#events.push({ type: "message", clientIndex: index, data, reliable }),
      );
      return { index, key, clientId: claims.clientId, connection, counter, confirmed: false };
    });
    this.#events.push({ type: "connected", clientIndex: client.index, claims, from });
    this.#sendAccepted(client);
  }

  #receiveFromClient(arrived: Arrived, client: Client): CuteServerReason | undefined {
    const { type, sequence } = arrived;
    const { connection } = client;
    if (type !== TYPE_KEEP_ALIVE && type !== TYPE_PAYLOAD && type !== TYPE_DISCONNECT) return "wrong-type";
    if (!connection.window.isFresh(sequence)) return "replayed";
    const text = arrived.open(connection.keys);
    if (text === undefined) return "not-opened";
    connection.window.accept(sequence);
    if (type === TYPE_DISCONNECT) {
      this.#end(client, "disconnected");
      return undefined;
    }
    connection.at(this.#clock.time);
    connection.lastReceived = this.#clock.time;
    client.confirmed = true;
    return type === TYPE_PAYLOAD ? connection.receivePayload(text) : undefined;
  }

  #sendAccepted({ clientId, connection }: Client): void {
    const text = acceptedText(clientId, this.#slots.count, this.#settings.connectionTimeout);
    connection.send(TYPE_CONNECTION_ACCEPTED, text);
  }

  /** A payload that overtakes connection accepted is thrown away by its receiver. */
  #beforePayload(index: number): void {
    const client = this.#slots.at(index);
    if (client !== undefined && !client.confirmed) this.#sendAccepted(client);
  }

  #end(client: Client, reason: CuteDisconnectReason): boolean {
    if (!this.#slots.free(client)) return false;
    if (reason !== "disconnected") {
      for (let i = 0; i < DISCONNECT_PACKETS; i++) client.connection.send(TYPE_DISCONNECT);
    }
    client.connection.end();
    this.#phase.noteUsed(client.counter);
    this.#events.push({ type: "disconnected", clientIndex: client.index, reason });
    return true;
  }

  #clientAt(clientIndex: unknown): Client | undefined {
    if (typeof clientIndex !== "number") throw typeError("clientIndex", "a number", clientIndex);
    if (!Number.isInteger(clientIndex) || clientIndex < 0 || clientIndex >= this.#slots.count) {
      throw rangeError("clientIndex", `a whole number from 0 to ${this.#slots.count - 1}`, clientIndex);
    }
    return this.#slots.at(clientIndex);
  }
}
