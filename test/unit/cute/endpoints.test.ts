import { isIPv6, SocketAddress } from "node:net";
import { describe, expect, it } from "vitest";
import type { EndpointInput } from "../../../src/common/endpoints.ts";
import { ConnectTokensError, type ErrorCode } from "../../../src/errors.ts";
import { formatIPv6, seededRandom } from "../../reference/endpoints.ts";
import { encodeEndpoints, endpointText, parseEndpoint } from "../../support/endpoints.ts";
import { parsePublicSection } from "../../support/public-section.ts";

const HYDROGEN = 568;
const XCHACHA = 656;

function failure(run: () => unknown): ConnectTokensError {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(ConnectTokensError);
    return error as ConnectTokensError;
  }
  throw new Error("nothing was thrown");
}

const refusal = (list: unknown, publicBytes = HYDROGEN): ConnectTokensError =>
  failure(() => encodeEndpoints(list as string[], "endpoints", publicBytes));
const codeOf = (list: unknown, publicBytes?: number): [ErrorCode, string] => {
  const { code, argument } = refusal(list, publicBytes);
  return [code, argument];
};
const hex = (list: readonly (string | EndpointInput)[], publicBytes = XCHACHA): string =>
  Buffer.from(encodeEndpoints(list, "endpoints", publicBytes).bytes).toString("hex");
const address = (text: string): string => parseEndpoint(`[${text}]:80`).address;

describe("the bytes of an endpoint", () => {
  it("are type, address in written order and little-endian port for IPv4", () => {
    expect(hex(["1.2.3.4:258"])).toBe("01010203040201");
    expect(hex(["255.255.255.255:65535"])).toBe("01ffffffffffff");
    expect(hex(["0.0.0.0:1"])).toBe("01000000000100");
  });

  it("are type, little-endian groups and port for IPv6", () => {
    expect(hex(["[1:203:4:5:6:7:8:fffe]:258"])).toBe("0201000302040005000600070008" + "00feff0201");
    expect(hex(["[::]:1"])).toBe(`02${"00".repeat(16)}0100`);
    expect(hex(["[::ffff:1.2.3.4]:80"])).toBe(`02${"00".repeat(10)}ffff020104035000`);
  });

  it("follow each other in the caller's order", () => {
    const { count, bytes } = encodeEndpoints(["1.2.3.4:5", { address: "::1", port: 6 }], "endpoints", HYDROGEN);
    expect(count).toBe(2);
    expect(bytes).toHaveLength(26);
    expect(Buffer.from(bytes).toString("hex")).toBe(`0101020304050002${"00".repeat(14)}01000600`);
  });

  it("are the same for text and objects", () => {
    expect(hex([{ address: "1.2.3.4", port: 80 }])).toBe(hex(["1.2.3.4:80"]));
    expect(hex([{ address: "1.2.3.4", port: 80, family: 4 }])).toBe(hex(["1.2.3.4:80"]));
    expect(hex([{ address: "2001:DB8::1", port: 80, family: 6 }])).toBe(hex(["[2001:db8::1]:80"]));
    expect(hex([{ address: "::ffff:1.2.3.4", port: 80, family: undefined }])).toBe(hex(["[::ffff:1.2.3.4]:80"]));
  });
});

