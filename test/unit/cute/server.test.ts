import { describe, expect, it } from "vitest";
import { CuteClient } from "../../../src/cute/client.ts";
import { connectTokenPacket } from "../../../src/cute/public.ts";
import type { CuteServer } from "../../../src/cute/server.ts";
import { concat, flipBit, hex, patched, u64Bytes } from "../../support/bytes.ts";
import { at, type Puppet, puppet } from "../../support/cute-puppet.ts";
import { APPLICATION, addressOf, SERVER, START, serverWith, tokenFor, World } from "../../support/cute-world.ts";
import { Random } from "../../support/random.ts";

const random = new Random(55);
const typesOf = (world: World): string[] => world.events.map(({ type }) => type);
const sequenceOf = (datagram: Uint8Array): bigint =>
  new DataView(datagram.buffer, datagram.byteOffset).getBigUint64(1, true);

describe("a connection", () => {
  it("is made, carries messages both ways, and ends with a goodbye", () => {
    const world = new World();
    const client = world.add();
    expect(world.until(() => client.state === "connected", 1)).toBe(true);
    expect(client.events()).toEqual([{ type: "connected", maxClients: 32, connectionTimeout: 10 }]);
    expect(client.send(new Uint8Array([1, 2, 3]), { reliable: true })).toBe(true);
    expect(client.send(new Uint8Array([4]))).toBe(true);
    expect(world.server.send(0, new Uint8Array(3000).fill(5), { reliable: true })).toBe(true);
    expect(world.server.send(0, new Uint8Array([6]))).toBe(true);
    world.run(0.5);
    const got = client.events().map((event) => event.type === "message" && [event.reliable, event.data.length]);
    expect(got).toEqual([
      [false, 1],
      [true, 3000],
    ]);
    client.disconnect();
    world.run(0.5);
    expect(typesOf(world)).toEqual(["connected", "message", "message", "disconnected"]);
    expect(world.events.at(-1)).toEqual({ type: "disconnected", clientIndex: 0, reason: "disconnected" });
    expect(world.server.clientCount).toBe(0);
  });

  it("tells what the token says, and where the client is", () => {
    const world = new World();
    world.add(tokenFor({ clientId: 77n }));
    world.run(0.3);
    const [event] = world.events;
    if (event?.type !== "connected") throw new Error("not connected");
    expect([event.clientIndex, event.claims.clientId, event.claims.applicationId, event.from]).toEqual([
      0,
      77n,
      APPLICATION,
      addressOf(0),
    ]);
  });

  it("takes the lowest free client slot", () => {
    const world = new World();
    const clients = [world.add(), world.add(), world.add()];
    world.run(0.5);
    clients[1]?.disconnect();
    world.run(0.5);
    world.add();
    world.run(0.5);
    const indices = world.events.flatMap((event) => (event.type === "connected" ? [event.clientIndex] : []));
    expect(indices).toEqual([0, 1, 2, 1]);
  });

  it("accepted names the client's own id where two handshakes overlap", () => {
    const server = serverWith();
    const [a, b] = [puppet({ clientId: 1n }, 1), puppet({ clientId: 2n }, 2)];
    const challengeOfB = b.say(server, b.packet)[0]?.body;
    const accepted = [a.join(server)[0], b.say(server, b.seal("challenge-response", challengeOfB))[0]];
    expect(accepted.map((packet) => hex(packet?.body as Uint8Array).slice(0, 16))).toEqual([
      "0100000000000000",
      "0200000000000000",
    ]);
    expect(accepted.map((packet) => hex(packet?.body as Uint8Array).slice(16))).toEqual([
      "200000000a000000",
      "200000000a000000",
    ]);
  });

  it("accepted is repeated, with a keep alive, every 0.1 s until a packet confirms the client", () => {
    const server = serverWith();
    const peer = puppet();
    expect(peer.join(server).map(({ type }) => type)).toEqual(["connection-accepted"]);
    const told = (time: number) => {
      server.update(at(time));
      return server.datagrams().map(({ data }) => peer.packets.open(data)?.type);
    };
    expect(told(0.05)).toEqual([]);
    expect(told(0.1)).toEqual(["connection-accepted", "keep-alive"]);
    expect(told(0.19)).toEqual([]);
    expect(told(0.2)).toEqual(["connection-accepted", "keep-alive"]);
    server.send(0, new Uint8Array(1));
    expect(told(0.2)).toEqual(["connection-accepted", "payload"]);
    peer.say(server, peer.seal("keep-alive"), at(0.25));
    expect(told(0.3)).toEqual(["keep-alive"]);
    server.send(0, new Uint8Array(1));
    expect(told(0.35)).toEqual(["payload"]);
    expect(told(0.39)).toEqual([]); // a payload stands for a keep alive
    expect(told(0.4)).toEqual(["keep-alive"]);
  });

  it("ends when nothing comes for the connection timeout, with ten packets of consecutive numbers", () => {
    const server = serverWith({ connectionTimeout: 3 });
    const peer = puppet();
    peer.join(server);
    peer.say(server, peer.seal("keep-alive"), at(1));
    server.update(at(3.9));
    server.events();
    server.datagrams();
    server.update(at(4));
    expect(server.events()).toEqual([{ type: "disconnected", clientIndex: 0, reason: "timed-out" }]);
    const goodbyes = server.datagrams().slice(-10);
    expect(goodbyes.map(({ data }) => peer.packets.open(data)?.type)).toEqual(new Array(10).fill("disconnect"));
    const first = sequenceOf(goodbyes[0]?.data as Uint8Array);
    expect(goodbyes.map(({ data }) => sequenceOf(data) - first)).toEqual([0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n]);
    expect(server.clientCount).toBe(0);
  });

  it("disconnect says so ten times, once; stop does so for all, and then nothing is taken", () => {
    const server = serverWith();
    const peers = [0, 1, 2].map((i) => puppet({ clientId: BigInt(i) }, i));
    for (const peer of peers) peer.join(server);
    server.events();
    expect([server.disconnect(1), server.disconnect(1), server.datagrams().length]).toEqual([true, false, 10]);
    expect(server.send(1, new Uint8Array(1))).toBe(false);
    expect(server.events()).toEqual([{ type: "disconnected", clientIndex: 1, reason: "kicked" }]);
    server.stop();
    server.stop();
    expect(server.datagrams().length).toBe(20);
    expect(server.events().map((event) => event.type === "disconnected" && event.reason)).toEqual([
      "stopped",
      "stopped",
    ]);
    const late = puppet({ clientId: 9n }, 9);
    expect(late.say(server, late.packet)).toEqual([]);
    server.update(at(5));
    expect([server.datagrams(), server.events()]).toEqual([[], []]);
  });

  it("a packet that comes twice is taken once, and one that was altered uses no number up", () => {
    const server = serverWith();
    const peer = puppet();
    peer.join(server);
    server.events();
    const data = concat(new Uint8Array([0, 0, 255, 255, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0]), new Uint8Array([7]));
    const payload = peer.seal("payload", data);
    peer.say(server, flipBit(payload, 37 * 8));
    peer.say(server, payload);
    peer.say(server, payload);
    expect(server.events().length).toBe(1);
    expect([server.statistics.replayed, server.statistics["not-opened"]]).toEqual([1, 1]);
  });
});

