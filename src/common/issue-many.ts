import { ConnectTokensError } from "../errors.ts";
import { lengthOfList, roomFor } from "./arguments.ts";

/**
 * Issues a list of tokens, one after the other; where one is refused, none is returned.
 *
 * @throws ConnectTokensError `ERR_TYPE` where it is no array, and what `issue` throws, which names the token at fault:
 *   `"tokens[3].clientId"`
 */
export function issueEach<Token, Issued>(tokens: readonly Token[], issue: (token: Token) => Issued): Issued[] {
  const length = lengthOfList(tokens, "tokens", "an array of tokens to issue");
  const issued = roomFor<Issued>(length);
  for (let i = 0; i < length; i++) {
    try {
      issued[i] = issue(tokens[i] as Token);
    } catch (error) {
      throw placed(error, i);
    }
  }
  return issued;
}

/** The error of token `i`, as one of the list. */
function placed(error: unknown, i: number): unknown {
  if (!(error instanceof ConnectTokensError) || !PLACED.includes(error.code)) return error;
  const { code, argument, message, cause } = error;
  const place = argument === "token" ? `tokens[${i}]` : `tokens[${i}].${argument}`;
  const told = message.startsWith(argument) ? place + message.slice(argument.length) : `${place}: ${message}`;
  return new ConnectTokensError(code, place, told, cause === undefined ? undefined : { cause });
}

/** Codes of what is wrong with a token, and not with all of them. */
const PLACED: readonly string[] = ["ERR_TYPE", "ERR_RANGE", "ERR_FORMAT"];
