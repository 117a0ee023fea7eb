import { describe, expect, it } from "vitest";
import { type NetcodeIssue, type NetcodeOptions, NetcodeTokens } from "../../../src/netcode/index.ts";
import { readConnectToken } from "../../../src/netcode/public.ts";
import { unhex } from "../../support/bytes.ts";
import { expectError } from "../../support/errors.ts";
import { NOW } from "../../support/netcode.ts";
import { Random } from "../../support/random.ts";

const secret = new Random(40).bytes(32);
const digits = Buffer.from(secret).toString("hex");
const make = (options: Partial<Record<keyof NetcodeOptions, unknown>>): NetcodeTokens =>
  new NetcodeTokens({ protocolId: 1n, secret, ...options } as NetcodeOptions);
const plain = { clientId: 7n, serverAddresses: ["127.0.0.1:40000"], timeoutSeconds: 5 };
const issue = (fields: Partial<Record<keyof NetcodeIssue, unknown>>, options: object = {}): Uint8Array =>
  make(options).issue({ ...plain, ...fields } as NetcodeIssue, { now: NOW });

describe("NetcodeTokens", () => {
  it("takes its secret as 32 bytes or 64 hex digits of either case, with a line break behind them", () => {
    const entropy = new Random(41).bytes(24);
    const keys = { clientToServerKey: new Random(42).bytes(32), serverToClientKey: new Random(43).bytes(32) };
    const tokens = [secret, digits, digits.toUpperCase(), `${digits}\n`, `${digits}\r\n`].map((one) =>
      make({ secret: one }).issue({ ...plain, ...keys }, { now: NOW, entropy }),
    );
    for (const token of tokens) expect(token).toEqual(tokens[0]);
    expect(
      make({ secret: [new Random(44).bytes(32), digits] }).verify(requestOf(tokens[0] as Uint8Array), { now: NOW }),
    ).toMatchObject({
      valid: true,
      secretIndex: 1,
    });
  });

  it("refuses a wrong secret by name, and says nothing of it", () => {
    for (const wrong of [secret.subarray(1), digits.slice(1), `${digits}0`, "", new Uint8Array(33), "ü".repeat(32)]) {
      const { message } = expectError(() => make({ secret: wrong }), "ERR_RANGE", "secret");
      expect(message).not.toContain(digits.slice(0, 8));
    }
    expectError(() => make({ secret: digits.replace(/.$/, "g") }), "ERR_FORMAT", "secret");
    expectError(() => make({ secret: `${digits.slice(1)}é` }), "ERR_FORMAT", "secret");
    expectError(() => make({ secret: new Uint8Array(32) }), "ERR_RANGE", "secret");
    expectError(() => make({ secret: "0".repeat(64) }), "ERR_RANGE", "secret");
    expectError(() => make({ secret: [] }), "ERR_RANGE", "secret");
    expectError(() => make({ secret: [secret, 5] }), "ERR_TYPE", "secret[1]");
    expectError(() => make({ secret: undefined }), "ERR_TYPE", "secret");
  });

  it("refuses wrong options by name", () => {
    expectError(() => make({ protocolId: -1n }), "ERR_RANGE", "protocolId");
    expectError(() => make({ protocolId: 2n ** 64n }), "ERR_RANGE", "protocolId");
    expectError(() => make({ protocolId: "1" }), "ERR_TYPE", "protocolId");
    expectError(() => make({ dialect: "netcode 1.02" }), "ERR_RANGE", "dialect");
    expectError(() => make({ dialect: null }), "ERR_TYPE", "dialect");
    expectError(() => make({ leeway: 61 }), "ERR_RANGE", "leeway");
    expectError(() => make({ leeway: -1 }), "ERR_RANGE", "leeway");
    expectError(() => make({ leeway: "1" }), "ERR_TYPE", "leeway");
    expectError(() => make({ maxLifetime: 0 }), "ERR_RANGE", "maxLifetime");
    expectError(() => make({ maxLifetime: 2_678_401 }), "ERR_RANGE", "maxLifetime");
    expectError(() => make({ maxLifetime: 30n }), "ERR_TYPE", "maxLifetime");
    expectError(() => make({ serverAddress: "0.0.0.0:40000" }), "ERR_RANGE", "serverAddress");
    expectError(() => make({ serverAddress: "[::]:40000" }), "ERR_RANGE", "serverAddress");
    expectError(() => make({ serverAddress: ["127.0.0.1:1", "[::0]:1"] }), "ERR_RANGE", "serverAddress[1]");
    expectError(() => make({ serverAddress: [] }), "ERR_RANGE", "serverAddress");
    expectError(() => make({ serverAddress: Array(33).fill("127.0.0.1:1") }), "ERR_RANGE", "serverAddress");
    expectError(() => make({ serverAddress: "127.0.0.1" }), "ERR_FORMAT", "serverAddress");
    expectError(() => make({ serverAddress: "localhost:1" }), "ERR_FORMAT", "serverAddress");
    expectError(() => make({ serverAddress: "127.0.0.1:0" }), "ERR_FORMAT", "serverAddress");
    expectError(() => make({ serverAddress: 5 }), "ERR_TYPE", "serverAddress");
    expectError(() => new NetcodeTokens(5 as unknown as NetcodeOptions), "ERR_TYPE", "options");
  });

  it("32 own addresses of two forms each fit", () => {
    const mapped = Array.from({ length: 32 }, (_, i) => `[::ffff:10.0.0.${i}]:4000`);
    const token = issue({ serverAddresses: ["10.0.0.31:4000"] });
    using tokens = make({ serverAddress: mapped });
    expect(tokens.verify(requestOf(token), { now: NOW }).valid).toBe(true);
    expect(tokens.verify(requestOf(issue({ serverAddresses: ["10.0.0.32:4000"] })), { now: NOW }).valid).toBe(false);
  });

  it("after dispose every use throws, and a second dispose does nothing", () => {
    const tokens = make({});
    tokens.dispose();
    tokens.dispose();
    expectError(() => tokens.issue(plain), "ERR_DISPOSED", "this");
    expectError(() => tokens.issueMany([plain]), "ERR_DISPOSED", "this");
    expectError(() => tokens.verify(new Uint8Array(1078)), "ERR_DISPOSED", "this");
    expectError(() => tokens.verifyMany([]), "ERR_DISPOSED", "this");
  });
});

