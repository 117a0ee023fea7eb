import { readFileSync } from "node:fs";
import { PACKET_BYTES, sha256 } from "../library.ts";
import { agree } from "../support/agree.ts";
import { settledHeap } from "../support/garbage.ts";
import { measure, type Timing } from "../support/measure.ts";
import { costRow, type Row, type Series, type Suite } from "../support/result.ts";
import { centrifugo, centrifugoTokens, centrifugoTokensOf } from "../support/schemes/centrifugo.ts";
import { NOW } from "../support/schemes/common.ts";
import { cuteBench, joined } from "../support/schemes/cute.ts";
import { snapnet, snapnetTokens } from "../support/schemes/snapnet.ts";
import { tirtc, tirtcTokens } from "../support/schemes/tirtc.ts";

const now = { now: NOW };

/** A scheme's tokens, to be verified in batches of any size: each call verifies one, and tells how many are valid. */
interface Load {
  readonly name: string;
  readonly key: string;
  readonly count: number;
  batches(size: number): (() => number)[];
}

function cut<Batch>(count: number, size: number, batch: (from: number, to: number) => Batch): Batch[] {
  return Array.from({ length: Math.ceil(count / size) }, (_, i) => batch(i * size, Math.min((i + 1) * size, count)));
}

function textLoad<Token>(
  name: string,
  tokens: readonly Token[],
  verifyMany: (tokens: readonly Token[]) => { readonly validCount: number },
): Load {
  const count = tokens.length;
  return {
    name,
    key: name.toLowerCase(),
    count,
    batches: (size) =>
      cut(count, size, (from, to) => {
        const batch = tokens.slice(from, to);
        return () => verifyMany(batch).validCount;
      }),
  };
}

function packetLoad(suite: "hydrogen" | "xchacha20poly1305", count: number): Load {
  const { tokens, packets } = cuteBench(suite);
  const distinct = packets(Math.min(count, 20_000));
  const bytes = joined(Array.from({ length: count }, (_, i) => distinct[i % distinct.length] as Uint8Array));
  return {
    name: `Cute ${suite}`,
    key: suite,
    count,
    batches: (size) =>
      cut(count, size, (from, to) => {
        const batch = bytes.subarray(from * PACKET_BYTES, to * PACKET_BYTES);
        return () => tokens.verifyMany(batch, now).validCount;
      }),
  };
}

/** All of a load, whatever the size of its batches: the same tokens in the same order. */
function runAll(batches: readonly (() => number)[]): number {
  let valid = 0;
  for (const batch of batches) valid += batch();
  return valid;
}

const SMALLEST = 64;

/** The batch size that takes longest per token against the one that takes least. */
async function growthOf(load: Load, rounds: number): Promise<{ row: Row; series: Series }> {
  const sizes: number[] = [];
  for (let size = SMALLEST; size < load.count; size *= 8) sizes.push(size);
  sizes.push(load.count);
  const contenders = sizes.map((size) => {
    const batches = load.batches(size);
    return { name: `batches of ${size}`, units: load.count, run: () => runAll(batches) };
  });
  for (const { name, run } of contenders) agree(`${load.name} in ${name}`, [load.count], [run()]);
  const timings = await measure(contenders, { rounds, milliseconds: 0, calls: 1, warmup: 0 });
  const byTime = [...timings].sort((a, b) => a.spread.median - b.spread.median);
  const [fastest, slowest] = [byTime[0], byTime[byTime.length - 1]] as [Timing, Timing];
  const about = { key: `growth/${load.key}`, work: `${load.name}, slowest ${slowest.name}`, unit: "µs/token" };
  return {
    row: costRow(about, slowest, fastest, { atMost: 1.15 }),
    series: { name: load.name, points: timings.map(({ spread }, i) => ({ x: sizes[i] as number, y: spread })) },
  };
}

