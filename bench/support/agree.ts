import type { Verdicts } from "../library.ts";

/** Competitors gave different answers: nothing is timed. */
export class Disagreement extends Error {
  override readonly name = "Disagreement";
}

/** @throws Disagreement unless `got` is `expected` at every index */
export function agree(who: string, expected: readonly unknown[], got: readonly unknown[]): void {
  if (got.length !== expected.length) {
    throw new Disagreement(`${who} gave ${got.length} answers, expected ${expected.length}`);
  }
  for (let i = 0; i < expected.length; i++) {
    if (got[i] !== expected[i]) {
      throw new Disagreement(`${who} answers ${String(got[i])} to number ${i}, expected ${String(expected[i])}`);
    }
  }
}

/**
 * Our verdicts against the reasons expected, and whether each token is good against every peer's answer.
 *
 * @param expected `valid`, or the reason
 * @throws Disagreement
 */
export function agreeOnVerdicts(
  expected: readonly string[],
  verdicts: Verdicts<unknown, string>,
  peers: readonly { readonly name: string; readonly answers: readonly boolean[] }[],
): void {
  const reasons = expected.map((_, i) => verdicts.reasonAt(i) ?? "valid");
  agree("connect-tokens", expected, reasons);
  for (const reason of ["valid", "not-genuine", "expired"]) {
    if (!expected.includes(reason)) throw new Disagreement(`the tokens to agree on hold none that is ${reason}`);
  }
  const good = expected.map((reason) => reason === "valid");
  for (const { name, answers } of peers) agree(name, good, answers);
}

/** @throws Disagreement unless both hold the same bytes */
export function agreeOnBytes(who: string, expected: Uint8Array, got: Uint8Array): void {
  if (Buffer.compare(expected, got) !== 0) {
    throw new Disagreement(
      `${who} gave ${Buffer.from(got).toString("hex")}, expected ${Buffer.from(expected).toString("hex")}`,
    );
  }
}