describe("the handshake", () => {
  it("answers a token packet with one challenge, and repeats nothing of its own accord", () => {
    const server = serverWith();
    const peer = puppet();
    const sent = [...peer.say(server, peer.packet)];
    for (let time = 0.1; time < 4.9; time += 0.1) {
      server.update(at(time));
      sent.push(...(server.datagrams() as never[]));
    }
    expect(sent.map(({ data }) => data.length)).toEqual([337]);
  });

  it("numbers packets from the clock in milliseconds, and every challenge carries the first one's nonce and data", () => {
    const server = serverWith();
    const peer = puppet();
    const challenges = [0, 0.1, 0.2].map((time) => peer.say(server, peer.packet, at(time))[0]);
    expect(challenges.map((one) => one?.sequence)).toEqual([0n, 1n, 2n].map((i) => BigInt(START) * 1000n + i));
    expect(new Set(challenges.map((one) => hex(one?.body as Uint8Array))).size).toBe(1);
    const response = peer.seal("challenge-response", challenges[0]?.body);
    expect(peer.say(server, response)[0]?.sequence).toBe(BigInt(START) * 1000n + 3n);
  });

  it("a response that is not the challenge connects no one, whichever byte of the 264 differs", () => {
    const server = serverWith();
    const peer = puppet();
    const challenge = peer.say(server, peer.packet)[0]?.body as Uint8Array;
    for (let byte = 0; byte < 264; byte++) {
      const wrong = peer.seal("challenge-response", flipBit(challenge, byte * 8 + (byte & 7)));
      expect(peer.say(server, wrong)).toEqual([]);
    }
    expect(server.statistics["wrong-challenge"]).toBe(264);
    expect([server.clientCount, peer.join(server).length, server.clientCount]).toEqual([0, 1, 1]);
  });

  it("a blind response, before any challenge could be seen, connects no one", () => {
    const server = serverWith();
    const peer = puppet();
    server.receive(peer.packet, peer.from, at(0));
    server.receive(peer.seal("challenge-response", new Uint8Array(264)), peer.from, at(0));
    expect([server.clientCount, server.statistics["wrong-challenge"]]).toEqual([0, 1]);
  });

  it("an address that left one half done can make another, with a new token", () => {
    const server = serverWith();
    const [first, second] = [puppet({ clientId: 1n }), puppet({ clientId: 2n })];
    first.say(server, first.packet);
    expect(second.join(server)[0]?.type).toBe("connection-accepted");
    expect(server.events()[0]).toMatchObject({ type: "connected", claims: { clientId: 2n } });
  });

  it("of one address may be at four tokens at once; the fifth is refused, not one of the four", () => {
    const server = serverWith();
    const peers = [1n, 2n, 3n, 4n, 5n].map((clientId) => puppet({ clientId }));
    expect(peers.map((peer) => peer.say(server, peer.packet).length)).toEqual([1, 1, 1, 1, 0]);
    expect(server.statistics["handshakes-full"]).toBe(1);
    expect((peers[0] as Puppet).join(server).length).toBe(1);
  });

  it("a table of 1024 refuses the new, and room comes back by time", () => {
    const server = serverWith();
    for (let i = 0; i < 1024; i++) {
      const peer = puppet({ clientId: BigInt(i), handshakeTimeout: 5 }, i);
      server.receive(peer.packet, peer.from, at(i / 10_000));
    }
    const late = puppet({ clientId: 5000n }, 5000);
    server.datagrams();
    expect(late.say(server, late.packet, at(1))).toEqual([]);
    expect(server.statistics["handshakes-full"]).toBe(1);
    server.update(at(5.2));
    expect(late.join(server, at(5.2))[0]?.type).toBe("connection-accepted");
  });

  it("ends by the token's timeout without a word, by a goodbye, and when the token expires", () => {
    for (const end of ["timeout", "goodbye", "expiry"]) {
      const server = serverWith();
      const peer = puppet({ handshakeTimeout: 2, lifetime: 3 });
      const challenge = peer.say(server, peer.packet)[0]?.body;
      if (end === "timeout") server.update(at(2));
      if (end === "goodbye") expect(peer.say(server, peer.seal("disconnect"))).toEqual([]);
      const moment = end === "expiry" ? at(1.9, START + 3) : at(2);
      expect(peer.say(server, peer.seal("challenge-response", challenge), moment)).toEqual([]);
      expect(server.clientCount).toBe(0);
    }
  });

  it("goes on while token packets or responses come", () => {
    const server = serverWith();
    const peer = puppet({ handshakeTimeout: 2 });
    for (const time of [0, 1.9, 3.8]) {
      server.update(at(time));
      expect(peer.say(server, peer.packet, at(time)).length).toBe(1);
    }
    server.update(at(5.7));
    expect(peer.join(server, at(5.7)).length).toBe(1);
  });

  it("keep alives and payloads before the connection are not answered", () => {
    const server = serverWith();
    const peer = puppet();
    peer.say(server, peer.packet);
    expect([...peer.say(server, peer.seal("keep-alive")), ...peer.say(server, peer.seal("payload"))]).toEqual([]);
    expect(server.statistics["wrong-type"]).toBe(2);
  });
});

