// The built pool: a worker's script must be there as a file that Node runs.
import { NetcodePool } from "connect-tokens/netcode/pool";
import { NetcodeTokens } from "../../../src/netcode/index.ts";
import { connectionRequestPacket, readConnectToken } from "../../../src/netcode/public.ts";
import { flipBit } from "../../support/bytes.ts";
import { DIALECTS, NOW } from "../../support/netcode.ts";
import { Random } from "../../support/random.ts";
import { FAST, SLOW, type Verb } from "./verb.ts";

const now = { now: NOW };
const secret = new Random(33).bytes(32);

function dialectVerbs(dialect: (typeof DIALECTS)[number]): Verb[] {
  const options = { protocolId: 42n, secret, dialect, serverAddress: "203.0.113.7:40000" };
  const tokens = new NetcodeTokens(options);
  const elsewhere = new NetcodeTokens({ ...options, serverAddress: "203.0.113.8:40000" });
  const fields = { clientId: 7n, serverAddresses: ["203.0.113.7:40000"], timeoutSeconds: 5 };
  const token = tokens.issue(fields, now);
  const genuine = connectionRequestPacket(token, { dialect });
  const wrong = flipBit(genuine, 8 * 900);
  const batch = [genuine, wrong, genuine, wrong.subarray(1)];
  const name = (of: string): string => `netcode ${dialect} ${of}`;
  let pool: NetcodePool | undefined;
  return [
    { name: name("issue"), calls: FAST, run: () => tokens.issue(fields, now).length === token.length },
    { name: name("issueMany"), calls: SLOW, run: () => tokens.issueMany([fields, fields], now).length === 2 },
    { name: name("verify"), calls: FAST, run: () => tokens.verify(genuine, now).valid },
    { name: name("verify, forged"), calls: FAST, run: () => !tokens.verify(wrong, now).valid },
    { name: name("verify, another server's"), calls: FAST, run: () => !elsewhere.verify(genuine, now).valid },
    {
      name: name("verifyMany"),
      calls: FAST,
      run: () => [...tokens.verifyMany(batch, now)].filter(({ valid }) => valid).length === 2,
    },
    {
      name: name("constructor, dispose"),
      calls: FAST,
      run() {
        new NetcodeTokens(options).dispose();
        return true;
      },
    },
    {
      name: name("readConnectToken"),
      calls: FAST,
      run: () => readConnectToken(token, { dialect }).requestPacket.length === 1078,
    },
    {
      name: name("connectionRequestPacket"),
      calls: FAST,
      run: () => connectionRequestPacket(token, { dialect }).length === 1078,
    },
    {
      name: name("NetcodePool.verifyMany"),
      calls: SLOW,
      // Started by its first call: an idle worker beside all other verbs would only be in their way.
      async run() {
        pool ??= new NetcodePool({ ...options, threads: 1 });
        return (await pool.verifyMany(batch, now)).validCount === 2;
      },
      end: () => pool?.close(),
    },
  ];
}

export const netcodeVerbs: readonly Verb[] = DIALECTS.flatMap(dialectVerbs);
