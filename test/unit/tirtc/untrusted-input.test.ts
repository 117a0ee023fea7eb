import { describe, expect, it, vi } from "vitest";
import { ClaimsReader } from "../../../src/tirtc/claims.ts";
import { DeviceKeys, DeviceSecret, MAX_PREPARED_KEYS } from "../../../src/tirtc/devices.ts";
import { outlined, payloadJson, payloadOf } from "../../../src/tirtc/format.ts";
import type { TirtcTokens } from "../../../src/tirtc/index.ts";
import { VendorPayloads } from "../../../src/tirtc/vendor.ts";
import { sha256Digest } from "../../../src/wasm/hmac/kernel.ts";
import { tirtcPayload, tirtcSign, tirtcSignSegment } from "../../reference/string-schemes.ts";
import { expectError } from "../../support/errors.ts";
import { CLAIMS, KEYS, makeTirtc, NOW, PEER, signedClaims } from "../../support/tirtc.ts";

/** The one reason for a token, asked for alone and third in a batch. */
function reason(tokens: TirtcTokens, token: string, peerId?: string): string {
  const verdict = tokens.verify(token, { now: NOW, ...(peerId === undefined ? {} : { peerId }) });
  const item = peerId === undefined ? token : { token, peerId };
  const batch = tokens.verifyMany([signedClaims(), "", item, item], { now: NOW });
  const said = verdict.valid ? "valid" : verdict.reason;
  expect([2, 3].map((i) => batch.reasonAt(i) ?? "valid")).toEqual([said, said]);
  return said;
}

const keyOf = (peerId: string): string => `key of ${peerId}`;
const tokenFor = (peerId: string, deviceSecretKey = keyOf(peerId)): string =>
  signedClaims({ scope: `connect:${peerId}` }, { deviceSecretKey });

describe("a token", () => {
  it("has at most 8192 characters", () => {
    const long = (length: number) => `v1.${"A".repeat(length - 47)}.${"A".repeat(43)}`;
    expect(outlined(long(8192))).toHaveLength(8192);
    expect([outlined(long(8193)), outlined("v1."), outlined(5)]).toEqual(["", "", ""]);
    expect([payloadOf(long(50)), payloadOf("v1."), payloadOf(`v1..${"A".repeat(43)}`)]).toEqual(["AAA", "", ""]);
  });

  it.each(["AB", "A", "=", "e30=", "é", " e30"])(
    "with %j for its payload is malformed, forged or genuine",
    (segment) => {
      const single = makeTirtc({ singleSignature: true, deviceSecretKey: undefined as never });
      for (const tokens of [makeTirtc(), single, makeTirtc({ deviceSecretKey: () => KEYS.deviceSecretKey })]) {
        expect(reason(tokens, tirtcSignSegment(KEYS, segment), PEER)).toBe("malformed");
        expect(reason(tokens, tirtcSignSegment({ secretKey: KEYS.secretKey }, segment), PEER)).toBe("malformed");
        expect(reason(tokens, tirtcSignSegment({ secretKey: "another" }, segment), PEER)).toBe("malformed");
      }
    },
  );

  it("is judged for the peer that it is presented for, wherever it stands in a batch", () => {
    const tokens = makeTirtc();
    const other = signedClaims({ scope: "connect:other" });
    const items = [
      { token: signedClaims(), peerId: PEER },
      { token: other, peerId: "other" },
      { token: other, peerId: PEER },
      { token: signedClaims(), peerId: "other" },
      { token: signedClaims({ exp: NOW }), peerId: PEER },
      signedClaims({ iss: "x" }),
      signedClaims(),
    ];
    const verdicts = tokens.verifyMany(items, { now: NOW });
    const said = items.map((_, i) => verdicts.reasonAt(i) ?? "valid");
    expect(said).toEqual(["valid", "valid", "wrong-peer", "wrong-peer", "expired", "wrong-issuer", "valid"]);
  });

  it("is checked with its own object's device key, whichever was used before", () => {
    const [one, two] = [makeTirtc({ deviceSecretKey: "one" }), makeTirtc({ deviceSecretKey: "two" })];
    const batch = ["one", "two", "one", "two"].map((deviceSecretKey) => signedClaims({}, { deviceSecretKey }));
    for (let round = 0; round < 2; round++) {
      expect([...one.verifyMany(batch, { now: NOW })].map(({ valid }) => valid)).toEqual([true, false, true, false]);
      expect([...two.verifyMany(batch, { now: NOW })].map(({ valid }) => valid)).toEqual([false, true, false, true]);
    }
  });
});

