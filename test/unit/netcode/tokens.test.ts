import { describe, expect, it } from "vitest";
import { NetcodeTokens } from "../../../src/netcode/index.ts";
import {
  addressOf,
  type Dialect,
  privateText,
  requestOf,
  sealRequest,
  type TokenFields,
  verifyRequest,
  writeToken,
} from "../../reference/netcode.ts";
import { concat, flipBit, hex } from "../../support/bytes.ts";
import {
  dialectTokens,
  issueOf,
  NOW,
  nativeTokens,
  randomFields,
  randomRequest,
  serverCases,
  tokensOf,
  verifierSteps,
} from "../../support/netcode.ts";
import { Random } from "../../support/random.ts";

const word = (verdict: { valid: boolean; reason?: string }): string => verdict.reason ?? "valid";

describe("netcode tokens of other implementations", () => {
  it("16 of the C library, 10 of renet and 10 of lightyear are issued again byte for byte", () => {
    const all = [...nativeTokens, ...dialectTokens];
    expect(all.length).toBe(36);
    for (const { id, dialect, secret, fields, nonce, token } of all) {
      using tokens = new NetcodeTokens({ protocolId: fields.protocolId, secret, dialect });
      expect(hex(tokens.issue(issueOf(fields), { entropy: nonce })), id).toBe(hex(token));
    }
  });

  it("their requests are accepted by a server they name, with all that was put into them", () => {
    for (const { id, dialect, secret, fields, nonce, internal, token } of [...nativeTokens, ...dialectTokens]) {
      const packet = requestOf(dialect, token);
      using tokens = new NetcodeTokens({
        ...{ protocolId: fields.protocolId, secret, dialect },
        serverAddress: internal.at(-1) as string,
      });
      expect(tokens.verify(packet, { now: fields.expireTimestamp - 1n }), id).toEqual({
        valid: true,
        claims: {
          protocolId: fields.protocolId,
          expireTimestamp: fields.expireTimestamp,
          clientId: fields.clientId,
          timeoutSeconds: fields.timeoutSeconds,
          serverAddresses: fields.internalServerAddresses,
          clientToServerKey: fields.clientToServerKey,
          serverToClientKey: fields.serverToClientKey,
          userData: fields.userData,
        },
        tokenId: `netcode:${hex(nonce)}${hex(packet.subarray(1062))}`,
        expiresAt: fields.expireTimestamp,
        secretIndex: 0,
      });
      expect(word(tokens.verify(packet, { now: fields.expireTimestamp })), id).toBe("expired");
    }
  });

  it("a token of one dialect is refused by verifiers of the others, but where only the IPv6 form differs and IPv4 is asked", () => {
    for (const { id, dialect, secret, fields, token } of dialectTokens) {
      const { protocolId, internalServerAddresses: own } = fields;
      const says = (other: Dialect): string => {
        using tokens = tokensOf({ dialect: other, protocolId, secrets: [secret], serverAddresses: own });
        return word(tokens.verify(requestOf(dialect, token), { now: NOW }));
      };
      // Read the other way round, an id of eight equal bytes is the same, and a count of 1 is 2^24.
      const otherOrder = protocolId === 2n ** 64n - 1n ? "bad-addresses" : "wrong-protocol";
      const [a, b]: Dialect[] = dialect === "lightyear" ? ["netcode", "renet"] : ["lightyear", "lightyear"];
      expect([says(a as Dialect), says(b as Dialect)], id).toEqual([otherOrder, otherOrder]);
      if (dialect === "renet") {
        const listsIPv4 = own.some(({ family }) => family === 4);
        expect(says("netcode"), id).toBe(listsIPv4 ? "valid" : "not-this-server");
      }
    }
  });
});

