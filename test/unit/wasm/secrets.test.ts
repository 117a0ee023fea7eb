import { afterEach, describe, expect, it } from "vitest";
import { CUTE_PACKETS } from "../../../assembly/memory/cute.ts";
import { HMAC_ARENA } from "../../../assembly/memory/hmac.ts";
import * as centrifugo from "../../../src/centrifugo/index.ts";
import * as primitives from "../../../src/crypto.ts";
import * as cute from "../../../src/cute/index.ts";
import * as netcode from "../../../src/netcode/index.ts";
import * as snapnet from "../../../src/snapnet/index.ts";
import * as tirtc from "../../../src/tirtc/index.ts";
import * as chacha from "../../reference/chacha20poly1305.ts";
import { concat, flipBit } from "../../support/bytes.ts";
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
import { Random } from "../../support/random.ts";
import {
  covered,
  disposeAll,
  hmacSecrets,
  hold,
  kernels,
  leavesNothing,
  release,
  type Secrets,
  sha,
  tagSecrets,
  type Way,
  xor,
} from "../../support/secrets.ts";
import { describeNetcodeSecrets } from "../../support/secrets-netcode.ts";
import { describeStringSecrets } from "../../support/secrets-strings.ts";
import { STRANGE } from "../../support/string-schemes.ts";
import { Windows } from "../../support/windows.ts";

// T10, by the secrets: after every public call, whether it succeeds, refuses or throws, no eight bytes in a row of a key,
// of what is derived from it, of a key stream, of secret randomness or of a plaintext stand anywhere in linear memory.
// Only a holder's own slots hold keys, until it is disposed of. memory.test.ts looks at the same from the other side: what
// has changed at all.

const random = new Random(77);

afterEach(release);

it("the search finds each window of a secret, at any address, and nothing else", () => {
  const { memory } = kernels.hmac;
  const secret = random.bytes(40);
  const windows = new Windows({ secret });
  expect(windows.count).toBe(33);
  expect(windows.find(memory)).toEqual([]);
  for (const at of [HMAC_ARENA, HMAC_ARENA + 3, memory.length - 8]) {
    for (let from = 0; from <= 32; from++) {
      memory.set(secret.subarray(from, from + 8), at);
      expect(windows.find(memory)).toEqual([`secret byte ${from} at 0x${at.toString(16)}`]);
      expect(windows.find(memory, [[at, at + 8]])).toEqual([]);
      memory.fill(0, at, at + 8);
    }
  }
});

describe("connect-tokens/crypto", () => {
  it.each([0, 32, 64, 200])("a key of %i bytes", (length) => {
    const key = random.bytes(length);
    for (const size of [8, 64, 5000, 900_000]) {
      const message = random.bytes(size);
      const secrets = { ...hmacSecrets(key), ...tagSecrets(key, message) };
      leavesNothing("hmacSha256", "success", secrets, () => primitives.hmacSha256(key, message));
      leavesNothing("hmacSha256", "throw", secrets, () => primitives.hmacSha256(key, "x" as never));
      const digests = { message: message.subarray(-400), digest: sha(message) };
      leavesNothing("sha256", "success", digests, () => primitives.sha256(message));
      const stream = leavesNothing("createSha256", "success", digests, () => primitives.createSha256());
      leavesNothing("createSha256.update", "success", digests, () => stream.update(message));
      leavesNothing("createSha256.update", "throw", digests, () => stream.update(null as never));
      leavesNothing("createSha256.digest", "success", digests, () => stream.digest());
      leavesNothing("createSha256.digest", "throw", digests, () => stream.digest());
    }
    leavesNothing("sha256", "throw", { key }, () => primitives.sha256(undefined as never));
  });

  const aeads = [
    ["chacha20Poly1305", primitives.chacha20Poly1305],
    ["xchacha20Poly1305", primitives.xchacha20Poly1305],
  ] as const;
  it.each(aeads)("%s", (name, aead) => {
    for (const size of [8, 64, 1000, 300_000]) {
      const [key, nonce] = [random.bytes(32), random.bytes(aead.nonceBytes)];
      const [text, data] = [random.bytes(size), random.bytes(100)];
      const extended = aead.nonceBytes === 24;
      const subkey = extended ? chacha.hchacha20(key, nonce.subarray(0, 16)) : key;
      const short = extended ? concat(new Uint8Array(4), nonce.subarray(16)) : nonce;
      const sealed = aead.seal(key, nonce, text, data);
      const stream = xor(text, sealed).subarray(0, 1000);
      const secrets = {
        ...{ key, subkey, text: text.subarray(-1000), data, stream, nonce },
        "one-time key": new Uint8Array(chacha.chacha20Block(subkey, 0, short)),
        tag: sealed.slice(-16),
      };
      leavesNothing(`${name}.seal`, "success", secrets, () => aead.seal(key, nonce, text, data));
      leavesNothing(`${name}.seal`, "throw", secrets, () => aead.seal(key, nonce, text, 5 as never));
      leavesNothing(`${name}.open`, "success", secrets, () =>
        expect(aead.open(key, nonce, sealed, data)).toBeDefined(),
      );
      for (const bit of [0, sealed.length * 8 - 1]) {
        const forged = flipBit(sealed, bit);
        leavesNothing(`${name}.open`, "failure", secrets, () =>
          expect(aead.open(key, nonce, forged, data)).toBeUndefined(),
        );
      }
      leavesNothing(`${name}.open`, "throw", secrets, () => aead.open(key, nonce.subarray(1), sealed, data));
    }
  });
});

