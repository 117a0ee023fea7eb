import { CutePool, type CuteTokens } from "../library.ts";
import { agree, agreeOnVerdicts } from "../support/agree.ts";
import { measure, type Timing } from "../support/measure.ts";
import { type Suite, speedRows } from "../support/result.ts";
import { NOW } from "../support/schemes/common.ts";
import { cuteBench, joined } from "../support/schemes/cute.ts";

const THREADS = 2;
/** A tenth of a second on two threads. */
const PACKETS = 16_384;
/** Calls of a server that is busy: while one ends, the workers have others to do. */
const CALLS = 4;
/** Datagrams of one turn, each verified by a call of its own. */
const DATAGRAMS = 500;
const now = { now: NOW };

const suite: Suite = async () => {
  const { options, tokens, packets, forged, mixed } = cuteBench("hydrogen");
  const pool = new CutePool({ ...options, threads: THREADS });
  try {
    const spoilt = mixed(1100);
    agreeOnVerdicts(
      spoilt.map(({ verdict }) => verdict),
      await pool.verifyMany(
        spoilt.map(({ token }) => token),
        now,
      ),
      [],
    );
    const bytes = joined(packets(PACKETS));
    agree("the pool", [tokens.verifyMany(bytes, now).validCount], [(await pool.verifyMany(bytes, now)).validCount]);
    const call = async (): Promise<number> => (await pool.verifyMany(bytes, now)).validCount;
    const busy = (): Promise<number[]> => Promise.all(Array.from({ length: CALLS }, call));
    const [several, single, alone] = (await measure(
      [
        { name: `${CALLS} calls`, units: CALLS * PACKETS, async: true, run: busy },
        { name: "one call", units: PACKETS, async: true, run: call },
        { name: "one thread", units: PACKETS, run: () => tokens.verifyMany(bytes, now).validCount },
      ],
      { rounds: 15 },
    )) as [Timing, Timing, Timing];
    const [oneByOne, oneByOneAlone] = await singles(pool, tokens, packets(DATAGRAMS));
    const [flood, floodAlone] = await singles(pool, tokens, forged(packets(DATAGRAMS)));
    const unit = "µs/packet";
    const work = `CutePool, hydrogen, ${THREADS} threads`;
    return {
      rows: [
        ...speedRows({ key: "pool/hydrogen", work: `${work}, ${CALLS} calls at a time`, unit }, several, [alone], {
          "one thread": { atLeast: 1.8 },
        }),
        ...speedRows({ key: "pool/single", work: `${work}, one call after a pause`, unit }, single, [alone]),
        ...speedRows({ key: "pool/verify", work: `${work}, ${DATAGRAMS} times verify`, unit }, oneByOne, [
          oneByOneAlone,
        ]),
        ...speedRows({ key: "pool/forged", work: `${work}, ${DATAGRAMS} times verify, forged`, unit }, flood, [
          floodAlone,
        ]),
      ],
    };
  } finally {
    await pool.close();
  }
};

/** A call per packet, in the pool and in the thread. */
async function singles(pool: CutePool, tokens: CuteTokens, packets: readonly Uint8Array[]): Promise<[Timing, Timing]> {
  const count = (verdicts: readonly { valid: boolean }[]): number => verdicts.filter(({ valid }) => valid).length;
  const pooled = async (): Promise<number> =>
    count(await Promise.all(packets.map((packet) => pool.verify(packet, now))));
  const alone = (): number => count(packets.map((packet) => tokens.verify(packet, now)));
  agree("verify, one by one", [alone()], [await pooled()]);
  return (await measure(
    [
      { name: "pool.verify", units: packets.length, async: true, run: pooled },
      { name: "one thread's verify", units: packets.length, run: alone },
    ],
    { rounds: 15 },
  )) as [Timing, Timing];
}

export default suite;
