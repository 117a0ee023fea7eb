import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { chacha20Poly1305 } from "../../src/crypto.ts";
import { aeadCase, aeadForgeries, opensNot, vectorSuites } from "../support/vector-suites.ts";

// The table of test/vectors/README.md is what this counts.
const readme = readFileSync(new URL("../vectors/README.md", import.meta.url), "utf8");
const count = (number: number): string => number.toLocaleString("en-US");

describe("the table of test vectors", () => {
  it("says how many there are, and how many come out right", () => {
    const rows = vectorSuites().map(({ source, what, cases }) => {
      const negative = cases.filter((each) => each.negative).length;
      const passed = cases.filter((each) => each.passes()).length;
      return { source, what, cases: cases.length, negative, passed };
    });
    const sum = (name: "cases" | "negative" | "passed"): number => rows.reduce((all, row) => all + row[name], 0);
    const total = {
      source: "**all**",
      what: "",
      cases: sum("cases"),
      negative: sum("negative"),
      passed: sum("passed"),
    };
    const lines = [...rows, total].map(
      ({ source, what, cases, negative, passed }) =>
        `| ${source} | ${what} | ${count(cases)} | ${count(negative)} | ${count(passed)} |`,
    );
    expect(total.passed).toBe(total.cases);
    const head = "| from | what | cases | to be refused | passed |";
    const from = Math.max(0, readme.indexOf(head));
    const table = readme.slice(from, readme.indexOf("\n\n", from));
    expect(table.split("\n")).toEqual([head, "|---|---|---|---|---|", ...lines]);
  });

  it("a case that is not right is not counted", () => {
    const [key, nonce] = ["00".repeat(32), "00".repeat(12)];
    expect(aeadCase(chacha20Poly1305, key, nonce, "", "", "00".repeat(16)).passes()).toBe(false);
    const sealed = Buffer.from(chacha20Poly1305.seal(new Uint8Array(32), new Uint8Array(12), new Uint8Array(0)));
    expect(opensNot(chacha20Poly1305, key, nonce, "", sealed.toString("hex")).passes()).toBe(false);
  });

  it("says how many forgeries were made of the AEAD's, of which none opens", () => {
    const { cases, tried, opened } = aeadForgeries();
    expect(opened).toBe(0);
    const [sentence] = readme.replaceAll(/\s+/g, " ").match(/Of each of the .*? opens\./) ?? [];
    expect(sentence).toBe(
      `Of each of the ${count(cases)} valid AEAD cases we also made forgeries, with every bit of the tag turned, cut short and made longer: of ${count(tried)}, none opens.`,
    );
  });
});
