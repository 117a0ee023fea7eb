// Every public export, as the TypeScript compiler sees it: what the documentation is made from, and held to.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { entries } from "../entries.mjs";

export const ROOT: string = fileURLToPath(new URL("..", import.meta.url));

export interface PublicExport {
  readonly name: string;
  /** What it is imported from: "connect-tokens/…", in the order of entries.mjs. */
  readonly modules: readonly string[];
  readonly symbol: ts.Symbol;
  readonly declaration: ts.Declaration;
  /** Whether it is something at run time: a class, a function, a constant. */
  readonly isValue: boolean;
}

export interface PublicApi {
  readonly checker: ts.TypeChecker;
  readonly exports: readonly PublicExport[];
}

export function readPublicApi(): PublicApi {
  const { config } = ts.readConfigFile(join(ROOT, "src/tsconfig.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, join(ROOT, "src"));
  const program = ts.createProgram(
    Object.values(entries).map((source) => join(ROOT, source)),
    options,
  );
  const checker = program.getTypeChecker();
  const found = new Map<ts.Symbol, PublicExport & { modules: string[] }>();
  for (const [entry, source] of Object.entries(entries)) {
    const text = program.getSourceFile(join(ROOT, source)) as ts.SourceFile;
    const file = checker.getSymbolAtLocation(text);
    const typesOnly = typeStars(text, checker);
    for (const exported of file ? checker.getExportsOfModule(file) : []) {
      if (typesOnly.has(exported) && (exported.flags & ts.SymbolFlags.Type) === 0) continue;
      const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
      const module = `connect-tokens${entry.slice(1)}`;
      const known = found.get(symbol);
      if (known) known.modules.push(module);
      else {
        const declaration = symbol.declarations?.[0];
        if (!declaration) throw new Error(`${module} exports ${exported.name}, which is declared nowhere`);
        const isValue = (symbol.flags & ts.SymbolFlags.Value) !== 0;
        found.set(symbol, { name: exported.name, modules: [module], symbol, declaration, isValue });
      }
    }
  }
  return { checker, exports: [...found.values()] };
}

/** What comes by `export type * from`: the types are had, and the values are not. */
function typeStars(file: ts.SourceFile, checker: ts.TypeChecker): ReadonlySet<ts.Symbol> {
  const stars = file.statements.filter(ts.isExportDeclaration).filter((one) => one.isTypeOnly && !one.exportClause);
  const modules = stars.map(({ moduleSpecifier }) => moduleSpecifier && checker.getSymbolAtLocation(moduleSpecifier));
  return new Set(modules.flatMap((module) => (module ? checker.getExportsOfModule(module) : [])));
}

/** The code of a symbol's `@example` tags, each without its fence. */
export function examplesOf(symbol: ts.Symbol): string[] {
  return symbol
    .getJsDocTags()
    .filter((tag) => tag.name === "example")
    .map((tag) => ts.displayPartsToString(tag.text).replace(/^```ts\n([\s\S]*?)\n?```\s*$/, "$1\n"));
}
