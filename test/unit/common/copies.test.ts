import { describe, expect, it, vi } from "vitest";
import { CentrifugoTokens } from "../../../src/centrifugo/index.ts";
import { chacha20Poly1305, createSha256, hmacSha256, xchacha20Poly1305 } from "../../../src/crypto.ts";
import { CuteClient } from "../../../src/cute/client.ts";
import { CuteTokens, generateSigningKeyPair } from "../../../src/cute/index.ts";
import { CutePackets } from "../../../src/cute/packets.ts";
import { fromBase64, fromHex, toBase64, toHex } from "../../../src/encoding.ts";
import { NetcodeTokens } from "../../../src/netcode/index.ts";
import { SnapNetTokens } from "../../../src/snapnet/index.ts";
import { TirtcTokens } from "../../../src/tirtc/index.ts";
import { copiesIn } from "../../support/copies.ts";
import { NOW } from "../../support/cute.ts";
import { Random } from "../../support/random.ts";
import { type Secrets, sha, utf8 } from "../../support/secrets.ts";

// T10 outside linear memory: no copy of a secret that a call makes, its result apart, still holds it when the call is over.

const random = new Random(1013);
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** The same bytes in memory that threads share, out of which they are copied before they are looked at. */
function shared(bytes: Uint8Array): Uint8Array {
  const view = new Uint8Array(new SharedArrayBuffer(bytes.length));
  view.set(bytes);
  return view;
}

const [key, other] = [random.bytes(32), random.bytes(32)];
const signing = generateSigningKeyPair(random.bytes(32)).secretKey;
const half = signing.subarray(0, 32);
const long = random.bytes(100);
const text = "a secret which is long enough to be told apart";
const spoilt = signing.slice();
spoilt[40] = (spoilt[40] as number) ^ 1;

interface Use {
  readonly name: string;
  readonly secrets: Secrets;
  readonly run: () => unknown;
  /** What it throws, where it is to throw. */
  readonly error?: string;
}

function disposed(make: () => { dispose(): void }): () => void {
  return () => make().dispose();
}

const cute = (secret: unknown) => () =>
  new CuteTokens({ suite: "xchacha20poly1305", applicationId: 1, secret: secret as Uint8Array });
const hydrogen = (secret: unknown) => () => new CuteTokens({ applicationId: 1, secret: secret as Uint8Array });
const netcode = (secret: unknown) => () => new NetcodeTokens({ protocolId: 1, secret: secret as Uint8Array });
const snapnet = (secret: unknown) => () => new SnapNetTokens({ sessionId: "s", secret: secret as Uint8Array });
const centrifugo = (secret: unknown) => () =>
  new CentrifugoTokens({ profile: "v1", lifetime: 60, secret: secret as Uint8Array });
const tirtc =
  (secretKey: unknown, deviceSecretKey: unknown = "a device's") =>
  () =>
    new TirtcTokens({
      accessId: "a",
      secretKey: secretKey as Uint8Array,
      deviceSecretKey: deviceSecretKey as Uint8Array,
    });

/** Every way in which a holder may be given its secrets, and the lists that hold one which is none. */
function makings(
  scheme: string,
  make: (secret: unknown) => () => { dispose(): void },
  secret: Uint8Array,
  secrets: Secrets,
  bad: unknown,
): Use[] {
  return [
    { name: `${scheme}, of bytes`, secrets, run: disposed(make(secret)) },
    { name: `${scheme}, of shared memory`, secrets, run: disposed(make(shared(secret))) },
    { name: `${scheme}, of a list`, secrets, run: disposed(make([secret, secret])) },
    { name: `${scheme}, of a list with a bad one`, secrets, run: make([secret, shared(secret), bad]), error: "secret" },
  ];
}

