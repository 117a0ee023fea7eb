import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { faults } from "./removed-rules/faults.ts";

// SECURITY.md, held to the truth: what it names exists, and what shows a rule fails without it (`npm run removed-rules`).
const root = new URL("../../", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), "utf8");
const text = read("SECURITY.md");

interface Row {
  readonly threat: string;
  readonly rule: string;
  readonly tests: readonly (readonly [file: string, title: string])[];
}

/** Of the last column: files in backquotes, each before the titles of its tests. */
function testsIn(cell: string): Row["tests"] {
  const tests: [string, string][] = [];
  let file = "";
  for (const [, path, title] of cell.matchAll(/`(test\/[^`]+\.ts)`|"([^"]+)"/g)) {
    if (path !== undefined) file = path;
    else if (title !== undefined) tests.push([file, title]);
  }
  return tests;
}

const rows: readonly Row[] = [...text.matchAll(/^\| (T\d+) \|(.*)\|(.*)\|(.*)\|$/gm)].map(
  ([, threat = "", , rule = "", cell = ""]) => ({ threat, rule, tests: testsIn(cell) }),
);

/** The sources that a test file's titles may stand in: itself, and what describes tests for several. */
const shared = readdirSync(new URL("test/support/", root)).map((name) => read(`test/support/${name}`));
const hasTitle = (file: string, title: string): boolean =>
  [read(file), ...shared].some((source) => ['"', "`"].some((quote) => source.includes(`${quote}${title}${quote}`)));

describe("SECURITY.md", () => {
  it("has a row for each threat from T1 on, with a rule and a test", () => {
    expect(rows.length).toBeGreaterThanOrEqual(18);
    expect(rows.map(({ threat }) => threat)).toEqual(rows.map((_, i) => `T${i + 1}`));
    for (const { threat, rule, tests } of rows)
      expect([threat, rule.length > 20, tests.length > 0]).toEqual([threat, true, true]);
  });

  it.each(rows)("$threat: every test that it names exists", ({ tests }) => {
    for (const [file, title] of tests) {
      expect(existsSync(new URL(file, root)), file).toBe(true);
      expect(hasTitle(file, title), `${file}: ${title}`).toBe(true);
    }
  });

  it.each(rows)(
    "$threat: each of them is the one that notices a planted fault, and no other is",
    ({ threat, tests }) => {
      const planted = faults.filter((fault) => fault.threat === threat).map(({ test }) => test.join(": "));
      expect([...new Set(planted)].sort()).toEqual(tests.map((test) => test.join(": ")).sort());
    },
  );

  it("a title that is not there would be noticed", () => {
    expect(hasTitle("test/security/threat-table.test.ts", ["no such", "title"].join(" "))).toBe(false);
  });

  it("says what is not promised", () => {
    const section = text.slice(text.indexOf("## What we do not promise"), text.indexOf("## Threats"));
    for (const word of [
      "Spectre",
      "Process memory",
      "V8",
      "Centrifugo",
      "SnapNet",
      "libhydrogen",
      "public key alone",
    ]) {
      expect(section).toContain(word);
    }
  });

  it("names the README of every room here, with its command, which is a script of package.json", () => {
    const rooms = readdirSync(new URL("test/security/", root), { withFileTypes: true }).filter((one) =>
      one.isDirectory(),
    );
    const { scripts } = JSON.parse(read("package.json")) as { scripts: object };
    for (const { name } of rooms) {
      expect(text).toContain(`(test/security/${name}/README.md)`);
      const commands = [...read(`test/security/${name}/README.md`).matchAll(/npm (?:run )?([a-z:-]+)/g)];
      expect(commands.length, name).toBeGreaterThan(0);
      for (const [, script] of commands) expect(Object.keys(scripts), name).toContain(script);
    }
  });

  it("tells how to report a problem without an address that nobody reads", () => {
    expect(text).toContain("Security → Report a vulnerability");
    expect(text).not.toMatch(/@[a-z]+\.[a-z]/i);
  });

  it("has the sections that it refers to", () => {
    for (const [, anchor] of text.matchAll(/\]\(#([a-z-]+)\)/g)) {
      const headings = [...text.matchAll(/^## (.*)$/gm)].map(([, name = ""]) =>
        name.toLowerCase().replaceAll(" ", "-"),
      );
      expect(headings).toContain(anchor);
    }
  });
});
