import { describe, expect, it } from "vitest";
import { CuteTokens } from "../../../src/cute/index.ts";
import { readPublicSection } from "../../../src/cute/public.ts";
import { ConnectTokensError } from "../../../src/errors.ts";
import { readSection } from "../../reference/endpoints.ts";
import { concat, u64Bytes } from "../../support/bytes.ts";
import { hydrogen, nativeOf, type SuiteUnderTest, xchacha } from "../../support/cute.ts";
import { parsePublicSection } from "../../support/public-section.ts";
import { Random } from "../../support/random.ts";

const PACKETS = 16_000;
const BATCH = 200;

/** Endpoints at random: mostly sound, and often so many that they end about where the public section does. */
function randomEndpoints(random: Random): { count: number; bytes: Uint8Array } {
  const count = random.below(4) === 0 ? 26 + random.below(7) : 1 + random.below(32);
  const leaning = random.below(5);
  const parts = Array.from({ length: count }, () => {
    const type = random.below(5) < leaning ? 2 : 1;
    return concat(Uint8Array.of(type), random.bytes(type === 1 ? 6 : 18));
  });
  return { count, bytes: concat(...parts) };
}

type Change = (packet: Uint8Array, publicBytes: number, random: Random) => void;

const count = (packet: Uint8Array): DataView => new DataView(packet.buffer, packet.byteOffset + 31, 4);

/** The changes that a public section's reader must see, or see past. */
const changes: readonly Change[] = [
  (packet, _, random) => packet.fill(random.below(4), 0, 1),
  (packet, _, random) => packet.set([random.below(3) ? random.below(256) : 0x20], 1 + random.below(10)),
  (packet, _, random) => {
    const counts = [0, 1, 31, 32, 33, 64, 255, 256, 0x0100_0001, 0x8000_0001, 0xffff_ffff];
    count(packet).setUint32(0, random.pick(counts), true);
  },
  (packet, _, random) => count(packet).setUint32(0, random.u32() >>> random.below(32), true),
  (packet) => count(packet).setUint32(0, count(packet).getUint32(0, true) + 1, true),
  (packet, _, random) => packet.set([random.below(5)], 35),
  (packet, publicBytes, random) => packet.set([random.below(4)], 35 + random.below(publicBytes - 35)),
  (packet, _, random) => packet.set(u64Bytes(random.pick([0n, 1n, 2n ** 63n, 2n ** 64n - 1n])), 19),
  // The last bytes of the section sound like the beginning of an endpoint.
  (packet, publicBytes, random) => packet.set([1 + random.below(2)], publicBytes - 1 - random.below(20)),
  (packet, publicBytes, random) => packet.fill(random.below(3), 35 + random.below(publicBytes - 35), publicBytes),
  (packet, publicBytes, random) => packet.set(random.bytes(40), 35 + random.below(publicBytes - 75)),
  () => {},
];

/** What the readers make of a section, and where they give one, whether they agree on it. */
function readerOf(packet: Uint8Array, { suite, publicBytes }: SuiteUnderTest): string {
  const parsed = parsePublicSection(packet, 0, publicBytes);
  const reference = readSection(packet, publicBytes);
  let read: unknown;
  try {
    read = readPublicSection(packet, { suite });
  } catch (error) {
    if (!(error instanceof ConnectTokensError) || error.code !== "ERR_FORMAT") throw error;
  }
  if (typeof parsed === "string") return parsed === reference && read === undefined ? parsed : "readers disagree";
  const texts = [parsed, reference, read].map((section) =>
    JSON.stringify(section, (_, value: unknown) => (typeof value === "bigint" ? `${value}` : value)),
  );
  return texts[0] === texts[1] && texts[0] === texts[2] ? "sound" : "readers disagree";
}

/** What the kernel must then say at time 0, when nothing in a packet is as it was issued. */
function expectedReason(reader: string, packet: Uint8Array): string {
  if (reader === "not-a-connect-token") return reader;
  if (packet.subarray(19, 27).every((byte) => byte === 0)) return "expired";
  return reader === "bad-endpoints" ? reader : "not-genuine";
}

describe.each([hydrogen, xchacha])("$suite: the kernel's reader and the public one", (suite) => {
  const random = new Random(suite.publicBytes + 3);
  const { secret, packet: genuine } = nativeOf(suite, 2);

  it(`say the same of ${PACKETS} mutated packets`, () => {
    const seen = new Map<string, number>();
    const wrong: unknown[] = [];
    for (let batch = 0; batch < PACKETS / BATCH; batch++) {
      const applicationId = random.u64();
      const tokens = new CuteTokens({ suite: suite.suite, secret, applicationId });
      const packets = Array.from({ length: BATCH }, () => {
        const packet = genuine.slice();
        const { count, bytes } = randomEndpoints(random);
        packet.fill(0, 35, suite.publicBytes);
        packet.set(bytes, 35);
        new DataView(packet.buffer).setUint32(31, count, true);
        for (let i = random.below(4); i > 0; i--) random.pick(changes)(packet, suite.publicBytes, random);
        packet.set(u64Bytes(applicationId), 11);
        return packet;
      });
      const verdicts = tokens.verifyMany(concat(...packets), { now: 0n });
      packets.forEach((packet, i) => {
        const reader = readerOf(packet, suite);
        seen.set(reader, (seen.get(reader) ?? 0) + 1);
        const found = verdicts.reasonAt(i);
        if (found !== expectedReason(reader, packet)) wrong.push({ batch, i, reader, found });
      });
      tokens.dispose();
    }
    expect(wrong).toEqual([]);
    expect([...seen.keys()].sort()).toEqual(["bad-endpoints", "not-a-connect-token", "sound"]);
    for (const times of seen.values()) expect(times).toBeGreaterThan(PACKETS / 20);
  });

  it("say the same of every endpoint count with every kind of endpoints", () => {
    const { applicationId } = nativeOf(suite, 2);
    const tokens = new CuteTokens({ suite: suite.suite, secret, applicationId });
    const wrong: unknown[] = [];
    for (let ipv6 = 0; ipv6 <= 33; ipv6++) {
      for (let ipv4 = 0; ipv6 + ipv4 <= 33; ipv4++) {
        const packet = genuine.slice();
        const order = random.below(2) ? [1, 2] : [2, 1];
        const parts = order.map((type) => {
          const one = concat(Uint8Array.of(type), new Uint8Array(type === 1 ? 6 : 18).fill(9));
          return concat(...new Array<Uint8Array>(type === 1 ? ipv4 : ipv6).fill(one));
        });
        packet.fill(0, 35, suite.publicBytes);
        packet.set(concat(...parts).subarray(0, 1024 - 35), 35);
        new DataView(packet.buffer).setUint32(31, ipv4 + ipv6, true);
        const fits = ipv4 + ipv6 >= 1 && ipv4 + ipv6 <= 32 && 35 + 7 * ipv4 + 19 * ipv6 <= suite.publicBytes;
        const reader = readerOf(packet, suite);
        const verdict = tokens.verify(packet, { now: 0n });
        const found = verdict.valid ? "valid" : verdict.reason;
        if (reader !== (fits ? "sound" : "bad-endpoints")) wrong.push({ ipv4, ipv6, reader });
        if (found !== (fits ? "not-genuine" : "bad-endpoints")) wrong.push({ ipv4, ipv6, found });
      }
    }
    expect(wrong).toEqual([]);
    tokens.dispose();
  });
});
