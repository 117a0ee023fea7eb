// What arrived in a tick, verified and opened in few crossings before it is acted upon, one datagram after the other. What
// is found here holds whatever happens meanwhile: a verdict is of the bytes alone, a plaintext of the bytes and a key.
import { PACKET_BYTES } from "../../assembly/cute/layout.ts";
import {
  MAX_DATAGRAM_BYTES,
  SESSION_OFFSET_SEQUENCE,
  TYPE_CHALLENGE_RESPONSE,
  TYPE_CONNECT_TOKEN,
  TYPE_DISCONNECT,
} from "../../assembly/cute/session-layout.ts";
import { asBytes, byteLength, isBytes } from "../common/bytes.ts";
import { readU64 } from "../common/integers.ts";
import { type Address, addressKey, asAddress } from "../session/address.ts";
import type { ClientSlots, SlotHolder } from "../session/client-slots.ts";
import type { Handshakes } from "../session/handshakes.ts";
import type { Verdict, Verdicts } from "../verdict.ts";
import { type OpenJob, openSessionPackets } from "../wasm/cute/session.ts";
import type { Connection } from "./connection.ts";
import type { CuteTokens } from "./index.ts";
import { isDatagramLength, sends } from "./packet-types.ts";
import type { CuteHandshake } from "./server-handshake.ts";
import type { SessionKeys } from "./session-keys.ts";
import type { CuteClaims, CuteReason } from "./verdicts.ts";

type Text = Uint8Array<ArrayBuffer> | undefined;

/** A datagram that came, judged by its length and type alone. */
export class Arrived {
  readonly from: Address;
  readonly key: string;
  /** Empty for what is no datagram of this protocol. */
  readonly bytes: Uint8Array;
  readonly type: number;
  readonly sequence: bigint;
  #verdict: (() => Verdict<CuteClaims, CuteReason>) | undefined;
  readonly #texts: { readonly keys: SessionKeys; readonly text: Text }[] = [];

  constructor(datagram: unknown, from: unknown) {
    this.from = asAddress(from, "from");
    this.key = addressKey(this.from);
    const taken = isBytes(datagram) && byteLength(datagram) <= MAX_DATAGRAM_BYTES;
    this.bytes = taken ? asBytes(datagram, "datagram") : NO_BYTES;
    this.type = this.bytes[0] ?? -1;
    this.sequence = this.isSized && !this.isToken ? readU64(this.bytes, SESSION_OFFSET_SEQUENCE) : 0n;
  }

  get isToken(): boolean {
    return this.type === TYPE_CONNECT_TOKEN;
  }

  /** Whether it is as long as its type says. */
  get isSized(): boolean {
    return this.isToken ? this.bytes.length === PACKET_BYTES : isDatagramLength(this.type, this.bytes.length);
  }

  verdict(tokens: CuteTokens, now: bigint): Verdict<CuteClaims, CuteReason> {
    return this.#verdict?.() ?? tokens.verify(this.bytes, { now });
  }

  /** Its plaintext under a session's keys, or `undefined` where it is not genuine. */
  open(keys: SessionKeys): Text {
    const found = this.#texts.find((one) => one.keys === keys);
    return found === undefined ? openSessionPackets([this.job(keys)])[0] : found.text;
  }

  job(keys: SessionKeys): OpenJob {
    return { key: keys.open, datagram: this.bytes };
  }

  keepVerdict(verdicts: Verdicts<CuteClaims, CuteReason>, index: number): void {
    this.#verdict = () => verdicts.at(index);
  }

  keepText(keys: SessionKeys, text: Text): void {
    this.#texts.push({ keys, text });
  }
}

const NO_BYTES = new Uint8Array(0);

/** What is known of senders when a tick begins. */
interface Known {
  readonly slots: ClientSlots<SlotHolder & { readonly connection: Connection }>;
  readonly handshakes: Handshakes<CuteHandshake>;
}

/** Verifies the tokens among them in one batch, those of handshakes that are open already left out. */
export function verifyTokens(
  arrivals: readonly Arrived[],
  { slots, handshakes }: Known,
  tokens: CuteTokens,
  now: bigint,
): void {
  const unknown = arrivals.filter(
    ({ isToken, isSized, key, bytes }) =>
      isToken &&
      isSized &&
      slots.byKey(key) === undefined &&
      !handshakes.at(key).some((entry) => entry.isMadeFrom(bytes)),
  );
  if (unknown.length < 2) return; // one alone is verified when its turn comes
  const verdicts = tokens.verifyMany(
    unknown.map(({ bytes }) => bytes),
    { now },
  );
  unknown.forEach((arrival, i) => {
    arrival.keepVerdict(verdicts, i);
  });
}

/** Opens the session packets among them, as many as there are in one go. */
export function openArrived(arrivals: readonly Arrived[], { slots, handshakes }: Known): void {
  const wanted: { readonly arrival: Arrived; readonly keys: SessionKeys }[] = [];
  for (const arrival of arrivals) {
    const { key, type, sequence } = arrival;
    if (arrival.isToken || !arrival.isSized || !sends("client", type)) continue;
    const client = slots.byKey(key);
    if (client === undefined) {
      if (type !== TYPE_CHALLENGE_RESPONSE && type !== TYPE_DISCONNECT) continue;
      for (const { keys } of handshakes.at(key)) wanted.push({ arrival, keys });
    } else if (type !== TYPE_CHALLENGE_RESPONSE && client.connection.window.isFresh(sequence)) {
      wanted.push({ arrival, keys: client.connection.keys });
    }
  }
  if (wanted.length < 2) return;
  const texts = openSessionPackets(wanted.map(({ arrival, keys }) => arrival.job(keys)));
  wanted.forEach(({ arrival, keys }, i) => {
    arrival.keepText(keys, texts[i]);
  });
}
