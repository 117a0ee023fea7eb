import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CentrifugoTokens, SnapNetTokens, TirtcTokens } from "../library.ts";
import { agree } from "../support/agree.ts";
import type { Suite } from "../support/result.ts";
import { NOW } from "../support/schemes/common.ts";
import { cuteBench } from "../support/schemes/cute.ts";
import { spreadOf } from "../support/statistics.ts";

const ROUNDS = 30;
const HMAC_MILLISECONDS = 15;
const CUTE_MILLISECONDS = 40;
const GENUINE = 10;
const REFUSED = 11;

/** What a fresh process does: imports one scheme, and verifies one token. */
interface Job {
  readonly name: string;
  readonly atMost: number;
  readonly module: string;
  readonly className: string;
  /** The constructor's options, as source. */
  readonly options: string;
  /** The token, and one that is refused, as source. */
  readonly token: string;
  readonly forged: string;
}

const text = (value: unknown): string => JSON.stringify(value);
const bytes = (value: Uint8Array): string => `Buffer.from("${Buffer.from(value).toString("hex")}", "hex")`;

function sourceOf({ module, className, options }: Job, token: string): string {
  const url = new URL(`../../dist/src/${module}`, import.meta.url).href;
  return `import { ${className} } from ${text(url)};
const tokens = new ${className}(${options});
process.exitCode = tokens.verify(${token}, { now: ${NOW} }).valid ? ${GENUINE} : ${REFUSED};
`;
}

function textJobs(): Job[] {
  const secret = "a secret of at least this length";
  const snapnetOptions = { secret: Buffer.from(secret).toString("hex"), sessionId: "arena-7" };
  const snapnet = new SnapNetTokens(snapnetOptions).issue({ userId: "player-1", expiration: NOW + 45 });
  const centrifugoOptions = { secret, profile: "v1" as const, lifetime: 3600 };
  const fields = { user: "42", timestamp: `${NOW}`, info: "" };
  const token = new CentrifugoTokens(centrifugoOptions).issue(fields, { now: NOW });
  const tirtcOptions = { accessId: "ak", secretKey: secret, deviceSecretKey: "device" };
  const tirtc = new TirtcTokens(tirtcOptions).issue({ peerId: "device://cam-1", sub: "viewer", iat: NOW });
  const job = (name: string, className: string, options: object, genuine: string, forged: string): Job => ({
    name,
    atMost: HMAC_MILLISECONDS,
    module: `${name.toLowerCase()}/index.js`,
    className,
    options: text(options),
    token: genuine,
    forged,
  });
  return [
    job("SnapNet", "SnapNetTokens", snapnetOptions, text(snapnet), text(`x${snapnet}`)),
    job(
      "Centrifugo",
      "CentrifugoTokens",
      centrifugoOptions,
      text({ ...fields, token }),
      text({ ...fields, user: "43", token }),
    ),
    job("TiRTC", "TirtcTokens", tirtcOptions, text(tirtc), text(tirtc.replace("v1.", "v1.e"))),
  ];
}

function cuteJob(suite: "hydrogen" | "xchacha20poly1305"): Job {
  const bench = cuteBench(suite);
  const [packet] = bench.packets(1) as [Uint8Array];
  const [forged] = bench.forged([packet]) as [Uint8Array];
  return {
    name: `Cute ${suite}`,
    atMost: CUTE_MILLISECONDS,
    module: "cute/index.js",
    className: "CuteTokens",
    options: `{ applicationId: ${bench.options.applicationId}n, suite: ${text(suite)}, secret: ${bytes(bench.secret)} }`,
    token: bytes(packet),
    forged: bytes(forged),
  };
}

/** Runs a script in a new process: its exit code, and the milliseconds from start to end. */
function runScript(path: string): { code: number | null; milliseconds: number } {
  const start = performance.now();
  const { status } = spawnSync(process.execPath, [path], { stdio: "ignore" });
  return { code: status, milliseconds: performance.now() - start };
}

const suite: Suite = async () => {
  const jobs = [...textJobs(), cuteJob("xchacha20poly1305"), cuteJob("hydrogen")];
  const folder = mkdtempSync(join(tmpdir(), "connect-tokens-"));
  const write = (name: string, source: string): string => {
    const path = join(folder, `${name}.mjs`);
    writeFileSync(path, source);
    return path;
  };
  try {
    for (const [i, job] of jobs.entries()) {
      const codes = [job.token, job.forged].map((token) => runScript(write(`check${i}`, sourceOf(job, token))).code);
      agree(`a fresh process, of ${job.name},`, [GENUINE, REFUSED], codes);
    }
    const empty = write("empty", "");
    const scripts = jobs.map((job, i) => write(`job${i}`, sourceOf(job, job.token)));
    const baseline: number[] = [];
    const over = jobs.map((): number[] => []);
    for (let round = 0; round < ROUNDS; round++) {
      const { milliseconds } = runScript(empty);
      baseline.push(milliseconds);
      for (const [i, script] of scripts.entries()) over[i]?.push(runScript(script).milliseconds - milliseconds);
    }
    const peer = { name: "empty script", value: spreadOf(baseline) };
    return {
      rows: jobs.map(({ name, atMost }, i) => ({
        key: `startup/${name}`,
        work: `${name}: import to first verdict, beyond an empty script`,
        unit: "ms",
        ours: spreadOf(over[i] as number[]),
        peer,
        target: { atMost },
      })),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
};

export default suite;
