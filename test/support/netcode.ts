import { type NetcodeIssue, NetcodeTokens } from "../../src/netcode/index.ts";
import { formatIPv6, type ReferenceEndpoint } from "../reference/endpoints.ts";
import {
  addressOf,
  type Dialect,
  privateText,
  readToken,
  sealRequest,
  type TokenFields,
  type Verifier,
} from "../reference/netcode.ts";
import { concat, flipBit, unhex } from "./bytes.ts";
import type { Random } from "./random.ts";
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

export type ServerCase = NetcodeServerCase;
export type ClientCase = NetcodeClientCase;

/** The packets of an edge case: what a token verifier must say of each, and what the library's says. */
export function verifierSteps(edge: NetcodeServerCase): {
  readonly name: string;
  readonly verdict: NetcodeVerdict;
  readonly expected: string;
  readonly found: () => string;
}[] {
  const { protocolId, privateKey, addresses } = edge.server;
  const verdicts = verdictsOf(edge);
  return edge.steps.flatMap(({ op, packet: text, now }, i) => {
    const verdict = verdicts[i];
    if (op !== "packet" || text === undefined || !verdict) return [];
    const packet = unhex(text);
    const found = (): string => {
      using tokens = new NetcodeTokens({
        protocolId: BigInt(protocolId),
        secret: unhex(privateKey),
        // A server that listens on all addresses matches no token in C; here its own address has to be named.
        serverAddress: addresses.map((address) => address.replace("0.0.0.0", "198.51.100.1")),
      });
      const said = tokens.verify(packet, { now: BigInt(now) });
      return said.valid ? "valid" : said.reason;
    };
    return { name: `${edge.id} ${edge.note}, step ${i}`, verdict, expected: verifierWord(packet, verdict), found };
  });
}

export const NOW = 1_790_000_000n;
export const DIALECTS: readonly Dialect[] = ["netcode", "renet", "lightyear"];

/** Text as `issue` takes it. */
export const textOf = ({ address, port, family }: ReferenceEndpoint): string =>
  family === 4 ? `${address}:${port}` : `[${address}]:${port}`;

/** What `issue` takes, made of a token's fields. */
export function issueOf(fields: TokenFields): NetcodeIssue {
  return {
    clientId: fields.clientId,
    serverAddresses: fields.serverAddresses.map(textOf),
    internalServerAddresses: fields.internalServerAddresses.map(textOf),
    createTimestamp: fields.createTimestamp,
    expireTimestamp: fields.expireTimestamp,
    timeoutSeconds: fields.timeoutSeconds,
    allowNoTimeout: true,
    clientToServerKey: fields.clientToServerKey,
    serverToClientKey: fields.serverToClientKey,
    userData: fields.userData,
  };
}

export function randomAddress(random: Random): ReferenceEndpoint {
  const port = 1 + random.below(65535);
  if (random.below(2) === 0) return { address: [...random.bytes(4)].join("."), port, family: 4 };
  const bytes = random.bytes(16);
  // Zero groups have several spellings.
  for (let zeros = random.below(8); zeros > 0; zeros--) bytes.fill(0, 2 * zeros, 2 * zeros + 2);
  const groups = Array.from({ length: 8 }, (_, i) => (bytes[2 * i] as number) * 256 + (bytes[2 * i + 1] as number));
  return { address: formatIPv6(groups), port, family: 6 };
}

/** Fields of a token that is valid at {@link NOW}, random throughout. */
export function randomFields(random: Random): TokenFields {
  const addresses = (count: number) => Array.from({ length: count }, () => randomAddress(random));
  const life = 1 + random.below(2_000);
  const left = 1 + random.below(life);
  const expireTimestamp = NOW + BigInt(left);
  return {
    protocolId: random.u64(),
    createTimestamp: expireTimestamp - BigInt(life),
    expireTimestamp,
    clientId: random.u64(),
    timeoutSeconds: random.below(4) === 0 ? -1 - random.below(2 ** 31) : 1 + random.below(2 ** 31 - 1),
    serverAddresses: addresses(1 + random.below(32)),
    internalServerAddresses: addresses(1 + random.below(random.below(2) === 0 ? 3 : 32)),
    clientToServerKey: random.bytes(32),
    serverToClientKey: random.bytes(32),
    userData: random.bytes(256),
  };
}

/** A verifier, a packet and a time: mostly genuine, and each way of being refused often enough. */
export interface RandomRequest {
  readonly verifier: Verifier;
  readonly packet: Uint8Array;
  readonly now: bigint;
}

/** Made with the secret, so that it reaches every check behind the tag too. */
export function randomRequest(random: Random): RandomRequest {
  const dialect = random.pick(DIALECTS);
  const fields = randomFields(random);
  const { protocolId, internalServerAddresses: listed } = fields;
  const secrets = Array.from({ length: 1 + random.below(3) }, () => random.bytes(32));
  const text = privateText(dialect, fields);
  if (random.below(4) === 0) text[12 + random.below(4)] = random.below(40);
  if (random.below(6) === 0) text[16] = random.below(256);
  if (random.below(6) === 0) text[16 + random.below(200)] = random.below(4);
  const nonce = random.bytes(24);
  const packet = sealRequest(dialect, random.pick(secrets), fields, nonce, text);
  const own = random.below(3) === 0 ? [randomAddress(random)] : [randomAddress(random), random.pick(listed)];
  const verifier: Verifier = {
    dialect,
    protocolId: random.below(12) === 0 ? random.u64() : protocolId,
    secrets,
    serverAddresses: random.below(2) === 0 ? undefined : own,
    maxLifetime: random.below(3) === 0 ? BigInt(1 + random.below(1500)) : undefined,
    leeway: BigInt(random.below(2) * random.below(61)),
  };
  return {
    verifier,
    packet: changed(random, packet),
    now: NOW + BigInt(random.below(4) === 0 ? random.below(3000) : 0),
  };
}

/** Every fourth packet with a bit turned, cut, or made longer. */
function changed(random: Random, packet: Uint8Array): Uint8Array {
  const what = random.below(16);
  if (what === 0) return packet.slice(0, random.below(packet.length));
  if (what === 1) return concat(packet, random.bytes(1 + random.below(1000)));
  if (what === 2) return flipBit(packet, random.below(8 * 54));
  if (what === 3) return flipBit(packet, random.below(8 * packet.length));
  return packet;
}

/** The library's counterpart of a {@link Verifier}. */
export function tokensOf({
  dialect,
  protocolId,
  secrets,
  serverAddresses,
  maxLifetime,
  leeway,
}: Verifier): NetcodeTokens {
  return new NetcodeTokens({
    dialect,
    protocolId,
    secret: secrets,
    ...(serverAddresses ? { serverAddress: serverAddresses.map(textOf) } : {}),
    ...(maxLifetime === undefined ? {} : { maxLifetime: Number(maxLifetime) }),
    leeway: Number(leeway ?? 0n),
  });
}
