import { describe, expect, it } from "vitest";
import { type CuteIssue, type CuteOptions, CuteTokens } from "../../../src/cute/index.ts";
import { hex } from "../../support/bytes.ts";
import { hydrogen, NOW, nativeOf, packetOf, plainFields, xchacha } from "../../support/cute.ts";
import { expectError, thrownBy } from "../../support/errors.ts";
import { Random } from "../../support/random.ts";

const random = new Random(99);
const MAX_U64 = 2n ** 64n - 1n;

describe.each([hydrogen, xchacha])("suite $suite", (suite) => {
  const { secret } = nativeOf(suite, 1);
  const make = (options: Partial<CuteOptions> = {}): CuteTokens =>
    new CuteTokens({ suite: suite.suite, secret, applicationId: 7n, ...options } as CuteOptions);
  const issuer = make();
  const packetWith = (fields: Partial<CuteIssue>): Uint8Array =>
    packetOf(issuer.issue({ ...plainFields(random), ...fields } as CuteIssue));
  const outcome = (tokens: CuteTokens, packet: Uint8Array, now: bigint): string => {
    const verdict = tokens.verify(packet, { now });
    return verdict.valid ? `until ${verdict.expiresAt}` : verdict.reason;
  };

  it("takes a packet for leeway seconds after its end, and says until when", () => {
    const packet = packetWith({ expirationTimestamp: NOW });
    for (const leeway of [0, 1, 60]) {
      const tokens = make({ leeway });
      const end = NOW + BigInt(leeway);
      expect(outcome(tokens, packet, end - 1n)).toBe(`until ${end}`);
      expect(outcome(tokens, packet, end)).toBe("expired");
      expect(tokens.verifyMany([packet], { now: end - 1n }).expiresAt(0)).toBe(end);
      tokens.dispose();
    }
  });

  it("holds leeway at both ends of time", () => {
    const tokens = make({ leeway: 60 });
    const first = packetWith({ creationTimestamp: 0, expirationTimestamp: 1 });
    for (const [now, expected] of [
      [0n, "until 61"],
      [59n, "until 61"],
      [60n, "until 61"],
      [61n, "expired"],
    ] as const) {
      expect(outcome(tokens, first, now)).toBe(expected);
    }
    const last = packetWith({ expirationTimestamp: MAX_U64 });
    expect(outcome(tokens, last, MAX_U64)).toBe(`until ${MAX_U64}`);
    expect(outcome(issuer, last, MAX_U64)).toBe("expired");
    expect(outcome(issuer, last, MAX_U64 - 1n)).toBe(`until ${MAX_U64}`);
    tokens.dispose();
  });

  it("refuses what ends later than now + maxLifetime + 5, right after expired and before the endpoints", () => {
    const tokens = make({ maxLifetime: 100 });
    const packet = packetWith({ expirationTimestamp: NOW + 105n });
    expect(outcome(tokens, packet, NOW)).toBe(`until ${NOW + 105n}`);
    expect(outcome(tokens, packet, NOW - 1n)).toBe("lifetime-too-long");
    expect(outcome(tokens, packetWith({ expirationTimestamp: MAX_U64 }), NOW)).toBe("lifetime-too-long");
    expect(outcome(make({ maxLifetime: 2_678_400 }), packetWith({ expirationTimestamp: MAX_U64 }), MAX_U64 - 1n)).toBe(
      `until ${MAX_U64}`,
    );
    expect(outcome(tokens, packet, NOW + 105n)).toBe("expired");
    packet[31] = 0;
    expect(outcome(tokens, packet, NOW - 1n)).toBe("lifetime-too-long");
    expect(outcome(tokens, packet, NOW)).toBe("bad-endpoints");
    tokens.dispose();
  });

  it("issues nothing that lives longer than maxLifetime", () => {
    const tokens = make({ maxLifetime: 100 });
    const { creationTimestamp: _, expirationTimestamp: __, ...fields } = plainFields(random);
    expect(tokens.issue({ ...fields, ttl: 100 }, { now: NOW })).toHaveLength(1114);
    expectError(() => tokens.issue({ ...fields, ttl: 101 }, { now: NOW }), "ERR_RANGE", "ttl");
    expect(tokens.issue({ ...fields, expirationTimestamp: NOW + 100n }, { now: NOW })).toHaveLength(1114);
    const late = { ...fields, expirationTimestamp: NOW + 101n };
    expectError(() => tokens.issue(late, { now: NOW }), "ERR_RANGE", "expirationTimestamp");
    tokens.dispose();
  });

  it("issues with a ttl in place of an end, counted from the creation", () => {
    const { creationTimestamp: _, expirationTimestamp: __, ...fields } = plainFields(random);
    const ends = (token: CuteIssue) => {
      const verdict = issuer.verify(packetOf(issuer.issue(token, { now: NOW })), { now: NOW });
      return verdict.valid && verdict.claims.expirationTimestamp;
    };
    expect(ends({ ...fields, ttl: 45 })).toBe(NOW + 45n);
    expect(ends({ ...fields, creationTimestamp: NOW - 10n, ttl: 45 })).toBe(NOW + 35n);
    expect(ends({ ...fields, ttl: undefined, expirationTimestamp: NOW + 1n })).toBe(NOW + 1n);
    expectError(() => ends(fields), "ERR_TYPE", "expirationTimestamp");
    expectError(() => ends({ ...fields, ttl: 45, expirationTimestamp: NOW + 45n }), "ERR_RANGE", "ttl");
    expectError(() => ends({ ...fields, ttl: 45n as never }), "ERR_TYPE", "ttl");
    expectError(() => ends({ ...fields, creationTimestamp: MAX_U64, ttl: 1 }), "ERR_RANGE", "ttl");
  });

  it("says which of its secrets a packet was made with, in batches across windows too", () => {
    const secrets = [2, 3, 4].map((index) => nativeOf(suite, index).secret);
    const issuers = secrets.map((one) => make({ secret: one }));
    const all = make({ secret: secrets });
    const packets = Array.from({ length: 200 }, (_, i) =>
      packetOf((issuers[i % 3] as CuteTokens).issue(plainFields(random))),
    );
    packets[7] = packetWith({});
    const verdicts = all.verifyMany(packets, { now: NOW });
    const found = verdicts.map((verdict) => (verdict.valid ? verdict.secretIndex : verdict.reason));
    expect(found).toEqual(packets.map((_, i) => (i === 7 ? "not-genuine" : i % 3)));
    for (const tokens of [...issuers, all]) tokens.dispose();
  });

  it("is one of several servers, or one that has both forms of an IPv4 address", () => {
    const lists = (own: CuteOptions["serverEndpoint"], ...endpoints: string[]): string => {
      const tokens = make({ serverEndpoint: own } as Partial<CuteOptions>);
      const found = outcome(tokens, packetWith({ endpoints }), NOW);
      tokens.dispose();
      return found === `until ${NOW + 100n}` ? "valid" : found;
    };
    const dual = ["203.0.113.7:1", { address: "2001:db8::7", port: 1 }];
    expect(lists(dual, "203.0.113.7:1")).toBe("valid");
    expect(lists(dual, "[2001:db8::1]:1", "[2001:db8::7]:1")).toBe("valid");
    expect(lists(dual, "203.0.113.7:2", "[2001:db8::7]:2")).toBe("not-this-server");
    expect(lists({ address: "203.0.113.7", port: 1, family: "IPv4" }, "203.0.113.7:1")).toBe("valid");
    const mapped = { address: "::ffff:203.0.113.7", family: "IPv6", port: 1 };
    expect(lists(mapped, "203.0.113.7:1")).toBe("valid");
    expect(lists(mapped, "[::ffff:203.0.113.7]:1")).toBe("valid");
    expect(lists(mapped, "203.0.113.8:1")).toBe("not-this-server");
    // A token's address is never rewritten.
    expect(lists("203.0.113.7:1", "[::ffff:203.0.113.7]:1")).toBe("not-this-server");
    const many = Array.from({ length: 32 }, (_, i) => `[::ffff:10.0.0.${i}]:1`);
    expect(many.map((one) => lists(many, one))).toEqual(many.map(() => "valid"));
    expect(lists(many, "10.0.0.31:1")).toBe("valid");
  });

  it("takes its secret as hex of either case, with a line break behind it, and the same packets", () => {
    const packet = packetWith({});
    for (const text of [hex(secret), hex(secret).toUpperCase(), `${hex(secret)}\n`, `${hex(secret)}\r\n`]) {
      const tokens = make({ secret: text });
      expect(tokens.verify(packet, { now: NOW })).toMatchObject({ valid: true, secretIndex: 0 });
      tokens.dispose();
    }
    const list = make({ secret: [nativeOf(suite, 5).secret, hex(secret)] });
    expect(list.verify(packet, { now: NOW })).toMatchObject({ valid: true, secretIndex: 1 });
    list.dispose();
  });

  it("refuses session keys that are zeros or equal", () => {
    const fields = plainFields(random);
    for (const name of ["clientToServerKey", "serverToClientKey"] as const) {
      expectError(() => packetWith({ ...fields, [name]: new Uint8Array(32) }), "ERR_RANGE", name);
    }
    const equal = { ...fields, serverToClientKey: fields.clientToServerKey.slice() };
    expectError(() => packetWith(equal), "ERR_RANGE", "serverToClientKey");
  });

  it("issues many, each as one, or none where one is refused", () => {
    const list = Array.from({ length: 5 }, () => plainFields(random));
    const issued = issuer.issueMany(list, { now: NOW });
    const claims = issuer.verifyMany(issued.map(packetOf), { now: NOW });
    expect(claims.map((verdict) => verdict.valid && verdict.claims.clientId)).toEqual(list.map((one) => one.clientId));
    expect(issuer.issueMany([])).toEqual([]);
    const bad = [list[0], list[1], { ...list[2], clientId: -1 }] as CuteIssue[];
    expect(expectError(() => issuer.issueMany(bad), "ERR_RANGE", "tokens[2].clientId").message).toContain(
      "tokens[2].clientId must be",
    );
    expectError(() => issuer.issueMany([null] as never), "ERR_TYPE", "tokens[0]");
    expectError(() => issuer.issueMany({} as never), "ERR_TYPE", "tokens");
    expectError(() => issuer.issueMany(list, { now: 1e12 }), "ERR_RANGE", "now");
    const gone = make();
    gone.dispose();
    expect(thrownBy(() => gone.issueMany([]))).toMatchObject({ code: "ERR_DISPOSED" });
  });

  it("can be logged: keys left out, u64 in decimal, bytes in hex", () => {
    const verdict = issuer.verify(packetWith({ userData: Uint8Array.of(0xab) }), { now: NOW });
    const logged = JSON.parse(JSON.stringify(verdict));
    expect(logged).toMatchObject({ valid: true, secretIndex: 0, expiresAt: `${NOW + 100n}` });
    expect(Object.keys(logged.claims).sort()).toEqual(
      ["applicationId", "clientId", "endpoints", "expirationTimestamp", "handshakeTimeout", "userData"].sort(),
    );
    expect(logged.claims.userData).toBe(`ab${"00".repeat(255)}`);
  });
});