describeStringSecrets();
describeNetcodeSecrets();

describe.each([hydrogen, xchacha])("CuteTokens, suite $suite", (suite: SuiteUnderTest) => {
  it("every call", () => {
    const { secret, applicationId } = nativeOf(suite, 5);
    const older = nativeOf(suite, 6).secret;
    const fields = plainFields(random);
    const entropy = random.bytes(suite.entropyBytes);
    const make = (secrets: unknown) =>
      new cute.CuteTokens({
        suite: suite.suite,
        secret: secrets as never,
        applicationId,
        serverEndpoint: "10.0.0.1:7777",
      });
    const maker = make(secret);
    const token = maker.issue(fields, { entropy });
    maker.dispose();
    const packet = packetOf(token);
    // A signing secret's second half is public.
    const own: Secrets = { secret: secret.subarray(0, 32), older: older.subarray(0, 32) };
    const text = concat(fields.clientToServerKey, fields.serverToClientKey, fields.userData);
    own["text"] = text;
    if (suite === hydrogen) {
      own["entropy"] = entropy;
      // 28 zeros and the client id stand before the keys.
      own["stream"] = xor(text, packet.subarray(604 + 36, 960));
    } else {
      const nonce = packet.subarray(656, 680);
      const subkey = chacha.hchacha20(secret, nonce.subarray(0, 16));
      own["subkey"] = new Uint8Array(subkey);
      own["one-time key"] = new Uint8Array(
        chacha.chacha20Block(subkey, 0, concat(new Uint8Array(4), nonce.subarray(16))).subarray(0, 32),
      );
      own["stream"] = xor(text, packet.subarray(688, 1008));
    }
    const call = (name: string, way: Way, run: () => unknown) => leavesNothing(name, way, own, run);
    const half = suite === hydrogen ? flipBit(secret, 511) : secret.subarray(1);
    call("new CuteTokens", "throw", () => make([secret, older, half]));
    const tokens = leavesNothing("new CuteTokens", "success", own, () => hold(() => make([secret, older])));
    call("CuteTokens.issue", "success", () => expect(tokens.issue(fields, { entropy })).toEqual(token));
    call("CuteTokens.issue", "throw", () => tokens.issue({ ...fields, endpoints: [] }, { entropy }));
    call("CuteTokens.issue", "throw", () => tokens.issue({ ...fields, clientId: -1 }, { entropy }));
    call("CuteTokens.issueMany", "success", () => tokens.issueMany([fields, fields], { now: NOW }));
    call("CuteTokens.issueMany", "throw", () => tokens.issueMany([fields, { ...fields, clientId: -1 }], { now: NOW }));
    call("CuteTokens.verify", "success", () => expect(tokens.verify(packet, { now: NOW }).valid).toBe(true));
    const bad = [
      ...faults.map(({ apply }) => apply(packet, suite)),
      ...[30 * 8, suite.publicBytes * 8, 8000, 8191].map((bit) => flipBit(packet, bit)),
      ...(STRANGE as Uint8Array[]),
    ];
    for (const one of bad) {
      call("CuteTokens.verify", "failure", () => expect(tokens.verify(one, { now: NOW }).valid).toBe(false));
    }
    call("CuteTokens.verify", "throw", () => tokens.verify(packet, { now: -1 }));
    const many = Array.from({ length: 300 }, (_, i) => [packet, ...bad][i % (bad.length + 1)] as Uint8Array);
    call("CuteTokens.verifyMany", "success", () => tokens.verifyMany(concat(packet, packet, packet), { now: NOW }));
    call("CuteTokens.verifyMany", "failure", () => tokens.verifyMany(many, { now: NOW }));
    call("CuteTokens.verifyMany", "throw", () => tokens.verifyMany(packet.subarray(1), { now: NOW }));
    disposeAll("CuteTokens.dispose", own);
    call("CuteTokens.verify", "throw", () => tokens.verify(packet, { now: NOW }));
    call("CuteTokens.issue", "throw", () => tokens.issue(fields, { entropy }));
    // As packets that are public stand where they were looked at, the search would find what is there.
    expect(new Windows({ packet }).find(kernels.cute.memory.subarray(CUTE_PACKETS))).not.toEqual([]);
  });
});

