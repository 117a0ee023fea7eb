import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  type CuteIssue,
  type CuteIssueOptions,
  type CuteOptions,
  CuteTokens,
  generateSigningKeyPair,
} from "../../../src/cute/index.ts";
import { ConnectTokensError, type ErrorCode } from "../../../src/errors.ts";
import { flipBit, hex } from "../../support/bytes.ts";
import { hydrogen, NOW, nativeOf, packetOf, plainFields, xchacha } from "../../support/cute.ts";
import { expectError, thrownBy } from "../../support/errors.ts";
import { Random } from "../../support/random.ts";

/** Wrong values of one argument: the error's code, its argument where that is not the field itself, and the values. */
type Wrong = readonly [code: ErrorCode, values: readonly unknown[], argument?: string];

const random = new Random(7);
const secret = random.bytes(32);
const noNumber = [null, "1", "0x10", "12 ", "", true, {}, [], [1], new Date(), () => 1, Symbol("1"), new Uint8Array(8)];
const noBytes = [
  null,
  1,
  1n,
  true,
  {},
  { length: 32 },
  Object.create(ArrayBuffer.prototype),
  new Uint16Array(16),
  () => 1,
];
const noOptions = [null, 1, 1n, "options", true, () => 1, Symbol("options"), new Uint8Array(4)];

const u64: readonly Wrong[] = [
  ["ERR_TYPE", [undefined, ...noNumber]],
  ["ERR_RANGE", [Number.NaN, -1, 1.5, 2 ** 53, Infinity, -Infinity, -1n, 2n ** 64n, -(2n ** 70n), 2n ** 200n]],
];
const seconds: readonly Wrong[] = [
  ["ERR_TYPE", noNumber],
  ["ERR_RANGE", [Number.NaN, -1, -0, 0.5, 1.5, 2 ** 53, Infinity, -1n, 2n ** 64n]],
  ["ERR_RANGE", [1e11, Date.now(), 1_700_000_000_000]], // only milliseconds can be so many
];
const issuedSeconds: readonly Wrong[] = [
  ...seconds,
  ["ERR_RANGE", [10n ** 12n, BigInt(Date.now()), 10n ** 14n]], // nor in a bigint, where a token is issued
];

const options: { readonly [option in keyof CuteOptions]-?: readonly Wrong[] } = {
  applicationId: u64,
  suite: [
    ["ERR_TYPE", [null, 1, {}, [], true, ["hydrogen"]]],
    ["ERR_RANGE", ["", "Hydrogen", "hydrogen ", "xchacha", "__proto__", "constructor", "\ud800"]],
  ],
  strict: [["ERR_TYPE", [null, 0, 1, "true", "", {}, []]]],
  secret: [
    ["ERR_TYPE", [undefined, ...noBytes, new Proxy(secret, {}), new DataView(secret.buffer)]],
    ["ERR_RANGE", ["", "00".repeat(32), "ab".repeat(31), "ab".repeat(64), `${hex(secret)}\n\n`, ` ${hex(secret)}`]],
    ["ERR_FORMAT", ["xy".repeat(32), "\u0661".repeat(64), `${hex(secret).slice(1)}g\n`, "\ud800".repeat(64)]],
    ["ERR_RANGE", [["00".repeat(32)]], "secret[0]"],
    ["ERR_RANGE", [[], new Uint8Array(32), ...[0, 1, 31, 33, 64].map((length) => random.bytes(length))]],
    ["ERR_TYPE", [[undefined], [null], [[secret]], new Array(1), new Array(32).fill(1)], "secret[0]"],
    ["ERR_RANGE", [[new Uint8Array(31)], [new Uint8Array(32)]], "secret[0]"],
    [
      "ERR_TYPE",
      [
        [secret, undefined],
        [secret, [...secret]],
      ],
      "secret[1]",
    ],
    ["ERR_RANGE", [[secret, secret, secret.subarray(1)]], "secret[2]"],
  ],
  maxLifetime: [
    ["ERR_TYPE", [undefined, null, "60", 60n, {}, true]],
    ["ERR_RANGE", [Number.NaN, 0, -1, 0.5, 2_678_401, Infinity]],
  ],
  leeway: [
    ["ERR_TYPE", [null, "60", 60n, {}, true]],
    ["ERR_RANGE", [Number.NaN, -1, 0.5, 61, Infinity]],
  ],
  serverEndpoint: [
    ["ERR_TYPE", [undefined, null, 1, 1n, true, () => 1]],
    ["ERR_RANGE", [[], new Array(33).fill("1.2.3.4:1"), "0.0.0.0:1", "[::]:1", "[::ffff:0.0.0.0]:1"]],
    ["ERR_RANGE", [["1.2.3.4:1", { address: "::", port: 1 }]], "serverEndpoint[1]"],
    ["ERR_TYPE", [[null], [[]]], "serverEndpoint[0]"],
    [
      "ERR_FORMAT",
      ["", "1.2.3.4", ":1", "1.2.3.4:0", "1.2.3.4:65536", "01.2.3.4:1", "[::1]", "::1:80", "host:1", "\ud800:1"],
    ],
    ["ERR_TYPE", [{}, { port: 1 }, { address: null, port: 1 }], "serverEndpoint.address"],
    ["ERR_TYPE", [{ address: "1.2.3.4", port: 1, ip: "1.2.3.4" }], "serverEndpoint.ip"],
    [
      "ERR_TYPE",
      [{ address: "::1" }, { address: "::1", port: "1" }, { address: "::1", port: 1n }],
      "serverEndpoint.port",
    ],
  ],
};

