import { describe, expect, it } from "vitest";
import { CutePackets, type CutePacketType, MAX_PAYLOAD_BYTES, type Side } from "../../../src/cute/packets.ts";
import { SessionKeys } from "../../../src/cute/session-keys.ts";
import type { ErrorCode } from "../../../src/errors.ts";
import { openSessionPackets, sealSessionPackets } from "../../../src/wasm/cute/session.ts";
import { openPacket, sealPacket } from "../../reference/cute-session.ts";
import { concat, detach, flipBit, hex, unhex } from "../../support/bytes.ts";
import { bodyOf, native, nativePackets, senderOf, TYPE_NAMES } from "../../support/cute-session.ts";
import { expectError } from "../../support/errors.ts";
import { Random } from "../../support/random.ts";

const random = new Random(1212);
const other = (side: Side): Side => (side === "server" ? "client" : "server");
/** Both directions under one key, so that a vector's packet may be anyone's. */
const packetsOf = (side: Side, key: Uint8Array) =>
  new CutePackets({ side, clientToServerKey: key, serverToClientKey: key });

describe("the native packets", () => {
  it("are 70, of seven types", () => {
    expect(nativePackets.length).toBe(70);
    expect(new Set(nativePackets.map(({ type }) => type)).size).toBe(7);
  });

  it.each(nativePackets.map((packet, i) => ({ i, packet, type: TYPE_NAMES[packet.type] as CutePacketType })))(
    "packet $i, $type: sealed to the same bytes, and opened",
    ({ packet, type }) => {
      const sender = senderOf(packet.type);
      const key = unhex(packet.key);
      const body = bodyOf(packet);
      const sequence = BigInt(packet.sequence);
      const sealed = packetsOf(sender, key).seal(type, sequence, body, { entropy: unhex(packet.iv) });
      expect(hex(sealed)).toBe(packet.packet);
      expect(packetsOf(other(sender), key).open(sealed)).toEqual({ type, sequence, body });
    },
  );

  it.each(native.openVerdicts)("$why: opens is $opens", ({ key, packet, opens, typeAfterOpening, sequence }) => {
    const datagram = unhex(packet);
    const receiver = other(senderOf(typeAfterOpening ?? 3));
    const opened = packetsOf(receiver, unhex(key)).open(datagram);
    expect(opened !== undefined).toBe(opens);
    if (opened === undefined) return;
    expect(opened.type).toBe(TYPE_NAMES[typeAfterOpening as number]);
    expect(opened.sequence).toBe(BigInt(sequence as string));
  });
});

