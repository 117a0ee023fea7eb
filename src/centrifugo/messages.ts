import { asString } from "../common/arguments.ts";
import { bytesOf } from "../common/bytes.ts";
import { ownOptions } from "../common/options.ts";
import { utf8Encoder } from "../common/text.ts";
import { rangeError } from "../errors.ts";
import { HEX_CHARACTERS } from "../wasm/hmac/texts.ts";
import { MAX_MESSAGE_CHARACTERS, type Profile, textProblem } from "./format.ts";
import { type Rules, refuse } from "./rules.ts";

// What is signed, put together from what a caller or a stranger gave.

/** @throws ConnectTokensError `ERR_TYPE` or `ERR_RANGE` for anything but a profile's name */
export function asProfile(value: unknown): Profile {
  const profile = asString(value, "profile");
  if (profile !== "v0" && profile !== "v1") throw rangeError("profile", '"v0" or "v1"', value);
  return profile;
}

/**
 * What is hashed before a token's fields and an API request's data: the project key of `v0`, nothing for `v1`.
 *
 * @throws ConnectTokensError where it is missing or wrong
 */
export function readProjectKey(value: unknown, profile: Profile): string {
  if (profile === "v1") {
    if (value !== undefined) throw rangeError("projectKey", 'absent for profile "v1"', value);
    return "";
  }
  const project = asString(value, "projectKey");
  refuse("projectKey", textProblem(project));
  if (project === "") throw rangeError("projectKey", "not empty", value);
  return bounded(project, "projectKey");
}

/** @throws ConnectTokensError `ERR_RANGE` where text is too long to be hashed */
export function bounded(text: string, argument: string): string {
  if (text.length <= MAX_MESSAGE_CHARACTERS) return text;
  throw rangeError(argument, `of at most ${MAX_MESSAGE_CHARACTERS} characters in all`, text);
}

/** A stranger's subscription as it was hashed, then its sign; empty where none came. */
export function signedSubscription(rules: Rules, subscription: unknown): string {
  try {
    const own = ownOptions(subscription as Record<string, unknown>, "subscription");
    const { client, channel, info = rules.defaultInfo, sign } = own;
    if (typeof client !== "string" || typeof channel !== "string" || typeof info !== "string") return "";
    if (typeof sign !== "string" || sign.length !== HEX_CHARACTERS) return "";
    if (client.length + channel.length + info.length > MAX_MESSAGE_CHARACTERS) return "";
    return rules.isSubscription(client, channel, info) ? client + channel + info + sign : "";
  } catch {
    return ""; // not an object, or a getter that throws
  }
}

/** What an API sign is made over, copied; `undefined` where the data has no bytes. */
export function apiMessage(project: string, encodedData: unknown): Uint8Array | undefined {
  if (typeof encodedData === "string") {
    return textProblem(encodedData) ? undefined : utf8Encoder().encode(project + encodedData);
  }
  const bytes = bytesOf(encodedData);
  if (!bytes) return undefined;
  // Copied by the engine, which looks at no property that a caller may have put on the view.
  const data = new Uint8Array(bytes);
  if (!project) return data;
  const before = utf8Encoder().encode(project);
  const message = new Uint8Array(before.length + data.length);
  message.set(before);
  message.set(data, before.length);
  return message;
}
