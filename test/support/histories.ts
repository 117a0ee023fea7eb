import type { Random } from "./random.ts";

/** Something that happens to a history, with all that is needed to do it again. */
export type Step =
  | {
      readonly kind: "admit";
      readonly tokenId: string;
      readonly end: number;
      readonly origin: number;
      readonly now: number;
    }
  | { readonly kind: "claim"; readonly tokenId: string; readonly end: number; readonly now: number }
  | {
      readonly kind: "claimMany";
      readonly tokens: readonly (readonly [tokenId: string, end: number])[];
      readonly now: number;
    }
  | { readonly kind: "consume"; readonly tokenId: string }
  | { readonly kind: "restart"; readonly now: number };

export const LIFETIME = 6;
export const FIRST = 1000;
const IDS = ["cute:a", "netcode:b", "snapnet:c|d|1", "tirtc:é"];
const ORIGINS = 3;

/** A history at random: few tokens that end soon, a clock that mostly goes on, a restart now and then. */
export function randomHistory(random: Random, steps: number): Step[] {
  let now = FIRST + random.below(3 * LIFETIME);
  const ends = IDS.map(() => now + random.below(LIFETIME + 4));
  const token = (): [string, number] => {
    const i = random.below(IDS.length);
    // A token's end is its own; in one history of many it is given another, which a history must survive as well.
    if ((ends[i] as number) <= now || random.below(16) === 0) ends[i] = now + random.below(LIFETIME + 4);
    return [IDS[i] as string, ends[i] as number];
  };
  return Array.from({ length: steps }, (): Step => {
    const chance = random.below(100);
    if (chance < 30) now += random.below(3);
    if (chance === 99) now = Math.max(FIRST, now - random.below(4));
    if (chance === 98) now += random.below(3 * LIFETIME);
    const kind = random.below(20);
    if (kind === 0) return { kind: "restart", now };
    if (kind < 5) return { kind: "consume", tokenId: random.pick(IDS) };
    if (kind < 8) {
      const [tokenId, end] = token();
      return { kind: "claim", tokenId, end, now };
    }
    if (kind < 10) return { kind: "claimMany", tokens: Array.from({ length: random.below(4) }, token), now };
    const [tokenId, end] = token();
    return { kind: "admit", tokenId, end, origin: random.below(ORIGINS), now };
  });
}

/** Two texts or objects for each of a few origins, and none. */
export const ORIGIN_FORMS = [
  [undefined, undefined],
  ["192.0.2.1:5000", { address: "192.0.2.1", port: 5000, family: "IPv4", size: 1078 }],
  ["[2001:db8::1]:5000", { address: "2001:DB8:0:0::1", port: 5000 }],
] as const;

/** A batch as `verifyMany` returns it, of what a history reads. */
export function batchOf(tokens: readonly (readonly [tokenId: string, end: number] | undefined)[]): {
  readonly length: number;
  isValid(index: number): boolean;
  tokenIdAt(index: number): string | undefined;
  expiresAt(index: number): bigint | undefined;
} {
  return {
    length: tokens.length,
    isValid: (i) => tokens[i] !== undefined,
    tokenIdAt: (i) => tokens[i]?.[0],
    expiresAt: (i) => (tokens[i] ? BigInt(tokens[i][1]) : undefined),
  };
}
