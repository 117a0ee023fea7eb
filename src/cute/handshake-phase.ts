// From a connect token packet to a client slot: what a server does with those that are not connected yet.
import {
  TYPE_CHALLENGE_REQUEST,
  TYPE_CHALLENGE_RESPONSE,
  TYPE_CONNECTION_DENIED,
  TYPE_DISCONNECT,
} from "../../assembly/cute/session-layout.ts";
import { TokenHistory } from "../history/index.ts";
import type { ClientSlots, SlotHolder } from "../session/client-slots.ts";
import type { Clock } from "../session/clock.ts";
import { Handshakes } from "../session/handshakes.ts";
import { type Decision, historyReason, incoming, type SessionHistory } from "../session/history.ts";
import type { Accepted } from "../verdict.ts";
import type { Arrived } from "./arrivals.ts";
import { type Counter, type Sender, sendPacket } from "./connection.ts";
import { CuteHandshake } from "./server-handshake.ts";
import type { CuteServerSettings } from "./server-options.ts";
import type { CuteServerEvent, CuteServerReason } from "./server-types.ts";
import type { CuteClaims } from "./verdicts.ts";

/** What a handshake needs of its server. */
export interface HandshakeServer {
  readonly settings: CuteServerSettings;
  readonly clock: Clock;
  readonly sender: Sender;
  readonly slots: ClientSlots<SlotHolder>;
  /** Gives the client its slot: one is free. */
  readonly join: (entry: CuteHandshake) => void;
  readonly tell: (event: CuteServerEvent) => void;
  readonly count: (reason: CuteServerReason) => void;
}

type Reason = CuteServerReason | undefined;

/** Handshakes at once: only genuine tokens enter, one each. */
const MAX_HANDSHAKES = 1024;
/** A client that gave up and came again is there twice. */
const MAX_HANDSHAKES_PER_ADDRESS = 4;
/** Far above any clock in milliseconds, far below 2^63. */
const MAX_START = (1n << 60n) - 1n;

export class HandshakePhase {
  readonly handshakes: Handshakes<CuteHandshake>;
  readonly #server: HandshakeServer;
  readonly #nonces: Counter = { next: 0n };
  #history: SessionHistory | undefined;
  /** Where the numbers of the next handshake start at the least. */
  #leastSequence = 0n;