describe("a netcode token verifier", () => {
  it("decides the 128 edge cases of a server as the C library does, as far as one packet tells", () => {
    // What only a running server can tell: who is connected, which tokens were used, when it started, whether it is full.
    const leftToAServer = new Set<string>();
    for (const edge of serverCases) {
      for (const { name, verdict, expected, found } of verifierSteps(edge)) {
        expect(found(), name).toBe(expected);
        if (expected === "valid" && verdict.verdict !== "challenge") leftToAServer.add(`${edge.id} ${verdict.reason}`);
      }
    }
    expect([...leftToAServer]).toEqual([
      ...["86 before-server-start", "87 before-server-start", "90 before-server-start"],
      ...["92 already-used", "93 already-used", "95 address-connected", "96 id-connected"],
      ...["97 already-used", "98 already-used", "99 id-connected", "100 address-connected"],
      ...["103 server-full", "104 server-full", "104 already-used", "120 before-server-start"],
      ...["121 history-full", "121 already-used", "156 address-connected"],
    ]);
  });

  it("refuses every single-bit change of a request: 8,624 of 8,624", () => {
    const [{ secret, fields, token }] = nativeTokens as [(typeof nativeTokens)[0]];
    using tokens = new NetcodeTokens({ protocolId: fields.protocolId, secret });
    const packet = requestOf("netcode", token);
    const changed = Array.from({ length: 8 * packet.length }, (_, bit) => flipBit(packet, bit));
    expect(changed.length).toBe(8624);
    const verdicts = tokens.verifyMany(concat(...changed), { now: fields.createTimestamp });
    expect(verdicts.validCount).toBe(0);
    expect(tokens.verify(packet, { now: fields.createTimestamp }).valid).toBe(true);
  });

  it("says what its readable twin says of 2,000 random requests, alone and in a batch", () => {
    const random = new Random(102);
    const seen = new Set<string>();
    for (let i = 0; i < 2000; i++) {
      const { verifier, packet, now } = randomRequest(random);
      const expected = verifyRequest(verifier, packet, now);
      using tokens = tokensOf(verifier);
      const verdict = tokens.verify(packet, { now });
      seen.add(word(verdict));
      if (typeof expected === "string") expect(word(verdict), `${i}`).toBe(expected);
      else expect(verdict.valid && verdict.claims, `${i}`).toMatchObject(expected);
      const batch = tokens.verifyMany([packet, packet, requestOf("netcode", packet)], { now });
      expect(batch.at(1), `${i}`).toEqual(verdict);
    }
    expect([...seen].sort()).toEqual([
      "bad-addresses",
      "expired",
      "lifetime-too-long",
      "not-a-connection-request",
      "not-genuine",
      "not-this-server",
      "valid",
      "wrong-protocol",
      "wrong-size",
    ]);
  });

  it("tells which of its secrets a request was made with", () => {
    const random = new Random(7);
    const secrets = [random.bytes(32), random.bytes(32), random.bytes(32)];
    const fields = randomFields(random);
    const { protocolId } = fields;
    const packets = [2, 0, 1, 1, 2, 0].map((index) =>
      requestOf("netcode", issueWith(secrets[index] as Uint8Array, fields)),
    );
    using tokens = new NetcodeTokens({ protocolId, secret: secrets });
    const verdicts = tokens.verifyMany(packets, { now: NOW });
    expect(verdicts.map((verdict) => verdict.valid && verdict.secretIndex)).toEqual([2, 0, 1, 1, 2, 0]);
  });

  it("lets the holder of a token for another server be told what it says", () => {
    const fields = randomFields(new Random(8));
    const secret = new Random(9).bytes(32);
    using tokens = new NetcodeTokens({ protocolId: fields.protocolId, secret, serverAddress: "203.0.113.7:40000" });
    const packet = requestOf("netcode", issueWith(secret, fields));
    expect(tokens.verify(packet, { now: NOW })).toMatchObject({
      valid: false,
      reason: "not-this-server",
      refusedClaims: { clientId: fields.clientId, serverAddresses: fields.internalServerAddresses },
    });
    const verdicts = tokens.verifyMany([packet, packet.subarray(1)], { now: NOW });
    expect([verdicts.tokenIdAt(0), verdicts.expiresAt(0)]).toEqual([undefined, undefined]);
    expect(verdicts.at(1)).toEqual({ valid: false, reason: "wrong-size" });
  });

  it("an own IPv4-mapped address stands for both forms, a token's for itself", () => {
    const secret = new Random(10).bytes(32);
    const fields = { ...randomFields(new Random(11)), protocolId: 1n };
    const says = (own: string, listed: string): string => {
      const addresses = [addressOf(listed)];
      const token = issueWith(secret, { ...fields, internalServerAddresses: addresses });
      using tokens = new NetcodeTokens({ protocolId: 1n, secret, serverAddress: own });
      return word(tokens.verify(requestOf("netcode", token), { now: NOW }));
    };
    expect(says("[::ffff:127.0.0.1]:4000", "127.0.0.1:4000")).toBe("valid");
    expect(says("[::ffff:127.0.0.1]:4000", "[::ffff:127.0.0.1]:4000")).toBe("valid");
    expect(says("127.0.0.1:4000", "[::ffff:127.0.0.1]:4000")).toBe("not-this-server");
    expect(says("127.0.0.1:4000", "127.0.0.1:4001")).toBe("not-this-server");
    expect(says("127.0.0.2:4000", "127.0.0.1:4000")).toBe("not-this-server");
  });

  it("a leeway moves the end, and what a verdict says of it", () => {
    const random = new Random(12);
    const secret = random.bytes(32);
    const fields = { ...randomFields(random), expireTimestamp: NOW, protocolId: 1n };
    const packet = requestOf("netcode", issueWith(secret, fields));
    using tokens = new NetcodeTokens({ protocolId: 1n, secret, leeway: 10 });
    expect(tokens.verify(packet, { now: NOW + 9n })).toMatchObject({ valid: true, expiresAt: NOW + 10n });
    expect(word(tokens.verify(packet, { now: NOW + 10n }))).toBe("expired");
    // Never below zero.
    const text = privateText("netcode", fields);
    const early = sealRequest("netcode", secret, { protocolId: 1n, expireTimestamp: 0n }, random.bytes(24), text);
    expect(tokens.verify(early, { now: 9 })).toMatchObject({ valid: true, expiresAt: 10n });
    expect(word(tokens.verify(early, { now: 10 }))).toBe("expired");
    const never = sealRequest("netcode", secret, { protocolId: 1n, expireTimestamp: MAX }, random.bytes(24), text);
    expect(tokens.verify(never, { now: MAX })).toMatchObject({ valid: true, expiresAt: MAX });
  });

  it("maxLifetime bounds the end, with five seconds for an issuer's clock", () => {
    const random = new Random(13);
    const secret = random.bytes(32);
    using tokens = new NetcodeTokens({ protocolId: 1n, secret, maxLifetime: 30 });
    const fields = { ...randomFields(random), protocolId: 1n };
    const ending = (expireTimestamp: bigint): string =>
      word(tokens.verify(requestOf("netcode", issueWith(secret, { ...fields, expireTimestamp })), { now: NOW }));
    expect([ending(NOW + 35n), ending(NOW + 36n), ending(NOW), ending(MAX)]).toEqual([
      "valid",
      "lifetime-too-long",
      "expired",
      "lifetime-too-long",
    ]);
  });

  it("keeps what it has found in order, over the edges of its windows", () => {
    const random = new Random(14);
    const secret = random.bytes(32);
    using tokens = new NetcodeTokens({ protocolId: 1n, secret });
    const packets = Array.from({ length: 300 }, (_, i) => {
      const fields = { ...randomFields(random), protocolId: 1n, clientId: BigInt(i) };
      const packet = requestOf("netcode", issueWith(secret, fields));
      return i % 7 === 3 ? flipBit(packet, 8 * 60) : i % 11 === 5 ? packet.subarray(1) : packet;
    });
    for (const count of [0, 1, 2, 3, 127, 128, 129, 255, 256, 257, 300]) {
      const verdicts = tokens.verifyMany(packets.slice(0, count), { now: NOW });
      expect(verdicts.length).toBe(count);
      expect(
        verdicts.map((verdict, i) =>
          word(verdict) === "valid" && verdict.valid && verdict.claims.clientId === BigInt(i) ? "valid" : word(verdict),
        ),
      ).toEqual(
        packets.slice(0, count).map((_, i) => (i % 7 === 3 ? "not-genuine" : i % 11 === 5 ? "wrong-size" : "valid")),
      );
    }
  });
});

const MAX = 2n ** 64n - 1n;

function issueWith(secret: Uint8Array, fields: TokenFields): Uint8Array {
  return writeToken("netcode", secret, fields, new Random(Number(fields.clientId % 1000n)).bytes(24));
}
