import { CentrifugoTokens } from "../../../src/centrifugo/index.ts";
import { isJsonObject, readJsonObject } from "../../../src/common/json.ts";
import { chacha20Poly1305, hmacSha256, sha256, xchacha20Poly1305 } from "../../../src/crypto.ts";
import { CuteTokens, verifySignature } from "../../../src/cute/index.ts";
import { readConnectToken, readPublicSection } from "../../../src/cute/public.ts";
import { NetcodeTokens } from "../../../src/netcode/index.ts";
import { connectionRequestPacket, readConnectToken as readNetcodeToken } from "../../../src/netcode/public.ts";
import { SnapNetTokens } from "../../../src/snapnet/index.ts";
import { parseDeviceLicense, readPeerId, TirtcTokens } from "../../../src/tirtc/index.ts";
import { base64urlTextsToBytes, base64urlToBytes, hexToBytes } from "../../../src/wasm/hmac/encoding.ts";
import { centrifugoSign, snapNetToken, tirtcSign } from "../../reference/string-schemes.ts";
import { hydrogen, nativeOf, xchacha } from "../../support/cute.ts";
import { parseEndpoint } from "../../support/endpoints.ts";
import type { GrowthCase } from "./growth.ts";

const NOW = 1_700_000_000;
const KEY = new Uint8Array(32).fill(7);
const KEYS = { secretKey: KEY, deviceSecretKey: KEY };

const snapnet = new SnapNetTokens({ secret: KEY, sessionId: null });
const centrifugo = new CentrifugoTokens({ secret: KEY, profile: "v1", lifetime: 0, allowAnonymous: true });
const tirtc = new TirtcTokens({ accessId: "access", ...KEYS });
const lookup = new TirtcTokens({ accessId: "access", ...KEYS, deviceSecretKey: () => KEY });
const [native, early] = [nativeOf(hydrogen, 2), nativeOf(xchacha, 2)];
const cute = new CuteTokens({ suite: "hydrogen", secret: native.secret, applicationId: native.applicationId });
const cuteX = new CuteTokens({ suite: "xchacha20poly1305", secret: early.secret, applicationId: early.applicationId });
const netcode = new NetcodeTokens({ secret: KEY, protocolId: 42 });
const request = connectionRequestPacket(
  netcode.issue({ clientId: 7, serverAddresses: ["10.0.0.1:7777"], timeoutSeconds: 5 }, { now: NOW }),
);

function attempt(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}

/** Text of about n characters. */
const repeat = (piece: string, n: number): string => piece.repeat(Math.ceil(n / piece.length));
const names = (n: number): string[] => Array.from({ length: Math.ceil(n / 14) }, (_, i) => `"m${i}":${i}`);

/** Texts that cost a JSON scanner most, or would have cost a careless one. */
const jsonTexts: Record<string, (n: number) => string> = {
  "many members": (n) => `{${names(n).join(",")}}`,
  "many members of one inner object": (n) => `{"a":{${names(n).join(",")}}}`,
  "a double name at the very end": (n) => `{${[...names(n), '"m0":0'].join(",")}}`,
  "many inner objects": (n) => `{"a":[${repeat("{},", n)}{}]}`,
  escapes: (n) => `{"a":"${repeat("\\u00e9", n)}"}`,
  "an open string of escaped quotes": (n) => `{"a":"${repeat('\\"', n)}`,
  "many open objects": (n) => repeat('{"a":', n),
  "white space": (n) => `{${repeat(" ", n)}`,
  digits: (n) => `{"a":${repeat("1", n)}`,
  surrogates: (n) => `{"a":"${repeat("😀", n)}"}`,
};

const MIB = 2 ** 20;
/** All that Centrifugo's info may have, and ten times what a TiRTC payload has. */
const JSON_BYTES = 2 ** 16;
const HUGE = 100_000_000;

