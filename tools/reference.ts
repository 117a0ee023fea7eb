// `npm run reference`: writes docs/reference.md from the docstrings of what is exported, and the tables of options that the
// README shows between its `<!-- options: NAME -->` marks. test/package/reference.test.ts holds both to the sources.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { type PublicApi, type PublicExport, ROOT, readPublicApi } from "./public-exports.ts";

export const REFERENCE = "docs/reference.md";
export const README = "README.md";

/** The whole of docs/reference.md. */
export function referenceOf(api: PublicApi): string {
  const modules = [...new Set(api.exports.map(({ modules: [first] }) => first as string))];
  const chapters = modules.map((module) => {
    const own = api.exports.filter(({ modules: [first] }) => first === module);
    const sorted = [...own.filter(({ isValue }) => isValue), ...own.filter(({ isValue }) => !isValue)];
    return `## ${module}\n\n${sorted.map((one) => sectionOf(api, one)).join("\n")}`;
  });
  const contents = modules.map((module) => `- [${module}](#${anchorOf(module)})`);
  const preface =
    "Written by `npm run reference` from the docstrings. What several modules export stands under the first.";
  return `# Reference\n\n${preface}\n\n${contents.join("\n")}\n\n${chapters.join("\n")}`;
}

/** A README with its tables of options as they are now. */
export function withOptions(readme: string, api: PublicApi): string {
  return readme.replace(/(<!-- options: (\w+) -->\n)[\s\S]*?(<!-- end -->)/g, (_, start, name, end) => {
    const found = api.exports.find((one) => one.name === name);
    if (!found) throw new Error(`README.md shows the options of ${name}, which is not exported`);
    return `${start}${membersTable(api, found.symbol)}${end}`;
  });
}

/** Exports without a docstring, but for names of types that say all themselves. */
export function undocumented(api: PublicApi): string[] {
  return api.exports
    .filter((one) => docOf(api, one.symbol) === "" && !ts.isTypeAliasDeclaration(one.declaration))
    .map(({ name, modules }) => `${modules[0]}: ${name}`);
}

const anchorOf = (module: string): string => module.replaceAll("/", "");
const oneLine = (text: string): string => text.replace(/\s*\n\s*/g, " ").replaceAll("|", "\\|");

function docOf({ checker }: PublicApi, symbol: ts.Symbol): string {
  return ts
    .displayPartsToString(symbol.getDocumentationComment(checker))
    .replace(/\{@link ([^}]+)\}/g, "`$1`")
    .trim();
}

function tagsOf(symbol: ts.Symbol, name: string): string[] {
  const found = symbol.getJsDocTags().filter((tag) => tag.name === name);
  return found.map((tag) => ts.displayPartsToString(tag.text).replace(/\{@link ([^}]+)\}/g, "`$1`"));
}

/** What one may use of a class, an interface (what it inherits too) or a record of functions. */
function membersOf({ checker }: PublicApi, symbol: ts.Symbol): ts.Symbol[] {
  const isInterface = (symbol.flags & ts.SymbolFlags.Interface) !== 0;
  const members = isInterface ? checker.getDeclaredTypeOfSymbol(symbol).getProperties() : symbol.members?.values();
  return [...(members ?? [])].filter(({ declarations: [first] = [] }) => {
    if (!first || ts.isTypeParameterDeclaration(first) || ts.isConstructorDeclaration(first)) return false;
    const name = (first as ts.NamedDeclaration).name;
    if (!name || ts.isPrivateIdentifier(name) || ts.isComputedPropertyName(name)) return false;
    return (ts.getCombinedModifierFlags(first) & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)) === 0;
  });
}

