import { VerifierPool } from "../library.ts";
import { agree, agreeOnVerdicts } from "../support/agree.ts";
import { measure, type Timing } from "../support/measure.ts";
import { type Suite, speedRows } from "../support/result.ts";
import { NOW } from "../support/schemes/common.ts";
import { cuteBench, joined } from "../support/schemes/cute.ts";

const THREADS = 2;
// A tenth of a second on two threads: what starting to work after a pause costs is small beside it.
const PACKETS = 16_384;
const now = { now: NOW };

const suite: Suite = async () => {
  const { options, tokens, packets, mixed } = cuteBench("hydrogen");
  const pool = new VerifierPool({ ...options, threads: THREADS });
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
    const [pooled, alone] = (await measure([
      { name: "pool", units: PACKETS, async: true, run: async () => (await pool.verifyMany(bytes, now)).validCount },
      { name: "one thread", units: PACKETS, run: () => tokens.verifyMany(bytes, now).validCount },
    ])) as [Timing, Timing];
    const about = { key: "pool/hydrogen", work: `VerifierPool, hydrogen, ${THREADS} threads`, unit: "µs/packet" };
    return { rows: speedRows(about, pooled, [alone], { "one thread": { atLeast: 1.8 } }) };
  } finally {
    await pool.close();
  }
};

export default suite;
