import { afterAll, afterEach, describe, expect, it } from "vitest";
import {
  CUTE_CHECKS,
  CUTE_CHECKS_BYTES,
  CUTE_KEPT_STARTS,
  CUTE_KEY_SLOTS,
  CUTE_MAX_PACKETS,
  CUTE_OPENED_BY,
  CUTE_OWN_ENDPOINTS,
  CUTE_OWN_ENDPOINTS_BYTES,
  CUTE_PACKETS,
  CUTE_PACKETS_BYTES,
  CUTE_SLOT_BYTES,
  CUTE_SLOT_LIST,
  CUTE_SLOTS,
  CUTE_STATUS,
  CUTE_TABLE,
  CUTE_TABLE_BYTES,
} from "../../../assembly/memory/cute.ts";
import {
  HMAC_JOB_BYTES,
  HMAC_JOBS,
  HMAC_KEY_SLOTS,
  HMAC_MAX_TEXTS,
  HMAC_NUMBERS,
  HMAC_SLOT_BYTES,
  HMAC_SLOTS,
  HMAC_STARTS,
  HMAC_STATUS,
} from "../../../assembly/memory/hmac.ts";
import {
  NETCODE_CHECKS,
  NETCODE_CHECKS_BYTES,
  NETCODE_KEPT_STARTS,
  NETCODE_KEY_SLOTS,
  NETCODE_MAX_REQUESTS,
  NETCODE_OWN_ADDRESSES,
  NETCODE_OWN_ADDRESSES_BYTES,
  NETCODE_REQUESTS,
  NETCODE_REQUESTS_BYTES,
  NETCODE_SLOT_BYTES,
  NETCODE_SLOT_LIST,
  NETCODE_SLOTS,
  NETCODE_STATUS,
} from "../../../assembly/memory/netcode.ts";
import { chacha20Poly1305, createSha256, hmacSha256, sha256, xchacha20Poly1305 } from "../../../src/crypto.ts";
import { CuteTokens, generateSigningKeyPair, verifySignature } from "../../../src/cute/index.ts";
import { NetcodeTokens } from "../../../src/netcode/index.ts";
import { SnapNetTokens } from "../../../src/snapnet/index.ts";
import { cuteKernel } from "../../../src/wasm/cute/kernel.ts";
import { hmacKernel } from "../../../src/wasm/hmac/kernel.ts";
import type { ModuleName } from "../../../src/wasm/instantiate.ts";
import { netcodeKernel } from "../../../src/wasm/netcode/kernel.ts";
import { privateText, requestOf, sealRequest, writeToken } from "../../reference/netcode.ts";
import { flipBit, patched } from "../../support/bytes.ts";
import {
  faults,
  hydrogen,
  NOW,
  nativeOf,
  packetOf,
  plainFields,
  type SuiteUnderTest,
  xchacha,
} from "../../support/cute.ts";
import { garbage } from "../../support/garbage.ts";
import { DIALECTS, issueOf, NOW as NETCODE_NOW, randomFields as netcodeFields } from "../../support/netcode.ts";
import { Random } from "../../support/random.ts";
import { disguises, schemes } from "../../support/schemes.ts";

// T10 of the threat list: what a call leaves in linear memory. Instead of looking for each secret, every byte outside a
// few arenas must be just what it was when the module had started.

type Range = readonly [name: string, from: number, bytes: number];

