import { describe, expect, it } from "vitest";
import { CuteClient, type CuteClientState } from "../../../src/cute/client.ts";
import { CutePackets, type CutePacketType } from "../../../src/cute/packets.ts";
import { readConnectToken } from "../../../src/cute/public.ts";
import { concat, flipBit, hex, u64Bytes } from "../../support/bytes.ts";
import { APPLICATION, clientWith, SERVER, START, tokenFor, World } from "../../support/cute-world.ts";
import { expectError } from "../../support/errors.ts";
import { Random } from "../../support/random.ts";

const random = new Random(31);
const at = (time: number, now = START) => ({ now, time });
const CHALLENGE = random.bytes(264);
const accepted = (timeout = 10): Uint8Array => concat(u64Bytes(5n), new Uint8Array([16, 0, 0, 0, timeout, 0, 0, 0]));

/** A server written by hand, at any endpoint. */
class Puppet {
  readonly client: CuteClient;
  readonly packets: CutePackets;
  sequence: bigint;
  from = SERVER;

  constructor(token: Uint8Array, client: CuteClient = clientWith(), first = 0n) {
    const { clientToServerKey, serverToClientKey } = readConnectToken(token);
    this.packets = new CutePackets({ side: "server", clientToServerKey, serverToClientKey });
    this.client = client;
    this.sequence = first;
  }

  say(type: CutePacketType, body: Uint8Array = new Uint8Array(0), time = 0): void {
    this.client.receive(this.packets.seal(type, this.sequence++, body), this.from, at(time));
  }

  /** What the client sends in an update: the name of a packet, or its length where it is a token. */
  hear(time: number, now = START): (string | number)[] {
    this.client.update(at(time, now));
    return this.client
      .datagrams()
      .map(({ data }) => (data[0] === 0 ? data.length : (this.packets.open(data)?.type ?? "?")));
  }
}

function connecting(fields: Parameters<typeof tokenFor>[0] = {}): Puppet {
  const token = tokenFor(fields);
  const puppet = new Puppet(token);
  puppet.client.connect(token, at(0));
  return puppet;
}

function connected(fields: Parameters<typeof tokenFor>[0] = {}, timeout = 10): Puppet {
  const puppet = connecting(fields);
  puppet.hear(0);
  puppet.say("challenge-request", CHALLENGE);
  puppet.hear(0);
  puppet.say("connection-accepted", accepted(timeout));
  expect(puppet.client.state).toBe("connected");
  puppet.client.events();
  return puppet;
}

const reasonOf = ({ client }: Puppet): CuteClientState[] =>
  client.events().flatMap((event) => (event.type === "disconnected" ? [event.reason] : []));

describe("the handshake", () => {
  it("sends the token with the first update, and every 0.1 s until it is answered", () => {
    const puppet = connecting();
    expect(puppet.client.state).toBe("sending-connection-request");
    expect([0, 0.05, 0.1, 0.15, 0.2].map((time) => puppet.hear(time))).toEqual([[1024], [], [1024], [], [1024]]);
  });

  it("echoes the first challenge, at once and every 0.1 s until it is accepted", () => {
    const puppet = connecting();
    puppet.hear(0);
    puppet.say("challenge-request", CHALLENGE, 0.01);
    expect(puppet.client.state).toBe("sending-challenge-response");
    puppet.say("challenge-request", random.bytes(264), 0.02);
    puppet.client.update(at(0.02));
    const [response] = puppet.client.datagrams();
    const opened = puppet.packets.open(response?.data as Uint8Array);
    // Numbers count token packets, which do not carry them.
    expect(opened).toEqual({ type: "challenge-response", sequence: 1n, body: CHALLENGE });
    expect([0.1, 0.13].map((time) => puppet.hear(time))).toEqual([[], ["challenge-response"]]);
    puppet.say("connection-accepted", accepted(), 0.14);
    expect(puppet.client.events()).toEqual([{ type: "connected", maxClients: 16, connectionTimeout: 10 }]);
    expect([0.15, 0.23, 0.33].map((time) => puppet.hear(time))).toEqual([[], ["keep-alive"], ["keep-alive"]]);
  });

  it("takes nothing out of its turn", () => {
    const puppet = connecting();
    puppet.hear(0);
    for (const [type, body] of [
      ["connection-accepted", accepted()],
      ["keep-alive", undefined],
      ["disconnect", undefined],
      ["payload", new Uint8Array(20)],
    ] as const) {
      puppet.say(type, body);
    }
    expect([puppet.client.state, puppet.client.statistics.unexpected]).toEqual(["sending-connection-request", 4]);
    puppet.say("challenge-request", CHALLENGE);
    puppet.say("payload", new Uint8Array(20));
    expect([puppet.client.state, puppet.client.events()]).toEqual(["sending-challenge-response", []]);
  });

  it("is not disturbed by packets of other senders, of other types, altered, or that came before", () => {
    const puppet = connecting();
    puppet.hear(0);
    const challenge = puppet.packets.seal("challenge-request", 0n, CHALLENGE);
    const { client } = puppet;
    for (const from of [
      { ...SERVER, port: 5001 },
      { ...SERVER, address: "203.0.113.8" },
    ])
      client.receive(challenge, from, at(0));
    client.receive(flipBit(challenge, 8 * 100), SERVER, at(0));
    client.receive(challenge.subarray(1), SERVER, at(0));
    client.receive(concat(new Uint8Array([6]), challenge.subarray(1)), SERVER, at(0));
    expect(client.state).toBe("sending-connection-request");
    client.receive(challenge, SERVER, at(0));
    client.receive(challenge, SERVER, at(0));
    expect(client.state).toBe("sending-challenge-response");
    const { "unknown-address": strange, "not-opened": altered, "wrong-type": types, replayed } = client.statistics;
    expect([strange, altered, types, replayed]).toEqual([2, 1, 2, 1]);
  });
});

