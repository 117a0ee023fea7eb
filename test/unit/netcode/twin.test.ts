import { describe, expect, it } from "vitest";
import { addressOf, readToken, requestOf, verifyRequest, writeToken } from "../../reference/netcode.ts";
import { hex, unhex } from "../../support/bytes.ts";
import {
  clientCases,
  dialectTokens,
  nativeTokens,
  serverCases,
  verdictsOf,
  verifierWord,
} from "../../support/netcode.ts";

// The readable twin is held to what the C library, renet and lightyear made, so that the kernel can be held to it.
describe("the readable twin of netcode tokens", () => {
  it("writes all 36 tokens of other implementations byte for byte", () => {
    expect([nativeTokens.length, dialectTokens.length]).toEqual([16, 20]);
    for (const { id, dialect, secret, fields, nonce, token } of [...nativeTokens, ...dialectTokens]) {
      expect(hex(writeToken(dialect, secret, fields, nonce)), id).toBe(hex(token));
    }
  });

  it("reads them, and opens the requests of their clients", () => {
    for (const { id, dialect, secret, fields, token } of [...nativeTokens, ...dialectTokens]) {
      const { protocolId, serverAddresses, internalServerAddresses, timeoutSeconds, clientToServerKey } = fields;
      expect(readToken(dialect, token), id).toMatchObject({ protocolId, serverAddresses, timeoutSeconds });
      const verifier = { dialect, protocolId, secrets: [secret], serverAddresses: internalServerAddresses.slice(-1) };
      const opened = verifyRequest(verifier, requestOf(dialect, token), fields.expireTimestamp - 1n);
      expect(opened, id).toMatchObject({ clientId: fields.clientId, serverAddresses: internalServerAddresses });
      expect(opened, id).toMatchObject({ timeoutSeconds, clientToServerKey, userData: fields.userData });
    }
  });

  it("says what the C library says of every packet that a server was sent", () => {
    let steps = 0;
    for (const edge of serverCases) {
      const { protocolId, privateKey, addresses } = edge.server;
      const verdicts = verdictsOf(edge);
      edge.steps.forEach(({ op, packet, now }, i) => {
        if (op !== "packet" || packet === undefined) return;
        const verifier = {
          dialect: "netcode",
          protocolId: BigInt(protocolId),
          secrets: [unhex(privateKey)],
          serverAddresses: addresses.map(addressOf),
        } as const;
        const said = verifyRequest(verifier, unhex(packet), BigInt(now));
        const word = typeof said === "string" ? said : "valid";
        const verdict = verdicts[i];
        if (!verdict) throw new Error(`no verdict ${i}`);
        expect(word, `${edge.id} ${edge.note}, step ${i}`).toBe(verifierWord(unhex(packet), verdict));
        steps++;
      });
    }
    expect([serverCases.length, steps]).toEqual([128, 202]);
  });

  it("reads what a native client reads, and makes its request", () => {
    expect(clientCases.length).toBe(29);
    for (const { id, note, token, native } of clientCases) {
      const read = readToken("netcode", unhex(token));
      expect(read !== undefined, `${id} ${note}`).toBe(native.reads);
      if (!read) continue;
      expect(String(read.protocolId)).toBe(native.protocolId);
      expect(String(read.createTimestamp)).toBe(native.create);
      expect(String(read.expireTimestamp)).toBe(native.expire);
      expect(read.timeoutSeconds).toBe(native.timeout);
      expect(read.serverAddresses).toEqual(native.addresses?.map(addressOf));
      expect(hex(requestOf("netcode", unhex(token)))).toBe(native.requestPacket);
    }
  });
});