const hmacArenas: readonly Range[] = [
  ["jobs", HMAC_JOBS, HMAC_MAX_TEXTS * HMAC_JOB_BYTES],
  ["status", HMAC_STATUS, HMAC_MAX_TEXTS],
  ["starts of texts", HMAC_STARTS, (HMAC_MAX_TEXTS + 1) * 4],
  ["numbers in texts", HMAC_NUMBERS, HMAC_MAX_TEXTS * 4],
];
/** What a packet says in public, what was asked of it, and the fixed-base table. */
const cuteArenas: readonly Range[] = [
  ["packets", CUTE_PACKETS, CUTE_PACKETS_BYTES],
  ["status", CUTE_STATUS, 1024],
  ["slot list", CUTE_SLOT_LIST, CUTE_KEY_SLOTS * 4],
  ["record starts", CUTE_KEPT_STARTS, CUTE_MAX_PACKETS * 4],
  ["checks", CUTE_CHECKS, CUTE_CHECKS_BYTES],
  ["own endpoints", CUTE_OWN_ENDPOINTS, CUTE_OWN_ENDPOINTS_BYTES],
  ["slots that opened", CUTE_OPENED_BY, CUTE_MAX_PACKETS * 4],
  ["table", CUTE_TABLE, CUTE_TABLE_BYTES],
];
/** What requests show, what was asked of them, and what became of them. */
const netcodeArenas: readonly Range[] = [
  ["requests", NETCODE_REQUESTS, NETCODE_REQUESTS_BYTES],
  ["status", NETCODE_STATUS, NETCODE_MAX_REQUESTS],
  ["record starts", NETCODE_KEPT_STARTS, NETCODE_MAX_REQUESTS * 4],
  ["slot list", NETCODE_SLOT_LIST, NETCODE_KEY_SLOTS * 4],
  ["checks", NETCODE_CHECKS, NETCODE_CHECKS_BYTES],
  ["own addresses", NETCODE_OWN_ADDRESSES, NETCODE_OWN_ADDRESSES_BYTES],
];
const netcodeSlots: Range = ["slots", NETCODE_SLOTS, NETCODE_KEY_SLOTS * NETCODE_SLOT_BYTES];
const hmacSlots: Range = ["slots", HMAC_SLOTS, HMAC_KEY_SLOTS * HMAC_SLOT_BYTES];
const cuteSlots: Range = ["slots", CUTE_SLOTS, CUTE_KEY_SLOTS * CUTE_SLOT_BYTES];

const random = new Random(10);
const memory = {
  hmac: new Uint8Array(hmacKernel().calls.memory.buffer),
  cute: new Uint8Array(cuteKernel().calls.memory.buffer),
  netcode: new Uint8Array(netcodeKernel().calls.memory.buffer),
};
const atStart = { hmac: memory.hmac.slice(), cute: memory.cute.slice(), netcode: memory.netcode.slice() };

/** The addresses, outside the ranges, at which memory is not what it was at the start. */
function changed(name: ModuleName, ranges: readonly Range[]): string[] {
  const [now, before] = [memory[name].slice(), atStart[name]];
  for (const [, from, bytes] of ranges) now.set(before.subarray(from, from + bytes), from);
  const found: string[] = [];
  if (Buffer.compare(now, before) === 0) return found;
  for (let at = 0; at < now.length && found.length < 20; at++) {
    if (now[at] !== before[at]) found.push(`${name} 0x${at.toString(16)}`);
  }
  return found;
}

/** Which eights of secrets stand anywhere in a module's memory: of a run of 15 bytes, at least one. */
function secretsIn(name: ModuleName, secrets: readonly Uint8Array[]): string[] {
  const all = Buffer.from(memory[name].buffer);
  const found: string[] = [];
  for (const [which, secret] of secrets.entries()) {
    for (let at = 0; at + 8 <= secret.length; at += 8) {
      const place = all.indexOf(secret.subarray(at, at + 8));
      if (place >= 0) found.push(`secret ${which} byte ${at} at 0x${place.toString(16)}`);
    }
  }
  return found;
}

const holders: { dispose(): void }[] = [];

/** While holders live, only their slots may differ; after each test nothing may. */
function nothingStays(): void {
  expect(changed("hmac", [hmacSlots, ...hmacArenas])).toEqual([]);
  expect(changed("cute", [cuteSlots, ...cuteArenas])).toEqual([]);
  expect(changed("netcode", [netcodeSlots, ...netcodeArenas])).toEqual([]);
}

afterEach(() => {
  for (const holder of holders.splice(0)) holder.dispose();
  expect(changed("hmac", hmacArenas)).toEqual([]);
  expect(changed("cute", cuteArenas)).toEqual([]);
  expect(changed("netcode", netcodeArenas)).toEqual([]);
});

