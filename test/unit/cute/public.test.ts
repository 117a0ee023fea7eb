import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import {
  CONNECT_TOKEN_BYTES,
  ConnectTokensError,
  connectTokenPacket,
  type ErrorCode,
  MAX_ENDPOINTS,
  PACKET_BYTES,
  type ReadOptions,
  readConnectToken,
  readPublicSection,
  USER_DATA_BYTES,
} from "../../../src/cute/public.ts";
import { readSection, seededRandom } from "../../reference/endpoints.ts";
import { encodeEndpoints, parseEndpoint } from "../../support/endpoints.ts";
import { parsePublicSection } from "../../support/public-section.ts";

type Texts = "id" | "applicationId" | "creationTimestamp" | "expirationTimestamp" | "token";
type Keys = "clientToServerKey" | "serverToClientKey";
type NativeToken = Record<Texts | Keys, string> & { handshakeTimeout: number; endpoints: string[] };

const load = (name: string): NativeToken[] =>
  JSON.parse(readFileSync(new URL(`../../vectors/${name}.json`, import.meta.url), "utf8"));
const suites = [
  { suite: "hydrogen", publicBytes: 568, tokens: load("cute-hydrogen") },
  { suite: "xchacha20poly1305", publicBytes: 656, tokens: load("cute-sodium") },
] as const;

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const someToken = (): Uint8Array => bytesOf(suites[0].tokens[5]?.token as string);
const somePacket = (): Uint8Array => someToken().slice(90);

/** A packet with these endpoint bytes, and zeros or `filling` after them. */
function packetWith(count: number, endpoints: readonly number[], filling = 0): Uint8Array {
  const packet = somePacket().fill(filling, 35);
  new DataView(packet.buffer).setUint32(31, count, true);
  packet.set(endpoints, 35);
  return packet;
}

const IPV4 = [1, 10, 0, 0, 1, 0x39, 0x30];
const IPV6 = [2, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8, 0, 0x39, 0x30];
const repeat = (endpoint: number[], times: number): number[] => Array.from({ length: times }, () => endpoint).flat();

function failure(run: () => unknown): { code: ErrorCode; argument: string; message: string } {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(ConnectTokensError);
    return error as ConnectTokensError;
  }
  throw new Error("nothing was thrown");
}
const readCode = (bytes: unknown, options?: ReadOptions): ErrorCode =>
  failure(() => readPublicSection(bytes as Uint8Array, options)).code;
const tokenCodes = (bytes: unknown): ErrorCode[] =>
  [readConnectToken, connectTokenPacket].map((read) => failure(() => read(bytes as Uint8Array)).code);

it("exports Cute's sizes", () => {
  expect([CONNECT_TOKEN_BYTES, PACKET_BYTES, USER_DATA_BYTES, MAX_ENDPOINTS]).toEqual([1114, 1024, 256, 32]);
});

describe.each(suites)("tokens of native code, suite $suite", ({ suite, publicBytes, tokens }) => {
  it("are 24, with the extremes among them", () => {
    expect(tokens).toHaveLength(24);
    expect(tokens.map((token) => token.expirationTimestamp)).toContain(String(2n ** 64n - 1n));
  });

  it.each(tokens)("$id: every field, from the token and from the packet", (native) => {
    const token = bytesOf(native.token);
    const section = {
      applicationId: BigInt(native.applicationId),
      expirationTimestamp: BigInt(native.expirationTimestamp),
      handshakeTimeout: native.handshakeTimeout,
      endpoints: native.endpoints.map((text) => parseEndpoint(text)),
    };
    for (const options of [undefined, {}, { suite }, { suite: undefined }]) {
      expect(readPublicSection(token, options)).toStrictEqual(section);
      expect(readPublicSection(token.slice(90), options)).toStrictEqual(section);
      expect(readConnectToken(token, options)).toStrictEqual({
        ...section,
        creationTimestamp: BigInt(native.creationTimestamp),
        clientToServerKey: bytesOf(native.clientToServerKey),
        serverToClientKey: bytesOf(native.serverToClientKey),
        packet: token.slice(90),
      });
    }
    expect(connectTokenPacket(token)).toStrictEqual(token.slice(90));
    expect(readSection(token.slice(90), publicBytes)).toEqual(section);
  });

  it.each(tokens)("$id: the endpoints' text encodes to the token's bytes, and so do the objects read", (native) => {
    const token = bytesOf(native.token);
    for (const endpoints of [native.endpoints, readPublicSection(token).endpoints]) {
      const { count, bytes } = encodeEndpoints(endpoints, "endpoints", publicBytes);
      expect(count).toBe(native.endpoints.length);
      expect(hexOf(bytes)).toBe(hexOf(token.slice(125, 125 + bytes.length)));
      expect(token.slice(125 + bytes.length, 90 + publicBytes).every((byte) => byte === 0)).toBe(true);
    }
  });
});

