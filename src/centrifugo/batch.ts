import { HEX_CHARACTERS } from "../wasm/macs.ts";
import { MAX_MESSAGE_CHARACTERS } from "./format.ts";

/** A token's fields as a caller gave them, anything in any of them. */
interface Given {
  readonly user?: unknown;
  readonly timestamp?: unknown;
  readonly info?: unknown;
  readonly token?: unknown;
}

const NAMES: readonly (keyof Given)[] = ["user", "timestamp", "info", "token"];

/** The strings of a batch, copied out of the caller's objects before anything is computed. */
export class Batch {
  /** What is hashed, then the token; empty where no token came. */
  readonly texts: string[] = [];
  readonly users: string[] = [];
  readonly timestamps: string[] = [];
  readonly infos: string[] = [];

  /** @param project what is hashed before the user */
  constructor(tokens: readonly unknown[], project: string, defaultInfo: string) {
    const { length } = tokens;
    const longest = MAX_MESSAGE_CHARACTERS - project.length;
    const polluted = NAMES.some((name) => name in Object.prototype);
    for (let i = 0; i < length; i++) {
      const given = read(tokens, i, polluted);
      const user = given?.user;
      const timestamp = given?.timestamp;
      const info = given?.info === undefined ? defaultInfo : given.info;
      const token = given?.token;
      if (
        typeof user === "string" &&
        typeof timestamp === "string" &&
        typeof info === "string" &&
        typeof token === "string" &&
        token.length === HEX_CHARACTERS &&
        user.length + timestamp.length + info.length <= longest
      ) {
        this.#add(project + user + timestamp + info + token, user, timestamp, info);
      } else this.#add("", "", "", "");
    }
  }

  #add(text: string, user: string, timestamp: string, info: string): void {
    this.texts.push(text);
    this.users.push(user);
    this.timestamps.push(timestamp);
    this.infos.push(info);
  }
}

/**
 * The own fields of item `index`, each to be read once; `undefined` where it has none to read.
 *
 * @param polluted whether every object inherits one of the names, so that even a plain one must be asked what it owns
 */
function read(tokens: readonly unknown[], index: number, polluted: boolean): Given | undefined {
  try {
    const item = tokens[index];
    if (typeof item !== "object" || item === null) return undefined;
    const given: Given = item;
    const plain = !polluted && Object.getPrototypeOf(item) === Object.prototype;
    const { user, timestamp, info, token } = plain ? given : ownFields(given);
    return { user, timestamp, info, token };
  } catch {
    return undefined; // a getter or a proxy that throws: no token
  }
}

function ownFields(given: Given): Given {
  const own: { -readonly [name in keyof Given]: unknown } = Object.create(null);
  for (const name of NAMES) if (Object.hasOwn(given, name)) own[name] = given[name];
  return own;
}