const json = Object.entries(jsonTexts).flatMap(([kind, make]): GrowthCase[] => [
  {
    name: `strict JSON, ${kind}`,
    largest: JSON_BYTES,
    prepare(n) {
      const bytes = Buffer.from(make(n));
      return () => readJsonObject(bytes, 4);
    },
  },
  {
    name: `isJsonObject, ${kind}`,
    largest: JSON_BYTES,
    prepare(n) {
      const text = make(n);
      return () => isJsonObject(text, 64);
    },
  },
  {
    name: `Centrifugo verify, genuine, info of ${kind}`,
    largest: 60_000,
    prepare(n) {
      const [user, timestamp, info] = ["", `${NOW}`, make(n - 20)];
      const token = { user, timestamp, info, token: centrifugoSign(KEY, user, timestamp, info) };
      return () => centrifugo.verify(token, { now: NOW });
    },
  },
  {
    name: `TiRTC verify, genuine, payload of ${kind}`,
    largest: 3000, // at two bytes each, about what a token of 8192 characters holds
    prepare(n) {
      const token = tirtcSign(KEYS, make(n - 20));
      return () => tirtc.verify(token, { now: NOW });
    },
  },
]);

/** What is longer than any token is refused by its length. The texts are flat beforehand: that is the sender's cost. */
const tooLong: GrowthCase[] = [
  ...Object.entries<(text: string) => unknown>({
    "SnapNet verify": (text) => snapnet.verify(text, { now: NOW }),
    "TiRTC verify": (text) => tirtc.verify(text, { now: NOW }),
    "TiRTC readPeerId": (text) => readPeerId(text),
    "Centrifugo verify, every field": (user) =>
      centrifugo.verify({ user, timestamp: user, info: user, token: user }, { now: NOW }),
    "Centrifugo verifyChannel": (info) =>
      centrifugo.verifyChannel({ client: info, channel: info, info, sign: "0".repeat(64) }),
    "Cute parseEndpoint": (text) => attempt(() => parseEndpoint(text)),
    "Cute verify, text": (text) => cute.verify(text as never, { now: NOW }),
    "base64url decoder": (text) => base64urlToBytes(text),
    "hex decoder": (text) => hexToBytes(text),
  }).map(([name, run]) => ({
    name: `${name}, 6 to 100 million characters`,
    largest: HUGE,
    prepare(n: number) {
      const text = Buffer.alloc(n, "v1.a|").toString("latin1");
      return () => run(text);
    },
  })),
  ...Object.entries<(bytes: Uint8Array) => unknown>({
    "Cute verify": (bytes) => cute.verify(bytes, { now: NOW }),
    "Cute readPublicSection": (bytes) => attempt(() => readPublicSection(bytes)),
    "Cute readConnectToken": (bytes) => attempt(() => readConnectToken(bytes)),
    "netcode verify": (bytes) => netcode.verify(bytes, { now: NOW }),
    "netcode readConnectToken": (bytes) => attempt(() => readNetcodeToken(bytes)),
    "Cute verifySignature": (bytes) => attempt(() => verifySignature(bytes, KEY)),
  }).map(([name, run]) => ({
    name: `${name}, 6 to 100 million bytes`,
    largest: HUGE,
    prepare(n: number) {
      const bytes = new Uint8Array(n);
      return () => run(bytes);
    },
  })),
];

const bytesCases = Object.entries<(bytes: Uint8Array) => unknown>({
  "SHA-256": (bytes) => sha256(bytes),
  "HMAC-SHA256, the message": (bytes) => hmacSha256(KEY, bytes),
  "HMAC-SHA256, the key": (bytes) => hmacSha256(bytes, KEY),
  "ChaCha20-Poly1305 open": (bytes) => chacha20Poly1305.open(KEY, KEY.subarray(0, 12), bytes),
  "XChaCha20-Poly1305 open": (bytes) => xchacha20Poly1305.open(KEY, KEY.subarray(0, 24), bytes),
  "XChaCha20-Poly1305 open, associated data": (bytes) => xchacha20Poly1305.open(KEY, KEY.subarray(0, 24), KEY, bytes),
  "Centrifugo verifyApi": (bytes) => centrifugo.verifyApi(bytes, "0".repeat(64)),
}).map(([name, run]) => ({
  name,
  largest: 4 * MIB,
  prepare(n: number) {
    const bytes = new Uint8Array(n).fill(0x61);
    return () => run(bytes);
  },
}));

