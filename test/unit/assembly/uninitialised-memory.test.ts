import { createCipheriv, createHash, createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import * as map from "../../../assembly/memory/cute.ts";
import * as hmacMap from "../../../assembly/memory/hmac.ts";
import {
  NETCODE_AEAD_STATE,
  NETCODE_AEAD_STATE_BYTES,
  NETCODE_KEY_INPUT,
  NETCODE_TEXT,
} from "../../../assembly/memory/netcode.ts";
import hydrogen from "../../vectors/cute-hydrogen.json" with { type: "json" };
import sodium from "../../vectors/cute-sodium.json" with { type: "json" };
import { hex, issue, kernel, keySet, memory, secretSection, verifyOne } from "./cute-driver.ts";
import { encode, tagLength, writeJobs } from "./hmacJobs.ts";
import { bytesOf, hmac, memory as hmacMemory, read } from "./hmacModule.ts";
import { loadKernel } from "./load.ts";

// Scratch is zero between calls, slots are wiped before they are given out, and yet no export relies on either: whatever
// stands there, after a trap say, results are the same.

interface CuteExports {
  keySet(slot: number, suite: number, key: number): number;
  signingKeyPair(seeded: number): void;
  verifySignature(publicKey: number): number;
}

interface NetcodeExports {
  aeadStart(extended: number): void;
  aeadAssociatedData(pointer: number, length: number): void;
  aeadSealUpdate(pointer: number, length: number): void;
  aeadTag(out: number): void;
}

/** What memory is filled with: all ones, and nothing in particular. */
const fillings: [string, (length: number) => Buffer][] = [
  ["ones", (length) => Buffer.alloc(length, 0xff)],
  ["noise", (length) => bytesOf("dirt", length)],
];

describe.each(fillings)("with kernel-only memory full of %s", (_, dirt) => {
  const dirtyCute = (into: Uint8Array): void => into.set(dirt(map.CUTE_SCRATCH_BYTES), map.CUTE_SCRATCH);

  it.each([
    ["hydrogen", map.SUITE_HYDROGEN, hydrogen.slice(0, 4)],
    ["xchacha20poly1305", map.SUITE_XCHACHA20POLY1305, sodium.slice(0, 4)],
  ] as const)("%s issues and verifies native tokens", (_suite, suite, vectors) => {
    for (const vector of vectors) {
      const slot = 5;
      const slots = (from: number, to: number): Buffer =>
        memory.subarray(map.CUTE_SLOTS + from * map.CUTE_SLOT_BYTES, map.CUTE_SLOTS + to * map.CUTE_SLOT_BYTES);
      slots(slot - 1, slot + 2).set(dirt(3 * map.CUTE_SLOT_BYTES));
      const neighbours = (): Buffer => Buffer.concat([slots(slot - 1, slot), slots(slot + 1, slot + 2)]);
      const before = neighbours();
      dirtyCute(memory);
      const secret = "secretKey" in vector ? vector.secretKey : vector.sharedKey;
      expect(keySet(slot, suite, hex(secret))).toBe(1);
      // No suite fills a slot: what stood behind the key before is gone.
      expect(slots(slot, slot + 1).subarray(-64)).toEqual(Buffer.alloc(64));
      // What this suite works on is wiped whole: 0x6000 to 0x68df.
      if (suite === map.SUITE_XCHACHA20POLY1305) expect(memory.subarray(0x6000, 0x68e0)).toEqual(Buffer.alloc(0x8e0));
      dirtyCute(memory);
      memory.set(dirt(1114), map.CUTE_TOKEN);
      const entropy = "secretKey" in vector ? vector.secretboxIv + vector.signatureRandom : vector.nonce;
      const token = issue(slot, suite, vector, hex(entropy));
      expect(token.toString("hex")).toBe(vector.token);
      for (const strict of [true, false]) {
        dirtyCute(memory);
        const applicationId = BigInt(vector.applicationId);
        const checks = { suite, strict, applicationId, now: BigInt(vector.creationTimestamp), slots: [slot] };
        const { status, secret: opened } = verifyOne(token.subarray(90), checks);
        expect([status, opened.equals(secretSection(vector))]).toEqual([map.STATUS_VALID, true]);
      }
      kernel.keyWipe(slot);
      expect(slots(slot, slot + 1)).toEqual(Buffer.alloc(map.CUTE_SLOT_BYTES));
      expect(neighbours()).toEqual(before);
    }
  });

  it("a module just started makes key pairs and verifies signatures", () => {
    const kernel = loadKernel<CuteExports>("cute");
    const own = Buffer.from(kernel.memory.buffer);
    const [vector] = hydrogen;
    if (!vector) throw new Error("no vector");
    dirtyCute(own);
    own.set(hex(vector.secretKey).subarray(0, 32), map.CUTE_KEY_INPUT);
    own.set(dirt(64), map.CUTE_TOKEN);
    kernel.signingKeyPair(0);
    expect(own.toString("hex", map.CUTE_TOKEN, map.CUTE_TOKEN + 64)).toBe(vector.secretKey);
    dirtyCute(own);
    own.set(hex(vector.signingSeed), map.CUTE_KEY_INPUT);
    kernel.signingKeyPair(1);
    expect(own.toString("hex", map.CUTE_TOKEN, map.CUTE_TOKEN + 64)).toBe(vector.secretKey);
    own.set(hex(vector.token).subarray(90), map.CUTE_PACKETS);
    const one = Buffer.alloc(32).fill(1, 0, 1);
    const verdicts = [hex(vector.publicKey), Buffer.alloc(32), one, bytesOf("another key", 32)].map((publicKey) => {
      dirtyCute(own);
      own.set(publicKey, map.CUTE_KEY_INPUT);
      const verdict = kernel.verifySignature(map.CUTE_KEY_INPUT);
      // What the curve works on is wiped whole, also where a key of small order ends it early.
      expect(own.subarray(0x4000, 0x5610).every((byte) => byte === 0)).toBe(true);
      return verdict;
    });
    expect(verdicts).toEqual([1, 2, 2, 0]); // the two in the middle are of small order
  });

  it.each([0, 1, 63, 64, 65, 300])("an AEAD seals %i bytes as OpenSSL does", (length) => {
    const kernel = loadKernel<NetcodeExports>("netcode");
    const own = Buffer.from(kernel.memory.buffer);
    const [key, nonce, text, data] = [
      bytesOf("key", 32),
      bytesOf("nonce", 12),
      bytesOf("text", length),
      bytesOf("aad", 21),
    ];
    own.set(dirt(NETCODE_AEAD_STATE_BYTES), NETCODE_AEAD_STATE);
    own.set(Buffer.concat([key, nonce]), NETCODE_KEY_INPUT);
    kernel.aeadStart(0);
    own.set(data, NETCODE_TEXT);
    kernel.aeadAssociatedData(NETCODE_TEXT, data.length);
    own.set(text, NETCODE_TEXT);
    kernel.aeadSealUpdate(NETCODE_TEXT, length);
    const ciphertext = Buffer.from(own.subarray(NETCODE_TEXT, NETCODE_TEXT + length));
    kernel.aeadTag(NETCODE_TEXT);
    const cipher = createCipheriv("chacha20-poly1305", key, nonce, { authTagLength: 16 });
    cipher.setAAD(data, { plaintextLength: length });
    expect(ciphertext).toEqual(Buffer.concat([cipher.update(text), cipher.final()]));
    expect(Buffer.from(own.subarray(NETCODE_TEXT, NETCODE_TEXT + 16))).toEqual(cipher.getAuthTag());
  });

  it("hmac.wasm hashes, signs, verifies, encodes and decodes", () => {
    const dirty = (): void => hmacMemory.set(dirt(hmacMap.HMAC_SCRATCH_BYTES), hmacMap.HMAC_SCRATCH);
    const out = hmacMap.HMAC_ARENA + 0x1000;
    const key = bytesOf("key", 40);
    hmacMemory.set(dirt(hmacMap.HMAC_SLOT_BYTES), hmacMap.HMAC_SLOTS);
    dirty();
    hmacMemory.set(key, hmacMap.HMAC_ARENA);
    hmac.keySet(0, hmacMap.HMAC_ARENA, key.length);
    for (const length of [0, 1, 55, 56, 64, 119, 200]) {
      const message = bytesOf("message", length);
      const tag = createHmac("sha256", key).update(message).digest();
      hmacMemory.set(message, hmacMap.HMAC_ARENA);
      dirty();
      hmac.sha256(hmacMap.HMAC_ARENA, length, out);
      expect(read(out, 32)).toEqual(createHash("sha256").update(message).digest());
      hmacMemory.set(dirt(hmacMap.HMAC_STREAM_BYTES), hmacMap.HMAC_STREAM);
      hmac.sha256Start();
      expect(read(hmacMap.HMAC_STREAM + 32, 72)).toEqual(Buffer.alloc(72));
      hmacMemory.set(dirt(hmacMap.HMAC_STREAM_BYTES), hmacMap.HMAC_STREAM);
      dirty();
      hmac.hmacStart(0);
      // Of a stream that was given up nothing stays.
      expect(read(hmacMap.HMAC_STREAM + 32, 64)).toEqual(Buffer.alloc(64));
      hmac.sha256Update(hmacMap.HMAC_ARENA, length);
      dirty();
      hmac.hmacFinish(0, out);
      expect(read(out, 32)).toEqual(tag);
      for (const encoding of [
        hmacMap.ENCODING_HEX,
        hmacMap.ENCODING_HEX_ANY_CASE,
        hmacMap.ENCODING_BASE64URL,
        hmacMap.ENCODING_RAW,
      ]) {
        // Six: four lanes at once, then two on their own.
        const jobs = Array.from({ length: 6 }, () => ({ message, slot: 0, encoding }));
        dirty();
        const places = writeJobs(jobs);
        hmac.signJobs(jobs.length);
        for (const place of places) expect(read(place, tagLength(encoding))).toEqual(encode(tag, encoding));
        dirty();
        hmacMemory.fill(0xff, hmacMap.HMAC_STATUS, hmacMap.HMAC_STATUS + jobs.length);
        hmac.verifyJobs(jobs.length);
        expect([...read(hmacMap.HMAC_STATUS, jobs.length)]).toEqual(jobs.map(() => hmacMap.STATUS_GENUINE));
      }
      hmacMemory.set(message, hmacMap.HMAC_ARENA);
      dirty();
      hmac.hexEncode(hmacMap.HMAC_ARENA, length, out);
      expect(read(out, 2 * length).toString()).toBe(message.toString("hex"));
      dirty();
      expect(hmac.hexDecode(out, 2 * length, out + 0x1000, 0)).toBe(1);
      expect(read(out + 0x1000, length)).toEqual(message);
      dirty();
      const characters = hmac.base64urlEncode(hmacMap.HMAC_ARENA, length, out);
      expect(read(out, characters).toString()).toBe(message.toString("base64url"));
      dirty();
      expect(hmac.base64urlDecode(out, characters, out + 0x1000)).toBe(length);
      expect(read(out + 0x1000, length)).toEqual(message);
    }
  });
});
