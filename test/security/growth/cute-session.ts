import { CutePackets } from "../../../src/cute/packets.ts";
import { connectTokenPacket, readConnectToken } from "../../../src/cute/public.ts";
import { flipBit } from "../../support/bytes.ts";
import { addressOf, START, serverWith, tokenFor } from "../../support/cute-world.ts";
import { Random } from "../../support/random.ts";
import { FAST, SLOW, type Verb } from "./verb.ts";

// What follows a token: packets, a server under floods, and whole connections that come and go.

const random = new Random(33);

function packets(): Verb[] {
  const keys = { clientToServerKey: random.bytes(32), serverToClientKey: random.bytes(32) };
  const client = new CutePackets({ side: "client", ...keys });
  const server = new CutePackets({ side: "server", ...keys });
  const body = random.bytes(100);
  const sealed = client.seal("payload", 1n, body);
  const forged = flipBit(sealed, 8 * 60);
  return [
    { name: "CutePackets.seal", calls: FAST, run: () => client.seal("payload", 1n, body).length === 175 },
    { name: "CutePackets.open", calls: FAST, run: () => server.open(sealed) !== undefined },
    { name: "CutePackets.open, forged", calls: FAST, run: () => server.open(forged) === undefined },
    {
      name: "CutePackets, constructor and dispose",
      calls: FAST,
      run() {
        new CutePackets({ side: "client", ...keys }).dispose();
        return true;
      },
    },
  ];
}

function flood(): Verb {
  const server = serverWith();
  const token = connectTokenPacket(tokenFor({ lifetime: 60 }));
  let calls = 0;
  return {
    name: "CuteServer, flood of garbage, forged tokens and packets of strangers",
    calls: SLOW,
    run() {
      calls++;
      const from = addressOf(calls);
      const moment = { now: START, time: calls / 1000 };
      const arrivals = [random.bytes(random.below(1300)), flipBit(token, 8 * 700), new Uint8Array(337).fill(6, 0, 1)];
      server.receiveMany(
        arrivals.map((datagram) => ({ datagram, from })),
        moment,
      );
      server.update(moment);
      return server.datagrams().length === 0 && server.events().length === 0;
    },
  };
}

function connections(): Verb {
  const server = serverWith();
  const nothing = new Uint8Array(0);
  let seconds = 0;
  return {
    name: "CuteServer, a connection from its token to its goodbye",
    calls: SLOW,
    run() {
      seconds++;
      const moment = { now: START + seconds, time: seconds };
      const token = tokenFor({ now: moment.now });
      const { clientToServerKey, serverToClientKey } = readConnectToken(token);
      const peer = new CutePackets({ side: "client", clientToServerKey, serverToClientKey });
      const say = (datagram: Uint8Array) => {
        server.receive(datagram, addressOf(0), moment);
        return peer.open(server.datagrams()[0]?.data ?? nothing);
      };
      const challenge = say(connectTokenPacket(token))?.body ?? nothing;
      const accepted = say(peer.seal("challenge-response", 1n, challenge));
      server.send(0, challenge, { reliable: true });
      server.update(moment);
      say(peer.seal("disconnect", 2n, nothing));
      peer.dispose();
      return accepted?.type === "connection-accepted" && server.events().length === 2 && server.clientCount === 0;
    },
  };
}

export const cuteSessionVerbs: readonly Verb[] = [...packets(), flood(), connections()];
