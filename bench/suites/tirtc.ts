import { agreeOnVerdicts } from "../support/agree.ts";
import { measure, type Timing } from "../support/measure.ts";
import { type Suite, speedRows } from "../support/result.ts";
import { asReceived, NOW } from "../support/schemes/common.ts";
import { mixedTirtc, tirtc, tirtcPeers, tirtcTokens } from "../support/schemes/tirtc.ts";

const TOKENS = 4096;

const suite: Suite = async () => {
  const peers = await tirtcPeers();
  const mixed = asReceived(mixedTirtc(900));
  const given = mixed.map(({ token }) => token);
  agreeOnVerdicts(
    mixed.map(({ verdict }) => verdict),
    tirtc.verifyMany(given, { now: NOW }),
    peers.map(({ name, check }) => ({ name, answers: given.map(check) })),
  );

  const tokens = tirtcTokens(TOKENS);
  const now = { now: NOW };
  const [many, ...others] = (await measure([
    { name: "verifyMany", units: TOKENS, run: () => tirtc.verifyMany(tokens, now).validCount },
    ...peers.map(({ name, check }) => ({ name, units: TOKENS, run: () => tokens.filter(check).length })),
  ])) as [Timing, ...Timing[]];
  return {
    rows: speedRows({ key: "tirtc/many", work: "TiRTC verifyMany, 32 devices", unit: "µs/token" }, many, others, {
      "node:crypto": { atLeast: 4 },
    }),
  };
};

export default suite;
