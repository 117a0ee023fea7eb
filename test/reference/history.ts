import type { HistoryAnswer } from "../../src/history/index.ts";

// The twin of the histories in src/history/: a list of what happened, read from its beginning for every answer.

/** Where a token is in its life, and what can happen to it there. */
export type State = "unknown" | "pending" | "used";
export type Event =
  | "admit from its address"
  | "admit from another address"
  | "claim"
  | "consume"
  | "its end passes"
  | "the server starts anew";

/** What is answered, and the state from then on. */
export type Outcome = readonly [answer: HistoryAnswer | boolean | undefined, next: State];

/**
 * The life of a token, of which documentation and tests are made. The expired, those from before the start and those of too
 * long a lifetime are answered before; `full` takes the place of `new` where there is no room, and leaves it unknown.
 */
export const LIFE_CYCLE: Readonly<Record<State, Readonly<Record<Event, Outcome>>>> = {
  unknown: {
    "admit from its address": ["new", "pending"],
    "admit from another address": ["new", "pending"],
    claim: ["new", "used"],
    consume: [true, "unknown"],
    "its end passes": [undefined, "unknown"],
    "the server starts anew": [undefined, "unknown"],
  },
  pending: {
    "admit from its address": ["again", "pending"],
    "admit from another address": ["elsewhere", "pending"],
    claim: ["used", "pending"],
    consume: [true, "used"],
    "its end passes": [undefined, "unknown"],
    "the server starts anew": [undefined, "unknown"],
  },
  used: {
    "admit from its address": ["used", "used"],
    "admit from another address": ["used", "used"],
    claim: ["used", "used"],
    consume: [false, "used"],
    "its end passes": [undefined, "unknown"],
    "the server starts anew": [undefined, "unknown"],
  },
};

/** What differs where several servers share a Redis. */
export const LIFE_CYCLE_IN_REDIS: Partial<Record<`${State}, ${Event}`, Outcome>> = {
  "unknown, consume": [false, "unknown"],
};

interface Kept {
  readonly tokenId: string;
  readonly end: number;
  /** Undefined for a token that was claimed. */
  readonly origin: string | undefined;
}

export interface ModelOptions {
  readonly maxLifetime: number;
  readonly skew: number;
  readonly startedAt: number;
  readonly capacity: number;
  /** For a history that servers share: known beyond the end for the skew, what was pending for so many seconds more. */
  readonly handshake?: number;
}

/** Tokens as records and origins as text that is compared as it stands. */
export class HistoryModel {
  readonly #options: ModelOptions;
  readonly #times: number[] = [0];
  readonly #kept: Kept[] = [];
  readonly #consumed: Kept[] = [];

  constructor(options: ModelOptions) {
    this.#options = options;
  }

  admit(tokenId: string, end: number, origin: string, now: number): HistoryAnswer {
    return this.#answer(tokenId, end, now, (known) => {
      if (!known) return this.#keep({ tokenId, end, origin });
      if (known.origin === undefined || this.#consumed.includes(known)) return "used";
      return known.origin === origin ? "again" : "elsewhere";
    });
  }

  claim(tokenId: string, end: number, now: number): HistoryAnswer {
    return this.#answer(tokenId, end, now, (known) =>
      known ? "used" : this.#keep({ tokenId, end, origin: undefined }),
    );
  }

  claimMany(tokens: readonly (readonly [tokenId: string, end: number])[], now: number): HistoryAnswer[] {
    this.#times.push(now);
    return tokens.map(([tokenId, end]) => this.claim(tokenId, end, now));
  }

  consume(tokenId: string): boolean {
    const known = this.#alive().find((kept) => kept.tokenId === tokenId);
    if (!known) return true;
    if (known.origin === undefined || this.#consumed.includes(known)) return false;
    this.#consumed.push(known);
    return true;
  }

  /** As {@link consume} where servers share a history: what is unknown, or may be from before the start, is false. */
  consumeShared(tokenId: string): boolean {
    const { maxLifetime, skew, startedAt } = this.#options;
    const known = this.#alive().find((kept) => kept.tokenId === tokenId);
    return known !== undefined && known.end > startedAt + maxLifetime + skew && this.consume(tokenId);
  }

  /** Time passes without a question. */
  passes(now: number): void {
    this.#times.push(now);
  }

  #answer(tokenId: string, end: number, now: number, ask: (known: Kept | undefined) => HistoryAnswer): HistoryAnswer {
    const { maxLifetime, skew, startedAt } = this.#options;
    this.#times.push(now);
    if (end <= this.#clock()) return "expired";
    if (end <= startedAt + maxLifetime + skew) return "before-start";
    if (end > this.#clock() + maxLifetime + skew) return "lifetime-too-long";
    return ask(this.#alive().find((kept) => kept.tokenId === tokenId));
  }

  #keep(kept: Kept): HistoryAnswer {
    if (this.#alive().length >= this.#options.capacity) return "full";
    this.#kept.push(kept);
    return "new";
  }

  #clock(): number {
    return Math.max(...this.#times);
  }

  #alive(): Kept[] {
    const { skew, handshake } = this.#options;
    const outlives = ({ origin }: Kept): number =>
      handshake === undefined ? 0 : skew + (origin === undefined ? 0 : handshake);
    return this.#kept.filter((kept) => kept.end + outlives(kept) > this.#clock());
  }
}

/** {@link LIFE_CYCLE} as docs/history.md shows it. */
export function lifeCycleTable(): string {
  const states = Object.keys(LIFE_CYCLE) as State[];
  const events = Object.keys(LIFE_CYCLE.unknown) as Event[];
  const cell = (state: State, event: Event): string => {
    const shown = ([answer, next]: Outcome): string => {
      const said = answer === undefined ? "" : `\`${answer}\``;
      return next === state ? said || "–" : `${said}${said && ", "}then ${next}`;
    };
    const other = LIFE_CYCLE_IN_REDIS[`${state}, ${event}`];
    return shown(LIFE_CYCLE[state][event]) + (other ? ` (Redis: ${shown(other)})` : "");
  };
  const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [
    row(["", ...states]),
    row(["---", ...states.map(() => "---")]),
    ...events.map((event) => row([event, ...states.map((state) => cell(state, event))])),
  ].join("\n");
}