const sessionKey: readonly Wrong[] = [
  ["ERR_TYPE", [undefined, ...noBytes]],
  ["ERR_RANGE", [0, 31, 32, 33, 64].map((length) => new Uint8Array(length))],
];

const fields: { readonly [field in keyof CuteIssue]-?: readonly Wrong[] } = {
  creationTimestamp: issuedSeconds,
  expirationTimestamp: [
    ["ERR_TYPE", [undefined]],
    ...issuedSeconds,
    ["ERR_RANGE", [0, 1, Number(NOW) - 10, NOW - 10n, NOW - 11n]], // not after the creation
  ],
  ttl: [
    ["ERR_RANGE", [1, 45]], // beside an expirationTimestamp
    ["ERR_RANGE", ["45", 1n]],
  ],
  handshakeTimeout: [
    ["ERR_TYPE", [undefined, 1n, ...noNumber]],
    ["ERR_RANGE", [Number.NaN, -1, 1.5, 2 ** 32, 2 ** 53, Infinity, -Infinity]],
  ],
  endpoints: [
    ["ERR_TYPE", [undefined, null, 1, "1.2.3.4:1", {}, new Set(["1.2.3.4:1"]), { length: 1, 0: "1.2.3.4:1" }]],
    ["ERR_RANGE", [[], new Array(33).fill("1.2.3.4:1"), new Array(2 ** 32 - 1)]],
    ["ERR_TYPE", [[undefined], [null], [1], [() => 1], new Array(1)], "endpoints[0]"],
    ["ERR_FORMAT", [[""], ["1.2.3.4"], ["1.2.3.4:0"], ["[::1%eth0]:1"], ["\udfff"], ["x".repeat(1e6)]], "endpoints[0]"],
    ["ERR_FORMAT", [["1.2.3.4:1", "1.2.3.4:99999"]], "endpoints[1]"],
    ["ERR_TYPE", [[[]], [["1.2.3.4:1"]]], "endpoints[0]"],
    ["ERR_TYPE", [[{}], [{ address: 1, port: 1 }]], "endpoints[0].address"],
    ["ERR_FORMAT", [[{ address: "", port: 1 }], [{ address: "[::1]", port: 1 }]], "endpoints[0].address"],
    ["ERR_TYPE", [[{ address: "1.2.3.4" }], [{ address: "1.2.3.4", port: "1" }]], "endpoints[0].port"],
    ["ERR_RANGE", [0, -1, 1.5, 65536, Number.NaN].map((port) => [{ address: "1.2.3.4", port }]), "endpoints[0].port"],
    ["ERR_RANGE", [[{ address: "1.2.3.4", port: 1, family: 6 }]], "endpoints[0].family"],
    ["ERR_RANGE", [[{ address: "1.2.3.4", port: 1, family: "4" }]], "endpoints[0].family"],
    ["ERR_TYPE", [[{ address: "1.2.3.4", port: 1, prot: 2 }]], "endpoints[0].prot"],
  ],
  clientId: u64,
  clientToServerKey: sessionKey,
  serverToClientKey: sessionKey,
  userData: [
    ["ERR_TYPE", noBytes],
    ["ERR_RANGE", [new Uint8Array(257), new Uint8Array(1e6)]],
  ],
};

