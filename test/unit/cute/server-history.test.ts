import { describe, expect, it } from "vitest";
import { type CuteServer, CuteServer as Server } from "../../../src/cute/server.ts";
import { TokenHistory } from "../../../src/history/index.ts";
import type { Incoming } from "../../../src/session/history.ts";
import { at, type Puppet, puppet } from "../../support/cute-puppet.ts";
import { APPLICATION, addressOf, SECRET, SERVER, START, serverWith } from "../../support/cute-world.ts";
import { expectError } from "../../support/errors.ts";

const external = (maxClients = 32): CuteServer => serverWith({ history: "external", maxClients });
/** The one decision that waits. */
function asked(server: CuteServer): { type: string; incoming: Incoming<unknown> } {
  const events = server.events();
  const [event] = events;
  if (events.length !== 1 || (event?.type !== "request" && event?.type !== "joining")) throw new Error("not asked");
  return event;
}
const names = (peer: Puppet, server: CuteServer) => server.datagrams().map(({ data }) => peer.packets.open(data)?.type);
/** Up to the challenge, which is returned. */
function challenged(peer: Puppet, server: CuteServer): Uint8Array {
  expect(peer.say(server, peer.packet)).toEqual([]);
  asked(server).incoming.accept();
  return peer.packets.open(server.datagrams()[0]?.data as Uint8Array)?.body as Uint8Array;
}

describe("a history that answers later", () => {
  it("is asked twice, says yes twice, and the client is in", () => {
    const server = external();
    const peer = puppet({ clientId: 5n });
    const challenge = challenged(peer, server);
    expect(peer.say(server, peer.seal("challenge-response", challenge))).toEqual([]);
    const { type, incoming } = asked(server);
    expect([type, incoming.from, incoming.tokenId.startsWith("cute:"), incoming.expiresAt > 0n]).toEqual([
      "joining",
      addressOf(0),
      true,
      true,
    ]);
    incoming.accept();
    expect(names(peer, server)).toEqual(["connection-accepted"]);
    expect(server.events()).toMatchObject([{ type: "connected", claims: { clientId: 5n } }]);
  });

  it("is not asked again by what is repeated meanwhile, which gets no answer", () => {
    const server = external();
    const peer = puppet();
    for (let i = 0; i < 3; i++) expect(peer.say(server, peer.packet)).toEqual([]);
    asked(server).incoming.accept();
    const challenge = peer.packets.open(server.datagrams()[0]?.data as Uint8Array)?.body as Uint8Array;
    for (let i = 0; i < 3; i++) peer.say(server, peer.seal("challenge-response", challenge));
    peer.say(server, peer.packet);
    asked(server).incoming.accept();
    expect([names(peer, server), server.clientCount, server.statistics.unanswered]).toEqual([
      ["connection-accepted"],
      1,
      5,
    ]);
  });

  it("refuse: denied at once and to every repetition, before the challenge and after it", () => {
    for (const late of [false, true]) {
      const server = external();
      const peer = puppet();
      if (late) peer.say(server, peer.seal("challenge-response", challenged(peer, server)));
      else peer.say(server, peer.packet);
      asked(server).incoming.refuse();
      expect(names(peer, server)).toEqual(["connection-denied"]);
      expect(peer.say(server, peer.packet).map(({ type }) => type)).toEqual(["connection-denied"]);
      expect([server.events(), server.clientCount]).toEqual([[], 0]);
    }
  });

  it("ignore: silence, for as long as the handshake lasts", () => {
    for (const late of [false, true]) {
      const server = external();
      const peer = puppet({ handshakeTimeout: 2 });
      if (late) peer.say(server, peer.seal("challenge-response", challenged(peer, server)));
      else peer.say(server, peer.packet);
      asked(server).incoming.ignore();
      expect([peer.say(server, peer.packet), server.events()]).toEqual([[], []]);
      server.update(at(2));
      peer.say(server, peer.packet, at(2));
      expect(asked(server).type).toBe("request");
    }
  });

  it("the first answer counts, and none that comes after the handshake's end or a stop", () => {
    const server = external();
    const peer = puppet({ handshakeTimeout: 1 });
    peer.say(server, peer.packet);
    const first = asked(server).incoming;
    first.ignore();
    first.accept();
    expect(server.datagrams()).toEqual([]);
    server.update(at(1));
    peer.say(server, peer.packet, at(1));
    const second = asked(server).incoming;
    server.update(at(2.5));
    second.accept();
    expect(server.datagrams()).toEqual([]);
    peer.say(server, peer.packet, at(3));
    const third = asked(server).incoming;
    server.stop();
    third.accept();
    expect([server.datagrams(), server.clientCount]).toEqual([[], 0]);
  });

  it("a slot or an id that was given away meanwhile is not given twice", () => {
    const server = external(1);
    const [slow, quick] = [puppet({ clientId: 1n }), puppet({ clientId: 2n }, 1)];
    slow.say(server, slow.seal("challenge-response", challenged(slow, server)));
    const late = asked(server).incoming;
    quick.say(server, quick.seal("challenge-response", challenged(quick, server)));
    asked(server).incoming.accept();
    server.datagrams();
    late.accept();
    expect([names(slow, server), server.clientCount]).toEqual([["connection-denied"], 1]);
    const wide = external(2);
    const [a, b] = [puppet({ clientId: 7n }), puppet({ clientId: 7n }, 1)];
    const decisions = [a, b].map((peer) => {
      peer.say(wide, peer.seal("challenge-response", challenged(peer, wide)));
      return asked(wide).incoming;
    });
    for (const decision of decisions) decision.accept();
    expect([wide.clientCount, wide.statistics["client-connected"]]).toEqual([1, 1]);
  });
});