describe("sealed and opened packets", () => {
  it("are the twin's for every payload of 0 to 1205 bytes", () => {
    const key = random.bytes(32);
    const [client, server] = [packetsOf("client", key), packetsOf("server", key)];
    for (let size = 0; size <= MAX_PAYLOAD_BYTES; size += size < 150 ? 1 : 41) {
      const [data, iv, sequence] = [random.bytes(size), random.bytes(20), random.u64()];
      const text = concat(Uint8Array.of(size & 255, size >> 8), data);
      const sealed = client.seal("payload", sequence, data, { entropy: iv });
      expect(hex(sealed)).toBe(hex(sealPacket(key, 7, sequence, iv, text)));
      expect(openPacket(key, sealed)).toEqual(text);
      expect(server.open(sealed)).toEqual({ type: "payload", sequence, body: data });
    }
  });

  it("in one crossing are those of single calls, whatever lies among them", () => {
    const sessions = Array.from({ length: 300 }, () => new SessionKeys("client", random.bytes(32), random.bytes(32)));
    const jobs = Array.from({ length: 700 }, () => ({
      key: (sessions[random.below(sessions.length)] as SessionKeys).seal,
      type: 7,
      sequence: random.u64(),
      text: random.bytes(random.below(1208)),
      iv: random.bytes(20),
    }));
    const sealed = sealSessionPackets(jobs);
    expect(sealed.map(hex)).toEqual(jobs.map((job) => hex(sealSessionPackets([job])[0] as Uint8Array)));
    const forged = sealed.map((datagram, i) =>
      i % 3 === 0 ? flipBit(datagram, 37 * 8 + random.below(288)) : datagram,
    );
    const opened = openSessionPackets(
      forged.map((datagram, i) => ({ key: (jobs[i] as { key: Uint8Array }).key, datagram })),
    );
    expect(opened.map((text) => text && hex(text))).toEqual(
      jobs.map(({ text }, i) => (i % 3 === 0 ? undefined : hex(text))),
    );
  });

  it("do not open once any bit of number, SIV, MAC or ciphertext is turned; the 28 zeros are not looked at", () => {
    const key = random.bytes(32);
    const [client, server] = [packetsOf("client", key), packetsOf("server", key)];
    const sealed = client.seal("payload", 5n, random.bytes(40));
    for (let bit = 8; bit < sealed.length * 8; bit++) {
      const ignored = bit >= 9 * 8 && bit < 37 * 8;
      expect(server.open(flipBit(sealed, bit)) !== undefined).toBe(ignored);
    }
  });

  it("open for the other side only, and only where the type is one that it sends", () => {
    const keys = { clientToServerKey: random.bytes(32), serverToClientKey: random.bytes(32) };
    const client = new CutePackets({ side: "client", ...keys });
    const server = new CutePackets({ side: "server", ...keys });
    const sealed = client.seal("keep-alive", 1, new Uint8Array(0));
    expect(client.open(sealed)).toBeUndefined();
    expect(server.open(sealed)?.type).toBe("keep-alive");
    for (let type = 0; type < 256; type++) {
      const changed = sealed.slice();
      changed[0] = type;
      expect(server.open(changed) !== undefined).toBe(type === 3 || type === 4);
    }
    const challenge = server.seal("challenge-request", 2n, random.bytes(264));
    challenge[0] = 6;
    expect(client.open(challenge)).toBeUndefined();
  });

  it("are refused where a payload's size field is not that of its data", () => {
    const key = random.bytes(32);
    const server = packetsOf("server", key);
    for (const size of [0, 9, 11, 266, 65535]) {
      const text = concat(Uint8Array.of(size & 255, size >> 8), random.bytes(10));
      expect(server.open(sealPacket(key, 7, 1n, random.bytes(20), text))).toBeUndefined();
    }
    const shortest = sealPacket(key, 7, 1n, random.bytes(20), random.bytes(1));
    expect(server.open(shortest)).toBeUndefined();
  });

  it("of every length from 0 to 2048 bytes: whatever no one sealed is undefined, and nothing throws", () => {
    const server = packetsOf("server", random.bytes(32));
    for (let length = 0; length <= 2048; length++) {
      const datagram = random.bytes(length).slice();
      datagram[0] = length & 7;
      expect(server.open(datagram)).toBeUndefined();
    }
  });

  it.each([
    undefined,
    null,
    "text",
    7,
    [],
    {},
    new Uint16Array(80),
    new DataView(new ArrayBuffer(80)),
    detach(random.bytes(80).slice()),
  ])("%o is no datagram", (value) =>
    expect(packetsOf("server", random.bytes(32)).open(value as never)).toBeUndefined(),
  );

  it("draw new random bytes each time", () => {
    const client = packetsOf("client", random.bytes(32));
    const seals = Array.from({ length: 1000 }, () => hex(client.seal("keep-alive", 1n, new Uint8Array(0))));
    expect(new Set(seals).size).toBe(1000);
  });
});

describe("what is wrong with an argument", () => {
  const key = random.bytes(32);
  const client = packetsOf("client", key);
  const none = new Uint8Array(0);
  it.each<[ErrorCode, string, () => unknown]>([
    ["ERR_TYPE", "side", () => new CutePackets({ clientToServerKey: key, serverToClientKey: key } as never)],
    ["ERR_RANGE", "side", () => packetsOf("peer" as never, key)],
    ["ERR_RANGE", "clientToServerKey", () => packetsOf("client", key.subarray(1))],
    ["ERR_TYPE", "type", () => client.seal(3 as never, 1, none)],
    ["ERR_RANGE", "type", () => client.seal("challenge-request", 1, new Uint8Array(264))],
    ["ERR_RANGE", "type", () => client.seal("connect-token" as never, 1, none)],
    ["ERR_RANGE", "sequence", () => client.seal("keep-alive", -1, none)],
    ["ERR_TYPE", "sequence", () => client.seal("keep-alive", "1" as never, none)],
    ["ERR_RANGE", "body", () => client.seal("keep-alive", 1, Uint8Array.of(1))],
    ["ERR_RANGE", "body", () => client.seal("challenge-response", 1, new Uint8Array(263))],
    ["ERR_RANGE", "body", () => client.seal("payload", 1, new Uint8Array(1206))],
    ["ERR_TYPE", "body", () => client.seal("payload", 1, "text" as never)],
    ["ERR_RANGE", "entropy", () => client.seal("keep-alive", 1, none, { entropy: new Uint8Array(19) })],
  ])("%s %s", (code, argument, call) => {
    expectError(call, code, argument);
  });

  it("after dispose both calls throw ERR_DISPOSED, and the keys are wiped", () => {
    const packets = packetsOf("client", key);
    packets.dispose();
    packets.dispose();
    expectError(() => packets.seal("keep-alive", 1, none), "ERR_DISPOSED", "this");
    expectError(() => packets.open(new Uint8Array(73)), "ERR_DISPOSED", "this");
    const keys = new SessionKeys("client", key, key);
    keys.dispose();
    expect([...keys.seal, ...keys.open].every((byte) => byte === 0)).toBe(true);
  });
});
