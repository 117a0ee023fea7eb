import { describe, expect, it } from "vitest";
import { CuteClient } from "../../../src/cute/client.ts";
import { CutePackets, ReplayWindow } from "../../../src/cute/packets.ts";
import { readConnectToken } from "../../../src/cute/public.ts";
import { CuteServer } from "../../../src/cute/server.ts";
import { hex, unhex } from "../../support/bytes.ts";
import { native, type RecordedSession } from "../../support/cute-session.ts";

// What native clients and servers said to each other, said again to ours: each side takes the other's part.

const CLIENT = { address: "127.0.0.1", port: 40_000 };
const STATES = ["disconnected", "sending-connection-request", "sending-challenge-response", "connected"];

const keysOf = ({ clientToServerKey, serverToClientKey }: RecordedSession) => ({
  clientToServerKey: unhex(clientToServerKey),
  serverToClientKey: unhex(serverToClientKey),
});
const sentBy = (session: RecordedSession, side: "client" | "server") =>
  session.datagramsAsTheClientSawThem.filter(({ from }) => from === side);

describe.each(native.sessions.map((session) => ({ name: session.name, session })))(
  "recorded session: $name",
  ({ session }) => {
    const token = readConnectToken(unhex(session.token));
    const now = token.expirationTimestamp - 5n;

    it("every packet opens, and its number is one that a replay window takes", () => {
      const server = new CutePackets({ side: "server", ...keysOf(session) });
      const client = new CutePackets({ side: "client", ...keysOf(session) });
      const windows = { client: new ReplayWindow(), server: new ReplayWindow() };
      const packets = session.datagramsAsTheClientSawThem.slice(1);
      expect(packets.length).toBeGreaterThanOrEqual(30);
      for (const { from, packet } of packets) {
        const opened = (from === "client" ? server : client).open(unhex(packet));
        expect(opened && windows[from].isFresh(opened.sequence)).toBe(true);
        windows[from].accept(opened?.sequence as bigint);
      }
    });

    it("our server tells its game what the native server told", () => {
      const client = new CutePackets({ side: "client", ...keysOf(session) });
      const challenges = sentBy(session, "server").flatMap(({ packet }) => {
        const opened = client.open(unhex(packet));
        return opened?.type === "challenge-request" ? [opened.body] : [];
      });
      const challenge = challenges[0] as Uint8Array;
      const port = session.datagramsAsTheClientSawThem.at(-1)?.serverPort as number;
      const server = new CuteServer({
        applicationId: session.application,
        secret: unhex(session.signingSecret),
        serverEndpoint: { address: "127.0.0.1", port },
        maxLifetime: 2_678_400,
        startedAt: 0,
        entropy: (length) => (length === 256 ? challenge.slice(8) : new Uint8Array(length).fill(9)),
      });
      const told: unknown[] = [];
      const note = () => {
        for (const event of server.events()) {
          if (event.type === "connected") told.push(["new_connection", String(event.claims.clientId)]);
          else if (event.type === "message") told.push(["payload", hex(event.data)]);
          else told.push([event.type]);
        }
      };
      for (const { t, packet, serverPort } of sentBy(session, "client")) {
        if (serverPort !== port) continue;
        server.receive(unhex(packet), CLIENT, { now, time: t });
        note();
      }
      const expected = session.serverEvents.map(({ event, clientId, data }) => [
        event,
        ...((data ?? clientId) ? [data ?? clientId] : []),
      ]);
      const ended = sentBy(session, "client").some(({ packet }) => packet.startsWith("04"));
      // A server that ends the connection itself tells so of its own accord.
      expect(told).toEqual(ended ? expected : expected.filter(([event]) => event !== "disconnected"));
      expect(told.length).toBeGreaterThan(2);
    });

    it("our client tells its game what the native client told, and goes through its states", () => {
      const client = new CuteClient({ applicationId: session.application });
      const first = session.datagramsAsTheClientSawThem[0]?.t as number;
      client.connect(unhex(session.token), { now, time: first });
      const messages: string[] = [];
      const states: string[] = [client.state];
      for (const { t, packet, serverPort } of sentBy(session, "server")) {
        client.receive(unhex(packet), { address: "127.0.0.1", port: serverPort }, { now, time: t });
        if (states.at(-1) !== client.state) states.push(client.state);
        for (const event of client.events())
          if (event.type === "message") messages.push(new TextDecoder().decode(event.data));
      }
      expect(messages).toEqual(session.clientMessages);
      expect(states).toEqual(
        [...new Set(session.clientStates.map(({ state }) => STATES[state]))].slice(0, states.length),
      );
      expect(states).toContain("connected");
    });
  },
);