describe("a history that servers share", () => {
  it("lets a token in at one of them only", () => {
    const history = new TokenHistory({ maxLifetime: 60, startedAt: 0 });
    const servers = [serverWith({ history }), serverWith({ history })] as const;
    const peer = puppet();
    const challenges = servers.map((server) => peer.say(server, peer.packet)[0]?.body as Uint8Array);
    expect(challenges.length).toBe(2);
    const joined = servers.map((server, i) =>
      peer.say(server, peer.seal("challenge-response", challenges[i] as Uint8Array)),
    );
    expect(joined.map((answers) => answers.length)).toEqual([1, 0]);
    expect(servers[1].statistics["token-used"]).toBe(1);
  });

  it("that is full turns away the new", () => {
    const history = new TokenHistory({ maxLifetime: 60, startedAt: 0, capacity: 1 });
    const server = serverWith({ history });
    const [first, second] = [puppet({ clientId: 1n }), puppet({ clientId: 2n }, 1)];
    expect([first.join(server).length, second.say(server, second.packet)]).toEqual([1, []]);
    expect(server.statistics["history-full"]).toBe(1);
  });
});

describe("leeway", () => {
  it("takes a token for so long after its end, once, and history and handshake last as long", () => {
    const server = serverWith({ leeway: 10, maxLifetime: 30 });
    const [late, later] = [puppet({ clientId: 1n, lifetime: 30 }), puppet({ clientId: 2n, lifetime: 30 }, 1)];
    const challenge = late.say(server, late.packet, at(0, START + 39))[0]?.body as Uint8Array;
    expect(later.say(server, later.packet, at(1, START + 40))).toEqual([]);
    expect(late.say(server, late.seal("challenge-response", challenge), at(0.5, START + 39)).length).toBe(1);
    late.say(server, late.seal("disconnect"), at(0.6, START + 39));
    expect(late.say(server, late.packet, at(0.7, START + 39))).toEqual([]);
    expect([server.statistics.expired, server.statistics["token-used"]]).toEqual([1, 1]);
  });
});

describe("what is wrong with a server's argument", () => {
  const good = { applicationId: APPLICATION, secret: SECRET, serverEndpoint: SERVER, maxLifetime: 30 };
  const without = (name: keyof typeof good) => {
    const { [name]: _, ...rest } = good;
    return rest as typeof good;
  };
  it.each<["ERR_TYPE" | "ERR_RANGE", string, object]>([
    ["ERR_TYPE", "applicationId", without("applicationId")],
    ["ERR_TYPE", "secret", without("secret")],
    ["ERR_TYPE", "serverEndpoint", without("serverEndpoint")],
    ["ERR_TYPE", "maxLifetime", without("maxLifetime")],
    ["ERR_TYPE", "maxLifetime", { ...good, maxLifetime: undefined }],
    ["ERR_RANGE", "maxLifetime", { ...good, maxLifetime: 0 }],
    ["ERR_RANGE", "maxLifetime", { ...good, maxLifetime: 2_678_400, leeway: 60 }],
    ["ERR_RANGE", "leeway", { ...good, leeway: 61 }],
    ["ERR_RANGE", "serverEndpoint", { ...good, serverEndpoint: "0.0.0.0:5000" }],
    ["ERR_RANGE", "maxClients", { ...good, maxClients: 0 }],
    ["ERR_RANGE", "maxClients", { ...good, maxClients: 65_537 }],
    ["ERR_RANGE", "connectionTimeout", { ...good, connectionTimeout: 0 }],
    ["ERR_RANGE", "startedAt", { ...good, startedAt: Date.now() }],
    ["ERR_TYPE", "history", { ...good, history: "redis" }],
    ["ERR_TYPE", "history", { ...good, history: {} }],
    ["ERR_TYPE", "entropy", { ...good, entropy: new Uint8Array(20) }],
    ["ERR_RANGE", "maxMessageBytes", { ...good, maxMessageBytes: 20_971_501 }],
    ["ERR_TYPE", "serverEndPoint", { ...good, serverEndPoint: SERVER }],
  ])("%s %s", (code, argument, options) => {
    expectError(() => new Server(options as never), code, argument);
  });

  it("of a call is said by name, and nothing is taken of its batch", () => {
    const server = serverWith();
    const peer = puppet();
    const arrival = { datagram: peer.packet, from: peer.from };
    expectError(() => server.receiveMany([arrival, { ...arrival, from: null as never }], at(0)), "ERR_TYPE", "from");
    expectError(() => server.receive(peer.packet, peer.from, { now: -1, time: 0 }), "ERR_RANGE", "now");
    expectError(() => server.update({ time: 0 } as never), "ERR_TYPE", "now");
    expectError(() => server.update({ now: 0, time: "0" } as never), "ERR_TYPE", "time");
    expectError(() => server.send(-1, peer.packet), "ERR_RANGE", "clientIndex");
    expectError(() => server.send(32, peer.packet), "ERR_RANGE", "clientIndex");
    expectError(() => server.disconnect("0" as never), "ERR_TYPE", "clientIndex");
    expectError(() => server.send(0, new Uint8Array(262_145)), "ERR_RANGE", "data");
    expectError(() => server.send(0, [] as never), "ERR_TYPE", "data");
    expect([server.datagrams(), server.send(0, peer.packet), server.disconnect(0)]).toEqual([[], false, false]);
    expect(Object.values(server.statistics).every((count) => count === 0)).toBe(true);
  });
});
