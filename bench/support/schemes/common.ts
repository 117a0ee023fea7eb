import { type HmacPeer, hmacPeers } from "../hmac-peers.ts";

/** Unix seconds at which everything here is verified. */
export const NOW = 1_750_000_000;

export interface Expected<Token> {
  readonly token: Token;
  /** `valid`, or the reason. */
  readonly verdict: string;
}

/** Tokens as a parser of messages gives them: objects of one shape, strings that were not just put together here. */
export const asReceived = <Tokens>(tokens: Tokens): Tokens => JSON.parse(JSON.stringify(tokens)) as Tokens;

/** What may become of a genuine token. */
export type Spoiler<Token> = (token: Token, index: number) => Expected<Token>;

/** Each token spoilt in turn; the spoilers' number shares no factor with 4, so that each meets every lane. */
export function spoilInTurn<Token>(tokens: readonly Token[], spoilers: readonly Spoiler<Token>[]): Expected<Token>[] {
  return tokens.map((token, i) => (spoilers[i % spoilers.length] as Spoiler<Token>)(token, i));
}

/** Another last hex digit: well-formed, and another tag. */
export const forgeHex = (token: string): string => token.slice(0, -1) + (token.endsWith("0") ? "1" : "0");

/** Whether a token is good, as a peer finds it. */
export type Check<Token> = (token: Token) => boolean;

export interface Peer<Token> {
  readonly name: string;
  readonly check: Check<Token>;
}

/** The same checks around each library's HMAC. */
export function peersOf<Token>(checkWith: (peer: HmacPeer) => Promise<Check<Token>>): Promise<Peer<Token>[]> {
  return Promise.all(hmacPeers.map(async (peer) => ({ name: peer.name, check: await checkWith(peer) })));
}
