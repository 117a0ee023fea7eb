import Table from "cli-table3";
import { isMet, meetsStretch, type Row, type Target } from "./result.ts";
import type { Spread } from "./statistics.ts";

function figure(value: number): string {
  if (value === 0) return "0";
  const digits = Math.max(0, Math.min(4, 2 - Math.floor(Math.log10(Math.abs(value)))));
  return value.toFixed(digits);
}

const withQuartiles = ({ low, median, high }: Spread): string =>
  low === high ? figure(median) : `${figure(median)}  (${figure(low)} to ${figure(high)})`;

function targetText({ atLeast, atMost, stretch }: Target): string {
  const asked = atLeast === undefined ? `≤ ${atMost}` : `≥ ${atLeast}`;
  return stretch === undefined ? asked : `${asked}, stretch ${stretch}`;
}

function metText(row: Row): string {
  const met = isMet(row);
  if (met === undefined) return "";
  if (!met) return "NOT MET";
  return meetsStretch(row) === false ? "met, stretch not" : "met";
}

function ratioText({ ratio, ratioOf }: Row): string {
  if (!ratio) return "";
  return `${withQuartiles(ratio)} ${ratioOf === "cost" ? "of it" : "×"}`;
}

/** Medians; in brackets quartiles. A ratio is taken round by round, so it need not be that of the medians beside it. */
export function tableOf(rows: readonly Row[]): string {
  const table = new Table({
    head: ["work", "unit", "ours", "peer", "peer's", "ratio (quartiles)", "target", ""],
    colAligns: ["left", "left", "right", "left", "right", "right", "right", "left"],
    style: { head: [], border: [] },
  });
  for (const row of rows) {
    table.push([
      row.work,
      row.unit,
      row.ratio ? figure(row.ours.median) : withQuartiles(row.ours),
      row.peer?.name ?? "",
      row.peer ? figure(row.peer.value.median) : "",
      ratioText(row),
      row.target ? targetText(row.target) : "",
      metText(row),
    ]);
  }
  return table.toString();
}
