import { formatError, rangeError, typeError } from "../errors.ts";
import { isList } from "./arguments.ts";
import { copyOfBytes, isAllZero } from "./bytes.ts";
import { utf8Encoder, utf8Length } from "./text.ts";

/** One secret, or several for rotation, newest first: the first issues, any verifies. */
export type SecretList<Secret> = Secret | readonly Secret[];

/**
 * Takes one secret or a list of them.
 *
 * @param read copies one secret out of what the caller gave
 * @throws ConnectTokensError `ERR_RANGE` for an empty list, and whatever `read` throws, with no copy left behind
 */
export function readSecrets(
  value: unknown,
  argument: string,
  read: (one: unknown, argument: string) => Uint8Array,
): [Uint8Array, ...Uint8Array[]] {
  if (!isList(value)) return [read(value, argument)];
  const list = [...value];
  if (list.length === 0) throw rangeError(argument, "one secret or a list of at least one", value);
  const secrets: Uint8Array[] = [];
  try {
    for (const [i, one] of list.entries()) secrets.push(read(one, `${argument}[${i}]`));
    return secrets as [Uint8Array, ...Uint8Array[]];
  } catch (error) {
    for (const secret of secrets) secret.fill(0);
    throw error;
  }
}

/**
 * A secret of any length: text (its UTF-8 bytes) or bytes.
 *
 * @throws ConnectTokensError `ERR_TYPE`, `ERR_RANGE` where it is empty or all zeros, `ERR_FORMAT` where it holds a lone
 *   surrogate or ends in a line break
 */
export function readTextSecret(value: unknown, argument: string): Uint8Array {
  let secret: Uint8Array;
  if (typeof value === "string") {
    if (utf8Length(value) < 0) throw formatError(argument, "holds a lone surrogate, which has no UTF-8 form");
    if (LINE_BREAK.test(value)) throw formatError(argument, "ends in a line break, as text read from a file does");
    secret = utf8Encoder().encode(value);
  } else {
    const copy = copyOfBytes(value);
    if (!copy) throw typeError(argument, "a string, a Uint8Array or an ArrayBuffer", value);
    secret = copy;
  }
  if (secret.length === 0) throw rangeError(argument, "not empty", value);
  if (isAllZero(secret)) throw rangeError(argument, "other than all zeros", value);
  return secret;
}

const LINE_BREAK = /[\r\n]$/;

/** Prepares secrets in key slots and wipes them; where one fails, none stays behind. */
export function prepareKeys<Key extends { dispose(): void }>(
  secrets: readonly Uint8Array[],
  prepare: (secret: Uint8Array, index: number) => Key,
): Key[] {
  const keys: Key[] = [];
  try {
    secrets.forEach((secret, i) => {
      keys.push(prepare(secret, i));
    });
    return keys;
  } catch (error) {
    for (const key of keys) key.dispose();
    throw error;
  } finally {
    for (const secret of secrets) secret.fill(0);
  }
}