it("the other functions of connect-tokens/cute", () => {
  const seed = random.bytes(32);
  const { secretKey } = cute.generateSigningKeyPair(seed);
  const own = { seed, secret: secretKey.subarray(0, 32) };
  const made = leavesNothing("generateSigningKeyPair", "success", own, () => cute.generateSigningKeyPair(seed));
  leavesNothing("generateSigningKeyPair", "throw", own, () => cute.generateSigningKeyPair(seed.subarray(1)));
  const fresh = cute.generateSigningKeyPair();
  leavesNothing("generateSigningKeyPair", "success", { fresh: fresh.secretKey.subarray(0, 32) }, () => {});
  const { packet } = nativeOf(hydrogen, 1);
  leavesNothing("verifySignature", "success", own, () =>
    cute.verifySignature(packet, nativeOf(hydrogen, 1).secret.slice(32)),
  );
  leavesNothing("verifySignature", "failure", own, () =>
    expect(cute.verifySignature(packet, made.publicKey)).toBe(false),
  );
  leavesNothing("verifySignature", "throw", own, () => cute.verifySignature(packet, new Uint8Array(32)));
  const key = cute.generateKey();
  leavesNothing("generateKey", "success", { key }, () => {});
  const userData = random.bytes(256);
  leavesNothing("nativeUserDataView", "success", { userData }, () => cute.nativeUserDataView(userData));
  leavesNothing("nativeUserDataView", "throw", { userData }, () => cute.nativeUserDataView(concat(userData, userData)));
});

it("that was every function that is exported, every class and every method of one, in each of its outcomes", () => {
  const names = [primitives, cute, netcode, snapnet, centrifugo, tirtc].flatMap((module) =>
    Object.entries(module).flatMap(([name, value]: [string, unknown]) => {
      if (typeof value === "object") return ["seal", "open"].map((verb) => `${name}.${verb}`);
      if (typeof value !== "function") return [];
      const methods = Object.getOwnPropertyNames(value.prototype ?? {}).filter((method) => method !== "constructor");
      if (!/^class/.test(`${value}`)) return [name];
      return [`new ${name}`, ...methods.map((method) => `${name}.${method}`)];
    }),
  );
  names.push("createSha256.update", "createSha256.digest");
  expect([...covered.keys()].sort()).toEqual(names.sort());
  const cannotThrow = ["createSha256", "generateKey", "readPeerId"];
  const neverThrew = [...covered].filter(([, ways]) => !ways.has("throw")).map(([name]) => name);
  expect(neverThrew.filter((name) => !name.endsWith(".dispose")).sort()).toEqual(cannotThrow);
  const refuse = [...covered].filter(([name]) => /verify|open$/i.test(name));
  expect(refuse.filter(([, ways]) => !ways.has("failure"))).toEqual([]);
  expect(refuse).toHaveLength(15);
});