describe("a device that is not known", () => {
  it("is no device, even to whoever signs with the application's own key in its place", () => {
    const tokens = makeTirtc({ deviceSecretKey: (peerId) => (peerId === PEER ? KEYS.deviceSecretKey : undefined) });
    for (const deviceSecretKey of [KEYS.secretKey, KEYS.deviceSecretKey, "undefined"]) {
      expect(reason(tokens, tokenFor("stranger", deviceSecretKey))).toBe("not-genuine");
      expect(reason(tokens, tokenFor("stranger", deviceSecretKey), "stranger")).toBe("not-genuine");
    }
    expect(reason(tokens, signedClaims())).toBe("valid");
  });

  it("is not asked for by what is no token, or names no peer", () => {
    const lookup = vi.fn(keyOf);
    const tokens = makeTirtc({ deviceSecretKey: lookup });
    const items = [
      "",
      { token: "v1.", peerId: "a" },
      { token: 5, peerId: "b" },
      { token: signedClaims(), peerId: 5 },
      tokenFor("", keyOf("")),
      signedClaims({ scope: "x" }),
      tirtcSign(KEYS, "{}"),
      null,
      7,
    ];
    const verdicts = tokens.verifyMany(items as never, { now: NOW });
    expect(items.map((_, i) => verdicts.reasonAt(i))).toEqual(items.map(() => "malformed"));
    expect(lookup).not.toHaveBeenCalled();
    expect(tokens.verifyMany(["", tokenFor("a"), { token: tokenFor("b"), peerId: "c" }], { now: NOW }).validCount).toBe(
      1,
    );
    expect(lookup.mock.calls.map(([peerId]) => peerId).sort()).toEqual(["a", "c"]);
  });
});

