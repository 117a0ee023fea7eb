// survivors.md: the score, and every survivor with its reason.

import { explanations, kinds } from "./equivalents.ts";
import { operators } from "./operators.ts";

export interface Outcome {
  /** module:function:offset:operator:variant */
  readonly id: string;
  readonly module: string;
  readonly function: string;
  readonly operator: string;
  readonly instruction: string;
  /** Absent where no test failed. */
  readonly killed?: "assertion" | "trap" | "timeout" | "vitest";
  /** What it outlived, where no test failed: the quick files, the slow ones too, vitest too. */
  readonly met?: "quick" | "slow" | "vitest";
  readonly file?: string;
  readonly test?: string;
  readonly error?: string;
}

export interface Results {
  readonly date: string;
  readonly seed: number;
  /** How many the seed was asked for, of which the outcomes are the first. */
  readonly count: number;
  readonly modules: readonly { readonly name: string; readonly sha256: string }[];
  readonly outcomes: readonly Outcome[];
}

const percent = (part: number, whole: number): string => (whole === 0 ? "" : `${((100 * part) / whole).toFixed(1)} %`);
const count = (outcomes: readonly Outcome[], killed: Outcome["killed"]): number =>
  outcomes.filter((outcome) => outcome.killed === killed).length;

/** One line. */
export function summary(outcomes: readonly Outcome[]): string {
  const survived = count(outcomes, undefined);
  const kinds = (["assertion", "trap", "timeout", "vitest"] as const).map((kind) => `${kind} ${count(outcomes, kind)}`);
  const killed = percent(outcomes.length - survived, outcomes.length);
  return `${outcomes.length} mutants, killed ${killed} (${kinds.join(", ")}), survived ${survived}`;
}

const isEquivalent = (id: string): boolean => kinds[explanations.get(id)?.kind ?? ""]?.equivalent ?? false;

function row(title: string, outcomes: readonly Outcome[]): string {
  const survived = count(outcomes, undefined);
  const equivalent = outcomes.filter(({ id, killed }) => killed === undefined && isEquivalent(id)).length;
  const killed = outcomes.length - survived;
  const tests = count(outcomes, "assertion") + count(outcomes, "vitest");
  const cells = [
    title,
    outcomes.length,
    tests,
    count(outcomes, "trap"),
    count(outcomes, "timeout"),
    survived,
    equivalent,
  ];
  return `| ${[...cells, percent(killed, outcomes.length), percent(killed, outcomes.length - equivalent)].join(" | ")} |`;
}

/** One row for each value of a field. */
function rows(
  outcomes: readonly Outcome[],
  field: "operator" | "module" | "function",
  values: readonly string[],
): string {
  return values
    .map((value) =>
      row(
        value,
        outcomes.filter((outcome) => outcome[field] === value),
      ),
    )
    .join("\n");
}

const head = (title: string): string =>
  [
    `| ${title} | mutants | killed by an assertion | by a trap | by time | survived | of these equivalent | score | without equivalents |`,
    "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
  ].join("\n");

function survivorsOf(outcomes: readonly Outcome[]): string {
  const survivors = outcomes.filter(({ killed }) => killed === undefined);
  const sections = Object.entries(kinds).map(([name, { why }]) => {
    const lines = survivors
      .filter(({ id }) => explanations.get(id)?.kind === name)
      .map(
        (one) =>
          `| \`${one.id}\` | ${one.function} | \`${one.instruction}\` | ${explanations.get(one.id)?.why ?? ""} |`,
      );
    return lines.length === 0 ? "" : [`### ${name}: ${lines.length}`, why, table(lines)].join("\n\n");
  });
  const open = survivors
    .filter(({ id }) => !explanations.has(id))
    .map((one) => `| \`${one.id}\` | ${one.function} | \`${one.instruction}\` | not explained |`);
  if (open.length > 0)
    sections.push(
      [`### Gaps: ${open.length}`, "No test sees these, and nothing shows that none could.", table(open)].join("\n\n"),
    );
  return sections.filter(Boolean).join("\n\n");
}

const table = (lines: readonly string[]): string =>
  ["| mutant | function | instruction | why |", "|---|---|---|---|", ...lines].join("\n");

export function reportOf({ date, seed, count: asked, modules, outcomes }: Results): string {
  const names = modules.map(({ name }) => name);
  const functions = [...new Set(outcomes.map((outcome) => outcome.function))].sort();
  return `# Mutants of the kernels

${outcomes.length} mutants, ${outcomes.length < asked ? `the first of the ${asked} ` : ""}that \`npm run mutation:kernels -- --seed ${seed}\` picks, ${date}. Each mutant is a shipped
\`.wasm\` file with one instruction changed; it is killed when one of the project's own tests fails. How it works: README.md.

${modules.map(({ name, sha256 }) => `- ${name}.wasm, SHA-256 \`${sha256}\``).join("\n")}

${head("operator")}
${rows(outcomes, "operator", operators)}
${rows(outcomes, "module", names)}
${row("**all**", outcomes)}

## Survivors

A mutant's id is module:function:offset:operator:variant; \`npm run mutation:kernels -- --only ID\` runs it alone.

${survivorsOf(outcomes)}

## By function

${head("function")}
${rows(outcomes, "function", functions)}
`;
}
