// `npm run differential`: long runs of the library against node:crypto and of the kernels against the readable twins, on
// random input. Outside `npm test`, which runs the same comparisons for seconds. `--long` makes ten times as many: 10^7
// each of HMAC and AEAD, 10^6 of secretbox, 10^5 of signatures.
import { createCipheriv, createHmac, randomBytes, randomInt } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { chacha20Poly1305, hmacSha256 } from "connect-tokens/crypto";
import { CuteTokens, generateKey, generateSigningKeyPair } from "connect-tokens/cute";
import { connectTokenPacket } from "connect-tokens/cute/public";
import * as curve from "../../reference/curve25519.ts";
import * as gimli from "../../reference/gimli.ts";
import { verifyRequest } from "../../reference/netcode.ts";
import { randomRequest, tokensOf } from "../../support/netcode.ts";
import { Random } from "../../support/random.ts";
import { opensslOpen } from "../../support/xchacha.ts";
import { loadKernel } from "../../unit/assembly/load.ts";

const times = process.argv.includes("--long") ? 10 : 1;
const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

function turnBit(bytes: Uint8Array, at: number): void {
  bytes[at] = (bytes[at] as number) ^ (1 << randomInt(8));
}

interface SignatureKernel {
  signatureMake(secret: number, message: number, length: number, context: bigint, random: number, out: number): void;
  signatureVerifyStrict(secret: number, message: number, length: number, context: bigint, signature: number): number;
  publicKey(a: number, out: number): void;
}
interface SecretboxKernel {
  secretboxPrepare(context: bigint, key: number, prepared: number): void;
  secretboxSeal(prepared: number, iv: number, message: number, length: number, id: bigint, box: number): void;
  secretboxOpen(prepared: number, box: number, length: number, id: bigint, out: number): number;
}
const signatures = loadKernel<SignatureKernel>("curve25519.kernel");
const secretboxes = loadKernel<SecretboxKernel>("gimli.kernel");
const BUFFER = 0x100000;
const netcodeRandom = new Random(randomInt(2 ** 31));

/** Whether one random case agrees. */
const checks: Record<string, { count: number; agrees: () => boolean }> = {
  "HMAC-SHA256 and node:crypto": {
    count: 1e6,
    agrees() {
      const [key, message] = [randomBytes(randomInt(100)), randomBytes(randomInt(300))];
      return same(hmacSha256(key, message), createHmac("sha256", key).update(message).digest());
    },
  },
  "ChaCha20-Poly1305 and node:crypto": {
    count: 1e6,
    agrees() {
      const [key, nonce, data, text] = [
        randomBytes(32),
        randomBytes(12),
        randomBytes(randomInt(80)),
        randomBytes(randomInt(400)),
      ];
      const cipher = createCipheriv("chacha20-poly1305", key, nonce, { authTagLength: 16 });
      cipher.setAAD(data, { plaintextLength: text.length });
      const theirs = Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()]);
      const ours = chacha20Poly1305.seal(key, nonce, text, data);
      const opened = chacha20Poly1305.open(key, nonce, ours, data);
      turnBit(ours, randomInt(ours.length));
      return (
        opened !== undefined &&
        same(opened, text) &&
        chacha20Poly1305.open(key, nonce, ours, data) === undefined &&
        same(chacha20Poly1305.seal(key, nonce, text, data), theirs)
      );
    },
  },
  "secretbox and its twin": {
    count: 1e5,
    agrees() {
      const [key, context, iv, message] = [
        randomBytes(32),
        randomBytes(8),
        randomBytes(20),
        randomBytes(randomInt(400)),
      ];
      const messageId = randomBytes(8).readBigUInt64LE();
      const memory = new Uint8Array(secretboxes.memory.buffer);
      memory.set(key, BUFFER);
      memory.set(iv, BUFFER + 0x100);
      memory.set(message, BUFFER + 0x200);
      secretboxes.secretboxPrepare(context.readBigUInt64LE(), BUFFER, BUFFER + 0x1000);
      const box = BUFFER + 0x2000;
      secretboxes.secretboxSeal(BUFFER + 0x1000, BUFFER + 0x100, BUFFER + 0x200, message.length, messageId, box);
      const sealed = memory.slice(box, box + message.length + 36);
      const opens = secretboxes.secretboxOpen(BUFFER + 0x1000, box, message.length, messageId, BUFFER + 0x3000);
      turnBit(memory, box + randomInt(sealed.length));
      const forged = secretboxes.secretboxOpen(BUFFER + 0x1000, box, message.length, messageId, BUFFER + 0x3000);
      return same(sealed, gimli.secretboxSeal({ key, context, messageId }, iv, message)) && opens === 1 && forged === 0;
    },
  },
  "signatures and their twin": {
    count: 1e4,
    agrees() {
      const [a, context, random, message] = [
        randomBytes(32),
        randomBytes(8),
        randomBytes(32),
        randomBytes(randomInt(200)),
      ];
      const memory = new Uint8Array(signatures.memory.buffer);
      memory.set(a, BUFFER);
      signatures.publicKey(BUFFER, BUFFER + 32);
      memory.set(random, BUFFER + 0x100);
      memory.set(message, BUFFER + 0x200);
      const id = context.readBigUInt64LE();
      const out = BUFFER + 0x1000;
      signatures.signatureMake(BUFFER, BUFFER + 0x200, message.length, id, BUFFER + 0x100, out);
      const secret = memory.slice(BUFFER, BUFFER + 64);
      const ours = memory.slice(out, out + 64);
      const genuine = signatures.signatureVerifyStrict(BUFFER, BUFFER + 0x200, message.length, id, out);
      turnBit(memory, out + randomInt(64));
      const forged = signatures.signatureVerifyStrict(BUFFER, BUFFER + 0x200, message.length, id, out);
      return same(ours, curve.sign(secret, { message, context }, random)) && genuine === 1 && forged === 0;
    },
  },
  "netcode requests and their twin, in three dialects": {
    count: 1e5,
    agrees() {
      const { verifier, packet, now } = randomRequest(netcodeRandom);
      using tokens = tokensOf(verifier);
      const expected = verifyRequest(verifier, packet, now, opensslOpen);
      const [verdict, many] = [tokens.verify(packet, { now }), tokens.verifyMany([packet], { now })];
      if (typeof expected === "string")
        return !verdict.valid && [verdict.reason, many.reasonAt(0)].every((reason) => reason === expected);
      return (
        verdict.valid &&
        many.isValid(0) &&
        verdict.claims.clientId === expected.clientId &&
        verdict.claims.timeoutSeconds === expected.timeoutSeconds &&
        isDeepStrictEqual(verdict.claims.serverAddresses, expected.serverAddresses) &&
        same(verdict.claims.clientToServerKey, expected.clientToServerKey) &&
        same(verdict.claims.serverToClientKey, expected.serverToClientKey) &&
        same(verdict.claims.userData, expected.userData)
      );
    },
  },
  "Cute hydrogen, there and back": { count: 5e4, agrees: roundTrip("hydrogen", generateSigningKeyPair().secretKey) },
  "Cute xchacha20poly1305, there and back": { count: 5e4, agrees: roundTrip("xchacha20poly1305", generateKey()) },
};

