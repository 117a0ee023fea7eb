// What holds before the first mutant: every test file passes on the shipped modules (no kill is a false one), and fails
// where a module is broken altogether (else it has no say on that module's mutants). And what is learnt from kills.

import type { Seat, Verdict } from "./crew.ts";
import type { ModuleName, Mutant } from "./mutants.ts";

/** A test file that fails where its module is broken. */
interface Judge {
  readonly module: ModuleName;
  readonly file: string;
  /** What it takes on the shipped module, in processor time. */
  readonly milliseconds: number;
}

const names = ["hmac", "cute"] as const;

/** The eight bytes of a module without anything in it. */
const brokenModule = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);

/** Files of many seconds: they judge what has outlived the others. */
const slow = new Set(
  [
    "assembly/aead",
    "assembly/cute-xchacha",
    "assembly/encoding",
    "assembly/hmac-jobs",
    "assembly/sha256",
    "centrifugo/tokens",
    "crypto/sha256",
    "cute/arguments",
    "cute/differential",
    "cute/tokens-hydrogen",
    "hostile",
    "tirtc/claims",
    "wasm/slots",
  ].map((file) => `test/${file}.test.ts`),
);
export const isSlow = (file: string): boolean => slow.has(file);

export async function control(
  seats: readonly Seat[],
  scripts: ReadonlyMap<string, string>,
  modules: Readonly<Record<ModuleName, Uint8Array>>,
): Promise<Judge[]> {
  const judges: Judge[] = [];
  const waiting = scripts.entries();
  await Promise.all(
    seats.map(async (seat) => {
      for (const [file, script] of waiting) {
        const loaded = names.filter(
          (name) => script.includes(`base64("${name}")`) || script.includes(`loadKernel("${name}")`),
        );
        if (loaded.length === 0) continue;
        const shipped = await seat.run({ module: "hmac", bytes: modules.hmac, files: [file] }, () => 300_000);
        if (shipped.kill) {
          throw new Error(`${file} fails without a mutant: ${JSON.stringify(shipped.kill)}`);
        }
        for (const module of loaded) {
          const broken = await seat.run({ module, bytes: brokenModule, files: [file] }, () => 300_000);
          if (!broken.kill) continue;
          judges.push({ module, file, milliseconds: shipped.passed.get(file) as number });
        }
      }
    }),
  );
  return judges;
}

/** In which order files judge a mutant: those first that promise a kill in the least time. */
export class Schedule {
  readonly #judges: readonly Judge[];
  readonly #kills = new Map<string, number>();

  constructor(judges: readonly Judge[]) {
    this.#judges = judges;
  }

  filesFor({ module, functionIndex }: Mutant): string[] {
    const kills = (key: string): number => this.#kills.get(key) ?? 0;
    const promise = ({ file, milliseconds }: Judge): number =>
      (1 + kills(`${module} ${file}`) + 20 * kills(`${module} ${functionIndex} ${file}`)) / (milliseconds + 5);
    return this.#judges
      .filter((judge) => judge.module === module)
      .map((judge) => ({ file: judge.file, promise: promise(judge) }))
      .sort((a, b) => b.promise - a.promise || a.file.localeCompare(b.file))
      .map(({ file }) => file);
  }

  /** Far more than a file takes, in milliseconds of processor time. */
  limit(module: ModuleName, file: string): number {
    const judge = this.#judges.find((one) => one.module === module && one.file === file) as Judge;
    return 3000 + 10 * judge.milliseconds;
  }

  note({ module, functionIndex }: Mutant, { kill }: Verdict): void {
    if (!kill) return;
    for (const key of [`${module} ${kill.file}`, `${module} ${functionIndex} ${kill.file}`]) {
      this.#kills.set(key, (this.#kills.get(key) ?? 0) + 1);
    }
  }
}
