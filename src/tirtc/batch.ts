import { roomFor } from "../common/arguments.ts";
import { ownOptions } from "../common/options.ts";
import { typeError } from "../errors.ts";
import { base64urlTextsToBytes, base64urlToBytes } from "../wasm/hmac/encoding.ts";
import { ClaimsReader } from "./claims.ts";
import { outlined, payloadOf, type TirtcClaims } from "./format.ts";
import type { TirtcToken } from "./types.ts";

// Tokens whose payloads are read together, to find out what peers they name.
const RUN = 256;

/** The peer of a token, or nothing where it names none: for a caller's own array. */
export type Peer = string | undefined;

/** The strings of a batch, copied out of what the caller gave before anything is computed. */
export class Batch {
  /** Empty for what has not the outline of a token. */
  readonly texts: string[];
  /** What each token is presented for, where the caller says so. */
  readonly peers: Peer[];

  constructor(items: readonly unknown[], length: number) {
    this.texts = roomFor(length);
    this.peers = roomFor(length);
    for (let i = 0; i < length; i++) readItem(items, i, this.texts, this.peers);
  }

  /** Each token's peer: the one it is presented for, else the one it names. Blanks those texts that name none. */
  namePeers(): Peer[] {
    const { texts, peers } = this;
    const named = roomFor<Peer>(texts.length);
    const nameless: number[] = [];
    for (let i = 0; i < texts.length; i++) {
      named[i] = texts[i] === "" ? undefined : peers[i];
      if (peers[i] === undefined) nameless.push(i);
    }
    const reader = new ClaimsReader();
    for (let from = 0; from < nameless.length; from += RUN) {
      const run = nameless.slice(from, from + RUN);
      const { bytes, starts } = base64urlTextsToBytes(run.map((i) => payloadOf(texts[i] as string)));
      for (let n = 0; n < run.length; n++) {
        const names = reader.read(bytes, starts[n] as number, starts[n + 1] as number) && reader.namesPeer();
        if (names) named[run[n] as number] = reader.peerId();
        else texts[run[n] as number] = "";
      }
    }
    return named;
  }
}

/**
 * Copies a token, and the peer beside it, out of what the caller gave; leaves them empty where it is neither.
 *
 * @throws ConnectTokensError `ERR_TYPE` where the peer is given as `undefined`
 */
function readItem(items: readonly unknown[], index: number, texts: string[], peers: Peer[]): void {
  texts[index] = "";
  peers[index] = undefined;
  let undefinedPeer = false;
  try {
    const item = items[index];
    texts[index] = outlined(item);
    if (typeof item !== "object" || item === null) return;
    const own = ownOptions(item as TirtcToken, "token");
    const { token, peerId } = own;
    undefinedPeer = peerId === undefined && "peerId" in own;
    if (peerId !== undefined && typeof peerId !== "string") return;
    texts[index] = outlined(token);
    peers[index] = peerId;
  } catch {
    // A getter or a proxy that throws: no token.
  }
  // Any peer would be accepted, which whoever names one cannot mean.
  if (undefinedPeer) throw typeError(`tokens[${index}].peerId`, "a string, or left out", undefined);
}

/** What a token claims, unverified. */
export function claimsOf(token: string): TirtcClaims | undefined {
  const payload = base64urlToBytes(payloadOf(token));
  const reader = new ClaimsReader();
  return payload && reader.read(payload, 0, payload.length) ? reader.claims() : undefined;
}
