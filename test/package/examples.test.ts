import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { beforeAll, describe, expect, it } from "vitest";
import { examplesOf, type PublicExport, ROOT, readPublicApi } from "../../tools/public-exports.ts";

// Every `@example` of what the package exports, run as a user would: against the built package, by its name. What a line
// logs stands behind it in a comment; "…" there is anything.
const folder = join(ROOT, "build/examples");

const { checker, exports } = readPublicApi();
/** Of a number that is exported (a size) the docstring says all. */
const values = exports.filter(({ isValue, symbol }) => isValue && !checker.getTypeOfSymbol(symbol).isNumberLiteral());
const fullName = ({ name, modules }: PublicExport): string => `${modules[0]}: ${name}`;
const examples = values.flatMap((one) =>
  examplesOf(one.symbol).map((code, i) => {
    const file = `${one.modules[0]?.replaceAll("/", "-")}-${one.name}-${i + 1}`;
    return { title: `${fullName(one)}, example ${i + 1}`, file, code };
  }),
);

interface Run {
  readonly printed: readonly string[];
  readonly error?: string;
}
let runs: Record<string, Run>;

/** Runs them one after the other in one process, which notes what each of them logs. */
function runAll(): Record<string, Run> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const options = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };
  for (const { file, code } of examples) {
    writeFileSync(join(folder, `${file}.ts`), code);
    writeFileSync(join(folder, `${file}.mjs`), ts.transpile(code, options));
  }
  const runner = `import { format } from "node:util";
    const runs = {};
    const { log } = console;
    for (const file of ${JSON.stringify(examples.map(({ file }) => file))}) {
      const printed = [];
      console.log = (...items) => printed.push(...format(...items).split("\\n"));
      runs[file] = { printed };
      try { await import(\`./\${file}.mjs\`); } catch (error) { runs[file].error = String(error?.stack ?? error); }
    }
    log(JSON.stringify(runs));`;
  writeFileSync(join(folder, "run.mjs"), runner);
  return JSON.parse(execFileSync(process.execPath, [join(folder, "run.mjs")], { encoding: "utf8" })) as typeof runs;
}

/** What the comments behind the logging lines say. */
const said = (code: string): string[] =>
  [...code.matchAll(/console\.log\(.*\);? \/\/ (.*)$/gm)].map(([, text = ""]) => text);

/** A comment as a pattern. */
const pattern = (text: string): RegExp =>
  new RegExp(
    `^${text
      .split("…")
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
      .join(".*")}$`,
  );

beforeAll(() => {
  runs = runAll();
});

describe("every function, class and object that is exported", () => {
  it("has an example", () => {
    const without = values.filter(({ symbol }) => examplesOf(symbol).length === 0).map(fullName);
    expect(without).toEqual([]);
  });
});

describe("the examples", () => {
  it.each(examples)("$title runs, and logs what its comments say", ({ file, code }) => {
    const run = runs[file] as Run;
    expect(run.error).toBeUndefined();
    const comments = said(code);
    expect(comments.length).toBe(code.split("console.log(").length - 1);
    expect(run.printed.length > 0).toBe(comments.length > 0);
    for (const line of run.printed) {
      expect(
        comments.some((comment) => pattern(comment).test(line)),
        `${line}, of ${comments.join(" | ")}`,
      ).toBe(true);
    }
  });

  it("are type-checked, as a user's code would be", () => {
    const program = ts.createProgram(
      examples.map(({ file }) => join(folder, `${file}.ts`)),
      {
        strict: true,
        exactOptionalPropertyTypes: true,
        noEmit: true,
        skipLibCheck: true,
        target: ts.ScriptTarget.ES2022,
        lib: ["lib.es2022.d.ts", "lib.dom.d.ts", "lib.esnext.disposable.d.ts"],
        module: ts.ModuleKind.NodeNext,
        moduleResolution: ts.ModuleResolutionKind.NodeNext,
        types: ["node"],
      },
    );
    const problems = ts.getPreEmitDiagnostics(program).map(({ file, messageText }) => {
      return `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
    });
    expect(problems).toEqual([]);
  });

  it("an example that logs something else would be noticed", () => {
    expect(said("console.log(f(1)); // a…c\n").map((text) => pattern(text).test("abbc"))).toEqual([true]);
    expect(said("console.log(f(1)); // a…c\n").map((text) => pattern(text).test("abb"))).toEqual([false]);
  });
});
