import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import * as centrifugo from "../../src/centrifugo/index.ts";
import * as snapnet from "../../src/snapnet/index.ts";
import * as tirtc from "../../src/tirtc/index.ts";
import { CLIENT } from "./centrifugo.ts";
import { NOW } from "./cute.ts";
import { Random } from "./random.ts";
import {
  disposeAll,
  hmacSecrets,
  hold,
  kernels,
  leavesNothing,
  named,
  owned,
  type Secrets,
  slotRange,
  slotsInUse,
  utf8,
  type Way,
} from "./secrets.ts";
import { STRANGE } from "./string-schemes.ts";

const random = new Random(78);

/** Every public call of the string schemes. */
export function describeStringSecrets(): void {
  describe("SnapNetTokens", () => {
    it("every call", () => {
      const [key, other] = [random.bytes(32), random.bytes(32)];
      const text = Buffer.from(other).toString("hex");
      const message = "user|s|1700000100";
      const own = { ...hmacSecrets(key, message), ...named("other", hmacSecrets(other)), text: utf8(text) };
      const make = (secret: unknown) => new snapnet.SnapNetTokens({ secret: secret as never, sessionId: "s" });
      leavesNothing("new SnapNetTokens", "throw", own, () => make([key, text, "00"]));
      const tokens = leavesNothing("new SnapNetTokens", "success", own, () => hold(() => make([key, text])));
      const fields = { userId: "user", expiration: 1_700_000_100 };
      const token = leavesNothing("SnapNetTokens.issue", "success", own, () => tokens.issue(fields));
      leavesNothing("SnapNetTokens.issue", "throw", own, () => tokens.issue({ userId: "a|b" }));
      leavesNothing("SnapNetTokens.issueMany", "success", own, () => tokens.issueMany([fields, fields]));
      leavesNothing("SnapNetTokens.issueMany", "throw", own, () => tokens.issueMany([fields, { userId: "a|b" }]));
      const forged = [`${message}|${"0".repeat(64)}`, token.slice(1), token.replace("|s|", "|t|"), "", "é".repeat(90)];
      leavesNothing("SnapNetTokens.verify", "success", own, () =>
        expect(tokens.verify(token, { now: NOW }).valid).toBe(true),
      );
      for (const one of [...forged, ...STRANGE]) {
        leavesNothing("SnapNetTokens.verify", "failure", own, () => tokens.verify(one as string, { now: NOW }));
      }
      leavesNothing("SnapNetTokens.verify", "failure", own, () => tokens.verify(token, { now: NOW + 100n }));
      leavesNothing("SnapNetTokens.verify", "throw", own, () => tokens.verify(token, { now: -1 }));
      const many = [...forged, token, ...(STRANGE as string[])];
      leavesNothing("SnapNetTokens.verifyMany", "success", own, () => tokens.verifyMany([token], { now: NOW }));
      leavesNothing("SnapNetTokens.verifyMany", "failure", own, () => tokens.verifyMany(many, { now: NOW }));
      const list = [token];
      list.length = 600;
      Object.defineProperty(list, 599, { get: () => expect.fail("a getter") });
      leavesNothing("SnapNetTokens.verifyMany", "throw", own, () => tokens.verifyMany(list, { now: NOW }));
      disposeAll("SnapNetTokens.dispose", own);
      leavesNothing("SnapNetTokens.issue", "throw", own, () => tokens.issue(fields));
    });
  });

  describe("CentrifugoTokens", () => {
    it.each(["v0", "v1"] as const)("every call, profile %s", (profile) => {
      const [key, other] = [random.bytes(40), random.bytes(100)];
      const project = profile === "v0" ? "a project's key" : "";
      const body = '{"method":"publish","params":{"channel":"x"}}';
      const message = `${project}user1700000000{"a":"bcdefgh"}`;
      const own = {
        ...hmacSecrets(key, message, project + body, '3a0c4501-afcf-40ac-8dd4-660e3b5b51fb$channel{"a":"bcdefgh"}'),
        ...named("other", hmacSecrets(other)),
      };
      const make = (secret: unknown) =>
        new centrifugo.CentrifugoTokens({
          ...{ secret: secret as never, profile, lifetime: 3600 },
          ...(project ? { projectKey: project } : {}),
        });
      leavesNothing("new CentrifugoTokens", "throw", own, () => make([key, other, ""]));
      const tokens = leavesNothing("new CentrifugoTokens", "success", own, () => hold(() => make([key, other])));
      const given = { user: "user", timestamp: "1700000000", info: '{"a":"bcdefgh"}' };
      const call = (name: string, way: Way, run: () => unknown) =>
        leavesNothing(`CentrifugoTokens.${name}`, way, own, run);
      const token = { ...given, token: tokens.issue(given, { now: NOW }) };
      call("issue", "success", () => tokens.issue(given, { now: NOW }));
      call("issue", "throw", () => tokens.issue({ ...given, info: "[]" }, { now: NOW }));
      call("issueMany", "success", () => tokens.issueMany([given, given], { now: NOW }));
      call("issueMany", "throw", () => tokens.issueMany([given, { ...given, info: "[]" }], { now: NOW }));
      const { timestamp: _, ...connecting } = given;
      call("connectionParameters", "success", () => tokens.connectionParameters(connecting, { now: NOW }));
      call("connectionParameters", "throw", () => tokens.connectionParameters(connecting, { now: 5 }));
      const bad = [{ ...token, user: "usex" }, { ...token, token: "0".repeat(64) }, { ...token, info: "" }, ...STRANGE];
      call("verify", "success", () => expect(tokens.verify(token, { now: NOW }).valid).toBe(true));
      for (const one of bad) call("verify", "failure", () => tokens.verify(one as never, { now: NOW }));
      call("verify", "throw", () => tokens.verify(token, { now: 0.5 }));
      call("verifyMany", "success", () => expect(tokens.verifyMany([token], { now: NOW }).validCount).toBe(1));
      call("verifyMany", "failure", () => tokens.verifyMany([...bad, token] as never[], { now: NOW }));
      call("verifyMany", "throw", () => tokens.verifyMany(5 as never));
      const subscription = { client: CLIENT, channel: "$channel", info: given.info };
      const listed = { channel: "$channel", info: given.info };
      const sign = tokens.signChannel(subscription);
      call("signChannel", "success", () => tokens.signChannel(subscription));
      call("signChannel", "throw", () => tokens.signChannel({ ...subscription, channel: "x" }));
      call("verifyChannel", "success", () => expect(tokens.verifyChannel({ ...subscription, sign })).toBe(true));
      for (const wrong of ["0".repeat(64), "", "x".repeat(64)]) {
        call("verifyChannel", "failure", () => tokens.verifyChannel({ ...subscription, sign: wrong }));
      }
      call("channelResponse", "success", () => tokens.channelResponse(CLIENT, [listed]));
      call("channelResponse", "throw", () => tokens.channelResponse(CLIENT, [listed, { channel: "x" }]));
      const bodySign = tokens.signApi(body);
      for (const data of [body, utf8(body)]) {
        call("signApi", "success", () => tokens.signApi(data));
        call("verifyApi", "success", () => expect(tokens.verifyApi(data, bodySign)).toBe(true));
        for (const wrong of ["0".repeat(64), "", "x".repeat(64)]) {
          call("verifyApi", "failure", () => tokens.verifyApi(data, wrong));
        }
      }
      call("signApi", "throw", () => tokens.signApi("\ud800"));
      disposeAll("CentrifugoTokens.dispose", own);
      call("verifyChannel", "throw", () => tokens.verifyChannel({ ...subscription, sign }));
      call("verifyApi", "throw", () => tokens.verifyApi(body, bodySign));
    });
  });

  describe("TirtcTokens", () => {
    const [key, device] = [random.bytes(40), random.bytes(80)];
    const text = Buffer.from(random.bytes(24)).toString("base64");
    const kinds: [string, string | Uint8Array | undefined, object][] = [
      ["a key in bytes", device, { deviceSecretKey: device }],
      ["a key in text", text, { deviceSecretKey: text }],
      [
        "keys by peer, in bytes",
        device,
        { deviceSecretKey: (peer: string) => (peer === "device://1" ? device : undefined) },
      ],
      [
        "keys by peer, in text",
        text,
        { deviceSecretKey: (peer: string) => (peer === "device://1" ? text : undefined) },
      ],
      ["one signature", undefined, { singleSignature: true }],
    ];

    it.each(kinds)("every call, %s", (_, inner, options) => {
      const innerKey = typeof inner === "string" ? utf8(inner) : inner;
      const make = (secretKey: unknown) =>
        new tirtc.TirtcTokens({ accessId: "access-id", secretKey, ...options } as never);
      const entropy = random.bytes(16);
      const given = { peerId: "device://1", sub: "subject-1" };
      const maker = make(key);
      const token = maker.issue(given, { now: NOW, entropy });
      maker.dispose();
      const payload = token.split(".")[1] as string;
      const innerTag = innerKey ? createHmac("sha256", innerKey).update(payload).digest("base64url") : "";
      const own: Secrets = {
        ...hmacSecrets(key, innerKey ? `${payload}.${innerTag}` : payload, Buffer.from(payload, "base64url")),
        ...named("device", innerKey ? hmacSecrets(innerKey, payload) : {}),
        ...named("other", hmacSecrets(utf8("other secret"))),
      };
      const call = (name: string, way: Way, run: () => unknown) =>
        leavesNothing(`TirtcTokens.${name}`, way, own, () => {
          try {
            return run();
          } finally {
            // Keys of devices that were asked for stay prepared in slots until they are disposed of.
            for (const slot of slotsInUse("hmac")) {
              owned.hmac.set(slot, kernels.hmac.memory.slice(...slotRange("hmac", slot)));
            }
          }
        });
      leavesNothing("new TirtcTokens", "throw", own, () => make([key, new Uint8Array(8)]));
      const tokens = leavesNothing("new TirtcTokens", "success", own, () => hold(() => make([key, "other secret"])));
      call("issue", "success", () => expect(tokens.issue(given, { now: NOW, entropy })).toBe(token));
      call("issue", "throw", () => tokens.issue({ peerId: "", sub: "x" }));
      call("issueMany", "success", () => expect(tokens.issueMany([given, given], { now: NOW })).toHaveLength(2));
      call("issueMany", "throw", () => tokens.issueMany([given, { peerId: "", sub: "x" }]));
      call("verify", "success", () => expect(tokens.verify(token, { now: NOW }).valid).toBe(true));
      const forged = [
        `v1.${payload}.${"A".repeat(43)}`,
        `v1.${payload}.${"-".repeat(43)}`,
        `${token}A`,
        token.slice(0, -1),
      ];
      for (const one of [...forged, ...STRANGE])
        call("verify", "failure", () => tokens.verify(one as string, { now: NOW }));
      for (const peerId of ["device://2", ""])
        call("verify", "failure", () => tokens.verify(token, { now: NOW, peerId }));
      call("verify", "throw", () => tokens.verify(token, { now: -1 }));
      const many = [token, ...forged, { token, peerId: "device://1" }, { token, peerId: "x" }, ...STRANGE];
      call("verifyMany", "success", () => expect(tokens.verifyMany([token, token], { now: NOW }).validCount).toBe(2));
      call("verifyMany", "failure", () => tokens.verifyMany(many as string[], { now: NOW }));
      call("verifyMany", "throw", () => tokens.verifyMany([token], { now: Number.NaN }));
      leavesNothing("readPeerId", "success", own, () => expect(tirtc.readPeerId(token)).toBe("device://1"));
      leavesNothing("readPeerId", "failure", own, () => tirtc.readPeerId("v1.e30.x"));
      disposeAll("TirtcTokens.dispose", own);
      call("issue", "throw", () => tokens.issue(given));
    });

    it("parseDeviceLicense", () => {
      const own = { key: utf8("a device's secret key") };
      leavesNothing("parseDeviceLicense", "success", own, () => tirtc.parseDeviceLicense("id,a device's secret key"));
      leavesNothing("parseDeviceLicense", "throw", own, () => tirtc.parseDeviceLicense("a device's secret key"));
    });
  });
}