async function batches(long: boolean): Promise<{ row: Row; series: Series }[]> {
  const count = long ? 1_000_000 : 100_000;
  const rounds = 7;
  const loads: (() => Load)[] = [
    () => textLoad("SnapNet", snapnetTokens(count), (tokens) => snapnet.verifyMany(tokens, now)),
    () => textLoad("Centrifugo", centrifugoTokens(count), (tokens) => centrifugo.verifyMany(tokens, now)),
    () => textLoad("TiRTC", tirtcTokens(count), (tokens) => tirtc.verifyMany(tokens, now)),
    () => packetLoad("xchacha20poly1305", 100_000),
    () => packetLoad("hydrogen", 4096),
  ];
  const results: { row: Row; series: Series }[] = [];
  for (const load of loads) results.push(await growthOf(load(), rounds));
  return results;
}

/** Time per byte of long messages against that of messages an eighth as long. */
async function lengths(): Promise<Row[]> {
  const [short, long] = [64 * 1024, 512 * 1024];
  const message = new Uint8Array(long).map((_, i) => i);
  const KIB = 1024;
  const [a, b] = (await measure([
    { name: "64 KiB", units: short / KIB, run: () => sha256(message.subarray(0, short)) },
    { name: "512 KiB", units: long / KIB, run: () => sha256(message) },
  ])) as [Timing, Timing];
  const TOKENS = 64;
  const [few, many] = [centrifugoTokensOf(TOKENS, 4 * KIB), centrifugoTokensOf(TOKENS, 32 * KIB)];
  for (const tokens of [few, many]) agree("Centrifugo", [TOKENS], [centrifugo.verifyMany(tokens, now).validCount]);
  const [c, d] = (await measure([
    { name: "4 KiB", units: TOKENS * 4, run: () => centrifugo.verifyMany(few, now).validCount },
    { name: "32 KiB", units: TOKENS * 32, run: () => centrifugo.verifyMany(many, now).validCount },
  ])) as [Timing, Timing];
  const target = { atMost: 1.15 };
  const unit = "µs/KiB";
  return [
    costRow({ key: "growth/sha256", work: "SHA-256, of 512 KiB", unit }, b, a, target),
    costRow({ key: "growth/length", work: "Centrifugo verifyMany, info of 32 KiB", unit }, d, c, target),
  ];
}

const exactly = (value: number) => ({ low: value, median: value, high: value });

function moduleMemory(name: "hmac" | "cute" | "netcode", atMost: number): Row {
  const bytes = readFileSync(new URL(`../../dist/wasm/${name}.wasm`, import.meta.url));
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
  const { buffer } = exports["memory"] as WebAssembly.Memory;
  return {
    key: `growth/memory/${name}`,
    work: `memory of ${name}.wasm`,
    unit: "MiB",
    ours: exactly(buffer.byteLength / 2 ** 20),
    target: { atMost },
  };
}

/** How much more is in use after ten times as many tokens. */
async function heap(load: Load, tokens: number): Promise<Row> {
  const passes = Math.ceil(tokens / load.count);
  const first = Math.ceil(passes / 10);
  const batches = load.batches(load.count);
  let valid = 0;
  for (let i = 0; i < first; i++) valid += runAll(batches);
  const before = await settledHeap();
  for (let i = first; i < passes; i++) valid += runAll(batches);
  const after = await settledHeap();
  agree(load.name, [passes * load.count], [valid]);
  return {
    key: `growth/heap/${load.key}`,
    work: `heap growth over ${tokens.toLocaleString("en")} tokens, ${load.name}`,
    unit: "MiB",
    ours: exactly((after - before) / 2 ** 20),
    target: { atMost: 1 },
  };
}

const suite: Suite = async ({ long }) => {
  const grown = await batches(long);
  const tokens = long ? 10_000_000 : 1_000_000;
  const snapnetLoad = textLoad("SnapNet", snapnetTokens(4096), (given) => snapnet.verifyMany(given, now));
  return {
    rows: [
      ...grown.map(({ row }) => row),
      ...(await lengths()),
      moduleMemory("hmac", 1),
      moduleMemory("cute", 4),
      moduleMemory("netcode", 1),
      await heap(snapnetLoad, tokens),
      await heap(packetLoad("xchacha20poly1305", 1024), tokens),
    ],
    series: grown.map(({ series }) => series),
  };
};

export default suite;