const sessionKeys = { clientToServerKey: key, serverToClientKey: other };
const sharedKeys = { clientToServerKey: shared(key), serverToClientKey: shared(other) };
const userData = random.bytes(256);
const cuteFields = {
  ...{ creationTimestamp: NOW, expirationTimestamp: NOW + 10n, handshakeTimeout: 5, endpoints: ["10.0.0.1:7777"] },
  clientId: 1,
};
const netcodeFields = {
  ...{ createTimestamp: NOW, expireTimestamp: NOW + 10n, clientId: 1, timeoutSeconds: 5 },
  serverAddresses: ["10.0.0.1:7777"],
};
const given = { ...sessionKeys, userData };
const cuteTokens = cute(random.bytes(32))();
const signer = hydrogen(generateSigningKeyPair(random.bytes(32)).secretKey)();
const netcodeTokens = netcode(random.bytes(32))();
const entropy = random.bytes(52);
const cuteToken = cuteTokens.issue({ ...cuteFields, ...sessionKeys });
const device = random.bytes(48);
const peer = { peerId: "p", sub: "s", iat: NOW } as const;
const devices = (deviceKey: unknown) => tirtc(random.bytes(32), () => deviceKey)();
const deviceToken = tirtc(key, device)().issue(peer);
const otherToken = tirtc(key, device)().issue({ ...peer, peerId: "another, of the same key" });
const packets = new CutePackets({ side: "client", ...sessionKeys });
const huge = random.bytes(0x18000 + 5);
const [hugeHex, hugeBase64] = [hexOf(huge), toBase64(huge)];
const sharedDevice = shared(device);
const sharedKey = shared(key);
const longText = text.repeat(9000);
const sharedData = shared(userData);
const sharedLong = shared(random.bytes(257));

