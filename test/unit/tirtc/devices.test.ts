import { runInNewContext } from "node:vm";
import { describe, expect, it, vi } from "vitest";
import { HMAC_KEY_SLOTS } from "../../../assembly/memory/hmac.ts";
import type { TirtcTokens } from "../../../src/tirtc/index.ts";
import { hmacKernel } from "../../../src/wasm/hmac/kernel.ts";
import { tirtcPayload, tirtcSign } from "../../reference/string-schemes.ts";
import { expectError, thrownBy } from "../../support/errors.ts";
import { Random } from "../../support/random.ts";
import { CLAIMS, KEYS, makeTirtc, NOW, PEER, signedClaims, tirtcReason } from "../../support/tirtc.ts";

const keyOf = (peerId: string) => `key of ${peerId}`;
const tokenFor = (peerId: string, deviceSecretKey = keyOf(peerId)) =>
  signedClaims({ scope: `connect:${peerId}` }, { deviceSecretKey });
const peers = (count: number, from = 0) => Array.from({ length: count }, (_, i) => `device://${from + i}`);

/** How many key slots of the module are free. */
const freeSlots = (): number => HMAC_KEY_SLOTS - hmacKernel().slots.held;

describe("deviceSecretKey as a function", () => {
  it("chooses the key by the peer asked for, or by the one that the token names", () => {
    const tokens = makeTirtc({ deviceSecretKey: keyOf });
    for (const peerId of [PEER, "x", "__proto__", "é"]) {
      expect(tirtcReason(tokens, tokenFor(peerId))).toBe("valid");
      expect(tirtcReason(tokens, tokenFor(peerId), { peerId })).toBe("valid");
      expect(tirtcReason(tokens, tokenFor(peerId), { peerId: "other" })).toBe("not-genuine");
      expect(tirtcReason(tokens, tokenFor(peerId, "another key"))).toBe("not-genuine");
    }
    const issued = tokens.issue({ peerId: "x", sub: "s" }, { now: NOW });
    expect(tirtcReason(makeTirtc({ deviceSecretKey: keyOf("x") }), issued)).toBe("valid");
  });

  it("takes text and bytes", () => {
    const bytes = makeTirtc({ deviceSecretKey: (peerId) => Buffer.from(keyOf(peerId)) });
    expect(tirtcReason(bytes, tokenFor(PEER))).toBe("valid");
    const long = "k".repeat(1000);
    expect(tirtcReason(makeTirtc({ deviceSecretKey: () => long }), tokenFor(PEER, long))).toBe("valid");
  });

  it("is asked once for each peer of a batch, and again in the next", () => {
    const lookup = vi.fn(keyOf);
    const tokens = makeTirtc({ deviceSecretKey: lookup });
    const names = ["a", "b", "a", "c", "b", "a"];
    const batch = [
      ...names.map((name) => tokenFor(name)),
      ...names.map((peerId) => ({ token: tokenFor(peerId), peerId })),
    ];
    expect(tokens.verifyMany(batch, { now: NOW }).validCount).toBe(12);
    expect(lookup.mock.calls.map(([peerId]) => peerId).sort()).toEqual(["a", "b", "c"]);
    tokens.verifyMany(batch, { now: NOW });
    expect(lookup).toHaveBeenCalledTimes(6);
  });

  it("is not asked for what is no token, nor does a payload say anything where the peer is named", () => {
    const lookup = vi.fn(keyOf);
    const tokens = makeTirtc({ deviceSecretKey: lookup });
    const named = tirtcSign(KEYS, tirtcPayload(CLAIMS));
    for (const token of ["", "v1.e30", `v1.e30.${"A".repeat(43)}`, signedClaims({ scope: "x" }), 5]) {
      expect(tirtcReason(tokens, token)).toBe("malformed");
    }
    expect(lookup).not.toHaveBeenCalled();
    expect(tirtcReason(tokens, named, { peerId: "asked" })).toBe("not-genuine");
    expect(lookup.mock.calls).toEqual([["asked"]]);
  });

  it("may not know a device: its tokens are not genuine, nor is one issued", () => {
    const tokens = makeTirtc({ deviceSecretKey: (peerId) => (peerId === PEER ? KEYS.deviceSecretKey : undefined) });
    const unknown = signedClaims({ scope: "connect:unknown" });
    const [none] = [tirtcSign({ secretKey: KEYS.secretKey }, tirtcPayload(CLAIMS))];
    expect(tirtcReason(tokens, unknown)).toBe("not-genuine");
    expect(tirtcReason(tokens, unknown, { peerId: "unknown" })).toBe("not-genuine");
    expect(tirtcReason(tokens, none, { peerId: "unknown" })).toBe("not-genuine");
    expect(tirtcReason(tokens, signedClaims())).toBe("valid");
    expectError(() => tokens.issue({ peerId: "unknown", sub: "" }), "ERR_RANGE", "peerId");
  });

  it("sees a changed key at once", () => {
    let key: string = KEYS.deviceSecretKey;
    const tokens = makeTirtc({ deviceSecretKey: () => key });
    expect(tirtcReason(tokens, signedClaims())).toBe("valid");
    key = "changed";
    expect(tirtcReason(tokens, signedClaims())).toBe("not-genuine");
    expect(tirtcReason(tokens, signedClaims({}, { deviceSecretKey: "changed" }))).toBe("valid");
  });

  it("gives right verdicts for more devices than keys are kept, in any order", () => {
    const random = new Random(1);
    const tokens = makeTirtc({ deviceSecretKey: keyOf });
    const names = peers(700);
    const issued = names.map((name) => tokenFor(name));
    for (const shuffle of [false, true]) {
      const order = Array.from({ length: 1500 }, (_, i) => (shuffle ? random.below(700) : i % 700));
      const batch = order.map((peer, i) => (i % 3 ? issued[peer] : tokenFor(names[peer] as string, "wrong")) as string);
      const verdicts = tokens.verifyMany(batch, { now: NOW });
      expect([...order.keys()].filter((i) => verdicts.isValid(i) !== i % 3 > 0)).toEqual([]);
    }
    tokens.dispose();
  });

  it("keeps at most 256 keys prepared, and none after dispose", () => {
    const before = freeSlots();
    const tokens = makeTirtc({ deviceSecretKey: keyOf });
    const batch = peers(600).map((name) => tokenFor(name));
    expect(tokens.verifyMany(batch, { now: NOW }).validCount).toBe(600);
    expect(freeSlots()).toBe(before - 256 - 1);
    for (const peerId of peers(10)) expect(tirtcReason(tokens, tokenFor(peerId))).toBe("valid");
    expect(freeSlots()).toBe(before - 256 - 1);
    tokens.dispose();
    expect(freeSlots()).toBe(before);
  });

  it("prepares nothing that lasts for a stranger's tokens, however many devices they name at how many objects", () => {
    const before = freeSlots();
    const held = Array.from({ length: 8 }, () => makeTirtc({ deviceSecretKey: keyOf }));
    const forged = peers(400).map((name) => `${tokenFor(name).slice(0, -43)}${"A".repeat(43)}`);
    for (const tokens of held) {
      const verdicts = tokens.verifyMany(forged, { now: NOW });
      expect(new Set(forged.map((_, i) => verdicts.reasonAt(i)))).toEqual(new Set(["not-genuine"]));
      for (const token of forged) expect(tirtcReason(tokens, token)).toBe("not-genuine");
    }
    expect(freeSlots()).toBe(before - held.length);
    expect(tirtcReason(held[0] as TirtcTokens, tokenFor("a"))).toBe("valid");
    for (const tokens of held) tokens.dispose();
    expect(freeSlots()).toBe(before);
  });

  it("does not let a stranger's tokens push out the keys of genuine ones", () => {
    const tokens = makeTirtc({ deviceSecretKey: keyOf });
    const genuine = peers(200).map((name) => tokenFor(name));
    const prepared = vi.spyOn(hmacKernel().slots, "keep");
    expect(tokens.verifyMany(genuine, { now: NOW }).validCount).toBe(200);
    expect(prepared).toHaveBeenCalledTimes(200);
    const forged = peers(2000, 1000).map((name) => tokenFor(name, "wrong"));
    expect(tokens.verifyMany(forged, { now: NOW }).validCount).toBe(0);
    prepared.mockClear();
    expect(tokens.verifyMany(genuine, { now: NOW }).validCount).toBe(200);
    for (const token of genuine) expect(tirtcReason(tokens, token)).toBe("valid");
    expect(prepared).not.toHaveBeenCalled();
    prepared.mockRestore();
    tokens.dispose();
  });

  it("may give all devices one key, which is prepared once", () => {
    const tokens = makeTirtc({ deviceSecretKey: () => "shared" });
    const prepared = vi.spyOn(hmacKernel().slots, "keep");
    const batch = peers(300).map((name) => tokenFor(name, "shared"));
    expect(tokens.verifyMany(batch, { now: NOW }).validCount).toBe(300);
    expect(prepared).toHaveBeenCalledTimes(1);
    prepared.mockRestore();
    tokens.dispose();
  });

  it("throws: so do verify, issue, and the verdicts on the tokens of that peer, with nothing left behind", () => {
    const failure = new Error("database");
    const tokens = makeTirtc({
      deviceSecretKey: (peerId: string) => {
        if (peerId === "bad") throw failure;
        return keyOf(peerId);
      },
    });
    const before = freeSlots();
    expect(thrownBy(() => tokens.verify(tokenFor("bad"), { now: NOW }))).toBe(failure);
    expect(thrownBy(() => tokens.issue({ peerId: "bad", sub: "" }))).toBe(failure);
    expect(freeSlots()).toBe(before);
    const batch = [
      tokenFor("a"),
      tokenFor("bad"),
      { token: tokenFor("a"), peerId: "bad" },
      "x",
      tokenFor("a", "wrong"),
    ];
    const verdicts = tokens.verifyMany(batch, { now: NOW });
    expect(batch.map((_, i) => verdicts.isValid(i))).toEqual([true, false, false, false, false]);
    for (const i of [1, 2]) {
      expect(thrownBy(() => verdicts.at(i))).toBe(failure);
      expect(thrownBy(() => verdicts.reasonAt(i))).toBe(failure);
      expect([verdicts.tokenIdAt(i), verdicts.expiresAt(i)]).toEqual([undefined, undefined]);
    }
    expect([3, 4].map((i) => verdicts.reasonAt(i))).toEqual(["malformed", "not-genuine"]);
    expect(JSON.parse(JSON.stringify(verdicts))[1]).toEqual({ valid: false });
  });

  it("knows no device where it gives null", () => {
    const tokens = makeTirtc({ deviceSecretKey: () => null });
    expect(tirtcReason(tokens, signedClaims())).toBe("not-genuine");
    expect(tokens.verifyMany([signedClaims()], { now: NOW }).reasonAt(0)).toBe("not-genuine");
    expectError(() => tokens.issue({ peerId: PEER, sub: "" }), "ERR_RANGE", "peerId");
  });

  it.each([
    [5, "ERR_TYPE"],
    [{}, "ERR_TYPE"],
    [[], "ERR_TYPE"],
    [true, "ERR_TYPE"],
    [() => "key", "ERR_TYPE"],
    [Object.prototype, "ERR_TYPE"],
    ["", "ERR_RANGE"],
    [new Uint8Array(16), "ERR_RANGE"],
    [new ArrayBuffer(0), "ERR_RANGE"],
    ["\ud800", "ERR_FORMAT"],
    ["key\n", "ERR_FORMAT"],
  ] as const)("may not give %o for a key", (key, code) => {
    const tokens = makeTirtc({ deviceSecretKey: (peerId: string) => (peerId === "good" ? keyOf(peerId) : key) });
    expectError(() => tokens.verify(signedClaims(), { now: NOW }), code, "deviceSecretKey");
    expectError(() => tokens.issue({ peerId: PEER, sub: "" }), code, "deviceSecretKey");
    const verdicts = tokens.verifyMany([signedClaims(), tokenFor("good")], { now: NOW });
    expect([verdicts.isValid(0), verdicts.isValid(1), verdicts.validCount]).toEqual([false, true, 1]);
    expectError(() => verdicts.at(0), code, "deviceSecretKey");
    expectError(() => verdicts.reasonAt(0), code, "deviceSecretKey");
    expect(verdicts.at(1).valid).toBe(true);
  });

  it("looks peers up in a plain object: __proto__ and its like fail for their own tokens only", () => {
    const table: Record<string, string> = { [PEER]: KEYS.deviceSecretKey };
    const tokens = makeTirtc({ deviceSecretKey: (peerId: string) => table[peerId] });
    for (const peerId of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
      expectError(() => tokens.verify(tokenFor(peerId), { now: NOW }), "ERR_TYPE", "deviceSecretKey");
      const verdicts = tokens.verifyMany([tokenFor(peerId), signedClaims()], { now: NOW });
      expect([verdicts.isValid(0), verdicts.isValid(1)]).toEqual([false, true]);
      expectError(() => verdicts.at(0), "ERR_TYPE", "deviceSecretKey");
    }
  });

  it("must be synchronous, which the error says; a promise's rejection is handled", async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => unhandled.push(reason);
    process.on("unhandledRejection", note);
    try {
      for (const lookup of [
        async () => "key",
        async () => Promise.reject(new Error("database")),
        () => runInNewContext("Promise.reject(new Error('other realm'))"),
        // biome-ignore lint/suspicious/noThenProperty: what some libraries give for a promise
        () => ({ then: () => {} }),
      ]) {
        const tokens = makeTirtc({ deviceSecretKey: lookup });
        const { message } = expectError(
          () => tokens.verify(signedClaims(), { now: NOW }),
          "ERR_TYPE",
          "deviceSecretKey",
        );
        expect(message).toContain("must be synchronous");
        const verdicts = tokens.verifyMany([signedClaims()], { now: NOW });
        expect(expectError(() => verdicts.at(0), "ERR_TYPE", "deviceSecretKey").message).toContain(
          "must be synchronous",
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    } finally {
      process.off("unhandledRejection", note);
    }
    expect(unhandled).toEqual([]);
  });

  it("may verify, and so push its own object's keys out, while it is asked", () => {
    const inner: number[] = [];
    const crowd = peers(300, 1000).map((name) => tokenFor(name));
    const tokens = makeTirtc({
      deviceSecretKey: (peerId) => {
        if (inner.length < 3 && !peerId.startsWith("device://1")) {
          inner.push(0);
          inner[inner.length - 1] = tokens.verifyMany(crowd, { now: NOW }).validCount;
        }
        return keyOf(peerId);
      },
    });
    const batch = [tokenFor("a"), tokenFor("b"), tokenFor("c"), tokenFor("d", "wrong")];
    expect([...tokens.verifyMany(batch, { now: NOW })].map(({ valid }) => valid)).toEqual([true, true, true, false]);
    expect(inner).toEqual([300, 300, 300]);
  });

  it("may dispose of its object while it is asked", () => {
    const before = freeSlots();
    const tokens = makeTirtc({
      deviceSecretKey: () => {
        tokens.dispose();
        return "key";
      },
    });
    expectError(() => tokens.verify(signedClaims(), { now: NOW }), "ERR_DISPOSED", "this");
    expect(freeSlots()).toBe(before);
  });

  it("is not asked after dispose", () => {
    const lookup = vi.fn(keyOf);
    const tokens = makeTirtc({ deviceSecretKey: lookup });
    tokens.dispose();
    expectError(() => tokens.verify(signedClaims()), "ERR_DISPOSED", "this");
    expectError(() => tokens.issue({ peerId: PEER, sub: "" }), "ERR_DISPOSED", "this");
    expect(lookup).not.toHaveBeenCalled();
  });
});
