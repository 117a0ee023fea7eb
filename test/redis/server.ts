import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";

/** A port of loopback that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

/** A redis-server of the tests' own. */
export class RedisServer {
  readonly port: number;
  readonly #folder = mkdtempSync(join(tmpdir(), "redis-"));
  readonly #options: readonly string[];
  #process: ChildProcess | undefined;
  #admin: Redis | undefined;

  private constructor(port: number, options: readonly string[]) {
    this.port = port;
    this.#options = options;
  }

  /** Without persistence, unless the options say otherwise. */
  static async start(...options: string[]): Promise<RedisServer> {
    const server = new RedisServer(await freePort(), options);
    await server.begin();
    return server;
  }

  async begin(): Promise<void> {
    const fixed = ["--port", String(this.port), "--bind", "127.0.0.1", "--dir", this.#folder, "--save", ""];
    this.#process = spawn("redis-server", [...fixed, ...this.#options], { stdio: "ignore" });
    this.#admin ??= new Redis(this.port, { retryStrategy: () => 20, maxRetriesPerRequest: null });
    this.#admin.on("error", () => {});
    while ((await this.#admin.ping().catch(() => "")) !== "PONG") await sleep(10);
  }

  /** The tests' own connection. */
  get admin(): Redis {
    return this.#admin as Redis;
  }

  signal(name: NodeJS.Signals): void {
    this.#process?.kill(name);
  }

  /** Ends the process, as a power cut would where `how` is SIGKILL. */
  async end(how: NodeJS.Signals = "SIGTERM"): Promise<void> {
    const ended = once(this.#process as ChildProcess, "exit");
    this.#process?.kill(how);
    await ended;
  }

  async restart(how: NodeJS.Signals = "SIGTERM"): Promise<void> {
    await this.end(how);
    await this.begin();
  }

  /** All keys with what is left of their time in milliseconds. */
  async keys(): Promise<Map<string, number>> {
    const keys = (await this.admin.keys("*")).sort();
    return new Map(await Promise.all(keys.map(async (key) => [key, await this.admin.pttl(key)] as const)));
  }

  async dispose(): Promise<void> {
    this.#admin?.disconnect();
    await this.end("SIGKILL");
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
