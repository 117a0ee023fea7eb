import { readFileSync } from "node:fs";
import {
  connectionRequestPacket,
  type Dialect,
  type NetcodeIssue,
  NetcodeTokens,
  readNetcodeToken,
} from "../library.ts";
import type { NativeResult } from "./cute.ts";
import { faultOf, type Job } from "./job.ts";

const fromHex = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));

/** A token made by another implementation, as the files in test/vectors hold it. */
interface NativeToken {
  readonly dialect?: Dialect;
  readonly protocolId: string;
  readonly clientId: string;
  readonly privateKey: string;
  readonly token: string;
}

function vectors(file: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../test/vectors/${file}`, import.meta.url), "utf8"));
}

/** Reads and verifies the tokens that the C library, renet and lightyear made. */
export function verifyNativeNetcode(): NativeResult {
  const natives = [
    ...(vectors("netcode-tokens.json") as NativeToken[]),
    ...(vectors("netcode-dialects.json") as { tokens: NativeToken[] }).tokens,
  ];
  let verified = 0;
  let sample: string[] = [];
  for (const native of natives) {
    const { dialect = "netcode" } = native;
    const protocolId = BigInt(native.protocolId);
    using tokens = new NetcodeTokens({ protocolId, secret: native.privateKey, dialect });
    const read = readNetcodeToken(fromHex(native.token), { dialect });
    const verdict = tokens.verify(read.requestPacket, { now: read.expireTimestamp - 1n });
    if (!verdict.valid || verdict.claims.clientId !== BigInt(native.clientId)) continue;
    verified++;
    const servers = read.serverAddresses;
    if (sample.length > 0 || servers.length < 2 || servers.length > 4) continue;
    const { claims } = verdict;
    sample = [
      `protocol ${protocolId}, client ${claims.clientId}, expires ${claims.expireTimestamp}, timeout ${claims.timeoutSeconds} s`,
      `servers: ${servers.map(({ address, port }) => `${address} port ${port}`).join(", ")}`,
      `user data: ${Buffer.from(claims.userData.subarray(0, 16)).toString("hex")}… (${claims.userData.length} bytes)`,
    ];
  }
  return { tokens: natives.length, verified, sample };
}

/** No peer: node:crypto has no HChaCha20. */
export function netcodeJob(dialect: Dialect, now: number): Job {
  const protocolId = 0x1122334455667788n;
  const secret = crypto.getRandomValues(new Uint8Array(32));
  const server = "203.0.113.7:40000";
  const tokens = new NetcodeTokens({ protocolId, secret, dialect, serverAddress: server });
  const elsewhere = new NetcodeTokens({ protocolId: 7n, secret, dialect });
  const packets: Uint8Array[] = [];
  const faults = ["forged", "expired", "truncated", "other-server", "other-game"] as const;
  const reasons = {
    forged: "not-genuine",
    expired: "expired",
    truncated: "wrong-size",
    "other-server": "not-this-server",
    "other-game": "wrong-protocol",
  } as const;
  return {
    name: dialect === "netcode" ? "netcode" : `netcode, ${dialect}`,
    prepare(index) {
      const fault = faultOf(index, faults);
      const issue: NetcodeIssue = {
        createTimestamp: now - 10,
        expireTimestamp: fault === "expired" ? now : now + 30,
        timeoutSeconds: 5,
        serverAddresses: [fault === "other-server" ? "203.0.113.9:40000" : server, "[2001:db8::7]:40000"],
        clientId: BigInt(index),
        userData: new TextEncoder().encode(`player ${index}`),
      };
      const packet = connectionRequestPacket((fault === "other-game" ? elsewhere : tokens).issue(issue), { dialect });
      if (fault === "forged") packet[900] = (packet[900] as number) ^ 1;
      packets[index] = fault === "truncated" ? packet.subarray(1) : packet;
    },
    expected: (index) => {
      const fault = faultOf(index, faults);
      return fault ? reasons[fault] : "valid";
    },
    verify: () => tokens.verifyMany(packets, { now }),
    dispose: () => {
      tokens.dispose();
      elsewhere.dispose();
    },
  };
}