describe("the text of an endpoint", () => {
  it.each([
    ["1.2.3.4:1", "1.2.3.4", 1, 4],
    ["255.0.10.199:65535", "255.0.10.199", 65535, 4],
    ["[::1]:80", "::1", 80, 6],
    ["[::ffff:1.2.3.4]:80", "::ffff:1.2.3.4", 80, 6],
    ["[2001:DB8::A]:80", "2001:db8::a", 80, 6],
    ["[0000:0000:0000:0000:0000:ffff:255.255.255.255]:65535", "::ffff:255.255.255.255", 65535, 6],
    ["[1:2:3:4:5:6:7:8]:9", "1:2:3:4:5:6:7:8", 9, 6],
    ["[1:2:3:4:5:6:7::]:9", "1:2:3:4:5:6:7:0", 9, 6],
  ])("%s is read", (text, expected, port, family) => {
    const endpoint = parseEndpoint(text);
    expect(endpoint).toEqual({ address: expected, port, family });
    expect(parseEndpoint(endpointText(endpoint))).toEqual(endpoint);
    expect(hex([endpoint])).toBe(hex([text]));
  });

  it.each([
    // The port: range, spelling, presence.
    ..."1.2.3.4:0 1.2.3.4:65536 1.2.3.4:100000 1.2.3.4:080 1.2.3.4 1.2.3.4: 1.2.3.4:+1 1.2.3.4:-1 1.2.3.4:1e3".split(
      " ",
    ),
    ..."1.2.3.4:0x50 1.2.3.4:1.0 1.2.3.4:1:1 1.2.3.4:\uff18\uff10 1.2.3.4:\u0661 [::1]:0 [::1]:65536 [::1]:01".split(
      " ",
    ),
    // IPv4: four plain decimals, nothing a URL or inet_aton would also take.
    ..."01.2.3.4:1 1.2.00.4:1 1.2.3:80 1.2.3.4.5:80 16909060:80 0x7f.0.0.1:1 0x7f.1:1 1.2.3.256:1 1.2.3.1000:1".split(
      " ",
    ),
    ..."1.2.+3.4:1 1..3.4:1 1.2.3.4.:1 \uff11.2.3.4:1 1\u30022.3.4:1 localhost:80 udp://1.2.3.4:80 : :80".split(" "),
    // White space and controls; a URL parser drops tabs and line breaks.
    ...[
      "",
      " 1.2.3.4:1",
      "1.2.3.4:1 ",
      "1.2.3.4: 1",
      "1.2.3.4:1\n",
      "1.2.3.4:1\0",
      "[ ::1]:80",
      "[::\t1]:80",
      "[::1\n]:80",
    ],
    // Brackets, zones, and what would end the host of a URL.
    ..."[1.2.3.4]:80 ::1:80 [::1] [::1]80 [::1:80 ::1]:80 [[::1]]:80 []:80 [::1%eth0]:80 [fe80::1%251]:80".split(" "),
    ..."[::1/64]:80 [::1]:80@[::2]:80 [::1]/[::2]:80 [v1.fe80]:80 [::1]#:80 [::1]?:80".split(" "),
    // IPv6: groups, compression, mixed form.
    ..."[12345::]:80 [1::2::3]:80 [:::1]:80 [1:2:3:4:5:6:7:8:9]:80 [1:2:3:4:5:6:7]:80 [1:2:3:4:5:6:7::8]:80".split(" "),
    ..."[:1:2:3:4:5:6:7:8]:80 [::g]:80 [::\uff11]:80 [::ffff:01.2.3.4]:80 [::ffff:1.2.3]:80".split(" "),
    ..."[::ffff:1.2.3.256]:80 [::1.2.3.4:1]:80".split(" "),
  ])("%j is refused", (text) => {
    expect(codeOf([text])).toEqual(["ERR_FORMAT", "endpoints[0]"]);
    expect(failure(() => parseEndpoint(text, "server"))).toMatchObject({ code: "ERR_FORMAT", argument: "server" });
  });

  it.each([undefined, null, 1, {}, ["1.2.3.4:80"]])("is a string and not %j", (value) => {
    expect(failure(() => parseEndpoint(value as string)).code).toBe("ERR_TYPE");
  });

  it("is refused by length before anything is read of it", () => {
    for (const text of ["1".repeat(54), `[::1]:${"0".repeat(50)}1`, "[".repeat(1 << 27)]) {
      expect(codeOf(["1.2.3.4:1", text])).toEqual(["ERR_FORMAT", "endpoints[1]"]);
    }
    expect(refusal([{ address: "1".repeat(1 << 27), port: 1 }]).code).toBe("ERR_FORMAT");
  });

  it("does not echo what it was given", () => {
    expect(refusal(["hunter2"]).message).not.toContain("hunter2");
    expect(refusal([{ address: "hunter2", port: 1 }]).message).not.toContain("hunter2");
  });
});

