import { afterAll, describe, expect, it } from "vitest";
// The built package: a worker's script must be there as a file that Node runs.
import { NetcodePool } from "../../../dist/src/netcode/pool.js";
import { NetcodeTokens } from "../../../src/netcode/index.ts";
import { requestOf, writeToken } from "../../reference/netcode.ts";
import { concat, flipBit, patched } from "../../support/bytes.ts";
import { DIALECTS, NOW, randomFields } from "../../support/netcode.ts";
import { Random } from "../../support/random.ts";

describe.each(DIALECTS)("NetcodePool, dialect %s", (dialect) => {
  const random = new Random(50 + dialect.length);
  const secrets = [random.bytes(32), random.bytes(32)];
  const own = "203.0.113.7:40000";
  const options = { protocolId: 77n, secret: secrets, dialect, serverAddress: own, leeway: 10, maxLifetime: 1000 };
  const genuine = (expireTimestamp: bigint, ours: boolean): Uint8Array => {
    const fields = { ...randomFields(random), protocolId: 77n, expireTimestamp };
    const address = { address: "203.0.113.7", port: 40000, family: 4 } as const;
    const listed = ours ? [...fields.internalServerAddresses.slice(0, 31), address] : fields.internalServerAddresses;
    return requestOf(
      dialect,
      writeToken(dialect, random.pick(secrets), { ...fields, internalServerAddresses: listed }, random.bytes(24)),
    );
  };
  const packets = Array.from({ length: 700 }, (_, i) => {
    const packet = genuine(
      NOW + BigInt(i % 13 === 1 ? 1006 : i % 13 === 2 ? -10 : i % 13 === 3 ? -9 : 30),
      i % 13 !== 4,
    );
    if (i % 13 === 5) return flipBit(packet, 8 * 1000);
    if (i % 13 === 6) return patched(packet, 14, random.bytes(8));
    if (i % 13 === 7) return patched(packet, i % 2, Uint8Array.of(9));
    return packet;
  });
  const tokens = new NetcodeTokens(options);
  const pool = new NetcodePool({ ...options, threads: 2 });
  afterAll(async () => {
    tokens.dispose();
    await pool.close();
  });
  const json = (verdicts: object): string => JSON.stringify(verdicts);

  it("says of each request what NetcodeTokens says: every reason, every claim", async () => {
    const expected = tokens.verifyMany(packets, { now: NOW });
    expect(new Set(expected.map((verdict) => (verdict.valid ? "valid" : verdict.reason))).size).toBe(7);
    expect(json(await pool.verifyMany(packets, { now: NOW }))).toBe(json(expected));
    expect(json(await pool.verifyMany(concat(...packets), { now: NOW }))).toBe(json(expected));
    const list = packets.map((packet, i) => (i % 3 ? packet : packet.subarray(i % 2)));
    expect(json(await pool.verifyMany(list, { now: NOW }))).toBe(json(tokens.verifyMany(list, { now: NOW })));
  });

  it("says of one request at a time the same, session keys and all", async () => {
    const some = packets.slice(0, 40);
    const found = await Promise.all(some.map((packet) => pool.verify(packet, { now: NOW })));
    expect(found).toEqual(some.map((packet) => tokens.verify(packet, { now: NOW })));
    // What has not yet begun to be a time, less the leeway, is not below zero.
    expect(await pool.verify(patched(packets[0] as Uint8Array, 22, new Uint8Array(8)), { now: 9 })).toMatchObject({
      reason: "not-genuine",
    });
    expect(await pool.verify(null as unknown as Uint8Array)).toEqual({ valid: false, reason: "wrong-size" });
  });
});

describe("NetcodePool", () => {
  it("refuses wrong options as NetcodeTokens does", () => {
    const secret = new Random(1).bytes(32);
    const make = (options: object) => () => new NetcodePool({ protocolId: 1n, secret, ...options });
    expectFrom(make({ dialect: "yojimbo" }), "ERR_RANGE", "dialect");
    expectFrom(make({ secret: "00" }), "ERR_RANGE", "secret");
    expectFrom(make({ threads: 0 }), "ERR_RANGE", "threads");
    expectFrom(make({ serverAdress: "127.0.0.1:1" }), "ERR_TYPE", "serverAdress");
  });
});

/** The built package has an error class of its own. */
function expectFrom(run: () => unknown, code: string, argument: string): void {
  expect(run).toThrow(expect.objectContaining({ code, argument }));
}
