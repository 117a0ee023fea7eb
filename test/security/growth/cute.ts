// The built pool: a worker's script must be there as a file that Node runs.
import { CutePool } from "connect-tokens/cute/pool";
import {
  CuteTokens,
  generateKey,
  generateSigningKeyPair,
  nativeUserDataView,
  verifySignature,
} from "../../../src/cute/index.ts";
import { connectTokenPacket, readConnectToken, readPublicSection } from "../../../src/cute/public.ts";
import { flipBit } from "../../support/bytes.ts";
import { hydrogen, NOW, nativeOf, packetOf, plainFields, type SuiteUnderTest, xchacha } from "../../support/cute.ts";
import { Random } from "../../support/random.ts";
import { FAST, SLOW, type Verb } from "./verb.ts";

const random = new Random(31);
const now = { now: NOW };

function suiteVerbs(suite: SuiteUnderTest): Verb[] {
  const { secret, applicationId } = nativeOf(suite, 5);
  const options = { suite: suite.suite, secret, applicationId };
  const calls = suite === hydrogen ? SLOW : FAST;
  const tokens = new CuteTokens(options);
  const fields = plainFields(random);
  const genuine = packetOf(tokens.issue(fields));
  const wrong = flipBit(genuine, 8 * suite.ciphertextByte);
  const batch = [genuine, wrong, genuine, wrong.subarray(1)];
  const name = (of: string): string => `Cute ${suite.suite} ${of}`;
  return [
    { name: name("issue"), calls, run: () => tokens.issue(fields).length === 1114 },
    { name: name("verify"), calls, run: () => tokens.verify(genuine, now).valid },
    { name: name("verify, forged"), calls: FAST, run: () => !tokens.verify(wrong, now).valid },
    {
      name: name("verifyMany"),
      calls,
      run: () => [...tokens.verifyMany(batch, now)].filter(({ valid }) => valid).length === 2,
    },
    {
      name: name("constructor, dispose"),
      calls,
      run() {
        new CuteTokens(options).dispose();
        return true;
      },
    },
    pooled(name("CutePool.verifyMany"), options, batch),
  ];
}

/** Started by its first call: an idle worker beside all other verbs would only be in their way. */
function pooled(name: string, options: ConstructorParameters<typeof CutePool>[0], batch: readonly Uint8Array[]): Verb {
  let pool: CutePool | undefined;
  return {
    name,
    calls: SLOW,
    async run() {
      pool ??= new CutePool({ ...options, threads: 1 });
      return (await pool.verifyMany(batch, now)).validCount === 2;
    },
    end: () => pool?.close(),
  };
}

function others(): Verb[] {
  const seed = random.bytes(32);
  const { publicKey, secretKey } = generateSigningKeyPair(seed);
  const tokens = new CuteTokens({ secret: secretKey, applicationId: 42 });
  const token = tokens.issue(plainFields(random));
  const packet = packetOf(token);
  const unsigned = flipBit(packet, 0);
  const userData = random.bytes(256);
  tokens.dispose();
  return [
    { name: "generateKey", calls: FAST, run: () => generateKey().length === 32 },
    { name: "generateSigningKeyPair", calls: SLOW, run: () => generateSigningKeyPair().secretKey.length === 64 },
    {
      name: "generateSigningKeyPair, seed",
      calls: SLOW,
      run: () => generateSigningKeyPair(seed).secretKey.length === 64,
    },
    { name: "verifySignature", calls: SLOW, run: () => verifySignature(packet, publicKey) },
    { name: "verifySignature, forged", calls: SLOW, run: () => !verifySignature(unsigned, publicKey) },
    { name: "nativeUserDataView", calls: FAST, run: () => nativeUserDataView(userData).length === 220 },
    { name: "readPublicSection", calls: FAST, run: () => readPublicSection(packet).endpoints.length === 2 },
    { name: "readConnectToken", calls: FAST, run: () => readConnectToken(token).packet.length === 1024 },
    { name: "connectTokenPacket", calls: FAST, run: () => connectTokenPacket(token).length === 1024 },
  ];
}

export const cuteVerbs: readonly Verb[] = [...suiteVerbs(hydrogen), ...suiteVerbs(xchacha), ...others()];