const USES: readonly Use[] = [
  ...makings("CuteTokens, xchacha20poly1305", cute, key, { key }, "00"),
  ...makings("CuteTokens, hydrogen", hydrogen, signing, { half }, "00"),
  ...makings("NetcodeTokens", netcode, key, { key }, "00"),
  ...makings("SnapNetTokens", snapnet, key, { key }, "00"),
  ...makings("CentrifugoTokens", centrifugo, key, { key }, ""),
  ...makings("TirtcTokens", tirtc, key, { key }, ""),
  { name: "hydrogen, with a public half that is another's", secrets: { half }, run: hydrogen(spoilt), error: "half" },
  { name: "CuteTokens, of hex", secrets: { key }, run: disposed(cute(hexOf(key))) },
  { name: "NetcodeTokens, of hex", secrets: { key }, run: disposed(netcode(hexOf(key))) },
  { name: "SnapNetTokens, of hex", secrets: { key }, run: disposed(snapnet(hexOf(key))) },
  { name: "SnapNetTokens, of too many bytes", secrets: { long }, run: snapnet(long), error: "secret" },
  { name: "SnapNetTokens, of too much hex", secrets: { long }, run: snapnet(hexOf(long)), error: "secret" },
  { name: "CentrifugoTokens, of text", secrets: { text: utf8(text) }, run: disposed(centrifugo(text)) },
  { name: "CentrifugoTokens, of many bytes", secrets: { long, hash: sha(long) }, run: disposed(centrifugo(long)) },
  { name: "TirtcTokens, with a bad secret key", secrets: { device }, run: tirtc("", device), error: "secretKey" },
  { name: "TirtcTokens, with a device's key", secrets: { device }, run: disposed(tirtc(key, device)) },
  { name: "TirtcTokens.issue, the key of a device", secrets: { device }, run: () => devices(device).issue(peer) },
  {
    name: "TirtcTokens.issue, the shared key of a device",
    secrets: { device },
    run: () => devices(sharedDevice).issue(peer),
  },
  {
    name: "TirtcTokens.issue, the text key of a device",
    secrets: { text: utf8(text) },
    run: () => devices(text).issue(peer),
  },
  {
    name: "TirtcTokens.issue, the long text key of a device",
    secrets: { text: utf8(text.repeat(2)) },
    run: () => devices(longText).issue(peer),
  },
  {
    name: "TirtcTokens.verify, the key of a device",
    secrets: { device },
    run: () => devices(device).verify(deviceToken, { now: NOW }),
  },
  {
    name: "TirtcTokens.verifyMany, the key of a device",
    secrets: { device },
    run: () => devices(device).verifyMany([deviceToken, deviceToken, otherToken], { now: NOW }),
  },
  { name: "hmacSha256, a long key", secrets: { hash: sha(long) }, run: () => hmacSha256(long, device) },
  { name: "createSha256", secrets: { key }, run: () => createSha256().update(key).digest() },
  { name: "hmacSha256, a shared key", secrets: { key, userData }, run: () => hmacSha256(sharedKey, sharedData) },
  ...([chacha20Poly1305, xchacha20Poly1305] as const).flatMap((aead): Use[] => {
    const nonce = random.bytes(aead.nonceBytes);
    const sealedData = aead.seal(key, nonce, userData);
    const name = `an AEAD with a nonce of ${nonce.length} bytes`;
    return [
      { name: `${name}, seal`, secrets: { key, userData }, run: () => aead.seal(sharedKey, nonce, sharedData) },
      { name: `${name}, open`, secrets: { key, userData }, run: () => aead.open(sharedKey, nonce, sealedData) },
      { name: `${name}, no nonce`, secrets: { key }, run: () => aead.seal(sharedKey, key, userData), error: "nonce" },
    ];
  }),
  { name: "generateSigningKeyPair", secrets: { key }, run: () => void generateSigningKeyPair(sharedKey) },
  ...[cuteTokens, signer].flatMap((tokens, i): Use[] => {
    const random = entropy.subarray(0, i === 0 ? 24 : 52);
    const secrets: Secrets = i === 0 ? given : { ...given, random };
    const options = { entropy: random };
    const sharedOptions = { entropy: shared(random) };
    const name = `CuteTokens.issue, ${i === 0 ? "xchacha20poly1305" : "hydrogen"}`;
    const fields = { ...cuteFields, ...sharedKeys, userData: sharedData };
    return [
      { name, secrets, run: () => tokens.issue(fields, options) },
      {
        name: `${name}, with shared entropy`,
        secrets,
        run: () => tokens.issue(fields, sharedOptions),
      },
      {
        name: `${name}, with a wrong key`,
        secrets: given,
        run: () => tokens.issue({ ...fields, serverToClientKey: key.subarray(1) }, options),
        error: "serverToClientKey",
      },
    ];
  }),
  {
    name: "NetcodeTokens.issue",
    secrets: given,
    run: () => netcodeTokens.issue({ ...netcodeFields, ...sharedKeys, userData: sharedData }),
  },
  {
    name: "NetcodeTokens.issue, with too much user data",
    secrets: given,
    run: () => netcodeTokens.issue({ ...netcodeFields, ...sharedKeys, userData: sharedLong }),
    error: "userData",
  },
  {
    name: "CuteClient.connect",
    secrets: sessionKeys,
    run: () => {
      const client = new CuteClient({ applicationId: 1 });
      client.connect(cuteToken, { now: NOW, time: 0 });
      client.disconnect();
    },
  },
  {
    name: "new CutePackets",
    secrets: sessionKeys,
    run: () => new CutePackets({ side: "client", ...sharedKeys }).dispose(),
  },
  {
    name: "CutePackets.seal",
    secrets: { random: entropy.subarray(0, 20) },
    run: () => packets.seal("payload", 1n, key, { entropy: entropy.subarray(0, 20) }),
  },
  { name: "toHex", secrets: { key }, run: () => toHex(sharedKey) },
  { name: "fromHex, of several pieces", secrets: { huge: huge.subarray(0, 99) }, run: () => fromHex(hugeHex) },
  {
    name: "fromBase64, of several pieces",
    secrets: { huge: huge.subarray(0, 99), text: utf8(hugeBase64).slice(0, 99) },
    run: () => fromBase64(hugeBase64),
  },
];

describe("no copy of a secret is left by", () => {
  it.each(USES)("$name", ({ secrets, run, error }) => {
    const { left, wiped } = copiesIn(secrets, () => {
      if (error === undefined) return run();
      expect(run).toThrow(error);
      return undefined;
    });
    expect(left).toEqual([]);
    expect(wiped).toBeGreaterThan(0);
  });
});

it("the session keys that netcode draws are wiped where they were drawn", () => {
  const { slice } = Uint8Array.prototype;
  const drawn: Uint8Array[] = [];
  const spy = vi.spyOn(Uint8Array.prototype, "slice").mockImplementation(function (this: Uint8Array, ...range) {
    const bytes = slice.apply(this, range) as Uint8Array<ArrayBuffer>;
    if (bytes.length === 32) {
      expect(bytes.some((byte) => byte !== 0)).toBe(true);
      drawn.push(bytes);
    }
    return bytes;
  });
  netcodeTokens.issue(netcodeFields);
  spy.mockRestore();
  expect(drawn.map((bytes) => hexOf(bytes))).toEqual(Array(2).fill("00".repeat(32)));
});
