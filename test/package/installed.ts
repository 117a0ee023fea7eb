import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./supply/files.ts";

/** A folder of its own below build/, in which the packed tarball is installed as its users get it. */
export interface Consumer {
  readonly folder: string;
  /** Where the package is. */
  readonly installed: string;
  /** Its files, by their paths in it. */
  readonly files: readonly string[];
}

export function installTarball(name: string): Consumer {
  const folder = join(ROOT, "build", name);
  const installed = join(folder, "node_modules", "connect-tokens");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(installed, { recursive: true });
  const packed = execFileSync("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", folder], {
    cwd: ROOT,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [{ filename }] = Object.values(JSON.parse(packed)) as [{ filename: string }];
  execFileSync("tar", ["xzf", join(folder, filename), "-C", installed, "--strip-components", "1"]);
  const files = readdirSync(installed, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(installed.length + 1));
  return { folder, installed, files };
}
