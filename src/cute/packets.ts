/**
 * `connect-tokens/cute/packets`: the packets of one Cute session, sealed and opened byte for byte as native code does.
 * Servers and clients are built on these; use them alone to write a tool, a proxy or a test.
 *
 * @module
 */
import { KEY_BYTES } from "../../assembly/cute/layout.ts";
import {
  MAX_DATAGRAM_BYTES,
  MAX_PAYLOAD_BYTES,
  SESSION_IV_BYTES,
  SESSION_OFFSET_CIPHERTEXT,
  SESSION_OFFSET_SEQUENCE,
  TYPE_PAYLOAD,
} from "../../assembly/cute/session-layout.ts";
import { asBytes, asBytesOf, byteLength, isBytes, wipeCopy } from "../common/bytes.ts";
import { KeyHolder } from "../common/disposable.ts";
import { asU64, readU64 } from "../common/integers.ts";
import { type OptionNames, onlyOption, readOptions } from "../common/options.ts";
import { drawEntropy } from "../common/random.ts";
import { disposed, rangeError, typeError } from "../errors.ts";
import { openSessionPackets, sealSessionPackets } from "../wasm/cute/session.ts";
import {
  type CutePacketType,
  isDatagramLength,
  payloadData,
  payloadText,
  type Side,
  sends,
  typeName,
  typeNumber,
} from "./packet-types.ts";
import { SessionKeys } from "./session-keys.ts";

export { MAX_DATAGRAM_BYTES, MAX_PAYLOAD_BYTES } from "../../assembly/cute/session-layout.ts";
export { ConnectTokensError, type ErrorCode } from "../errors.ts";
export { ReplayWindow } from "../session/replay-window.ts";
export type { CutePacketType, Side };

/** Whose packets are sealed, and with which keys. */
export interface CutePacketsOptions {
  /** Whose packets are sealed; those of the other side are opened. */
  side: Side;
  /** 32 bytes, from the token's claims (server) or the token itself (client). */
  clientToServerKey: Uint8Array;
  /** 32 bytes. */
  serverToClientKey: Uint8Array;
}

const OPTIONS: OptionNames<CutePacketsOptions> = { side: true, clientToServerKey: true, serverToClientKey: true };

/** A packet that was genuine. */
export interface CutePacket {
  readonly type: CutePacketType;
  /** u64: what a `ReplayWindow` judges. */
  readonly sequence: bigint;
  /** 16 bytes of `connection-accepted`, 264 of both challenges, 0 to 1205 of a `payload`, else none. A copy. */
  readonly body: Uint8Array<ArrayBuffer>;
}

/**
 * Seals one side's session packets and opens the other's: 73 to 1280 bytes, of which the sequence number and the body are
 * authenticated. The format leaves the type byte open to change on the way: of a packet's type, only its length and the
 * side that may send it are certain. Source: `cn_packet_write` and `cn_packet_open` of cute_net.h.
 *
 * @example
 * ```ts
 * import { CutePackets, ReplayWindow } from "connect-tokens/cute/packets";
 * import { generateKey } from "connect-tokens/cute";
 *
 * const keys = { clientToServerKey: generateKey(), serverToClientKey: generateKey() };
 * const client = new CutePackets({ side: "client", ...keys });
 * const server = new CutePackets({ side: "server", ...keys });
 * const seen = new ReplayWindow();
 *
 * const datagram = client.seal("payload", 7n, new TextEncoder().encode("hello")); // 80 bytes
 * const packet = server.open(datagram);
 * if (packet !== undefined && seen.isFresh(packet.sequence)) {
 *   seen.accept(packet.sequence);
 *   console.log(packet.type, packet.sequence, new TextDecoder().decode(packet.body)); // payload 7n hello
 * }
 * client.dispose();
 * server.dispose();
 * ```
 */
export class CutePackets extends KeyHolder {
  readonly #side: Side;
  readonly #keys: SessionKeys;

