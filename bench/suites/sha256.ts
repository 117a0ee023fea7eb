import { createHash, createHmac, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { digest as asDigest } from "@chainsafe/as-sha256";
import { sha256 as noble } from "@noble/hashes/sha2.js";
import { createSHA256 } from "hash-wasm";
import { ENCODING_RAW, HMAC_ARENA, HMAC_JOB_BYTES, HMAC_JOBS } from "../../assembly/memory/hmac.ts";
import { sha256 } from "../library.ts";
import { agreeOnBytes } from "../support/agree.ts";
import { measure, type Timing } from "../support/measure.ts";
import { type Row, type Suite, speedRows, type Target } from "../support/result.ts";

interface Hash {
  readonly name: string;
  hash(message: Uint8Array): Uint8Array;
}

async function hashes(): Promise<Hash[]> {
  const hasher = await createSHA256();
  return [
    { name: "connect-tokens", hash: sha256 },
    { name: "hash-wasm", hash: (message) => hasher.init().update(message).digest("binary") },
    { name: "@chainsafe/as-sha256", hash: asDigest },
    { name: "@noble/hashes", hash: noble },
    { name: "node:crypto", hash: (message) => createHash("sha256").update(message).digest() },
  ];
}

const MIB = 1 << 20;

async function ofLength(
  about: { key: string; work: string; unit: string },
  length: number,
  messages: number,
  targets: Readonly<Record<string, Target>> = {},
): Promise<Row[]> {
  const inputs = Array.from({ length: messages }, () => Uint8Array.from(randomBytes(length)));
  const [ours, ...others] = (await measure(
    (
      await hashes()
    ).map(({ name, hash }) => ({
      name,
      units: messages,
      run: () => {
        for (const input of inputs) hash(input);
      },
    })),
  )) as [Timing, ...Timing[]];
  return speedRows(about, ours, others, targets);
}

const LANE_BYTES = 192 * 1024;
const LANES = 4;

interface HmacModule {
  readonly memory: WebAssembly.Memory;
  keySet(slot: number, key: number, length: number): void;
  signJobs(count: number): void;
}

/** Four long messages side by side, straight in the kernel: no function of the package hashes several long ones. */
async function fourLanes(): Promise<Row[]> {
  const bytes = readFileSync(new URL("../../dist/wasm/hmac.wasm", import.meta.url));
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
  const { memory, keySet, signJobs } = exports as unknown as HmacModule;
  const key = randomBytes(32);
  const view = new Uint8Array(memory.buffer);
  view.set(key, HMAC_ARENA);
  keySet(0, HMAC_ARENA, key.length);
  const jobs = new DataView(memory.buffer, HMAC_JOBS, LANES * HMAC_JOB_BYTES);
  const messages = Array.from({ length: LANES }, () => Uint8Array.from(randomBytes(LANE_BYTES)));
  const tags = HMAC_ARENA + LANES * LANE_BYTES;
  for (const [lane, message] of messages.entries()) {
    const at = HMAC_ARENA + lane * LANE_BYTES;
    view.set(message, at);
    const fields = [at, LANE_BYTES, tags + 32 * lane, ENCODING_RAW << 16];
    for (const [i, field] of fields.entries()) jobs.setUint32(lane * HMAC_JOB_BYTES + 4 * i, field, true);
  }
  signJobs(LANES);
  for (const [lane, message] of messages.entries()) {
    const tag = view.subarray(tags + 32 * lane, tags + 32 * lane + 32);
    agreeOnBytes("signJobs", createHmac("sha256", key).update(message).digest(), tag);
  }
  const hasher = await createSHA256();
  const units = (LANES * LANE_BYTES) / MIB;
  const [ours, peer] = (await measure([
    { name: "four lanes", units, run: () => signJobs(LANES) },
    {
      name: "hash-wasm",
      units,
      run: () => {
        for (const message of messages) hasher.init().update(message).digest("binary");
      },
    },
  ])) as [Timing, Timing];
  const about = { key: "sha256/lanes", work: "SHA-256, four lanes together (kernel)", unit: "µs/MiB" };
  return speedRows(about, ours, [peer], { "hash-wasm": { atLeast: 2.4 } });
}

const suite: Suite = async () => {
  const all = await hashes();
  for (const length of [0, 1, 55, 56, 63, 64, 65, 127, 128, 1000, MIB]) {
    const message = Uint8Array.from(randomBytes(length));
    const expected = sha256(message);
    for (const { name, hash } of all) agreeOnBytes(`${name}, of ${length} bytes,`, expected, hash(message));
  }
  return {
    rows: [
      ...(await ofLength({ key: "sha256/1MiB", work: "SHA-256 of 1 MiB", unit: "µs/MiB" }, MIB, 1, {
        "hash-wasm": { atLeast: 1 },
      })),
      ...(await ofLength({ key: "sha256/64", work: "SHA-256 of 64 bytes", unit: "µs/message" }, 64, 512)),
      ...(await fourLanes()),
    ],
  };
};

export default suite;
