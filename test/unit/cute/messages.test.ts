import { describe, expect, it } from "vitest";
import {
  CONNECT_TOKEN_BYTES,
  OFFSET_APPLICATION_ID,
  OFFSET_ENDPOINT_COUNT,
  OFFSET_ENDPOINTS,
  OFFSET_REST_APPLICATION_ID,
  OFFSET_REST_VERSION,
  OFFSET_VERSION,
  PACKET_BYTES,
  REST_BYTES,
} from "../../../assembly/cute/layout.ts";
import { generateSigningKeyPair } from "../../../src/cute/index.ts";
import { connectTokenPacket, readConnectToken, readPublicSection } from "../../../src/cute/public.ts";
import { flipBit, patched } from "../../support/bytes.ts";
import { plainFields, tokensOf, xchacha } from "../../support/cute.ts";
import { encodeEndpoints, parseEndpoint } from "../../support/endpoints.ts";
import { expectError } from "../../support/errors.ts";
import { inspectPublicSection, parsePublicSection } from "../../support/public-section.ts";
import { Random } from "../../support/random.ts";

const random = new Random(37);
const token = tokensOf(xchacha, 2).issue(plainFields(random));
const packet = connectTokenPacket(token);
const expected = { suite: "xchacha20poly1305" } as const;

/** What is wrong with a packet, as all of its readers say it. */
function problems(changed: Uint8Array): string[] {
  const whole = patched(token, REST_BYTES, changed);
  const said = [
    expectError(() => readPublicSection(changed), "ERR_FORMAT", "packetOrToken"),
    expectError(() => readPublicSection(whole), "ERR_FORMAT", "packetOrToken"),
    expectError(() => readConnectToken(whole, expected), "ERR_FORMAT", "token"),
  ].map(({ argument, message }) => message.slice(argument.length + 1));
  expect(new Set(said).size).toBe(1);
  return [
    said[0] as string,
    inspectPublicSection(changed, 0, 656) as string,
    parsePublicSection(changed, 0, 656) as string,
  ];
}

describe("a packet", () => {
  it("of another type is not a connect token's", () => {
    for (const type of [1, 0x80, 0xff]) {
      const changed = patched(packet, 0, Uint8Array.of(type));
      const said = "is not a connect token packet: its type byte is not 0";
      expect(problems(changed)).toEqual([said, "packet-type", "not-a-connect-token"]);
      const whole = patched(token, REST_BYTES, changed);
      expect(expectError(() => connectTokenPacket(whole), "ERR_FORMAT", "token").message).toBe(`token ${said}`);
    }
  });

  it("of another version neither, whichever of its ten bytes differs", () => {
    for (let at = 0; at < 10; at++) {
      const changed = flipBit(packet, 8 * (OFFSET_VERSION + at) + (at % 8));
      const said = "is not a connect token packet of version CUTE 1.00";
      expect(problems(changed)).toEqual([said, "version", "not-a-connect-token"]);
      const whole = patched(token, REST_BYTES, changed);
      expect(expectError(() => connectTokenPacket(whole), "ERR_FORMAT", "token").message).toBe(`token ${said}`);
      const rest = flipBit(token, 8 * (OFFSET_REST_VERSION + at) + (at % 8));
      for (const read of [connectTokenPacket, readConnectToken]) {
        const { message } = expectError(() => read(rest), "ERR_FORMAT", "token");
        expect(message).toBe("token is not a connect token of version CUTE 1.00");
      }
    }
  });

  it("has 1 to 32 endpoints of known types, within its section", () => {
    const count = (value: number) => patched(packet, OFFSET_ENDPOINT_COUNT, Uint8Array.of(value, 0, 0, 0));
    for (const value of [0, 33]) {
      expect(problems(count(value))).toEqual([
        "has an endpoint count outside 1 to 32",
        "endpoint-count",
        "bad-endpoints",
      ]);
    }
    expect(problems(patched(packet, OFFSET_ENDPOINTS, Uint8Array.of(3)))).toEqual([
      "has an endpoint that is neither IPv4 (type 1) nor IPv6 (type 2)",
      "endpoint-type",
      "bad-endpoints",
    ]);
    const cut = (bytes: number) => inspectPublicSection(packet.slice(0, bytes), 0, 656);
    expect([cut(OFFSET_ENDPOINTS - 1), cut(OFFSET_ENDPOINTS), cut(OFFSET_ENDPOINTS + 6)]).toEqual([
      "packet-type",
      "endpoints-length",
      "endpoints-length",
    ]);
    expect(inspectPublicSection(new Uint8Array(0), 0, 656)).toBe("packet-type");
  });
});