describe("what is not a token", () => {
  it("is ERR_TYPE unless it is bytes", () => {
    const values = [undefined, null, 1, "CUTE", {}, [...someToken()], new DataView(new ArrayBuffer(9))];
    for (const value of [...values, new Uint16Array(1114), new Int8Array(1024), new Proxy(someToken(), {})]) {
      expect(readCode(value)).toBe("ERR_TYPE");
      expect(tokenCodes(value)).toEqual(["ERR_TYPE", "ERR_TYPE"]);
    }
  });

  it("is ERR_RANGE at every other length, with what came and what is expected", () => {
    const token = someToken();
    for (let length = 0; length <= 1130; length++) {
      const bytes = new Uint8Array(length);
      bytes.set(token.subarray(0, length));
      if (length !== 1114) expect(tokenCodes(bytes)).toEqual(["ERR_RANGE", "ERR_RANGE"]);
      // A token cut to 1024 bytes has a packet's length; its type byte is then the version's "C".
      if (length !== 1114) expect(readCode(bytes)).toBe(length === 1024 ? "ERR_FORMAT" : "ERR_RANGE");
    }
    const { message, argument } = failure(() => readPublicSection(token.subarray(1)));
    expect(argument).toBe("packetOrToken");
    for (const part of ["1024", "1114", "1113"]) expect(message).toContain(part);
    expect(failure(() => readConnectToken(somePacket()))).toMatchObject({ argument: "token", code: "ERR_RANGE" });
    expect(readCode(new Uint8Array(2 ** 31))).toBe("ERR_RANGE");
  });

  it("is ERR_FORMAT with another packet type, by every value", () => {
    for (let type = 1; type < 256; type++) {
      const token = someToken();
      token[90] = type;
      expect(failure(() => readPublicSection(token)).message).toContain("type byte");
      expect(readCode(token.slice(90))).toBe("ERR_FORMAT");
      expect(tokenCodes(token)).toEqual(["ERR_FORMAT", "ERR_FORMAT"]);
      expect(parsePublicSection(token, 90, 568)).toBe("not-a-connect-token");
    }
  });

  it("is ERR_FORMAT with any bit of a version string flipped", () => {
    for (let bit = 0; bit < 80; bit++) {
      const token = someToken();
      token[91 + (bit >> 3)] = (token[91 + (bit >> 3)] as number) ^ (1 << (bit & 7));
      expect(failure(() => readPublicSection(token)).message).toContain("version");
      expect(tokenCodes(token)).toEqual(["ERR_FORMAT", "ERR_FORMAT"]);
      expect(parsePublicSection(token, 90, 568)).toBe("not-a-connect-token");

      const rest = someToken();
      rest[bit >> 3] = (rest[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(readPublicSection(rest)).toEqual(readPublicSection(someToken()));
      expect(tokenCodes(rest)).toEqual(["ERR_FORMAT", "ERR_FORMAT"]);
    }
  });

  it("is ERR_FORMAT with two application ids", () => {
    for (let i = 10; i < 18; i++) {
      const token = someToken();
      token[i] = (token[i] as number) ^ 0x80;
      expect(failure(() => readConnectToken(token))).toMatchObject({ code: "ERR_FORMAT", argument: "token" });
      expect(connectTokenPacket(token)).toEqual(somePacket());
    }
  });
});

describe("endpoints that lie", () => {
  it.each([0, 33, 34, 255, 256, 0x0100_0001, 0x8000_0001, 2 ** 32 - 1])("count %s", (count) => {
    const packet = packetWith(count, repeat(IPV4, 88));
    expect(failure(() => readPublicSection(packet)).message).toContain("count");
    expect(parsePublicSection(packet, 0, 656)).toBe("bad-endpoints");
  });

  it("a count that is not the number of endpoints", () => {
    expect(failure(() => readPublicSection(packetWith(2, IPV4))).message).toContain("neither IPv4");
    expect(readPublicSection(packetWith(1, [...IPV4, 99, 99])).endpoints).toHaveLength(1);
  });

  it("of an unknown type, in every place", () => {
    for (let type = 0; type < 256; type++) {
      if (type === 1 || type === 2) continue;
      const packet = packetWith(3, [...IPV6, ...IPV4, type, ...IPV4.slice(1)]);
      expect(failure(() => readPublicSection(packet)).message).toContain("neither IPv4");
      expect(parsePublicSection(packet, 0, 656)).toBe("bad-endpoints");
      expect(readCode(packetWith(1, [type]))).toBe("ERR_FORMAT");
    }
  });

  // At most 32 endpoints never end at 568 exactly, nor past 643; endpoints.test.ts walks the edge with other bounds.
  it.each([
    ["28 IPv6 end at 567", [...repeat(IPV6, 28)], 28, true],
    ["27 IPv6 and 3 IPv4 end at 569", [...repeat(IPV6, 27), ...repeat(IPV4, 3)], 30, false],
    ["32 IPv6 end at 643", repeat(IPV6, 32), 32, false],
  ])("that end near the suite's public length: %s", (_, endpoints, count, fits) => {
    const packet = packetWith(count, endpoints);
    expect(readPublicSection(packet).endpoints).toHaveLength(count);
    expect(readPublicSection(packet, { suite: "xchacha20poly1305" }).endpoints).toHaveLength(count);
    if (fits) expect(readPublicSection(packet, { suite: "hydrogen" }).endpoints).toHaveLength(count);
    else expect(failure(() => readPublicSection(packet, { suite: "hydrogen" })).message).toContain("568");
    expect(typeof parsePublicSection(packet, 0, 568)).toBe(fits ? "object" : "string");
  });

  it("port 0 and what stands behind the endpoints are not judged", () => {
    expect(readPublicSection(packetWith(1, [1, 1, 2, 3, 4, 0, 0])).endpoints[0]?.port).toBe(0);
    expect(readPublicSection(packetWith(1, IPV4, 0xff))).toEqual(readPublicSection(packetWith(1, IPV4)));
  });
});

it("10^5 mutations: the twin's answer, or ConnectTokensError and nothing else", () => {
  const random = seededRandom(0xc07e);
  const tokens = suites.flatMap((suite) => suite.tokens.map((native) => bytesOf(native.token)));
  const outcomes = new Set<string>();
  for (let i = 0; i < 100_000; i++) {
    const token = (tokens[random(tokens.length)] as Uint8Array).slice();
    const places = [10, 125, 700, 1114][random(4)] as number;
    if (random(4) > 0) for (let n = 1 + random(3); n > 0; n--) token[random(places)] = random(256);
    if (random(2) === 0) token[121] = random(36);
    if (random(3) === 0) token[125] = random(4);
    const { suite, publicBytes } = suites[random(2)] as (typeof suites)[number];
    const packet = token.subarray(90);
    const expected = readSection(packet, publicBytes);
    outcomes.add(typeof expected === "string" ? expected : "read");
    const parsed = parsePublicSection(token, 90, publicBytes);
    if (!isDeepStrictEqual(parsed, expected)) expect(parsed).toEqual(expected);
    for (const read of [
      () => readPublicSection(token, { suite }),
      () => readPublicSection(packet, { suite }),
      () => readConnectToken(token, { suite }),
    ]) {
      try {
        read();
        if (typeof expected === "string") expect.unreachable(`${expected} was read`);
      } catch (error) {
        if (!(error instanceof ConnectTokensError) || error.code !== "ERR_FORMAT") throw error;
      }
    }
    if (typeof expected !== "string") readPublicSection(packet, { suite });
  }
  expect([...outcomes].sort()).toEqual(["bad-endpoints", "not-a-connect-token", "read"]);
});

describe("bytes of every kind", () => {
  const token = someToken();
  const section = readPublicSection(token);
  const whole = readConnectToken(token);
  const shifted = new Uint8Array(1300).fill(0xee);
  shifted.set(token, 77);
  const shared = new Uint8Array(new SharedArrayBuffer(1114));
  shared.set(token);
  const foreign = runInNewContext("Uint8Array.from(list)", { list: [...token] }) as Uint8Array;
  const liar = Object.defineProperties(token.slice(), {
    length: { value: 5 },
    byteLength: { value: 5 },
    byteOffset: { value: 500 },
    buffer: { value: new ArrayBuffer(8) },
    slice: { value: () => "no" },
    subarray: { value: () => "no" },
    constructor: { value: Array },
  });

  it.each([
    ["a view at an offset", shifted.subarray(77, 77 + 1114)],
    ["a Buffer", Buffer.from(token)],
    ["a Buffer in the pool", Buffer.allocUnsafe(1114).fill(token)],
    ["another realm's", foreign],
    ["shared memory", shared],
    ["one whose properties lie", liar],
  ])("%s", (_, bytes) => {
    expect(readPublicSection(bytes)).toStrictEqual(section);
    expect(readConnectToken(bytes)).toStrictEqual(whole);
    expect(connectTokenPacket(bytes)).toStrictEqual(token.slice(90));
  });

  it("detached, before the call or by an option's getter", () => {
    const bytes = [token.slice(), token.slice()] as const;
    const detach = (i: 0 | 1) => structuredClone(bytes[i].buffer, { transfer: [bytes[i].buffer] });
    detach(0);
    expect(readCode(bytes[0])).toBe("ERR_RANGE");
    expect(tokenCodes(bytes[0])).toEqual(["ERR_RANGE", "ERR_RANGE"]);
    const options = {
      get suite() {
        detach(1);
        return "hydrogen" as const;
      },
    };
    expect(readCode(bytes[1], options)).toBe("ERR_RANGE");
  });

  it("what comes back is a copy with a buffer of its own", () => {
    const bytes = Buffer.from(token);
    const read = readConnectToken(bytes);
    const packet = connectTokenPacket(bytes);
    expect(hexOf(bytes)).toBe(hexOf(token));
    bytes.fill(0);
    expect(read).toStrictEqual(whole);
    expect(packet).toStrictEqual(token.slice(90));
    for (const copy of [packet, read.packet]) expect(copy.buffer.byteLength).toBe(1024);
    for (const key of [read.clientToServerKey, read.serverToClientKey]) expect(key.buffer.byteLength).toBe(32);
    expect(Object.getPrototypeOf(packet)).toBe(Uint8Array.prototype);
  });
});

describe("options", () => {
  it("that are wrong throw", () => {
    const cases: [unknown, ErrorCode, string][] = [
      [null, "ERR_TYPE", "options"],
      ["hydrogen", "ERR_TYPE", "options"],
      [{ suite: 0 }, "ERR_TYPE", "suite"],
      [{ suite: null }, "ERR_TYPE", "suite"],
      [{ suite: "Hydrogen" }, "ERR_RANGE", "suite"],
      [{ suite: "__proto__" }, "ERR_RANGE", "suite"],
    ];
    for (const [options, code, argument] of cases) {
      for (const read of [readPublicSection, readConnectToken]) {
        expect(failure(() => read(someToken(), options as ReadOptions))).toMatchObject({ code, argument });
      }
    }
  });

  it("are read once, and not from a polluted prototype", () => {
    let reads = 0;
    const options = {
      get suite() {
        reads++;
        return "hydrogen" as const;
      },
    };
    readPublicSection(someToken(), options);
    expect(reads).toBe(1);
    const prototype = Object.prototype as { suite?: string };
    prototype.suite = "hydrogen";
    try {
      expect(readPublicSection(packetWith(32, repeat(IPV6, 32)), {}).endpoints).toHaveLength(32);
    } finally {
      delete prototype.suite;
    }
  });
});
