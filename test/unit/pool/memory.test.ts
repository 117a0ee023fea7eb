import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import { afterEach, describe, expect, it } from "vitest";
import { CUTE_KEY_SLOTS, CUTE_SLOT_BYTES, CUTE_SLOTS } from "../../../assembly/memory/cute.ts";
import type { CuteSettings } from "../../../src/cute/options.ts";
import { concat, flipBit, same } from "../../support/bytes.ts";
import { hydrogen, NOW, nativeOf, packetOf, plainFields, tokensOf, xchacha } from "../../support/cute.ts";
import { Random } from "../../support/random.ts";
import { Windows } from "../../support/windows.ts";

// T10 in the workers of a pool: the script that a CutePool runs, asked as a pool asks it, in a worker that also gives
// a copy of its linear memory.

const spy = `
  const { workerData } = require("node:worker_threads");
  const { Instance } = WebAssembly;
  let memory;
  WebAssembly.Instance = function (module, imports) {
    const instance = new Instance(module, imports);
    memory = instance.exports.memory;
    return instance;
  };
  const { script, port } = workerData;
  port.on("message", () => port.postMessage(new Uint8Array(memory.buffer.slice(0))));
  import(script);
`;

const random = new Random(79);
let worker: Worker | undefined;
let port: MessagePort | undefined;

afterEach(async () => {
  port?.close();
  await worker?.terminate();
});

function start(): void {
  const { port1, port2 } = new MessageChannel();
  const script = new URL("../../../dist/src/cute/worker.js", import.meta.url).href;
  port = port1;
  worker = new Worker(spy, { eval: true, workerData: { script, port: port2 }, transferList: [port2] });
}

function ask<Answer>(message: object, transfer: ArrayBuffer[] = []): Promise<Answer> {
  return new Promise((resolve, reject) => {
    worker?.once("message", resolve);
    worker?.once("error", reject);
    worker?.postMessage(message, transfer);
  });
}

function memory(): Promise<Uint8Array> {
  return new Promise((resolve) => {
    port?.once("message", resolve);
    port?.postMessage("memory");
  });
}

function slotsInUse(bytes: Uint8Array): number[] {
  return Array.from({ length: CUTE_KEY_SLOTS }, (_, slot) => slot).filter((slot) => {
    const from = CUTE_SLOTS + slot * CUTE_SLOT_BYTES;
    return bytes.subarray(from, from + CUTE_SLOT_BYTES).some((byte) => byte !== 0);
  });
}

describe.each([hydrogen, xchacha])("a worker's memory, suite $suite", (suite) => {
  it.each(["shared memory", "packets sent"])(
    "holds keys in its slots only, and nothing once it was stopped: %s",
    async (way) => {
      start();
      const keys = [nativeOf(suite, 8).secret, nativeOf(suite, 9).secret];
      const { applicationId } = nativeOf(suite, 8);
      const fields = plainFields(random);
      const tokens = tokensOf(suite, 8);
      const packet = packetOf(tokens.issue(fields));
      tokens.dispose();
      const secrets: Record<string, Uint8Array> = {
        ...Object.fromEntries(keys.map((key, i) => [`secret ${i}`, key.subarray(0, 32)])),
        ...{ toServer: fields.clientToServerKey, toClient: fields.serverToClientKey, userData: fields.userData },
      };
      const sent = keys.map((key) => key.slice());
      const isShared = way === "shared memory";
      const memoryOfAll = isShared ? new SharedArrayBuffer(2 * 256 * 1024) : undefined;
      const shared = memoryOfAll && new Uint8Array(memoryOfAll);
      const settings: CuteSettings = {
        ...{ suite: suite.suite, strict: true, applicationId, ownEndpoints: new Uint8Array(0) },
        lifetime: { leeway: 0n, maxLifetime: undefined },
      };
      const buffers = sent.map((secret) => {
        const buffer = isShared ? new SharedArrayBuffer(secret.length) : new ArrayBuffer(secret.length);
        new Uint8Array(buffer).set(secret);
        return buffer;
      });
      const setup = { kind: "setup", module: undefined, settings, secrets: buffers, shared: memoryOfAll };
      const ready = ask(setup, isShared ? [] : (buffers as ArrayBuffer[]));
      expect(await ready).toEqual({ kind: "ready" });
      // Read, and wiped: where the pool shares the memory it sees so.
      if (isShared) for (const buffer of buffers) expect(new Uint8Array(buffer).every((byte) => byte === 0)).toBe(true);
      const prepared = await memory();
      expect(slotsInUse(prepared)).toEqual([0, 1]);
      const ends = [CUTE_SLOTS, CUTE_SLOTS + 2 * CUTE_SLOT_BYTES] as const;
      secrets["slots"] = prepared.slice(...ends);
      const windows = new Windows(secrets);
      // As the search sees it: the keys are there, in their slots.
      expect(windows.find(prepared)).not.toEqual([]);
      expect(windows.find(prepared, [ends])).toEqual([]);

      const batches = [
        [packet],
        [flipBit(packet, 8191)],
        Array.from({ length: 200 }, (_, i) => flipBit(packet, i * 40)).concat(packet),
      ];
      for (const batch of batches) {
        const bytes = concat(...batch);
        shared?.set(bytes);
        const work = { kind: "work", count: batch.length, now: NOW, packets: shared ? 0 : bytes };
        const { statuses } = await ask<{ statuses: Uint8Array }>(work);
        expect([...statuses].map((status) => status === 0)).toEqual(batch.map((each) => same(each, packet)));
        const now = await memory();
        expect(windows.find(now, [ends])).toEqual([]);
        expect(slotsInUse(now)).toEqual([0, 1]);
        if (shared) expect(windows.find(shared)).toEqual([]);
      }
      expect(await ask({ kind: "stop" })).toEqual({ kind: "stopped" });
      const last = await memory();
      expect(windows.find(last)).toEqual([]);
      expect(slotsInUse(last)).toEqual([]);
    },
  );
});

it("a worker wipes the secrets that it was sent where it refuses what came with them", async () => {
  start();
  const secret = new Uint8Array(new SharedArrayBuffer(32));
  secret.set(random.bytes(32));
  const module = new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)); // no one's
  const settings = { suite: "xchacha20poly1305" };
  const answer = await ask({ kind: "setup", module, settings, secrets: [secret.buffer], shared: undefined });
  expect(answer).toMatchObject({ kind: "refusal", message: expect.stringContaining("cute.wasm") });
  expect([...secret]).toEqual(Array(32).fill(0));
});
