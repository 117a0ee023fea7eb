import { describe, expect, it } from "vitest";
import { CentrifugoTokens } from "../../../src/centrifugo/index.ts";
import { centrifugoSign, hmac } from "../../reference/string-schemes.ts";
import { CLIENT, SECRET } from "../../support/centrifugo.ts";
import { expectError } from "../../support/errors.ts";
import { Random } from "../../support/random.ts";
import { bitFlips, HUGE, polluted, randomText, STRANGE } from "../../support/string-schemes.ts";

const options = { secret: SECRET, profile: "v1", lifetime: 0 } as const;
const strict = new CentrifugoTokens(options);
const loose = new CentrifugoTokens({ ...options, strict: false });
const v0 = new CentrifugoTokens({ secret: SECRET, profile: "v0", projectKey: "project", lifetime: 0 });

describe("channel signs", () => {
  it("are what node:crypto signs, without the project key", () => {
    const random = new Random(1);
    for (let i = 0; i < 2000; i++) {
      const client = Array.from({ length: 36 }, () => random.pick([..."0123456789abcdefABCDEF-"])).join("");
      const channel = `$${randomText(random, random.below(9), true).replaceAll("{", "")}`;
      const info = random.below(2) ? JSON.stringify({ a: randomText(random, 5, true) }) : "";
      const sign = centrifugoSign(SECRET, client, channel, info);
      for (const tokens of [strict, loose, v0]) {
        expect(tokens.signChannel({ client, channel, info })).toBe(sign);
        expect(tokens.verifyChannel({ client, channel, info, sign })).toBe(true);
      }
      const other = randomText(random, random.below(9), true);
      expect(loose.signChannel({ client: other, channel, info })).toBe(centrifugoSign(SECRET, other, channel, info));
    }
  });

  it("are accepted for no two ways of splitting the same bytes", () => {
    const random = new Random(2);
    for (let i = 0; i < 300; i++) {
      const client = random.pick([CLIENT, CLIENT.toUpperCase(), "-".repeat(36), "0".repeat(36)]);
      const channel = `$${random.pick(["news", "$", " ", "a$b", "", CLIENT])}`;
      const info = random.pick(["", "{}", '{"a":"$x{}"}', '{"$":{}}', '{"a":"{}"} ']);
      const bytes = client + channel + info;
      const sign = centrifugoSign(SECRET, bytes);
      let accepted = 0;
      for (let from = 0; from <= bytes.length; from++) {
        for (let to = from; to <= bytes.length; to++) {
          const split = { client: bytes.slice(0, from), channel: bytes.slice(from, to), info: bytes.slice(to) };
          if (strict.verifyChannel({ ...split, sign })) accepted++;
        }
      }
      expect(accepted, bytes).toBe(1);
    }
  });

  it.each([
    [{ client: "", channel: "$x" }, "client"],
    [{ client: "c", channel: "$x" }, "client"],
    [{ client: CLIENT.slice(1), channel: "$x" }, "client"],
    [{ client: `${CLIENT}0`, channel: "$x" }, "client"],
    [{ client: `${CLIENT.slice(1)}g`, channel: "$x" }, "client"],
    [{ client: `${CLIENT.slice(1)}\n`, channel: "$x" }, "client"],
    [{ client: `${CLIENT.slice(1)}٣`, channel: "$x" }, "client"],
    [{ client: `$${CLIENT.slice(1)}`, channel: "$x" }, "client"],
    [{ client: CLIENT, channel: "x" }, "channel"],
    [{ client: CLIENT, channel: "$x{" }, "channel"],
    [{ client: CLIENT, channel: "" }, "channel"],
    [{ client: CLIENT, channel: "$x", info: " {}" }, "info"],
    [{ client: CLIENT, channel: "$x", info: "1" }, "info"],
  ])("strict rules refuse %o", (subscription, argument) => {
    expectError(() => strict.signChannel(subscription), "ERR_FORMAT", argument);
    const sign = loose.signChannel(subscription);
    expect(loose.verifyChannel({ ...subscription, sign })).toBe(true);
    expect(strict.verifyChannel({ ...subscription, sign })).toBe(false);
  });

  it("are refused with any bit changed", () => {
    const good = { client: CLIENT, channel: "$channel", info: "{}", sign: "" };
    const { sign: _, ...subscription } = good;
    good.sign = strict.signChannel(subscription);
    for (const field of ["client", "channel", "info", "sign"] as const) {
      for (const text of bitFlips(good[field])) {
        expect(strict.verifyChannel({ ...good, [field]: text })).toBe(false);
        expect(loose.verifyChannel({ ...good, [field]: text })).toBe(false);
      }
    }
    expect(strict.verifyChannel(good)).toBe(true);
  });

  it("are refused, without a throw, for what is no subscription", () => {
    const good = { client: CLIENT, channel: "$x", sign: strict.signChannel({ client: CLIENT, channel: "$x" }) };
    for (const value of [...STRANGE, HUGE]) {
      expect(strict.verifyChannel(value as never)).toBe(false);
      for (const field of ["client", "channel", "sign"]) {
        expect(strict.verifyChannel({ ...good, [field]: value } as never)).toBe(false);
      }
      if (value !== undefined) expect(strict.verifyChannel({ ...good, info: value } as never)).toBe(false);
    }
    polluted({ info: "{}", sign: good.sign }, () => {
      expect(strict.verifyChannel(good)).toBe(true);
      expect(strict.verifyChannel({ client: CLIENT, channel: "$x" } as never)).toBe(false);
    });
  });

  it("may be 65,536 characters long with what they sign", () => {
    const channel = `$${"x".repeat(65_535 - CLIENT.length)}`;
    expect(
      strict.verifyChannel({ client: CLIENT, channel, sign: strict.signChannel({ client: CLIENT, channel }) }),
    ).toBe(true);
    expectError(() => strict.signChannel({ client: CLIENT, channel: `${channel}x` }), "ERR_RANGE", "subscription");
  });
});

