import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { entries } from "../../entries.mjs";

// The README's examples, run as a user would: against the built package, by its name.
const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
const examples = [...readme.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map((match) => match[1] as string);
const folder = new URL("../../build/readme/", import.meta.url);

function run(index: number): string {
  mkdirSync(folder, { recursive: true });
  const file = new URL(`example-${index}.ts`, folder);
  writeFileSync(file, examples[index] as string);
  return execFileSync(process.execPath, ["--import", "tsx", file.pathname], { encoding: "utf8" });
}

describe("the README's examples", () => {
  const says = [
    "client 1001 may connect\n2 of 2 are genuine\n",
    "true\n2\n",
    "user123\n",
    /^42:\n[\s\S]*\$news[\s\S]*\$chat/,
    "viewer-7\n",
    "true false\n",
    "challenge cute | elsewhere\ngive a slot | used\n",
    "unavailable\n",
    "ERR_FORMAT secret\n",
  ];

  it("are those below", () => expect(examples.length).toBe(says.length));

  it("names every entry but those that only the package starts", () => {
    const named = Object.keys(entries).filter((entry) => !/^\.$|worker$/.test(entry));
    expect(
      named.filter(
        (entry) => !readme.includes(`\`connect-tokens${entry.slice(1)}\``) && !readme.includes(`\`${entry.slice(1)}\``),
      ),
    ).toEqual([]);
  });

  it.each(says.map((said, i) => [i, said] as const))("number %i runs", (index, said) => {
    const output = run(index);
    if (typeof said === "string") expect(output).toBe(said);
    else expect(output).toMatch(said);
  });
});