  /** @throws ConnectTokensError `ERR_TYPE` or `ERR_RANGE` where an option is missing or wrong */
  constructor(options: CutePacketsOptions) {
    super();
    const given = readOptions<CutePacketsOptions>(options, OPTIONS, "options");
    const side: unknown = given.side;
    if (typeof side !== "string") throw typeError("side", '"server" or "client"', side);
    if (side !== "server" && side !== "client") throw rangeError("side", '"server" or "client"', side);
    const toServer = asBytesOf(given.clientToServerKey, KEY_BYTES, "clientToServerKey");
    const toClient = asBytesOf(given.serverToClientKey, KEY_BYTES, "serverToClientKey");
    this.#side = side;
    this.#keys = new SessionKeys(side, toServer, toClient);
    wipeCopy(toServer, given.clientToServerKey);
    wipeCopy(toClient, given.serverToClientKey);
  }

  /**
   * Seals a packet.
   *
   * @param type one that this side may send
   * @param sequence u64, never the same twice under these keys
   * @param body 16 bytes for `connection-accepted`, 264 for a challenge, 0 to 1205 for a `payload`, else none
   * @param options.entropy 20 bytes in place of random ones, for test vectors only
   * @returns the datagram, 73 bytes longer than the body (a payload's 75)
   * @throws ConnectTokensError `ERR_TYPE` or `ERR_RANGE` for a wrong argument, `ERR_DISPOSED` after `dispose`
   */
  seal(
    type: CutePacketType,
    sequence: bigint | number,
    body: Uint8Array,
    options?: { entropy?: Uint8Array | undefined },
  ): Uint8Array<ArrayBuffer> {
    const entropy = onlyOption(options, "entropy", "options");
    const number = this.#sentType(type);
    const sequenceNumber = asU64(sequence, "sequence");
    const bytes = asBytes(body, "body");
    if (number === TYPE_PAYLOAD && bytes.length > MAX_PAYLOAD_BYTES) {
      throw rangeError("body", `at most ${MAX_PAYLOAD_BYTES} bytes`, bytes);
    }
    const text = number === TYPE_PAYLOAD ? payloadText(bytes) : bytes;
    if (!isDatagramLength(number, SESSION_OFFSET_CIPHERTEXT + text.length))
      throw rangeError("body", `as long as a ${type} packet's`, bytes);
    if (this.#keys.disposed) throw disposed();
    const iv = drawEntropy(SESSION_IV_BYTES, entropy);
    try {
      const job = { key: this.#keys.seal, type: number, sequence: sequenceNumber, text, iv };
      return sealSessionPackets([job])[0] as Uint8Array<ArrayBuffer>;
    } finally {
      iv.fill(0);
    }
  }

  /**
   * Opens a packet of the other side. Whether its number came before is for a `ReplayWindow` to say.
   *
   * @param datagram any bytes from anyone
   * @returns the packet, or `undefined` for whatever is not genuine
   * @throws ConnectTokensError `ERR_DISPOSED` after `dispose`, and nothing else
   */
  open(datagram: Uint8Array): CutePacket | undefined {
    if (this.#keys.disposed) throw disposed();
    const bytes =
      isBytes(datagram) && byteLength(datagram) <= MAX_DATAGRAM_BYTES ? asBytes(datagram, "datagram") : undefined;
    if (bytes === undefined || bytes.length === 0) return undefined;
    const type = bytes[0] as number;
    if (!sends(this.#side === "server" ? "client" : "server", type) || !isDatagramLength(type, bytes.length)) {
      return undefined;
    }
    const sequence = readU64(bytes, SESSION_OFFSET_SEQUENCE);
    const [text] = openSessionPackets([{ key: this.#keys.open, datagram: bytes }]);
    if (text === undefined) return undefined;
    const body = type === TYPE_PAYLOAD ? payloadData(text)?.slice() : text;
    return body === undefined ? undefined : { type: typeName(type), sequence, body };
  }

  /** Wipes both keys. */
  override dispose(): void {
    this.#keys.dispose();
  }

  #sentType(type: unknown): number {
    if (typeof type !== "string") throw typeError("type", "the name of a packet type", type);
    const number = typeNumber(type);
    if (number < 0 || !sends(this.#side, number)) throw rangeError("type", `one that a ${this.#side} sends`, type);
    return number;
  }
}
