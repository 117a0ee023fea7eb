// `npm run pairs -- BASELINE [CANDIDATE]`: the hot paths of two builds (folders like dist/, default: ours) in one process, by
// alternating pairs, so that whatever else the machine does meets both alike. A ratio above 1 means that the candidate
// is slower. Exit code 1 where a median is more than 3 % above and so are three of four pairs above the baseline.
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import Table from "cli-table3";
import type * as Centrifugo from "../dist/src/centrifugo/index.js";
import type * as Cute from "../dist/src/cute/index.js";
import type * as CutePublic from "../dist/src/cute/public.js";
import type * as SnapNet from "../dist/src/snapnet/index.js";
import type * as Tirtc from "../dist/src/tirtc/index.js";
import { agree } from "./support/agree.ts";
import { ratioOf } from "./support/statistics.ts";

const LIMIT = 1.03;
const NOW = 1_800_000_000;

const { values, positionals } = parseArgs({
  options: { pairs: { type: "string", default: "41" }, only: { type: "string" } },
  allowPositionals: true,
});
const [baseline, candidate = "dist"] = positionals;
if (baseline === undefined) throw new Error("npm run pairs -- BASELINE [CANDIDATE]: two folders like dist/");

/** Imports a module of a build. */
type Load = <Module>(file: string) => Promise<Module>;

/** One hot path: a build's modules in, and out comes what is timed; it returns how much was found valid. */
interface Path {
  readonly name: string;
  readonly prepare: (load: Load) => Promise<() => number>;
}

const random = (length: number, seed: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (seed + i * 151 + ((i * i) >> 3)) & 255);
const count = <Item>(items: readonly Item[], isValid: (item: Item) => boolean): number => items.filter(isValid).length;
const many = (length: number): number[] => Array.from({ length }, (_, i) => i);

function texts<Module, Token>(name: string, file: string, make: (module: Module) => TextScheme<Token>): Path[] {
  const build = async (load: Load) => make(await load<Module>(file));
  return [
    {
      name: `${name} verifyMany`,
      prepare: async (load) => {
        const { tokens, object } = await build(load);
        return () => object.verifyMany(tokens, { now: NOW }).validCount;
      },
    },
    {
      name: `${name} verify`,
      prepare: async (load) => {
        const { tokens, verify } = await build(load);
        return () => count(tokens, verify);
      },
    },
    {
      name: `${name} issue`,
      prepare: async (load) => {
        const { issue } = await build(load);
        return () => count(many(256), (i) => issue(i) !== undefined);
      },
    },
  ];
}

interface TextScheme<Token> {
  readonly object: { verifyMany(tokens: readonly Token[], options: { now: number }): { readonly validCount: number } };
  readonly tokens: readonly Token[];
  readonly verify: (token: Token) => boolean;
  readonly issue: (i: number) => unknown;
}

function snapnet({ SnapNetTokens }: typeof SnapNet): TextScheme<string> {
  const object = new SnapNetTokens({ secret: "5a".repeat(32), sessionId: "session-1" });
  const issue = (i: number) => object.issue({ userId: `user-${i}`, expiration: NOW + 45 }, { now: NOW });
  return { object, issue, tokens: many(1024).map(issue), verify: (token) => object.verify(token, { now: NOW }).valid };
}

function centrifugo({ CentrifugoTokens }: typeof Centrifugo): TextScheme<Centrifugo.CentrifugoToken> {
  const object = new CentrifugoTokens({ secret: "secret", profile: "v1", lifetime: 3600 });
  const issue = (i: number) => object.issue({ user: `user-${i}:`, timestamp: String(NOW) }, { now: NOW });
  const tokens = many(1024).map((i) => ({ user: `user-${i}:`, timestamp: String(NOW), token: issue(i) }));
  return { object, issue, tokens, verify: (token) => object.verify(token, { now: NOW }).valid };
}

function tirtc({ TirtcTokens }: typeof Tirtc): TextScheme<string> {
  const object = new TirtcTokens({ accessId: "ak-1", secretKey: "access", deviceSecretKey: () => "device" });
  const issue = (i: number) => object.issue({ peerId: `device://${i % 32}`, sub: `viewer-${i}` }, { now: NOW });
  return { object, issue, tokens: many(1024).map(issue), verify: (token) => object.verify(token, { now: NOW }).valid };
}

