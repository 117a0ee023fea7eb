// The branches of a module, and from which line of source each comes.

import { CodeReader } from "./code.ts";

/** What a jump can be made of. */
export type BranchKind = "if" | "br_if" | "br_table" | "select";
const BRANCHES: Readonly<Record<number, BranchKind>> = {
  4: "if",
  13: "br_if",
  14: "br_table",
  27: "select",
  28: "select",
};

interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** The numbers of a source map's segment. */
function segment(text: string): number[] {
  const numbers: number[] = [];
  let value = 0;
  let shift = 0;
  for (const character of text) {
    const digit = DIGITS.indexOf(character);
    value |= (digit & 31) << shift;
    shift += 5;
    if (digit & 32) continue;
    numbers.push(value & 1 ? -(value >> 1) : value >> 1);
    value = 0;
    shift = 0;
  }
  return numbers;
}

interface SourceMap {
  readonly sources: readonly string[];
  readonly sourcesContent: readonly string[];
  readonly mappings: string;
}

/** From offsets in the module to places in the source; undefined from where the compiler gives none. */
function placesOf({ mappings, sources }: SourceMap): { offset: number; place: Place | undefined }[] {
  const sum = [0, 0, 0, 0];
  return mappings.split(",").map((text) => {
    const deltas = segment(text);
    for (const [i, delta] of deltas.entries()) sum[i] = (sum[i] ?? 0) + delta;
    const [offset = 0, source = 0, line = 0, column = 0] = sum;
    return { offset, place: deltas.length > 1 ? { file: sources[source] ?? "", line, column } : undefined };
  });
}

/** One or more branches of a kind that one line of source gives rise to, however often it is inlined. */
export interface Branch {
  readonly file: string;
  readonly function: string;
  readonly kind: BranchKind;
  /** The line of source. */
  readonly source: string;
  /** In how many places of the function: a line may stand there twice, or hold two branches. */
  readonly count: number;
}

/** The function or method around a line. */
function functionAround(lines: readonly string[], line: number): string {
  for (let at = line; at >= 0; at--) {
    const found = /^(?:export )?function (\w+)|^ {2}(?:@inline )?static (\w+)/.exec(lines[at] ?? "");
    if (found) return found[1] ?? found[2] ?? "";
  }
  return "";
}

export interface Branches {
  /** In the module, each copy counted. */
  readonly instructions: number;
  /** In the source. */
  readonly branches: readonly Branch[];
}

/**
 * All branches of a module.
 * @param map its source map, as JSON
 */
export function branchesOf(wasm: Uint8Array, map: string): Branches {
  const parsed = JSON.parse(map) as SourceMap;
  const places = placesOf(parsed);
  const lines = new Map(parsed.sources.map((file, i) => [file, (parsed.sourcesContent[i] ?? "").split("\n")]));
  let next = 0;
  let current: Place | undefined;
  const located = new CodeReader(wasm).instructions().map((instruction) => {
    while ((places[next]?.offset ?? Number.POSITIVE_INFINITY) <= instruction.offset) current = places[next++]?.place;
    return { ...instruction, place: current };
  });
  const found = new Map<string, { branch: Omit<Branch, "count">; places: Set<string> }>();
  let instructions = 0;
  for (const [i, { opcode, ...instruction }] of located.entries()) {
    const kind = BRANCHES[opcode];
    if (!kind) continue;
    instructions++;
    // A loop's jump has no place of its own: its condition's, just before it, or that of what is jumped over.
    const before = located.slice(Math.max(i - 3, 0), i + 1).reverse();
    const around = [...before, ...located.slice(i)].find((one) => one.place && one.function === instruction.function);
    if (!around?.place) throw new Error(`function ${instruction.function}: a branch from nowhere`);
    const { file, line, column } = around.place;
    const text = lines.get(file) ?? [];
    const branch = { file, function: functionAround(text, line), kind, source: (text[line] ?? "").trim() };
    const key = JSON.stringify(branch);
    const places = found.get(key)?.places ?? new Set();
    found.set(key, { branch, places: places.add(`${line}:${column}`) });
  }
  const branches = [...found.values()].map(({ branch, places }) => ({ ...branch, count: places.size }));
  return { instructions, branches };
}
