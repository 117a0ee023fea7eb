import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { RedisTokenHistory, type RedisTokenHistoryOptions } from "../../../src/history/redis.ts";
import { SCRIPT } from "../../../src/history/redis-script.ts";
import { batchOf } from "../../support/histories.ts";

// What is said without a server: test/redis has the rest. `npm run test:redis` runs it.
const NOW = 1_700_000_000;
const now = { now: NOW };
const token = { tokenId: "cute:a", expiresAt: NOW + 30 };

type Asked = [hash: string, options: { keys: string[]; arguments: string[] }];

/** A client of `redis` that answers this to every script. */
function clientOf(reply: () => unknown, asked: Asked[] = []) {
  const evalSha = async (...call: Asked): Promise<unknown> => {
    asked.push(call);
    return reply();
  };
  return { evalSha, eval: async () => reply() };
}
const historyOf = (reply: () => unknown, options: Partial<RedisTokenHistoryOptions> = {}) =>
  new RedisTokenHistory(clientOf(reply), { maxLifetime: 30, timeout: 20, ...options });
const fails = (message: string) => () => {
  throw new Error(message);
};

describe("RedisTokenHistory", () => {
  const useless: [string, () => unknown][] = [
    ["an error", fails("READONLY You can't write against a read only replica.")],
    ["an error that is none", () => Promise.reject(undefined)],
    ["no answer", () => new Promise(() => {})],
    ["nothing", () => null],
    ["a number", () => 1],
    ["bytes", () => new TextEncoder().encode("new")],
    ["a word too many", () => "new new"],
    ["another word", () => "NEW"],
    ["an empty text", () => ""],
    ["a word of the prototype", () => "constructor"],
  ];

  it.each(useless)("lets nobody in where the server answers %s", async (_, reply) => {
    const history = historyOf(reply);
    expect(await history.claim(token, now)).toBe("unavailable");
    expect(await history.admit(token, "192.0.2.1:5000", now)).toBe("unavailable");
    expect(await history.consume("cute:a")).toBe("unavailable");
    expect(await history.claimMany(batchOf([["cute:a", NOW + 9], undefined, ["cute:b", NOW]]), now)).toEqual([
      "unavailable",
      undefined,
      "expired",
    ]);
  });

  it.each(useless)("lets everybody in where an option says so and the server answers %s", async (_, reply) => {
    const history = historyOf(reply, { admitWhenUnavailable: true });
    expect(await history.claim(token, now)).toBe("new");
    expect(await history.consume("cute:a")).toBe(true);
    expect(await history.claim({ ...token, expiresAt: NOW + 99 }, now)).toBe("lifetime-too-long");
  });

  it("takes no answer to one question for one to another", async () => {
    for (const word of ["again", "elsewhere", "true", "false", "expired"]) {
      expect(await historyOf(() => word).claim(token, now)).toBe("unavailable");
    }
    for (const word of ["new", "used"]) expect(await historyOf(() => word).consume("cute:a")).toBe("unavailable");
    expect(await historyOf(() => "false").consume("cute:a")).toBe(false);
    expect(await historyOf(() => "true").consume("cute:a")).toBe(true);
  });

  it("asks by the script's SHA-1, with the server's clock left out: times are the caller's", async () => {
    const asked: Asked[] = [];
    const history = new RedisTokenHistory(
      clientOf(() => "new", asked),
      { maxLifetime: 30, tenant: "t" },
    );
    await history.admit(token, { address: "192.0.2.1", port: 5000 }, now);
    await history.claim({ tokenId: "cute:b", expiresAt: BigInt(NOW + 9) }, { now: NOW - 5 });
    const sha1 = createHash("sha1").update(SCRIPT).digest("hex");
    const marker = "connect-tokens:{t}";
    expect(asked).toEqual([
      [
        sha1,
        {
          keys: [marker, `${marker}:cute:a`],
          arguments: ["admit", `${NOW}`, "35", "65", "192.0.2.1:5000", "1", `${NOW + 30}`],
        },
      ],
      // The clock of a history is the greatest it has seen; that the server drops no keys is known by now.
      [sha1, { keys: [marker, `${marker}:cute:b`], arguments: ["claim", `${NOW}`, "35", "5", "", "0", `${NOW + 9}`] }],
    ]);
  });

  it("learns the script to a server that does not know it, and to no other", async () => {
    const texts: string[] = [];
    const client = {
      evalsha: async () => fails("NOSCRIPT No matching script.")(),
      eval: async (script: string, ...rest: unknown[]) => {
        texts.push(script);
        return rest[0] === 2 ? "new" : "";
      },
    };
    expect(await new RedisTokenHistory(client, { maxLifetime: 30 }).claim(token, now)).toBe("new");
    expect(texts).toEqual([SCRIPT]);
    const broken = { ...client, evalsha: async () => fails("ERR NOSCRIPT")() };
    expect(await new RedisTokenHistory(broken, { maxLifetime: 30 }).claim(token, now)).toBe("unavailable");
  });

  it("asks nothing about what has expired", async () => {
    const history = historyOf(fails("asked"), { admitWhenUnavailable: true });
    expect(await history.claim({ ...token, expiresAt: NOW }, now)).toBe("expired");
    expect(
      await history.claimMany(
        batchOf([
          ["cute:a", NOW - 1],
          ["cute:b", 0],
        ]),
        now,
      ),
    ).toEqual(["expired", "expired"]);
  });

  it.each([
    [{ valid: false, reason: "expired" }, "ERR_TYPE", "token"],
    [{ tokenId: "x".repeat(513), expiresAt: NOW + 9 }, "ERR_RANGE", "token.tokenId"],
    [{ tokenId: "x" }, "ERR_TYPE", "token.expiresAt"],
    [undefined, "ERR_TYPE", "token"],
  ] as const)("rejects with what is wrong with the token %o, and asks nothing", async (given, code, argument) => {
    const history = historyOf(fails("asked"));
    await expect(history.claim(given as never, now)).rejects.toMatchObject({ code, argument });
    await expect(history.admit(given as never, undefined, now)).rejects.toMatchObject({ code, argument });
  });

  it("rejects with what is wrong with an address, an id, a batch or an option", async () => {
    const history = historyOf(() => "new");
    const cases: [Promise<unknown>, string][] = [
      [history.admit(token, "192.0.2.1", now), "from"],
      [history.consume(""), "tokenId"],
      [history.claimMany([] as never, now), "verdicts"],
      [history.claim(token, { now: 1e12 }), "now"],
      [history.claim(token, { signal: 7 as never }), "signal"],
      [history.claim(token, { sginal: 7 } as never), "sginal"],
      [history.consume("cute:a", now as never), "now"],
    ];
    for (const [promise, argument] of cases) await expect(promise).rejects.toMatchObject({ argument });
  });

  it.each([
    [{}, "maxLifetime"],
    [{ maxLifetime: 0 }, "maxLifetime"],
    [{ maxLifetime: 30, prefix: "" }, "prefix"],
    [{ maxLifetime: 30, prefix: "a{b" }, "prefix"],
    [{ maxLifetime: 30, tenant: "a}" }, "tenant"],
    [{ maxLifetime: 30, tenant: "x".repeat(65) }, "tenant"],
    [{ maxLifetime: 30, tenant: 7 }, "tenant"],
    [{ maxLifetime: 30, timeout: 0 }, "timeout"],
    [{ maxLifetime: 30, timeout: 60_001 }, "timeout"],
    [{ maxLifetime: 30, timeout: "1" }, "timeout"],
    [{ maxLifetime: 30, skew: 301 }, "skew"],
    [{ maxLifetime: 30, handshakeTimeout: 0 }, "handshakeTimeout"],
    [{ maxLifetime: 30, handshakeTimeout: 3601 }, "handshakeTimeout"],
    [{ maxLifetime: 30, admitWhenUnavailable: 1 }, "admitWhenUnavailable"],
    [{ maxLifetime: 30, admitWhenUnavailabel: true }, "admitWhenUnavailabel"],
  ])("the constructor names what is wrong with %o", (options, argument) => {
    expect(
      () =>
        new RedisTokenHistory(
          clientOf(() => "new"),
          options as never,
        ),
    ).toThrow(expect.objectContaining({ argument }));
  });

  it.each([undefined, null, 7, "redis://127.0.0.1", {}, { eval: () => {} }])("takes no %o for a client", (client) => {
    expect(() => new RedisTokenHistory(client as never, { maxLifetime: 30 })).toThrow(
      expect.objectContaining({ code: "ERR_TYPE", argument: "client" }),
    );
  });
});
