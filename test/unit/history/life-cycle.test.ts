import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { TokenHistory } from "../../../src/history/index.ts";
import { type Event, LIFE_CYCLE, lifeCycleTable, type State } from "../../reference/history.ts";

const START = 1_700_000_000;
const LIFETIME = 30;
const NOW = START + 100;
const END = NOW + LIFETIME;
const TOKEN = { tokenId: "netcode:00ff", expiresAt: BigInt(END) };
const ITS = "192.0.2.1:5000";
const OTHER = "192.0.2.2:5000";

/** A server whose token is in a state. */
class Server {
  #history = new TokenHistory({ maxLifetime: LIFETIME, startedAt: START });
  #now = NOW;

  constructor(state: State) {
    if (state !== "unknown") expect(this.#history.admit(TOKEN, ITS, { now: NOW })).toBe("new");
    if (state === "used") expect(this.#history.consume(TOKEN.tokenId)).toBe(true);
  }

  answerTo(event: Event): unknown {
    const now = { now: this.#now };
    if (event === "admit from its address") return this.#history.admit(TOKEN, ITS, now);
    if (event === "admit from another address") return this.#history.admit(TOKEN, OTHER, now);
    if (event === "claim") return this.#history.claim(TOKEN, now);
    if (event === "consume") return this.#history.consume(TOKEN.tokenId);
    if (event === "its end passes") this.#now = END;
    else this.#history = new TokenHistory({ maxLifetime: LIFETIME, startedAt: this.#now });
    return undefined;
  }

  /** Asked as nobody would: for a token of the same name that ends later, from a third address, once a start is long ago. */
  state(): State {
    const now = this.#now + 10;
    const answer = this.#history.admit({ ...TOKEN, expiresAt: now + LIFETIME }, "192.0.2.3:5000", { now });
    return ({ new: "unknown", elsewhere: "pending", used: "used" } as const)[answer as "new" | "elsewhere" | "used"];
  }
}

const cells = Object.entries(LIFE_CYCLE).flatMap(([state, events]) =>
  Object.entries(events).map(([event, outcome]) => [state as State, event as Event, outcome] as const),
);

describe("the life cycle of a token in memory", () => {
  it.each(cells)("%s, %s", (state, event, [answer, next]) => {
    const server = new Server(state);
    expect(server.answerTo(event)).toBe(answer);
    expect(server.state()).toBe(next);
  });
});

it("the table of the life cycle in docs/history.md is the one that is tested", () => {
  const text = readFileSync(new URL("../../../docs/history.md", import.meta.url), "utf8");
  expect(text).toContain(`\n\n${lifeCycleTable()}\n\n`);
});