const issueOptions: { readonly [option in keyof CuteIssueOptions]-?: readonly Wrong[] } = {
  now: issuedSeconds,
  entropy: [
    ["ERR_TYPE", noBytes],
    ["ERR_RANGE", [0, 23, 25, 52].map((length) => new Uint8Array(length))],
  ],
};

function holdAll(table: Readonly<Record<string, readonly Wrong[]>>, run: (given: Record<string, unknown>) => unknown) {
  for (const [field, rows] of Object.entries(table)) {
    for (const [code, values, argument = field] of rows) {
      for (const value of values) expectError(() => run({ [field]: value }), code, argument);
    }
  }
}

const expectErrorOf = (run: () => unknown): ConnectTokensError => {
  const error = thrownBy(run);
  expect(error).toBeInstanceOf(ConnectTokensError);
  return error as ConnectTokensError;
};

const draw = vi.spyOn(crypto, "getRandomValues");
const good = { suite: "xchacha20poly1305", secret, applicationId: 7n } as const;
const tokens = new CuteTokens(good);

beforeEach(() => {
  draw.mockClear();
});

/** None of the errors came after the first random byte. */
afterEach(() => {
  expect(draw).not.toHaveBeenCalled();
});

afterAll(() => {
  tokens.dispose();
  draw.mockRestore();
});

describe("new CuteTokens", () => {
  it.each(Object.keys(options))("names a wrong %s", (name) => {
    const rows = options[name as keyof CuteOptions];
    holdAll({ [name]: rows }, (given) => new CuteTokens({ ...good, ...given } as CuteOptions));
  });

  it("names wrong options, and the first one missing", () => {
    for (const value of noOptions)
      expectError(() => new CuteTokens(value as unknown as CuteOptions), "ERR_TYPE", "options");
    for (const value of [undefined, {}]) {
      expectError(() => new CuteTokens(value as unknown as CuteOptions), "ERR_TYPE", "applicationId");
    }
    expectError(() => new CuteTokens([] as unknown as CuteOptions), "ERR_TYPE", "options");
    expectError(
      () => new CuteTokens({ ...good, serverEndPoint: "1.2.3.4:1" } as CuteOptions),
      "ERR_TYPE",
      "serverEndPoint",
    );
    expectError(() => new CuteTokens({ applicationId: 1 } as CuteOptions), "ERR_TYPE", "secret");
  });

  it("refuses inherited options", () => {
    const inherited = Object.create(good) as CuteOptions;
    expect(Object.keys(good)).toContain(expectErrorOf(() => new CuteTokens(inherited)).argument);
  });

  it("never shows a secret in a message", () => {
    const text = hex(secret);
    const values = [`x${text}`, [`${text}x`], secret.subarray(1), [...secret], { toString: () => text }];
    for (const value of values) {
      const { message } = expectError(
        () => new CuteTokens({ ...good, secret: value as unknown as Uint8Array }),
        value === values[3] || value === values[4] ? "ERR_TYPE" : "ERR_RANGE",
        Array.isArray(value) ? "secret[0]" : "secret",
      );
      expect(message).not.toContain(text.slice(0, 8));
      expect(message.length).toBeLessThan(100);
    }
  });

  it("that throws keeps no key slot: 3000 failures of each kind", () => {
    const { secret: signing } = nativeOf(hydrogen, 2);
    const failures: [Record<string, unknown>, ErrorCode, string][] = [
      [{ ...good, secret: [secret, secret.subarray(1)] }, "ERR_RANGE", "secret[1]"],
      [{ ...good, serverEndpoint: "nowhere" }, "ERR_FORMAT", "serverEndpoint"],
      [{ applicationId: 1, secret: [signing, signing, flipBit(signing, 300)] }, "ERR_RANGE", "secret[2]"],
    ];
    for (const [given, code, argument] of failures) {
      expectError(() => new CuteTokens(given as unknown as CuteOptions), code, argument);
      for (let i = 0; i < 3000; i++) expect(() => new CuteTokens(given as unknown as CuteOptions)).toThrow(argument);
    }
    const many = Array.from({ length: 1000 }, () => new CuteTokens(good));
    for (const one of many) one.dispose();
  });
});

