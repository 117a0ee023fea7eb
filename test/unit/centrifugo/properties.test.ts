import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { CentrifugoTokens } from "../../../src/centrifugo/index.ts";
import { CLIENT, centrifugoTokenId, makeCentrifugo, NOW, signed } from "../../support/centrifugo.ts";
import { anything, holds, resultOrCode, spoiled, text, wellFormed } from "../../support/properties.ts";

const strict = makeCentrifugo({ lifetime: 0 });
const loose = makeCentrifugo({ lifetime: 0, strict: false });

afterAll(() => {
  strict.dispose();
  loose.dispose();
});

/** Texts of JSON objects, and others. */
const info = fc.oneof(
  fc.constant(""),
  fc.dictionary(wellFormed, fc.jsonValue()).map((value) => JSON.stringify(value)),
  text,
);
const timestamp = fc.oneof(
  fc.integer({ min: 0, max: NOW + 60 }).map((seconds) => `${seconds}`.padStart(10, "0")),
  fc.stringMatching(/^[0-9]{8,12}$/),
  text,
);

describe.each([
  ["strict", strict],
  ["as an old server", loose],
])("%s", (_, tokens) => {
  it("what is issued verifies to the same fields, or the fields are refused", () => {
    let issued = 0;
    holds(1500, text, timestamp, info, (user, stamp, data) => {
      const fields = { user, timestamp: stamp, info: data };
      const token = resultOrCode(() => tokens.issue(fields, { now: NOW }));
      if (token === "ERR_FORMAT" || token === "ERR_RANGE") return;
      issued++;
      const verdict = tokens.verify({ ...fields, token }, { now: NOW });
      expect(verdict).toMatchObject({ valid: true, claims: fields, tokenId: centrifugoTokenId(token) });
    });
    expect(issued).toBeGreaterThan(200);
  });

  it("a channel that is signed verifies, or its fields are refused", () => {
    const channel = fc.oneof(
      text.map((name) => `$${name}`),
      text,
    );
    let made = 0;
    const clientId = fc.oneof(
      { arbitrary: fc.stringMatching(/^[0-9A-Fa-f-]{36}$/), weight: 4 },
      fc.stringMatching(/^[0-9a-g-]{35,37}$/),
      text,
    );
    holds(1000, clientId, channel, info, (client, name, data) => {
      const fields = { client, channel: name, info: data };
      const sign = resultOrCode(() => tokens.signChannel(fields));
      if (sign === "ERR_FORMAT") return;
      made++;
      expect(tokens.verifyChannel({ ...fields, sign })).toBe(true);
      expect(tokens.verifyChannel({ ...fields, info: `${data} `, sign })).toBe(false);
      expect({ ...tokens.channelResponse(client, [{ channel: name, info: data }]) }).toEqual({
        [name]: { info: data, sign },
      });
    });
    expect(made).toBeGreaterThan(150);
  });

  it("API data that is signed verifies, as text and as its bytes", () => {
    holds(300, wellFormed, (data) => {
      const sign = tokens.signApi(data);
      expect(tokens.signApi(new TextEncoder().encode(data))).toBe(sign);
      expect([tokens.verifyApi(data, sign), tokens.verifyApi(Buffer.from(data), sign)]).toEqual([true, true]);
      expect(tokens.verifyApi(`${data} `, sign)).toBe(false);
    });
  });
});

it("T1: of all ways of splitting signed bytes at most one is accepted", () => {
  const piece = fc.oneof(timestamp, info, wellFormed);
  let accepted = 0;
  holds(60, piece, timestamp, info, (user, stamp, data) => {
    const whole = (user + stamp + data).slice(0, 120);
    const splits = [];
    for (let from = 0; from <= whole.length; from++) {
      for (let to = from; to <= Math.min(whole.length, from + 12); to++) {
        splits.push(signed(whole.slice(0, from), whole.slice(from, to), whole.slice(to)));
      }
    }
    const { validCount } = strict.verifyMany(splits, { now: NOW });
    expect(validCount).toBeLessThanOrEqual(1);
    accepted += validCount;
  });
  expect(accepted).toBeGreaterThan(8);
});

it("only documented errors escape, and none from a question about a sign", () => {
  const options = { secret: "secret", profile: "v1", lifetime: 60, strict: true, skew: 1, allowAnonymous: true };
  holds(800, spoiled({ ...options, defaultInfo: "{}" }), (given) => {
    const made = resultOrCode(() => new CentrifugoTokens(given));
    if (typeof made !== "string") made.dispose();
  });
  const fields = { user: "user", timestamp: `${NOW}`, info: "{}", client: CLIENT, channel: "$channel" };
  holds(800, spoiled(fields), anything, (given, second) => {
    resultOrCode(() => strict.issue(given, second as object));
    resultOrCode(() => strict.connectionParameters(given, second as object));
    resultOrCode(() => strict.signChannel(given));
    resultOrCode(() => strict.channelResponse(second as string, [given]));
    resultOrCode(() => strict.channelResponse(CLIENT, second as []));
    resultOrCode(() => strict.signApi(second as string));
    expect(strict.verifyChannel(given)).toBe(false);
    expect(strict.verifyApi(second as string, "0".repeat(64))).toBe(false);
    expect(strict.verifyApi("data", second as string)).toBe(false);
  });
});
