import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT, readPublicApi } from "../../tools/public-exports.ts";
import { README, REFERENCE, referenceOf, undocumented, withOptions } from "../../tools/reference.ts";

const api = readPublicApi();
const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");

describe("what is generated from the docstrings (`npm run reference`)", () => {
  it("is docs/reference.md, as it stands", () => {
    expect(read(REFERENCE)).toBe(referenceOf(api));
  });

  it("is each table of options in the README, as it stands", () => {
    expect(read(README)).toBe(withOptions(read(README), api));
    expect(() => withOptions("<!-- options: NoSuchName -->\n<!-- end -->", api)).toThrow("NoSuchName");
  });

  it("names every export, each with a docstring", () => {
    for (const { name } of api.exports) expect(read(REFERENCE)).toContain(`### ${name}\n`);
    expect(undocumented(api)).toEqual([]);
  });
});
