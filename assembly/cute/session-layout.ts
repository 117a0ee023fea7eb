// Session packets of Cute, and how they are handed to the kernel, as the kernels and src/ both read them: plain literals.

/** A datagram: type, sequence u64, 28 zeros, SIV 20, MAC 16, ciphertext. Bytes 0 and 9..37 are not authenticated. */
export const SESSION_OFFSET_SEQUENCE = 1;
export const SESSION_OFFSET_ZEROS = 9;
export const SESSION_OFFSET_SIV = 37;
export const SESSION_OFFSET_CIPHERTEXT = 73;
export const SESSION_IV_BYTES = 20;

// What a packet is, by its first byte.
export const TYPE_CONNECT_TOKEN = 0;
export const TYPE_CONNECTION_ACCEPTED = 1;
export const TYPE_CONNECTION_DENIED = 2;
export const TYPE_KEEP_ALIVE = 3;
export const TYPE_DISCONNECT = 4;
export const TYPE_CHALLENGE_REQUEST = 5;
export const TYPE_CHALLENGE_RESPONSE = 6;
export const TYPE_PAYLOAD = 7;

/** Plaintext of types 5 and 6: nonce u64, data. */
export const CHALLENGE_BYTES = 264;
/** Plaintext of type 1: client id u64, max clients u32, connection timeout u32. */
export const ACCEPTED_BYTES = 16;
/**
 * The most bytes of a payload's body; its plaintext is a size of two bytes, then these.
 *
 * @example
 * ```ts
 * import { MAX_PAYLOAD_BYTES } from "connect-tokens/cute/packets";
 *
 * console.log(MAX_PAYLOAD_BYTES); // 1205
 * ```
 */
export const MAX_PAYLOAD_BYTES = 1205;
/**
 * The most bytes of a datagram, either way.
 *
 * @example
 * ```ts
 * import { MAX_DATAGRAM_BYTES } from "connect-tokens/cute/packets";
 *
 * console.log(MAX_DATAGRAM_BYTES); // 1280
 * ```
 */
export const MAX_DATAGRAM_BYTES = 1280;

/** A session key, prepared: what secretboxPrepare writes. As secret as the key. */
export const SESSION_KEY_BYTES = 128;

// One job in the arena CUTE_SESSION, SESSION_JOB_BYTES apart.
/** Prepared key of 128 bytes; wiped by the kernel. */
export const OFFSET_JOB_KEY = 0;
/** u32: bytes of the datagram, 73 to 1280. Opening: replaced by 1 where it is genuine, 0 where not. */
export const OFFSET_JOB_LENGTH = 128;
/** Sealing: 20 random bytes; wiped by the kernel. */
export const OFFSET_JOB_IV = 132;
/** The datagram. */
export const OFFSET_JOB_DATAGRAM = 160;
/** Opening: the plaintext, zeros unless the packet is genuine. Sealing: the plaintext, wiped by the kernel. */
export const OFFSET_JOB_TEXT = 1440;
/** 1440 + 1207, rounded up. */
export const SESSION_JOB_BYTES = 2688;
/** Jobs of one call: few enough to stay in the cache. */
export const SESSION_MAX_JOBS = 64;