describe("a page that chooses what is signed", () => {
  const body = '[{"method":"publish","params":{"channel":"$x","data":1}}]';
  const cut = body.indexOf("$");
  const asked = { client: body.slice(0, cut), channel: body.slice(cut) };

  it("gets no channel sign that is a whole API command", () => {
    for (const tokens of [strict, v0]) {
      expectError(() => tokens.signChannel(asked), "ERR_FORMAT", "client");
      expectError(() => tokens.channelResponse(asked.client, [{ channel: asked.channel }]), "ERR_FORMAT", "client");
    }
    const project = { client: `project${body.slice(0, cut)}`, channel: body.slice(cut) };
    expectError(() => v0.signChannel(project), "ERR_FORMAT", "client");
  });

  it("gets one without the strict rules, as documented", () => {
    expect(strict.verifyApi(body, loose.signChannel(asked))).toBe(true);
  });
});

describe("channelResponse", () => {
  it("answers for each channel", () => {
    const response = strict.channelResponse(CLIENT, [{ channel: "$a" }, { channel: "$b", info: '{"b":1}' }]);
    expect(JSON.parse(JSON.stringify(response))).toEqual({
      $a: { info: "", sign: centrifugoSign(SECRET, CLIENT, "$a") },
      $b: { info: '{"b":1}', sign: centrifugoSign(SECRET, CLIENT, "$b", '{"b":1}') },
    });
    expect(Object.keys(strict.channelResponse(CLIENT, []))).toEqual([]);
  });

  it("has no prototype that a channel's name could be taken for", () => {
    const names = ["__proto__", "constructor", "toString"];
    const response = loose.channelResponse(
      "c",
      names.map((channel) => ({ channel })),
    );
    expect(Object.getPrototypeOf(response)).toBe(null);
    expect(Object.keys(response)).toEqual(names);
    expect(Object.entries(response)[0]?.[1].sign).toBe(centrifugoSign(SECRET, "c", "__proto__"));
    expect("sign" in {}).toBe(false);
    expectError(() => strict.channelResponse(CLIENT, [{ channel: "__proto__" }]), "ERR_FORMAT", "channel");
  });

  it("refuses fields that it would ignore", () => {
    expectError(
      () => strict.channelResponse(CLIENT, [{ channel: "$a", client: "x" } as never]),
      "ERR_TYPE",
      "channels[0].client",
    );
    expectError(() => strict.signChannel({ client: CLIENT, channel: "$a", sign: "x" } as never), "ERR_TYPE", "sign");
  });

  it("refuses arguments of other types", () => {
    expectError(() => strict.channelResponse(5 as never, []), "ERR_TYPE", "client");
    expectError(() => strict.channelResponse(CLIENT, {} as never), "ERR_TYPE", "channels");
    expectError(() => strict.channelResponse(CLIENT, [{ channel: "$a" }, 5 as never]), "ERR_TYPE", "channels[1]");
    expectError(() => strict.channelResponse(CLIENT, [{} as never]), "ERR_TYPE", "channel");
  });
});

