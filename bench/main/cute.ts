import { readFileSync } from "node:fs";
import {
  type CuteIssue,
  CuteTokens,
  connectTokenPacket,
  generateKey,
  generateSigningKeyPair,
  readPublicSection,
  type Suite,
} from "../library.ts";
import { faultOf, type Job } from "./job.ts";

const fromHex = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));

/** A token made by native code, as the files in test/vectors hold it. */
interface NativeToken {
  readonly applicationId: string;
  readonly expirationTimestamp: string;
  readonly clientId: string;
  readonly endpoints: readonly string[];
  readonly token: string;
  /** xchacha20poly1305. */
  readonly sharedKey?: string;
  /** hydrogen. */
  readonly secretKey?: string;
}

export interface NativeResult {
  readonly tokens: number;
  readonly verified: number;
  /** What was read of the first one. */
  readonly sample: readonly string[];
}

/** Verifies the tokens that the native implementation of `suite` made. */
export function verifyNative(suite: Suite): NativeResult {
  const file = suite === "hydrogen" ? "cute-hydrogen.json" : "cute-sodium.json";
  const text = readFileSync(new URL(`../../test/vectors/${file}`, import.meta.url), "utf8");
  const natives = JSON.parse(text) as NativeToken[];
  let verified = 0;
  let sample: string[] = [];
  for (const native of natives) {
    const secret = fromHex((native.secretKey ?? native.sharedKey) as string);
    using tokens = new CuteTokens({ applicationId: BigInt(native.applicationId), secret, suite });
    const packet = connectTokenPacket(fromHex(native.token));
    const verdict = tokens.verify(packet, { now: BigInt(native.expirationTimestamp) - 1n });
    const read = readPublicSection(packet, { suite });
    const asIssued =
      verdict.valid &&
      verdict.claims.clientId === BigInt(native.clientId) &&
      read.endpoints.length === native.endpoints.length;
    if (asIssued) verified++;
    if (asIssued && sample.length === 0 && read.endpoints.length > 1 && read.endpoints.length < 5) {
      const { claims } = verdict;
      sample = [
        `application ${claims.applicationId}, client ${claims.clientId}, expires ${claims.expirationTimestamp}, handshake within ${claims.handshakeTimeout} s`,
        `servers: ${read.endpoints.map(({ address, port }) => `${address} port ${port}`).join(", ")}`,
        `user data: ${Buffer.from(claims.userData.subarray(0, 16)).toString("hex")}… (${claims.userData.length} bytes)`,
      ];
    }
  }
  return { tokens: natives.length, verified, sample };
}

/** No peer: node:crypto has neither HChaCha20 nor Gimli. */
export function cuteJob(suite: Suite, now: number): Job {
  const applicationId = 0x1122334455667788n;
  const secret = suite === "hydrogen" ? generateSigningKeyPair().secretKey : generateKey();
  const server = "203.0.113.7:40000";
  const tokens = new CuteTokens({ applicationId, secret, suite, serverEndpoint: server });
  const elsewhere = new CuteTokens({ applicationId: 7n, secret, suite });
  const packets: Uint8Array[] = [];
  const faults = ["forged", "expired", "truncated", "other-server", "other-game"] as const;
  const reasons = {
    forged: "not-genuine",
    expired: "expired",
    truncated: "wrong-size",
    "other-server": "not-this-server",
    "other-game": "wrong-application",
  } as const;
  return {
    name: `Cute ${suite}`,
    prepare(index) {
      const fault = faultOf(index, faults);
      const issue: CuteIssue = {
        creationTimestamp: now - 10,
        expirationTimestamp: fault === "expired" ? now : now + 60,
        handshakeTimeout: 5,
        endpoints: [fault === "other-server" ? "203.0.113.9:40000" : server, "[2001:db8::7]:40000"],
        clientId: BigInt(index),
        clientToServerKey: generateKey(),
        serverToClientKey: generateKey(),
        userData: new TextEncoder().encode(`player ${index}`),
      };
      const packet = connectTokenPacket((fault === "other-game" ? elsewhere : tokens).issue(issue));
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