describe("the end of an attempt", () => {
  it("connection-denied, at the end of the update; what came behind it is not looked at", () => {
    const puppet = connecting();
    puppet.hear(0);
    puppet.say("connection-denied");
    puppet.say("challenge-request", CHALLENGE);
    expect(puppet.client.state).toBe("sending-connection-request");
    expect(puppet.hear(0.01)).toEqual([]);
    expect([puppet.client.state, reasonOf(puppet)]).toEqual(["connection-denied", ["connection-denied"]]);
  });

  it("connection-request-timed-out, after the token's handshake timeout", () => {
    const puppet = connecting({ handshakeTimeout: 2 });
    puppet.hear(1.9);
    expect(puppet.client.state).toBe("sending-connection-request");
    puppet.hear(2);
    expect(reasonOf(puppet)).toEqual(["connection-request-timed-out"]);
  });

  it("challenge-response-timed-out, counted from the challenge", () => {
    const puppet = connecting({ handshakeTimeout: 2 });
    puppet.hear(1);
    puppet.say("challenge-request", CHALLENGE, 1);
    puppet.hear(2.9);
    expect(puppet.client.state).toBe("sending-challenge-response");
    puppet.hear(3);
    expect(reasonOf(puppet)).toEqual(["challenge-response-timed-out"]);
  });

  it("connection-timed-out, after the timeout that the server told, with ten goodbyes", () => {
    const puppet = connected({}, 3);
    puppet.say("keep-alive", undefined, 1);
    puppet.say("connection-accepted", accepted(3), 2); // refreshes nothing
    puppet.hear(3.9);
    expect(puppet.client.state).toBe("connected");
    expect(puppet.hear(4)).toEqual(["keep-alive", ...new Array(10).fill("disconnect")]);
    expect(reasonOf(puppet)).toEqual(["connection-timed-out"]);
  });

  it("connect-token-expired, with ten goodbyes, before any timeout; not once it is connected", () => {
    const puppet = connecting({ lifetime: 3, handshakeTimeout: 1 });
    expect(puppet.hear(0, START + 3)).toEqual([1024, ...new Array(10).fill("disconnect")]);
    expect(reasonOf(puppet)).toEqual(["connect-token-expired"]);
    const inside = connected({ lifetime: 3 });
    inside.hear(1, START + 100);
    expect(inside.client.state).toBe("connected");
  });

  it.each<[string, () => Uint8Array]>([
    [
      "another application's",
      () => tokenFor().map((byte, i) => (i === 10 || i === 100 ? byte ^ 1 : byte)) as Uint8Array,
    ],
    ["one that has expired", () => tokenFor({ now: START - 100, lifetime: 99 })],
    ["one that is cut off", () => tokenFor().subarray(0, 1113)],
    ["of another version", () => flipBit(tokenFor(), 3)],
    ["without endpoints", () => tokenFor().map((byte, i) => (i >= 121 && i < 125 ? 0 : byte)) as Uint8Array],
    ["nothing", () => new Uint8Array(0)],
  ])("invalid-connect-token: %s; nothing is sent", (_, make) => {
    const client = clientWith();
    client.connect(make(), at(0));
    client.update(at(1));
    expect([client.state, client.datagrams()]).toEqual(["invalid-connect-token", []]);
    expect(client.events()).toEqual([{ type: "disconnected", reason: "invalid-connect-token" }]);
  });

  it("disconnected: by the server without an answer; by the game with ten packets of consecutive numbers", () => {
    const puppet = connected();
    puppet.say("disconnect");
    expect([puppet.client.state, puppet.client.datagrams()]).toEqual(["disconnected", []]);
    const other = connected();
    other.client.datagrams();
    other.client.disconnect();
    other.client.disconnect();
    const numbers = other.client.datagrams().map(({ data }) => other.packets.open(data)?.sequence as bigint);
    expect(numbers.map((number) => number - (numbers[0] as bigint))).toEqual([0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n]);
    expect(reasonOf(other)).toEqual(["disconnected"]);
  });
});