describe("issue", () => {
  const entropy = new Uint8Array(24);
  const { creationTimestamp: _, ...undated } = plainFields(random);
  const issue = (token: object, given?: object) => tokens.issue(token as CuteIssue, given as CuteIssueOptions);

  it.each(Object.keys(fields))("names a wrong %s", (name) => {
    const rows = fields[name as keyof CuteIssue];
    holdAll({ [name]: rows }, (given) => issue({ ...plainFields(random), ...given }));
  });

  it.each(Object.keys(issueOptions))("names a wrong %s", (name) => {
    const rows = issueOptions[name as keyof CuteIssueOptions];
    holdAll({ [name]: rows }, (given) => issue(undated, { now: NOW, ...given }));
  });

  it("names a wrong token and wrong options", () => {
    for (const value of noOptions) expectError(() => issue(value as object), "ERR_TYPE", "token");
    expectError(() => tokens.issue(undefined as unknown as CuteIssue), "ERR_TYPE", "expirationTimestamp");
    for (const value of noOptions)
      expectError(() => issue(plainFields(random), value as object), "ERR_TYPE", "options");
    expect(Object.keys(plainFields(random))).toContain(
      expectErrorOf(() => issue(Object.create(plainFields(random)))).argument,
    );
    expectError(() => issue({ ...plainFields(random), userdata: new Uint8Array(1) }), "ERR_TYPE", "userdata");
    expectError(() => issue(plainFields(random), { entropie: entropy }), "ERR_TYPE", "entropie");
  });

  it("refuses an expiration that its default creation has passed", () => {
    expectError(() => issue({ ...undated, expirationTimestamp: 1000 }), "ERR_RANGE", "expirationTimestamp");
    expectError(() => issue({ ...undated }, { now: NOW + 100n }), "ERR_RANGE", "expirationTimestamp");
  });

  it("wants 52 bytes of entropy for hydrogen", () => {
    const { secret: signing } = nativeOf(hydrogen, 2);
    const holder = new CuteTokens({ applicationId: 1, secret: signing });
    for (const length of [24, 51, 53]) {
      const given = { entropy: new Uint8Array(length) };
      expectError(() => holder.issue(plainFields(random), given), "ERR_RANGE", "entropy");
    }
    holder.dispose();
  });

  it("goes on after any number of errors as if there had been none", () => {
    const { issue: native, token, entropy: nonce, secret: key, applicationId } = nativeOf(xchacha, 5);
    const holder = new CuteTokens({ suite: "xchacha20poly1305", secret: key, applicationId });
    const wrong = { ...native, serverToClientKey: new Uint8Array(31) };
    for (let i = 0; i < 100; i++) expectError(() => holder.issue(wrong), "ERR_RANGE", "serverToClientKey");
    expect(hex(holder.issue(native, { entropy: nonce }))).toBe(hex(token));
    holder.dispose();
  });

  it("draws only where no entropy is given, and wipes what it hands out, not what was given", () => {
    const given = entropy.slice().fill(9);
    const many = 4096 / given.length + 1; // more than is drawn ahead
    for (let i = 0; i < many; i++) issue(plainFields(random), { entropy: given });
    expect(draw).not.toHaveBeenCalled();
    expect(given.every((byte) => byte === 9)).toBe(true);
    let issued = new Uint8Array();
    for (let i = 0; i < many && draw.mock.calls.length === 0; i++) issued = issue(plainFields(random)).slice();
    expect(draw).toHaveBeenCalledTimes(1);
    const ahead = draw.mock.results[0]?.value as Uint8Array;
    expect(ahead.subarray(-24)).toEqual(new Uint8Array(24)); // handed out, and in the token
    expect(Buffer.from(ahead).includes(Buffer.from(issued.subarray(90 + 656, 90 + 656 + 24)))).toBe(false);
    expect(new Set(ahead).size).toBeGreaterThan(200); // the rest is still there
    draw.mockClear();
  });
});