describe("one token, one session", () => {
  it("a token that was used is not taken again, from anywhere, before it expires", () => {
    const server = serverWith();
    const peer = puppet();
    peer.join(server);
    peer.say(server, peer.seal("disconnect"));
    for (let i = 0; i < 3; i++) {
      expect(peer.say(server, peer.packet)).toEqual([]);
      server.receive(peer.packet, addressOf(i + 1), at(1));
    }
    expect([server.statistics["token-used"], server.datagrams()]).toEqual([6, []]);
  });

  it("a token is bound to the address that showed it first", () => {
    const server = serverWith();
    const peer = puppet();
    peer.say(server, peer.packet);
    server.receive(peer.packet, addressOf(7), at(0));
    expect([server.statistics["token-elsewhere"], server.datagrams()]).toEqual([1, []]);
  });

  it("its client id is connected once, whatever token comes", () => {
    const server = serverWith();
    const [first, second, third] = [puppet({}, 1), puppet({}, 2), puppet({}, 3)];
    const challenge = second.say(server, second.packet)[0]?.body;
    first.join(server);
    expect(second.say(server, second.seal("challenge-response", challenge))).toEqual([]);
    expect(third.say(server, third.packet)).toEqual([]);
    expect(server.statistics["client-connected"]).toBe(2);
    expect(first.say(server, first.packet)).toEqual([]);
    expect(server.statistics["address-connected"]).toBe(1);
  });

  it("after a start, what may have been used before is refused", () => {
    const server = serverWith({ startedAt: undefined, maxLifetime: 30 });
    server.update(at(0));
    const [old, fresh] = [puppet({ lifetime: 30 }), puppet({ clientId: 2n, lifetime: 30, now: START + 6 }, 1)];
    expect(old.say(server, old.packet, at(1, START + 1))).toEqual([]);
    expect(server.statistics["before-start"]).toBe(1);
    expect(fresh.say(server, fresh.packet, at(6, START + 6)).length).toBe(1);
  });

  it("no number comes twice under a key, in lives that end and begin in every way", () => {
    const seen = new Set<string>();
    const world = new World({ maxClients: 2, connectionTimeout: 1 });
    let count = 0;
    world.onSend = (data, from, to) => {
      if (data[0] === 0) return data;
      // Every client of this world has a token of its own: its number and the direction name a key.
      count++;
      seen.add(`${from < 0 ? `to ${to}` : `from ${from}`}: ${hex(data.subarray(1, 9))}`);
      return data;
    };
    for (let i = 0; i < 12; i++) {
      const client = world.add();
      world.run(0.2);
      if (i % 3 === 0) client.disconnect();
      if (i % 3 === 1 && world.server.clientCount > 0) world.server.disconnect(0);
      world.run(0.3);
    }
    expect(count).toBeGreaterThan(100);
    expect(seen.size).toBe(count);
  });
});

