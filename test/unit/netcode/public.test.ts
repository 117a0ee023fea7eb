import { describe, expect, it } from "vitest";
import { NetcodeTokens } from "../../../src/netcode/index.ts";
import { connectionRequestPacket, readConnectToken } from "../../../src/netcode/public.ts";
import { addressOf, type Dialect, readToken, requestOf, writeToken } from "../../reference/netcode.ts";
import { concat, hex, patched, unhex } from "../../support/bytes.ts";
import { nativeHydrogenTokens } from "../../support/cute.ts";
import { thrownBy } from "../../support/errors.ts";
import {
  clientCases,
  DIALECTS,
  dialectTokens,
  type NetcodeToken,
  NOW,
  nativeTokens,
  randomFields,
} from "../../support/netcode.ts";
import { Random } from "../../support/random.ts";

const all: readonly NetcodeToken[] = [...nativeTokens, ...dialectTokens];
const first = nativeTokens[0] as NetcodeToken;
const renet = dialectTokens.find(({ dialect }) => dialect === "renet") as NetcodeToken;

describe("readConnectToken of netcode", () => {
  it("reads what a native client reads of the 29 tokens of the C library's cases, and refuses what it refuses", () => {
    expect(clientCases.length).toBe(29);
    for (const { id, note, token, native } of clientCases) {
      const bytes = unhex(token);
      if (!native.reads) {
        expect(
          thrownBy(() => readConnectToken(bytes)),
          `${id} ${note}`,
        ).toMatchObject({ code: "ERR_FORMAT", argument: "token" });
        continue;
      }
      const read = readConnectToken(bytes);
      expect(
        [read.protocolId, read.createTimestamp, read.expireTimestamp, read.timeoutSeconds].map(String),
        `${id} ${note}`,
      ).toEqual([native.protocolId, native.create, native.expire, native.timeout].map(String));
      expect(read.serverAddresses).toEqual(native.addresses?.map(addressOf));
      expect(hex(read.requestPacket)).toBe(native.requestPacket);
      expect(hex(connectionRequestPacket(bytes))).toBe(native.requestPacket);
    }
  });

  it("reads the tokens of the C library, renet and lightyear as the twin does", () => {
    for (const { id, dialect, fields, token } of all) {
      const { clientId, ...read } = readConnectToken(token, { dialect });
      const { protocolId, createTimestamp, expireTimestamp, timeoutSeconds, serverAddresses } = fields;
      const { clientToServerKey, serverToClientKey } = fields;
      expect(read, id).toEqual({
        ...{ protocolId, createTimestamp, expireTimestamp, timeoutSeconds, serverAddresses },
        ...{ clientToServerKey, serverToClientKey, requestPacket: requestOf(dialect, token) },
      });
      expect(clientId, id).toBe(dialect === "renet" ? fields.clientId : undefined);
    }
  });

  it("says what its twin says of 3,000 tokens with changed bytes, and reads past the end of none", () => {
    const random = new Random(31);
    let readable = 0;
    for (let i = 0; i < 3000; i++) {
      const dialect = random.pick(DIALECTS);
      const token = changed(
        random,
        dialect,
        writeToken(dialect, random.bytes(32), randomFields(random), random.bytes(24)),
      );
      const expected = readToken(dialect, token);
      let read: object | undefined;
      try {
        read = readConnectToken(token, { dialect });
      } catch (error) {
        expect(error, `${i}`).toMatchObject({ code: "ERR_FORMAT", argument: "token" });
      }
      expect(read === undefined, `${i}`).toBe(expected === undefined);
      if (expected) expect(read, `${i}`).toMatchObject(expected);
      readable += read ? 1 : 0;
    }
    expect(readable).toBeGreaterThan(500);
    expect(readable).toBeLessThan(2900);
  });

  it("a request made of a token is one that its server accepts, and shares no memory with it", () => {
    const secret = new Random(32).bytes(32);
    for (const dialect of DIALECTS) {
      using tokens = new NetcodeTokens({ protocolId: 5n, secret, dialect });
      const token = tokens.issue({ clientId: 1n, serverAddresses: ["127.0.0.1:1"], timeoutSeconds: 5 }, { now: NOW });
      const packet = connectionRequestPacket(Buffer.from(token), { dialect });
      expect([packet.length, packet.buffer.byteLength]).toEqual([1078, 1078]);
      expect(tokens.verify(packet, { now: NOW })).toMatchObject({ valid: true, claims: { clientId: 1n } });
      const { clientToServerKey, requestPacket } = readConnectToken(Buffer.from(token), { dialect });
      expect([clientToServerKey.buffer.byteLength, requestPacket.buffer.byteLength]).toEqual([32, 1078]);
    }
  });

  it("says what came instead of a token", () => {
    const version = (text: string) => patched(first.token, 0, Buffer.from(text));
    const says = (token: unknown, dialect?: Dialect): string =>
      (thrownBy(() => readConnectToken(token as Uint8Array, dialect ? { dialect } : undefined)) as Error).message;
    expect(says(renet.token)).toBe('token has the form of renet: pass dialect: "renet"');
    expect(says(first.token, "renet")).toBe("token has the padded form of the other dialects, not that of renet");
    expect(says(version("NETCODE 1.01"))).toBe("token is of netcode 1.01, which no server of 1.02 reads");
    expect(says(unhex(nativeHydrogenTokens[0]?.token as string))).toBe(
      "token is a Cute connect token: connect-tokens/cute/public reads it",
    );
    expect(says(requestOf("netcode", first.token))).toBe(
      "token is a connection request packet, which holds a part of a token only",
    );
    expect(says(first.token.subarray(1))).toBe("token is not a connect token of version NETCODE 1.02 (2047 bytes)");
    expect(says(first.token.subarray(0, 2047))).toBe("token must be 2048 bytes long, got 2047");
    expect(says(concat(first.token, new Uint8Array(1)))).toBe("token must be 2048 bytes long, got 2049");
    expect(says(new Uint8Array(2048))).toBe("token is not a connect token of version NETCODE 1.02 (2048 bytes)");
    expect(says(new Uint8Array(0))).toBe("token is not a connect token of version NETCODE 1.02 (0 bytes)");
    expect(says(first.token, "lightyear")).toContain("is it of another dialect?");
    expect(says("NETCODE 1.02")).toBe("token must be a Uint8Array or an ArrayBuffer, got a string of 12 characters");
    expect(says(renet.token.subarray(0, 1110), "renet")).toBe("token ends before its server addresses and keys do");
  });

  it("takes its options as every call here does", () => {
    const read = (options: unknown) => thrownBy(() => readConnectToken(first.token, options as { dialect: "renet" }));
    expect(read({ dialect: "Netcode" })).toMatchObject({ code: "ERR_RANGE", argument: "dialect" });
    expect(read({ dialect: 1 })).toMatchObject({ code: "ERR_TYPE", argument: "dialect" });
    expect(read({ dialect: "toString" })).toMatchObject({ code: "ERR_RANGE", argument: "dialect" });
    expect(read("renet")).toMatchObject({ code: "ERR_TYPE", argument: "options" });
  });
});

/** Some bytes set, where readers look; some tokens cut or made longer. */
function changed(random: Random, dialect: Dialect, token: Uint8Array): Uint8Array {
  const at = dialect === "renet" ? 8 : 0;
  const copy = token.slice();
  const what = random.below(6);
  if (what === 0) copy[at + random.below(13)] = random.below(256);
  if (what === 1) copy.set(random.bytes(8), at + 21);
  if (what === 2) copy[at + 1089 + random.below(4)] = random.below(40);
  if (what === 3) copy[at + 1093 + 7 * random.below(8)] = random.below(4);
  if (what === 4) return copy.slice(0, random.below(copy.length));
  return copy;
}
