import { HEX_CHARACTERS } from "../wasm/macs.ts";
import { MAX_MESSAGE_CHARACTERS } from "./format.ts";

/** The strings of a batch, copied out of the caller's objects before anything is computed. */
export class Batch {
  /** What is hashed, then the token; empty where no token came. */
  readonly texts: string[];
  readonly users: string[];
  readonly timestamps: string[];
  readonly infos: string[];

  constructor(tokens: readonly unknown[], project: string, defaultInfo: string) {
    const { length } = tokens;
    this.texts = new Array(length).fill("");
    this.users = new Array(length).fill("");
    this.timestamps = new Array(length).fill("");
    this.infos = new Array(length).fill("");
    const longest = MAX_MESSAGE_CHARACTERS - project.length;
    for (let i = 0; i < length; i++) {
      let user: unknown;
      let timestamp: unknown;
      let info: unknown;
      let token: unknown;
      try {
        const one = tokens[i] as Record<"user" | "timestamp" | "info" | "token", unknown>;
        if (typeof one !== "object" || one === null) continue;
        if (Object.hasOwn(one, "user")) user = one.user;
        if (Object.hasOwn(one, "timestamp")) timestamp = one.timestamp;
        if (Object.hasOwn(one, "info")) info = one.info;
        if (Object.hasOwn(one, "token")) token = one.token;
      } catch {
        continue; // a getter or a proxy that throws: no token
      }
      if (info === undefined) info = defaultInfo;
      if (typeof user !== "string" || typeof timestamp !== "string" || typeof info !== "string") continue;
      if (typeof token !== "string" || token.length !== HEX_CHARACTERS) continue;
      if (user.length + timestamp.length + info.length > longest) continue;
      this.texts[i] = project + user + timestamp + info + token;
      this.users[i] = user;
      this.timestamps[i] = timestamp;
      this.infos[i] = info;
    }
  }
}