describe("a full server", () => {
  const fullServer = (): { server: CuteServer; inside: Puppet } => {
    const server = serverWith({ maxClients: 1 });
    const inside = puppet({ clientId: 100n }, 100);
    inside.join(server);
    server.datagrams();
    return { server, inside };
  };

  it("answers every token packet with denied, and sends no challenge", () => {
    const { server } = fullServer();
    const peer = puppet();
    for (let i = 0; i < 3; i++)
      expect(peer.say(server, peer.packet).map(({ type }) => type)).toEqual(["connection-denied"]);
    server.update(at(1));
    expect(
      server.datagrams().every(({ to }) => to.port === addressOf(100).port && to.address === addressOf(100).address),
    ).toBe(true);
    expect(server.statistics.denied).toBe(3);
  });

  it("denies a response, and that is final for the challenges before it; a token packet begins anew", () => {
    const server = serverWith({ maxClients: 1 });
    const [peer, inside] = [puppet(), puppet({ clientId: 100n }, 100)];
    const challenge = peer.say(server, peer.packet)[0]?.body;
    inside.join(server);
    expect(peer.say(server, peer.seal("challenge-response", challenge))[0]?.type).toBe("connection-denied");
    server.disconnect(0);
    server.datagrams();
    expect(peer.say(server, peer.seal("challenge-response", challenge))[0]?.type).toBe("connection-denied");
    expect(peer.join(server)[0]?.type).toBe("connection-accepted");
  });

  it("leaves the token unused", () => {
    const { server, inside } = fullServer();
    const peer = puppet();
    peer.say(server, peer.packet);
    inside.say(server, inside.seal("disconnect"));
    expect(peer.join(server)[0]?.type).toBe("connection-accepted");
  });
});