describe("several servers", () => {
  const endpoints = ["192.0.2.1:1", "[2001:db8::1]:2", `${SERVER.address}:${SERVER.port}`];
  const dead = { address: "192.0.2.1", port: 1 };

  it("are tried in their order, each for its whole timeout, with the same token", () => {
    const puppet = connecting({ endpoints, handshakeTimeout: 1 });
    const heard: string[] = [];
    for (let time = 0; time <= 3; time += 0.5) {
      puppet.client.update(at(time));
      for (const { to } of puppet.client.datagrams()) heard.push(`${time} ${to.address}`);
    }
    expect(heard).toEqual([
      "0 192.0.2.1",
      "0.5 192.0.2.1",
      "1 192.0.2.1",
      "1.5 2001:db8::1",
      "2 2001:db8::1",
      "2.5 203.0.113.7",
      "3 203.0.113.7",
    ]);
  });

  it("a first one that sends challenges and never accepts does not spoil the second, whose numbers start at 0", () => {
    const puppet = connecting({ endpoints: [endpoints[0] as string, endpoints[2] as string], handshakeTimeout: 1 });
    puppet.from = dead;
    for (let i = 0; i < 20; i++) puppet.say("challenge-request", CHALLENGE);
    puppet.hear(1);
    expect(puppet.client.state).toBe("sending-connection-request");
    puppet.from = SERVER;
    puppet.sequence = 0n;
    puppet.say("challenge-request", CHALLENGE, 1);
    puppet.say("connection-accepted", accepted(), 1);
    expect(puppet.client.state).toBe("connected");
  });

  it("the end names what the latest of them did, and never 'timed out' for one that denied last", () => {
    const outcome = (first: CutePacketType | undefined, second: CutePacketType | undefined): CuteClientState => {
      const puppet = connecting({ endpoints: [endpoints[0] as string, endpoints[2] as string], handshakeTimeout: 1 });
      for (const [type, from, time] of [
        [first, dead, 0],
        [second, SERVER, 1.5],
      ] as const) {
        puppet.from = from;
        puppet.hear(time);
        if (type) puppet.say(type, type === "challenge-request" ? CHALLENGE : undefined, time);
        puppet.hear(time + 1);
      }
      return puppet.client.state;
    };
    expect(outcome(undefined, undefined)).toBe("connection-request-timed-out");
    expect(outcome("challenge-request", undefined)).toBe("challenge-response-timed-out");
    expect(outcome("connection-denied", undefined)).toBe("connection-denied");
    expect(outcome("challenge-request", "connection-denied")).toBe("connection-denied");
    expect(outcome("connection-denied", "challenge-request")).toBe("challenge-response-timed-out");
  });
});