describe("a token", () => {
  it("names its packet's application id", () => {
    for (const at of [OFFSET_REST_APPLICATION_ID, REST_BYTES + OFFSET_APPLICATION_ID]) {
      const { message } = expectError(() => readConnectToken(flipBit(token, 8 * at)), "ERR_FORMAT", "token");
      expect(message).toBe("token names another application id than its packet");
    }
  });

  it("has its length, and a packet has its own", () => {
    for (const length of [0, PACKET_BYTES - 1, PACKET_BYTES + 1, CONNECT_TOKEN_BYTES - 1, CONNECT_TOKEN_BYTES + 1]) {
      const { message } = expectError(() => readPublicSection(new Uint8Array(length)), "ERR_RANGE", "packetOrToken");
      expect(message).toContain("must be a packet of 1024 or a token of 1114 bytes, got");
      for (const read of [connectTokenPacket, readConnectToken]) {
        expect(expectError(() => read(new Uint8Array(length)), "ERR_RANGE", "token").message).toContain(
          "1114 bytes long",
        );
      }
    }
  });
});

describe("arguments", () => {
  it("are named, with what they must be", () => {
    expectError(() => readPublicSection("x" as never), "ERR_TYPE", "packetOrToken");
    expectError(() => readConnectToken("x" as never), "ERR_TYPE", "token");
    expectError(() => readConnectToken(token, 5 as never), "ERR_TYPE", "options");
    for (const suite of [5, null]) expectError(() => readConnectToken(token, { suite } as never), "ERR_TYPE", "suite");
    const { message } = expectError(() => readPublicSection(packet, { suite: "x" } as never), "ERR_RANGE", "suite");
    expect(message).toContain('must be "hydrogen" or "xchacha20poly1305", got');
    expectError(() => parseEndpoint(5 as never), "ERR_TYPE", "endpoint");
    expectError(() => parseEndpoint("x"), "ERR_FORMAT", "endpoint");
    expectError(() => encodeEndpoints([null as never], "endpoints", 656), "ERR_TYPE", "endpoints[0]");
  });

  it("say which family an address is of", () => {
    const family = (address: string, given: number) =>
      expectError(
        () => encodeEndpoints([{ address, port: 1, family: given as 4 }], "e", 656),
        "ERR_RANGE",
        "e[0].family",
      ).message;
    expect(family("1.2.3.4", 6)).toContain('must be 4 or "IPv4", as its address is, got number 6');
    expect(family("::1", 4)).toContain('must be 6 or "IPv6", as its address is, got number 4');
  });

  it("a seed is left alone, and makes the same pair again", () => {
    const seed = new Uint8Array(32).fill(5);
    const [one, two] = [generateSigningKeyPair(seed), generateSigningKeyPair(seed)];
    expect([one.publicKey, one.secretKey]).toEqual([two.publicKey, two.secretKey]);
    expect(seed.every((byte) => byte === 5)).toBe(true);
    expect(generateSigningKeyPair().secretKey).not.toEqual(generateSigningKeyPair().secretKey);
  });
});

describe("IPv6 addresses", () => {
  it.each([
    ["::ffff:1.2.3.4", "::ffff:1.2.3.4"],
    ["0:0:0:0:0:ffff:102:304", "::ffff:1.2.3.4"],
    ["0000:0000:0000:0000:0000:ffff:255.255.255.255", "::ffff:255.255.255.255"],
    ["1:0:0:0:0:ffff:102:304", "1::ffff:102:304"],
    ["0:0:0:0:1:ffff:102:304", "::1:ffff:102:304"],
    ["::ffff:102:0:0", "::ffff:102:0:0"],
    ["1:2:3:4:5:6:7:0", "1:2:3:4:5:6:7:0"],
    ["1:2:3:4:5:6:0:0", "1:2:3:4:5:6::"],
    ["0:0:3:0:0:6:7:8", "::3:0:0:6:7:8"],
    ["1:2:0:0:0:0:0:ffff", "1:2::ffff"],
    ["2001:db8:0:0:0:0:0:1", "2001:db8::1"],
    ["1:0:0:0:0:0:ffff:1", "1::ffff:1"],
    ["::", "::"],
  ])("%s reads as %s", (text, canonical) => {
    expect(parseEndpoint(`[${text}]:65535`)).toEqual({ address: canonical, port: 65535, family: 6 });
    const { bytes } = encodeEndpoints([{ address: text, port: 65535 }], "e", 656);
    expect(bytes).toHaveLength(19);
  });
});
