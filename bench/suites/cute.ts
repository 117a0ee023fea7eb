import { diffieHellman, generateKeyPairSync, randomBytes } from "node:crypto";
import { x25519 } from "@noble/curves/ed25519.js";
import {
  OFFSET_SECRET_CLIENT_TO_SERVER_KEY,
  OFFSET_SECRET_USER_DATA,
  SECRET_BYTES,
} from "../../assembly/cute/layout.ts";
import { chacha20Poly1305, PACKET_BYTES } from "../library.ts";
import { chachaPeers, type Sealed, xchachaPeers } from "../support/aead-peers.ts";
import { agree, agreeOnBytes, agreeOnVerdicts } from "../support/agree.ts";
import { type Contender, measure, type Timing } from "../support/measure.ts";
import { costRow, type Row, type Suite, speedRows } from "../support/result.ts";
import { NOW } from "../support/schemes/common.ts";
import { cuteBench, joined, sealedPart, verifyNativeTokens } from "../support/schemes/cute.ts";

const now = { now: NOW };
const unit = "µs/packet";

function agreeOnNatives(suite: "hydrogen" | "xchacha20poly1305"): void {
  const natives = verifyNativeTokens(suite);
  agree(
    `${suite}, of native-made tokens,`,
    natives.map(({ expected }) => expected),
    natives.map(({ got }) => got),
  );
}

async function xchacha(): Promise<Row[]> {
  const PACKETS = 1024;
  agreeOnNatives("xchacha20poly1305");
  const bench = cuteBench("xchacha20poly1305");
  const peers = await xchachaPeers(bench.secret, SECRET_BYTES);
  const mixed = bench.mixed(1100);
  const given = mixed.map(({ token }) => token);
  const verdicts = bench.tokens.verifyMany(given, now);
  agreeOnVerdicts(
    mixed.map(({ verdict }) => verdict),
    verdicts,
    [],
  );
  // Peers know nothing of the public section's rules: asked about what those let through, they must say the same.
  for (const [i, { token, verdict }] of mixed.entries()) {
    if (verdict !== "valid" && verdict !== "not-genuine") continue;
    const ours = verdicts.at(i);
    for (const { name, open } of peers) {
      const text = open(sealedPart(token));
      agree(name, [verdict === "valid"], [text !== undefined]);
      if (!text || !ours.valid) continue;
      const { clientToServerKey, serverToClientKey, userData } = ours.claims;
      const claims = Buffer.concat([clientToServerKey, serverToClientKey, userData]);
      agreeOnBytes(name, claims, text.subarray(OFFSET_SECRET_CLIENT_TO_SERVER_KEY, OFFSET_SECRET_USER_DATA + 256));
    }
  }

  const packets = bench.packets(PACKETS);
  const bytes = joined(packets);
  const forged = joined(bench.forged(packets));
  const parts = packets.map(sealedPart);
  const [many, list, bad, issue, ...others] = (await measure([
    { name: "verifyMany", units: PACKETS, run: () => bench.tokens.verifyMany(bytes, now).validCount },
    { name: "verifyMany of a list", units: PACKETS, run: () => bench.tokens.verifyMany(packets, now).validCount },
    { name: "forged", units: PACKETS, run: () => bench.tokens.verifyMany(forged, now).validCount },
    { name: "issue", units: 256, run: () => repeat(256, (i) => bench.issue(i)) },
    ...peers.map(({ name, open }) => ({ name, units: PACKETS, run: () => parts.filter(open).length })),
  ])) as [Timing, Timing, Timing, Timing, ...Timing[]];
  const native = others.slice(0, 1);
  const work = "Cute xchacha20poly1305";
  return [
    ...speedRows({ key: "cute/xchacha/many", work: `${work} verifyMany`, unit }, many, others, {
      "sodium-native": { atLeast: 1.5 },
      "libsodium-wrappers": { atLeast: 3 },
    }),
    ...speedRows({ key: "cute/xchacha/list", work: `${work} verifyMany, from a list`, unit }, list, native),
    ...speedRows({ key: "cute/xchacha/forged", work: `${work} verifyMany, forged; peer: genuine`, unit }, bad, native),
    { key: "cute/xchacha/issue", work: `${work} issue`, unit: "µs/token", ours: issue.spread },
  ];
}

function repeat(count: number, work: (index: number) => unknown): void {
  for (let i = 0; i < count; i++) work(i);
}

