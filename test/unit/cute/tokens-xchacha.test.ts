import { describe, expect, it } from "vitest";
import { CuteTokens, generateKey } from "../../../src/cute/index.ts";
import { readPublicSection } from "../../../src/cute/public.ts";
import { concat, detach, hex, u64Bytes } from "../../support/bytes.ts";
import { NOW, packetOf, plainFields, xchacha } from "../../support/cute.ts";
import { describeBatches } from "../../support/cute-batches.ts";
import { describeNativeTokens, describeSuite } from "../../support/cute-contract.ts";
import { describeRefusals } from "../../support/cute-refusals.ts";
import { expectError } from "../../support/errors.ts";
import { Random } from "../../support/random.ts";
import { opensslSeal } from "../../support/xchacha.ts";

describe("suite xchacha20poly1305", () => {
  describeNativeTokens(xchacha);
  describeSuite(xchacha);
  describeRefusals(xchacha);
  describeBatches(xchacha);

  const random = new Random(5);
  const secret = random.bytes(32);
  const tokens = new CuteTokens({ suite: "xchacha20poly1305", secret, applicationId: 7 });

  it("the packet is what OpenSSL seals: the public section authenticated, the nonce in clear", () => {
    for (let i = 0; i < 50; i++) {
      const fields = { ...plainFields(random), userData: random.bytes(random.below(257)) };
      const packet = packetOf(tokens.issue(fields));
      const plaintext = new Uint8Array(328);
      plaintext.set(
        concat(u64Bytes(fields.clientId), fields.clientToServerKey, fields.serverToClientKey, fields.userData),
      );
      const nonce = packet.subarray(656, 680);
      expect(hex(packet.subarray(680))).toBe(hex(opensslSeal(secret, nonce, plaintext, packet.subarray(0, 656))));
    }
  });

  it("the nonce is the entropy, and fresh in each of 2000 tokens", () => {
    const fields = plainFields(random);
    const entropy = random.bytes(24);
    expect(hex(packetOf(tokens.issue(fields, { entropy })).subarray(656, 680))).toBe(hex(entropy));
    const nonces = Array.from({ length: 2000 }, () => hex(packetOf(tokens.issue(fields)).subarray(656, 680)));
    expect(new Set(nonces).size).toBe(2000);
  });

  it("32 IPv6 endpoints fit", () => {
    const endpoints = Array.from({ length: 32 }, (_, i) => `[2001:db8::${i + 1}]:${i + 1}`);
    const packet = packetOf(tokens.issue({ ...plainFields(random), endpoints }));
    expect(tokens.verify(packet, { now: NOW }).valid).toBe(true);
    expect(readPublicSection(packet).endpoints.length).toBe(32);
  });

  it("strictness has no meaning here: one spelling either way", () => {
    const lenient = new CuteTokens({ suite: "xchacha20poly1305", secret, applicationId: 7, strict: false });
    const packet = packetOf(tokens.issue(plainFields(random)));
    expect(lenient.verify(packet, { now: NOW }).valid).toBe(true);
    lenient.dispose();
  });

  it("generateKey draws 32 fresh bytes, which serve as a secret", () => {
    const keys = Array.from({ length: 100 }, () => generateKey());
    expect(new Set(keys.map(hex)).size).toBe(100);
    for (const key of keys) expect(key.length).toBe(32);
    const holder = new CuteTokens({ suite: "xchacha20poly1305", secret: keys, applicationId: 7 });
    const packet = packetOf(holder.issue(plainFields(random)));
    expect(holder.verify(packet, { now: NOW }).valid).toBe(true);
    expect(tokens.verify(packet, { now: NOW })).toEqual({ valid: false, reason: "not-genuine" });
    holder.dispose();
  });

  it("issue: the caller's getters may issue, verify and take buffers away; a token is whole or an error", () => {
    const entropy = random.bytes(24);
    const fields = plainFields(random);
    const plain = tokens.issue(fields, { entropy });
    const meddle = () => {
      const other = tokens.issue(plainFields(random));
      expect(tokens.verify(packetOf(other), { now: NOW }).valid).toBe(true);
    };
    const endpoint = {
      get address() {
        meddle();
        return "10.0.0.1";
      },
      get port() {
        meddle();
        return 7777;
      },
    };
    const asked: string[] = [];
    const meddling = Object.defineProperties(
      {},
      Object.fromEntries(
        Object.entries({ ...fields, endpoints: [endpoint, fields.endpoints[1]] }).map(([name, value]) => {
          const get = () => {
            asked.push(name);
            meddle();
            return value;
          };
          return [name, { get, enumerable: true }];
        }),
      ),
    );
    expect(hex(tokens.issue(meddling as typeof fields, { entropy }))).toBe(hex(plain));
    expect(asked.sort()).toEqual(Object.keys(fields).sort());

    for (const name of ["userData", "clientToServerKey", "serverToClientKey"] as const) {
      const given = { ...fields, [name]: fields[name].slice() };
      const robber = {
        get address() {
          detach(given[name]);
          return "10.0.0.1";
        },
        port: 7777,
      };
      const robbed = () => tokens.issue({ ...given, endpoints: [robber, fields.endpoints[1] as string] }, { entropy });
      if (name !== "userData") expectError(robbed, "ERR_RANGE", name);
      else expect(hex(robbed())).toBe(hex(tokens.issue({ ...fields, userData: undefined }, { entropy })));
    }
    expect(hex(tokens.issue(fields, { entropy }))).toBe(hex(plain));
  });

  it("verifyMany: a getter in a list may take away or shrink the packets before it", () => {
    const packets = [0, 1, 2].map(() => packetOf(tokens.issue(plainFields(random))));
    const resizable = new Uint8Array(Reflect.construct(ArrayBuffer, [1024, { maxByteLength: 4096 }]) as ArrayBuffer);
    resizable.set(packets[1] as Uint8Array);
    const list = [(packets[0] as Uint8Array).slice(), resizable, undefined, packets[2]] as Uint8Array[];
    Object.defineProperty(list, 2, {
      get() {
        detach(list[0] as Uint8Array);
        (resizable.buffer as unknown as { resize(bytes: number): void }).resize(1000);
        return packets[0];
      },
    });
    const verdicts = tokens.verifyMany(list, { now: NOW });
    expect([0, 1, 2, 3].map((i) => verdicts.reasonAt(i))).toEqual(["wrong-size", "wrong-size", undefined, undefined]);
  });
});
