import { expect, it } from "vitest";
import { type CentrifugoToken, CentrifugoTokens } from "../../../src/centrifugo/index.ts";
import { readVectors } from "../../support/vectors.ts";

// What servers built from their tags answered. `strict: false` says the same as a 64-bit server 1.8.0, and its like; the
// differences that are wanted are named here, and no others are let through.

type Fields = Readonly<Record<"user" | "timestamp" | "info" | "token", unknown>>;
interface Connects {
  readonly server: string;
  readonly project?: string;
  readonly lifetime: number;
  readonly now: string;
  readonly cases: readonly (Fields & { note: string; verdict: string })[];
}
interface Channel {
  readonly server: string;
  /** The id of the connection that subscribed. */
  readonly own: string;
  readonly client: string;
  readonly channel: string;
  readonly info?: string;
  readonly sign: string;
  readonly verdict: string;
}
interface Api {
  readonly server: string;
  readonly project?: string;
  readonly note: string;
  readonly body: string;
  readonly sign: string | null;
  readonly status: number;
}

const real = readVectors<{ secret: string; connect: Connects[]; channels: Channel[]; api: Api[] }>(
  "centrifugo-real.json",
);

/** A verifier as a server of that version is; 0.x hashes nothing where no info came. */
function like(server: string, lifetime: number, strict: boolean, projectKey = "proj"): CentrifugoTokens {
  const old = server.startsWith("0.");
  const version = old ? ({ profile: "v0", projectKey, defaultInfo: "" } as const) : ({ profile: "v1" } as const);
  return new CentrifugoTokens({ secret: real.secret, lifetime, strict, ...version });
}

function outcome(tokens: CentrifugoTokens, fields: object, now: number): string {
  const verdict = tokens.verify(fields as CentrifugoToken, { now });
  if (verdict.valid) return "accepted";
  return verdict.reason === "expired" ? "expired" : "refused";
}

const isLoneSurrogate = (value: unknown) => typeof value === "string" && /\p{Cs}/u.test(value);
const wellFormed = (value: unknown) => (typeof value === "string" ? value.replace(/\p{Cs}/gu, "\ufffd") : value);
const asInt64 = (text: unknown): bigint | undefined => {
  if (typeof text !== "string" || !/^[+-]?[0-9]+$/.test(text)) return undefined;
  const value = BigInt(text.replace("+", ""));
  return BigInt.asIntN(64, value) === value ? value : undefined;
};

/** What stands in for a token's fields where a server reads them otherwise, by the name of the difference. */
const differences: Record<string, (fields: Fields, server: string, now: number) => Fields | undefined> = {
  "a server hashes U+FFFD for a lone surrogate": (fields) =>
    [fields.user, fields.timestamp, fields.info].some(isLoneSurrogate)
      ? {
          ...fields,
          user: wellFormed(fields.user),
          timestamp: wellFormed(fields.timestamp),
          info: wellFormed(fields.info),
        }
      : undefined,
  "a server reads a missing or null user or info as nothing": (fields) =>
    fields.user === undefined || fields.user === null || fields.info === null
      ? { ...fields, user: fields.user ?? "", info: fields.info ?? "" }
      : undefined,
};

it("connects: the server's verdict, but for the differences that are listed", () => {
  let asked = 0;
  const counts: Record<string, number> = {};
  const note = (difference: string) => {
    counts[difference] = (counts[difference] ?? 0) + 1;
  };
  for (const { server, project, lifetime, now: clock, cases } of real.connect) {
    const now = Number(clock);
    const [loose, strict] = [like(server, lifetime, false, project), like(server, lifetime, true, project)];
    for (const { note: _, verdict, ...fields } of cases) {
      asked++;
      const theirs = verdict.split(":")[0] as string;
      const seconds = asInt64(fields.timestamp);
      let ours = outcome(loose, fields, now);
      for (const [name, read] of Object.entries(differences)) {
        const instead = ours === theirs ? undefined : read(fields, server, now);
        if (!instead) continue;
        expect(ours, name).toBe("refused");
        ours = outcome(loose, instead, now);
        note(name);
      }
      if (ours !== theirs && seconds !== undefined) {
        const name =
          server.includes("386") && BigInt.asIntN(32, seconds) !== seconds
            ? "a 32-bit server reads no larger time than its own integers"
            : "a server's clock less the timestamp wraps around at 2^63";
        if (name.startsWith("a 32-bit")) expect(theirs).toBe("refused");
        else {
          expect([ours, theirs, server, fields]).toEqual(["expired", "accepted", server, fields]);
          expect(BigInt.asIntN(64, BigInt(now) - seconds)).toBeLessThan(0n);
          expect(seconds).toBeLessThan(0n);
        }
        note(name);
        ours = theirs;
      }
      expect([server, fields, ours]).toEqual([server, fields, theirs]);
      // What the strict rules take, an old server takes as well.
      if (outcome(strict, fields, now) === "accepted") expect(theirs).toBe("accepted");
    }
    loose.dispose();
    strict.dispose();
  }
  expect(asked).toBe(1104);
  expect(counts).toEqual({
    "a 32-bit server reads no larger time than its own integers": 17,
    "a server hashes U+FFFD for a lone surrogate": 34,
    "a server reads a missing or null user or info as nothing": 16,
    "a server's clock less the timestamp wraps around at 2^63": 15,
  });
});

it("private channels: the server's verdict, which knows the connection's own id as well", () => {
  for (const { server, own, verdict, ...subscription } of real.channels) {
    const tokens = like(server, 0, false);
    const accepted = tokens.verifyChannel(subscription) && subscription.client === own;
    expect([subscription, accepted ? "accepted" : "refused"]).toEqual([subscription, verdict]);
    if (like(server, 0, true).verifyChannel(subscription) && subscription.client === own)
      expect(verdict).toBe("accepted");
  }
  expect(real.channels).toHaveLength(116);
});

it("API requests: obeyed with a right sign only; blanks around it are the header's, which HTTP trims", () => {
  const statuses: Record<number, number> = {};
  for (const { server, note, body, sign, status } of real.api) {
    const tokens = like(server, 0, true);
    const right = typeof sign === "string" && tokens.verifyApi(body, sign.trim());
    if (status === 200) expect([note, right]).toEqual([note, true]);
    if (status === 401) expect([note, right]).toEqual([note, false]);
    // 400 is answered to a body that is no command, whatever its sign, and where no sign was looked for.
    if (status === 400) expect(body === "" || body === "not json" || sign === null || server === "0.1.0").toBe(true);
    if (typeof sign === "string" && sign !== sign.trim()) expect(tokens.verifyApi(body, sign)).toBe(false);
    statuses[status] = (statuses[status] ?? 0) + 1;
  }
  expect(statuses).toEqual({ 200: 17, 400: 59, 401: 21 });
});
