import { readFileSync } from "node:fs";

const folder = new URL("../vectors/", import.meta.url);

export function readVectors<Shape>(path: string): Shape {
  return JSON.parse(readFileSync(new URL(path, folder), "utf8")) as Shape;
}

/** The records of a NIST response file: `Name = value` lines, a record ending at a blank line. */
export function readResponses(path: string): Map<string, string>[] {
  const records: Map<string, string>[] = [new Map()];
  for (const line of readFileSync(new URL(path, folder), "utf8").split(/\r?\n/)) {
    const [, name, value] = /^(\w+) = (.*)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) records.at(-1)?.set(name, value.trim());
    else if (line === "") records.push(new Map());
  }
  return records.filter((record) => record.size > 0);
}

/** A field that every record of its kind has. */
export function field(record: Map<string, string>, name: string): string {
  const value = record.get(name);
  if (value === undefined) throw new Error(`no ${name} in ${[...record.keys()].join()}`);
  return value;
}

export interface WycheproofFile<Case> {
  readonly numberOfTests: number;
  readonly testGroups: readonly {
    readonly ivSize: number;
    readonly tagSize: number;
    readonly tests: readonly (Case & { readonly tcId: number; readonly result: "valid" | "invalid" })[];
  }[];
}

export interface WycheproofAead {
  readonly key: string;
  readonly iv: string;
  readonly aad: string;
  readonly msg: string;
  readonly ct: string;
  readonly tag: string;
}

export interface WycheproofMac {
  readonly key: string;
  readonly msg: string;
  readonly tag: string;
}

/** The fields that both files of native Cute tokens have. */
interface NativeToken {
  readonly id: number;
  readonly applicationId: string;
  readonly creationTimestamp: string;
  readonly expirationTimestamp: string;
  readonly handshakeTimeout: number;
  readonly clientId: string;
  readonly endpoints: readonly string[];
  readonly clientToServerKey: string;
  readonly serverToClientKey: string;
  /** `null`: absent, 256 zero bytes on the wire. */
  readonly userData: string | null;
  readonly token: string;
}

export interface NativeHydrogenToken extends NativeToken {
  readonly signingSeed: string;
  readonly secretKey: string;
  readonly publicKey: string;
  readonly secretboxIv: string;
  readonly signatureRandom: string;
  readonly nativeReaderUserData: string;
}

export interface NativeXchachaToken extends NativeToken {
  readonly sharedKey: string;
  readonly nonce: string;
}

/** What all netcode tokens of the vector files have. */
interface NetcodeVector {
  readonly clientId: string;
  readonly protocolId: string;
  readonly timeoutSeconds: number;
  readonly privateKey: string;
  readonly userData: string;
  readonly token: string;
}

/** Made by the C library: create timestamp, nonce and keys are read from the token. */
export interface NativeNetcodeToken extends NetcodeVector {
  readonly id: number;
  readonly expireSeconds: number;
  readonly publicAddresses: readonly string[];
  readonly internalAddresses: readonly string[];
}

/** Made by renet or lightyear. */
export interface DialectNetcodeToken extends NetcodeVector {
  readonly id: string;
  readonly dialect: "renet" | "lightyear";
  readonly create: string;
  readonly expire: string;
  readonly addresses: readonly string[];
  readonly nonce: string;
  readonly clientToServerKey: string;
  readonly serverToClientKey: string;
}

export interface NetcodeVerdict {
  readonly verdict: string;
  readonly reason?: string;
  readonly replies?: readonly string[];
}

/** A server that is sent packets. */
export interface NetcodeServerCase {
  readonly id: number;
  readonly note: string;
  readonly reader: "server";
  readonly server: {
    readonly protocolId: string;
    readonly privateKey: string;
    readonly addresses: readonly string[];
    readonly minExpire?: string;
  };
  readonly steps: readonly {
    readonly op: string;
    readonly now: string;
    readonly time: number;
    readonly from?: string;
    readonly packet?: string;
  }[];
  readonly native: readonly NetcodeVerdict[];
  readonly lifecycle?: readonly NetcodeVerdict[];
  readonly v1410?: readonly NetcodeVerdict[];
}

/** A client that is given a token. */
export interface NetcodeClientCase {
  readonly id: number;
  readonly note: string;
  readonly reader: "client";
  readonly token: string;
  readonly native: {
    readonly reads: boolean;
    readonly protocolId?: string;
    readonly create?: string;
    readonly expire?: string;
    readonly timeout?: number;
    readonly addresses?: readonly string[];
    readonly requestPacket?: string;
  };
}
