import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import type { Endpoint } from "../../../src/common/endpoints.ts";
import { CuteTokens, generateSigningKeyPair, nativeUserDataView, verifySignature } from "../../../src/cute/index.ts";
import { connectTokenPacket, readConnectToken, readPublicSection } from "../../../src/cute/public.ts";
import { formatIPv6 } from "../../reference/endpoints.ts";
import { concat, hex } from "../../support/bytes.ts";
import { hydrogen, nativeOf, tokensOf, xchacha } from "../../support/cute.ts";
import { encodeEndpoint, endpointText, parseEndpoint } from "../../support/endpoints.ts";
import { anything, bytes, holds, resultOrCode, spoiled, text, u64 } from "../../support/properties.ts";

const port = fc.oneof(fc.constantFrom(1, 255, 256, 65535), fc.integer({ min: 1, max: 65535 }));
const group = fc.oneof(fc.constantFrom(0, 0, 0, 1, 0xffff), fc.nat(0xffff));
const ipv4 = fc
  .tuple(bytes(4, 4), port)
  .map(([octets, port]): Endpoint => ({ address: octets.join("."), port, family: 4 }));
const ipv6 = fc
  .tuple(fc.array(group, { minLength: 8, maxLength: 8 }), port)
  .map(([groups, port]): Endpoint => ({ address: formatIPv6(groups), port, family: 6 }));
const endpoint = fc.oneof(ipv4, ipv6);

describe("endpoints", () => {
  it("are the same after text and after bytes (RFC 5952)", () => {
    holds(2000, endpoint, (one) => {
      const written = endpointText(one);
      expect(parseEndpoint(written)).toEqual(one);
      expect(endpointText(parseEndpoint(written))).toBe(written);
      expect(encodeEndpoint(written, "endpoint")).toEqual(encodeEndpoint(one, "endpoint"));
    });
  });

  it("of any other text are a documented error, or text that reads back", () => {
    const pieces = fc.array(fc.constantFrom(..."0123456789abcdefF:.[]%".split(""), "::", "]:", "ffff", "255", ":80"));
    const other = fc.oneof(
      text,
      pieces.map((parts) => parts.join("")),
      pieces.map((parts) => `[${parts.join("")}]:80`),
    );
    holds(3000, other, (value) => {
      const read = resultOrCode(() => parseEndpoint(value));
      if (typeof read === "string") expect(read).toBe("ERR_FORMAT");
      else expect(parseEndpoint(endpointText(read))).toEqual(read);
    });
    holds(500, anything, (value) => {
      resultOrCode(() => encodeEndpoint(value as string, "endpoint"));
      resultOrCode(() => parseEndpoint(value as string));
    });
  });
});

describe.each([hydrogen, xchacha])("suite $suite", (suite) => {
  const tokens = tokensOf(suite, 2);
  const { applicationId } = nativeOf(suite, 2);

  afterAll(() => tokens.dispose());

  const fields = fc.record({
    ...{ expirationTimestamp: u64, creationTimestamp: u64, clientId: u64, handshakeTimeout: fc.nat(0xffff_ffff) },
    ...{ clientToServerKey: bytes(32, 32), serverToClientKey: bytes(32, 32), userData: bytes(0, 256) },
    endpoints: fc.oneof(
      { weight: 9, arbitrary: fc.array(endpoint, { minLength: 1, maxLength: 28 }) },
      { weight: 1, arbitrary: fc.array(endpoint, { maxLength: 34 }) },
    ),
  });

  it("what is issued verifies and reads back to the same fields, and is issued again as the same bytes", () => {
    let issued = 0;
    holds(500, fields, bytes(suite.entropyBytes, suite.entropyBytes), (given, entropy) => {
      const token = resultOrCode(() => tokens.issue(given, { entropy }));
      const { creationTimestamp, expirationTimestamp, endpoints, handshakeTimeout, userData } = given;
      const room = suite.publicBytes - 35;
      const need = endpoints.reduce((sum, { family }) => sum + (family === 4 ? 7 : 19), 0);
      const fits = need <= room && endpoints.length > 0 && endpoints.length <= 32;
      const { clientToServerKey, serverToClientKey } = given;
      const zeros = [clientToServerKey, serverToClientKey].some((key) => key.every((byte) => byte === 0));
      const goodKeys = !zeros && hex(clientToServerKey) !== hex(serverToClientKey);
      const seconds = [creationTimestamp, expirationTimestamp].every((time) => time < 10n ** 12n || time > 10n ** 14n);
      const right = expirationTimestamp > creationTimestamp && fits && goodKeys && seconds;
      expect(typeof token === "string").toBe(!right);
      if (typeof token === "string") return;
      issued++;
      const { clientId } = given;
      const section = { applicationId, expirationTimestamp, handshakeTimeout, endpoints };
      const keys = { clientToServerKey, serverToClientKey };
      const packet = connectTokenPacket(token);
      expect(readPublicSection(packet, { suite: suite.suite })).toEqual(section);
      expect(readConnectToken(token, { suite: suite.suite })).toEqual({
        ...section,
        ...keys,
        creationTimestamp,
        packet,
      });
      const verdict = tokens.verify(packet, { now: creationTimestamp });
      const padded = concat(userData, new Uint8Array(256 - userData.length));
      expect(verdict).toMatchObject({ valid: true, claims: { ...section, ...keys, clientId, userData: padded } });
      if (!verdict.valid) return;
      const { applicationId: _, ...claims } = verdict.claims;
      expect(tokens.issue({ ...claims, creationTimestamp }, { entropy })).toEqual(token);
    });
    expect(issued).toBeGreaterThan(150);
  });

  it("only documented errors escape from the constructor and from issue", () => {
    const { secret, issue } = nativeOf(suite, 2);
    const options = { applicationId, secret, suite: suite.suite, strict: true, serverEndpoint: "1.2.3.4:5" };
    holds(600, spoiled(options), (given) => {
      const made = resultOrCode(() => new CuteTokens(given));
      if (typeof made !== "string") made.dispose();
    });
    const second = spoiled({ now: 5, entropy: new Uint8Array(suite.entropyBytes) });
    holds(600, spoiled({ ...issue, endpoints: ["1.2.3.4:5"] }), second, (given, more) => {
      resultOrCode(() => tokens.issue(given, more));
    });
  });
});

it("only documented errors escape from the public readers and from what stands beside the tokens", () => {
  const { packet, token, secret } = nativeOf(hydrogen, 2);
  const input = fc.oneof(anything, bytes(0, 1200), bytes(1024, 1024), fc.constantFrom(packet, token, secret));
  const options = spoiled({ suite: "hydrogen" });
  holds(1000, input, options, bytes(32, 32), (value, given, key) => {
    const given8 = value as Uint8Array;
    resultOrCode(() => readPublicSection(given8, given));
    resultOrCode(() => readConnectToken(given8, given));
    resultOrCode(() => connectTokenPacket(given8));
    resultOrCode(() => nativeUserDataView(given8));
    resultOrCode(() => generateSigningKeyPair(given8));
    for (const [bytes, publicKey] of [
      [given8, key],
      [packet, given8],
    ] as const) {
      expect(resultOrCode(() => verifySignature(bytes, publicKey))).not.toBe(true);
    }
  });
});