describe("the same client object", () => {
  it("connects again after a goodbye, a timeout and a denial, and its reliable messages arrive", () => {
    const world = new World({ maxClients: 1, connectionTimeout: 1 });
    const client = world.add();
    for (let i = 0; i < 3; i++) {
      expect(world.until(() => client.state === "connected", 2)).toBe(true);
      client.send(new Uint8Array([i]), { reliable: true });
      world.run(0.3);
      if (i === 0) client.disconnect();
      else {
        // The network is gone for a while.
        world.onSend = () => undefined;
        world.run(1.5);
        world.onSend = (data) => data;
      }
      world.run(0.2);
      client.events();
      client.connect(tokenFor({ clientId: BigInt(i) + 50n }), world.moment);
    }
    const data = world.events.flatMap((event) => (event.type === "message" ? [...event.data] : []));
    expect(data).toEqual([0, 1, 2]);
  });

  it("never gives the same number twice, whatever it connects to", () => {
    const client = clientWith();
    const numbers: string[] = [];
    for (let i = 0; i < 3; i++) {
      const token = tokenFor();
      const puppet = new Puppet(token, client);
      client.connect(token, at(i));
      client.update(at(i));
      puppet.say("challenge-request", CHALLENGE, i);
      client.update(at(i));
      puppet.say("connection-accepted", accepted(), i);
      client.disconnect();
      for (const { data } of client.datagrams()) if (data[0] !== 0) numbers.push(hex(data.subarray(1, 9)));
    }
    expect([numbers.length, new Set(numbers).size]).toEqual([33, 33]);
  });
});

describe("whatever a server or a stranger sends", () => {
  it("of 0 to 2048 bytes, in every state, never throws and changes nothing", () => {
    for (const puppet of [connecting(), connected()]) {
      const { state } = puppet.client;
      for (let length = 0; length <= 2048; length++) {
        const datagram = random.bytes(length).slice();
        if (length > 0) datagram[0] = length % 9;
        puppet.client.receive(datagram, SERVER, at(1));
      }
      expect([puppet.client.state, puppet.client.events()]).toEqual([state, []]);
    }
    const idle = clientWith();
    idle.receive(random.bytes(337), SERVER, at(0));
    expect(idle.statistics["not-connecting"]).toBe(1);
  });

  it("genuine payloads that lie in every field deliver what they hold, or are counted", () => {
    const puppet = connected();
    for (let i = 0; i < 3000; i++) puppet.say("payload", random.bytes(random.below(1206)), 1 + i / 1000);
    expect(puppet.client.state).toBe("connected");
    expect(puppet.client.statistics["malformed-message"]).toBeGreaterThan(2500);
  });
});

describe("what is wrong with an argument", () => {
  const client = clientWith();
  it("is said by name", () => {
    expectError(() => new CuteClient({} as never), "ERR_TYPE", "applicationId");
    expectError(() => new CuteClient({ applicationId: -1 }), "ERR_RANGE", "applicationId");
    expectError(() => new CuteClient({ applicationId: 1, maxMessageBytes: 0 }), "ERR_RANGE", "maxMessageBytes");
    expectError(() => new CuteClient({ applicationId: 1, maxBufferedBytes: 1.5 }), "ERR_RANGE", "maxBufferedBytes");
    expectError(() => new CuteClient({ applicationId: 1, entropy: 5 as never }), "ERR_TYPE", "entropy");
    expectError(() => client.connect("token" as never, at(0)), "ERR_TYPE", "token");
    expectError(() => client.connect(tokenFor(), {} as never), "ERR_TYPE", "now");
    expectError(() => client.update({ now: START } as never), "ERR_TYPE", "time");
    expectError(() => client.update(at(Number.NaN)), "ERR_RANGE", "time");
    expectError(() => client.update({ now: START * 1000, time: 0 }), "ERR_RANGE", "now");
    expectError(() => client.receive(new Uint8Array(1), "x" as never, at(0)), "ERR_TYPE", "from");
    expectError(
      () => client.receive(new Uint8Array(1), { address: "a", port: 70_000 }, at(0)),
      "ERR_RANGE",
      "from.port",
    );
    expectError(() => client.send("x" as never), "ERR_TYPE", "data");
    expectError(() => client.send(new Uint8Array(300_000)), "ERR_RANGE", "data");
    expectError(() => client.send(new Uint8Array(1), { reliable: 1 as never }), "ERR_TYPE", "reliable");
    expect([client.state, client.send(new Uint8Array(1)), APPLICATION]).toEqual(["disconnected", false, 42n]);
  });
});
