import { agree, agreeOnVerdicts } from "../support/agree.ts";
import { type Contender, measure, type Timing } from "../support/measure.ts";
import { type Suite, speedRows } from "../support/result.ts";
import { asReceived, forgeHex, NOW } from "../support/schemes/common.ts";
import { mixedSnapnet, snapnet, snapnetPeers, snapnetTokens } from "../support/schemes/snapnet.ts";

const TOKENS = 4096;

const suite: Suite = async () => {
  const peers = await snapnetPeers();
  const mixed = asReceived(mixedSnapnet(1100));
  const texts = mixed.map(({ token }) => token);
  agreeOnVerdicts(
    mixed.map(({ verdict }) => verdict),
    snapnet.verifyMany(texts, { now: NOW }),
    peers.map(({ name, check }) => ({ name, answers: texts.map(check) })),
  );
  agree(
    "verify",
    mixed.map(({ verdict }) => verdict === "valid"),
    texts.map((token) => snapnet.verify(token, { now: NOW }).valid),
  );

  const tokens = snapnetTokens(TOKENS);
  const forged = asReceived(tokens.map(forgeHex));
  const now = { now: NOW };
  const contenders: Contender[] = [
    { name: "verifyMany", units: TOKENS, run: () => snapnet.verifyMany(tokens, now).validCount },
    { name: "verify", units: TOKENS, run: () => tokens.filter((token) => snapnet.verify(token, now).valid).length },
    { name: "forged", units: TOKENS, run: () => snapnet.verifyMany(forged, now).validCount },
    ...peers.map(({ name, check }) => ({ name, units: TOKENS, run: () => tokens.filter(check).length })),
  ];
  const [many, one, bad, ...others] = (await measure(contenders)) as [Timing, Timing, Timing, ...Timing[]];
  const unit = "µs/token";
  const [native] = others as [Timing];
  return {
    rows: [
      ...speedRows({ key: "snapnet/many", work: "SnapNet verifyMany", unit }, many, others, {
        "node:crypto": { atLeast: 12 },
      }),
      ...speedRows({ key: "snapnet/one", work: "SnapNet verify, one at a time", unit }, one, [native], {
        "node:crypto": { atLeast: 4 },
      }),
      ...speedRows({ key: "snapnet/forged", work: "SnapNet verifyMany, all forged", unit }, bad, [native]),
    ],
  };
};

export default suite;
