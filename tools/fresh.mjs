// What was built stays built: a step runs again only where something it was made of, or something it made, is no longer
// what it was. Judged by contents, kept in build/fresh: a checkout or a new date builds nothing.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Runs a step, unless what its last run left can stand. Paths are those from the project's root, which is where we are.
 *
 * @param {string} name
 * @param {unknown} settings what decides beside the files: options, versions; compared as JSON
 * @param {() => Promise<{ inputs: Iterable<string>, outputs: Iterable<string> }>} step says which files it has read (or
 *   looked for in vain) and written
 * @returns {Promise<boolean>} whether it ran
 */
export async function unlessFresh(name, settings, step) {
  const path = `build/fresh/${name}.json`;
  const key = JSON.stringify(settings);
  const last = JSON.parse(contents(path)?.toString() ?? "{}");
  if (last.key === key && stands(last.inputs) && stands(last.outputs)) return false;
  const { inputs, outputs } = await step();
  mkdirSync("build/fresh", { recursive: true });
  writeFileSync(path, JSON.stringify({ key, inputs: hashes(inputs), outputs: hashes(outputs) }, null, 1));
  return true;
}

/** All files below a folder, by their path, in order. */
export function filesBelow(folder) {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return found.map((entry) => join(entry.parentPath, entry.name)).sort();
}

/** The versions of installed packages. */
export function versions(...packages) {
  return packages.map((name) => JSON.parse(contents(`node_modules/${name}/package.json`)).version);
}

const stands = (known) => Object.entries(known).every(([path, hash]) => hashOf(path) === hash);
const hashes = (paths) => Object.fromEntries([...paths].map((path) => [path, hashOf(path)]));

/** The SHA-256 of a file, or null where there is none. */
function hashOf(path) {
  const bytes = contents(path);
  return bytes === undefined ? null : createHash("sha256").update(bytes).digest("hex");
}

function contents(path) {
  try {
    return readFileSync(path);
  } catch (error) {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
    throw error;
  }
}