describe("what a stranger sends", () => {
  it("of 0 to 2048 bytes, in every state, never throws and gets no answer that is larger", () => {
    const states: ((peer: Puppet, server: CuteServer) => unknown)[] = [
      () => {},
      (peer, server) => peer.say(server, peer.packet),
      (peer, server) => peer.join(server),
      (peer, server) => [peer.join(server), peer.say(server, peer.seal("disconnect"))],
    ];
    for (const prepare of states) {
      const server = serverWith();
      const peer = puppet();
      prepare(peer, server);
      server.datagrams();
      server.events();
      for (let length = 0; length <= 2048; length++) {
        const datagram = random.bytes(length).slice();
        if (length > 0) datagram[0] = length % 9;
        if (length === 1024) datagram.set(peer.packet.subarray(0, 600));
        for (const from of [peer.from, addressOf(99)]) {
          server.receive(datagram, from, at(1));
          expect([server.datagrams(), server.events()]).toEqual([[], []]);
        }
      }
      const refused = Object.values(server.statistics).reduce((sum, count) => sum + count, 0);
      expect(refused).toBeGreaterThanOrEqual(2 * 2049);
    }
  });

  it("that is no bytes at all is counted as the wrong size", () => {
    const server = serverWith();
    for (const datagram of [null, undefined, "text", 5, {}, new Uint16Array(40)]) {
      server.receive(datagram as never, addressOf(0), at(0));
    }
    expect(server.statistics["wrong-size"]).toBe(6);
  });

  it("in floods leaves nothing behind, and genuine clients come in all the same", () => {
    const world = new World();
    const token = connectTokenPacket(tokenFor({ clientId: 900n }));
    const clients = Array.from({ length: 5 }, () => world.add());
    for (let i = 0; i < 20_000; i += 100) {
      const flood = Array.from({ length: 100 }, (_, j) => {
        const kind = (i + j) % 4;
        const forged = flipBit(token, (600 + ((i + j) % 400)) * 8);
        const datagram = [
          random.bytes(random.below(1300)),
          forged,
          patched(new Uint8Array(73), 0, Uint8Array.of(3)),
          patched(new Uint8Array(337), 0, Uint8Array.of(6)),
        ][kind];
        return { datagram: datagram as Uint8Array, from: addressOf(10_000 + i + j) };
      });
      world.server.receiveMany(flood, world.moment);
      if (i % 1000 === 0) world.tick();
    }
    world.run(0.3);
    expect(clients.map(({ state }) => state)).toEqual(new Array(5).fill("connected"));
    expect(world.server.statistics["not-genuine"]).toBeGreaterThan(4000);
  });

  it("as an answer never costs more bytes than it took: flood of one genuine token, and of its holder's packets", () => {
    const server = serverWith({ maxClients: 1 });
    const [peer, other] = [puppet({ clientId: 1n }), puppet({ clientId: 2n }, 1)];
    let answer = 0;
    let asked = 0;
    const say = (from: Puppet, datagram: Uint8Array) => {
      server.receive(datagram, from.from, at(0));
      asked += datagram.length;
      for (const { data } of server.datagrams()) answer += data.length;
      expect(answer).toBeLessThanOrEqual(asked);
    };
    for (let i = 0; i < 50; i++) say(peer, peer.packet);
    for (let i = 0; i < 50; i++) say(peer, peer.seal("challenge-response", random.bytes(264)));
    other.join(server);
    server.datagrams();
    for (let i = 0; i < 50; i++) say(peer, peer.packet);
    for (let i = 0; i < 50; i++) say(peer, peer.seal("challenge-response", u64Response()));
    for (let i = 0; i < 50; i++) say(peer, peer.seal("keep-alive"));
  });
});

const u64Response = (): Uint8Array<ArrayBuffer> => new Uint8Array(concat(u64Bytes(0n), random.bytes(256)));