function cute(suite: "hydrogen" | "xchacha20poly1305", packets: number): Path[] {
  const build = async (load: Load) => {
    const module = await load<typeof Cute>("cute/index.js");
    const { connectTokenPacket } = await load<typeof CutePublic>("cute/public.js");
    const seed = random(32, 7);
    const secret = suite === "hydrogen" ? module.generateSigningKeyPair(seed).secretKey : seed;
    const object = new module.CuteTokens({ applicationId: 42, secret, suite });
    const issue = (i: number): Uint8Array =>
      object.issue(
        {
          creationTimestamp: NOW - 1,
          expirationTimestamp: NOW + 60,
          handshakeTimeout: 5,
          endpoints: ["203.0.113.7:40000"],
          clientId: i,
          clientToServerKey: random(32, 1),
          serverToClientKey: random(32, 2),
        },
        { now: NOW, entropy: random(suite === "hydrogen" ? 52 : 24, i) },
      );
    const list = many(packets).map((i) => connectTokenPacket(issue(i + 1)));
    return { object, issue, list };
  };
  return [
    {
      name: `Cute ${suite} verifyMany`,
      prepare: async (load) => {
        const { object, list } = await build(load);
        const bytes = Uint8Array.from(list.flatMap((packet) => [...packet]));
        return () => object.verifyMany(bytes, { now: NOW }).validCount;
      },
    },
    {
      name: `Cute ${suite} verify`,
      prepare: async (load) => {
        const { object, list } = await build(load);
        return () => count(list, (packet) => object.verify(packet, { now: NOW }).valid);
      },
    },
    {
      name: `Cute ${suite} verifyMany, forged`,
      prepare: async (load) => {
        const { object, list } = await build(load);
        for (const packet of list) packet[900] = 255 - (packet[900] as number);
        return () => object.verifyMany(list, { now: NOW }).validCount;
      },
    },
    {
      name: `Cute ${suite} issue`,
      prepare: async (load) => {
        const { issue } = await build(load);
        return () => count(many(packets), (i) => issue(i + 1).length === 1114);
      },
    },
  ];
}

const paths: readonly Path[] = [
  ...texts("SnapNet", "snapnet/index.js", snapnet),
  ...texts("Centrifugo", "centrifugo/index.js", centrifugo),
  ...texts("TiRTC", "tirtc/index.js", tirtc),
  ...cute("hydrogen", 64),
  ...cute("xchacha20poly1305", 512),
];

const loader =
  (folder: string): Load =>
  (file) =>
    import(pathToFileURL(resolve(folder, "src", file)).href);

/** Microseconds of processor time of one call, the mean of as many as fill five milliseconds: on a busy machine the clock lies. */
function time(run: () => number): number {
  const start = process.cpuUsage();
  const end = performance.now() + 5;
  let calls = 0;
  do {
    run();
    calls++;
  } while (performance.now() < end);
  const { user, system } = process.cpuUsage(start);
  return (user + system) / calls;
}

let slower = 0;
const table = new Table({ style: { head: [], border: [] }, head: ["path", "median", "quartiles", ""] });
for (const { name, prepare } of paths) {
  if (values.only !== undefined && !name.includes(values.only)) continue;
  const [before, after] = [await prepare(loader(baseline)), await prepare(loader(candidate))];
  agree(name, [before()], [after()]);
  for (let i = 0; i < 20; i++) time(i % 2 === 0 ? before : after);
  const [old, now]: [number[], number[]] = [[], []];
  for (let pair = 0; pair < Number(values.pairs); pair++) {
    const order =
      pair % 2 === 0
        ? ([
            [old, before],
            [now, after],
          ] as const)
        : ([
            [now, after],
            [old, before],
          ] as const);
    for (const [times, run] of order) times.push(time(run));
  }
  const { low, median, high } = ratioOf(now, old);
  const bad = median > LIMIT && low > 1;
  if (bad) slower++;
  table.push([name, median.toFixed(3), `${low.toFixed(3)} to ${high.toFixed(3)}`, bad ? "SLOWER" : ""]);
}
console.log(table.toString());
if (slower > 0) process.exitCode = 1;