const textCases = Object.entries<[largest: number, piece: string, run: (text: string) => unknown]>({
  "base64url decoder, sound": [0x30000, "AAAA", (text) => base64urlToBytes(text)],
  "base64url decoder, wrong throughout": [0x30000, "=\0+/", (text) => base64urlToBytes(text)],
  "hex decoder, sound": [0x30000, "aF01", (text) => hexToBytes(text)],
  "hex decoder, three bytes a character": [0x30000, "漢", (text) => hexToBytes(text)],
  "TiRTC parseDeviceLicense": [4 * MIB, "x", (text) => attempt(() => parseDeviceLicense(text))],
  "TiRTC readPeerId": [8100, "eyIi", (text) => readPeerId(`v1.${text}.${"A".repeat(43)}`)],
  "Centrifugo verify, forged": [
    60_000,
    '{"a":',
    (info) => centrifugo.verify({ user: "u", timestamp: `${NOW}`, info, token: "0".repeat(64) }, { now: NOW }),
  ],
  "Centrifugo verify, a long user": [
    60_000,
    "é",
    (user) => centrifugo.verify({ user, timestamp: `${NOW}`, info: "", token: "0".repeat(64) }, { now: NOW }),
  ],
}).map(([name, [largest, piece, run]]) => ({
  name,
  largest,
  prepare(n: number) {
    const text = Buffer.from(repeat(piece, n)).toString().slice(0, n);
    return () => run(text);
  },
}));

/** n tokens at once. */
const batches = Object.entries<[largest: number, make: (i: number) => unknown, run: (list: never) => unknown]>({
  "SnapNet verifyMany, genuine": [
    8192,
    (i) => snapNetToken(KEY, `é${i}`, "s", NOW + 9),
    (list) => [...snapnet.verifyMany(list, { now: NOW })],
  ],
  "SnapNet verifyMany, bars": [32_768, () => "|".repeat(209), (list) => [...snapnet.verifyMany(list, { now: NOW })]],
  "Centrifugo verifyMany, forged": [
    8192,
    (i) => ({ user: `u${i}`, timestamp: `${NOW}`, info: '{"a":'.repeat(9), token: "0".repeat(64) }),
    (list) => [...centrifugo.verifyMany(list, { now: NOW })],
  ],
  "TiRTC verifyMany, as many peers as tokens": [
    4096,
    (i) => lookup.issue({ peerId: `device://${i}`, sub: "s" }, { now: NOW }),
    (list) => lookup.verifyMany(list, { now: NOW }),
  ],
  "base64url decoder, many texts": [65_536, (i) => `A${i}é`, (list) => base64urlTextsToBytes(list)],
  "Cute hydrogen verifyMany, genuine": [256, () => native.packet, (list) => cute.verifyMany(list, { now: 0 })],
  "Cute xchacha20poly1305 verifyMany, genuine": [
    2048,
    () => early.packet,
    (list) => cuteX.verifyMany(list, { now: 0 }),
  ],
  "netcode verifyMany, genuine": [1024, () => request, (list) => netcode.verifyMany(list, { now: NOW })],
  "Cute verifyMany, no packets": [65_536, () => "no packet", (list) => [...cuteX.verifyMany(list, { now: 0 })]],
}).map(([name, [largest, make, run]]) => ({
  name,
  largest,
  prepare(n: number) {
    const list = Array.from({ length: n }, (_, i) => make(i)) as never;
    return () => run(list);
  },
}));

export const growthCases: readonly GrowthCase[] = [...json, ...textCases, ...bytesCases, ...batches, ...tooLong];

/** A reader that looks for each name among all before it. */
export const control: GrowthCase = {
  name: "control: a reader with a list of names",
  largest: 16_384,
  prepare(n) {
    const texts = Array.from({ length: n }, (_, i) => `name ${i}`);
    return () => {
      const seen: string[] = [];
      for (const text of texts) if (!seen.includes(text)) seen.push(text);
      return seen;
    };
  },
};
