import { describe, expect, expectTypeOf, it } from "vitest";
import { type CentrifugoClaims, type CentrifugoReason, CentrifugoTokens } from "../../src/centrifugo/index.ts";
import type { Verdict, Verdicts } from "../../src/index.ts";
import { type SnapNetClaims, type SnapNetReason, SnapNetTokens } from "../../src/snapnet/index.ts";
import { type TirtcClaims, type TirtcReason, TirtcTokens } from "../../src/tirtc/index.ts";
import { expectError } from "../support/errors.ts";

// What the types say is checked by the compiler; here it is also run.
const snapnet = new SnapNetTokens({ secret: "5a".repeat(32), sessionId: "s" });
const centrifugo = new CentrifugoTokens({ secret: "secret", profile: "v1", lifetime: 60 });
const tirtc = new TirtcTokens({ accessId: "a", secretKey: "b", deviceSecretKey: "c" });

describe("types of the text schemes", () => {
  it("take whatever a stranger sends for a token", () => {
    const anything: unknown = JSON.parse("{}");
    expect(snapnet.verify(anything).valid).toBe(false);
    expect(centrifugo.verify(anything).valid).toBe(false);
    expect(tirtc.verify(anything).valid).toBe(false);
    expect(centrifugo.verifyChannel(anything)).toBe(false);
    expect(centrifugo.verifyApi(anything, anything)).toBe(false);
    for (const one of [snapnet, centrifugo, tirtc]) expect(one.verifyMany([anything]).validCount).toBe(0);
  });

  it("allow undefined where it means absent, and not where more would be accepted", () => {
    expect(snapnet.verify("x", { now: undefined }).valid).toBe(false);
    expect(centrifugo.verify("x", { now: undefined }).valid).toBe(false);
    expect(tirtc.verify("x", { now: undefined }).valid).toBe(false);
    // @ts-expect-error peerId may be left out, but not be undefined
    expectError(() => tirtc.verify("x", { peerId: undefined }), "ERR_TYPE", "peerId");
    // @ts-expect-error so may maxLifetime
    const lifetime = () => new SnapNetTokens({ secret: "5a".repeat(32), sessionId: "s", maxLifetime: undefined });
    expectError(lifetime, "ERR_TYPE", "maxLifetime");
  });

  it("ask for a device's key or for a single signature, and not for both", () => {
    // @ts-expect-error neither is given
    expectError(() => new TirtcTokens({ accessId: "a", secretKey: "b" }), "ERR_TYPE", "deviceSecretKey");
    const both = () =>
      // @ts-expect-error both are given
      new TirtcTokens({ accessId: "a", secretKey: "b", deviceSecretKey: "c", singleSignature: true });
    expectError(both, "ERR_RANGE", "deviceSecretKey");
  });

  it("say which refusals come with claims", () => {
    const verdict = snapnet.verify("x");
    if (!verdict.valid) {
      if (verdict.reason === "expired") expectTypeOf(verdict.refusedClaims).toEqualTypeOf<SnapNetClaims>();
      if (verdict.reason === "not-genuine") expectTypeOf(verdict.refusedClaims).toEqualTypeOf<undefined>();
    } else expectTypeOf(verdict.claims).toEqualTypeOf<SnapNetClaims>();
    const connection = centrifugo.verifyMany([]).map((each) => {
      if (each.valid || each.reason !== "not-yet-valid") return undefined;
      return expectTypeOf(each.refusedClaims).toEqualTypeOf<CentrifugoClaims>();
    });
    expect(connection).toEqual([]);
    const device = tirtc.verify("x");
    if (!device.valid && device.reason === "wrong-peer") {
      expectTypeOf(device.refusedClaims).toEqualTypeOf<TirtcClaims>();
    }
    expect(verdict.valid || device.valid).toBe(false);
  });

  it("fit those that do not say it", () => {
    const general: Verdict<SnapNetClaims, SnapNetReason> = snapnet.verify("x");
    const batches: Verdicts<object, string>[] = [
      snapnet.verifyMany([]),
      centrifugo.verifyMany([]),
      tirtc.verifyMany([]),
    ];
    const reasons: (CentrifugoReason | TirtcReason | undefined)[] = [
      centrifugo.verifyMany(["x"]).reasonAt(0),
      tirtc.verifyMany(["x"]).reasonAt(0),
    ];
    expect([general.valid, batches.length, reasons]).toEqual([false, 3, ["malformed", "malformed"]]);
  });
});
