// One peer's session: keys, counter, what came already, messages, timers. Servers have one per client slot, clients one.
import { SESSION_IV_BYTES, TYPE_KEEP_ALIVE, TYPE_PAYLOAD } from "../../assembly/cute/session-layout.ts";
import type { Address } from "../session/address.ts";
import type { Outbox } from "../session/outbox.ts";
import { ReplayWindow } from "../session/replay-window.ts";
import type { SealJob } from "../wasm/cute/session.ts";
import { type MessageLimits, type MessageProblem, type MessageSink, Messages } from "./messages.ts";
import { payloadData, payloadText } from "./packet-types.ts";
import type { SessionKeys } from "./session-keys.ts";

/** Draws random bytes; those of a test come again. */
export type EntropySource = (length: number) => Uint8Array;

/** The number of the next packet under a key: it never goes back while the key is in use. */
export interface Counter {
  next: bigint;
}

/** Where a side's packets go, and what they are made with. */
export interface Sender {
  readonly outbox: Outbox<SealJob>;
  readonly entropy: EntropySource;
  /** Counts a packet for which there was no room. */
  readonly onLost: () => void;
}

const NO_TEXT = new Uint8Array(0);
export const DISCONNECT_PACKETS = 10;

/** Puts a packet into the outbox. */
export function sendPacket(
  { outbox, entropy, onLost }: Sender,
  keys: SessionKeys,
  counter: Counter,
  to: Address,
  type: number,
  text: Uint8Array = NO_TEXT,
): void {
  const sequence = counter.next++;
  if (!outbox.push({ key: keys.seal, type, sequence, text, iv: entropy(SESSION_IV_BYTES) }, to)) onLost();
}

export class Connection {
  readonly keys: SessionKeys;
  readonly to: Address;
  readonly window: ReplayWindow = new ReplayWindow();
  readonly messages: Messages;
  lastReceived: number;
  lastSent: number;
  readonly #sender: Sender;
  readonly #counter: Counter;
  readonly #beforePayload: () => void;
  #time: number;

  /**
   * @param beforePayload what goes out before a payload, where the peer may not know yet that it is connected
   * @param deliver takes whole messages
   */
  constructor(
    sender: Sender,
    session: { readonly keys: SessionKeys; readonly counter: Counter; readonly to: Address; readonly time: number },
    limits: MessageLimits,
    beforePayload: () => void,
    deliver: MessageSink["deliver"],
  ) {
    this.keys = session.keys;
    this.to = session.to;
    this.lastReceived = session.time;
    this.lastSent = session.time;
    this.#time = session.time;
    this.#sender = sender;
    this.#counter = session.counter;
    this.#beforePayload = beforePayload;
    this.messages = new Messages(limits, { emit: (data) => this.#sendPayload(data), deliver });
  }

  send(type: number, text?: Uint8Array): void {
    sendPacket(this.#sender, this.keys, this.#counter, this.to, type, text);
    this.lastSent = this.#time;
  }

  /** Takes the time of the call under way. */
  at(time: number): void {
    this.#time = time;
  }

  keepAlive(): void {
    this.send(TYPE_KEEP_ALIVE);
  }

  /**
   * Takes the plaintext of a genuine payload that is new.
   *
   * @returns what is wrong with it
   */
  receivePayload(text: Uint8Array<ArrayBuffer>): MessageProblem | undefined {
    const data = payloadData(text);
    return data === undefined ? "malformed-message" : this.messages.receive(data);
  }

  /** Seals what waits under the keys, and wipes them. */
  end(): void {
    this.#sender.outbox.seal();
    this.keys.dispose();
  }

  #sendPayload(data: Uint8Array): void {
    this.#beforePayload();
    this.send(TYPE_PAYLOAD, payloadText(data));
  }
}
