import { describe, expect, it, vi } from "vitest";
import { CuteTokens, type EndpointInput } from "../../src/cute/index.ts";
import { readConnectToken } from "../../src/cute/public.ts";
import { hex } from "./bytes.ts";
import { NOW, nativeOf, packetOf, plainFields, randomFields, type SuiteUnderTest, tokensOf } from "./cute.ts";
import { parseEndpoint } from "./endpoints.ts";
import { Random } from "./random.ts";

const MAX_U64 = 2n ** 64n - 1n;

/** What both suites do with the tokens of native code. */
export function describeNativeTokens(suite: SuiteUnderTest): void {
  describe("tokens that native code made", () => {
    it.each(suite.natives)("$id: every claim, and the same bytes when issued again", (vector) => {
      const tokens = new CuteTokens({
        suite: suite.suite,
        secret: vector.secret,
        applicationId: vector.applicationId,
      });
      const { issue, packet } = vector;
      const verdict = tokens.verify(packet, { now: issue.expirationTimestamp - 1n });
      if (!verdict.valid) throw new Error(verdict.reason);
      const { claims, tokenId, expiresAt } = verdict;
      expect(claims).toEqual({
        applicationId: vector.applicationId,
        expirationTimestamp: issue.expirationTimestamp,
        handshakeTimeout: issue.handshakeTimeout,
        endpoints: issue.endpoints.map((text) => parseEndpoint(text)),
        clientId: issue.clientId,
        clientToServerKey: issue.clientToServerKey,
        serverToClientKey: issue.serverToClientKey,
        userData: vector.userData,
      });
      expect(expiresAt).toBe(issue.expirationTimestamp);
      expect(tokenId).toBe(`cute:${suite.tokenIdBytes.map(([from, to]) => hex(packet.subarray(from, to))).join("")}`);
      const options = { entropy: vector.entropy };
      expect(hex(tokens.issue(issue, options))).toBe(hex(vector.token));
      const fromObjects = { ...issue, endpoints: issue.endpoints.map((text) => parseEndpoint(text)) };
      expect(hex(tokens.issue(fromObjects, options))).toBe(hex(vector.token));
      expect(tokens.verify(packet, { now: issue.expirationTimestamp })).toEqual({ valid: false, reason: "expired" });
      tokens.dispose();
    });

    it("every token is refused under every other's secret", () => {
      const { natives } = suite;
      expect(new Set(natives.map(({ secret }) => hex(secret))).size).toBe(24);
      for (const [i, { applicationId, packet, issue }] of natives.entries()) {
        const secrets = natives.filter((_, j) => j !== i).map(({ secret }) => secret);
        const others = new CuteTokens({ suite: suite.suite, secret: secrets, applicationId });
        const now = issue.expirationTimestamp - 1n;
        expect(others.verify(packet, { now })).toEqual({ valid: false, reason: "not-genuine" });
        others.dispose();
      }
    });
  });
}

