import { asU64 } from "../common/integers.ts";
import { type OptionNames, readOptions } from "../common/options.ts";
import { ConnectTokensError } from "../errors.ts";
import type { EntropySource } from "./connection.ts";
import type { MessageLimits } from "./messages.ts";
import { type ConnectToken, readConnectToken } from "./public.ts";
import { readEntropy, readMessageLimits } from "./session-options.ts";

/** Which game a client plays, and how much it keeps. */
export interface CuteClientOptions {
  /** u64: the game's own number; a token for another is `invalid-connect-token`. */
  applicationId: bigint | number;
  /** The longest message taken or sent, 1 to 20,971,500 bytes; default 262,144. */
  maxMessageBytes?: number | undefined;
  /** Bytes that waiting messages may take, each way; default 1,048,576. */
  maxBufferedBytes?: number | undefined;
  /** In place of random bytes, for test vectors only. */
  entropy?: EntropySource | undefined;
}

const OPTIONS: OptionNames<CuteClientOptions> = {
  applicationId: true,
  maxMessageBytes: true,
  maxBufferedBytes: true,
  entropy: true,
};

/** @throws ConnectTokensError where an option is missing or wrong */
export function readClientOptions(options: CuteClientOptions): {
  readonly applicationId: bigint;
  readonly limits: MessageLimits;
  readonly entropy: EntropySource;
} {
  const given = readOptions<CuteClientOptions>(options, OPTIONS, "options");
  return {
    applicationId: asU64(given.applicationId, "applicationId"),
    limits: readMessageLimits(given),
    entropy: readEntropy(given.entropy),
  };
}

/** What the bytes say, or `undefined` where no server of this application would take them now. */
export function readUsableToken(bytes: Uint8Array, applicationId: bigint, now: bigint): ConnectToken | undefined {
  try {
    const token = readConnectToken(bytes, { suite: "hydrogen" });
    return token.applicationId === applicationId && token.expirationTimestamp >= now ? token : undefined;
  } catch (error) {
    if (error instanceof ConnectTokensError) return undefined;
    throw error;
  }
}
