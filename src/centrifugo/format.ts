import { int64, tenDigitText } from "../common/digits.ts";
import { isJsonObject } from "../common/json.ts";
import { utf8Length } from "../common/text.ts";
import { NO_NUMBER } from "../wasm/hmac/texts.ts";

// Centrifugo hashes its fields end to end, without separators, so one MAC stands for every way of splitting the same
// bytes. The strict rules below leave one of them: ten digits before an info that begins with a brace or is empty.

/** `v0`: before 1.0, with a project key. `v1`: 1.0 to 1.8, without. */
export type Profile = "v0" | "v1";

/** What a genuine Centrifugo token says. */
export interface CentrifugoClaims {
  /** Empty for an anonymous user. */
  readonly user: string;
  /** Unix seconds as they were hashed, verbatim. */
  readonly timestamp: string;
  /** As it was hashed: the default where the token came without one. */
  readonly info: string;
}

/** The longest text that is hashed for a token or a channel, in UTF-16 code units; the project key counts. */
export const MAX_MESSAGE_CHARACTERS = 0x10000;
/** How deep `info` may nest. */
export const MAX_INFO_DEPTH = 64;
/** What the hashed `info` is where there is none: that of each profile's own documents. */
export const DEFAULT_INFO: Record<Profile, string> = { v0: "{}", v1: "" };
const TIMESTAMP_DIGITS = 10;
const PRIVATE_PREFIX = "$";
const CLIENT_ID = /^[\da-f-]{36}$/i;

const LONE_SURROGATE = "holds a lone surrogate, which has no UTF-8 form";

/** The ten digits of a strict timestamp, where the kernel may have found ten digits in its place; NO_NUMBER where it did not. */
export function secondsOf(timestamp: string, number: number): number {
  return number !== NO_NUMBER && timestamp.length === TIMESTAMP_DIGITS ? number : tenDigitText(timestamp);
}

/** What keeps text from being hashed at all, or `undefined` where nothing does. So do all functions below. */
export function textProblem(text: string): string | undefined {
  return utf8Length(text) < 0 ? LONE_SURROGATE : undefined;
}

export function userProblem(user: string, allowAnonymous: boolean): string | undefined {
  if (user === "" && !allowAnonymous) return "is empty, which takes allowAnonymous";
  return textProblem(user);
}

/** Without the strict rules: what Go's `strconv.Atoi` reads on a 64-bit server, which asks whatever the lifetime is. */
export function timestampProblem(timestamp: string, strict: boolean): string | undefined {
  if (strict) return tenDigitText(timestamp) < 0 ? "must be ten digits, Unix seconds" : undefined;
  return int64(timestamp) === undefined ? "must be a decimal integer, Unix seconds" : undefined;
}

export function infoProblem(info: string, strict: boolean): string | undefined {
  if (!strict) return textProblem(info);
  if (info === "" || isJsonObject(info, MAX_INFO_DEPTH)) return undefined;
  return `must be empty or the text of one JSON object, from its brace, at most ${MAX_INFO_DEPTH} deep`;
}

/**
 * The strict form is that of every client id that servers 0.3 to 1.8 give out. Without it a page could have a whole API
 * command signed as a client and its channel, which the server obeys.
 */
export function clientProblem(client: string, strict: boolean): string | undefined {
  if (strict) return CLIENT_ID.test(client) ? undefined : "must be a client id: 36 hex digits and dashes";
  return textProblem(client);
}

export function channelProblem(channel: string, strict: boolean): string | undefined {
  if (strict && !channel.startsWith(PRIVATE_PREFIX))
    return `must begin with ${PRIVATE_PREFIX}: only private channels are signed`;
  if (strict && channel.includes("{")) return "holds {, with which the info begins";
  return textProblem(channel);
}
