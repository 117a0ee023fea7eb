import { describe, expect, it } from "vitest";
import { readClaims } from "../../../src/tirtc/claims.ts";
import { VendorPayloads } from "../../../src/tirtc/vendor.ts";
import { tirtcPayload } from "../../reference/string-schemes.ts";
import { Random } from "../../support/random.ts";
import { CLAIMS, NOW, PEER } from "../../support/tirtc.ts";

/** Reads a payload that stands between others, whose bytes must not matter. */
function read(vendor: VendorPayloads, json: string, peer: string): [number, number] | undefined {
  const bytes = Buffer.from(`"}${json}"}0`);
  return vendor.read(bytes, 2, bytes.length - 3, peer) ? [vendor.iat, vendor.exp] : undefined;
}

describe("VendorPayloads", () => {
  it("reads the vendor's payloads, for the peer and the access id asked for", () => {
    const vendor = new VendorPayloads(CLAIMS.iss);
    expect(read(vendor, tirtcPayload(CLAIMS), PEER)).toEqual([NOW, NOW + 300]);
    expect(read(vendor, tirtcPayload({ ...CLAIMS, sub: "" }), PEER)).toEqual([NOW, NOW + 300]);
    expect(read(vendor, tirtcPayload(CLAIMS), `${PEER}1`)).toBe(undefined);
    expect(read(vendor, tirtcPayload(CLAIMS), PEER.slice(1))).toBe(undefined);
    expect(read(new VendorPayloads("ak-other"), tirtcPayload(CLAIMS), PEER)).toBe(undefined);
    for (let cut = 0; cut < tirtcPayload(CLAIMS).length; cut++) {
      expect(read(vendor, tirtcPayload(CLAIMS).slice(0, cut), PEER)).toBe(undefined);
    }
  });

  it("leaves peers and access ids alone that JSON does not write as they are", () => {
    const tricky = `a","iss":"${CLAIMS.iss}","x":"`;
    for (const name of [tricky, "a\\", 'a"', "é", "a\n", "", "x".repeat(300)]) {
      const json = `{"sub":"s","scope":"connect:${name}","iss":"${CLAIMS.iss}","iat":${NOW},"exp":${NOW},"nonce":"AAAA"}`;
      expect(read(new VendorPayloads(CLAIMS.iss), json, name), name).toBe(undefined);
      const other = `{"sub":"s","scope":"connect:p","iss":"${name}","iat":${NOW},"exp":${NOW},"nonce":"AAAA"}`;
      expect(read(new VendorPayloads(name), other, "p"), name).toEqual(name.length === 300 ? [NOW, NOW] : undefined);
    }
  });

  it("reads nothing that the strict reader refuses or reads otherwise", () => {
    const random = new Random(6);
    const vendor = new VendorPayloads(CLAIMS.iss);
    const bits = [...'{}[]",:\\0123456789eE+-.u _=/ABab\n\x7fé', '"sub":', '"exp":1,', '"connect:', "{}", ',"x":1'];
    let accepted = 0;
    for (let i = 0; i < 30_000; i++) {
      const characters = [...tirtcPayload(CLAIMS)];
      for (let changes = random.below(3); changes > 0; changes--) {
        characters.splice(random.below(characters.length), random.below(3), random.pick(bits));
      }
      const json = characters.join("");
      const found = read(vendor, json, PEER);
      if (!found) continue;
      const claims = readClaims(Buffer.from(json));
      expect([claims?.iat, claims?.exp, claims?.iss, claims?.peerId], json).toEqual([...found, CLAIMS.iss, PEER]);
      accepted++;
    }
    expect(accepted).toBeGreaterThan(10_000);
  });

  it("goes on reading when there were more peers than it keeps", () => {
    const vendor = new VendorPayloads(CLAIMS.iss);
    for (let i = 0; i < 3000; i++) {
      const scope = `connect:peer-${i}`;
      expect(read(vendor, tirtcPayload({ ...CLAIMS, scope }), `peer-${i}`)).toEqual([NOW, NOW + 300]);
      expect(read(vendor, tirtcPayload({ ...CLAIMS, scope }), `peer-${i + 1}`)).toBe(undefined);
    }
  });
});