describe("an IPv6 address is written as RFC 5952 says", () => {
  it.each([
    ["§4.1, leading zeros", "2001:0db8::0001", "2001:db8::1"],
    ["§4.2.1, as short as possible", "2001:db8:0:0:0:0:2:1", "2001:db8::2:1"],
    ["§4.2.1, the whole run", "2001:db8::0:1", "2001:db8::1"],
    ["§4.2.2, one group is not compressed", "2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["§4.2.3, the longest run", "2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
    ["§4.2.3, the first of equals", "2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["§4.3, lower case", "2001:DB8::AAAA:BBBB:CCCC:DDDD", "2001:db8::aaaa:bbbb:cccc:dddd"],
    ["§5, IPv4-mapped", "::ffff:c000:201", "::ffff:192.0.2.1"],
    ["§5, IPv4-mapped zeros", "::ffff:0:0", "::ffff:0.0.0.0"],
    ["only that prefix is mixed", "::192.0.2.1", "::c000:201"],
    ["only that prefix is mixed", "64:ff9b::192.0.2.33", "64:ff9b::c000:221"],
    ["only that prefix is mixed", "::ffff:0:192.0.2.1", "::ffff:0:c000:201"],
    ["only that prefix is mixed", "1::ffff:192.0.2.1", "1::ffff:c000:201"],
    ["only that prefix is mixed", "::fffe:192.0.2.1", "::fffe:c000:201"],
    ["unspecified", "0:0:0:0:0:0:0:0", "::"],
    ["loopback", "0:0:0:0:0:0:0:1", "::1"],
    ["zeros at the end", "1:0:0:0:0:0:0:0", "1::"],
    ["a zero digit inside a group", "1001:100a:f00:10:0:1:1:1", "1001:100a:f00:10:0:1:1:1"],
  ])("%s: %s", (_, text, expected) => {
    expect(address(text)).toBe(expected);
  });

  /** Every pattern of zero groups, and random addresses rich in zeros and short groups. */
  function* addresses(): Generator<number[]> {
    for (let zeros = 0; zeros < 256; zeros++) {
      yield Array.from({ length: 8 }, (_, i) => (zeros & (1 << i) ? 0 : [0xffff, 1, 0x100, 0x10][i % 4]) as number);
    }
    const random = seededRandom(5952);
    for (let i = 0; i < 3000; i++) {
      const groups = Array.from({ length: 8 }, () => [0, random(16), random(256), random(65536)][random(4)] as number);
      if (i % 10 === 0) groups.splice(0, 6, 0, 0, 0, 0, 0, 0xffff);
      yield groups;
    }
  }

  it("agrees with the twin, the platform's URL and node:net, and reads back to the same bytes", () => {
    for (const groups of addresses()) {
      const long = groups.map((group) => group.toString(16).padStart(4, "0")).join(":");
      const text = address(long);
      expect(text).toBe(formatIPv6(groups));
      expect(isIPv6(text)).toBe(true);
      const canonical = new URL(`http://[${long}]/`).hostname.slice(1, -1);
      if (text.includes(".")) expect(new SocketAddress({ address: long, family: "ipv6" }).address).toBe(text);
      else expect(text).toBe(canonical);
      expect(address(canonical)).toBe(text);
      expect(hex([`[${text}]:80`])).toBe(hex([`[${long.toUpperCase()}]:80`]));
      const wire = groups.map((group) => Buffer.from([group & 255, group >> 8]).toString("hex")).join("");
      expect(hex([`[${text}]:80`])).toBe(`02${wire}5000`);
    }
  });
});

describe("a list of endpoints", () => {
  const ipv4 = (count: number): string[] => Array.from({ length: count }, (_, i) => `10.0.0.${i}:${i + 1}`);
  const ipv6 = (count: number): string[] => Array.from({ length: count }, (_, i) => `[2001:db8::${i}]:${i + 1}`);

  it("has 1 to 32 of them", () => {
    expect(codeOf([])).toEqual(["ERR_RANGE", "endpoints"]);
    expect(codeOf(ipv4(33))).toEqual(["ERR_RANGE", "endpoints"]);
    expect(codeOf(new Array(2 ** 32 - 1))).toEqual(["ERR_RANGE", "endpoints"]);
    expect(refusal(ipv4(33)).message).toContain("33");
    expect(encodeEndpoints(ipv4(1), "endpoints", HYDROGEN).count).toBe(1);
    expect(encodeEndpoints(ipv4(32), "endpoints", HYDROGEN)).toMatchObject({ count: 32, bytes: { length: 224 } });
  });

  it("must fit the suite's public section", () => {
    expect(encodeEndpoints(ipv6(28), "endpoints", HYDROGEN).bytes).toHaveLength(532);
    const { code, argument, message } = refusal(ipv6(29), HYDROGEN);
    expect([code, argument]).toEqual(["ERR_RANGE", "endpoints"]);
    expect(message).toContain("551");
    expect(message).toContain("533");
    expect(encodeEndpoints(ipv6(32), "endpoints", XCHACHA).bytes).toHaveLength(608);
    // 27 IPv6 and 3 IPv4 need one byte more than there is.
    expect(codeOf([...ipv6(27), ...ipv4(3)], HYDROGEN)).toEqual(["ERR_RANGE", "endpoints"]);
    expect(encodeEndpoints([...ipv6(27), ...ipv4(2)], "endpoints", HYDROGEN).bytes).toHaveLength(527);
    // Exactly full, and one byte too narrow.
    expect(encodeEndpoints(ipv6(1), "endpoints", 54).bytes).toHaveLength(19);
    expect(codeOf(ipv6(1), 53)).toEqual(["ERR_RANGE", "endpoints"]);
  });

  it.each([
    ["undefined", undefined, "endpoints"],
    ["null", null, "endpoints"],
    ["a string", "1.2.3.4:80", "endpoints"],
    ["a number", 1, "endpoints"],
    ["an object", { length: 1, 0: "1.2.3.4:80" }, "endpoints"],
    ["bytes", new Uint8Array(7), "endpoints"],
    ["a hole", new Array(1), "endpoints[0]"],
    ["null inside", ["1.2.3.4:80", null], "endpoints[1]"],
    ["a number inside", [80], "endpoints[0]"],
    ["a String object inside", [new String("1.2.3.4:80")], "endpoints[0].length"],
    ["a list inside", [["1.2.3.4:80"]], "endpoints[0]"],
    ["no address", [{ port: 80 }], "endpoints[0].address"],
    ["address of another type", [{ address: 1, port: 80 }], "endpoints[0].address"],
    ["no port", [{ address: "1.2.3.4" }], "endpoints[0].port"],
    ["port as text", [{ address: "1.2.3.4", port: "80" }], "endpoints[0].port"],
    ["port as bigint", [{ address: "1.2.3.4", port: 80n }], "endpoints[0].port"],
    ["family as a bigint", [{ address: "1.2.3.4", port: 80, family: 4n }], "endpoints[0].family"],
    ["a name that is none", [{ address: "1.2.3.4", port: 80, adress: "" }], "endpoints[0].adress"],
    ["family null", [{ address: "1.2.3.4", port: 80, family: null }], "endpoints[0].family"],
  ])("refuses %s by type", (_, list, argument) => {
    expect(codeOf(list)).toEqual(["ERR_TYPE", argument]);
  });

  it.each([0, -1, 65536, 1.5, Number.NaN, Number.POSITIVE_INFINITY, -0])("refuses port %s", (port) => {
    expect(codeOf([{ address: "1.2.3.4", port }])).toEqual(["ERR_RANGE", "endpoints[0].port"]);
  });

  it("are taken as Node gives them, in rinfo and from socket.address()", () => {
    expect(hex([{ address: "1.2.3.4", family: "IPv4", port: 80, size: 12 }])).toBe(hex(["1.2.3.4:80"]));
    expect(hex([{ address: "::1", family: "IPv6", port: 80 }])).toBe(hex(["[::1]:80"]));
  });

  it.each([0, 2, 5, 10, "4", "ipv4", "IPv5"])("refuses family %s, and that of another address", (family) => {
    for (const endpoint of [
      { address: "1.2.3.4", family },
      { address: "::1", family },
    ]) {
      expect(codeOf([{ ...endpoint, port: 80 }])).toEqual(["ERR_RANGE", "endpoints[0].family"]);
    }
    for (const endpoint of [
      { address: "1.2.3.4", family: 6 },
      { address: "1.2.3.4", family: "IPv6" },
      { address: "::ffff:1.2.3.4", family: 4 },
    ]) {
      expect(codeOf([{ ...endpoint, port: 80 }])).toEqual(["ERR_RANGE", "endpoints[0].family"]);
    }
  });

  it.each(["[::1]", "::1%eth0", "1.2.3.4:80", "", "1.2.3", "0x7f.0.0.1", "::1 ", "localhost", `::${"0".repeat(44)}`])(
    "refuses the address %j",
    (text) => {
      expect(codeOf([{ address: text, port: 80 }])).toEqual(["ERR_FORMAT", "endpoints[0].address"]);
    },
  );

  it("reads every property once", () => {
    const reads: PropertyKey[] = [];
    const endpoint = new Proxy<EndpointInput>(
      { address: "1.2.3.4", port: 80, family: 4 },
      {
        get: (target, name) => {
          reads.push(name);
          return Reflect.get(target, name);
        },
      },
    );
    expect(hex([endpoint])).toBe("01010203045000");
    expect(reads.sort()).toEqual(["address", "family", "port"]);
  });

  it("lets a getter's error through, and survives a getter that empties the list", () => {
    const thrown = new Error("mine");
    const throwing = {
      port: 80,
      get address(): string {
        throw thrown;
      },
    };
    expect(() => encodeEndpoints([throwing], "endpoints", HYDROGEN)).toThrow(thrown);
    const list: EndpointInput[] = [
      {
        port: 80,
        get address(): string {
          list.length = 0;
          return "1.2.3.4";
        },
      },
      { address: "1.2.3.5", port: 80 },
    ];
    expect(codeOf(list)).toEqual(["ERR_TYPE", "endpoints[1]"]);
  });

  it("refuses a Proxy that lies about its length", () => {
    for (const length of [Number.NaN, 1.5, -1, "1", 2 ** 31]) {
      const list = new Proxy(["1.2.3.4:80"], {
        get: (target, name) => (name === "length" ? length : Reflect.get(target, name)),
      });
      expect(codeOf(list)).toEqual(["ERR_RANGE", "endpoints"]);
    }
  });

  it("takes nothing from a polluted prototype", () => {
    const prototype = Object.prototype as { family?: number; port?: number };
    prototype.family = 6;
    prototype.port = 1;
    try {
      expect(hex([{ address: "1.2.3.4", port: 80 }])).toBe("01010203045000");
      expect(codeOf([{ address: "1.2.3.4" }])).toEqual(["ERR_TYPE", "endpoints[0].port"]);
    } finally {
      delete prototype.family;
      delete prototype.port;
    }
  });
});

it("a public section ends where its bytes or its suite end, whichever comes first", () => {
  const { count, bytes } = encodeEndpoints(
    ["[2001:db8::1]:1", "1.2.3.4:5", "[::]:1", "1.2.3.4:6"],
    "endpoints",
    XCHACHA,
  );
  const before = 90;
  const token = new Uint8Array(before + 1024).fill(0xee);
  token.set([0, ...Buffer.from("CUTE 1.00\0"), ...new Uint8Array(20), count, 0, 0, 0, ...bytes], before);
  const whole = parsePublicSection(token, before, HYDROGEN);
  expect(whole).toMatchObject({ applicationId: 0n, endpoints: [{}, { port: 5 }, {}, { address: "1.2.3.4", port: 6 }] });
  const expectedAt = (length: number) =>
    length < 35 ? "not-a-connect-token" : length < 35 + 52 ? "bad-endpoints" : whole;
  for (let length = 0; length <= 1024; length++) {
    expect(parsePublicSection(token.slice(0, before + length), before, HYDROGEN)).toStrictEqual(expectedAt(length));
    expect(parsePublicSection(token.slice(before, before + length), 0, HYDROGEN)).toStrictEqual(expectedAt(length));
    if (length <= XCHACHA) expect(parsePublicSection(token, before, length)).toStrictEqual(expectedAt(length));
  }
  for (let length = 0; length < before; length++) {
    expect(parsePublicSection(token.slice(0, length), before, HYDROGEN)).toBe("not-a-connect-token");
  }
});