describe("connect-tokens/crypto leaves nothing in memory", () => {
  const key = random.bytes(32);
  const sizes = [0, 1, 63, 64, 65, 1000, 262_143, 262_145, 892_929];

  it("of digests and HMACs, streams left open among them", () => {
    for (const size of sizes) {
      const message = random.bytes(size);
      sha256(message);
      nothingStays();
      const open = createSha256().update(message);
      nothingStays();
      for (const length of [0, 32, 64, 65, 200]) hmacSha256(random.bytes(length), message);
      nothingStays();
      open.digest();
      nothingStays();
    }
    expect(changed("hmac", hmacArenas)).toEqual([]);
  });

  it.each(["chacha20Poly1305", "xchacha20Poly1305"] as const)("of %s, whether it opens or not", (name) => {
    const aead = { chacha20Poly1305, xchacha20Poly1305 }[name];
    for (const size of sizes) {
      const [text, nonce] = [random.bytes(size), random.bytes(aead.nonceBytes)];
      const sealed = aead.seal(key, nonce, text, key);
      nothingStays();
      const used = [key, text.subarray(0, 300), sealed.subarray(0, 300)];
      expect(secretsIn("netcode", used)).toEqual([]);
      expect(aead.open(key, nonce, sealed, key)).toBeDefined();
      nothingStays();
      expect(secretsIn("netcode", used)).toEqual([]);
      expect(aead.open(key, nonce, flipBit(sealed, sealed.length * 8 - 1), key)).toBeUndefined();
      nothingStays();
      expect(secretsIn("netcode", used)).toEqual([]);
      expect(() => aead.seal(key, nonce, text, "x" as unknown as Uint8Array)).toThrow("associatedData");
      expect(() => aead.open(key, nonce, null as unknown as Uint8Array)).toThrow("sealed");
      nothingStays();
    }
  });
});

describe("SnapNet leaves nothing in memory but its keys' midstates", () => {
  it("after every verb and after dispose", () => {
    const secret = random.bytes(32);
    const text = Buffer.from(random.bytes(32)).toString("hex");
    const tokens = new SnapNetTokens({ secret: [secret, text], sessionId: "s" });
    holders.push(tokens);
    expect(changed("hmac", hmacArenas).length).toBeGreaterThan(0);
    const secrets = [secret, new Uint8Array(Buffer.from(text, "hex")), new TextEncoder().encode(text)];
    nothingStays();
    expect(secretsIn("hmac", secrets)).toEqual([]);
    const token = tokens.issue({ userId: "user", expiration: NOW + 1n });
    nothingStays();
    const many = Array.from({ length: 1300 }, (_, i) => (i % 2 ? token : `${token.slice(0, -1)}x`));
    for (const one of [token, token.slice(1), "", "||||", "é".repeat(60), 5])
      tokens.verify(one as string, { now: NOW });
    nothingStays();
    expect(tokens.verifyMany(many, { now: NOW }).validCount).toBe(650);
    nothingStays();
    expect(() => tokens.issue({ userId: "a|b" })).toThrow("userId");
    expect(() => new SnapNetTokens({ secret: [secret, "00"], sessionId: "s" })).toThrow("secret[1]");
    nothingStays();
    expect(secretsIn("hmac", secrets)).toEqual([]);
  });
});

describe.each(schemes)("$name leaves nothing but its keys", ({ make }) => {
  it("after tokens of every kind, one by one and many", () => {
    const { tokens, issue } = make();
    holders.push(tokens);
    const genuine = issue();
    nothingStays();
    const values = [...garbage().values()].flatMap((value) => [value, genuine]);
    for (const value of [...values, ...disguises(genuine)]) tokens.verify(value, { now: NOW });
    nothingStays();
    expect(tokens.verifyMany(values, { now: NOW }).validCount).toBe(values.length / 2);
    nothingStays();
    expect(() => tokens.verify(genuine, { now: -1 })).toThrow("now");
    nothingStays();
  });
});

it("signing key pairs and public verification leave nothing", () => {
  const seed = random.bytes(32);
  const { publicKey, secretKey } = generateSigningKeyPair(seed);
  expect(changed("cute", cuteArenas)).toEqual([]);
  expect(secretsIn("cute", [seed, secretKey])).toEqual([]);
  generateSigningKeyPair();
  expect(changed("cute", cuteArenas)).toEqual([]);
  for (const key of [publicKey, flipBit(publicKey, 3)]) verifySignature(nativeOf(hydrogen, 1).packet, key);
  expect(() => verifySignature(nativeOf(hydrogen, 1).packet, new Uint8Array(32))).toThrow("publicKey");
  expect(changed("cute", cuteArenas)).toEqual([]);
});

