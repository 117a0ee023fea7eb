import { readPublicSection } from "../library.ts";
import { agree } from "../support/agree.ts";
import { measure, type Timing } from "../support/measure.ts";
import type { Suite } from "../support/result.ts";
import { NOW } from "../support/schemes/common.ts";
import { cuteBench } from "../support/schemes/cute.ts";
import type { Spread } from "../support/statistics.ts";

const PACKETS = 512;

/** Microseconds a piece as millions a second. */
const millionsPerSecond = ({ low, median, high }: Spread): Spread => ({
  low: 1 / high,
  median: 1 / median,
  high: 1 / low,
});

const suite: Suite = async () => {
  const packets = cuteBench("xchacha20poly1305").packets(PACKETS);
  for (const packet of packets) {
    const { expirationTimestamp, endpoints } = readPublicSection(packet);
    const read = [expirationTimestamp, ...endpoints.map(({ address, port }) => `${address}:${port}`)];
    const issued = ["203.0.113.7:40000", "203.0.113.8:40001", "203.0.113.9:40002", "203.0.113.10:40003"];
    agree("readPublicSection", [BigInt(NOW + 60), ...issued], read);
  }
  let endpoints = 0;
  const run = (): number => {
    for (const packet of packets) endpoints += readPublicSection(packet).endpoints.length;
    return endpoints;
  };
  const [timing] = (await measure([{ name: "readPublicSection", units: PACKETS, run }])) as [Timing];
  return {
    rows: [
      {
        key: "public/read",
        work: "readPublicSection, 4 IPv4 endpoints",
        unit: "million/s",
        ours: millionsPerSecond(timing.spread),
        target: { atLeast: 2 },
      },
    ],
  };
};

export default suite;
