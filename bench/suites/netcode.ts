import { randomBytes } from "node:crypto";
import { readNetcodeToken } from "../library.ts";
import { xchachaPeers } from "../support/aead-peers.ts";
import { agree, agreeOnBytes, agreeOnVerdicts } from "../support/agree.ts";
import { measure, type Timing } from "../support/measure.ts";
import { type Row, type Suite, speedRows } from "../support/result.ts";
import { NOW } from "../support/schemes/common.ts";
import { handWrittenToken, joinedRequests, netcodeBench, sealedRequest } from "../support/schemes/netcode.ts";
import type { Spread } from "../support/statistics.ts";

const REQUESTS = 1024;
const TOKENS = 256;
/** The private part's text. */
const TEXT_BYTES = 1008;
const now = { now: NOW };
const unit = "µs/request";

async function verification(): Promise<Row[]> {
  const bench = netcodeBench();
  const peers = await xchachaPeers(bench.secret, TEXT_BYTES);
  const mixed = bench.mixed(1100);
  const verdicts = bench.tokens.verifyMany(
    mixed.map(({ token }) => token),
    now,
  );
  agreeOnVerdicts(
    mixed.map(({ verdict }) => verdict),
    verdicts,
    [],
  );
  // Peers know nothing of what a request shows: asked about those that get as far as the tag, they must say the same.
  for (const [i, { token, verdict }] of mixed.entries()) {
    if (verdict !== "valid" && verdict !== "not-genuine") continue;
    const ours = verdicts.at(i);
    for (const { name, open } of peers) {
      const text = open(sealedRequest(token));
      agree(name, [verdict === "valid"], [text !== undefined]);
      if (!text || !ours.valid) continue;
      const { serverAddresses, clientToServerKey, serverToClientKey, userData } = ours.claims;
      const at = serverAddresses.reduce((sum, { family }) => sum + (family === 4 ? 7 : 19), 16);
      const said = Buffer.concat([clientToServerKey, serverToClientKey, userData]);
      agreeOnBytes(name, said, text.subarray(at, at + said.length));
    }
  }

  const requests = bench.requests(REQUESTS);
  const bytes = joinedRequests(requests);
  const forged = joinedRequests(bench.forged(requests));
  const parts = requests.map(sealedRequest);
  const [many, list, bad, one, ...others] = (await measure([
    { name: "verifyMany", units: REQUESTS, run: () => bench.tokens.verifyMany(bytes, now).validCount },
    { name: "verifyMany of a list", units: REQUESTS, run: () => bench.tokens.verifyMany(requests, now).validCount },
    { name: "forged", units: REQUESTS, run: () => bench.tokens.verifyMany(forged, now).validCount },
    {
      name: "verify",
      units: REQUESTS,
      run: () => requests.filter((request) => bench.tokens.verify(request, now).valid).length,
    },
    ...peers.map(({ name, open }) => ({ name, units: REQUESTS, run: () => parts.filter(open).length })),
  ])) as [Timing, Timing, Timing, Timing, ...Timing[]];
  const native = others.slice(0, 1);
  return [
    ...speedRows({ key: "netcode/many", work: "netcode verifyMany", unit }, many, others, {
      "sodium-native": { atLeast: 0.9 },
    }),
    ...speedRows({ key: "netcode/list", work: "netcode verifyMany, from a list", unit }, list, native),
    ...speedRows({ key: "netcode/forged", work: "netcode verifyMany, forged; peer: genuine", unit }, bad, native, {
      "sodium-native": { atLeast: 1.5 },
    }),
    ...speedRows({ key: "netcode/forged/genuine", work: "netcode verifyMany, forged", unit }, bad, [many], {
      verifyMany: { atLeast: 1 },
    }),
    ...speedRows({ key: "netcode/one", work: "netcode verify, one at a time", unit }, one, native),
  ];
}

async function issuing(): Promise<Row[]> {
  const bench = netcodeBench();
  const nonces = Array.from({ length: TOKENS }, () => randomBytes(24));
  nonces.forEach((nonce, i) => {
    const ours = bench.token(i, undefined, undefined, nonce);
    agreeOnBytes("node:crypto and HChaCha20", ours, handWrittenToken(bench.secret, i, nonce));
  });
  const [ours, theirs] = (await measure([
    { name: "issue", units: TOKENS, run: () => nonces.map((nonce, i) => bench.token(i, undefined, undefined, nonce)) },
    {
      name: "node:crypto and HChaCha20 in JavaScript",
      units: TOKENS,
      run: () => nonces.map((nonce, i) => handWrittenToken(bench.secret, i, nonce)),
    },
  ])) as [Timing, Timing];
  return speedRows({ key: "netcode/issue", work: "netcode issue", unit: "µs/token" }, ours, [theirs], {
    [theirs.name]: { atLeast: 1.5 },
  });
}

/** Microseconds a piece as millions a second. */
const millionsPerSecond = ({ low, median, high }: Spread): Spread => ({
  low: 1 / high,
  median: 1 / median,
  high: 1 / low,
});

async function reading(): Promise<Row[]> {
  const bench = netcodeBench();
  const tokens = Array.from({ length: TOKENS }, (_, i) => bench.token(i));
  for (const token of tokens) {
    const { serverAddresses, expireTimestamp } = readNetcodeToken(token);
    agree("readConnectToken", [BigInt(NOW + 30), "203.0.113.7"], [expireTimestamp, serverAddresses[0]?.address]);
  }
  let addresses = 0;
  const run = (): number => {
    for (const token of tokens) addresses += readNetcodeToken(token).serverAddresses.length;
    return addresses;
  };
  const [timing] = (await measure([{ name: "readConnectToken", units: TOKENS, run }])) as [Timing];
  return [
    {
      ...{ key: "netcode/public", work: "netcode readConnectToken", unit: "million/s" },
      ours: millionsPerSecond(timing.spread),
      target: { atLeast: 1 },
    },
  ];
}

const suite: Suite = async () => ({ rows: [...(await verification()), ...(await issuing()), ...(await reading())] });

export default suite;
