import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import type { Machine } from "./machine.ts";
import { isMet, type Row, type Series } from "./result.ts";

/** One run of the benchmarks, as bench/results keeps it. Times are those of the row's unit; spreads are quartiles. */
export interface Results {
  /** YYYY-MM-DD. */
  readonly date: string;
  readonly machine: Machine;
  readonly areas: readonly string[];
  readonly rows: readonly Row[];
  readonly series: readonly Series[];
}

const folder = new URL("../results/", import.meta.url);

/** Every number to six digits: the rest is noise. */
const rounded = (_: string, value: unknown): unknown =>
  typeof value === "number" ? Number(value.toPrecision(6)) : value;

/** Writes bench/results/<date>.json; returns the file's name. */
export function saveResults(results: Results): string {
  const rows = results.rows.map((row) => ({ ...row, met: isMet(row) }));
  mkdirSync(folder, { recursive: true });
  const name = `${results.date}.json`;
  writeFileSync(new URL(name, folder), `${JSON.stringify({ ...results, rows }, rounded, 2)}\n`);
  return name;
}

/** The results of a date, or the newest. */
export function loadResults(date?: string): Results {
  const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
  const name = date ? `${date}.json` : names.sort().at(-1);
  if (name === undefined) throw new Error("no results yet: run the benchmarks first");
  return JSON.parse(readFileSync(new URL(name, folder), "utf8")) as Results;
}
