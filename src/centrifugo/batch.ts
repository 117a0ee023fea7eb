import { roomFor } from "../common/arguments.ts";
import { sha256HexOf } from "../wasm/hmac/encoding.ts";
import { HEX_CHARACTERS } from "../wasm/hmac/texts.ts";
import { type CentrifugoClaims, MAX_MESSAGE_CHARACTERS } from "./format.ts";

/** A token's fields as a caller gave them, anything in any of them. */
interface Given {
  readonly user?: unknown;
  readonly timestamp?: unknown;
  readonly info?: unknown;
  readonly token?: unknown;
}

/** A token with the parameters it came with; all of them strings, the token of the right length. */
export interface Received extends CentrifugoClaims {
  readonly token: string;
}

const NAMES: readonly (keyof Given)[] = ["user", "timestamp", "info", "token"];

/**
 * The strings of a batch, copied out of the caller's objects a window's worth at a time: what was just read is still in the
 * cache when it is hashed and judged.
 */
export class Batch {
  /** `undefined` where no token came. */
  readonly received: (Received | undefined)[];
  readonly length: number;
  readonly #items: readonly unknown[];
  readonly #project: string;
  readonly #defaultInfo: string;
  /** How many items were read. */
  #read = 0;

  /** @param project what is hashed before the user */
  constructor(items: readonly unknown[], length: number, project: string, defaultInfo: string) {
    this.length = length;
    this.received = roomFor(length);
    this.#items = items;
    this.#project = project;
    this.#defaultInfo = defaultInfo;
  }

  /** What is hashed of token `index`, and then the token; empty where no token came. */
  text(index: number): string {
    const one = this.received[index];
    return one ? this.#project + one.user + one.timestamp + one.info + one.token : "";
  }

  /** Where in that the timestamp stands. */
  timestampAt(index: number): number {
    const one = this.received[index];
    return one ? this.#project.length + one.user.length : 0;
  }

  /** Reads items up to `to`. Getters and proxies of the caller may run here, and call back into this package. */
  readTo(to: number): void {
    const { received } = this;
    const items = this.#items;
    const defaultInfo = this.#defaultInfo;
    const longest = MAX_MESSAGE_CHARACTERS - this.#project.length;
    const root = Object.prototype;
    const polluted = "user" in root || "timestamp" in root || "info" in root || "token" in root;
    for (let i = this.#read; i < to; i++) {
      const given = read(items, i, polluted);
      const user = given?.user;
      const timestamp = given?.timestamp;
      const info = given?.info === undefined ? defaultInfo : given.info;
      const token = given?.token;
      const formed =
        typeof user === "string" &&
        typeof timestamp === "string" &&
        typeof info === "string" &&
        typeof token === "string" &&
        token.length === HEX_CHARACTERS &&
        user.length + timestamp.length + info.length <= longest;
      received[i] = formed ? { user, timestamp, info, token } : undefined;
    }
    this.#read = to;
  }
}

/**
 * The own fields of item `index`; `undefined` where it has none to read.
 *
 * @param polluted whether every object inherits one of the names, so that even a plain one must be asked what it owns
 */
function read(tokens: readonly unknown[], index: number, polluted: boolean): Given | undefined {
  try {
    const item = tokens[index];
    if (typeof item !== "object" || item === null) return undefined;
    const { user, timestamp, info, token }: Given = item;
    // Asked only now: an engine that has just read the fields knows the answer, which spares half of the time.
    const plain = !polluted && Object.getPrototypeOf(item) === Object.prototype;
    return plain ? { user, timestamp, info, token } : ownFields(item);
  } catch {
    return undefined; // a getter or a proxy that throws: no token
  }
}

function ownFields(given: Given): Given {
  const own: { -readonly [name in keyof Given]: unknown } = Object.create(null);
  for (const name of NAMES) if (Object.hasOwn(given, name)) own[name] = given[name];
  return own;
}

/** The fields of a token, as claims. */
export function claimsOf({ user, timestamp, info }: Received): CentrifugoClaims {
  return { user, timestamp, info };
}

/** Hashed, since the token is a credential that opens again with the claims beside it. */
export function tokenIdOf(token: string): string {
  return `centrifugo:${sha256HexOf(token, false)}`;
}