describe("API signs", () => {
  it("are what node:crypto signs, over text and bytes of any length", () => {
    const random = new Random(3);
    for (const length of [0, 1, 31, 63, 64, 65, 1000, 65_537, 892_927, 892_928, 892_929, 2_000_000]) {
      const data = random.bytes(length);
      const sign = hmac(SECRET, data).toString("hex");
      expect(strict.signApi(data)).toBe(sign);
      expect(strict.verifyApi(data, sign)).toBe(true);
      expect(v0.signApi(data)).toBe(hmac(SECRET, Buffer.concat([Buffer.from("project"), data])).toString("hex"));
    }
    for (let i = 0; i < 500; i++) {
      const text = randomText(random, random.below(40), true);
      expect(v0.signApi(text)).toBe(centrifugoSign(SECRET, "project", text));
      expect(v0.verifyApi(Buffer.from(text), v0.signApi(text))).toBe(true);
    }
  });

  it("are refused with any bit changed, and in any other spelling", () => {
    const sign = strict.signApi("{}");
    for (const text of bitFlips(sign)) expect(strict.verifyApi("{}", text)).toBe(false);
    for (const text of [
      "",
      sign.slice(1),
      `${sign}0`,
      sign.toUpperCase(),
      ` ${sign}`,
      `é${sign.slice(1)}`,
      "é".repeat(32),
    ]) {
      expect(strict.verifyApi("{}", text)).toBe(false);
    }
    for (const text of ["{} ", "", "{", "\ud800"]) expect(strict.verifyApi(text, sign)).toBe(false);
    expect(strict.verifyApi("\ufffd", strict.signApi("\ufffd"))).toBe(true);
    expect(strict.verifyApi("\ud800", strict.signApi("\ufffd"))).toBe(false);
  });

  it("are refused, without a throw, for what is neither text nor bytes", () => {
    const sign = strict.signApi("{}");
    for (const value of STRANGE.filter((each) => !(each instanceof Uint8Array))) {
      expect(strict.verifyApi(value as never, sign)).toBe(false);
      expect(strict.verifyApi("{}", value as never)).toBe(false);
      expectError(() => strict.signApi(value as never), "ERR_TYPE", "encodedData");
    }
    expectError(() => strict.signApi("\ud800"), "ERR_FORMAT", "encodedData");
  });

  it("read the bytes of a view, whatever its properties say", () => {
    class Nosy extends Uint8Array {
      override subarray(): never {
        throw new Error(`${strict.signApi("other")}`);
      }
      override get length(): number {
        return 1;
      }
    }
    const shared = new Uint8Array(new SharedArrayBuffer(3));
    shared.set([1, 2, 3]);
    const sign = hmac(SECRET, Uint8Array.of(1, 2, 3)).toString("hex");
    for (const view of [Nosy.of(1, 2, 3), shared, Buffer.from([0, 1, 2, 3]).subarray(1)]) {
      expect(strict.signApi(view)).toBe(sign);
      expect(strict.verifyApi(view, sign)).toBe(true);
    }
  });

  it("rotate with the secrets", () => {
    const both = new CentrifugoTokens({ ...options, secret: ["new", SECRET] });
    expect(both.signApi("{}")).toBe(centrifugoSign("new", "{}"));
    const accepted = ["new", SECRET, "other"].map((secret) => both.verifyApi("{}", centrifugoSign(secret, "{}")));
    expect(accepted).toEqual([true, true, false]);
  });
});

describe("one secret for tokens and signs", () => {
  const NOW = 1_700_000_000;
  const split = (bytes: string, user: number) => ({
    user: bytes.slice(0, user),
    timestamp: bytes.slice(user, user + 10),
    info: bytes.slice(user + 10),
  });

  it("a sign is no token where its bytes do not read as one", () => {
    const bodies = ["", "{}", '{"method":"publish","at":1700000000}', "user170000000", "1700000000", "u1700000000[]"];
    for (const body of bodies) {
      for (let user = 0; user <= body.length; user++) {
        const token = { ...split(body, user), token: strict.signApi(body) };
        expect(strict.verify(token, { now: NOW }).valid).toBe(false);
      }
    }
    const sign = strict.signChannel({ client: CLIENT, channel: "$news", info: "{}" });
    for (let user = 0; user < 43; user++) {
      expect(strict.verify({ ...split(`${CLIENT}$news{}`, user), token: sign }, { now: NOW }).valid).toBe(false);
    }
  });

  it("it is one where they do, as documented", () => {
    const body = 'u1700000000{"a":1}';
    expect(strict.verify({ ...split(body, 1), token: strict.signApi(body) }, { now: NOW }).valid).toBe(true);
    const sign = strict.signChannel({ client: CLIENT, channel: "$a1430669930" });
    expect(strict.verify({ user: `${CLIENT}$a`, timestamp: "1430669930", token: sign }, { now: NOW }).valid).toBe(true);
    expect(v0.verify({ user: `${CLIENT}$a`, timestamp: "1430669930", info: "", token: sign }, { now: NOW }).valid).toBe(
      false,
    );
  });
});
