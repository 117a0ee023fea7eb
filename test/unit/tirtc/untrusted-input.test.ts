import { describe, expect, it, vi } from "vitest";
import { ClaimsReader } from "../../../src/tirtc/claims.ts";
import { DeviceKeys, type DeviceSecret, MAX_PREPARED_KEYS } from "../../../src/tirtc/devices.ts";
import { outlined, payloadJson, payloadOf } from "../../../src/tirtc/format.ts";
import type { TirtcTokens } from "../../../src/tirtc/index.ts";
import { VendorPayloads } from "../../../src/tirtc/vendor.ts";
import { hmacKernel, sha256Digest } from "../../../src/wasm/hmac/kernel.ts";
import { keyName } from "../../../src/wasm/hmac/key-name.ts";
import { tirtcPayload, tirtcSign, tirtcSignSegment } from "../../reference/string-schemes.ts";
import { expectError } from "../../support/errors.ts";
import { CLAIMS, KEYS, makeTirtc, NOW, PEER, signedClaims } from "../../support/tirtc.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);

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
    const bytes = Buffer.from(keyOf("a"));
    const copies = vi.spyOn(Uint8Array, "from");
    const lookup = vi.fn((peerId: string) => (peerId === "b" ? undefined : bytes));
    const tokens = makeTirtc({ deviceSecretKey: lookup });
    copies.mockClear();
    expect(tokens.verify(tokenFor("a"), { now: NOW }).valid).toBe(true);
    expect(tokens.verify(`${tokenFor("a").slice(0, -43)}${"A".repeat(43)}`, { now: NOW }).valid).toBe(false);
    tokens.issue({ peerId: "a", sub: "" }, { now: NOW });
    tokens.verifyMany([tokenFor("a"), tokenFor("b"), tokenFor("a"), tokenFor("c")], { now: NOW });
    const made = copies.mock.results.map(({ value }) => Buffer.from(value as Uint8Array).toString("hex"));
    copies.mockRestore();
    expect([lookup.mock.calls.length, made]).toEqual([6, Array(5).fill("00".repeat(bytes.length))]);
    expect(bytes.toString()).toBe(keyOf("a"));
  });

  it("is the same as text and as its bytes, and named by what it does not follow from", () => {
    const text = "a device's secret key";
    const long = "k".repeat(100);
    const keys = new DeviceKeys((peerId) => ({ text, bytes: Buffer.from(text), long: Buffer.from(long) })[peerId]);
    const [first, second, third] = ["text", "bytes", "long"].map((peerId) => keys.ask(peerId) as DeviceSecret);
    expect(second?.name).toBe(first?.name);
    expect(third?.name).not.toBe(first?.name);
    const units = (digest: Uint8Array) => String.fromCharCode(...new Uint16Array(digest.slice().buffer));
    for (const [device, key] of [
      [first, text],
      [third, long],
    ] as const) {
      expect(device?.name).toHaveLength(8);
      const hashed = sha256Digest(utf8(key));
      expect(units(hashed)).not.toContain(device?.name);
      expect(hashed.toString()).not.toContain(device?.name);
      expect(device?.name).not.toContain(key.slice(0, 4));
    }
  });

  it("is named otherwise where one unit of it is, and at any length", () => {
    const lengths = [1, 15, 16, 39, 40, 47, 48, 63, 64, 65, 200, 297_642, 297_643, 900_000];
    for (const length of lengths) {
      const text = "k".repeat(length);
      const name = keyName(text);
      expect(keyName(utf8(text))).toBe(name);
      expect(name).toHaveLength(8);
      expect(keyName(`${text.slice(1)}l`)).not.toBe(name);
      expect(keyName(`${text}k`)).not.toBe(name);
    }
    expect(keyName("é".repeat(160_000))).toBe(keyName(utf8("é".repeat(160_000))));
    expect(hmacKernel().arena.every((byte) => byte === 0)).toBe(true);
  });

  it("stays prepared until tokens were made with 256 others, or its holder is disposed of", () => {
    const keys = new DeviceKeys((peerId) => (peerId === "" ? undefined : keyOf(peerId)));
    const use = (peerId: string, genuine = true) => {
      const borrowed = keys.borrow(keys.ask(peerId) as DeviceSecret);
      borrowed.genuine = genuine;
      keys.settle([borrowed]);
      return borrowed.key;
    };
    const first = Array.from({ length: MAX_PREPARED_KEYS }, (_, i) => use(`${i}`));
    const gone = () => first.flatMap((key, i) => (key.isDisposed ? [i] : []));
    expect(gone()).toEqual([]);
    expect(use("0")).toBe(first[0]);
    expect(use("a forged token's", false).isDisposed).toBe(true);
    expect(use("0", false)).toBe(first[0]);
    expect(gone()).toEqual([]);
    use("one more");
    expect(gone()).toEqual([1]);
    expect(use("0")).toBe(first[0]);
    expect(use("1")).not.toBe(first[1]);
    expect(gone()).toEqual([1, 2]);
    expect(keys.ask("")).toBeUndefined();
    keys.dispose();
    expect(gone()).toHaveLength(MAX_PREPARED_KEYS);
    expectError(() => keys.ask("0"), "ERR_DISPOSED", "this");
    expectError(() => keys.borrow({ secret: "s", name: "n" }), "ERR_DISPOSED", "this");
  });

  it("that is in use gives no way to another of the same check", () => {
    const keys = new DeviceKeys(keyOf);
    const borrow = (from: number, count: number) =>
      Array.from({ length: count }, (_, i) => {
        const borrowed = keys.borrow(keys.ask(`${from + i}`) as DeviceSecret);
        borrowed.genuine = true;
        return borrowed;
      });
    keys.settle(borrow(0, 256));
    const second = [...borrow(300, 128), ...borrow(0, 128)];
    keys.settle(second);
    expect(second.filter(({ key }) => key.isDisposed)).toEqual([]);
    expect(borrow(0, 128).map(({ key }) => key)).toEqual(second.slice(128).map(({ key }) => key));
    keys.dispose();
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