  constructor(server: HandshakeServer) {
    this.#server = server;
    const limits = { capacity: MAX_HANDSHAKES, perAddress: MAX_HANDSHAKES_PER_ADDRESS };
    this.handshakes = new Handshakes(limits, (entry) => this.#ended(entry));
  }

  /** A server's own history begins with the first moment it is given. */
  begin(): void {
    const { history, maxLifetime, startedAt } = this.#server.settings;
    if (this.#history !== undefined || history === "external") return;
    this.#history = history ?? new TokenHistory({ maxLifetime, startedAt: startedAt ?? this.#server.clock.now });
  }

  /** Numbers used under any key so far: the next handshake starts above. */
  noteUsed({ next }: Counter): void {
    if (next > this.#leastSequence) this.#leastSequence = next;
  }

  /** @returns why a token packet from an address that is not connected was refused */
  receiveToken(arrived: Arrived): Reason {
    const { settings, clock, slots } = this.#server;
    const { key, bytes, from } = arrived;
    const known = this.handshakes.at(key).find((entry) => entry.isMadeFrom(bytes));
    if (known !== undefined && known.expiresAt > clock.now) return this.#answerToken(known);
    const verdict = arrived.verdict(settings.tokens, clock.now);
    if (!verdict.valid) return verdict.reason;
    const spelledOtherwise = this.handshakes.find(key, verdict.tokenId);
    if (spelledOtherwise !== undefined) return this.#answerToken(spelledOtherwise);
    if (slots.hasId(verdict.claims.clientId)) return "client-connected";
    if (!this.handshakes.hasRoom(key)) return "handshakes-full";
    const answer = this.#history?.admit(verdict, from, { now: clock.now }) ?? "new";
    const reason = historyReason(answer);
    return reason ?? this.#begin(arrived, verdict);
  }

  /** @returns why a session packet from an address that is not connected was refused */
  receivePacket(arrived: Arrived): Reason {
    const entries = this.handshakes.at(arrived.key);
    if (entries.length === 0) return "unknown-address";
    if (arrived.type !== TYPE_CHALLENGE_RESPONSE && arrived.type !== TYPE_DISCONNECT) return "wrong-type";
    for (const entry of entries) {
      if (entry.expiresAt <= this.#server.clock.now) {
        this.handshakes.drop(entry);
        continue;
      }
      const text = arrived.open(entry.keys);
      if (text === undefined) continue;
      if (arrived.type === TYPE_CHALLENGE_RESPONSE) return this.#receiveResponse(entry, text);
      this.handshakes.drop(entry);
      return undefined;
    }
    return "not-opened";
  }

  #begin({ key, from, bytes }: Arrived, verdict: Accepted<CuteClaims>): Reason {
    const origin = { key, from, time: this.#server.clock.time };
    const entry = new CuteHandshake(origin, verdict, bytes, this.#counterOf(verdict.tokenId));
    this.handshakes.add(entry);
    if (this.#history !== undefined) return this.#answerToken(entry);
    entry.standing = "asking";
    this.#ask("request", entry, () => this.#answerToken(entry));
    return undefined;
  }

  /** Handshakes of one token share a counter, since they share a key. */
  #counterOf(tokenId: string): Counter {
    const shared = this.handshakes.ofToken(tokenId)[0]?.counter;
    if (shared !== undefined) return shared;
    // Clients take any start; one that grows from server to server is what a client of several of them listens to.
    const start = (this.#server.clock.now * 1000n) & MAX_START;
    return { next: start > this.#leastSequence ? start : this.#leastSequence };
  }

  /** Answers a token that may begin a handshake, with less than it was asked with. */
  #answerToken(entry: CuteHandshake): Reason {
    const { clock, slots, settings } = this.#server;
    entry.lastHeard = clock.time;
    if (entry.standing === "refused") return this.#deny(entry);
    if (entry.standing !== "admitted") return "unanswered";
    if (slots.hasId(entry.claims.clientId)) return "client-connected";
    if (slots.isFull) return this.#deny(entry);
    this.#send(entry, TYPE_CHALLENGE_REQUEST, entry.challenge(this.#nonces, settings.entropy));
    return undefined;
  }

  #receiveResponse(entry: CuteHandshake, response: Uint8Array): Reason {
    const { clock, slots } = this.#server;
    entry.lastHeard = clock.time;
    if (entry.standing === "refused") return this.#deny(entry);
    if (entry.standing !== "admitted") return "unanswered";
    if (slots.hasId(entry.claims.clientId)) return "client-connected";
    if (entry.isDenied(response)) return this.#deny(entry);
    if (!entry.answers(response)) return "wrong-challenge";
    if (slots.isFull) return this.#deny(entry);
    if (this.#history === undefined) {
      entry.standing = "joining";
      this.#ask("joining", entry, () => this.#join(entry));
      return undefined;
    }
    if (this.#history.consume(entry.tokenId)) return this.#join(entry);
    this.handshakes.dropToken(entry.tokenId);
    return "token-used";
  }

  /** Unless the last slot or the id was given away while a decision was awaited. */
  #join(entry: CuteHandshake): Reason {
    const { slots, join } = this.#server;
    if (slots.hasId(entry.claims.clientId)) return "client-connected";
    if (slots.isFull) return this.#deny(entry);
    entry.joined = true;
    this.handshakes.dropToken(entry.tokenId);
    this.handshakes.dropAddress(entry.key);
    join(entry);
    return undefined;
  }

  /** Puts a decision before the caller. */
  #ask(type: "request" | "joining", entry: CuteHandshake, go: () => Reason): void {
    const decide = (decision: Decision): void => {
      if (!this.handshakes.has(entry)) return;
      entry.standing = STANDINGS[decision];
      const reason = decision === "accept" ? go() : decision === "refuse" ? this.#deny(entry) : undefined;
      if (reason !== undefined) this.#server.count(reason);
    };
    this.#server.tell({ type, incoming: incoming(entry, decide) });
  }

  #deny(entry: CuteHandshake): Reason {
    entry.deny(this.#nonces);
    this.#send(entry, TYPE_CONNECTION_DENIED);
    return "denied";
  }

  #send(entry: CuteHandshake, type: number, text?: Uint8Array): void {
    sendPacket(this.#server.sender, entry.keys, entry.counter, entry.from, type, text);
  }

  #ended({ joined, keys, counter }: CuteHandshake): void {
    if (joined) return;
    this.noteUsed(counter);
    this.#server.sender.outbox.seal();
    keys.dispose();
  }
}

const STANDINGS = { accept: "admitted", refuse: "refused", ignore: "ignored" } as const;
