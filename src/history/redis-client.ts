import { isRevoked } from "../common/arguments.ts";
import { utf8Encoder } from "../common/text.ts";
import { typeError } from "../errors.ts";

/** What is needed of a client of the package `redis`: a single server's (versions 4 and 5), or a cluster's (version 5). */
export interface NodeRedisClient {
  evalSha(sha1: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
}

/** What is needed of a client of the package `ioredis` (version 5): a single server's, or a cluster's. */
export interface IoredisClient {
  evalsha(sha1: string, keyCount: number, ...keysAndArguments: string[]): Promise<unknown>;
  eval(script: string, keyCount: number, ...keysAndArguments: string[]): Promise<unknown>;
}

/** Runs the script on the server. */
export type RunScript = (keys: string[], args: string[]) => Promise<unknown>;

/** @throws ConnectTokensError `ERR_TYPE` where it is no such client */
export function scriptRunner(client: unknown, script: string): RunScript {
  const [byHash, byText] = callsOf(client, script);
  return async (keys, args) => {
    try {
      return await byHash(keys, args);
    } catch (error) {
      // A server that was started again, or whose scripts were flushed, does not know it: it learns it by running it.
      if (!String((error as Error | undefined)?.message).startsWith("NOSCRIPT")) throw error;
      return byText(keys, args);
    }
  };
}

function callsOf(client: unknown, script: string): [byHash: RunScript, byText: RunScript] {
  const { evalSha, evalsha, eval: byText } = methodsOf(client);
  if (typeof byText === "function" && typeof evalSha === "function") {
    const { slots, destroy } = client as { readonly slots?: unknown; readonly destroy?: unknown };
    if (slots !== undefined && destroy === undefined) {
      // It sends a script to any server, follows where it is sent from there at random, and gives up after eight tries.
      throw typeError("client", "of redis 5 or ioredis where it is a cluster's", client);
    }
    const redis = client as NodeRedisClient;
    return [
      async (keys, args) => redis.evalSha(await sha1Of(script), { keys, arguments: args }),
      async (keys, args) => redis.eval(script, { keys, arguments: args }),
    ];
  }
  if (typeof byText === "function" && typeof evalsha === "function") {
    const redis = client as IoredisClient;
    return [
      async (keys, args) => redis.evalsha(await sha1Of(script), keys.length, ...keys, ...args),
      async (keys, args) => redis.eval(script, keys.length, ...keys, ...args),
    ];
  }
  throw typeError("client", "a client of redis or ioredis", client);
}

function methodsOf(client: unknown): Readonly<Record<"evalSha" | "evalsha" | "eval", unknown>> {
  const isObject = (typeof client === "object" || typeof client === "function") && client !== null;
  if (!isObject || isRevoked(client)) throw typeError("client", "a client of redis or ioredis", client);
  return client as ReturnType<typeof methodsOf>;
}

let hash: Promise<string> | undefined;

/** By which Redis knows a script. */
function sha1Of(script: string): Promise<string> {
  hash ??= crypto.subtle
    .digest("SHA-1", utf8Encoder().encode(script))
    .then((bytes) => Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join(""));
  return hash;
}