function roundTrip(suite: "hydrogen" | "xchacha20poly1305", secret: Uint8Array): () => boolean {
  const applicationId = randomBytes(8).readBigUInt64LE();
  const tokens = new CuteTokens({ applicationId, secret, suite });
  return () => {
    const now = BigInt(randomInt(2 ** 40));
    const clientId = randomBytes(8).readBigUInt64LE();
    const userData = randomBytes(randomInt(257));
    const [clientToServerKey, serverToClientKey] = [generateKey(), generateKey()];
    const endpoints = Array.from(randomBytes(randomInt(1, 33)), (byte) => `${byte}.1.2.3:${randomInt(1, 65536)}`);
    const issued = {
      creationTimestamp: now,
      expirationTimestamp: now + 9n,
      handshakeTimeout: randomInt(2 ** 32),
      endpoints,
    };
    const packet = connectTokenPacket(
      tokens.issue({ ...issued, clientId, clientToServerKey, serverToClientKey, userData }),
    );
    const verdict = tokens.verify(packet, { now });
    turnBit(packet, randomInt(35, 1024));
    if (!verdict.valid || tokens.verify(packet, { now }).valid) return false;
    const { claims } = verdict;
    return (
      claims.clientId === clientId &&
      claims.handshakeTimeout === issued.handshakeTimeout &&
      same(claims.clientToServerKey, clientToServerKey) &&
      same(claims.serverToClientKey, serverToClientKey) &&
      same(claims.userData, Buffer.concat([userData, Buffer.alloc(256 - userData.length)])) &&
      claims.endpoints.map(({ address, port }) => `${address}:${port}`).join() === endpoints.join()
    );
  };
}

for (const [name, { count, agrees }] of Object.entries(checks)) {
  const start = performance.now();
  let wrong = 0;
  for (let i = 0; i < count * times; i++) if (!agrees()) wrong++;
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  console.log(`${name}: ${(count * times).toLocaleString("en")} cases in ${seconds} s, ${wrong} disagree`);
  if (wrong > 0) process.exitCode = 1;
}
