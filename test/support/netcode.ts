import { addressOf, type Dialect, readToken, type TokenFields } from "../reference/netcode.ts";
import { unhex } from "./bytes.ts";
import {
  type DialectNetcodeToken,
  type NativeNetcodeToken,
  type NetcodeClientCase,
  type NetcodeServerCase,
  type NetcodeVerdict,
  readVectors,
} from "./vectors.ts";

/** A token that another implementation made, with everything needed to make it again. */
export interface NetcodeToken {
  readonly id: string;
  readonly dialect: Dialect;
  readonly secret: Uint8Array;
  /** 24 bytes. */
  readonly nonce: Uint8Array;
  readonly fields: TokenFields;
  /** The addresses as text, public and internal. */
  readonly addresses: readonly string[];
  readonly internal: readonly string[];
  readonly token: Uint8Array;
}

function native(vector: NativeNetcodeToken): NetcodeToken {
  const token = unhex(vector.token);
  const read = readToken("netcode", token);
  if (!read) throw new Error(`netcode-tokens.json ${vector.id} cannot be read`);
  return {
    id: `netcode-${vector.id}`,
    dialect: "netcode",
    secret: unhex(vector.privateKey),
    nonce: token.slice(37, 61),
    fields: {
      protocolId: BigInt(vector.protocolId),
      createTimestamp: read.createTimestamp,
      expireTimestamp: read.createTimestamp + BigInt(vector.expireSeconds),
      clientId: BigInt(vector.clientId),
      timeoutSeconds: vector.timeoutSeconds,
      serverAddresses: vector.publicAddresses.map(addressOf),
      internalServerAddresses: vector.internalAddresses.map(addressOf),
      clientToServerKey: read.clientToServerKey,
      serverToClientKey: read.serverToClientKey,
      userData: unhex(vector.userData),
    },
    addresses: vector.publicAddresses,
    internal: vector.internalAddresses,
    token,
  };
}

function ofDialect(vector: DialectNetcodeToken): NetcodeToken {
  const addresses = vector.addresses.map(addressOf);
  return {
    id: vector.id,
    dialect: vector.dialect,
    secret: unhex(vector.privateKey),
    nonce: unhex(vector.nonce),
    fields: {
      protocolId: BigInt(vector.protocolId),
      createTimestamp: BigInt(vector.create),
      expireTimestamp: BigInt(vector.expire),
      clientId: BigInt(vector.clientId),
      timeoutSeconds: vector.timeoutSeconds,
      serverAddresses: addresses,
      internalServerAddresses: addresses,
      clientToServerKey: unhex(vector.clientToServerKey),
      serverToClientKey: unhex(vector.serverToClientKey),
      userData: unhex(vector.userData),
    },
    addresses: vector.addresses,
    internal: vector.addresses,
    token: unhex(vector.token),
  };
}

/** 16 of the C library. */
export const nativeTokens: readonly NetcodeToken[] =
  readVectors<NativeNetcodeToken[]>("netcode-tokens.json").map(native);

/** 10 of renet and 10 of lightyear. */
export const dialectTokens: readonly NetcodeToken[] = readVectors<{ tokens: DialectNetcodeToken[] }>(
  "netcode-dialects.json",
).tokens.map(ofDialect);

const { cases } = readVectors<{ cases: (NetcodeServerCase | NetcodeClientCase)[] }>("netcode-edge.json");
export const serverCases: readonly NetcodeServerCase[] = cases.filter((each) => each.reader === "server");
export const clientCases: readonly NetcodeClientCase[] = cases.filter((each) => each.reader === "client");

/** What must come out of a case: the latest release's verdicts. */
export function verdictsOf({ native: oldest, lifecycle, v1410 }: NetcodeServerCase): readonly NetcodeVerdict[] {
  return v1410 ?? lifecycle ?? oldest;
}

/**
 * What a token verifier says of one step of an edge case: `valid` where the packet is a genuine request for this server,
 * also where a running server has a reason of its own against it (who is connected, which tokens were used, when it
 * started, whether it is full).
 */
export function verifierWord(packet: Uint8Array, { verdict, reason }: NetcodeVerdict): string {
  if (packet.length !== 1078) return "wrong-size";
  if (packet[0] !== 0) return "not-a-connection-request";
  if (verdict === "challenge" || verdict === "denied") return "valid";
  const word = reason === undefined ? undefined : VERIFIER_WORDS[reason];
  if (word === undefined) throw new Error(`no word of a verifier for ${verdict} ${reason}`);
  return word;
}

const VERIFIER_WORDS: Readonly<Record<string, string>> = {
  version: "not-a-connection-request",
  "protocol-id": "wrong-protocol",
  expired: "expired",
  "not-genuine": "not-genuine",
  malformed: "bad-addresses",
  "wrong-server": "not-this-server",
  // A running server's own.
  "before-server-start": "valid",
  "address-connected": "valid",
  "id-connected": "valid",
  "already-used": "valid",
  "history-full": "valid",
};