describe("issuing a netcode token", () => {
  it("refuses the traps that native code issues without a word", () => {
    const telling = (fields: Parameters<typeof issue>[0], argument: string): string =>
      expectError(() => issue(fields), "ERR_RANGE", argument).message;
    expect(telling({ timeoutSeconds: 0 }, "timeoutSeconds")).toContain("with 0 no response comes in time");
    expect(telling({ timeoutSeconds: -1 }, "timeoutSeconds")).toContain("unless allowNoTimeout is true");
    expect(telling({ timeoutSeconds: 2 ** 31 }, "timeoutSeconds")).toContain("2^31 - 1");
    expect(telling({ createTimestamp: NOW, expireTimestamp: NOW }, "expireTimestamp")).toContain(
      "after createTimestamp",
    );
    expect(telling({ createTimestamp: NOW + 1n, expireTimestamp: NOW }, "expireTimestamp")).toContain(
      "after createTime",
    );
    expect(telling({ expireTimestamp: 2n ** 64n - 1n }, "expireTimestamp")).toContain("at most 31 days");
    expect(telling({ serverAddresses: [] }, "serverAddresses")).toContain("1 to 32 server addresses");
    expect(telling({ serverAddresses: Array(33).fill("127.0.0.1:1") }, "serverAddresses")).toContain("1 to 32");
    expect(telling({ internalServerAddresses: [] }, "internalServerAddresses")).toContain("1 to 32");
    expect(telling({ serverAddresses: [{ address: "127.0.0.1", port: 0 }] }, "serverAddresses[0].port")).toContain(
      "1 to",
    );
    expect(telling({ clientToServerKey: new Uint8Array(32) }, "clientToServerKey")).toContain("other than all zeros");
    expect(telling({ serverToClientKey: new Uint8Array(32) }, "serverToClientKey")).toContain("other than all zeros");
    expect(telling({ clientToServerKey: secret, serverToClientKey: secret.slice() }, "serverToClientKey")).toContain(
      "must differ from clientToServerKey",
    );
    expectError(() => issue({ serverAddresses: ["127.0.0.1:0"] }), "ERR_FORMAT", "serverAddresses[0]");
  });

  it("refuses wrong fields by name", () => {
    const cases: [Parameters<typeof issue>[0], "ERR_TYPE" | "ERR_RANGE" | "ERR_FORMAT", string][] = [
      [{ clientId: undefined }, "ERR_TYPE", "clientId"],
      [{ clientId: 2n ** 64n }, "ERR_RANGE", "clientId"],
      [{ clientId: 1.5 }, "ERR_RANGE", "clientId"],
      [{ timeoutSeconds: undefined }, "ERR_TYPE", "timeoutSeconds"],
      [{ timeoutSeconds: 1.5 }, "ERR_RANGE", "timeoutSeconds"],
      [{ timeoutSeconds: -(2 ** 31) - 1, allowNoTimeout: true }, "ERR_RANGE", "timeoutSeconds"],
      [{ timeoutSeconds: -1, allowNoTimeout: 1 }, "ERR_TYPE", "allowNoTimeout"],
      [{ serverAddresses: "127.0.0.1:1" }, "ERR_TYPE", "serverAddresses"],
      [{ serverAddresses: ["127.0.0.1"] }, "ERR_FORMAT", "serverAddresses[0]"],
      [{ ttl: 0 }, "ERR_RANGE", "ttl"],
      [{ ttl: 2_678_401 }, "ERR_RANGE", "ttl"],
      [{ ttl: "30" }, "ERR_TYPE", "ttl"],
      [{ ttl: 30, expireTimestamp: NOW + 30n }, "ERR_RANGE", "ttl"],
      [{ createTimestamp: 2n ** 64n - 1n }, "ERR_RANGE", "createTimestamp"],
      [{ createTimestamp: 1.5e12 }, "ERR_RANGE", "createTimestamp"],
      [{ expireTimestamp: 1_790_000_030_000n }, "ERR_RANGE", "expireTimestamp"],
      [{ expireTimestamp: "soon" }, "ERR_TYPE", "expireTimestamp"],
      [{ clientToServerKey: new Uint8Array(31) }, "ERR_RANGE", "clientToServerKey"],
      [{ serverToClientKey: "key" }, "ERR_TYPE", "serverToClientKey"],
      [{ userData: new Uint8Array(257) }, "ERR_RANGE", "userData"],
      [{ userData: "hello" }, "ERR_TYPE", "userData"],
    ];
    for (const [fields, code, argument] of cases) expectError(() => issue(fields), code, argument);
    const tokens = make({});
    expectError(() => tokens.issue(undefined as unknown as NetcodeIssue), "ERR_TYPE", "serverAddresses");
    expectError(() => tokens.issue(plain, { now: 1.5 }), "ERR_RANGE", "now");
    expectError(() => tokens.issue(plain, { entropy: new Uint8Array(23) }), "ERR_RANGE", "entropy");
    expectError(() => tokens.issueMany(plain as unknown as NetcodeIssue[]), "ERR_TYPE", "tokens");
  });

  it("lives 30 seconds unless told otherwise, and never longer than maxLifetime", () => {
    const life = (fields: Parameters<typeof issue>[0], options = {}): bigint => {
      const { createTimestamp, expireTimestamp } = readConnectToken(issue(fields, options));
      return expireTimestamp - createTimestamp;
    };
    expect([life({}), life({ ttl: 45 }), life({ createTimestamp: 5, ttl: 1 })]).toEqual([30n, 45n, 1n]);
    expect(life({ ttl: 20 }, { maxLifetime: 20 })).toBe(20n);
    expectError(() => issue({ ttl: 21 }, { maxLifetime: 20 }), "ERR_RANGE", "ttl");
    expectError(() => issue({}, { maxLifetime: 29 }), "ERR_RANGE", "expireTimestamp");
    expectError(() => issue({ expireTimestamp: NOW + 21n }, { maxLifetime: 20 }), "ERR_RANGE", "expireTimestamp");
    expect(readConnectToken(make({}).issue(plain)).createTimestamp).toBeLessThanOrEqual(
      BigInt(Math.ceil(Date.now() / 1000)),
    );
  });

  it("draws a nonce and two keys for each token, and takes its own where they are given", () => {
    const tokens = make({}).issueMany(Array(20).fill(plain), { now: NOW });
    const random = tokens.flatMap((token) => {
      const { clientToServerKey, serverToClientKey } = readConnectToken(token);
      return [token.slice(37, 61), clientToServerKey, serverToClientKey].map((bytes) =>
        Buffer.from(bytes).toString("hex"),
      );
    });
    expect(new Set(random).size).toBe(60);
    const { clientToServerKey } = readConnectToken(issue({ clientToServerKey: secret }));
    expect(clientToServerKey).toEqual(secret);
  });

  it("allows a negative timeout where it is asked for, and pads user data with zeros", () => {
    const token = issue({ timeoutSeconds: -1, allowNoTimeout: true, userData: Uint8Array.of(1, 2, 3) });
    expect(readConnectToken(token).timeoutSeconds).toBe(-1);
    const verdict = make({}).verify(requestOf(token), { now: NOW });
    expect(verdict.valid && verdict.claims.userData).toEqual(unhex(`010203${"00".repeat(253)}`));
    expect(verdict.valid && verdict.claims.timeoutSeconds).toBe(-1);
  });
});

function requestOf(token: Uint8Array): Uint8Array {
  return readConnectToken(token).requestPacket;
}
