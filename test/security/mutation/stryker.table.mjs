// The score of the last run by folder, and each mutant that survived: node test/security/mutation/stryker.table.mjs
import { readFileSync } from "node:fs";

const { files } = JSON.parse(readFileSync("build/mutation/report.json", "utf8"));
const STATUSES = ["Killed", "Timeout", "Survived", "NoCoverage"];
const rooms = new Map();
const survivors = [];

for (const [path, { source, mutants }] of Object.entries(files)) {
  const [, room, rest] = path.split("/");
  const name = rest === undefined ? "src" : `src/${room}`;
  const counts = rooms.get(name) ?? { Killed: 0, Timeout: 0, Survived: 0, NoCoverage: 0 };
  rooms.set(name, counts);
  const lines = source.split("\n");
  for (const { status, location, mutatorName, replacement } of mutants) {
    if (!STATUSES.includes(status)) continue;
    counts[status]++;
    if (status === "Killed" || status === "Timeout") continue;
    const { start, end } = location;
    const line = lines[start.line - 1];
    const code = line.slice(start.column - 1, start.line === end.line ? end.column - 1 : undefined);
    survivors.push({ path, line: start.line, column: start.column, status, mutatorName, code, replacement });
  }
}

const row = (name, { Killed, Timeout, Survived, NoCoverage }) => {
  const all = Killed + Timeout + Survived + NoCoverage;
  const score = ((100 * (Killed + Timeout)) / all).toFixed(1);
  return `| ${name} | ${all} | ${Killed} | ${Timeout} | ${Survived} | ${NoCoverage} | ${score} % |`;
};
const total = { Killed: 0, Timeout: 0, Survived: 0, NoCoverage: 0 };
for (const counts of rooms.values()) for (const status of STATUSES) total[status] += counts[status];

console.log("| folder | mutants | killed | timeout | survived | not covered | score |");
console.log("| --- | ---: | ---: | ---: | ---: | ---: | ---: |");
for (const [name, counts] of [...rooms].sort()) console.log(row(name, counts));
console.log(row("**all**", total));
console.log();
survivors.sort((a, b) => a.path.localeCompare(b.path) || a.line - b.line || a.column - b.column);
for (const { path, line, status, mutatorName, code, replacement } of survivors) {
  const mark = status === "NoCoverage" ? " (not covered)" : "";
  console.log(
    `${path}:${line} ${mutatorName}${mark}: ${code.slice(0, 90)} -> ${replacement.split("\n")[0].slice(0, 70)}`,
  );
}