/** The suite hydrogen beside one X25519 agreement: there is no peer for it in JavaScript. */
async function hydrogen(): Promise<Row[]> {
  const PACKETS = 256;
  agreeOnNatives("hydrogen");
  const bench = cuteBench("hydrogen");
  const mixed = bench.mixed(550);
  agreeOnVerdicts(
    mixed.map(({ verdict }) => verdict),
    bench.tokens.verifyMany(
      mixed.map(({ token }) => token),
      now,
    ),
    [],
  );
  const agreement = x25519Agreement();

  const packets = bench.packets(PACKETS);
  const bytes = joined(packets);
  const forged = joined(Array.from({ length: 4 }, () => bench.forged(packets)).flat());
  const FORGED = forged.length / PACKET_BYTES;
  const [many, one, bad, issue, openssl, noble] = (await measure([
    { name: "verifyMany", units: PACKETS, run: () => bench.tokens.verifyMany(bytes, now).validCount },
    {
      name: "verify",
      units: PACKETS,
      run: () => packets.filter((packet) => bench.tokens.verify(packet, now).valid).length,
    },
    { name: "forged", units: FORGED, run: () => bench.tokens.verifyMany(forged, now).validCount },
    { name: "issue", units: 64, run: () => repeat(64, (i) => bench.issue(i)) },
    { name: "X25519, OpenSSL", units: 64, run: () => repeat(64, agreement.openssl) },
    { name: "X25519, @noble/curves", units: 4, run: () => repeat(4, agreement.noble) },
  ])) as [Timing, Timing, Timing, Timing, Timing, Timing];
  const work = "Cute hydrogen";
  return [
    costRow({ key: "cute/hydrogen/many", work: `${work} verifyMany, genuine`, unit }, many, openssl, {
      atMost: 0.5,
      stretch: 0.42,
    }),
    costRow({ key: "cute/hydrogen/one", work: `${work} verify, one at a time`, unit }, one, openssl),
    costRow(
      { key: "cute/hydrogen/forged", work: `${work} verifyMany, forged without the secret`, unit },
      bad,
      openssl,
      {
        atMost: 0.07,
      },
    ),
    costRow({ key: "cute/hydrogen/issue", work: `${work} issue`, unit: "µs/token" }, issue, openssl, {
      atMost: 0.8,
      stretch: 0.65,
    }),
    costRow({ key: "cute/hydrogen/noble", work: `${work} verifyMany, genuine`, unit }, many, noble),
  ];
}

/** One X25519 agreement, by OpenSSL and by noble, which must give the same 32 bytes. */
function x25519Agreement(): { openssl: () => Uint8Array; noble: () => Uint8Array } {
  const { privateKey } = generateKeyPairSync("x25519");
  const { publicKey } = generateKeyPairSync("x25519");
  const scalar = rawKey(privateKey.export({ format: "jwk" }).d);
  const point = rawKey(publicKey.export({ format: "jwk" }).x);
  const openssl = (): Uint8Array => diffieHellman({ privateKey, publicKey });
  const noble = (): Uint8Array => x25519.getSharedSecret(scalar, point);
  agreeOnBytes("@noble/curves", openssl(), noble());
  return { openssl, noble };
}

const rawKey = (text: string | undefined): Uint8Array => Uint8Array.from(Buffer.from(text as string, "base64url"));

/** The AEAD alone, with the 32 bytes of associated data that as-chacha20poly1305 takes at most. */
async function chacha(): Promise<Row[]> {
  const TEXTS = 256;
  const key = randomBytes(32);
  const texts = Array.from({ length: TEXTS }, (): Sealed => {
    const [nonce, associatedData] = [randomBytes(12), randomBytes(32)];
    const sealed = Buffer.from(chacha20Poly1305.seal(key, nonce, randomBytes(SECRET_BYTES), associatedData));
    return { nonce, sealed, associatedData };
  });
  const open = ({ nonce, sealed, associatedData }: Sealed) => chacha20Poly1305.open(key, nonce, sealed, associatedData);
  const peers = chachaPeers(key);
  for (const text of texts) {
    const plain = open(text) as Uint8Array;
    const spoilt = Buffer.from(text.sealed);
    spoilt[spoilt.length - 1] = (spoilt[spoilt.length - 1] as number) ^ 1;
    agree("connect-tokens", [undefined], [open({ ...text, sealed: spoilt })]);
    for (const peer of peers) {
      agreeOnBytes(peer.name, plain, peer.open(text) ?? new Uint8Array(0));
      agree(peer.name, [undefined], [peer.open({ ...text, sealed: spoilt })]);
    }
  }
  const contenders: Contender[] = [{ name: "connect-tokens", open }, ...peers].map((peer) => ({
    name: peer.name,
    units: TEXTS,
    run: () => texts.filter(peer.open).length,
  }));
  const [ours, ...others] = (await measure(contenders)) as [Timing, ...Timing[]];
  const about = { key: "cute/chacha/open", work: "ChaCha20-Poly1305 open, 328 bytes", unit: "µs/text" };
  return speedRows(about, ours, others);
}

const suite: Suite = async () => ({ rows: [...(await xchacha()), ...(await hydrogen()), ...(await chacha())] });

export default suite;