describe("verify and verifyMany", () => {
  const packet = packetOf(tokens.issue(plainFields(random), { entropy: new Uint8Array(24) }));

  it("name a wrong now, whatever the packet", () => {
    for (const bytes of [packet, new Uint8Array(3), "junk" as unknown as Uint8Array]) {
      holdAll({ now: seconds }, (given) => tokens.verify(bytes, given));
    }
    holdAll({ now: seconds }, (given) => tokens.verifyMany([], given));
    holdAll({ now: seconds }, (given) => tokens.verifyMany(packet, given));
  });

  it("name wrong options", () => {
    for (const value of noOptions) {
      const given = value as unknown as { now: number };
      expectError(() => tokens.verify(packet, given), "ERR_TYPE", "options");
      expectError(() => tokens.verifyMany([packet], given), "ERR_TYPE", "options");
    }
  });

  it("take now from own properties, read once", () => {
    let reads = 0;
    const counting = {
      get now() {
        reads++;
        return reads === 1 ? NOW : Number.NaN;
      },
    };
    expect(tokens.verify(packet, counting).valid).toBe(true);
    expect(reads).toBe(1);
    expect(tokens.verify(packet, { now: NOW + 100n })).toMatchObject({ reason: "expired" });
    const inherited = Object.create({ now: NOW }) as { now: bigint };
    expectError(() => tokens.verify(packet, inherited), "ERR_TYPE", "now");
    expectError(() => tokens.verify(packet, { now: NOW, nwo: 1 } as { now: bigint }), "ERR_TYPE", "nwo");
    expectError(() => tokens.verifyMany([], Promise.resolve({ now: NOW }) as object), "ERR_TYPE", "options");
  });
});

describe("a hydrogen secret whose scalar is a multiple of the base point's order", () => {
  // Its public key is the neutral element, which is written as zeros: anyone can sign for it.
  const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
  const scalarOf = (value: bigint): Uint8Array =>
    Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
  const weak = Array.from({ length: 16 }, (_, i) => scalarOf(BigInt(i) * ORDER));

  it("is refused, as zeros are", () => {
    for (const scalar of weak) {
      const secret = new Uint8Array(64);
      secret.set(scalar);
      for (const [given, argument] of [
        [secret, "secret"] as const,
        [[hydrogenSecret(), secret], "secret[1]"] as const,
      ]) {
        const made = () => new CuteTokens({ secret: given, applicationId: 1 });
        expectError(made, "ERR_RANGE", argument);
      }
    }
  });

  it("is never made: random bytes are drawn again", () => {
    const good = hydrogenSecret().subarray(0, 32);
    const draws = [...weak, good];
    const source = vi.spyOn(crypto, "getRandomValues").mockImplementation((target) => {
      (target as Uint8Array).set(draws.shift() as Uint8Array);
      return target;
    });
    try {
      const { secretKey, publicKey } = generateSigningKeyPair();
      expect(source).toHaveBeenCalledTimes(17);
      expect(secretKey.subarray(0, 32)).toEqual(good);
      expect(publicKey.some((byte) => byte !== 0)).toBe(true);
    } finally {
      source.mockRestore();
    }
  });

  function hydrogenSecret(): Uint8Array {
    return generateSigningKeyPair(new Uint8Array(32).fill(9)).secretKey;
  }
});
