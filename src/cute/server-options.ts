import { asFlag } from "../common/arguments.ts";
import { type OptionNames, readOptions } from "../common/options.ts";
import { asSeconds, type Seconds } from "../common/time.ts";
import { typeError } from "../errors.ts";
import type { SessionHistory } from "../session/history.ts";
import type { EntropySource } from "./connection.ts";
import { type CuteOptions, CuteTokens } from "./index.ts";
import type { MessageLimits } from "./messages.ts";
import { readEntropy, readMessageLimits, within } from "./session-options.ts";

/** What a server admits, and how many. */
export interface CuteServerOptions {
  /** u64: the game's own number. */
  readonly applicationId: bigint | number;
  /** As `CuteTokens` takes it, newest first where it is a list. Session packets are those of the suite hydrogen. */
  readonly secret: CuteOptions["secret"];
  /**
   * This server's public endpoint, or several, as tokens name it: the address that a socket is bound to seldom is. One of
   * 0.0.0.0 or :: would let nobody in, and throws.
   */
  readonly serverEndpoint: NonNullable<CuteOptions["serverEndpoint"]>;
  /**
   * The longest lifetime in seconds that the issuer gives, 1 to 2,678,400 less `leeway`; required unless a `history` is
   * given. After a start, tokens that end before start + maxLifetime + leeway are refused: a value much above the issuer's
   * keeps good players out.
   */
  readonly maxLifetime?: number;
  /** Default true, as `CuteTokens` has it. */
  readonly strict?: boolean | undefined;
  /** Seconds, 0 to 60, for which a token is still taken after its end. Default 0. */
  readonly leeway?: number | undefined;
  /** When the history began, Unix seconds; default the first `now` that the server is given. 0: no restart rule. */
  readonly startedAt?: Seconds | undefined;
  /** Client slots, 1 to 65536; default 32, as native servers have. */
  readonly maxClients?: number | undefined;
  /** Seconds without a packet after which a peer is gone, 1 to 86400; default 10. Clients are told. */
  readonly connectionTimeout?: number | undefined;
  /** A `TokenHistory` to share, or `"external"`: the caller is asked by events. */
  readonly history?: SessionHistory | "external" | undefined;
  /** The longest message taken or sent, 1 to 20,971,500 bytes; default 262,144. */
  readonly maxMessageBytes?: number | undefined;
  /** Bytes that one client's waiting messages may take, each way; default 1,048,576. */
  readonly maxBufferedBytes?: number | undefined;
  /** In place of random bytes, for test vectors only. */
  readonly entropy?: EntropySource | undefined;
}

export interface CuteServerSettings {
  readonly tokens: CuteTokens;
  readonly history: SessionHistory | "external" | undefined;
  /** Until which a history counts: with the leeway. */
  readonly maxLifetime: number;
  readonly startedAt: bigint | undefined;
  readonly maxClients: number;
  readonly connectionTimeout: number;
  readonly limits: MessageLimits;
  readonly entropy: EntropySource;
}

const MOST_CLIENTS = 65_536;
const MOST_TIMEOUT = 86_400;
const MOST_LIFETIME = 2_678_400;
const MOST_LEEWAY = 60;

const OPTIONS: OptionNames<CuteServerOptions> = {
  applicationId: true,
  secret: true,
  serverEndpoint: "defined",
  maxLifetime: "defined",
  strict: true,
  leeway: true,
  startedAt: true,
  maxClients: true,
  connectionTimeout: true,
  history: true,
  maxMessageBytes: true,
  maxBufferedBytes: true,
  entropy: true,
};

/** @throws ConnectTokensError where an option is missing or wrong */
export function readServerOptions(options: CuteServerOptions): CuteServerSettings {
  const given = readOptions<CuteServerOptions>(options, OPTIONS, "options");
  const { history, maxLifetime, serverEndpoint } = given;
  if (serverEndpoint === undefined) throw typeError("serverEndpoint", "this server's public endpoint", serverEndpoint);
  if (history === undefined && maxLifetime === undefined) {
    throw typeError("maxLifetime", "a number of seconds, where no history is given", maxLifetime);
  }
  const leeway = within(given.leeway, 0, MOST_LEEWAY, "leeway", 0);
  const settings = {
    history: readHistory(history),
    maxLifetime: leeway + within(maxLifetime, 1, MOST_LIFETIME - leeway, "maxLifetime"),
    startedAt: given.startedAt === undefined ? undefined : asSeconds(given.startedAt, "startedAt"),
    maxClients: within(given.maxClients, 32, MOST_CLIENTS, "maxClients"),
    connectionTimeout: within(given.connectionTimeout, 10, MOST_TIMEOUT, "connectionTimeout"),
    limits: readMessageLimits(given),
    entropy: readEntropy(given.entropy),
  };
  const tokens = new CuteTokens({
    applicationId: given.applicationId as bigint,
    secret: given.secret as Uint8Array,
    strict: asFlag(given.strict, true, "strict"),
    serverEndpoint: serverEndpoint as string,
    leeway,
    ...(maxLifetime === undefined ? {} : { maxLifetime: maxLifetime as number }),
  });
  return { ...settings, tokens };
}

function readHistory(history: unknown): SessionHistory | "external" | undefined {
  if (history === undefined || history === "external") return history;
  const words = history as { admit?: unknown; consume?: unknown } | null;
  const isHistory =
    typeof words === "object" &&
    words !== null &&
    typeof words.admit === "function" &&
    typeof words.consume === "function";
  if (!isHistory) throw typeError("history", 'a TokenHistory or "external"', history);
  return words as SessionHistory;
}