describe("a peer with a genuine token that attacks", () => {
  it("with payloads of every size and lies in every field ends nothing but itself, and others are read on", () => {
    const server = serverWith({ maxMessageBytes: 5000, maxBufferedBytes: 20_000 });
    const [bad, good] = [puppet({ clientId: 1n }), puppet({ clientId: 2n }, 1)];
    bad.join(server);
    good.join(server);
    server.datagrams();
    server.events();
    let heard = 0;
    for (let i = 0; i < 3000; i++) {
      const data = random.bytes(random.below(1206)).slice();
      if (data.length >= 17 && i % 2 === 0) {
        const view = new DataView(data.buffer);
        view.setUint8(8, random.below(3));
        view.setUint16(11, random.below(4), true);
        view.setUint16(13, random.below(4), true);
        view.setUint16(15, data.length - 17, true);
      }
      const hello = concat(
        new Uint8Array([i & 255, i >> 8, 255, 255, 0, 0, 0, 0, 0, i & 255, i >> 8, 1, 0, 0, 0, 1, 0]),
        new Uint8Array(1),
      );
      server.receiveMany(
        [
          { datagram: bad.seal("payload", data), from: bad.from },
          { datagram: good.seal("payload", hello), from: good.from },
        ],
        at(i / 100),
      );
      server.update(at(i / 100));
      server.datagrams();
      heard += server.events().filter((event) => event.type === "message" && event.clientIndex === 1).length;
    }
    expect(heard).toBe(3000);
    expect(server.statistics["malformed-message"]).toBeGreaterThan(1000);
  });
});

describe("receiveMany", () => {
  it("does what receive does one by one: events, answers and statistics, whatever the mixture", () => {
    const lives = [true, false].map((many) => {
      const server = serverWith({ maxClients: 3, entropy: countingEntropy() });
      const out: string[] = [];
      for (const [i, tick] of script.entries()) {
        const moment = at(i / 60);
        if (many) server.receiveMany(tick, moment);
        else for (const { datagram, from } of tick) server.receive(datagram, from, moment);
        server.update(moment);
        for (const { data, to } of server.datagrams()) out.push(`${to.port} ${to.address} ${hex(data)}`);
        for (const event of server.events())
          out.push(JSON.stringify(event, (_, v) => (typeof v === "bigint" ? `${v}` : v)));
      }
      return { out, statistics: server.statistics };
    });
    expect(lives[0]).toEqual(lives[1]);
    expect(lives[0]?.out.filter((line) => line.includes('"connected"')).length).toBeGreaterThanOrEqual(3);
  });
});

function countingEntropy(): (length: number) => Uint8Array {
  const source = new Random(9);
  return (length) => source.bytes(length);
}

/** What some clients sent to a server with the same random bytes, lost, doubled, altered and out of order. */
const script = (() => {
  const [shuffler, server] = [new Random(8), serverWith({ maxClients: 3, entropy: countingEntropy() })];
  const clients = Array.from({ length: 6 }, (_, i) => {
    const client = new CuteClient({ applicationId: APPLICATION });
    client.connect(tokenFor({ clientId: BigInt(i >> 1), handshakeTimeout: 1 }), at(0));
    return client;
  });
  return Array.from({ length: 120 }, (_, tick) => {
    const moment = at(tick / 60);
    const arrivals = clients.flatMap((client, i) => {
      client.update(moment);
      if (tick % 7 === i) client.send(shuffler.bytes(shuffler.below(3000)), { reliable: i % 2 === 0 });
      if (tick === 90 + i) client.disconnect();
      return client.datagrams().flatMap(({ data }) => {
        const copies = shuffler.below(4) === 0 ? 2 : 1;
        const datagram = shuffler.below(10) === 0 ? flipBit(data, shuffler.below(data.length * 8)) : data;
        return Array.from({ length: copies }, () => ({ datagram, from: addressOf(i) }));
      });
    });
    const mixed = arrivals.map((arrival) => ({ arrival, order: shuffler.u32() })).sort((a, b) => a.order - b.order);
    const batch = mixed.map(({ arrival }) => arrival);
    server.receiveMany(batch, moment);
    server.update(moment);
    for (const { data, to } of server.datagrams()) {
      clients.forEach((client, i) => {
        if (addressOf(i).address === to.address) client.receive(data, SERVER, moment);
      });
    }
    return batch;
  });
})();
