// What holds before the first mutant: every test file passes on the shipped modules (no kill is a false one), and fails
// where a module is broken altogether (else it has no say on that module's mutants). And what is learnt from kills.

import { posix } from "node:path";
import { MODULE_NAMES } from "../../../../src/wasm/instantiate.ts";
import type { Seat, Verdict } from "./crew.ts";
import type { ModuleName, Mutant } from "./mutants.ts";

/** A test file that fails where its module is broken. */
interface Judge {
  readonly module: ModuleName;
  readonly file: string;
  /** What it takes on the shipped module, in processor time. */
  readonly milliseconds: number;
}

/** The eight bytes of a module without anything in it. */
const brokenModule = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);

/** They judge what has outlived the others: files of many seconds, and one of what no other can see. */
const slow = new Set(
  [
    "assembly/aead",
    "assembly/cute-xchacha",
    "assembly/uninitialised-memory",
    "assembly/encoding",
    "assembly/hmac-jobs",
    "assembly/almost-valid",
    "assembly/sha256",
    "centrifugo/tokens",
    "crypto/sha256",
    "cute/arguments",
    "cute/differential",
    "cute/tokens-hydrogen",
    "../contract/untrusted-input",
    "tirtc/claims",
  ].map((file) => posix.normalize(`test/unit/${file}.test.ts`)),
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
        const loaded = MODULE_NAMES.filter(
          (name) => script.includes(`hex("${name}")`) || script.includes(`loadKernel("${name}")`),
        );
        if (loaded.length === 0) continue;
        const shipped = await seat.run({ module: "hmac", bytes: modules.hmac, files: [file] }, () => 300_000);
        if (shipped.kill) {
          throw new Error(`${file} fails without a mutant: ${JSON.stringify(shipped.kill)}`);
        }
        for (const module of loaded) {
          const broken = await seat.run({ module, bytes: brokenModule, files: [file] }, () => 300_000);
          if (!broken.kill) continue;
          judges.push({ module, file, milliseconds: shipped.spent.get(file) as number });
        }
      }
    }),
  );
  return judges;
}

/** In which order files judge a mutant: those first that have promised most kills for their time. */
export class Schedule {
  readonly #judges: readonly Judge[];
  readonly #learnt = new Map<string, { kills: number; milliseconds: number }>();

  constructor(judges: readonly Judge[]) {
    this.#judges = judges;
  }

  filesFor({ module, functionIndex }: Mutant): string[] {
    const promise = ({ file, milliseconds }: Judge): number => {
      const inModule = this.#of(`${module} ${file}`);
      const inFunction = this.#of(`${module} ${functionIndex} ${file}`);
      const expected = (1 + inModule.kills) / (milliseconds + 50 + inModule.milliseconds);
      return (1 + 4 * inFunction.kills) / (1 / expected + 4 * inFunction.milliseconds);
    };
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

  note({ module, functionIndex }: Mutant, { kill, spent }: Verdict): void {
    for (const [file, milliseconds] of spent) {
      for (const key of [`${module} ${file}`, `${module} ${functionIndex} ${file}`]) {
        const { kills, milliseconds: before } = this.#of(key);
        this.#learnt.set(key, { kills: kills + (kill?.file === file ? 1 : 0), milliseconds: before + milliseconds });
      }
    }
  }

  #of(key: string): { kills: number; milliseconds: number } {
    return this.#learnt.get(key) ?? { kills: 0, milliseconds: 0 };
  }
}
