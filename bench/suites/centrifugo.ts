import { agreeOnVerdicts } from "../support/agree.ts";
import { measure, type Timing } from "../support/measure.ts";
import { type Suite, speedRows } from "../support/result.ts";
import { centrifugo, centrifugoPeers, centrifugoTokens, mixedCentrifugo } from "../support/schemes/centrifugo.ts";
import { asReceived, NOW } from "../support/schemes/common.ts";

const TOKENS = 4096;

const suite: Suite = async () => {
  const peers = await centrifugoPeers();
  const mixed = asReceived(mixedCentrifugo(900));
  const given = mixed.map(({ token }) => token);
  agreeOnVerdicts(
    mixed.map(({ verdict }) => verdict),
    centrifugo.verifyMany(given, { now: NOW }),
    peers.map(({ name, check }) => ({ name, answers: given.map(check) })),
  );

  const tokens = centrifugoTokens(TOKENS);
  const now = { now: NOW };
  const [many, ...others] = (await measure([
    { name: "verifyMany", units: TOKENS, run: () => centrifugo.verifyMany(tokens, now).validCount },
    ...peers.map(({ name, check }) => ({ name, units: TOKENS, run: () => tokens.filter(check).length })),
  ])) as [Timing, ...Timing[]];
  return {
    rows: speedRows({ key: "centrifugo/many", work: "Centrifugo verifyMany", unit: "µs/token" }, many, others, {
      "node:crypto": { atLeast: 12 },
    }),
  };
};

export default suite;