function sectionOf(api: PublicApi, { name, symbol, declaration, modules }: PublicExport): string {
  const others = modules.slice(1).map((module) => `\`${module}\``);
  const parts = [
    `### ${name}`,
    docOf(api, symbol),
    ...(others.length > 0 ? [`Also of ${others.join(", ")}.`] : []),
    ...(ts.isInterfaceDeclaration(declaration) ? [membersTable(api, symbol)] : [fenced(signatureOf(declaration))]),
    ...factsOf(symbol),
  ];
  if (ts.isClassDeclaration(declaration)) parts.push(...classParts(api, symbol, declaration));
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

function classParts(api: PublicApi, symbol: ts.Symbol, declaration: ts.ClassDeclaration): string[] {
  const made = declaration.members.find(ts.isConstructorDeclaration);
  const thrown = made ? jsDocThrows(made) : [];
  const members = membersOf(api, symbol).map((member) => {
    const [first] = member.declarations as ts.Declaration[];
    return [
      `#### ${symbol.name}.${member.name}`,
      fenced(signatureOf(first as ts.Declaration)),
      docOf(api, member),
      ...factsOf(member),
    ];
  });
  return [...(made ? [fenced(`new ${symbol.name}${parametersOf(made)}`)] : []), ...thrown, ...members.flat()];
}

const jsDocThrows = (node: ts.Node): string[] =>
  ts
    .getJSDocTags(node)
    .filter((tag) => tag.tagName.text === "throws")
    .map((tag) => `Throws ${ts.getTextOfJSDocComment(tag.comment) ?? ""}`.trim());

/** Parameters, result, errors and examples, each on lines of its own. */
function factsOf(symbol: ts.Symbol): string[] {
  const parameters = tagsOf(symbol, "param").map((text) => `- ${text.replace(/^(\S+)/, "`$1`")}`);
  return [
    parameters.join("\n"),
    ...tagsOf(symbol, "returns").map((text) => `Returns ${text}`),
    ...tagsOf(symbol, "throws").map((text) => `Throws ${text}`),
    ...tagsOf(symbol, "example"),
  ];
}

function membersTable(api: PublicApi, symbol: ts.Symbol): string {
  const rows = membersOf(api, symbol).map((member) => {
    const declaration = member.declarations?.[0] as ts.Declaration;
    const optional = (member.flags & ts.SymbolFlags.Optional) !== 0;
    const mark = optional ? "" : " (required)";
    return `| \`${member.name}\`${mark} | \`${typeOf(declaration)}\` | ${oneLine(docOf(api, member))} |`;
  });
  if (rows.length === 0) return "";
  const required =
    rows.some((row) => row.includes(" (required) |")) && rows.some((row) => !row.includes(" (required) |"));
  const shown = required ? rows : rows.map((row) => row.replace(" (required) |", " |"));
  return `| | type | |\n|---|---|---|\n${shown.join("\n")}\n`;
}

/** A property's type, less the `undefined` that an absent one may be given as; a method's parameters and result. */
function typeOf(declaration: ts.Declaration): string {
  if (ts.isPropertySignature(declaration) || ts.isPropertyDeclaration(declaration)) {
    return oneLine((declaration.type?.getText() ?? "").replace(/ \| undefined$/, ""));
  }
  return oneLine(signatureOf(declaration).replace(/^\w+\??/, ""));
}

/** A declaration without its body, its docstring and what only the compiler needs. */
function signatureOf(declaration: ts.Declaration): string {
  if (ts.isClassDeclaration(declaration)) {
    const heritage = declaration.heritageClauses?.map((clause) => ` ${clause.getText()}`).join("") ?? "";
    return `class ${declaration.name?.text}${heritage}`;
  }
  if (ts.isVariableDeclaration(declaration)) {
    const type = declaration.type?.getText() ?? declaration.initializer?.getText() ?? "";
    return `const ${declaration.name.getText()}: ${type}`;
  }
  const text = declaration.getText();
  const body = (declaration as ts.FunctionLikeDeclaration).body;
  const end = body ? body.getStart() - declaration.getStart() : text.length;
  return text
    .slice(0, end)
    .replace(/^(export |declare |override |async )+/, "")
    .replace(/[;\s]+$/, "");
}

const parametersOf = (made: ts.ConstructorDeclaration): string =>
  `(${made.parameters.map((parameter) => parameter.getText()).join(", ")})`;

const fenced = (code: string): string => `\`\`\`ts\n${code}\n\`\`\``;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const api = readPublicApi();
  writeFileSync(join(ROOT, REFERENCE), referenceOf(api));
  const path = join(ROOT, README);
  writeFileSync(path, withOptions(readFileSync(path, "utf8"), api));
  for (const name of undocumented(api)) console.log(`no docstring: ${name}`);
}
