import { createHash } from "node:crypto";
import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, expect, it } from "vitest";
import { chacha20Poly1305, sha256 } from "../../../src/crypto.ts";
import { hex, same } from "../../support/bytes.ts";
import { Random } from "../../support/random.ts";

// Another thread turns one bit of shared memory over and over, while this one reads it. Whatever is read twice is sooner
// or later read differently: a tag checked over one text, and another text decrypted.

const TEXT_BYTES = 200_000;
const random = new Random(13);
const key = random.bytes(32);
const nonce = random.bytes(12);
const plaintext = random.bytes(TEXT_BYTES);
const sealed = chacha20Poly1305.seal(key, nonce, plaintext);
const shared = new Uint8Array(new SharedArrayBuffer(sealed.length));
shared.set(sealed);

let turner: Worker;

beforeAll(async () => {
  const code = `
    const { workerData, parentPort } = require("node:worker_threads");
    const bytes = new Uint8Array(workerData);
    parentPort.postMessage("turning");
    for (;;) for (let i = 0; i < 1000; i++) bytes[bytes.length - 17] ^= 1;
  `;
  turner = new Worker(code, { eval: true, workerData: shared.buffer });
  await new Promise((resolve) => turner.once("message", resolve));
});

afterAll(() => turner.terminate());

it("opens to the text that was sealed, or not at all", () => {
  const outcomes = { opened: 0, refused: 0, wrong: 0 };
  const end = performance.now() + 5000;
  for (let i = 0; i < 400 || outcomes.opened * outcomes.refused === 0; i++) {
    const opened = chacha20Poly1305.open(key, nonce, shared);
    if (opened === undefined) outcomes.refused++;
    else if (same(opened, plaintext)) outcomes.opened++;
    else outcomes.wrong++;
    if (performance.now() > end) break;
  }
  expect(outcomes.wrong).toBe(0);
  expect(outcomes.opened).toBeGreaterThan(0);
  expect(outcomes.refused).toBeGreaterThan(0);
});

it("is sealed to something that opens, and hashed to one of its two digests", () => {
  const turned = sealed.slice();
  turned[TEXT_BYTES - 1] = (turned[TEXT_BYTES - 1] as number) ^ 1;
  const digests = [sealed, turned].map((bytes) => createHash("sha256").update(bytes).digest("hex"));
  for (let i = 0; i < 50; i++) {
    expect(digests).toContain(hex(sha256(shared)));
    const again = chacha20Poly1305.open(key, nonce, chacha20Poly1305.seal(key, nonce, shared)) as Uint8Array;
    expect([sealed, turned].some((bytes) => same(bytes, again))).toBe(true);
  }
});