describe.each([hydrogen, xchacha])("$suite leaves nothing in memory but its slots", (suite: SuiteUnderTest) => {
  it("after every verb and after dispose", () => {
    const { secret, applicationId } = nativeOf(suite, 2);
    const other = nativeOf(suite, 3).secret;
    const both = new CuteTokens({ suite: suite.suite, secret: [other, secret], applicationId });
    const tokens = new CuteTokens({
      suite: suite.suite,
      secret,
      applicationId,
      serverEndpoint: "10.0.0.1:7777",
    });
    holders.push(tokens, both);
    expect(changed("cute", cuteArenas).length).toBeGreaterThan(0);
    nothingStays();
    const fields = plainFields(random);
    const entropy = random.bytes(suite.entropyBytes);
    const secrets = [fields.clientToServerKey, fields.serverToClientKey, fields.userData, entropy];
    const packet = packetOf(tokens.issue(fields));
    nothingStays();
    tokens.issue(fields, { entropy });
    nothingStays();
    // The nonce of xchacha20poly1305 is public; it is not in memory either.
    expect(secretsIn("cute", secrets)).toEqual([]);
    // As they find what is there: the packets that are public stand in memory.
    tokens.verify(packet, { now: NOW });
    expect(secretsIn("cute", [packet.subarray(900)])).not.toEqual([]);
    const variants = [packet, ...faults.map((fault) => fault.apply(packet, suite)), flipBit(packet, 8191)];
    for (const variant of variants) {
      for (const holder of [tokens, both]) {
        holder.verify(variant, { now: NOW });
        nothingStays();
      }
    }
    const many = Array.from({ length: 1500 }, (_, i) => variants[i % variants.length] as Uint8Array);
    expect(tokens.verifyMany(many, { now: NOW }).validCount).toBeGreaterThan(100);
    nothingStays();
    expect(secretsIn("cute", secrets)).toEqual([]);
    expect(() => tokens.issue({ ...fields, endpoints: ["x"] })).toThrow("endpoints[0]");
    nothingStays();
  });

  it("after a secret that was refused", () => {
    const { secret, applicationId } = nativeOf(suite, 4);
    const broken = suite.suite === "hydrogen" ? flipBit(secret, 511) : secret.subarray(1);
    const given = { suite: suite.suite, applicationId, secret: [secret, broken] };
    expect(() => new CuteTokens(given)).toThrow("secret[1]");
    expect(changed("cute", cuteArenas)).toEqual([]);
    expect(secretsIn("cute", [secret.subarray(0, 32)])).toEqual([]);
  });
});

describe.each(DIALECTS)("NetcodeTokens, dialect %s, leaves nothing in memory but its slots", (dialect) => {
  it("after every verb and after dispose", () => {
    const [secret, older] = [random.bytes(32), random.bytes(32)];
    const fields = netcodeFields(random);
    const { protocolId } = fields;
    const own = { serverAddress: "203.0.113.99:1" };
    const tokens = new NetcodeTokens({ protocolId, dialect, secret: [Buffer.from(older).toString("hex"), secret] });
    const elsewhere = new NetcodeTokens({ protocolId, dialect, secret, ...own });
    holders.push(tokens, elsewhere);
    expect(changed("netcode", netcodeArenas).length).toBeGreaterThan(0);
    nothingStays();
    tokens.issue(issueOf(fields));
    nothingStays();
    const packet = requestOf(dialect, writeToken(dialect, secret, fields, random.bytes(24)));
    const secrets = [fields.clientToServerKey, fields.serverToClientKey, fields.userData];
    const variants = [packet, flipBit(packet, 8 * 60), flipBit(packet, 8 * 25), packet.subarray(1)];
    for (const holder of [tokens, elsewhere]) {
      for (const variant of variants) {
        holder.verify(variant, { now: NETCODE_NOW });
        nothingStays();
      }
    }
    // Malformed where only the holder of the secret can see it.
    const text = privateText(dialect, fields);
    for (const [at, byte] of [
      [16, 9],
      [12, 40],
      [15, 40],
    ] as const) {
      const bad = sealRequest(dialect, secret, fields, random.bytes(24), patched(text, at, Uint8Array.of(byte)));
      expect(tokens.verify(bad, { now: NETCODE_NOW })).toMatchObject({ reason: "bad-addresses" });
      nothingStays();
    }
    const many = Array.from({ length: 700 }, (_, i) => variants[i % 4] as Uint8Array);
    expect(tokens.verifyMany(many, { now: NETCODE_NOW }).validCount).toBe(175);
    nothingStays();
    expect(elsewhere.verifyMany(many, { now: NETCODE_NOW }).validCount).toBe(0);
    nothingStays();
    expect(secretsIn("netcode", secrets)).toEqual([]);
    expect(() => tokens.issue({ ...issueOf(fields), serverAddresses: ["x"] })).toThrow("serverAddresses[0]");
    nothingStays();
  });
});

afterAll(() => {
  expect([memory.hmac.length, memory.cute.length, memory.netcode.length]).toEqual([0x100000, 0x280000, 0x100000]);
});
