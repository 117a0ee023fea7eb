import { readFileSync } from "node:fs";
import { join } from "node:path";
import type ts from "typescript";
import { describe, expect, it } from "vitest";
import { type PublicExport, ROOT, readPublicApi } from "../../tools/public-exports.ts";
import { README, REFERENCE, referenceOf, undocumented, withOptions } from "../../tools/reference.ts";

const SCHEMES = [
  ["Cute", "CuteReason"],
  ["netcode", "NetcodeReason"],
  ["SnapNet", "SnapNetReason"],
  ["Centrifugo", "CentrifugoReason"],
  ["TiRTC", "TirtcReason"],
] as const;

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

  it("is told by the README's tables of reasons and codes, neither more nor less", () => {
    const unionOf = (name: string): string[] => {
      const found = api.exports.find((one) => one.name === name);
      const type = api.checker.getDeclaredTypeOfSymbol((found as PublicExport).symbol);
      return (type.isUnion() ? type.types : [type]).map((one) => (one as ts.StringLiteralType).value).sort();
    };
    const inRow = (row: RegExp): string[] =>
      [...read(README).matchAll(row)]
        .flatMap(([text]) => [...text.matchAll(/`([\w-]+)`/g)].map(([, word = ""]) => word))
        .sort();
    for (const [scheme, name] of SCHEMES) {
      expect(inRow(new RegExp(`^\\| ${scheme} \\| \`.*-.*$`, "gm")), scheme).toEqual(unionOf(name));
    }
    expect(inRow(/^\| `ERR_\w+` \|/gm)).toEqual(unionOf("ErrorCode"));
  });
});