describe("a device's key", () => {
  it("as text is never another one's bytes", () => {
    const bytes = Uint8Array.from({ length: 20 }, (_, i) => i + 1);
    const text = String.fromCharCode(...sha256Digest(bytes));
    const tokens = makeTirtc({ deviceSecretKey: (peerId) => (peerId === "bytes" ? bytes : text) });
    const signedWith = (peerId: string, key: string | Uint8Array) =>
      tirtcSign(
        { secretKey: KEYS.secretKey, deviceSecretKey: key },
        tirtcPayload({ ...CLAIMS, scope: `connect:${peerId}` }),
      );
    for (let round = 0; round < 2; round++) {
      expect(reason(tokens, signedWith("bytes", bytes))).toBe("valid");
      expect(reason(tokens, signedWith("text", text))).toBe("valid");
      expect(reason(tokens, signedWith("bytes", text))).toBe("not-genuine");
      expect(reason(tokens, signedWith("text", bytes))).toBe("not-genuine");
    }
    expect(bytes[0]).toBe(1);
  });

  it("is copied from bytes, and every copy is wiped", () => {
    const wipe = vi.spyOn(DeviceSecret.prototype, "wipe");
    const bytes = Buffer.from(keyOf("a"));
    const lookup = vi.fn((peerId: string) => (peerId === "a" ? bytes : undefined));
    const tokens = makeTirtc({ deviceSecretKey: lookup });
    expect(tokens.verify(tokenFor("a"), { now: NOW }).valid).toBe(true);
    tokens.issue({ peerId: "a", sub: "" }, { now: NOW });
    tokens.verifyMany([tokenFor("a"), tokenFor("b"), tokenFor("a")], { now: NOW });
    expect([lookup.mock.calls.length, wipe.mock.calls.length]).toEqual([4, 3]);
    expect(bytes.toString()).toBe(keyOf("a"));
    wipe.mockRestore();
  });

  it("makes the same key as often as it is prepared, until it is wiped", () => {
    const bytes = Buffer.from("secret");
    const secret = new DeviceSecret(bytes);
    const text = new DeviceSecret("secret");
    const signed = [secret, secret, text, text].map((one) => {
      const key = one.toKey();
      try {
        return Buffer.from(key.sign(new Uint8Array(3))).toString("hex");
      } finally {
        key.dispose();
      }
    });
    expect(new Set(signed).size).toBe(1);
    expect([text.name, secret.name === text.name, secret.name.length]).toEqual(["secret", false, 33]);
    secret.wipe();
    text.wipe();
    expect([...bytes]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it("stays prepared until 256 others were asked for, or its holder is disposed of", () => {
    const keys = new DeviceKeys((peerId) => (peerId === "" ? undefined : keyOf(peerId)));
    const prepare = (peerId: string) => keys.prepare(keys.ask(peerId) as DeviceSecret);
    const gone = (key: { slot: number }) => {
      try {
        return key.slot < 0;
      } catch {
        return true;
      }
    };
    const first = Array.from({ length: MAX_PREPARED_KEYS }, (_, i) => prepare(`${i}`));
    expect(first.some(gone)).toBe(false);
    expect(prepare("0")).toBe(first[0]);
    prepare("one more");
    expect(first.map(gone).indexOf(true)).toBe(1);
    expect(first.filter(gone)).toHaveLength(1);
    expect(prepare("0")).toBe(first[0]);
    expect(prepare("1")).not.toBe(first[1]);
    expect(first.map(gone).lastIndexOf(true)).toBe(2);
    expect(keys.ask("")).toBeUndefined();
    keys.dispose();
    expect(first.every(gone)).toBe(true);
    expectError(() => keys.ask("0"), "ERR_DISPOSED", "this");
    expectError(() => prepare("0"), "ERR_DISPOSED", "this");
  });

  it.each([5, null, {}, []])("is not %j", (key) => {
    const tokens = makeTirtc({ deviceSecretKey: () => key as never });
    expectError(() => tokens.verify(tokenFor("a"), { now: NOW }), "ERR_TYPE", "deviceSecretKey");
    expectError(() => tokens.verifyMany([tokenFor("a")], { now: NOW }), "ERR_TYPE", "deviceSecretKey");
  });
});

describe("payloads", () => {
  it("are written as Go writes them, every character", () => {
    const codes = [...Array(0x180).keys(), 0x2027, 0x2028, 0x2029, 0x202a, 0xd7ff, 0xe000, 0xffff, 0x1f600];
    for (const code of codes) {
      const sub = `a${String.fromCodePoint(code)}b`;
      const claims = { ...CLAIMS, sub, scope: `connect:${sub}`, iss: sub };
      expect(payloadJson(claims)).toBe(tirtcPayload(claims));
    }
  });

  it("that are plain are read in place, without the strict reader", () => {
    let strict = 0;
    const read = (claims: Partial<typeof CLAIMS>, names: readonly string[] = Object.keys(CLAIMS)): void => {
      const all: Record<string, unknown> = { ...CLAIMS, ...claims };
      const bytes = new TextEncoder().encode(
        JSON.stringify(Object.fromEntries(names.map((name) => [name, all[name]]))),
      );
      const { subarray } = bytes;
      bytes.subarray = (...range) => {
        strict++;
        return subarray.apply(bytes, range);
      };
      expect(new ClaimsReader().read(bytes, 0, bytes.length)).toBe(true);
    };
    const names = ["sub", "scope", "iss", "iat", "exp", "nonce"];
    for (let by = 0; by < 6; by++) read({}, [...names.slice(by), ...names.slice(0, by)]);
    read({}, [...names].reverse());
    for (const sub of ["", " ", "~", "!", "#[]^`{|}", "0"]) read({ sub });
    for (const iat of [0, 1, 9, 10, 90, 2 ** 53 - 1]) read({ iat, exp: iat });
    for (const nonce of ["AA", "AAA", "AAAA", "-_09azAZ", "_w", "__8"]) read({ nonce });
    expect(strict).toBe(0);
    read({ sub: "é" });
    expect(strict).toBe(1);
  });

  it("of the vendor's form are read in one run", () => {
    const read = (claims: Partial<typeof CLAIMS>, peer: string, issuer = CLAIMS.iss) => {
      const bytes = Buffer.from(tirtcPayload({ ...CLAIMS, scope: `connect:${peer}`, ...claims }));
      return new VendorPayloads(issuer).read(bytes, 0, bytes.length, peer);
    };
    for (const sub of ["", " ", "~", "!x"]) expect(read({ sub }, PEER), sub).toBe(true);
    for (const nonce of ["AA", "AAA", "AAAA"]) expect(read({ nonce }, PEER), nonce).toBe(true);
    expect([read({}, "p".repeat(256)), read({}, "p".repeat(257))]).toEqual([true, false]);
    expect(read({ iat: 1_000_000_000, exp: 9_999_999_999 }, PEER)).toBe(true);
    for (const times of [{ iat: 999_999_999 }, { exp: 10_000_000_000 }, { exp: 5 }])
      expect(read(times, PEER)).toBe(false);
    for (const odd of ["éa", "aé", "\x7fa", "a\x7f", "é"]) {
      expect(read({}, odd), odd).toBe(false);
      expect(read({ iss: odd }, PEER, odd), odd).toBe(false);
    }
  });

  it.each([0x1f, 0x7f, 0x80, 0xff, 0x5c])("with byte %d in a text are the strict reader's", (byte) => {
    const bytes = Buffer.from(tirtcPayload(CLAIMS));
    bytes[10] = byte;
    expect(new VendorPayloads(CLAIMS.iss).read(bytes, 0, bytes.length, PEER)).toBe(false);
    expect(new ClaimsReader().read(bytes, 0, bytes.length)).toBe(byte === 0x7f);
  });

  it.each(["sub", "scope", "iss", "iat", "exp", "nonce"] as const)(
    "without %s are malformed, spaced or plain",
    (name) => {
      for (const space of ["", " "]) {
        const { [name]: _, ...rest } = CLAIMS;
        expect(reason(makeTirtc(), tirtcSign(KEYS, JSON.stringify(rest) + space))).toBe("malformed");
        expect(reason(makeTirtc(), tirtcSign(KEYS, JSON.stringify({ ...CLAIMS, [name]: null }) + space))).toBe(
          "malformed",
        );
        expect(reason(makeTirtc(), tirtcSign(KEYS, JSON.stringify(CLAIMS) + space))).toBe("valid");
      }
    },
  );
});

describe("arguments", () => {
  const tokens = makeTirtc();
  const issue = (iat: bigint, ttl: number) => () => tokens.issue({ peerId: PEER, sub: "", iat, ttl });
  it("an expiration of 2^53 - 1 is the last", () => {
    const last = BigInt(Number.MAX_SAFE_INTEGER);
    expect(tokens.verify(issue(last - 5n, 5)(), { now: last - 1n }).valid).toBe(true);
    expectError(issue(last - 5n, 6), "ERR_RANGE", "iat");
  });

  it("a token of 8192 characters is the longest", () => {
    const issued = (length: number) => tokens.issue({ peerId: PEER, sub: "s".repeat(length) }, { now: NOW });
    let length = 5800;
    while (issued(length).length < 8190) length++;
    const longest = issued(length);
    expect(longest.length).toBeLessThan(8193);
    expect(tokens.verify(longest, { now: NOW }).valid).toBe(true);
    expectError(() => issued(length + 3), "ERR_RANGE", "token");
    expectError(() => issued(8192), "ERR_RANGE", "token");
    expectError(() => issued(8193), "ERR_FORMAT", "sub");
  });

  it.each([
    [() => tokens.issue({ peerId: PEER, sub: "" }, 5 as never), "options"],
    [() => tokens.issue(5 as never), "token"],
    [() => tokens.verify("", 5 as never), "options"],
    [() => tokens.verifyMany([], 5 as never), "options"],
    [() => tokens.verify("", { peerId: 5 as never }), "peerId"],
  ] as const)("%s", (run, argument) => {
    expectError(run, "ERR_TYPE", argument);
  });
});
