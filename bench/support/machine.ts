import { readFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";

/** What the figures depend on. Names no host, user or path. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly platform: string;
  readonly node: string;
  readonly v8: string;
  /** By package; `node:crypto` is the OpenSSL that it is built on. */
  readonly peers: Readonly<Record<string, string>>;
}

export function describeMachine(): Machine {
  const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  const processors = cpus();
  return {
    processor: processors[0]?.model.trim() ?? "unknown",
    cores: processors.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform} ${process.arch}`,
    node: process.versions.node,
    v8: process.versions.v8,
    peers: { "node:crypto": `OpenSSL ${process.versions.openssl}`, ...manifest.dependencies },
  };
}
