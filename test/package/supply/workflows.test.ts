import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "./files.ts";

const folder = join(ROOT, ".github/workflows");
const workflows = new Map(readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), "utf8")]));
const release = workflows.get("release.yml") as string;

/** The text of a job: from its name to the next one's. */
function job(text: string, name: string): string {
  const [, body] = new RegExp(`^  ${name}:\\n((?: {4}.*\\n|\\n)+)`, "m").exec(text) ?? [];
  if (body === undefined) throw new Error(`no job ${name}`);
  return body;
}

/** What lets others change what a workflow does. */
function weaknesses(text: string): string[] {
  const found: string[] = [];
  for (const [, uses] of text.matchAll(/uses: (.*)$/gm)) {
    if (!/^actions\/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(uses as string)) found.push(`not pinned: ${uses}`);
  }
  // A title of a branch or of a pull request, put into a script, becomes part of it.
  for (const [, script] of text.matchAll(/run: (\|\n(?: {10}.*\n)+|.*$)/gm)) {
    if (script?.includes("${{")) found.push(`expression in a script: ${script}`);
  }
  if (!/^permissions:( \{\}|\n {2}contents: read)$/m.test(text)) found.push("permissions by default");
  if (/pull_request_target|secrets\./.test(text)) found.push("secrets");
  return found;
}

describe.each([...workflows])("the workflow %s", (_, text) => {
  it("runs pinned actions, gives no rights by default, and holds no secrets", () => {
    expect(text).toContain("uses: ");
    expect(weaknesses(text)).toEqual([]);
  });

  it("runs what the README and .ci/run run", () => {
    expect(text).toMatch(/run: \.ci\/run$/m);
    const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { scripts: object };
    for (const [, script] of text.matchAll(/npm run ([a-z:]+)/g)) expect(Object.keys(scripts)).toContain(script);
  });
});

it("weaknesses planted in a workflow are found", () => {
  const plant = (from: string | RegExp, to: string) => weaknesses(release.replace(from, to));
  expect(plant(/@[0-9a-f]{40} # v4\.2\.2/, "@v4")).toEqual(["not pinned: actions/checkout@v4"]);
  expect(plant("run: npm ci", `run: echo \${{ github.ref_name }}`)).toHaveLength(1);
  expect(plant("mkdir release", `mkdir "\${{ github.ref_name }}"`)).toHaveLength(1);
  expect(plant("permissions: {}", "")).toEqual(["permissions by default"]);
  expect(plant("github.token", "secrets.TOKEN")).toEqual(["secrets"]);
});

describe("the release", () => {
  it("is tested and built twice, packed and listed by a job that may do nothing else", () => {
    const build = job(release, "build");
    expect(build).toMatch(/permissions:\n {6}contents: read\n {4}steps/);
    const steps = ["npm ci", ".ci/run", "npm run sbom", "npm pack", "sha256sum", "upload-artifact"];
    expect(readFileSync(join(ROOT, ".ci/run"), "utf8")).toContain("test/package/supply/reproducible.ts");
    const places = steps.map((step) => build.indexOf(step));
    expect(places.every((place) => place > 0)).toBe(true);
    expect(places).toEqual([...places].sort((a, b) => a - b));
  });

  it("is signed and published with provenance by one that runs nothing installed", () => {
    const publish = job(release, "publish");
    expect(publish).toContain("needs: build");
    for (const right of ["id-token", "contents", "attestations"]) expect(publish).toContain(`${right}: write`);
    expect(publish).toContain("npm publish --provenance --access public");
    expect(publish).toMatch(/subject-path: \|\n.*\*\.wasm\n.*\*\.tgz\n.*sbom\.cdx\.json/);
    expect(publish).not.toMatch(/npm (ci|install|run)|npx|checkout/);
  });
});
