// Which packets of a peer have come already. "Replay" is said of packets only; tokens have a history.

const SLOTS = 256n;
const EMPTY = 0xffff_ffff_ffff_ffffn;

/** What differs between the protocols. */
export interface ReplayRule {
  /** Sequence numbers from here on are refused: no counter that starts at 0 gets there, and sums must not wrap. */
  readonly end: bigint;
}

/** Cute counts from 0 or from a clock: native code wraps near 2^64, and takes 2^64 - 1 any number of times. */
export const CUTE_REPLAY_RULE: ReplayRule = { end: 1n << 63n };
/** netcode's server counts its global sequence from 2^63; 2^64 - 1 is refused for every type. */
export const NETCODE_REPLAY_RULE: ReplayRule = { end: EMPTY };

/**
 * The newest 256 sequence numbers that a peer's packets may have, each of them once. Ask {@link isFresh} before a packet
 * is opened, and {@link accept} once it has proved genuine: a forgery must not use a number up.
 *
 * @example
 * ```ts
 * import { ReplayWindow } from "connect-tokens/cute/packets";
 *
 * const window = new ReplayWindow();
 * if (window.isFresh(500n)) window.accept(500n);
 * console.log(window.isFresh(500n), window.isFresh(244n), window.isFresh(245n)); // false false true
 * ```
 */
export class ReplayWindow {
  readonly #end: bigint;
  readonly #slots: BigUint64Array<ArrayBuffer> = new BigUint64Array(Number(SLOTS)).fill(EMPTY);
  #newest = 0n;

  /** @param rule default: Cute's, which refuses numbers from 2^63 on */
  constructor(rule: ReplayRule = CUTE_REPLAY_RULE) {
    this.#end = rule.end;
  }

  /**
   * Whether a packet of this number may still be taken.
   *
   * @param sequence u64
   */
  isFresh(sequence: bigint): boolean {
    if (sequence >= this.#end || sequence + SLOTS < this.#newest) return false;
    const held = this.#slots[Number(sequence % SLOTS)] as bigint;
    return held === EMPTY || held < sequence;
  }

  /** Notes the number of a packet that was fresh and genuine. */
  accept(sequence: bigint): void {
    if (!this.isFresh(sequence)) return;
    if (sequence > this.#newest) this.#newest = sequence;
    this.#slots[Number(sequence % SLOTS)] = sequence;
  }
}
