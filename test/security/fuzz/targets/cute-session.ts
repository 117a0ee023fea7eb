import { CutePackets } from "../../../../src/cute/packets.ts";
import { connectTokenPacket, readConnectToken } from "../../../../src/cute/public.ts";
import type { CuteServer, CuteServerEvent } from "../../../../src/cute/server.ts";
import { MessageTwin } from "../../../reference/cute-messages.ts";
import { concat, u64Bytes } from "../../../support/bytes.ts";
import { addressOf, START, serverWith, tokenFor } from "../../../support/cute-world.ts";
import { Random } from "../../../support/random.ts";
import { hold, holdSame, inputOf, type Target } from "../target.ts";

// A server in one of its states, and a peer that holds a genuine token and sends what the input says: datagrams as they are,
// or sealed. Beside it a twin of the message layer, and the same server again that takes everything in one batch.

const STATES = ["stranger", "handshake", "connected", "goodbye"] as const;
const PEER = addressOf(1);
const OTHER = addressOf(2);
const MAX_MESSAGE_BYTES = 5000;
const TOKEN = tokenFor({ clientId: 1n });
const PACKET = connectTokenPacket(TOKEN);
const NO_BYTES = new Uint8Array(0);

interface Life {
  readonly server: CuteServer;
  readonly packets: CutePackets;
}

/** A server whose peer has come so far. The random bytes are the same every time. */
function begin(state: number): Life & { readonly next: bigint } {
  const source = new Random(5);
  const server = serverWith({ maxMessageBytes: MAX_MESSAGE_BYTES, entropy: (length) => source.bytes(length) });
  const packets = new CutePackets({ side: "client", ...keys });
  const say = (datagram: Uint8Array) => {
    server.receive(datagram, PEER, { now: START, time: 0 });
    return server.datagrams();
  };
  let next = 1n;
  if (state > 0) {
    const challenge = packets.open(say(PACKET)[0]?.data as Uint8Array)?.body as Uint8Array;
    if (state > 1) say(packets.seal("challenge-response", next++, challenge));
    if (state > 2) say(packets.seal("disconnect", next++, NO_BYTES));
  }
  server.events();
  return { server, packets, next };
}

const { clientToServerKey, serverToClientKey } = readConnectToken(TOKEN);
const keys = { clientToServerKey, serverToClientKey };

/** The input cut up: what to do, and the bytes to do it with. */
function* steps(input: Uint8Array): Generator<{ readonly kind: number; readonly bytes: Uint8Array }> {
  for (let at = 1; at + 3 <= input.length; ) {
    const length = (input[at + 1] as number) | ((input[at + 2] as number) << 8);
    yield { kind: (input[at] as number) % 5, bytes: input.subarray(at + 3, at + 3 + length) };
    at += 3 + length;
  }
}

/** A step as the input of a fuzzer has it. */
const step = (kind: number, bytes: Uint8Array): Uint8Array =>
  concat(Uint8Array.of(kind, bytes.length & 255, bytes.length >> 8), bytes);

const fragment = (fields: readonly number[], length: number): Uint8Array =>
  concat(Uint8Array.of(...fields, length & 255, length >> 8), new Uint8Array(length).fill(7));

const messagesOf = (events: readonly CuteServerEvent[]) =>
  events.flatMap((event) => (event.type === "message" ? [{ reliable: event.reliable, data: event.data }] : []));

export const cuteSession: Target = {
  name: "cute-session",
  maxLength: 4000,
  seeds: [
    inputOf([2], step(2, fragment([0, 0, 255, 255, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0], 5))),
    inputOf(
      [2],
      concat(
        step(2, fragment([0, 0, 255, 255, 0, 0, 0, 0, 1, 0, 0, 2, 0, 0, 0], 1100)),
        step(2, fragment([1, 0, 255, 255, 0, 0, 0, 0, 1, 0, 0, 2, 0, 1, 0], 9)),
        step(2, fragment([2, 0, 255, 255, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0], 3)),
      ),
    ),
    inputOf([1], concat(step(0, PACKET), step(3, concat(Uint8Array.of(5), new Uint8Array(264))))),
    inputOf([0], step(0, PACKET)),
    inputOf([3], concat(step(0, PACKET), step(1, PACKET))),
  ],
  dictionary: [PACKET.slice(0, 40), u64Bytes(2n ** 63n), Uint8Array.of(255, 255), Uint8Array.of(0, 8)],
  run(input) {
    const state = (input[0] ?? 0) % STATES.length;
    const [one, many] = [begin(state), begin(state)];
    const twin = new MessageTwin(MAX_MESSAGE_BYTES);
    const batch: { datagram: Uint8Array; from: typeof PEER }[] = [];
    const moment = { now: START, time: 1 };
    let sequence = one.next;
    let [asked, answered] = [0, 0];
    const events: CuteServerEvent[] = [];
    const types = ["keep-alive", "disconnect", "payload", "challenge-response"] as const;
    for (const { kind, bytes } of steps(input)) {
      const body = bytes.subarray(0, 1205);
      let datagram = bytes;
      if (kind === 2) datagram = one.packets.seal("payload", sequence++, body);
      if (kind === 3) {
        const type = types[(bytes[0] ?? 0) % 4] as (typeof types)[number];
        const text =
          type === "challenge-response"
            ? concat(bytes.subarray(1, 265), new Uint8Array(264)).subarray(0, 264)
            : NO_BYTES;
        datagram = one.packets.seal(type, sequence++, text);
      }
      const from = kind === 1 ? OTHER : PEER;
      const wasConnected = one.server.clientCount > 0;
      if (kind === 2 && wasConnected) twin.receive(body);
      batch.push({ datagram: datagram.slice(), from });
      one.server.receive(datagram, from, moment);
      asked += datagram.length;
      for (const { data } of one.server.datagrams()) answered += data.length;
      hold(answered <= asked, "no answer is larger than what came");
      events.push(...one.server.events());
    }
    holdSame(messagesOf(events), twin.delivered, "messages are those of the twin");
    many.server.receiveMany(batch, moment);
    holdSame(many.server.statistics, one.server.statistics, "one by one and all at once refuse the same");
    const kinds = (list: readonly CuteServerEvent[]) => list.map(({ type }) => type);
    holdSame(kinds(many.server.events()), kinds(events), "and tell the same");
    const refused = Object.entries(one.server.statistics).filter(([, count]) => count > 0);
    for (const { server, packets } of [one, many]) {
      server.stop();
      packets.dispose();
    }
    return `${STATES[state]} ${refused.map(([reason]) => reason).join()} ${twin.delivered.length > 0}`;
  },
};
