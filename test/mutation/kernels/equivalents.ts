// Mutants that do what the module does, and why: by id.

/** Kinds of equivalence, and what they have in common. */
export const classes: Readonly<Record<string, string>> = {};

interface Equivalent {
  readonly kind: string;
  readonly why: string;
}

export const equivalents: ReadonlyMap<string, Equivalent> = new Map();