/** Issue and verify, one packet at a time. */
export function describeSuite(suite: SuiteUnderTest): void {
  const random = new Random(suite.publicBytes);
  const { applicationId } = nativeOf(suite, 2);
  const tokens = tokensOf(suite, 2);
  const issue = (fields: Parameters<CuteTokens["issue"]>[0]) => tokens.issue(fields);

  describe("issue, then verify", () => {
    it("5000 random tokens come back claim by claim, and their fields are left as they are", () => {
      const tokenIds = new Set<string>();
      for (let i = 0; i < 5000; i++) {
        const { endpoints, ...fields } = randomFields(random, suite);
        const asText = i % 2 === 0;
        const given = asText
          ? endpoints.map(({ text }) => text)
          : endpoints.map(({ address, port }) => ({ address, port }));
        const before = [fields.clientToServerKey, fields.serverToClientKey, fields.userData].map(hex);
        const token = issue({ ...fields, endpoints: given });
        const verdict = tokens.verify(packetOf(token), { now: NOW });
        if (!verdict.valid) throw new Error(`${i}: ${verdict.reason}`);
        const { claims } = verdict;
        const read = readConnectToken(token, { suite: suite.suite });
        const found = {
          application: claims.applicationId === applicationId && read.applicationId === applicationId,
          creation: read.creationTimestamp === fields.creationTimestamp,
          expiration: claims.expirationTimestamp === fields.expirationTimestamp,
          timeout: claims.handshakeTimeout === fields.handshakeTimeout,
          client: claims.clientId === fields.clientId,
          endpoints: claims.endpoints.map(({ address, port }) => `${address} ${port}`).join(),
          keys: [claims.clientToServerKey, claims.serverToClientKey, read.clientToServerKey, read.serverToClientKey]
            .map(hex)
            .join(),
          userData: hex(claims.userData),
        };
        expect(found).toEqual({
          application: true,
          creation: true,
          expiration: true,
          timeout: true,
          client: true,
          endpoints: endpoints.map(({ address, port }) => `${address} ${port}`).join(),
          keys: [before[0], before[1], before[0], before[1]].join(),
          userData: (before[2] as string).padEnd(512, "0"),
        });
        expect([fields.clientToServerKey, fields.serverToClientKey, fields.userData].map(hex)).toEqual(before);
        tokenIds.add(verdict.tokenId);
      }
      expect(tokenIds.size).toBe(5000);
    });

    it("the same fields twice make two tokens, by fresh randomness", () => {
      const fields = plainFields(random);
      const [first, second] = [issue(fields), issue(fields)];
      expect(hex(first.subarray(0, 90 + suite.publicBytes))).toBe(hex(second.subarray(0, 90 + suite.publicBytes)));
      expect(hex(first)).not.toBe(hex(second));
      const verdicts = [first, second, first].map((token) => tokens.verify(packetOf(token), { now: NOW }));
      const [a, b, c] = verdicts.map((verdict) => (verdict.valid ? verdict.tokenId : verdict.reason));
      expect(a).toMatch(/^cute:[0-9a-f]{72,80}$/);
      expect(a).not.toBe(b);
      expect(a).toBe(c);
    });

    it("the fields' least and largest values", () => {
      const extremes = {
        ...plainFields(random),
        handshakeTimeout: 0xffff_ffff,
        clientId: MAX_U64,
        creationTimestamp: MAX_U64 - 1n,
        expirationTimestamp: MAX_U64,
        userData: new Uint8Array(256).fill(0xff),
      };
      for (const id of [0n, 1n, 2n ** 53n - 1n, 2n ** 53n + 1n, 2n ** 63n, MAX_U64]) {
        const holder = tokensOf(suite, 3, { applicationId: id });
        const token = holder.issue({ ...extremes, clientId: id });
        expect(readConnectToken(token).creationTimestamp).toBe(MAX_U64 - 1n);
        const verdict = holder.verify(packetOf(token), { now: MAX_U64 - 1n });
        expect(verdict).toMatchObject({ valid: true, expiresAt: MAX_U64, claims: { applicationId: id, clientId: id } });
        expect(holder.verify(packetOf(token), { now: MAX_U64 })).toEqual({ valid: false, reason: "expired" });
        holder.dispose();
      }
      const least = { ...extremes, handshakeTimeout: 0, clientId: 0, creationTimestamp: 0, expirationTimestamp: 1 };
      const token = issue({ ...least, clientToServerKey: new Uint8Array(32).fill(1, 31), userData: undefined });
      const verdict = tokens.verify(packetOf(token), { now: 0 });
      expect(verdict).toMatchObject({ valid: true, expiresAt: 1n, claims: { handshakeTimeout: 0, clientId: 0n } });
      if (verdict.valid) expect(hex(verdict.claims.userData)).toBe("00".repeat(256));
    });

    it(`1 to 32 IPv4 and 1 to ${suite.maxIpv6} IPv6 endpoints`, () => {
      for (let count = 1; count <= 32; count++) {
        const lists: EndpointInput[][] = [
          Array.from({ length: count }, (_, i) => ({ address: `1.2.3.${i}`, port: 1 + i })),
        ];
        if (count <= suite.maxIpv6)
          lists.push(Array.from({ length: count }, (_, i) => ({ address: `fe80::${i}:1`, port: 65535 - i })));
        for (const endpoints of lists) {
          const verdict = tokens.verify(packetOf(issue({ ...plainFields(random), endpoints })), { now: NOW });
          if (!verdict.valid) throw new Error(verdict.reason);
          expect(verdict.claims.endpoints.map(({ port }) => port)).toEqual(endpoints.map(({ port }) => port));
        }
      }
    });

    it("creation defaults to now: the clock's, or the caller's", () => {
      const { creationTimestamp: _, ...fields } = { ...plainFields(random), expirationTimestamp: 2n ** 39n };
      expect(readConnectToken(tokens.issue(fields, { now: 12345 })).creationTimestamp).toBe(12345n);
      vi.useFakeTimers({ now: 1_234_567_890_999 });
      try {
        expect(readConnectToken(tokens.issue(fields)).creationTimestamp).toBe(1_234_567_890n);
      } finally {
        vi.useRealTimers();
      }
    });
  });
}
