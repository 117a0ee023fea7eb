import { CutePackets } from "../../src/cute/packets.ts";
import { connectTokenPacket, readConnectToken } from "../../src/cute/public.ts";
import type { Address, CuteServer } from "../../src/cute/server.ts";
import { addressOf, START, type TokenFields, tokenFor } from "./cute-world.ts";

export const at = (time: number, now = START) => ({ now, time });

/** A client written by hand: it sends what it likes. */
export class Puppet {
  readonly packet: Uint8Array;
  readonly packets: CutePackets;
  readonly from: Address;
  sequence = 1n;

  constructor(fields: TokenFields = {}, index = 0) {
    const token = tokenFor(fields);
    const { clientToServerKey, serverToClientKey } = readConnectToken(token);
    this.packet = connectTokenPacket(token);
    this.packets = new CutePackets({ side: "client", clientToServerKey, serverToClientKey });
    this.from = addressOf(index);
  }

  seal(type: "keep-alive" | "payload" | "disconnect" | "challenge-response", body: Uint8Array = new Uint8Array(0)) {
    return this.packets.seal(type, this.sequence++, body);
  }

  /** What the server answers to a datagram, opened. */
  say(server: CuteServer, datagram: Uint8Array, moment = at(0)) {
    server.receive(datagram, this.from, moment);
    return server.datagrams().map(({ data, to }) => ({ data, to, ...this.packets.open(data) }));
  }

  /** Sends its token, then the challenge it is given. */
  join(server: CuteServer, moment = at(0)) {
    const [challenge] = this.say(server, this.packet, moment);
    if (challenge?.type !== "challenge-request") throw new Error(`no challenge but ${challenge?.type}`);
    return this.say(server, this.seal("challenge-response", challenge.body), moment);
  }
}

export const puppet = (fields: TokenFields = {}, index = 0): Puppet => new Puppet(fields, index);
